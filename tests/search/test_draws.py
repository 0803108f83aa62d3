"""Each distribution: what is drawn of it, how often, and by Optuna as by our own numbers from 0 to 1."""

import math
from bisect import bisect_right
from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from slm_net.search.distributions import DISTRIBUTIONS, wrong_range
from slm_net.search.draws import Distribution

#: Of each distribution: what is written, the least, the largest and the mean value that is drawn of it.
DRAWN = {
    "choice": ([3, 1, 2], 1, 3, 2),
    "grid_search": ([3, 1, 2], 1, 3, 2),
    "uniform": ([-1, 3], -1, 3, 1),
    "loguniform": ([1e-4, 1e-2], 1e-4, 1e-2, (1e-2 - 1e-4) / math.log(100)),
    "randint": ([-9, 15], -9, 14, 2.5),
    "lograndint": ([1, 4], 1, 3, (math.log(2) + 2 * math.log(3 / 2) + 3 * math.log(4 / 3)) / math.log(4)),
    "quniform": ([3.2, 5.4, 0.2], 3.2, 5.4, 4.3),
    "qloguniform": (
        [1, 2, 0.5],
        1,
        2,
        (math.log(1.25) + 1.5 * math.log(1.75 / 1.25) + 2 * math.log(2 / 1.75)) / math.log(2),
    ),
    "qrandint": ([-21, 12, 3], -21, 12, -4.5),
    "qlograndint": ([2, 6, 2], 2, 6, 2 * (math.log(2) + 2 * math.log(3 / 2) + 3 * math.log(4 / 3)) / math.log(4)),
    "normal": ([10, 2], 10 - 3.4808 * 2, 10 + 3.4808 * 2, 10),
    "randn": ([10, 2], 10 - 3.4808 * 2, 10 + 3.4808 * 2, 10),
    "lognormal": ([1, 0.5], math.exp(1 - 3.4808 * 0.5), math.exp(1 + 3.4808 * 0.5), math.exp(1 + 0.125)),
    "qrandn": ([10, 2, 0.5], 3, 17, 10),
}
#: Even shares; the normal quantile of the first is -3.4808.
SHARES = [(index + 0.5) / 2000 for index in range(2000)]


def drawn(name, shares=SHARES):
    return [Distribution(name, DRAWN[name][0]).at(share) for share in shares]


def distance(some, others):
    """The largest distance of two empirical distribution functions."""
    some, others = sorted(some), sorted(others)
    return max(abs(bisect_right(some, x) / len(some) - bisect_right(others, x) / len(others)) for x in (*some, *others))


def test_every_distribution_is_here():
    assert DRAWN.keys() == set(DISTRIBUTIONS)


@pytest.mark.parametrize("name", DRAWN)
def test_the_range_and_the_mean(name):
    values, least, largest, mean = DRAWN[name]
    assert wrong_range(name, values) is None
    found = drawn(name)
    assert (min(found), max(found)) == pytest.approx((least, largest), rel=2e-3)
    assert sum(found) / len(found) == pytest.approx(mean, rel=2e-3)


@pytest.mark.parametrize("name", DRAWN)
def test_a_larger_share_is_no_smaller_value(name):
    found = drawn(name)
    assert name in ("choice", "grid_search") or found == sorted(found)


@pytest.mark.parametrize(
    ("name", "values", "steps"),
    [
        ("quniform", [0, 1, 0.1], [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]),
        ("quniform", [0.15, 0.5, 0.2], [0.2, 0.4]),  # inwards
        ("qloguniform", [0.3, 1.3, 0.3], [0.3, 0.6, 0.9, 1.2]),
        ("qrandint", [1, 10, 3], [3, 6, 9]),
        ("qrandint", [1, 3, 1], [1, 2, 3]),
        ("qlograndint", [1, 10, 4], [4, 8]),
        ("randint", [1.0, 4.0], [1, 2, 3]),
        ("lograndint", [1, 2], [1]),
    ],
)
def test_steps_are_multiples_of_the_step_without_noise(name, values, steps):
    found = [Distribution(name, values).at(share) for share in SHARES]
    assert sorted(set(found)) == steps
    assert {type(value) for value in found} == {float if "uniform" in name else int}


def test_whole_numbers_are_equally_likely():
    counts = Counter(Distribution("qrandint", [0, 8, 2]).at(share) for share in SHARES)
    assert set(counts.values()) == {400}


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.parametrize("share", [0.0, 1.0])
def test_the_ends_of_the_shares_are_values_too(name, share):
    assert math.isfinite(Distribution(name, DRAWN[name][0]).at(share))


def test_optuna_draws_the_same():
    optuna = pytest.importorskip("optuna")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    found = {name: [] for name in DRAWN}
    for _ in range(250):
        trial = study.ask()
        for name, values in found.items():
            values.append(Distribution(name, DRAWN[name][0]).suggest(trial, name))
    for name, values in found.items():
        least, largest = drawn(name, [0, 1])
        # Optuna takes the ends of steps as often as the others, and rounds logarithms to the nearest number
        limit = 0.25 if name in ("quniform", "lograndint") else 0.11
        assert distance(values, drawn(name)) < limit, name
        assert name in ("choice", "grid_search") or least <= min(values) <= max(values) <= largest, name
        assert {type(value) for value in values} == {type(value) for value in drawn(name)}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("uniform", [-1e308, 1e308]),
        ("randint", [0, 10**300]),
        ("quniform", [0, 1, 1e-300]),
        ("loguniform", [1e-300, 1e300]),
        ("qrandint", [1, 10**18, 1]),
    ],
)
def test_ranges_that_no_engine_takes_are_drawn_all_the_same(name, values):
    optuna = pytest.importorskip("optuna")
    trial = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0)).ask()
    assert values[0] <= Distribution(name, values).suggest(trial, "x") <= values[1]


NUMBERS = st.one_of(st.integers(), st.floats(allow_nan=False), st.sampled_from([1e-320, 5e-324, 1e308, 10**300]))


@given(
    st.sampled_from(sorted({*DISTRIBUTIONS} - {"choice", "grid_search"})),
    st.lists(NUMBERS, min_size=2, max_size=3),
    st.floats(0, 1),
)
@example("qloguniform", [1e-320, 1, 4048], 0.0)
@example("qloguniform", [1e-320, 1, 0.25], 0.0)
@example("qrandn", [0, 2e307, 1], 0.0)
@example("qrandn", [0, 1e300, 1e-300], 0.0)
def test_what_is_a_range_can_be_drawn(name, values, share):
    if wrong_range(name, values) is None:
        value = Distribution(name, values).at(share)
        assert isinstance(value, int | float) and not math.isnan(value)


def test_points_are_different_values():
    assert Distribution("choice", [[1], [1]]).points(1) == [[1], [1]]
    assert Distribution("randint", [0, 3]).points(5) == [0, 1, 2]
    assert Distribution("uniform", [0, 1]).points(4) == [0.125, 0.375, 0.625, 0.875]


def test_a_distribution_is_shown_as_it_is_written():
    shown = repr(Distribution("choice", ["re\x1blu", {"name": "elu"}, None, ["a" * 100]]))
    assert shown == r'choice("re\x1blu", an object, null, ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...)'
