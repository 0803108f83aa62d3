"""YAML as its version 1.2 means it, with the places of what was written, and nothing ever constructed."""

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rule_ids import RULE_IDS

from slm_net.text.source import read_source
from slm_net.text.yaml12 import read_yaml


@pytest.mark.parametrize(
    ("written", "value"),
    [
        *(("1e-3", 0.001), ("10e6", 10e6), ("3e-4", 3e-4), ("1.", 1.0), (".5", 0.5), ("-1.5E+2", -150.0), ("+.5", 0.5)),
        *(("12", 12), ("-7", -7), ("+7", 7), ("010", 10), ("0o17", 15), ("0x1F", 31)),
        *(("true", True), ("False", False), ("TRUE", True), ("null", None), ("~", None), ("", None), ("Null", None)),
        *(("on", "on"), ("off", "off"), ("yes", "yes"), ("no", "no"), ("tRUE", "tRUE"), ("1:30", "1:30")),
        *(
            ("1_000", "1_000"),
            ("0b1", "0b1"),
            ("2020-01-01", "2020-01-01"),
            ('"1"', "1"),
            ("'null'", "null"),
            ("e3", "e3"),
        ),
        *(("!!str 1", "1"), ("! 1", "1"), ("!!float 3", 3.0), ('!!int "3"', 3), ("!!null ''", None)),
        *(("[1, 2]", [1, 2]), ("{a: 1}", {"a": 1}), ("!!seq [1]", [1]), ("!!map {}", {})),
    ],
)
def test_values_of_the_core_schema(written, value):
    reading = read_yaml(f"key: {written}\n")
    assert reading.problems == ()
    assert reading.data == {"key": value}
    assert type(reading.data["key"]) is type(value)


MERGES = """\
_base: &base
  lr: 1e-3
  net: {type: MLPNet, gpu: false}
_more: &more {lr: 5, eps: 0.1}
one:
  <<: *base
  lr: 2
two: {<<: [*base, *more], gpu: *base}
"""


def test_merge_keys_and_aliases_point_at_where_the_value_was_written():
    source = read_source(MERGES, file="x.yaml")
    assert source.problems == ()
    net = {"type": "MLPNet", "gpu": False}
    assert source.data["one"] == {"lr": 2, "net": net}
    assert source.data["two"] == {"lr": 0.001, "eps": 0.1, "net": net, "gpu": {"lr": 0.001, "net": net}}
    assert source.key_position(("one", "lr")) == (7, 3)
    assert source.key_position(("one", "net", "gpu")) == (3, 23)
    assert source.value_position(("two", "lr")) == (2, 7)
    assert source.value_position(("two", "eps")) == (4, 27)
    assert source.key_position(("two", "gpu")) == (8, 27)
    assert source.value_position(("two", "gpu", "net", "type")) == (3, 15)


@pytest.mark.parametrize(
    ("text", "rule", "place", "words"),
    [
        ("", "syntax", (1, 1), "the file is empty"),
        ("# only this\n---\n", "syntax", (3, 1), "the file is empty"),
        ("a: *nope", "syntax", (1, 4), "*nope has no anchor before it"),
        ("a: &a [1, *a]", "syntax", (1, 11), "*a stands inside of what it names"),
        ("a: \x00", "syntax", (1, 4), "the character U+0000"),
        ("a: \ud800", "syntax", (1, 4), "the character U+D800"),
        ("[" * 101, "nested-too-deep", (1, 101), "nested deeper than 100 levels"),
        ("[" * 100_000, "nested-too-deep", (1, 101), "nested deeper than 100 levels"),
        ("{a: " * 100_000, "nested-too-deep", (1, 401), "nested deeper than 100 levels"),
        ("- " * 100_000, "nested-too-deep", (1, 201), "nested deeper than 100 levels"),
        ("[\n" * 100_000, "nested-too-deep", (101, 1), "nested deeper than 100 levels"),
        ("? " * 2000 + "@", "nested-too-deep", (1, 201), "nested deeper than 100 levels"),
        ("a: &b [1]\nc: " + "[" * 2000 + "*b", "nested-too-deep", (2, 103), "nested deeper than 100 levels"),
    ],
)
def test_what_makes_a_text_unusable(text, rule, place, words):
    reading = read_yaml(text)
    (found,) = reading.problems
    assert reading.data is None
    assert (found.rule, (found.line, found.column)) == (RULE_IDS[rule], place)
    assert found.message.startswith(words)


@pytest.mark.parametrize(
    ("text", "rule", "place", "path", "data"),
    [
        ("a: {lr: .nan}", "non-finite-number", (1, 9), ("a", "lr"), {"a": {"lr": None}}),
        ("- -.INF", "non-finite-number", (1, 3), (0,), [None]),
        ("a: 1e400", "number-out-of-range", (1, 4), ("a",), {"a": None}),
        ("a: 9223372036854775808", "number-out-of-range", (1, 4), ("a",), {"a": None}),
        ("a: " + "9" * 5000, "number-out-of-range", (1, 4), ("a",), {"a": None}),
        ("a: 1\n8: b", "wrong-type", (2, 1), ("8",), {"a": 1}),
        ("a: 1\n? [x]\n: b", "wrong-type", (2, 3), ("",), {"a": 1}),
        ("a: !!int x", "wrong-type", (1, 4), ("a",), {"a": None}),
        ("a: {<<: 3, b: 1}", "wrong-type", (1, 9), ("a",), {"a": {"b": 1}}),
        ("a: &x !!python/name:os.system", "tag-not-allowed", (1, 7), ("a",), {"a": None}),
        ("a: !!python/object/apply:os.system [ls]", "tag-not-allowed", (1, 4), ("a",), {"a": ["ls"]}),
        ("a: !mine {b: 1}", "tag-not-allowed", (1, 4), ("a",), {"a": {"b": 1}}),
        ("a: !!timestamp 2020-01-01", "tag-not-allowed", (1, 4), ("a",), {"a": None}),
    ],
)
def test_what_leaves_the_rest_readable(text, rule, place, path, data):
    reading = read_yaml(text)
    (found,) = reading.problems
    assert (found.rule, (found.line, found.column), found.path, found.severity) == (
        RULE_IDS[rule],
        place,
        path,
        "error",
    )
    assert reading.data == data


def test_a_duplicate_key_is_a_warning_with_both_places():
    (found,) = read_yaml("b:\n  lr: 1\n  lr: 2\n").problems
    assert (found.severity, (found.line, found.column), found.path) == ("warning", (3, 3), ("b", "lr"))
    assert "2:3" in found.message


LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 40)
)
MERGE_LAUGHS = "a: &a {" + ", ".join(f"k{index}: 1" for index in range(1000)) + "}\n" + "b: {<<: *a}\n" * 100


EMPTY_LAUGHS = "a: &a []\nb: [" + "*a, " * 60_000 + "]\n"


@pytest.mark.parametrize("text", [LAUGHS, MERGE_LAUGHS, EMPTY_LAUGHS])
def test_alias_bombs_are_refused(text):
    reading = read_yaml(text)
    assert reading.data is None
    assert reading.problems[-1].rule == RULE_IDS["file-too-large"]


@pytest.mark.parametrize(
    "text",
    [
        "a: &a " + "k" * 100_000 + "\nb: [" + "*a," * 30 + "]",  # 3 MB of text, in one value
        "a: 1\n? " + "k" * 1001 + "\n: 1\n",
        "a: &a " + "k" * 1001 + "\nb: {*a : 1}\n",
    ],
)
def test_long_texts_count_and_long_keys_are_refused(text):
    (found,) = read_yaml(text).problems
    assert found.rule == RULE_IDS["file-too-large"]


def test_very_many_directives_are_refused():
    """The parser compares each with every other."""
    text = "".join(f"%TAG !a{n}! tag:x\n" for n in range(30_000)) + "---\na: 1\n"
    (found,) = read_yaml(text).problems
    assert (found.rule, (found.line, found.column)) == (RULE_IDS["syntax"], (102, 1))


def test_aliases_do_not_nest_deeper_than_brackets():
    text = "a0: &a0 [x]\n" + "".join(f"a{level}: &a{level} [*a{level - 1}]\n" for level in range(1, 120))
    (found,) = read_yaml(text).problems
    assert found.rule == RULE_IDS["nested-too-deep"]


def test_an_alias_shares_its_value_and_need_not_copy_it():
    data = read_yaml("a: &a [1]\nb: *a").data
    assert data["a"] is data["b"]


def test_positions_count_characters_after_wide_ones():
    source = read_source("\U0001f600: é\r\nb: [é, 1]", file="x.yml")
    assert source.value_position(("\U0001f600",)) == (1, 4)
    assert source.value_position(("b", 1)) == (2, 8)


def test_without_pyyaml_the_problem_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "yaml", None)
    (found,) = read_yaml("a: 1").problems
    assert found.rule == RULE_IDS["missing-package"]
    assert 'pip install "slm_net[yaml]"' in found.hint


PATHS = [(), ("a",), ("a", "b"), ("one", "net", "gpu"), ("two", "lr")]


@pytest.mark.parametrize(
    "text",
    [MERGES, "a: [1, 2\nb: 3\n", "a: 1\n b: 2\n", "a: é\n", "a:\n\tb: 1\n", "- 1\nb: 2\n", "a: 'x", 'a: "\\UFFFFFFFF"'],
)
def test_the_pure_python_parser_reads_the_same(text, monkeypatch):
    import yaml

    fast = read_yaml(text)
    monkeypatch.setattr(yaml, "__with_libyaml__", False)
    pure = read_yaml(text)
    assert pure.data == fast.data
    assert pure.places is None or [pure.places.find(p) for p in PATHS] == [fast.places.find(p) for p in PATHS]
    assert [found.rule for found in pure.problems] == [found.rule for found in fast.problems]


yaml_pieces = st.lists(
    st.sampled_from(
        [*"[]{}:,-?&*!|>'\"%@`#~", ": ", "- ", "\n", "\n  ", "a", "b: ", "&x ", "*x", "<<: ", "1e3", "!!int ", "---\n"]
    ),
    max_size=20,
)


@settings(max_examples=300, deadline=None)
@given(yaml_pieces)
def test_any_text_is_read_or_refused(pieces):
    reading = read_yaml("".join(pieces))
    assert reading.problems or reading.places is not None
