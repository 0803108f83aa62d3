"""Ranges that a search can give, and the values that stand for them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm_net.search.distributions import DISTRIBUTIONS, LISTED, samples, wrong_range

NUMBERS = st.one_of(st.integers(), st.floats(), st.integers(min_value=10**400, max_value=10**401))


def drawn(distribution, values):
    return [sample.value for sample in samples(distribution, values)]


@pytest.mark.parametrize(
    ("distribution", "values", "hint"),
    [
        ("choice", [], ""),
        ("choice", 16, "write [16]"),
        ("grid_search", {"a": 1}, ""),
        ("uniform", [0.1], "write [low, high], or use choice"),
        ("uniform", [0.1, "1"], "write [low, high], or use choice"),
        ("uniform", [False, True], "write [low, high], or use choice"),
        ("uniform", [0.1, math.nan], "write [low, high], or use choice"),
        ("uniform", [0.1, 10**400], "write [low, high], or use choice"),
        ("uniform", [0.2, 0.1], "write [0.1, 0.2]"),
        ("uniform", [0.1, 0.1], "give a higher second number, or use choice"),
        ("quniform", [2, 1, 0.1], "write [1, 2, 0.1]"),
        ("quniform", [1, 2, 0], "give one above 0"),
        ("loguniform", [0, 1], "give a low above 0"),
        ("randint", [0.5, 10], "write whole numbers, or use uniform"),
        ("qrandint", [1, 10, 0.5], "write whole numbers, or use quniform"),
        ("normal", [0, 0], "give one above 0"),
        ("normal", [0], "write [mean, sd]"),
        ("qrandn", [0, 1], "write [mean, sd, step]"),
    ],
)
def test_a_wrong_range_is_told_with_what_to_write(distribution, values, hint):
    assert wrong_range(distribution, values)[1] == hint


@pytest.mark.parametrize(
    ("distribution", "values", "expected"),
    [
        ("choice", ["a", None], ["a", None]),
        ("grid_search", [[8], []], [[8], []]),
        ("uniform", [0, 1], [0.001, 0.999]),
        ("randint", [1, 10], [1, 9]),
        ("randint", [1.0, 10.0], [1, 9]),
        ("lograndint", [1, 10], [1, 9]),
        ("qrandint", [10, 100, 10], [10, 100]),
        ("quniform", [0, 1, 0.1], [0, 1]),
        ("normal", [0.5, 1], [0.5]),
        ("lognormal", [0, 1], [1]),
    ],
)
def test_the_samples_are_those_at_the_ends(distribution, values, expected):
    assert wrong_range(distribution, values) is None
    assert drawn(distribution, values) == expected


def test_a_range_of_logarithms_is_entered_in_logarithms():
    low, high = drawn("loguniform", [1e-8, 1e-2])
    assert 1e-8 < low < 1.1e-8
    assert 0.9e-2 < high < 1e-2


@given(st.sampled_from(DISTRIBUTIONS), st.lists(NUMBERS, max_size=4))
def test_numbers_make_samples_or_are_refused(distribution, values):
    if wrong_range(distribution, values) is None:
        assert all(math.isfinite(value) for value in drawn(distribution, values) if distribution not in LISTED)
