"""What stands at a place of a text, whole or broken."""

from pathlib import Path

import pytest

from slm_net.document.specs import read_document
from slm_net.server.cursor import MARK, cursor_at
from slm_net.text.places import Lines

SPECS = Path(__file__).parents[2] / "specs"


def at(text, file="a.json"):
    """The cursor where the text has a |."""
    offset = text.index("|")
    return cursor_at(file, text.replace("|", ""), offset)


@pytest.mark.parametrize(
    ("file", "text", "path", "is_key", "word"),
    [
        ("a.json", '{"type": "ML|"}', ("type",), False, '"ML"'),
        ("a.json", '{"type": |}', ("type",), False, ""),
        ("a.json", '{"type": tr|}', ("type",), False, "tr"),
        ("a.json", '{"type": "MLPNet", "hid|"}', (MARK,), True, '"hid"'),
        ("a.json", '{"type": "MLPNet", hid|}', (MARK,), True, "hid"),
        ("a.json", '{"ty|pe": "MLPNet"}', (MARK,), True, '"type"'),
        ("a.json", '{"type": "MLPNet",\n |\n "gpu": true}', (MARK,), True, ""),
        ("a.json", '{"type": "MLPNet"\n "g|"}', (MARK,), True, '"g"'),
        ("a.json", '{"type": "MLPNet",\n "optim_spec": {"name": "Ad|', ("optim_spec", "name"), False, '"Ad'),
        ("a.json", '{"a": ["re|"], "gpu": tr', ("a", 0), False, '"re"'),
        ("a.json", '{"type": "a|\n "gpu": true}', ("type",), False, '"a'),
        ("a.json", '{"a": "// no comment", "b|"}', (MARK,), True, '"b"'),
        ("a.yaml", "type: ML|\nhid_layers: [64]\n", ("type",), False, "ML"),
        ("a.yaml", "type: 'ML|'\n", ("type",), False, "'ML'"),
        ("a.yaml", "type: MLPNet\nhid|\n", (MARK,), True, "hid"),
        ("a.yaml", "type: MLPNet\noptim_spec:\n  na|\n  lr: 1\n", ("optim_spec", MARK), True, "na"),
        ("a.yaml", "type: MLPNet\noptim_spec: {name: A|}\n", ("optim_spec", "name"), False, "A"),
        ("a.yaml", "a:\n  - re|\n", ("a", 0, MARK), True, "re"),
        ("a.yaml", "x: {\n  a: 1,\n  b|\n}\n", ("x", MARK), True, "b"),
    ],
)
def test_a_word(file, text, path, is_key, word):
    found = at(text, file)
    assert (found.path, found.is_key, found.word) == (path, is_key, word)


@pytest.mark.parametrize(
    ("file", "text"),
    [("a.json", '{"type": "MLPNet" // co|m\n}'), ("a.json", '{ /* "a|" */ }'), ("a.yaml", "type: MLPNet # c|\n")],
)
def test_a_comment_is_none(file, text):
    assert at(text, file) is None


def test_what_stands_behind():
    assert at('{"ty|": "MLPNet"}').colon
    assert at('{| "type": "MLPNet"}').more
    assert not at('{"type": "MLPNet", |}').more


def paths(data, path=()):
    for key, value in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        yield (*path, key), value
        yield from paths(value, (*path, key))


@pytest.mark.parametrize(
    "file", ["ppo_cartpole.json", "arc_fusion.yaml", "cnn_page_annotated.jsonc", "arc_transformer.yaml"]
)
def test_each_key_and_value_of_a_file_is_at_its_path(file):
    text = (SPECS / file).read_text(encoding="utf-8")
    source = read_document(text, file).source
    lines = Lines(text)
    for path, value in paths(source.data):
        key, start = (
            (lines.start(place.line) or 0) + place.column
            for place in (source.key_position(path), source.value_position(path))
        )
        if isinstance(path[-1], str):
            found = cursor_at(file, text, key)
            assert (found.path, found.is_key, found.word.strip("\"'")) == ((*path[:-1], MARK), True, path[-1])
        if isinstance(value, str) and isinstance(path[-1], str):
            found = cursor_at(file, text, start)
            assert (found.path, found.is_key, found.word.strip("\"'")) == (path, False, value)
