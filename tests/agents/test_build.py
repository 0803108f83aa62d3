"""Whole agents: which nets, in which order, with which numbers, optimizers and targets."""

import math
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from agent_helpers import ADAM, CONV, MLP, RNN, SGD, box, dims, discrete, multi_discrete, same, spec_of

from slm_net import AgentNets, build_net, build_nets, register_algorithm, unregister
from slm_net.document.algorithms import RECIPES, Part, Recipe
from slm_net.document.specs import read_document
from slm_net.document.variables import combinations, find_variables
from slm_net.nets.q import QConvNet, QMLPNet

SPECS = sorted((Path(__file__).parents[2] / "specs").iterdir())
SAC = ["net", "q1_net", "target_q1_net", "q2_net", "target_q2_net"]


# which nets


@pytest.mark.parametrize("version", [4, 5])
@pytest.mark.parametrize(
    ("algorithm", "names"),
    [
        ("Reinforce", ["net"]),
        ("SARSA", ["net"]),
        ("VanillaDQN", ["net"]),
        ("DQNBase", ["net", "target_net"]),
        ("DQN", ["net", "target_net"]),
        ("DoubleDQN", ["net", "target_net"]),
        ("ActorCritic", ["net", "critic_net"]),
        ("SIL", ["net", "critic_net"]),
        ("PPO", ["net", "critic_net", "old_net"]),
        ("PPOSIL", ["net", "critic_net", "old_net"]),
        ("SoftActorCritic", SAC),
        ("CrossQ", ["net", "q1_net", "q2_net"]),
        ("Random", []),
    ],
)
def test_each_algorithm_has_its_nets(algorithm, names, version):
    spec = spec_of(algorithm, version, shared=False) if "critic_net" in names else spec_of(algorithm, version)
    nets = build_nets(spec, seed=0)
    assert isinstance(nets, AgentNets)
    assert list(nets) == [name for name in names if name != "old_net" or version == 4]
    for name, bundle in nets.items():
        frozen = name in nets.sources
        assert (bundle.optimizer is None) is frozen
        assert all(parameter.requires_grad is not frozen for parameter in bundle.model.parameters())
        assert name in repr(nets)
    assert (nets.log_alpha is None) is (algorithm not in ("SoftActorCritic", "CrossQ"))


def test_a_random_agent_needs_no_net():
    for net in ({}, MLP):
        nets = build_nets({"agent": [{"algorithm": {"name": "Random"}, "net": net}], "env": [{"name": "gone-v0"}]})
        assert dict(nets) == {} and repr(nets) == "AgentNets(Random)"
        assert nets.update_targets() == []


@pytest.mark.parametrize(
    ("action", "policy", "shared"),
    [
        (discrete(4), 4, [4, 1]),
        (multi_discrete(3, 2), [3, 2], [3, 2, 1]),
        (SimpleNamespace(shape=(5,), n=5), 5, [5, 1]),
        (box(1), 2, [2, 1]),
        (box(3), [3, 3], [3, 3, 1]),
    ],
)
def test_actor_and_critic(action, policy, shared):
    env = (box(7), action)
    assert dims(build_nets(spec_of("PPO", 4, shared=True), env=env)) == {"net": (7, shared), "old_net": (7, shared)}
    apart = build_nets(spec_of("PPO", shared=False), env=env)
    assert dims(apart) == {"net": (7, policy), "critic_net": (7, 1)}


def test_weight_norm_for_one_of_two_nets():
    nets = build_nets(spec_of("PPO", 4, shared=False, actor_weight_norm=True))
    normed = {name for name, bundle in nets.items() if "parametrizations" in str(bundle.model)}
    assert normed == {"net", "old_net"} and "critic_net" in nets


@pytest.mark.parametrize(
    ("version", "net", "observation", "action", "q_type", "q_dims"),
    [
        (4, MLP, box(7), box(3), "QMLPNet", ((7, 3), 1)),
        (4, MLP, box(7), discrete(4), "QMLPNet", ((7, 4), 1)),
        (4, CONV, box(3, 9, 9), box(1), "QConvNet", ((((3, 9, 9)), 1), 1)),
        (5, MLP, box(7), box(3), "MLPNet", (10, 1)),
        (5, MLP, box(7), discrete(4), "MLPNet", (7, 4)),
        (5, MLP, box(7), multi_discrete(3, 2), "MLPNet", (7, [3, 2])),
        (5, CONV, box(3, 9, 9), discrete(4), "ConvNet", ((3, 9, 9), 4)),
        (5, CONV, box(3, 9, 9), box(3), "QConvNet", (((3, 9, 9), 3), 1)),
        (5, RNN, box(7), discrete(4), "RecurrentNet", ((4, 7), 4)),
    ],
)
@pytest.mark.parametrize("algorithm", ["SoftActorCritic", "CrossQ"])
def test_the_q_nets_of_sac(algorithm, version, net, observation, action, q_type, q_dims):
    nets = build_nets(spec_of(algorithm, version, net=net), env=(observation, action))
    for name in nets:
        if name != "net":
            model = nets[name].model
            assert type(model).__name__ == q_type
            assert (tuple(model.in_dim) if isinstance(model.in_dim, list) else model.in_dim, model.out_dim) == q_dims
    state = torch.rand(5, *((4, 7) if net["type"] == "RecurrentNet" else observation.shape))
    width = getattr(action, "n", None) or action.shape[0]
    q1 = nets["q1_net"].model
    if isinstance(q1, QMLPNet | QConvNet):
        assert q1(state, torch.rand(5, width)).shape == (5, 1)
    elif q_dims[0] == 10:
        assert q1(torch.cat([state, torch.rand(5, 3)], dim=-1)).shape == (5, 1)
    else:
        q1(state)


def test_a_hydra_over_several_environments():
    net = {"type": "HydraMLPNet", "hid_layers": [[[8], [8]], [8], []], "hid_layers_activation": "relu"}
    spec = spec_of("HydraDQN", 4, net=net)
    spec["env"].append({"name": "LunarLander-v2"})
    nets = build_nets(spec)
    assert dims(nets) == {"net": ([4, 8], [2, 4]), "target_net": ([4, 8], [2, 4])}
    values = nets["net"].model([torch.rand(5, 4), torch.rand(5, 8)])
    best = torch.stack([value.argmax(-1) for value in values], dim=-1)
    assert torch.equal(nets["net"].distribution(values).sample(), best)


# numbers


def test_the_nets_are_drawn_one_after_the_other():
    torch.manual_seed(3)
    nets = build_nets(spec_of("ActorCritic", shared=False))
    after = torch.rand(1)
    torch.manual_seed(3)
    actor, critic = build_net(MLP, 4, 2), build_net(MLP, 4, 1)
    assert same(nets["net"].model, actor.model) and same(nets["critic_net"].model, critic.model)
    assert torch.equal(after, torch.rand(1))


@pytest.mark.parametrize("algorithm", ["DQN", "SoftActorCritic"])
def test_a_target_draws_as_a_net_does(algorithm):
    torch.manual_seed(3)
    nets = build_nets(spec_of(algorithm))
    after = torch.rand(1)
    torch.manual_seed(3)
    drawn = [build_net(MLP, 4, 2).model for _ in nets]
    assert torch.equal(after, torch.rand(1))
    if algorithm == "DQN":  # as in SLM Lab it keeps its own weights until it is updated
        assert same(nets["target_net"].model, drawn[1]) and not same(nets["target_net"].model, nets["net"].model)
        nets.sync_targets()
        assert same(nets["target_net"].model, nets["net"].model)
    else:
        assert same(nets["q2_net"].model, drawn[3]) and same(nets["target_q2_net"].model, nets["q2_net"].model)


@pytest.mark.parametrize("algorithm", [name for name in RECIPES if name not in ("Random", "HydraDQN")])
@pytest.mark.parametrize("version", [4, 5])
def test_build_net_gives_the_main_net(algorithm, version):
    keys = {"shared": version == 4} if RECIPES[algorithm].gives == "actor" else {}
    spec = spec_of(algorithm, version, critic_init_std=0.3, **keys)
    one, several = build_net(spec, seed=1), build_nets(spec, seed=1)["net"]
    assert same(one.model, several.model)
    assert (one.spec, one.in_dim, one.out_dim, one.action) == (
        several.spec,
        several.in_dim,
        several.out_dim,
        several.action,
    )


# keys of actor and critic


def test_prefixed_keys_reach_their_nets():
    own = {"actor_hid_layers": [4], "critic_hid_layers": [5, 5], "actor_optim_spec": ADAM, "critic_optim_spec": SGD}
    nets = build_nets(spec_of("PPO", shared=False, critic_clip_grad_val=0.5, **own))
    assert [layer.out_features for layer in nets["net"].model.model if hasattr(layer, "out_features")] == [4]
    assert nets["critic_net"].spec["hid_layers"] == [5, 5]
    assert (nets["net"].spec["optim_spec"], nets["critic_net"].spec["optim_spec"]) == (ADAM, SGD)
    assert (nets["net"].grad_clip.max_value, nets["critic_net"].grad_clip.max_value) == (None, 0.5)


@pytest.mark.filterwarnings("ignore::slm_net.problems.SpecWarning")
def test_use_same_optim_takes_over_the_optimizer_only():
    schedule = {"name": "StepLR", "step_size": 3}
    both = {"actor_optim_spec": ADAM, "critic_optim_spec": SGD, "actor_lr_scheduler_spec": schedule}
    spec = spec_of("PPO", shared=False, critic_hid_layers=[5], critic_clip_grad_val=0.5, **both)
    spec["agent"]["net"]["use_same_optim"] = True
    critic = build_nets(spec)["critic_net"]
    assert critic.spec["optim_spec"] == ADAM and critic.optimizer.param_groups[0]["lr"] == 0.002
    assert critic.spec["lr_scheduler_spec"]["step_size"] == 3
    assert critic.spec["hid_layers"] == [5] and critic.grad_clip.max_value == 0.5
    spec["agent"]["net"]["critic_lr_scheduler_spec"] = None
    assert build_nets(spec)["critic_net"].spec["lr_scheduler_spec"] is None
    for missing in ({"use_same_optim": False}, {}):
        del spec["agent"]["net"]["use_same_optim"]
        spec["agent"]["net"].update(missing)
        assert build_nets(spec)["critic_net"].spec["optim_spec"] == SGD


def test_what_initialises_outputs_reaches_the_nets_that_have_them():
    stds = {"actor_init_std": 0.01, "critic_init_std": 1.0, "log_std_init": -0.5}

    def gains(model):
        tails = model.model_tails if hasattr(model, "model_tails") else [model.model_tail]
        return [round(torch.linalg.matrix_norm(tail[0].weight, ord=2).item(), 4) for tail in tails]

    for env in ("Pendulum-v1", "Hopper-v5"):
        apart = build_nets(spec_of("PPO", env=env, shared=False, **stds))
        assert gains(apart["net"].model) == [0.01] and gains(apart["critic_net"].model) == [1.0]
        assert apart["net"].model.log_std.tolist() == [-0.5] * (1 if env == "Pendulum-v1" else 3)
        assert not hasattr(apart["critic_net"].model, "log_std")
        shared = build_nets(spec_of("PPO", env=env, shared=True, **stds))["net"]
        assert gains(shared.model) == [0.01, 1.0] and hasattr(shared.model, "log_std")
    sac = build_nets(spec_of("SoftActorCritic", env="Hopper-v5", **stds))
    assert gains(sac["net"].model) == [0.01] and gains(sac["q1_net"].model) == gains(sac["target_q2_net"].model) == [
        1.0
    ]
    assert gains(build_nets(spec_of("DQN", critic_init_std=0.5))["net"].model) == [0.5]


def test_output_activations_of_a_policy_are_not_those_of_a_value():
    nets = build_nets(spec_of("PPO", env="Hopper-v5", shared=False, out_layer_activation=["tanh", None]))
    assert len(nets["net"].model.model_tails[0]) == 2 and len(nets["critic_net"].model.model_tail) == 1


def test_a_critic_block_is_that_of_the_q_nets():
    nets = build_nets(spec_of("CrossQ", env="Pendulum-v1", critic_net={**MLP, "hid_layers": [16], "batch_norm": True}))
    assert nets["net"].spec["hid_layers"] == [8, 6]
    assert nets["q1_net"].spec["hid_layers"] == nets["q2_net"].spec["hid_layers"] == [16]
    assert any(isinstance(layer, torch.nn.BatchNorm1d) for layer in nets["q1_net"].model.modules())


# temperature


@pytest.mark.parametrize(
    ("version", "action", "entropy"),
    [
        (4, discrete(4), -4),
        (4, box(3), -3),
        (5, discrete(4), 0.6 * math.log(4)),
        (5, box(3), -3),
        (5, multi_discrete(3, 2), 0.6 * math.log(6)),
        (5, SimpleNamespace(shape=(3,), n=3), 0.6 * math.log(8)),
    ],
)
def test_the_temperature(version, action, entropy):
    nets = build_nets(spec_of("SoftActorCritic", version, optim_spec=ADAM), env=(box(7), action))
    assert nets.target_entropy == pytest.approx(entropy)
    assert nets.log_alpha.tolist() == [0.0] and nets.alpha_optimizer.param_groups[0]["lr"] == 0.002
    assert nets.alpha_optimizer.param_groups[0]["params"][0] is nets.log_alpha
    nets.temperature.train_step(-(nets.log_alpha * 3).sum())
    assert nets.log_alpha.item() > 0 and nets.temperature.model().item() > 1
    assert "log_alpha" in repr(nets)


def test_the_temperature_is_not_clipped_as_the_policy_is():
    nets = build_nets(spec_of("SoftActorCritic", optim_spec={"name": "SGD", "lr": 1.0}, clip_grad_val=0.1))
    nets.temperature.train_step(-(nets.log_alpha * 3).sum())
    assert nets.log_alpha.item() == 3
    assert nets["net"].grad_clip.max_value == 0.1


def test_the_temperature_may_have_its_own_learning_rate():
    nets = build_nets(spec_of("SoftActorCritic", settings={"alpha_lr": 1e-5}, optim_spec=ADAM))
    assert nets.alpha_optimizer.param_groups[0]["lr"] == 1e-5
    assert nets["net"].optimizer.param_groups[0]["lr"] == 0.002


def test_an_algorithm_of_ones_own():
    register_algorithm("TwinDQN", Recipe((Part("net", "q"), Part("slow_net", copies="net"), Part("v_net", "value"))))
    try:
        nets = build_nets(spec_of("TwinDQN"), seed=0)
        assert dims(nets) == {"net": (4, 2), "slow_net": (4, 2), "v_net": (4, 1)}
        assert nets.update_targets() == ["slow_net"]
    finally:
        unregister("algorithm", "TwinDQN")


@pytest.mark.filterwarnings("ignore::slm_net.problems.SpecWarning")
@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.name)
def test_every_spec_of_ours_builds_for_every_value(path):
    document = read_document(path)
    for spec in document.specs if document.kind != "net" else ():
        for values in combinations(spec.data):
            unset = {name for _, name in find_variables(dict(spec.data))} - values.keys()
            variables = {**dict.fromkeys(unset, "CartPole-v1"), **values}
            given = {"name": spec.name if document.kind == "file" else None, "variables": variables}
            nets, on_meta = build_nets(path, **given), build_nets(path, **given, device="meta")
            assert all(bundle.parameter_count > 0 for bundle in nets.values())
            assert {name: shapes(bundle) for name, bundle in on_meta.items()} == {
                name: shapes(bundle, "meta") for name, bundle in nets.items()
            }


def shapes(bundle, device=None):
    """All that a model holds, as sizes on a device, which is its own if none is given."""
    state = bundle.model.state_dict()
    return {key: (tensor.shape, tensor.dtype, device or tensor.device.type) for key, tensor in state.items()}


def test_nets_of_billions_of_parameters_are_built_on_the_meta_device():
    wide = {**MLP, "hid_layers": [50_000, 50_000]}
    for algorithm in ("DQN", "SoftActorCritic", "PPO"):
        nets = build_nets(spec_of(algorithm, 4, net=wide, shared=False), device="meta")
        assert nets["net"].parameter_count > 2 * 10**9
        assert {p.device.type for bundle in nets.values() for p in bundle.model.parameters()} == {"meta"}
