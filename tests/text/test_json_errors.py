"""What every mistake in a JSON text is called, where it is and what to write instead."""

import pytest
from rule_ids import RULE_IDS

from slm_net.text.jsonc import read_json


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
