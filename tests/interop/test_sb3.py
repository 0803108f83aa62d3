"""Stable-Baselines3 with the nets of a spec: the same nets, the same weights, the same numbers; and what is refused."""

import importlib
import json
import re
import subprocess
import sys
import warnings
from pathlib import Path

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium import spaces
from stable_baselines3 import A2C, DQN, PPO, SAC, TD3
from stable_baselines3.common.env_util import make_vec_env

import slm_net
from slm_net import SpecError, SpecWarning, build_net, build_nets
from slm_net.interop import sb3

ROOT = Path(__file__).parents[2]
MLP = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "tanh"}
CONV = {
    "type": "ConvNet",
    "conv_hid_layers": [[4, 3, 2]],
    "fc_hid_layers": [8],
    "hid_layers_activation": "relu",
    "normalize": True,
}
IMAGES = spaces.Box(0, 255, (12, 12, 3), np.uint8)


class Shown(gymnasium.Env):
    """An environment that shows random observations of a space, three steps an episode."""

    def __init__(self, observation_space, action_space):
        self.observation_space, self.action_space, self.steps = observation_space, action_space, 0

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        self.observation_space.seed(seed)
        self.steps = 0
        return self.observation_space.sample(), {}

    def step(self, action):
        self.steps += 1
        return self.observation_space.sample(), float(np.sum(action)), self.steps == 3, False, {}


VECTORS, TWO, THREE = spaces.Box(-1, 1, (4,)), spaces.Discrete(2), spaces.Box(-1, 1, (3,))


def spec_of(net, algorithm="PPO", **settings):
    return {"agent": {"algorithm": {"name": algorithm, **settings}, "net": net}, "env": {"name": "CartPole-v1"}}


def actor_critic(net=MLP, **keys):
    return spec_of({**net, "shared": False, "use_same_optim": True, **keys})


def parameters(module):
    return [parameter.detach().clone() for parameter in module.parameters()]


def equal(a, b):
    return len(a) == len(b) and all(map(torch.equal, a, b))


def seen_by(module):
    """What goes into a module from now on."""
    inputs = []
    module.register_forward_pre_hook(lambda _, args: inputs.append(args[0]))
    return inputs


# --- the nets of the spec


SHARED = spec_of({**MLP, "shared": True, "use_same_optim": True})


@pytest.mark.parametrize(
    "actions", [TWO, spaces.MultiDiscrete([2, 3]), spaces.MultiBinary(3), THREE], ids=lambda space: type(space).__name__
)
@pytest.mark.parametrize("spec", [actor_critic(init_fn="orthogonal_"), SHARED], ids=["apart", "shared"])
def test_ppo_has_the_actor_and_the_critic_of_the_spec(spec, actions):
    env = Shown(VECTORS, actions)
    policy = PPO(env=env, **sb3.arguments(PPO, spec, env), seed=0).policy
    nets, obs = build_nets(spec, env=env, seed=0), torch.randn(5, 4)
    outputs = nets["net"].model(obs)
    own, critic = nets["net"].distribution(outputs), nets["critic_net"].model(obs) if "critic_net" in nets else None
    drawn = own.sample()
    values, log_probs, _ = policy.evaluate_actions(obs, drawn)
    assert torch.equal(values, nets["net"].policy_params(outputs).value if critic is None else critic)
    assert torch.allclose(log_probs, own.log_prob(drawn), atol=1e-6)
    assert torch.equal(policy.predict_values(obs), values)


def test_a_log_standard_deviation_that_is_a_parameter_is_the_specs():
    env = Shown(VECTORS, THREE)
    spec = actor_critic(log_std_init=-0.5)
    for given in (
        sb3.arguments(PPO, spec, env),
        {"policy": "MlpPolicy", "policy_kwargs": sb3.policy_kwargs(spec, env), "learning_rate": 1e-3},
    ):
        found = PPO(env=env, **given).policy.get_distribution(torch.randn(5, 4)).distribution
        assert torch.allclose(found.scale, torch.tensor(-0.5).exp().expand(5, 3))


def test_policy_kwargs_are_the_bodies_of_the_spec_and_linear_output_layers():
    spec = ROOT / "specs" / "ppo_cartpole.json"
    env = Shown(VECTORS, TWO)
    given = sb3.policy_kwargs(spec, env)
    policy = PPO("MlpPolicy", env, policy_kwargs=given, learning_rate=0.001, seed=0).policy
    nets = build_nets(spec, seed=0)
    body = policy.pi_features_extractor.trunk.net.model
    assert equal(parameters(body), parameters(nets["net"].model.model))  # and not drawn anew by ortho_init
    assert str(policy.vf_features_extractor.trunk.net.model) == str(nets["critic_net"].model.model)
    assert policy.pi_features_extractor is not policy.vf_features_extractor
    assert (policy.action_net.in_features, policy.action_net.out_features) == (64, 2)
    assert (policy.value_net.in_features, policy.value_net.out_features) == (64, 1)
    gains = [layer.weight.norm(dim=1)[0].item() for layer in (policy.action_net, policy.value_net)]
    assert gains == pytest.approx([0.01, 1.0])  # actor_init_std and critic_init_std
    owned = sum(parameter.numel() for parameter in policy.parameters())
    assert owned == sum(bundle.parameter_count for bundle in nets.values())


def test_without_init_std_the_output_layers_are_torchs():
    env = Shown(VECTORS, TWO)
    given = sb3.policy_kwargs(actor_critic(), env)
    policy = PPO("MlpPolicy", env, policy_kwargs=given).policy
    assert not given["ortho_init"] and policy.action_net.bias.abs().min() > 0


def test_a_bare_net_block_is_the_body_before_sb3s_output_layers():
    env = Shown(VECTORS, TWO)
    given = sb3.policy_kwargs(MLP, env)
    for algorithm in (PPO, A2C, DQN):
        model = algorithm("MlpPolicy", env, policy_kwargs=given, seed=0)
        extractor = model.q_net.features_extractor if algorithm is DQN else model.policy.features_extractor
        assert equal(parameters(extractor), parameters(build_net(MLP, env=env, seed=0).model.model))


def written_in_the_docs(kind):
    blocks = re.findall(r"```json\n(.*?)```", (ROOT / "docs" / "interop" / "sb3.md").read_text(), re.DOTALL)
    return next(net for net in map(json.loads, blocks) if net["type"] == kind)


def trains_alike(one, other):
    """Whether two models have layers of the same shapes and scale, one optimizer, and clip and follow alike."""
    settings = ("learning_rate", "max_grad_norm", "tau", "target_update_interval")
    defaults = [{**model.policy.optimizer.defaults, "fused": None} for model in (one, other)]
    shapes = [[tuple(p.shape) for p in model.policy.parameters()] for model in (one, other)]
    return (
        sorted(shapes[0]) == sorted(shapes[1])
        and [getattr(one, key, None) for key in settings] == [getattr(other, key, None) for key in settings]
        and defaults[0] == defaults[1]
    )


def largest(model):
    return sorted(round(torch.linalg.norm(p.detach(), 2).item(), 4) for p in model.policy.parameters() if p.dim() == 2)


def test_the_models_that_the_docs_move_to_specs_stay_what_they_were():
    env = gymnasium.make("CartPole-v1")
    spec = spec_of(written_in_the_docs("MLPNet"))
    made = PPO(env=env, **sb3.arguments(PPO, spec, env), device="cpu")
    layers = {"net_arch": {"pi": [128, 64], "vf": [128, 64]}, "activation_fn": torch.nn.ReLU}
    trained = {"optimizer_class": torch.optim.AdamW, "optimizer_kwargs": {"weight_decay": 1e-4}}
    was = PPO("MlpPolicy", env, policy_kwargs={**layers, **trained}, device="cpu")
    assert trains_alike(made, was) and largest(made) == largest(was)
    assert sum(parameter.numel() for parameter in made.policy.parameters()) == 17_987

    images = Shown(spaces.Box(0, 255, (36, 36, 1), np.uint8), TWO)
    spec = spec_of(written_in_the_docs("ConvNet"), "DQN")
    made = DQN(env=images, **sb3.arguments(DQN, spec, images), buffer_size=10, device="cpu")
    assert trains_alike(made, DQN("CnnPolicy", images, buffer_size=10, device="cpu"))


def test_a_features_extractor_keeps_the_heads_of_sb3():
    env = Shown(VECTORS, TWO)
    policy = PPO("MlpPolicy", env, policy_kwargs={**sb3.features_extractor(MLP, env), "net_arch": [16]}).policy
    assert policy.features_extractor.features_dim == 8
    assert policy.action_net.in_features == policy.value_net.in_features == 16


@pytest.mark.parametrize("kind", ["DuelingMLPNet", "MLPNet"])
def test_dqn_has_the_q_net_of_the_spec_and_its_copy(kind):
    env, net = Shown(VECTORS, TWO), {**MLP, "type": kind}
    for spec in (spec_of(net, "DQN"), net):
        model = DQN(env=env, **sb3.arguments(DQN, spec, env), seed=0)
        obs, own = torch.randn(5, 4), build_net(spec, env=env, seed=0)
        assert torch.equal(model.q_net(obs), own.model(obs)) and torch.equal(model.q_net_target(obs), own.model(obs))
        assert equal(parameters(model.q_net), parameters(own.model))


@pytest.mark.parametrize("net", [MLP, CONV], ids=["vectors", "images"])
def test_sac_has_the_actor_and_the_critics_of_the_spec(net):
    space = VECTORS if net is MLP else IMAGES
    env, spec = Shown(space, THREE), spec_of(net, "SoftActorCritic")
    model = SAC(env=env, **sb3.arguments(SAC, spec, env), seed=0, buffer_size=100)
    nets = build_nets(spec, env=env, seed=0)
    obs = torch.rand(5, 4) if net is MLP else torch.randint(256, (5, 3, 12, 12), dtype=torch.uint8)
    mean, log_std, _ = model.actor.get_action_dist_params(obs)
    own = nets["net"].policy_params(nets["net"].model(obs))
    assert torch.equal(mean, own.loc) and torch.allclose(log_std.exp(), own.scale)
    for network, name in zip(model.critic.q_networks, ("q1_net", "q2_net"), strict=True):
        assert str(network.net) == str(nets[name].model)
    actions = torch.rand(5, 3)
    values = model.critic(obs, actions)
    assert [value.shape for value in values] == [(5, 1)] * 2 and not torch.equal(*values)
    assert torch.equal(model.critic_target(obs, actions)[1], values[1])
    assert torch.equal(model.critic.q1_forward(obs, actions), values[0])


FUSION = {
    "type": "TorchArcNet",
    "arc": {
        "modules": {
            "see": {"Sequential": [{"LazyConv2d": {"out_channels": 4, "kernel_size": 3}}, "ReLU", "Flatten"]},
            "feel": {"LazyLinear": {"out_features": 8}},
            "both": "MergeConcat",
        },
        "graph": {
            "input": ["image", "speed"],
            "modules": {"see": "image", "feel": "speed", "both": [["see", "feel"]]},
            "output": "both",
        },
    },
    "normalize": True,
}


def test_a_graph_sees_the_parts_of_a_dict_by_name():
    env = Shown(spaces.Dict({"image": IMAGES, "speed": THREE}), TWO)
    model = PPO("MultiInputPolicy", env, policy_kwargs=sb3.policy_kwargs(FUSION, env), n_steps=4, batch_size=4)
    images = seen_by(model.policy.features_extractor.trunk.net.body.see)
    model.learn(4)
    assert images[0].shape == (1, 3, 12, 12) and 0.5 < max(image.max() for image in images) <= 1


# --- images


@pytest.mark.parametrize("normalize", [True, False])
@pytest.mark.parametrize("whole", [True, False])
def test_images_are_divided_by_255_once(normalize, whole):
    env = Shown(IMAGES, TWO)
    spec = spec_of({**CONV, "normalize": normalize}, "DQN")
    if whole:
        model = DQN(env=env, **sb3.arguments(DQN, spec, env), buffer_size=10)
        first = model.q_net.features_extractor.net.conv_model[0]
    else:
        model = DQN("CnnPolicy", env, policy_kwargs=sb3.policy_kwargs(spec, env), buffer_size=10)
        first = model.q_net.features_extractor.trunk.net.conv_model[0]
    seen = seen_by(first)
    model.predict(np.full((12, 12, 3), 255, np.uint8), deterministic=True)
    assert seen[0].shape == (1, 3, 12, 12) and seen[0].unique().tolist() == [1.0]


def test_no_warning_of_bytes_that_sb3_scales():
    net = {key: value for key, value in CONV.items() if key != "normalize"}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert sb3.policy_kwargs(net, Shown(IMAGES, TWO))["normalize_images"]
    with pytest.warns(SpecWarning, match="bytes"):  # SB3 does not take these for an image
        sb3.policy_kwargs(net, Shown(spaces.Box(0, 9, (12, 12, 3), np.uint8), TWO))


# --- training


@pytest.mark.parametrize(
    ("algorithm", "spec", "actions", "options"),
    [
        (PPO, actor_critic(), TWO, {"n_steps": 8, "batch_size": 8}),
        (A2C, SHARED, THREE, {}),
        (DQN, spec_of({**MLP, "type": "DuelingMLPNet"}, "DQN"), TWO, {"learning_starts": 4, "buffer_size": 50}),
        (SAC, spec_of(MLP, "SoftActorCritic"), THREE, {"learning_starts": 4, "buffer_size": 50}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_an_update_moves_the_nets_and_what_is_saved_is_loaded(algorithm, spec, actions, options, tmp_path):
    env = Shown(VECTORS, actions)
    model = algorithm(env=env, **sb3.arguments(algorithm, spec, env), **options, seed=0)
    before = parameters(model.policy)
    model.learn(12)
    moved = [not torch.equal(a, b) for a, b in zip(before, parameters(model.policy), strict=True)]
    assert any(moved)
    model.save(tmp_path / "model")
    loaded = algorithm.load(tmp_path / "model", env=env)
    assert equal(parameters(loaded.policy), parameters(model.policy))
    loaded.learn(4)
    model.policy.save(tmp_path / "policy")
    alone = type(model.policy).load(tmp_path / "policy")
    assert equal(parameters(alone), parameters(model.policy))


@pytest.mark.slow
@pytest.mark.parametrize("way", ["arguments", "policy_kwargs"])
def test_another_process_loads_what_is_saved(way, tmp_path):
    env = make_vec_env("CartPole-v1")
    spec = ROOT / "specs" / "ppo_cartpole.json"
    given = sb3.arguments(PPO, spec, env)
    if way == "policy_kwargs":
        given = {"policy": "MlpPolicy", "policy_kwargs": sb3.policy_kwargs(spec, env), "learning_rate": 0.001}
    model = PPO(env=env, **given, n_steps=8, batch_size=8).learn(8)
    model.save(tmp_path / "model")
    code = "import sys, stable_baselines3 as s; print(s.PPO.load(sys.argv[1]).policy.predict_values(s.common.utils."
    code += "obs_as_tensor(__import__('numpy').ones((1, 4), 'float32'), 'cpu')).item())"
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "model"], capture_output=True, text=True, check=True)
    assert float(done.stdout) == pytest.approx(model.policy.predict_values(torch.ones(1, 4)).item())


def test_the_optimizer_is_the_specs_and_leaves_out_what_is_frozen():
    env = Shown(VECTORS, TWO)
    spec = actor_critic(optim_spec={"name": "RMSprop", "lr": 0.01, "alpha": 0.8}, freeze=["model"])
    model = PPO(env=env, **sb3.arguments(PPO, spec, env), n_steps=8, batch_size=8, seed=0)
    found = model.policy.optimizer
    assert isinstance(found, torch.optim.RMSprop) and found.param_groups[0]["alpha"] == 0.8
    net = model.policy.features_extractor.net
    body, tail = parameters(net.model), parameters(net.model_tail)
    model.learn(8)
    assert equal(parameters(net.model), body) and not equal(parameters(net.model_tail), tail)


def test_a_learning_rate_that_is_not_the_specs_is_told():
    env, spec = Shown(VECTORS, TWO), actor_critic(optim_spec={"name": "Adam", "lr": 0.01})
    with pytest.warns(SpecWarning, match=r"its own learning rate, 0.0003, and not with the 0.01 .*learning_rate=0.01"):
        PPO("MlpPolicy", env, policy_kwargs=sb3.policy_kwargs(spec, env))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = PPO("MlpPolicy", env, policy_kwargs=sb3.policy_kwargs(spec, env), **sb3.training_kwargs(PPO, spec, env))
    assert model.policy.optimizer.param_groups[0]["lr"] == 0.01 and model.max_grad_norm == float("inf")


def test_training_is_said_in_the_words_of_the_algorithm():
    env = Shown(VECTORS, TWO)
    net = {**MLP, "clip_grad_val": 0.7, "optim_spec": {"name": "Adam", "lr": 0.02}, "gpu": False}
    net |= {"update_type": "polyak", "update_frequency": 5, "polyak_coef": 0.1}
    given = {"learning_rate": 0.02, "max_grad_norm": 0.7, "device": "cpu"}
    assert sb3.training_kwargs(DQN, net, env) == {**given, "tau": 0.1, "target_update_interval": 5}
    assert sb3.training_kwargs(PPO, net, env) == given
    copied = {**MLP, "update_type": "replace", "update_frequency": 100}
    assert sb3.training_kwargs(DQN, copied, env)["tau"] == 1.0
    assert sb3.training_kwargs(DQN, MLP, env) == {"learning_rate": 0.001, "max_grad_norm": float("inf")}


SCHEDULE = {"lr_scheduler_spec": {"name": "LinearToZero", "frame": 1000}}


@pytest.mark.parametrize(
    ("algorithm", "keys", "told"),
    [
        (PPO, SCHEDULE, "the learning rate stays as it is"),
        (SAC, {"clip_grad_val": 1.0}, "gradients are not clipped: SAC of Stable-Baselines3 does not clip"),
        (PPO, {"clip_grad_val": 1.0, "clip_grad_type": "value"}, "clips by the norm alone"),
        (DQN, {"loss_spec": {"name": "MSELoss"}}, "DQN of Stable-Baselines3 has SmoothL1Loss"),
        (PPO, {"lr_scale": {"body": 0.1}}, "one learning rate for all of a net"),
    ],
)
def test_what_the_algorithm_has_no_argument_for_is_told_at_its_place(algorithm, keys, told):
    with pytest.warns(SpecWarning, match=told) as caught:
        sb3.training_kwargs(algorithm, {**MLP, **keys}, Shown(VECTORS, THREE if algorithm is SAC else TWO))
    assert [(warning.message.problem.path[0], Path(warning.filename).name) for warning in caught] == [
        (next(iter(keys)), "test_sb3.py")
    ]


# --- what is refused


RECURRENT = {
    "type": "RecurrentNet",
    "seq_len": 4,
    "fc_hid_layers": [],
    "rnn_hidden_size": 8,
    "hid_layers_activation": "relu",
}
HYDRA = {"type": "HydraMLPNet", "hid_layers": [[[8]], [8], []], "hid_layers_activation": "relu"}
DUELING = {**MLP, "type": "DuelingMLPNet"}
ENDS = {
    "modules": {"body": {"LazyLinear": {"out_features": 8}}, "left": "Tanh", "right": "ReLU"},
    "graph": {
        "input": "x",
        "modules": {"body": "x", "left": "body", "right": "body"},
        "output": {"policy": "left", "value": "right"},
    },
}


@pytest.mark.parametrize(
    ("spec", "actions", "told"),
    [
        (RECURRENT, TWO, r"reads \(4, 4\), and Stable-Baselines3 shows it one observation \(4\) at a time"),
        (DUELING, TWO, "not the two of a DuelingMLPNet"),
        (spec_of(DUELING, "DQN"), TWO, "not the two of a DuelingMLPNet"),
        (spec_of(MLP, "SoftActorCritic"), THREE, "SB3's own critics are not the spec's"),
        (actor_critic(critic_dropout=0.5), TWO, "the bodies of actor and critic alike"),
        (actor_critic(out_layer_activation="tanh"), TWO, "no activation behind its output layers"),
        (actor_critic(), THREE, "log standard deviation is a parameter"),
        (actor_critic(amp="bf16"), TWO, "32 bits"),
        (actor_critic(init_from={"folder": "x"}), TWO, "weights are read by build_net"),
        (spec_of({**MLP, "shared": True}, "PPO", action_pdtype="GumbelSoftmax"), TWO, "action_pdtype 'GumbelSoftmax'"),
        (spec_of({**MLP, "normalize_obs": "running"}, "DQN"), TWO, "do not take over the statistics of normalize_obs"),
        (spec_of({"type": "TorchArcNet", "arc": ENDS, "shared": True}), TWO, "the tails see 2 outputs"),
    ],
)
def test_what_sb3s_own_policies_cannot_be_is_refused_in_a_sentence(spec, actions, told):
    with warnings.catch_warnings(), pytest.raises(SpecError, match=told) as caught:
        warnings.simplefilter("ignore")
        sb3.policy_kwargs(spec, Shown(VECTORS, actions))
    assert len(caught.value.problems) == 1 and caught.value.problems[0].hint


@pytest.mark.parametrize(
    ("algorithm", "spec", "actions", "told"),
    [
        (PPO, RECURRENT, TWO, "with no memory of those before"),
        (PPO, MLP, TWO, "needs nets for an actor and a critic .*, and here are a net block alone"),
        (PPO, spec_of(MLP, "DQN"), TWO, "here are those of DQN"),
        (DQN, actor_critic(), TWO, "needs nets for Q-values"),
        (SAC, spec_of(MLP, "SoftActorCritic"), TWO, "SoftActorCritic for continuous actions"),
        (
            DQN,
            spec_of({**MLP, "normalize_obs": "running"}, "DQN"),
            TWO,
            "do not take over the statistics of normalize_obs",
        ),
    ],
)
def test_what_no_policy_of_the_algorithm_can_be_is_refused_in_a_sentence(algorithm, spec, actions, told):
    with pytest.raises(SpecError, match=told):
        sb3.arguments(algorithm, spec, Shown(VECTORS, actions))


def test_several_inputs_without_names_are_refused():
    env = Shown(spaces.Dict({"a": THREE, "b": THREE}), TWO)
    with pytest.raises(SpecError, match="takes a list of observations"):
        sb3.features_extractor({**HYDRA, "hid_layers": [[[8], [8]], [8], []]}, env)


def test_other_algorithms_and_gsde_are_refused():
    with pytest.raises(ValueError, match="TD3 is none of PPO, A2C, DQN and SAC"):
        sb3.arguments(TD3, actor_critic(), Shown(VECTORS, THREE))
    env = Shown(VECTORS, THREE)
    with pytest.raises(ValueError, match="use_sde=True puts a layer"):
        PPO(env=env, **sb3.arguments(PPO, actor_critic(), env), use_sde=True)


def test_the_same_net_may_read_the_sequences_that_an_environment_shows():
    env = Shown(spaces.Box(-1, 1, (4, 3)), TWO)
    policy = PPO("MlpPolicy", env, policy_kwargs=sb3.policy_kwargs(RECURRENT, env)).policy
    assert policy.action_net.in_features == 8


def test_an_environment_is_an_id_a_made_one_vectors_of_them_or_a_pair_of_spaces():
    made = gymnasium.make("CartPole-v1")
    for env in ("CartPole-v1", made, make_vec_env("CartPole-v1", 2), (made.observation_space, made.action_space)):
        assert sb3.features_extractor(MLP, env)["features_extractor_kwargs"]["action_space"] == spaces.Discrete(2)


def test_the_spec_of_a_file_is_chosen_and_changed_as_by_load_spec():
    changed = {
        "agent.0.net.hid_layers": [3],
        "agent.0.net.lr_scheduler_spec": None,
        "agent.0.net.loss_spec": {"name": "SmoothL1Loss"},
    }
    given = sb3.arguments(DQN, ROOT / "specs" / "dqn_cartpole.json", "CartPole-v1", overrides=changed)
    assert given["policy_kwargs"]["spec"]["agent"][0]["net"]["hid_layers"] == [3]
    assert slm_net.validate(given["policy_kwargs"]["spec"]) == []


def test_a_missing_library_says_what_to_install(monkeypatch):
    monkeypatch.setattr("slm_net.extras.find_spec", lambda name: None)
    monkeypatch.delitem(sys.modules, "slm_net.interop.sb3")
    with pytest.raises(ImportError, match=r'pip install "slm_net\[sb3\]"'):
        importlib.import_module("slm_net.interop.sb3")


# --- the recipes


def run(recipe, *options):
    command = [sys.executable, ROOT / "examples" / "interop" / recipe, *options]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.slow
@pytest.mark.parametrize("recipe", ["sb3_ppo.py", "sb3_dqn.py"])
def test_a_recipe_runs(recipe):
    assert "mean return of" in run(recipe, "--steps", "300")


@pytest.mark.interop
def test_ppo_solves_cartpole():
    assert float(run("sb3_ppo.py").split()[5]) >= 475


@pytest.mark.interop
def test_dqn_catches_what_falls():
    assert float(run("sb3_dqn.py").split()[5]) >= 0.9
