"""From a path, a text or a mapping to data, positions and problems: every way in, and every way to fail."""

import gzip
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rule_ids import RULE_IDS

from slm_net.text.comments import strict_problems
from slm_net.text.limits import MAX_BYTES, MAX_VALUES
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
    source = read_source("{a: 1}")
    assert (source.data, source.readable, source.key_position(("a",))) == (None, False, (0, 0))


def test_null_is_data():
    source = read_source("\nnull", file="x.json")
    assert (source.data, source.readable, source.value_position(())) == (None, True, (2, 1))


@pytest.mark.parametrize("make", [lambda path: None, Path.mkdir, os.mkfifo], ids=["missing", "directory", "pipe"])
def test_what_is_no_file_is_refused(tmp_path, make):
    path = tmp_path / "spec.json"
    make(path)
    problem = only(read_source(path))
    assert (problem.rule, problem.file, problem.line) == (RULE_IDS["file-not-readable"], str(path), 0)
    assert problem.message


@pytest.mark.parametrize("path", ["", "no\0such", "x" * 5000, "/dev/zero", "/dev/null", "sp\udce9c.json"])
def test_odd_paths_are_refused(path):
    assert only(read_source(path)).rule == RULE_IDS["file-not-readable"]


def test_a_link_to_itself_and_a_file_without_permission_are_refused(tmp_path):
    loop, secret = tmp_path / "loop.json", tmp_path / "secret.json"
    loop.symlink_to(loop)
    secret.write_text("{}")
    secret.chmod(0)
    assert only(read_source(loop)).rule == RULE_IDS["file-not-readable"]
    if os.geteuid() != 0:
        assert only(read_source(secret)).rule == RULE_IDS["file-not-readable"]


@pytest.mark.parametrize(
    ("content", "line", "column", "words"),
    [
        (SPEC.encode("utf-16"), 0, 0, "UTF-16"),
        (SPEC.encode("utf-16-le"), 0, 0, "UTF-16"),
        (SPEC.encode("utf-16-be"), 0, 0, "UTF-16"),
        (SPEC.encode("utf-32"), 0, 0, "UTF-32"),
        (SPEC.encode("utf-32-le"), 0, 0, "UTF-32"),
        (SPEC.encode("utf-32-be"), 0, 0, "UTF-32"),
        (gzip.compress(SPEC.encode()), 0, 0, "not a text file: it looks like gzip"),
        (b"PK\x03\x04rest", 0, 0, "not a text file"),
        (bytes(range(256)), 0, 0, "not a text file"),
        ('{"ä":\n "é'.encode() + b'\xe9"}', 2, 4, "byte 0xE9 at 2:4 is no UTF-8"),
        (b'{"a": "\xed\xa0\x80"}', 1, 8, "byte 0xED at 1:8 is no UTF-8"),
    ],
)
def test_what_is_no_utf8_text_is_refused(tmp_path, content, line, column, words):
    path = tmp_path / "spec.json"
    path.write_bytes(content)
    problem = only(read_source(path))
    assert (problem.rule, problem.line, problem.column) == (RULE_IDS["not-utf8-text"], line, column)
    assert words in problem.message
    assert problem.hint


def test_a_byte_order_mark_shifts_nothing(tmp_path):
    path = tmp_path / "spec.json"
    path.write_bytes(b"\xef\xbb\xbf" + SPEC.encode())
    source = read_source(path)
    assert (source.data, source.problems) == (DATA, ())
    assert source.key_position(()) == (1, 1)


def test_two_megabytes_and_many_values_are_too_much(tmp_path):
    path = tmp_path / "spec.json"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    for source in (path, "[" + " " * MAX_BYTES + "]", "[" + "1," * (MAX_VALUES + 1) + "]"):
        assert only(read_source(source)).rule == RULE_IDS["file-too-large"]


@pytest.mark.parametrize("key", ["k" * 1001, '\\"' * 1001, "\\u0041" * 1001, "k" * 990 + '\\"' * 12])
@pytest.mark.parametrize("text", ['{"a": [{"%s": {"b": 2}}]}', '{"a": [{"x": 1, "%s": {"b": 2,},}]} // c'])
def test_a_long_key_is_refused_at_its_place(text, key):
    problem = only(read_source(text % key))
    assert (problem.rule, problem.line) == (RULE_IDS["file-too-large"], 1)
    assert (text % key)[problem.column - 1 :].startswith('"' + key[:10])
    assert read_source(text % ("k" * 1000)).readable


def test_a_long_key_of_a_mapping_is_refused():
    assert only(read_source({"a": [{"k" * 1001: 1}]})).rule == RULE_IDS["file-too-large"]


def test_a_mapping_is_taken_as_it_is():
    source = read_source(DATA)
    assert source.data is DATA
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


def test_reading_json_imports_neither_yaml_nor_torch():
    code = "import sys; from slm_net.text.source import read_source; read_source('{}'); print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert not {"yaml", "torch", "numpy", "pydash", "rich"} & set(modules)


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
