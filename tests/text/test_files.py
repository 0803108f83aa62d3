"""What is no file, no text or too large is refused in words."""

import gzip
import os
from pathlib import Path

import pytest
from rule_ids import RULE_IDS

from slm_net.text.limits import MAX_BYTES, MAX_VALUES
from slm_net.text.source import read_source

SPEC = '{\n  "net": {"type": "MLPNet", "hid_layers": [64, 32]}, // one\n}\n'


def only(source):
    (problem,) = source.problems
    return problem


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
        (gzip.compress(SPEC.encode(), mtime=0), 0, 0, "not a text file: it looks like gzip"),
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


def test_two_megabytes_and_many_values_are_too_much(tmp_path):
    path = tmp_path / "spec.json"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    for source in (path, "[" + " " * MAX_BYTES + "]", "[" + "1," * (MAX_VALUES + 1) + "]"):
        assert only(read_source(source)).rule == RULE_IDS["file-too-large"]
