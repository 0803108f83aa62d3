"""A search space: as Optuna, Ray Tune, a grid and plain random numbers draw from it."""

import random
import re

import pytest

from slm_net.search.draws import Distribution
from slm_net.search.space import SearchSpace

LISTED = SearchSpace({
    "agent.net.hid_layers": Distribution("choice", [[64], [64, 32]]),
    "agent.net.init_fn": Distribution("grid_search", [None, {"name": "xavier_uniform_"}]),
})  # fmt: skip
RANGES = SearchSpace({
    "agent.net.optim_spec.lr": Distribution("loguniform", [1e-4, 1e-2]),
    "agent.net.rnn_num_layers": Distribution("randint", [1, 3]),
})  # fmt: skip


def test_it_is_a_mapping():
    assert list(RANGES) == ["agent.net.optim_spec.lr", "agent.net.rnn_num_layers"]
    assert len(RANGES) == 2 and RANGES["agent.net.rnn_num_layers"].values == [1, 3]


def test_it_is_shown_a_line_a_key():
    assert repr(RANGES) == (
        "SearchSpace({\n    'agent.net.optim_spec.lr': loguniform(0.0001, 0.01),\n"
        "    'agent.net.rnn_num_layers': randint(1, 3),\n})"
    )
    assert "\x1b" not in repr(SearchSpace({"a\x1b[31m" * 20: Distribution("choice", ["\x1b"])}))


def test_a_grid_has_every_combination():
    grid = LISTED.grid()
    assert [config["agent.net.hid_layers"] for config in grid] == [[64], [64], [64, 32], [64, 32]]
    assert [config["agent.net.init_fn"] for config in grid] == [None, {"name": "xavier_uniform_"}] * 2


def test_a_grid_takes_points_of_a_range_or_refuses_it():
    with pytest.raises(ValueError, match=re.escape("agent.net.optim_spec.lr, agent.net.rnn_num_layers has a range")):
        RANGES.grid()
    assert len(RANGES.grid(points=5)) == 10  # there are two whole numbers
    with pytest.raises(ValueError, match="points is 0"):
        RANGES.grid(points=0)


def test_a_grid_without_end_is_refused_before_it_is_made():
    space = SearchSpace({str(key): Distribution("choice", list(range(10))) for key in range(6)})
    with pytest.raises(ValueError, match="the grid has 1,000,000 combinations, more than 10,000"):
        space.grid()
    with pytest.raises(ValueError, match="more than 10,000"):
        SearchSpace({str(key): Distribution("uniform", [0, 1]) for key in range(100)}).grid(points=2)
    assert len(SearchSpace({"a": space["0"], "b": space["1"]}).grid(most=100)) == 100


def test_a_sample_is_the_same_again_with_its_seed():
    one, same, other = (RANGES.sample(random.Random(seed)) for seed in (0, 0, 1))
    assert one == same != other
    assert RANGES.sample().keys() == RANGES.keys()


def test_optuna_keeps_choices_by_their_index():
    optuna = pytest.importorskip("optuna")
    trial = optuna.trial.FixedTrial({"agent.net.hid_layers": 1, "agent.net.init_fn": 1})
    assert LISTED.suggest(trial) == {"agent.net.hid_layers": [64, 32], "agent.net.init_fn": {"name": "xavier_uniform_"}}


@pytest.mark.slow
def test_ray_tune_draws_the_same():
    tune = pytest.importorskip("ray.tune")
    from test_draws import DRAWN, distance, drawn

    space = SearchSpace({name: Distribution(name, values) for name, (values, *_) in DRAWN.items()})
    domains = space.to_ray()
    assert domains.pop("grid_search") == tune.grid_search([3, 1, 2])
    for name, domain in domains.items():
        found = [domain.sample() for _ in range(400)] if name == "lognormal" else list(domain.sample(size=2000))
        assert distance([round(float(value), 9) for value in found], drawn(name)) < 0.11, name
        least, largest = drawn(name, [0, 1])
        assert name == "choice" or least - 1e-9 <= min(found) <= max(found) <= largest + 1e-9, name


@pytest.mark.slow
def test_ray_tune_takes_both_ends_and_choices_of_any_kind():
    pytest.importorskip("ray.tune")
    ones = SearchSpace({"x": Distribution("qrandint", [1, 3, 1]), "y": Distribution("choice", [[64], None, {"a": 1}])})
    domains = ones.to_ray()
    assert set(domains["x"].sample(size=200)) == {1, 2, 3}
    values = domains["y"].sample(size=100)
    assert all(value in values for value in ([64], None, {"a": 1}))


def test_without_ray_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr("slm_net.extras.find_spec", lambda name: None)
    with pytest.raises(ImportError, match=re.escape('pip install "slm_net[ray]"')):
        RANGES.to_ray()
