"""How an agent explores, frame by frame."""

import math

import pytest

from slm_net.document.exploration import Exploration, exploration_of


def at(decay, *frames, first=1.0, last=0.2):
    exploration = Exploration("epsilon_greedy", decay, first, last, 100, 200)
    return [exploration.at(frame) for frame in frames]


@pytest.mark.parametrize("decay", ["linear_decay", "rate_decay", "periodic_decay"])
def test_a_schedule_stays_at_its_ends(decay):
    assert at(decay, 0, 100, 200, 10_000) == [1.0, 1.0, 0.2, 0.2]


def test_what_happens_in_between():
    assert at("linear_decay", 125, 150) == pytest.approx([0.8, 0.6])
    assert at("linear_decay", 150, first=0.2, last=1.0) == pytest.approx([0.6])
    assert at("rate_decay", 105, 110, 199) == pytest.approx([0.9, 0.81, 0.2])
    turn = 100 + 100 * math.pi / 60  # the first half of a swing is over
    assert at("periodic_decay", turn, 100 + 200 * math.pi / 60) == pytest.approx([0.2, 1 - 0.8 * math.pi / 30])
    assert at("no_decay", 0, 150, 300) == [1.0, 1.0, 1.0]


def test_a_change_at_once():
    sudden = Exploration("epsilon_greedy", "linear_decay", 1.0, 0.1, 50, 50)
    assert [sudden.at(frame) for frame in (50, 51)] == [1.0, 0.1]


def test_what_a_spec_says():
    schedule = {"name": "linear_decay", "start_val": 1.0, "end_val": 0.1, "start_step": 5, "end_step": 9}
    written = {"name": "HydraDQN", "action_policy": "multi_boltzmann", "explore_var_spec": schedule}
    assert exploration_of(written) == Exploration("boltzmann", "linear_decay", 1.0, 0.1, 5, 9)
    assert exploration_of({"name": "DoubleDQN"}).policy == "epsilon_greedy"
    assert exploration_of({"name": "PPO", "explore_var_spec": None})[:2] == ("default", "")
    assert exploration_of({"name": "Unheard"}).policy == "default"
