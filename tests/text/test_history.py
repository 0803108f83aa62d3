"""Histories of values: every way in which a text brings a value to its place, and what was there before."""

import pytest

from slm_net.text.history import HOW
from slm_net.text.paths import value_at
from slm_net.text.source import read_source

YAML = """\
usual: &usual {lr: 0.1, betas: [0.9, 0.999]}
other: &other {lr: 0.2, name: Adam}
rate: &rate 0.3
one:
  <<: *usual
two:
  <<: [*other, *usual]
  lr: *rate
  betas: [0.5, 0.5]
three: *usual
list: [*rate, 0.4]
"""


def history(text, path, file="spec.yaml"):
    return [(o.how, o.value, f"{o.line}:{o.column}", o.replaced) for o in read_source(text, file).history(path)]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("list", 1), [("written", 0.4, "11:15", False)]),
        (("list", 0), [("written", 0.3, "3:7", False), ("alias", 0.3, "11:8", False)]),
        (("three", "lr"), [("written", 0.1, "1:20", False), ("alias", 0.1, "10:8", False)]),
        (
            ("one", "betas", 1),
            [("written", 0.999, "1:38", False), ("alias", 0.999, "5:7", False), ("merge", 0.999, "5:3", False)],
        ),
        (
            ("two", "lr"),
            [
                ("written", 0.3, "3:7", False),
                ("alias", 0.3, "8:7", False),
                ("written", 0.2, "2:20", True),
                ("alias", 0.2, "7:8", True),
                ("merge", 0.2, "7:3", True),
                ("written", 0.1, "1:20", True),
                ("alias", 0.1, "7:16", True),
                ("merge", 0.1, "7:3", True),
            ],
        ),
        (("two", "nothing"), [("written", value_at(read_source(YAML, "s.yaml").data, ("two",)), "7:3", False)]),
    ],
)
def test_yaml(path, expected):
    found = history(YAML, path)
    assert found == expected
    assert {how for how, *_ in found} <= HOW.keys()


@pytest.mark.parametrize(
    ("file", "text"),
    [("spec.json", '{"a": {"lr": 1},\n"a": {"lr": 2, "b": 3},\n"a": {"lr": 4}}'), ("spec.yaml", "a: 1\na: 2\na: 4\n")],
)
def test_a_key_that_is_there_several_times(file, text):
    path = ("a", "lr") if file == "spec.json" else ("a",)
    assert [(value, place.split(":")[0], replaced) for _, value, place, replaced in history(text, path, file)] == [
        (4, "3", False),
        (2, "2", True),
        (1, "1", True),
    ]


def test_of_a_text_that_was_mended_the_places_are_those_of_the_file():
    assert history('{"a": 1,\n"b" 2,\n"a": 3}', ("a",), "spec.json") == [
        ("written", 3, "3:6", False),
        ("written", 1, "1:2", True),
    ]


def test_a_mapping_has_values_and_no_places():
    (origin,) = read_source({"a": {"lr": 1}}).history(("a", "lr"))
    assert (origin.value, origin.place) == (1, "")
