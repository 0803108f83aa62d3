"""An open text is judged as `slm-net validate` judges a file, however it came to be what it is."""

import json
import random
from pathlib import Path

import pytest

from slm_net.document.specs import read_document
from slm_net.project.judged import problems_in, reported
from slm_net.project.settings import Options
from slm_net.server.opened import Opened, options_for

SPECS = Path(__file__).parents[2] / "specs"
NET = '{"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"}'


def several():
    """One file of some specs."""
    names = ("dqn_cartpole", "ppo_cartpole", "sac_pendulum", "vanilla_dqn_cartpole")
    parts = [json.loads((SPECS / f"{name}.json").read_text(encoding="utf-8")) for name in names]
    return json.dumps({name: spec for part in parts for name, spec in part.items()}, indent=1)


@pytest.mark.parametrize("seed", range(3))
def test_each_version_has_the_problems_of_a_file_that_says_the_same(seed):
    draws, text = random.Random(seed), several()
    opened, seen = Opened("a.json", text, Options()), 0
    for _ in range(25):
        at = draws.randrange(len(text))
        changed = text[:at] + draws.choice(["", "1", '"', "x", ",", " // c\n"]) + text[at + draws.randrange(3) :]
        opened = opened.changed(changed)
        found = [part.problem for part in opened.problems]
        fresh = read_document(changed, "a.json")
        assert found == (reported(problems_in(fresh, Options()), Options()) if opened.is_spec else [])
        seen += len(found)
        text = changed if draws.random() < 0.2 else text
    assert seen


def test_where_a_problem_reaches_to():
    [found] = Opened("a.json", NET.replace("relu", "reluu"), Options()).problems
    assert found[1:3] == (NET.index('"relu"'), NET.index('"relu"') + len('"reluu"'))


def test_a_problem_of_another_file_is_at_the_name_of_that_file(tmp_path):
    (tmp_path / "arc.yaml").write_text("modules: {a: Reluu}\ngraph: {input: x, modules: {a: [x]}, output: a}\n")
    text = '{"type": "TorchArcNet",\n "arc_file": "arc.yaml"}'
    [found] = Opened(str(tmp_path / "a.json"), text, Options()).problems
    assert text[found.start : found.end] == '"arc.yaml"'
    assert found.message == "arc.yaml:1:14: " + found.problem.message


EXTENDING = (
    '{\n "a": {\n  "extends": "base/b.json",\n  "agent": {"net": {"hid_layers": [32]}}\n }\n}',
    '{"a": {"extends": "base/b.json"}}',
    '{"extends": "base/b.json"}',
)


@pytest.mark.parametrize("text", EXTENDING)
def test_a_problem_of_a_base_is_at_its_name(tmp_path, text):
    net = {**json.loads(NET), "hid_layers_activation": "reluu"}
    agent = {"algorithm": {"name": "DQN"}, "memory": {"name": "Replay"}, "net": net}
    (tmp_path / "base").mkdir()
    (tmp_path / "base/b.json").write_text(json.dumps({"a": {"agent": agent, "env": {"name": "CartPole-v1"}}}))
    opened = Opened(str(tmp_path / "a.json"), text, Options())
    [found] = opened.problems
    assert text[found.start : found.end] == '"base/b.json"'
    assert found.message.startswith("base/b.json:1:")
    assert (opened.changes(found.problem), opened.fixed) == ((), text)


@pytest.mark.parametrize("text", EXTENDING[:2])
def test_what_extends_a_broken_or_missing_file_is_a_spec(tmp_path, text):
    opened = Opened(str(tmp_path / "a.json"), text, Options())
    [found] = opened.problems
    assert (text[found.start : found.end], found.elsewhere) == ('"base/b.json"', "")
    (tmp_path / "base").mkdir()
    (tmp_path / "base/b.json").write_text('{"a": {"agent": ')
    for found in opened.changed(text).problems:
        assert text[found.start : found.end] == '"base/b.json"'


def test_all_safe_fixes():
    opened = Opened("a.json", NET.replace('layers"', 'layer"').replace("relu", "RELUU"), Options())
    assert Opened("a.json", opened.fixed, Options()).problems == [] or '"hid_layers"' in opened.fixed


def test_the_settings_of_a_project(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.slm-net]\nselect = ["SN1"]\nfor = "slm-lab-5"\n')
    options, notice = options_for(str(tmp_path / "a.json"))
    assert (options.select, options.lab, notice) == (("SN1",), 5, "")
    (tmp_path / "pyproject.toml").write_text("[tool.slm-net]\nselct = 1\n")
    options, notice = options_for(str(tmp_path / "a.json"))
    assert options == Options()
    assert "selct" in notice
