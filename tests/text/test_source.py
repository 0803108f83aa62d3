"""From a path, a text or a mapping to data, positions and problems: every way in, and every way to fail."""

import io
import subprocess
import sys
from pathlib import Path

import pytest
from rule_ids import RULE_IDS

from slm_net.text.limits import MAX_BYTES
from slm_net.text.places import Position
from slm_net.text.source import read_source

SPEC = '{\n  "net": {"type": "MLPNet", "hid_layers": [64, 32]}, // one\n}\n'
DATA = {"net": {"type": "MLPNet", "hid_layers": [64, 32]}}


def only(source):
    (problem,) = source.problems
    return problem


@pytest.mark.parametrize("as_path", [str, Path])
def test_a_file_is_read_with_the_name_as_given(tmp_path, as_path):
    path = tmp_path / "spec.json"
    path.write_text(SPEC)
    source = read_source(as_path(path))
    assert (source.data, source.file, source.problems, source.text) == (DATA, str(path), (), SPEC)
    assert source.readable


@pytest.mark.parametrize("text", [SPEC, " \ufeff [1]", "/* c */ {}", "// c", "\ufeff{}", "a: 1\nb: 2\n"])
def test_a_str_that_looks_like_text_is_text(text):
    assert read_source(text).file == "<text>"


def test_a_text_without_a_name_is_yaml_unless_it_begins_like_json():
    assert read_source("a: 1e-3\nb: on\n").data == {"a": 0.001, "b": "on"}


def test_the_name_decides_the_format_and_makes_a_str_a_text():
    assert read_source("a: 1", file="stdin.yml").data == {"a": 1}
    assert only(read_source("a: 1", file="stdin.json")).file == "stdin.json"
    assert read_source("3", file="<stdin>").data == 3


def test_bytes_are_what_a_file_holds():
    source = read_source(b"\xef\xbb\xbf" + SPEC.encode(), file="<stdin>")
    assert (source.data, source.file, source.text, source.bom) == (DATA, "<stdin>", SPEC, True)
    broken = only(read_source(b"\xff\xfe{", file="<stdin>"))
    assert (broken.rule, broken.file) == (RULE_IDS["not-utf8-text"], "<stdin>")
    assert only(read_source(b" " * (MAX_BYTES + 1))).rule == RULE_IDS["file-too-large"]


def test_an_open_file_is_what_is_read_from_it(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("type: MLPNet")
    with open(path) as text, open(path, "rb") as raw:
        assert [read_source(text).file, read_source(raw).data] == [str(path), {"type": "MLPNet"}]
    assert read_source(io.StringIO('{"a": 1}')).data == {"a": 1}


@pytest.mark.parametrize("source", [None, [1], 3, object()])
def test_what_is_no_text_and_no_mapping_is_taken_as_it_is(source):
    read = read_source(source)
    assert read.data is source and read.problems == ()


def test_a_file_can_be_shown_under_another_name(tmp_path):
    path = tmp_path / "upload"
    path.write_text("a: 1")
    source = read_source(path, file="mine.yaml")
    assert (source.file, source.data) == ("mine.yaml", {"a": 1})


def test_positions_of_keys_values_and_of_what_is_not_there():
    source = read_source(SPEC)
    assert source.key_position(("net",)) == Position(2, 3)
    assert source.value_position(("net",)) == Position(2, 10)
    assert source.key_position(("net", "hid_layers")) == Position(2, 29)
    assert source.key_position(("net", "hid_layers", 1)) == source.value_position(("net", "hid_layers", 1)) == (2, 48)
    assert source.key_position(("net", "hid_layers", 2)) == source.key_position(("net", "hid_layers", "x")) == (2, 29)
    assert source.value_position(("net", "lr", 0)) == source.value_position(("net",))
    assert source.key_position(()) == (1, 1)


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_break_counts(line_break):
    text = SPEC.replace("\n", line_break)
    assert read_source(text, file="x.json").value_position(("net", "hid_layers")) == (2, 43)


def test_problems_are_sorted_and_complete():
    source = read_source('{"b~/": NaN,\n "a": 1e999, "a": 2}')
    assert [(p.line, p.column, p.pointer, p.rule_name, p.severity) for p in source.problems] == [
        (1, 9, "/b~0~1", "non-finite-number", "error"),
        (2, 7, "/a", "number-out-of-range", "error"),
        (2, 14, "/a", "duplicate-key", "warning"),
    ]
    assert source.readable
    assert source.data == {"b~/": None, "a": 2}


def test_a_broken_text_has_no_data_and_no_positions():
    source = read_source("{a: 1")
    assert (source.data, source.readable, source.key_position(("a",))) == (None, False, (0, 0))


def test_null_is_data():
    source = read_source("\nnull", file="x.json")
    assert (source.data, source.readable, source.value_position(())) == (None, True, (2, 1))


def test_a_byte_order_mark_shifts_nothing(tmp_path):
    path = tmp_path / "spec.json"
    path.write_bytes(b"\xef\xbb\xbf" + SPEC.encode())
    source = read_source(path)
    assert (source.data, source.problems) == (DATA, ())
    assert source.key_position(()) == (1, 1)


def test_reading_json_imports_neither_yaml_nor_torch():
    code = "import sys; from slm_net.text.source import read_source; read_source('{}'); print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert not {"yaml", "torch", "numpy", "pydash", "rich"} & set(modules)
