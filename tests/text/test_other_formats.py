"""Texts that are something else than their name says, and what stands around pasted specs."""

import pytest
from rule_ids import RULE_IDS

from slm_net.text.mending import applied
from slm_net.text.source import read_source

NET = {"type": "MLPNet", "hid_layers": [8, 8], "gpu": False, "clip_grad_val": None}
JSON = '{"type": "MLPNet", "hid_layers": [8, 8], "gpu": false, "clip_grad_val": null}'
PYTHON = "{'type': 'MLPNet', 'hid_layers': (8, 8), 'gpu': False, 'clip_grad_val': None}  # end"
YAML = "type: MLPNet\nhid_layers: [8, 8]\ngpu: false\nclip_grad_val: null\n"
TOML = '# net\n[net]\ntype = "MLPNet"\nhid_layers = [8, 8]\n'


@pytest.mark.parametrize(
    ("text", "file", "named"),
    [
        (YAML, "a.json", "this is YAML, not JSON"),
        ("---\n" + YAML, "a.json", "this is YAML, not JSON"),
        ("# c\n- type: MLPNet\n", "a.json", "this is YAML, not JSON"),
        (TOML, "a.json", "this is TOML, not JSON"),
        (TOML, "a.yaml", "this is TOML, not YAML"),
        (TOML.replace("[net]", ""), "a.json", "this is TOML, not JSON"),
        (TOML.replace("[net]", ""), "a.yaml", "this is TOML, not YAML"),
        ('hid_layers = [8]\ntype = "MLPNet"\n', "a.json", "this is TOML, not JSON"),
        ('net = {type = "MLPNet"}\n', "a.json", "this is TOML, not JSON"),
        ("<!DOCTYPE html>\n<html></html>\n", "a.json", "this is a page in HTML or XML, not JSON"),
        ("<html></html>\n", "a.yaml", "this is a page in HTML or XML, not YAML"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "a.json", "this is a pointer of Git LFS"),
        ("--- a/x.json\n+++ b/x.json\n@@ -1 +1 @@\n", "a.json", "this is a patch, not JSON"),
        ("import json\n\nspec = {'type': 'MLPNet'}\n", "a.json", "this is Python source, not JSON"),
    ],
)
def test_what_a_text_is_instead(text, file, named):
    (problem,) = read_source(text, file).problems
    assert (problem.rule, problem.severity, problem.fix) == (RULE_IDS["syntax"], "error", ())
    assert problem.message.startswith(named) and problem.hint


@pytest.mark.parametrize("text", ["[[8, 8], 3]", '["a"]', "[a]\n", '{"a": 1}', "null", "{a = 1}"])
def test_what_begins_like_json_is_json(text):
    assert "this is" not in "".join(problem.message for problem in read_source(text, "a.json").problems)


def test_one_slip_makes_no_toml():
    assert read_source("lr = 0.1\ntype: MLPNet\n", "a.yaml").data == {"lr": 0.1, "type": "MLPNet"}


@pytest.mark.parametrize(
    ("text", "file", "named"),
    [
        (f"```json\n{JSON}\n```\n", "a.json", ["a Markdown fence"]),
        (f"\n~~~\n{JSON}\n~~~", "a.json", ["a Markdown fence"]),
        (f"```yaml\n{YAML}```\n", "a.yaml", ["a Markdown fence"]),
        (f"```\n{JSON}\n", "a.json", ["a Markdown fence"]),
        (f"spec = {JSON}\n", "a.json", ['"spec ="']),
        (f"spec = {JSON}\n", "a.yaml", ['"spec ="']),
        (f"SPEC: dict[str, Any] = {JSON}\n", "a.json", ['"SPEC: dict[str, Any] ="']),
        (f"export default {JSON};\n", "a.json", ['"export default"', ";"]),
        (f"module.exports = {JSON}\n", "a.json", ['"module.exports ="']),
        (PYTHON, "a.json", ["this is a Python dict, not JSON"]),
        (f"spec = {PYTHON}", "a.json", ['"spec ="', "this is a Python dict, not JSON"]),
        (f"```python\n{PYTHON}\n```\n", "a.json", ["a Markdown fence", "this is a Python dict, not JSON"]),
        (
            "dict(type='MLPNet', hid_layers=[8, 8], gpu=False, clip_grad_val=None)",
            "a.json",
            ["this is a Python dict, not JSON"],
        ),
        (
            "const net = {\n  type: 'MLPNet',\n  hid_layers: [8, 8],\n  gpu: false,\n  clip_grad_val: null,\n};\n",
            "a.json",
            ['"const net ="', "this is a JavaScript object, not JSON"],
        ),
    ],
)
def test_what_stands_around_a_spec_is_named_and_can_be_removed(text, file, named):
    source = read_source(text, file)
    assert source.data == NET
    assert len(source.problems) == len(named)
    for problem, words in zip(source.problems, named, strict=True):
        assert problem.message.startswith(words)
    fixed = read_source(applied(text, [edit.value for problem in source.problems for edit in problem.fix]), file)
    assert (fixed.problems, fixed.data) == ((), NET)


def test_words_around_a_fence_are_left_to_people():
    source = read_source(f"Here it is:\n\n```json\n{JSON}\n```\nHave fun!\n", "a.json")
    assert [(problem.line, problem.fix) for problem in source.problems] == [(3, ())]
    assert source.data == NET


@pytest.mark.parametrize("text", ["{'a': f(x), 'b': 1, 'c': 2, 'd': 3}", "{'a': (8), 'b': x, 'c': 2, 'd': 3}"])
def test_what_is_no_literal_is_told_mistake_by_mistake(text):
    problems = read_source(text, "a.json").problems
    assert len(problems) > 4
    assert not any("Python dict" in problem.message for problem in problems)


def test_a_text_in_javascript_may_have_comments():
    text = "{ // c\n  a: 'x', /* d */ b: `y`, c: 1, d: \"it's\" }"
    source = read_source(text, "a.json")
    assert source.data == {"a": "x", "b": "y", "c": 1, "d": "it's"}
    assert source.value_position(("d",)) == (2, 36)
