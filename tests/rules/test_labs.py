"""Nets that only slm_net builds, and those that SLM Lab takes for others; `lab_builds.py` asks the releases."""

import pytest
from small_nets import ACTIVATION, NETS

from slm_net import validate
from slm_net.schema.entries import add_entry, remove_entry

LABS = {4: "slm-lab-4", 5: "slm-lab-5"}
CELL = {"fc_hid_layers": [8], "rnn_hidden_size": 8, "seq_len": 3, **ACTIVATION}
TO_ZERO = {"name": "LinearToZero", "frame": 9}
FAILS, DIFFERS = "fails-in-slm-lab", "differs-in-slm-lab"

ARC = {
    "type": "TorchArcNet",
    "arc": {
        "modules": {"body": {"Sequential": [{"LazyLinear": {"out_features": 8}}, "ReLU"]}},
        "graph": {"input": "x", "modules": {"body": ["x"]}, "output": "body"},
    },
}


def told(spec, lab, **more):
    found = validate(spec, for_=LABS[lab], **more)
    return {(p.pointer, p.rule_name) for p in found if p.rule_name in (FAILS, DIFFERS)}


def net(kind="MLPNet", **keys):
    own = {**NETS, "RecurrentNet": (CELL, None), "DuelingRecurrentNet": (CELL, None)}[kind][0]
    return {"type": kind, **own, **keys}


def agent(block, algorithm="PPO", env="CartPole-v1", **frames):
    memory, meta = {"name": "Replay"}, {"distributed": False, "max_session": 1, "max_trial": 1}
    whole = {"name": algorithm, "algorithm": {"name": algorithm}, "memory": memory, "net": block}
    env = {"name": env, "max_t": None, "max_frame": 1000, **frames}
    return {
        4: {"agent": [whole], "env": [env], "body": {"product": "outer", "num": 1}, "meta": meta},
        5: {"agent": whole, "env": env, "meta": meta},
    }


@pytest.mark.parametrize(
    ("spec", "pointer"),
    [
        (net("DuelingRecurrentNet"), "/type"),
        (net(hid_layers=[]), "/hid_layers"),
        (net(actor_hid_layers=[]), "/actor_hid_layers"),
        (net("DuelingMLPNet", hid_layers=[]), "/hid_layers"),
        (net(hid_layers=[8.0]), "/hid_layers/0"),
        (net(hid_layers_activation=["relu"]), "/hid_layers_activation"),
        (net(hid_layers_activation={"name": "relu"}), "/hid_layers_activation"),
        (net(out_layer_activation=["tanh", {"name": "tanh"}]), "/out_layer_activation/1"),
        (net(init_fn={"name": "orthogonal_"}), "/init_fn"),
        (net(init_fn="orthogonal_", hid_layers_activation="gelu"), "/init_fn"),
        (net(init_fn="kaiming_normal_", hid_layers_activation="tanh"), "/init_fn"),
        (net(init_fn="kaiming_normal_", hid_layers_activation="gelu"), "/init_fn"),
        (net(init_fn="normal_", hid_layers_activation=None), "/init_fn"),
        (net("ConvNet", init_fn="dirac_"), "/init_fn"),
        (net("ConvNet", init_fn="eye_"), "/init_fn"),
        (net("ConvNet", conv_hid_layers=[[8, [3]]]), "/conv_hid_layers/0/1"),
        (net("ConvNet", conv_hid_layers=[[8, 3, 1, [1, 1, 1]]]), "/conv_hid_layers/0/3"),
        (net("ConvNet", conv_hid_layers=[[8, [3.0, 3]]]), "/conv_hid_layers/0/1/0"),
        (net("ConvNet", conv_hid_layers=[[8, 3, 1, 0, 1, 1, False]], init_fn="normal_"), "/conv_hid_layers/0/6"),
        (net("RecurrentNet", rnn_hidden_size=8.0), "/rnn_hidden_size"),
        (net("HydraMLPNet", hid_layers=[[[], [5]], [4], []]), "/hid_layers/0/0"),
        (net("HydraMLPNet", hid_layers=[[[6], [5]], [], []]), "/hid_layers/1"),
        (net("HydraMLPNet", hid_layers=[[[6], [5]], [4], [[4, 3], [3]]]), "/hid_layers/2/1"),
        (net(loss_spec={"name": "CrossEntropyLoss", "weight": [1.0, 2.0]}), "/loss_spec/weight"),
        (net(loss_spec={"name": "NLLLoss", "ignore_index": 1.0}), "/loss_spec/ignore_index"),
        (net(lr_scheduler_spec={"name": "LinearToMin", "frame": 9, "min_factor": 0}), "/lr_scheduler_spec/name"),
        (net(lr_scheduler_spec={"name": "ReduceLROnPlateau"}), "/lr_scheduler_spec/name"),
        (net(lr_scheduler_spec={"name": "StepLR", "step_size": 9, "step_on": "frame"}), "/lr_scheduler_spec/step_on"),
        (net(lr_scheduler_spec={"name": "CosineAnnealingWarmRestarts", "T_0": 9.0}), "/lr_scheduler_spec/T_0"),
    ],
)
@pytest.mark.parametrize("lab", LABS)
def test_what_both_labs_fail_on(spec, pointer, lab):
    assert told(spec, lab) == {(pointer, FAILS)}


@pytest.mark.parametrize(
    ("spec", "pointer"),
    [
        (net(dropout=0.1), "/dropout"),
        (net(weight_norm=True), "/weight_norm"),
        (net(clip_grad_val=1.0, clip_grad_type="value"), "/clip_grad_type"),
        (net(gpu=True, cuda_id=1), "/cuda_id"),
        (net("DuelingMLPNet", batch_norm=True), "/batch_norm"),
        (net("ConvNet", layer_norm=True), "/layer_norm"),
        (net("ConvNet", hid_layers_activation="softmax"), "/hid_layers_activation"),
        (net("RecurrentNet", bidirectional=True), "/bidirectional"),
        (net("RecurrentNet", cell_type="lstm"), "/cell_type"),
        (net("RecurrentNet", cell_type="LSTM", init_fn="orthogonal_"), "/init_fn"),
        (
            net(lr_scheduler_spec={"name": "LinearToZero", "frame": 9, "step_on": "update"}),
            "/lr_scheduler_spec/step_on",
        ),
        (net(optim_spec={"name": "GlobalAdam", "eps": 0.01}), "/optim_spec/eps"),
    ],
)
@pytest.mark.parametrize("lab", LABS)
def test_what_both_labs_take_for_another_thing(spec, pointer, lab):
    assert told(spec, lab) == {(pointer, DIFFERS)}


@pytest.mark.parametrize(
    ("spec", "in_4", "in_5"),
    [
        (net("QMLPNet"), None, ("/type", FAILS)),
        (net("QConvNet"), None, ("/type", FAILS)),
        (net("QConvNet", fc_hid_layers=[]), ("/fc_hid_layers", FAILS), ("/type", FAILS)),
        (net("FiLMQConvNet"), ("/type", DIFFERS), ("/type", FAILS)),
        (ARC, ("/type", FAILS), None),
        ({**ARC, "tails": False}, ("/type", FAILS), ("/tails", DIFFERS)),
        (net(batch_norm=True), ("/batch_norm", DIFFERS), None),
        (net(layer_norm=True), ("/layer_norm", DIFFERS), None),
        (net(log_std_init=0.0), ("/log_std_init", DIFFERS), None),
        (net("RecurrentNet", actor_init_std=0.1), ("/actor_init_std", DIFFERS), ("/actor_init_std", DIFFERS)),
        (net(optim_spec={"name": "Lookahead"}), None, ("/optim_spec/name", FAILS)),
        (net(optim_spec={"name": "RAdam", "foreach": True}), ("/optim_spec/foreach", FAILS), None),
        (net(optim_spec={"name": "RAdam", "weight_decay": 0.1}), ("/optim_spec/weight_decay", DIFFERS), None),
        (
            net(optim_spec={"name": "Lookahead", "optimizer": "RAdam", "maximize": True}),
            ("/optim_spec/maximize", FAILS),
            ("/optim_spec/name", FAILS),
        ),
    ],
)
def test_what_one_lab_does_otherwise(spec, in_4, in_5):
    assert [told(spec, lab) for lab in LABS] == [{found} if found else set() for found in (in_4, in_5)]


@pytest.mark.parametrize(
    "spec",
    [
        net(out_layer_activation="tanh", init_fn="orthogonal_", clip_grad_val=0.5, gpu="auto", cuda_id=None),
        net(out_layer_activation=["tanh", None], dropout=0, layer_norm=False, clip_grad_type="norm"),
        net(hid_layers_activation="LeakyReLU", init_fn="kaiming_normal_"),
        net(hid_layers_activation="mish", init_fn="normal_"),
        net("ConvNet", conv_hid_layers=[[8, [3, 2], [1, 1], "same", 1, 1, False, "zeros"]], fc_hid_layers=[]),
        net("RecurrentNet", cell_type="gru", fc_hid_layers=[], init_fn="orthogonal_"),
        net("HydraMLPNet", hid_layers=[[[6], [5]], [4], [[4, 3], [4, 2]]]),
        net(optim_spec={"name": "AdamW", "lr": 0.1, "betas": [0.9, 0.9], "foreach": True}),
        net(lr_scheduler_spec={**TO_ZERO, "step_on": "frame"}),
        net(lr_scheduler_spec={"name": "OneCycleLR", "max_lr": 0.1, "total_steps": 9, "epochs": 2.0}),
        net(loss_spec={"name": "smoothl1loss", "beta": 0.5}),
    ],
)
@pytest.mark.parametrize("lab", LABS)
def test_what_a_lab_builds_alike_is_no_problem(spec, lab):
    assert told(spec, lab) == set()


def test_without_a_lab_nothing_is_said():
    assert validate(net(dropout=0.1, hid_layers=[8.0], hid_layers_activation=["relu"])) == []


@pytest.mark.parametrize("lab", LABS)
def test_dims_that_a_lab_does_not_take(lab):
    rows = net("ConvNet", conv_hid_layers=[[8, 3]])
    assert told(rows, lab, in_dim=(2, 9), out_dim=2) == {("/type", FAILS)}
    assert told(rows, lab, in_dim=(2, 9, 9), out_dim=2) == set()
    assert told(net("HydraMLPNet"), lab, in_dim=[4, 6], out_dim=2) == {("/type", FAILS)}


@pytest.mark.parametrize("lab", LABS)
def test_a_list_of_output_activations_is_for_the_net_that_acts(lab):
    listed = net(out_layer_activation=["tanh", None], shared=False, use_same_optim=False)
    prefix = "/agent/0/net/" if lab == 4 else "/agent/net/"
    found = told(agent(listed, env="BipedalWalker-v3")[lab], lab)
    assert found == {(f"{prefix}out_layer_activation", FAILS)}
    listed["actor_out_layer_activation"] = listed.pop("out_layer_activation")
    assert told(agent(listed, env="BipedalWalker-v3")[lab], lab) == set()


@pytest.mark.parametrize(
    ("keys", "algorithm", "env", "differs"),
    [
        ({"log_std_init": 0.0, "shared": False}, "PPO", "BipedalWalker-v3", False),
        ({"log_std_init": 0.0, "shared": True}, "PPO", "BipedalWalker-v3", True),
        ({"log_std_init": 0.0, "shared": False}, "PPO", "Pendulum-v1", True),
        ({"actor_init_std": 0.01, "shared": True}, "PPO", "CartPole-v1", True),
        ({"actor_init_std": 0.01}, "Reinforce", "CartPole-v1", True),
    ],
)
def test_the_outputs_of_a_policy_in_version_5(keys, algorithm, env, differs):
    spec = agent(net(use_same_optim=False, **keys), algorithm, env)[5]
    assert told(spec, 5) == ({(f"/agent/net/{next(iter(keys))}", DIFFERS)} if differs else set())


def test_a_cycle_that_ends_before_the_run():
    def cycle(steps):
        schedule = {"name": "OneCycleLR", "max_lr": 0.1, "total_steps": steps}
        return agent(net(lr_scheduler_spec=schedule), "DQN")[4]

    assert told(cycle(999), 4) == {("/agent/0/net/lr_scheduler_spec/total_steps", FAILS)}
    assert told(cycle(1000), 4) == set()


def test_the_values_of_a_search_run_in_the_lab_too():
    spec = agent(net(), "DQN")[5]
    spec["search"] = {"agent": {"net": {"hid_layers__choice": [[8], []]}}}
    assert told(spec, 5) == {("/search/agent/net/hid_layers__choice/1", FAILS)}


def test_nothing_is_said_of_a_type_of_ones_own():
    width = {"type": "integer", "description": "Width.", "default": 2}
    add_entry("net", "LabsOwnNet", {"properties": {"width": width}}, "a test")
    try:
        assert told({"type": "LabsOwnNet", "hid_layers_activation": "relu", "width": 3, "dropout": 0.5}, 4) == set()
    finally:
        remove_entry("net", "LabsOwnNet")


@pytest.mark.parametrize("lab", LABS)
def test_a_hint_that_is_followed_runs(lab):
    (problem,) = validate(net(hid_layers_activation=["relu"]), for_=LABS[lab])
    assert problem.hint == 'write "relu"'
    (problem,) = validate({"type": "HydraMLPNet", "hid_layers": [[[6]], [4], [[3]]], **ACTIVATION}, for_=LABS[lab])
    assert problem.hint == "write [4, 3]"
