"""Python values as JSON has them, and what is wrong with a mapping."""

import collections
import math
import types
from collections import OrderedDict
from decimal import Decimal
from enum import Enum, IntEnum
from fractions import Fraction

import numpy as np
import pytest
import torch
from rule_ids import RULE_IDS

from slm_net.problems import SpecError
from slm_net.text.mapping import plain, read_mapping, refuse_no_values, text_of, usable
from slm_net.text.source import read_source


def only(source):
    (problem,) = source.problems
    return problem


class Activation(Enum):
    RELU = "relu"
    WITH_ARGUMENTS = ("leakyrelu", 0.1)


class Width(IntEnum):
    WIDE = 64


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ((64, (3, 3)), [64, [3, 3]]),
        (np.int64(4), 4),
        (np.bool_(True), True),
        (np.array([[8, 4], [3, 1]]), [[8, 4], [3, 1]]),
        (torch.tensor(0.5), 0.5),
        (torch.tensor([1, 2]), [1, 2]),
        (OrderedDict(a=(1,)), {"a": [1]}),
        ({"a": 1, 3: 4}, {"a": 1}),
        (Decimal("0.5"), 0.5),
        (Fraction(1, 4), 0.25),
        (1j, "1j"),
        (Activation.RELU, "relu"),
        (Activation.WITH_ARGUMENTS, ["leakyrelu", 0.1]),
        (Width.WIDE, 64),
        (None, None),
        (True, True),
    ],
)
def test_values_as_json_has_them(value, wanted):
    found = plain(value)
    assert found == wanted and type(found) is type(wanted)


def test_it_is_a_deep_copy():
    value = {"a": [[1]]}
    copy = plain(value)
    copy["a"][0].append(2)
    assert value == {"a": [[1]]}


def test_what_json_cannot_say_stays_for_the_schema_to_refuse():
    thing = object()
    assert plain([thing]) == [thing]


def test_a_mapping_is_taken_as_it_is():
    data = {"net": {"type": "MLPNet", "hid_layers": [64, 32]}}
    source = read_source(data)
    assert source.data is data
    assert (source.file, source.text, source.problems) == ("", "", ())
    assert source.key_position(("net",)) == source.value_position(("net", "type")) == (0, 0)


@pytest.mark.parametrize(
    ("data", "rule", "pointer"),
    [
        ({"net": {"lr": math.nan}}, "non-finite-number", "/net/lr"),
        ({"net": [1, (math.inf,)]}, "non-finite-number", "/net/1/0"),
        ({"net": 10**5000}, "number-out-of-range", "/net"),
        ({"net": {1: 2}}, "wrong-type", "/net/1"),
        ({"net": {None: 2}}, "wrong-type", "/net/None"),
        ({"net": {(1, 2): 2}}, "wrong-type", "/net/"),
        ({"net": {10**5000: 2}}, "wrong-type", "/net/an int of 16610 bits"),
        ({"net": {True: 2}}, "wrong-type", "/net/True"),
    ],
)
def test_a_mapping_is_checked_for_what_json_cannot_hold(data, rule, pointer):
    source = read_source(data)
    problem = only(source)
    assert (problem.rule, problem.pointer, problem.severity) == (RULE_IDS[rule], pointer, "error")
    assert source.readable


def test_a_long_key_of_a_mapping_is_refused():
    assert only(read_source({"a": [{"k" * 1001: 1}]})).rule == RULE_IDS["file-too-large"]


def test_a_mapping_that_is_mostly_wrong_is_refused():
    assert not read_source({"net": [10**30] * 101}).readable


def test_a_mapping_that_never_ends_is_refused():
    endless = {}
    endless["again"] = [endless, endless]
    assert only(read_source(endless)).rule == RULE_IDS["nested-too-deep"]
    doubled = [1]
    for _ in range(60):
        doubled = [doubled, doubled]
    source = read_source({"net": doubled})
    assert only(source).rule == RULE_IDS["file-too-large"]
    assert not source.readable


def test_of_a_number_out_of_range_none_is_left_in_the_copy():
    data = {"net": [{"lr": math.nan}, (2**64, 1)], "old": 1}
    assert usable(data, read_source(data).problems) == {"net": [{"lr": None}, [None, 1]], "old": 1}
    assert data["net"][1] == (2**64, 1)


class Hidden(list):
    def __repr__(self):
        return "hidden"


class Word(str):
    def __str__(self):
        return "another"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (collections.deque([64, 32]), [64, 32]),
        (range(2, 4), [2, 3]),
        (types.MappingProxyType({"a": Hidden([1])}), {"a": [1]}),
        (Word("relu"), "relu"),
        (np.float64(0.5), 0.5),
        (np.array([[1, 2]]), [[1, 2]]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_whatever_holds_the_values_they_are_plain(value, expected):
    found = plain(value)
    assert found == expected and type(found) is type(expected) and read_mapping({"key": value}).problems == ()


def test_two_values_that_differ_differ_as_texts():
    values = [
        Hidden([8]),
        Hidden([16]),
        [8.0],
        [True],
        ["8"],
        {"a": Hidden([8])},
        np.float64(0.00101),
        np.float64(0.00104),
    ]
    texts = [text_of(value) for value in values]
    assert len(set(texts)) == len(values) and text_of((8,)) == texts[0]
    around = []
    around.append(around)
    assert text_of(around) is text_of({"a": object()}) is text_of(10**5000) is None


def test_bytes_are_no_list_of_numbers():
    assert plain(b"ab") == b"ab" and text_of(b"ab") is None


class Config(collections.abc.Mapping):
    """As configs of other libraries are: what has no value is an error when it is asked for."""

    def __init__(self, **values):
        self.values_by_key = values

    def __getitem__(self, key):
        if (value := self.values_by_key[key]) == "???":
            raise LookupError(f"{key} is missing\nin a long story")
        return value

    def __iter__(self):
        return iter(self.values_by_key)

    def __len__(self):
        return len(self.values_by_key)


class Numbers(collections.UserList):
    def __getitem__(self, index):
        if index == 1:
            raise TypeError("no number")
        return super().__getitem__(index)


def test_what_a_config_has_no_value_for_is_a_problem_at_its_key():
    data = Config(net=Config(lr="???", name="???a"), sizes=Numbers([8, 4]))
    problems = read_source(data).problems
    assert [(problem.pointer, problem.rule_name) for problem in problems] == [
        ("/net/lr", "no-value"),
        ("/sizes/1", "no-value"),
    ]
    assert [problem.message for problem in problems] == [
        "lr has no value: lr is missing",
        "entry 2 of sizes has no value: no number",
    ]
    assert usable(data, problems) == {"net": {"lr": None, "name": "???a"}, "sizes": [8, None]}


def test_an_argument_without_a_value_is_refused():
    refuse_no_values("overrides", {"a": Config(b=1), "c": float("nan")})
    with pytest.raises(SpecError, match=r"^overrides /a/b: error SN013 \[no-value\] b has no value: b is missing"):
        refuse_no_values("overrides", {"a": Config(b="???")})
