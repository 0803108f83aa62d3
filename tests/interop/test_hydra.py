"""Configs of OmegaConf as specs, and examples/interop/hydra_train.py, which Hydra composes."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

import slm_net
from slm_net import SpecError

omegaconf = pytest.importorskip("omegaconf")
create = omegaconf.OmegaConf.create
ROOT = Path(__file__).parents[2]
NET = {"type": "MLPNet", "hid_layers": ["${width}", 16], "hid_layers_activation": "relu"}
DQN = ROOT / "specs" / "dqn_cartpole.json"


def net(**changes):
    """A net block inside of a larger config."""
    return create({"width": 32, "net": {**NET, **changes}}).net


def test_a_config_is_the_spec_that_it_resolves_to():
    assert slm_net.validate(net(), in_dim=4, out_dim=2) == []
    plain = {**NET, "hid_layers": [32, 16]}
    ours, theirs = (slm_net.build_net(one, 4, 2, seed=0) for one in (net(), plain))
    assert ours.spec == theirs.spec and type(ours.spec["hid_layers"]) is list
    for one, other in zip(ours.model.parameters(), theirs.model.parameters(), strict=True):
        assert torch.equal(one, other)


def test_a_list_of_a_config_may_stand_in_a_dict():
    sizes = create([64, 32])
    conv = {"type": "ConvNet", "conv_hid_layers": [], "fc_hid_layers": sizes, "hid_layers_activation": "relu"}
    assert slm_net.build_net(conv, create([1, 4, 4]), 2).spec["fc_hid_layers"] == [64, 32]


def test_a_spec_file_may_be_a_config():
    config = omegaconf.OmegaConf.load(ROOT / "specs" / "arc_mlp.yaml")
    assert slm_net.load_spec(config) == slm_net.load_spec(ROOT / "specs" / "arc_mlp.yaml")


def test_variables_of_a_spec_are_escaped_in_a_config_and_are_as_ever_in_a_dict():
    block = {**NET, "hid_layers": ["${width}"]}
    for spec in (block, create({**NET, "hid_layers": [r"\${width}"]})):
        assert slm_net.load_spec(spec, variables={"width": 8})["hid_layers"] == [8]
        assert [problem.rule_name for problem in slm_net.validate(spec)] == ["unset-variable"]
    variables = create({"wide": 8, "all": {"width": "${wide}"}}).all
    assert slm_net.load_spec(block, variables=variables)["hid_layers"] == [8]


def test_overrides_may_be_a_config():
    overrides = create({"n": 8, "all": {"agent.0.net.hid_layers": ["${n}", "${n}"], "env.0.max_frame": 100}}).all
    spec = slm_net.load_spec(DQN, overrides=overrides)
    assert spec["agent"][0]["net"]["hid_layers"] == [8, 8] and spec["env"][0]["max_frame"] == 100
    assert slm_net.build_nets(DQN, overrides=overrides)["net"].spec["hid_layers"] == [8, 8]


@pytest.mark.parametrize(
    ("changes", "pointer", "message"),
    [
        ({"hid_layers": "???"}, "/hid_layers", "hid_layers has no value: Missing mandatory value: net.hid_layers"),
        ({"hid_layers": [64, "???"]}, "/hid_layers/1", "entry 2 of hid_layers has no value: Missing"),
        (
            {"hid_layers": [64, "${gone}"]},
            "/hid_layers/1",
            "entry 2 of hid_layers has no value: Interpolation key 'gone' not found",
        ),
        ({"optim_spec": {"name": "Adam", "lr": "${net.lr}"}}, "/optim_spec/lr", "lr has no value: Interp"),
        ({"hid_layers": "${net.hid_layers}"}, "/hid_layers", "hid_layers has no value: Recursive interpolation"),
        ({"hid_layers": ["${oc.env:SLM_NET_NOWHERE}"]}, "/hid_layers/0", "'SLM_NET_NOWHERE' not found"),
    ],
)
def test_what_has_no_value_is_one_problem_at_its_key(changes, pointer, message):
    (problem,) = slm_net.validate(net(**changes))
    assert (problem.pointer, problem.rule_name, problem.severity) == (pointer, "no-value", "error")
    assert message in problem.message and "\n" not in problem.message
    with pytest.raises(SpecError, match="no-value"):
        slm_net.build_net(net(**changes), 4, 2)


def test_other_mistakes_beside_a_missing_value_are_told_too():
    rules = [problem.rule_name for problem in slm_net.validate(net(hid_layers="???", hid_layers_activation="reluu"))]
    assert sorted(rules) == ["no-value", "unknown-name"]


@pytest.mark.parametrize("argument", ["variables", "overrides"])
def test_an_argument_without_a_value_is_named(argument):
    with pytest.raises(SpecError, match=f"^{argument} .*width has no value: Missing mandatory value"):
        slm_net.load_spec(DQN, **{argument: create({"width": "???"})})


# --- the recipe


def train(folder, *overrides):
    """The recipe, run in a folder of its own."""
    script, args = ROOT / "examples" / "interop" / "hydra_train.py", ("hydra.run.dir=out", *overrides)
    line = [sys.executable, script, *args]
    return subprocess.run(line, cwd=folder, capture_output=True, text=True, timeout=600, check=False)


@pytest.mark.parametrize("name", ["mlp", "arc"])
def test_each_net_of_the_group_is_one(name):
    pytest.importorskip("hydra")
    from hydra import compose, initialize_config_dir

    with initialize_config_dir(str(ROOT / "examples" / "interop" / "conf"), version_base=None):
        config = compose("config", [f"net={name}", "net.actor_optim_spec.lr=0.5", "steps=77"])
    assert slm_net.validate(config.spec, strict=True) == []
    spec = slm_net.build_nets(config.spec)["net"].spec
    assert spec["optim_spec"]["lr"] == 0.5 and spec["lr_scheduler_spec"]["frame"] == 77


@pytest.mark.slow
def test_the_recipe_trains_what_the_command_line_says(tmp_path):
    pytest.importorskip("hydra")
    done = train(tmp_path, "steps=1024", "net.hid_layers=[32,8]", "seed=1")
    assert done.returncode == 0, done.stderr
    assert "442 on cpu" in done.stdout  # 4 * 32 + 32 + 32 * 8 + 8 + 8 * 2 + 2
    assert "mean return of 20 episodes: " in done.stdout
    assert "hid_layers:" in (tmp_path / "out" / ".hydra" / "config.yaml").read_text()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("net.hid_layers=[64,reluu]", "/agent/net/hid_layers/1: error SN104 [wrong-type]"),
        ("net.hid_layers=???", "/agent/net/hid_layers: error SN013 [no-value]"),
        ("+net.hid_layer=[64]", "/agent/net/hid_layer: error SN101 [unknown-key]"),
    ],
)
def test_the_recipe_says_what_is_wrong(override, said, tmp_path):
    pytest.importorskip("hydra")
    done = train(tmp_path, override)
    assert done.returncode == 1 and said in done.stderr


@pytest.mark.interop
def test_the_recipe_learns(tmp_path):
    done = train(tmp_path)
    assert float(done.stdout.split("episodes: ")[1].split()[0]) >= 475
