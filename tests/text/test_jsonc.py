"""JSON and JSONC: what is accepted, that both parsers are one, and where values stand."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rule_ids import RULE_IDS

from slm_net.text.jsonc import parse_json, read_json

SPEC = """{
  // a net of two layers
  "type": "MLPNet", /* not a
  ConvNet */ "hid_layers": [64, 64,],
  "optim_spec": {"name": "Adam", "lr": 1e-3,},
}
"""


@pytest.mark.parametrize(
    ("text", "data"),
    [
        (SPEC, {"type": "MLPNet", "hid_layers": [64, 64], "optim_spec": {"name": "Adam", "lr": 0.001}}),
        ('{"a": "// no comment, /* neither */ [1,]"} //', {"a": "// no comment, /* neither */ [1,]"}),
        ('{"a": [1 , // one\n ], }', {"a": [1]}),
        ('["\\"//", 1,]', ['"//', 1]),
        ("[1//\n,2/**/]", [1, 2]),
        ("/**/ [] /* ** */", []),
        ('{"\\ud800": "\\ud83d\\ude00"}', {"\ud800": "\U0001f600"}),
        ("[-0, 1E5, 9223372036854775807, -9223372036854775808, 1e-400]", [0, 1e5, 2**63 - 1, -(2**63), 0.0]),
        ("null", None),
        ("[" * 100 + "]" * 100, json.loads("[" * 100 + "]" * 100)),
    ],
)
def test_accepted_texts(text, data):
    for reading in (read_json(text), parse_json(text)):
        assert reading.problems == ()
        assert reading.data == data


@pytest.mark.parametrize(
    ("text", "rule", "path"),
    [
        ('{"a": {"lr": NaN}}', "non-finite-number", ("a", "lr")),
        ("[1, -Infinity]", "non-finite-number", (1,)),
        ('{"lr": 1e400}', "number-out-of-range", ("lr",)),
        ('{"n": [9223372036854775808]}', "number-out-of-range", ("n", 0)),
        ("[" + "9" * 5000 + "]", "number-out-of-range", (0,)),
    ],
)
def test_a_number_that_cannot_be_used_leaves_the_rest_readable(text, rule, path):
    reading = read_json(text)
    (found,) = reading.problems
    assert (found.rule, found.path, found.severity) == (RULE_IDS[rule], path, "error")
    assert reading.data is not None
    value = reading.data
    for step in path:
        value = value[step]
    assert value is None


def test_a_duplicate_key_is_a_warning_with_both_places():
    reading = read_json('{"lr": 1,\n "b": {"lr": 3},\n "lr": 2}')
    (found,) = reading.problems
    assert reading.data == {"lr": 2, "b": {"lr": 3}}
    assert (found.severity, (found.line, found.column), found.path) == ("warning", (3, 2), ("lr",))
    assert "1:2" in found.message
    assert "3:2" in found.message
    assert "the last one wins" in found.hint


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":'])
@pytest.mark.parametrize("levels", [101, 100_000])
def test_level_101_is_refused_where_it_opens(opening, levels):
    reading = read_json(opening * levels)
    (found,) = reading.problems
    brackets = [at for at, char in enumerate(opening * 101) if char in "[{"]
    assert reading.data is None
    assert (found.rule, (found.line, found.column)) == (RULE_IDS["nested-too-deep"], (1, brackets[100] + 1))


def test_closed_brackets_in_strings_hide_no_depth():
    (found,) = read_json('["]",' * 101 + "]" * 101).problems
    assert found.rule == RULE_IDS["nested-too-deep"]


def test_a_text_that_is_mostly_wrong_is_refused_at_once():
    reading = read_json("{" + '"a": NaN,' * 10_000 + "}")
    assert reading.data is None
    assert len(reading.problems) == 1


@pytest.mark.parametrize("text", ['["' + '\\"' * 20_000 + '",]', "[1" + "/**/" * 20_000 + ",]", "/*" * 50_000])
def test_long_runs_are_read_alike(text):
    reading, parsed = read_json(text), parse_json(text)
    assert (reading.data, reading.problems) == (parsed.data, parsed.problems)


TOKENS = [
    *(
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        ", ",
        "\n",
        " ",
        "\t",
        "//",
        "/*",
        "*/",
        "/",
        "\\",
        '"',
        "'",
        "\r",
        "\r\n",
        "\u00a0",
    ),
    *(
        '"a"',
        '"b"',
        '"\\""',
        '"//"',
        '",]"',
        '"\\ud800"',
        "null",
        "true",
        "1",
        "-0",
        "1e3",
        "0.5",
        "1e400",
        "NaN",
        "None",
    ),
    *(
        "00",
        "1234567890123456789",
        "e",
        ".",
        "-",
        "...",
        "#",
        "// x\n",
        "/* ] */",
        ",]",
        ",}",
        '"a": 1',
        '{"a": [1, {}]}',
    ),
]


@st.composite
def damaged_texts(draw):
    tokens = draw(st.lists(st.sampled_from(TOKENS), max_size=4))
    if draw(st.booleans()):
        tokens = [*["{", '"a"', ":", "[", "1", ",", " ", '"b"', ",", "]", ",", "// c\n", '"c"', ":", "{", "}", "}"]]
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(tokens)))
        damage = draw(st.sampled_from(["insert", "delete", "duplicate", "swap"]))
        if damage == "insert":
            tokens.insert(at, draw(st.sampled_from(TOKENS)))
        elif damage == "delete":
            del tokens[at : at + 1]
        elif damage == "duplicate":
            tokens[at:at] = tokens[at : at + 2]
        else:
            tokens[at : at + 2] = reversed(tokens[at : at + 2])
    return "".join(tokens)


@settings(max_examples=400, deadline=None)
@given(damaged_texts())
def test_the_fast_and_the_placing_parser_agree(text):
    reading, parsed = read_json(text), parse_json(text)
    assert reading.data == parsed.data
    assert reading.problems == parsed.problems


@settings(max_examples=100, deadline=None)
@given(damaged_texts())
def test_what_is_strict_json_is_read_as_the_standard_library_reads_it(text):
    parsed = parse_json(text)
    try:
        data = json.loads(text, parse_constant=lambda constant: None)
    except ValueError:
        return
    assert parsed.data == data or any(found.rule == RULE_IDS["number-out-of-range"] for found in parsed.problems)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(), children, max_size=4),
    max_leaves=20,
)


@settings(max_examples=100, deadline=None)
@given(json_values, st.sampled_from([None, 2]))
def test_every_json_value_comes_back(value, indent):
    text = json.dumps(value, indent=indent)
    for reading in (read_json(text), parse_json(text)):
        assert reading.data == value
        assert reading.problems == ()


@pytest.mark.parametrize("key", ["k" * 1001, '\\"' * 1001, "\\u0041" * 1001, "k" * 990 + '\\"' * 12])
@pytest.mark.parametrize("text", ['{"a": [{"%s": {"b": 2}}]}', '{"a": [{"x": 1, "%s": {"b": 2,},}]} // c'])
def test_a_long_key_is_refused_at_its_place(text, key):
    (problem,) = read_json(text % key).problems
    assert (problem.rule, problem.line) == (RULE_IDS["file-too-large"], 1)
    assert (text % key)[problem.column - 1 :].startswith('"' + key[:10])
    assert read_json(text % ("k" * 1000)).problems == ()
