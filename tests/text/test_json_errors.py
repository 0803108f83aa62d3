"""What every mistake in a JSON text is called, where it is and what to write instead."""

import pytest
from rule_ids import RULE_IDS

from slm_net.text.jsonc import read_json
from slm_net.text.limits import MAX_FINDINGS
from slm_net.text.mending import applied


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
    found, *others = read_json(text).problems
    assert (found.rule, found.severity) == (RULE_IDS["syntax"], "error")
    assert (found.line, found.column) == place
    assert found.message.startswith(message)
    assert found.hint.startswith(hint)
    assert len(others) == (text in ('{"a": "relu', '{"a", "b"}'))  # which have two mistakes


#: Texts, and every mistake in them: line, column, the beginning of the message, and whether --fix may cure it.
ALL = [
    (
        '{\n  "type": "MLPNet"\n  "hid_layers": [64],\n  \'act\': "relu",\n  "clip": None\n}\n',
        [(2, 19, "a comma", True), (4, 3, "single quotes", True), (5, 11, "None", True)],
        {"type": "MLPNet", "hid_layers": [64], "act": "relu", "clip": None},
    ),
    (
        '{"a": 1; b = (1, 2), # c\n "c": [1,,2], "d": ${lr}; \u201ce\u201d => 1_000,}}',
        [
            (1, 8, ";", True),
            (1, 10, "the key b", True),
            (1, 12, "=", True),
            (1, 14, "( )", True),
            (1, 22, "#", True),
            (2, 10, "two commas", True),
            (2, 20, "${lr}", True),
            (2, 25, ";", True),
            (2, 27, "\u201c", True),
            (2, 31, "=", True),
            (2, 34, "1_000", True),
            (2, 41, "there is nothing left", True),
        ],
        {"a": 1, "b": [1, 2], "c": [1, 2], "d": "${lr}", "e": 1000},
    ),
    # what cannot be made out is null, and the rest is read
    ('{"a": nn.ReLU(1, 2), "b": yes}', [(1, 7, "nn.ReLU( )", False), (1, 27, "yes", False)], {"a": None, "b": None}),
    (
        '{"a": , "b": 007, "c": relu}',
        [(1, 6, "a value", False), (1, 14, "007", False), (1, 24, "relu", True)],
        {"a": None, "b": None, "c": "relu"},
    ),
    # a quote is missing
    (
        '{"a": "x,\n"b": y", "c: 3}',
        [(1, 10, "a string ends", False), (2, 6, "the opening", True), (2, 10, "the key is not closed", True)],
        {"a": "x", "b": "y", "c": 3},
    ),
    ('{"a: 1,\n"b": 2}', [(1, 2, "the key is not closed", True)], {"a": 1, "b": 2}),
    ('{"a: "x"}', [(1, 2, "the key is not closed", True)], {"a": "x"}),
    # where brackets do not fit together the data is none
    ('{"a": [1, 2,\n"b": 3\n}', [(1, 12, "the array opened at 1:7", False)], None),
    ('{"a": [1, 2\n"b": 3\n}', [(1, 12, "the array opened at 1:7", False)], None),
    ('{"a": [1, 2},\n"b": 3}', [(1, 12, "} where the array", False)], None),
    # and behind it only a token is certain to be what it is
    (
        '{"a": [1, 2},\n"b": 3\n"c": None}',
        [(1, 12, "} where the array", False), (2, 7, "a comma", False), (3, 6, "None", True)],
        None,
    ),
    ('{"a": {"b": [1', [(1, 15, "the array opened at 1:13", False)], None),
    ('{"a": 1}, "b": 2}', [(1, 9, "the document ends", False)], None),
    ('{"a": 1 * 2, "b": None}', [(1, 9, "* after a value", False), (1, 19, "None", True)], None),
    ('{"a": 1}\n{"a": 2}\n', [(2, 1, "a second document", False)], {"a": 1}),
    ('"a": 1,\n"b": 2\n', [(1, 1, "the { } around", False)], None),
]


@pytest.mark.parametrize(("text", "mistakes", "data"), ALL)
def test_all_mistakes_at_once(text, mistakes, data):
    reading = read_json(text)
    assert reading.data == data
    assert [(p.line, p.column, bool(p.fix)) for p in reading.problems] == [(a, b, cure) for a, b, _, cure in mistakes]
    for problem, (*_, words, _) in zip(reading.problems, mistakes, strict=True):
        assert problem.message.startswith(words)


@pytest.mark.parametrize("text", [text for text, mistakes, _ in ALL if all(cure for *_, cure in mistakes)])
def test_a_text_with_its_fixes_is_right_and_means_the_same(text):
    reading = read_json(text)
    after = read_json(applied(text, [edit.value for problem in reading.problems for edit in problem.fix]))
    assert (after.problems, after.data) == ((), reading.data)


def test_values_that_could_not_be_made_out_are_noted():
    reading = read_json('{"a": [1, nn.X], "b": relu, "c": \'d\'}')
    assert reading.unread == {("a", 1), ("b",)}


def test_places_are_those_of_the_text_as_it_is():
    text = '{a: "x", \'bb\': [None, 5] "c": {"d": 1}}'
    places = read_json(text).places
    assert [places.find(path).start for path in (("bb", 1), ("c", "d"))] == [text.index("5"), text.index("1")]
    assert places.find(("bb",)).key == text.index("'bb'")


@pytest.mark.parametrize("text", ["[" + "'a'," * 200_000 + "]", "[" + "1 " * 200_000, '{"a"' + ": :" * 200_000])
def test_of_very_many_mistakes_the_first_are_listed(text):
    reading = read_json(text)
    assert reading.data is None
    assert len(reading.problems) == MAX_FINDINGS + 1
    assert reading.problems[-1].message.startswith(f"more than {MAX_FINDINGS} mistakes")
