"""Files that a certain SLM Lab cannot read, and specs that are laid out for the other one."""

import json

import pytest

from slm_net import validate
from slm_net.rules.lab_files import in_yaml_1_1

LABS = {4: "slm-lab-4", 5: "slm-lab-5"}
FAILS, DIFFERS = "fails-in-slm-lab", "differs-in-slm-lab"
NET = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}
PLAIN = '{"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}'


def told(spec, lab):
    found = validate(spec, for_=LABS[lab])
    return {(p.pointer, p.rule_name) for p in found if p.rule_name in (FAILS, DIFFERS)}


def spec(lab, algorithm="DQN", memory="Replay", **changes):
    agent = {"name": "A", "algorithm": {"name": algorithm}, "memory": {"name": memory}, "net": NET}
    env = {"name": "CartPole-v1", "max_t": None, "max_frame": 1000}
    meta = {"distributed": False, "max_session": 1, "max_trial": 1}
    whole = {"agent": agent, "env": env, "meta": meta}
    if lab == 4:
        whole = {"agent": [agent], "env": [env], "body": {"product": "outer", "num": 1}, "meta": meta}
    return {**whole, **changes}


@pytest.mark.parametrize(
    ("name", "text", "in_4", "in_5"),
    [
        ("a.json", PLAIN, [], []),
        ("a.json", PLAIN.replace('relu"}', 'relu",}'), [], [(1, FAILS)]),
        ("a.json", PLAIN.replace("{", "{ // one\n"), [(1, FAILS)], [(1, FAILS)]),
        ("a.json", PLAIN.replace("{", "{ /* one */\n"), [(1, FAILS)], [(1, FAILS)]),
        ("a.json", "\ufeff" + PLAIN, [(1, FAILS)], [(1, FAILS)]),
        ("a.jsonc", PLAIN, [(1, FAILS)], []),
        ("a.yml", "type: MLPNet\nhid_layers: [8]\nhid_layers_activation: relu\n", [(1, DIFFERS)], []),
        ("a.yaml", "type: MLPNet\nhid_layers: [8]\nhid_layers_activation: relu\n", [(1, FAILS)], []),
    ],
)
def test_what_a_lab_reads(name, text, in_4, in_5, tmp_path):
    (tmp_path / name).write_text(text, encoding="utf-8")
    for lab, expected in ((4, in_4), (5, in_5)):
        found = validate(str(tmp_path / name), for_=LABS[lab])
        assert [(problem.line, problem.rule_name) for problem in found] == expected
        assert all(problem.file for problem in found)
        assert validate(str(tmp_path / name)) == []


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("1e-3", "write 0.001"),
        ("1.0e6", "write 1000000.0"),
        ("1e-05", "write 1.0e-05"),
        ("-.5", "write -0.5"),
        ("0o17", "write 15"),
        ("010", "write 10"),
        *((fine, None) for fine in ("0.001", "1.0e-3", "1.0e+6", "100000", ".5", "0", "-3", "0x10", "5.")),
    ],
)
def test_numbers_of_yaml_1_1(written, hint):
    yaml = pytest.importorskip("yaml")
    text = f"x:\n  agent: {{algorithm: {{name: DQN, mine: {written}}}, net: {{}}}}\n"
    found = [p for p in validate(text, for_="slm-lab-5") if "YAML" in p.message]
    assert [(p.line, p.column, p.hint) for p in found] == ([(2, 40, hint)] if hint else [])
    number = yaml.safe_load(text)["x"]["agent"]["algorithm"]["mine"]
    assert isinstance(number, str) == (hint is not None and written != "010")
    if hint:
        assert yaml.safe_load(hint.removeprefix("write ")) == validate_number(written)


def validate_number(written):
    from slm_net.text.source import read_source

    return read_source(f"x: {written}\n", "a.yaml").data["x"]


def test_an_anchor_is_one_problem():
    text = "_lr: &lr 1e-3\nx: {agent: {algorithm: {name: DQN, a: *lr, b: *lr}, net: {}}}\n"
    assert len([p for p in validate(text, for_="slm-lab-5") if "YAML" in p.message]) == 1
    assert not [p for p in validate(text.replace("1e-3", "64"), for_="slm-lab-5") if "YAML" in p.message]


@pytest.mark.parametrize("number", [1e-5, 1e22, 0.5, -3.25e-9, 7])
def test_a_number_that_every_yaml_reads(number):
    yaml = pytest.importorskip("yaml")
    assert yaml.safe_load(in_yaml_1_1(number)) == number


@pytest.mark.parametrize("lab", LABS)
def test_a_whole_spec_of_a_lab_is_no_problem_there(lab):
    assert told(spec(lab), lab) == set()
    assert told({"dqn": spec(lab)}, lab) == set()


def test_the_layout_of_the_other_lab():
    assert told(spec(5, body={"product": "outer", "num": 1}), 4) == {("/agent", FAILS), ("/env", FAILS)}
    assert told(spec(4), 5) == {("/agent", FAILS), ("/env", FAILS), ("/body", DIFFERS)}


@pytest.mark.parametrize("lab", LABS)
def test_what_a_lab_cannot_do_without(lab):
    whole = spec(lab)
    del whole["meta"]
    first = (lambda key: whole[key][0]) if lab == 4 else (lambda key: whole[key])
    del first("agent")["memory"], first("env")["max_frame"]
    index = "/0" if lab == 4 else ""
    assert told(whole, lab) == {("", FAILS), (f"/agent{index}", FAILS), (f"/env{index}", FAILS)}


def test_names_that_one_lab_has():
    assert told(spec(4, "CrossQ"), 4) == {("/agent/0/algorithm/name", FAILS)}
    assert told(spec(5, "CrossQ"), 5) == set()
    assert told(spec(4, memory="OnPolicyCrossEntropy"), 4) == {("/agent/0/memory/name", FAILS)}
    assert told(spec(5, memory="OnPolicyCrossEntropy"), 5) == set()
    assert told(spec(5, "MyAlgorithm", "MyMemory"), 5) == set()


def test_a_block_for_the_critic():
    for lab, algorithm, expected in ((4, "PPO", True), (5, "PPO", True), (5, "CrossQ", False), (5, "Mine", False)):
        whole = spec(lab, algorithm)
        agent = whole["agent"][0] if lab == 4 else whole["agent"]
        agent["critic_net"] = NET
        place = "/agent/0/critic_net" if lab == 4 else "/agent/critic_net"
        assert ((place, DIFFERS) in told(whole, lab)) == expected


def test_keys_of_environments():
    env = {"name": "CartPole-v1", "max_t": None, "max_frame": 1000}
    assert told(spec(5, env={**env, "frame_op": None}), 5) == {("/env/frame_op", FAILS)}
    assert told(spec(4, env=[{**env, "normalize_obs": True}]), 4) == {("/env/0/normalize_obs", DIFFERS)}
    assert told(spec(5, env={**env, "normalize_obs": True, "repeat_action_probability": 0}), 5) == set()


@pytest.mark.parametrize(
    ("lab", "distribution", "fails"),
    [(4, "grid_search", False), (4, "loguniform", True), (5, "loguniform", False), (5, "grid_search", True)],
)
def test_distributions_of_a_search(lab, distribution, fails):
    values = {"grid_search": [0.1, 0.2], "loguniform": [1e-4, 1e-2]}[distribution]
    search = {"agent": [{"net": {"optim_spec": {f"lr__{distribution}": values}}}]}
    search = search if lab == 4 else {"agent.net.optim_spec": {f"lr__{distribution}": values}}
    found = {pointer.rpartition("/")[2] for pointer, _ in told(spec(lab, search=search), lab)}
    assert found == ({f"lr__{distribution}"} if fails else set())


@pytest.mark.parametrize("lab", [4, 5])
@pytest.mark.parametrize("first", [0, 1])
def test_a_list_that_begins_with_an_object_is_taken_apart(lab, first):
    choices = ["relu", {"name": "leakyrelu"}]
    key = f"{'agent.0' if lab == 4 else 'agent'}.net.hid_layers_activation__choice"
    search = {key: [choices[first], choices[1 - first]]}
    assert ((f"/search/{key}", FAILS) in told(spec(lab, search=search), lab)) == (first == 1)


def test_variables():
    env = {"name": "${env}", "max_t": None, "max_frame": "${frames}"}
    texts = {"env": ["CartPole-v1"], "frames": ["1000"]}
    assert told(spec(5, env=env), 5) == set()
    assert told(spec(5, env=env, spec_params=texts), 5) == {("/spec_params", DIFFERS)}
    assert told(spec(4, env=[env]), 4) == {("/env/0/name", FAILS), ("/env/0/max_frame", FAILS)}
    assert told(spec(4, env=[env], spec_params=texts), 4) == {("/env/0/max_frame", FAILS)}
    frames = {**env, "max_frame": 1000}
    assert told(spec(4, env=[frames], spec_params={"env": ["CartPole-v1"]}), 4) == set()
    assert told(spec(4, env=[frames], spec_params={"env": ["CartPole-v1"], "n": [1]}), 4) == {
        ("/spec_params/n/0", FAILS)
    }


def test_a_variable_that_is_unset_is_told_once():
    whole = spec(4, env=[{"name": "${env}", "max_t": None, "max_frame": 1}])
    assert [p.rule_name for p in validate(whole, for_="slm-lab-4")] == [FAILS]


def test_a_comment_excuses_it(tmp_path):
    from slm_net.cli.main import main

    file = tmp_path / "a.json"
    file.write_text(json.dumps({**NET, "dropout": 0.5}, indent=1), encoding="utf-8")
    assert main(["validate", "--for", "slm-lab-4", "--strict", "--quiet", str(file)]) == 1
    assert main(["validate", "--for", "slm-lab-4", "--strict", "--quiet", "--ignore", "SN502", str(file)]) == 0
