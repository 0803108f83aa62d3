"""What is too much: levels, keys and numbers, each with the last that is allowed and the first that is not."""

import math

import pytest
from rule_ids import RULE_IDS

from slm_net.text.limits import MAX_DEPTH, MAX_KEY, deeper_than_allowed, has_long_key, int_fault, number_fault


def nested(levels, wrap):
    data = 1
    for _ in range(levels):
        data = wrap(data)
    return data


@pytest.mark.parametrize("wrap", [lambda data: [1, data], lambda data: {"a": data, "b": 2}])
def test_the_level_after_the_last_is_too_deep(wrap):
    assert not deeper_than_allowed(nested(MAX_DEPTH, wrap))
    assert deeper_than_allowed(nested(MAX_DEPTH + 1, wrap))
    assert not deeper_than_allowed(1)


def test_a_long_key_is_found_wherever_it_is():
    assert has_long_key([{"a": [{"k" * (MAX_KEY + 1): 1}]}])
    assert not has_long_key([{"a": [{"k" * MAX_KEY: "v" * 5000}]}, {}])


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        (2**63 - 1, None),
        (-(2**63), None),
        (-(2**63) - 1, "number-out-of-range"),
        (1.7e308, None),
        (math.nan, "non-finite-number"),
        (-math.inf, "non-finite-number"),
    ],
)
def test_numbers_fit_into_64_bits_and_are_finite(value, rule):
    fault = number_fault(value, str(value))
    assert (fault and fault[0].id) == (rule and RULE_IDS[rule])


def test_a_number_that_became_infinite_is_out_of_range():
    assert number_fault(math.inf, "1e999")[0].id == int_fault("9" * 50)[0].id == RULE_IDS["number-out-of-range"]
