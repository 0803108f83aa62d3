"""Settings of every algorithm, and how long environments are trained."""

import pytest

from slm_net.document.algorithms import RECIPES
from slm_net.starters.settings import DQNS, OTHERS, decays, frames_of, settings


def test_there_are_settings_for_every_algorithm():
    assert {*DQNS, *OTHERS} == set(RECIPES)
    with pytest.raises(KeyError):
        settings("Mystery", "CartPole-v1", False, False)


def test_schedules_end_within_the_training():
    for algorithm in (*DQNS, *OTHERS):
        for env, image in (("CartPole-v1", False), ("ALE/Pong-v5", True), ("Pendulum-v1", False)):
            made = settings(algorithm, env, image, False)
            ends = [
                value["end_step"]
                for value in made.algorithm.values()
                if isinstance(value, dict) and "end_step" in value
            ]
            assert all(0 < end <= made.frames for end in ends), (algorithm, env)
            assert made.algorithm.get("training_start_step", 0) < made.frames
            assert made.memory.get("max_size", 10**6) > made.memory.get("batch_size", 0)


def test_frames():
    assert frames_of("ALE/Pong-v5", True) == 4_000_000
    assert decays(1.0, 0.1, 10.0) == {
        "name": "linear_decay",
        "start_val": 1.0,
        "end_val": 0.1,
        "start_step": 0,
        "end_step": 10,
    }
