import json
import subprocess
import sys

import pytest

import slm_net
from slm_net import SpecError, SpecWarning, build_nets, to_arc

NET = {"type": "MLPNet", "hid_layers": [8, 4], "hid_layers_activation": "relu"}
ARC = {
    "modules": {
        "model": {
            "Sequential": [{"LazyLinear": {"out_features": 8}}, "ReLU", {"LazyLinear": {"out_features": 4}}, "ReLU"]
        }
    },
    "graph": {"input": "x", "modules": {"model": ["x"]}, "output": "model"},
}
GIVEN = {"init_fn": "orthogonal_", "clip_grad_val": 1, "optim_spec": {"name": "Adam", "lr": 0.01}, "gpu": False}


def spec_of(net, algorithm="DQN", env="CartPole-v1"):
    return {"agent": {"algorithm": {"name": algorithm}, "net": net}, "env": {"name": env}}


def refusal(*args):
    with pytest.raises(SpecError) as error:
        to_arc(*args)
    [problem] = error.value.problems
    return problem


# --- the block


def test_the_arc_and_the_keys_as_they_are_written():
    given = {**NET, "dropout": 0, "batch_norm": False, **GIVEN, "out_layer_activation": None}
    block = to_arc(given, 5, 2)
    kept = {"hid_layers_activation": "relu", **GIVEN, "out_layer_activation": None}
    assert block == {"type": "TorchArcNet", "arc": ARC, **kept}
    assert list(block) == ["type", "arc", *kept]


def test_it_takes_what_build_net_takes(tmp_path):
    path = tmp_path / "specs.json"
    net = {**NET, "hid_layers": ["${width}", 4]}
    path.write_text(json.dumps({"one": spec_of(net), "other": spec_of(NET)}))
    block = to_arc(path, name="one", variables={"width": 8}, overrides={"agent.net.clip_grad_val": 1})
    assert block == {"type": "TorchArcNet", "arc": ARC, "hid_layers_activation": "relu", "clip_grad_val": 1}
    assert to_arc(json.dumps(NET), env="Acrobot-v1")["arc"] == ARC


def test_the_block_is_ones_own():
    given = {**NET, **GIVEN}
    block = to_arc(given, 5, 2)
    block["optim_spec"]["lr"] = block["arc"]["graph"]["input"] = None
    assert given["optim_spec"]["lr"] == 0.01 and to_arc(given, 5, 2)["optim_spec"]["lr"] == 0.01


def test_an_arc_comes_back_as_it_is():
    block = to_arc({**NET, **GIVEN}, 5, 2)
    assert to_arc(block, 5, 2) == block
    assert to_arc(spec_of({**block, "arc": ARC})) == block


def test_an_arc_of_another_file_comes_back_in_its_place(tmp_path):
    (tmp_path / "body.json").write_text(json.dumps(ARC))
    path = tmp_path / "net.json"
    path.write_text(json.dumps({"type": "TorchArcNet", "arc_file": "body.json"}))
    assert to_arc(path, 5, 2) == {"type": "TorchArcNet", "arc": ARC}


def test_of_actor_and_critic_it_is_the_actors():
    roles = {
        "actor_hid_layers": [8, 4],
        "critic_hid_layers": [3],
        "actor_init_fn": "normal_",
        "critic_init_fn": "ones_",
    }
    net = {**NET, **roles, "shared": False, "use_same_optim": False, "critic_init_std": 2.0, "actor_init_std": 0.5}
    del net["hid_layers"]
    block = to_arc(spec_of(net, "PPO"))
    assert block["arc"] == ARC and block["init_fn"] == "normal_"
    assert "critic_hid_layers" not in block and block["critic_init_std"] == 2.0


@pytest.mark.parametrize("name", ["MLPNet", "DuelingMLPNet"])
def test_back_in_its_spec_it_makes_the_nets_of_an_agent(name):
    net = {**NET, "type": name, "update_frequency": 10}
    nets = build_nets(spec_of(to_arc(spec_of(net))), seed=0)
    before = build_nets(spec_of(net), seed=0)
    for one, other in zip(before.values(), nets.values(), strict=True):
        parameters = zip(one.model.parameters(), other.model.parameters(), strict=True)
        assert all(a.equal(b) for a, b in parameters)


def test_a_critics_init_std_does_not_fill_an_output_of_the_policy():
    net = {**NET, "shared": False, "use_same_optim": False, "critic_init_std": 2.0}
    spec = spec_of(net, "PPO")
    assert "critic_init_std" in to_arc(spec) and "critic_init_std" not in to_arc(spec, out_dim=1)


def test_values_of_several_actions_take_the_init_std_of_a_policy():
    net = {**NET, "type": "QMLPNet", "critic_init_std": 0.5}
    assert "actor_init_std" not in to_arc(net, (3, 2), 1)
    block = to_arc(net, (3, 2), 4)
    assert block["actor_init_std"] == 0.5 and "critic_init_std" not in block


# --- the gain of init_fn


@pytest.mark.parametrize(
    ("activations", "init_fn", "kept"),
    [
        (["relu", {"name": "ReLU"}], "orthogonal_", "relu"),
        (["relu", "tanh"], None, None),
        (["relu", "tanh"], "normal_", None),
        (["relu", "tanh"], {"name": "orthogonal_", "gain": 1.4}, None),
        (["relu", "tanh"], {"name": "kaiming_normal_", "nonlinearity": "relu"}, None),
    ],
)
def test_a_list_of_activations_leaves_the_one_that_init_fn_needs(activations, init_fn, kept):
    block = to_arc({**NET, "hid_layers_activation": activations, "init_fn": init_fn}, 5, 2)
    assert block.get("hid_layers_activation") == kept
    assert slm_net.validate(block, in_dim=5, out_dim=2, strict=True) == []


@pytest.mark.parametrize("init_fn", ["orthogonal_", "kaiming_uniform_", {"name": "xavier_normal_"}])
def test_a_gain_for_each_layer_is_refused(init_fn):
    net = {**NET, "hid_layers_activation": ["relu", "tanh"], "init_fn": init_fn}
    problem = refusal(net, 5, 2)
    assert (problem.pointer, problem.rule_name) == ("/init_fn", "argument-conflict")
    written = json.loads(problem.hint.removeprefix("write ").partition(", or")[0])
    assert to_arc({**net, "init_fn": written}, 5, 2)["init_fn"] == written


# --- what no arc says


def test_a_registered_type_is_refused_at_its_place():
    slm_net.register_net("Mine", schema={"properties": {}}, in_dim="vector")(lambda spec, in_dim, out_dim: None)
    try:
        problem = refusal('{\n  "type": "Mine"\n}', 4, 2)
    finally:
        slm_net.unregister("net", "Mine")
    assert (problem.line, problem.pointer) == (2, "/type") and "Mine is a registered type" in problem.message


def test_the_critic_init_std_of_a_dueling_net_is_refused():
    problem = refusal({**NET, "type": "DuelingMLPNet", "critic_init_std": 0.5}, 4, 2)
    assert problem.pointer == "/critic_init_std"
    assert "critic_init_std" in to_arc({**NET, "type": "DuelingMLPNet", "critic_init_std": None}, 4, 2)


@pytest.mark.filterwarnings("ignore::slm_net.SpecWarning")
def test_a_softmax_over_the_batch_is_refused():
    net = {**NET, "hid_layers_activation": {"name": "softmax", "dim": 0}}
    problem = refusal(net, 4, 2)
    assert problem.pointer == "/hid_layers_activation" and "mixes the samples" in problem.message


def test_mistakes_and_warnings_are_those_of_build_net():
    assert refusal({**NET, "hid_layers": 8}, 4, 2).rule_name == "wrong-type"
    assert refusal(NET).rule_name == "dims-unknown"
    with pytest.warns(SpecWarning, match="normalize is not used by MLPNet") as caught:
        to_arc({**NET, "normalize": True}, 4, 2)
    assert caught[0].filename == __file__


def test_it_needs_no_torch():
    code = f"import sys, slm_net\nslm_net.to_arc({NET}, 4, 2)\nprint('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
