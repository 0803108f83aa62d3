"""Comments and trailing commas are taken out of a text, and all else stays where it was."""

import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slm_net.document.specs import read_document
from slm_net.text.comments import (
    comments,
    comments_in,
    extras,
    strict_problems,
    without_comments,
    without_trailing_commas,
)


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("[1, /* a */ 2] // b", "[1,         2]     "),
        ('["//", "/*", "\\"//"]', '["//", "/*", "\\"//"]'),
        ('["\\\\"//"\n]', '["\\\\"   \n]'),
        ("[1,/*x*/ //y\n2]", "[1,         \n2]"),
        ("[1] /* open", "[1] /* open"),
        ("/**/ /*/ [1]", "     /*/ [1]"),
        ("[1] / 2", "[1] / 2"),
        ("", ""),
    ],
)
def test_comments_become_spaces(text, bare):
    assert without_comments(text) == bare


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ('{"a": [1,], }', '{"a": [1 ]  }'),
        ('["a,]", ",}",\n]', '["a,]", ",}" \n]'),
        ("[,]", "[,]"),
        ("{ ,}", "{ ,}"),
        ("[1,,]", "[1, ]"),
        ('["\\",]"]', '["\\",]"]'),
    ],
)
def test_trailing_commas_become_spaces(text, plain):
    assert without_trailing_commas(text) == plain


TOKENS = [
    "//",
    "/*",
    "*/",
    "/",
    '"',
    "\\",
    "\n",
    "\r",
    " ",
    ",",
    "]",
    "}",
    "[",
    "{",
    "1",
    "a",
    '"x"',
    "// c\n",
    "/* c */",
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(TOKENS), max_size=15).map("".join))
def test_nothing_moves_and_nothing_but_extras_changes(text):
    plain = without_trailing_commas(without_comments(text))
    assert len(plain) == len(text)
    covered = {at for extra in extras(text) for at in range(extra.start, extra.end)}
    changed = [at for at, (old, new) in enumerate(zip(text, plain, strict=True)) if old != new]
    assert all(plain[at] == " " and (at in covered or text[at].isspace()) for at in changed)


SPACE = st.sampled_from(["", "", " ", "\n", "// , ]\n", '/* " */', "/**/\r\n//\n"])


@st.composite
def written(draw, value):
    """A value as JSON with comments between its tokens and commas behind its last entries."""
    if not isinstance(value, dict | list):
        return draw(SPACE) + json.dumps(value) + draw(SPACE)
    entries = [draw(written(entry)) for entry in value]
    if isinstance(value, dict):
        entries = [f"{key}:{draw(written(value[name]))}" for key, name in zip(entries, value, strict=True)]
    comma = "," if entries and draw(st.booleans()) else ""
    inside = draw(SPACE) + ",".join(entries) + comma + draw(SPACE)
    return draw(SPACE) + ("{%s}" if isinstance(value, dict) else "[%s]") % inside + draw(SPACE)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_with_extras_a_value_reads_the_same(data):
    texts = st.text(alphabet='ab"\\/*,]\n', max_size=6)
    value = data.draw(
        st.recursive(
            st.integers() | texts,
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
            max_leaves=8,
        )
    )
    assert json.loads(without_trailing_commas(without_comments(data.draw(written(value))))) == value


@pytest.mark.parametrize("unit", ["//\n", "/**/", '"//"', "/ ", '\\"', ",]", '"', "[ ,", "/* ", '"\\\\"'])
def test_bombs_leave_no_trace_in_memory(unit):
    """Patterns that remembered each step would need a hundred bytes per unit."""
    text = "[" + unit * (200_000 // len(unit))
    tracemalloc.start()
    without_trailing_commas(without_comments(text))
    sum(1 for _ in comments_in(text))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12_000_000


@pytest.mark.parametrize(
    "text",
    [
        "," * 10**6,
        "/**/" * 10**5,
        ",/*x*/" * 10**5,
        "/*/*" * 10**5,
        ",    //x\n" * 10**5,
        '"' * 10**6,
        "," + " " * 10**6,
    ],
    ids=["commas", "comments", "both", "open comment", "comment lines", "quotes", "blanks"],
)
def test_what_is_not_strict_json_is_found_in_hostile_texts_too(text):
    """One pass over the text: a look ahead from every comma would never end on some of these."""
    assert len(strict_problems(text)) <= 100


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ('{"a": "//,]", "b": [1, 2]}', []),
        ("[1, // one\n 2, /* two */ ]", ["comment", "comma", "comment"]),
        ('["\\"//", 1,\n\n]', ["comma"]),
        ("[1] // end", ["comment"]),
        ('["open', []),
        ("[1, // ]\n /* ] */ 2 /* */ ]", ["comment", "comment", "comment"]),
        ("[1, /* a */ 2] /* ] */", ["comment", "comment"]),
    ],
)
def test_what_is_not_strict_json(text, kinds):
    assert [extra.kind for extra in extras(text)] == kinds
    assert len(strict_problems(text)) == len(kinds)


SPECS = sorted((Path(__file__).parents[2] / "specs").glob("*.json*"))


@pytest.mark.parametrize("path", SPECS, ids=[path.name for path in SPECS])
def test_without_its_extras_a_spec_is_json(path):
    text = path.read_text(encoding="utf-8")
    data = read_document(text).source.data
    for _, start, end, _ in sorted(extras(text), key=lambda extra: -extra.start):
        text = text[:start] + text[end:]
    assert json.loads(text) == data


def test_comments_in_yaml_are_not_those_in_its_texts():
    assert [c.text for c in comments("a: |\n  # text\nb: 'x # y' # z\n# end", True, "#")] == ["# z", "# end"]
