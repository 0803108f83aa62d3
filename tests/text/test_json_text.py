"""JSON and JSONC: what is accepted, what every mistake is called, and that both parsers are one."""

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
    ("text", "place", "message", "hint"),
    [
        ("", (1, 1), "the file is empty", "write a spec"),
        (" // nothing\n/* at all */", (1, 1), "the file is empty", "write a spec"),
        ('{"a": 1\n "b": 2}', (1, 8), "a comma is missing", "add a comma here"),
        ('{"a": 1, // one\n\n , "b": 2}', (3, 2), "two commas in a row", "remove one comma"),
        ("[,]", (1, 2), "a comma with nothing before it", "remove the comma"),
        ("{,}", (1, 2), "a comma with nothing before it", "remove the comma"),
        ('{"a":1,,}', (1, 8), "two commas in a row", "remove one comma"),
        ('{\n "a": [1\n', (2, 9), "the array opened at 2:7 is never closed", "add the missing ]"),
        ('{\n "a": 1\n', (2, 8), "the object opened at 1:1 is never closed", "add the missing }"),
        ('{"a": "relu', (1, 7), "this string is never closed", 'add the closing "'),
        ("{} /* never", (1, 4), "this comment is never closed", "add */"),
        ("[1 /*/", (1, 4), "this comment is never closed", "add */"),
        ("{}\n}", (2, 1), "there is nothing left that this } could close", "remove the }"),
        ("[1}", (1, 3), "} where the array opened at 1:1 needs ]", "write ] to close it"),
        ("{'a': 1}", (1, 2), "single quotes", 'use double quotes: "a"'),
        ("{gpu: false}", (1, 2), "the key gpu is not quoted", 'quote the key: "gpu"'),
        ("[None]", (1, 2), "None is no JSON value", "use null"),
        ("[True]", (1, 2), "True is no JSON value", "use true"),
        ("[undefined]", (1, 2), "undefined is no JSON value", "use null"),
        ("[nan]", (1, 2), "nan is no JSON value", "use a finite number"),
        ("[No]", (1, 2), "No is no JSON value", "use false"),
        ('{"a": 1,\n<<<<<<< HEAD\n"b": 2', (2, 1), "a marker of a merge conflict", "keep one of the two versions"),
        ('{"a": 1\n=======\n, "b": 2', (2, 1), "a marker of a merge conflict", "keep one of the two versions"),
        ('{"a": 16, 8, 4}', (1, 11), "several values for one key", "write a list: [16, 8, 4]"),
        ('{"a": 16, 8: 4}', (1, 11), "the key 8 is not quoted", 'quote the key: "8"'),
        ("[relu]", (1, 2), "relu is no JSON value", 'quote it: "relu"'),
        ("[nullx]", (1, 2), "nullx is no JSON value", 'quote it: "nullx"'),
        ("[1_000]", (1, 2), "1_000 is no JSON number", "write 1000"),
        ("[0x10]", (1, 2), "0x10 is no JSON number", "write 16"),
        ("[007]", (1, 2), "007 is no JSON number", "write 7"),
        ("[+1]", (1, 2), "+1 is no JSON number", "write 1"),
        ("[1.]", (1, 2), "1. is no JSON number", "write 1.0"),
        ("[-.5]", (1, 2), "-.5 is no JSON number", "write -0.5"),
        ("[1/100]", (1, 2), "1/100 is no JSON number", "write 0.01"),
        ("[1/0]", (1, 2), "1/0 is no JSON number", "digits, then"),
        ('["re\x00lu"]', (1, 5), "control character U+0000 in a string", "remove it, or write \\u0000"),
        ('["re\nlu"]', (1, 5), "a string ends in the middle", "close it with"),
        ('["\\x72"]', (1, 3), "invalid escape \\x in a string", "allowed: "),
        ('["\\u12"]', (1, 3), "invalid escape \\u12", "allowed: "),
        ("[1,\u00a02]", (1, 4), "no-break space (U+00A0) between the tokens", "use plain spaces"),
        ("[1\u00a0]", (1, 3), "no-break space (U+00A0) between the tokens", "use plain spaces"),
        ("[\x0c1]", (1, 2), "control character (U+000C) between the tokens", "use plain spaces"),
        ("[\u201crelu\u201d]", (1, 2), "\u201c is a typographic quote", "use straight double quotes"),
        ("{} DONE", (1, 4), "DONE follows the end of the document", "remove what follows"),
        ("{}\n{}", (2, 1), "a second document begins here", "keep one"),
        ("{},", (1, 3), "a comma after the end of the document", "remove the comma"),
        ('{"a": 1,\n  ...\n}', (2, 3), "... stands for something left out", "remove the ..."),
        ('{"a" = 1}', (1, 6), "= between key and value", "write : instead of ="),
        ('{"a" 1}', (1, 5), "a colon is missing between key and value", 'write "key": value'),
        ('{"a": }', (1, 6), "a value is missing after the colon", "write the value"),
        ('{"a": , "b": 1}', (1, 6), "a value is missing after the colon", "write the value"),
        ('{"a", "b"}', (1, 5), "a key without a value", 'write "key": value'),
        ("{: 1}", (1, 2), "a colon without a key before it", 'write "key": value'),
        ("{{}}", (1, 2), "a value without a key in the object opened at 1:1", 'write "key": before it'),
        ('["a": 1]', (1, 5), "a key and a value inside of an array", "use { }"),
        ('{"a": "b": 1}', (1, 10), "a second : after a key", "is the comma before this key missing?"),
        ('["say "hi""]', (1, 8), "the string ends here, but text follows", 'write \\"'),
        ("[1] # two", (1, 5), "# does not begin a comment in JSON", "write // for a comment"),
        ("[1; 2]", (1, 3), "; is no JSON", "write a comma"),
        ("(1, 2)", (1, 1), "( ) is no JSON", "write [ ] for a list"),
        ("[/ 2]", (1, 2), "/ is no JSON value", "quote it"),
        ("[1:2]", (1, 3), "a key and a value inside of an array", "use { }"),
    ],
)
def test_one_syntax_error_with_place_words_and_cure(text, place, message, hint):
    (found,) = read_json(text).problems
    assert (found.rule, found.severity) == (RULE_IDS["syntax"], "error")
    assert (found.line, found.column) == place
    assert found.message.startswith(message)
    assert found.hint.startswith(hint)


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
