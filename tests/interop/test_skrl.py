"""skrl with the nets of a spec: the same nets and numbers under its names, trained by its agents; what is refused."""

import importlib
import subprocess
import sys
from pathlib import Path

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium import spaces
from skrl.agents.torch.dqn import DQN, DQN_CFG
from skrl.agents.torch.ppo import PPO, PPO_CFG
from skrl.agents.torch.sac import SAC, SAC_CFG
from skrl.envs.wrappers.torch import wrap_env
from skrl.memories.torch import RandomMemory
from skrl.trainers.torch import SequentialTrainer

from slm_net import SpecError, SpecWarning, build_nets
from slm_net.interop import skrl

ROOT = Path(__file__).parents[2]
MLP = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "tanh"}
VECTORS, TWO, THREE = spaces.Box(-1, 1, (4,)), spaces.Discrete(2), spaces.Box(-2, 4, (3,))


def spec_of(net, algorithm="PPO", **settings):
    return {"agent": {"algorithm": {"name": algorithm, **settings}, "net": net}, "env": {"name": "CartPole-v1"}}


APART = spec_of({**MLP, "shared": False, "use_same_optim": True})
SHARED = spec_of({**MLP, "shared": True, "use_same_optim": True})


def flat(*values):
    return {"observations": torch.tensor(values, dtype=torch.float32)}


def models_and_nets(spec, env):
    """The models, and the nets of which they have the weights."""
    torch.manual_seed(0)
    return skrl.models(spec, env, "cpu"), build_nets(spec, env=env, seed=0)


# --- models


@pytest.mark.parametrize("actions", [TWO, spaces.MultiDiscrete([2, 3]), THREE], ids=lambda space: type(space).__name__)
@pytest.mark.parametrize("spec", [APART, SHARED], ids=["apart", "shared"])
def test_a_policy_and_a_value_are_the_nets_of_the_spec(spec, actions):
    models, nets = models_and_nets(spec, (VECTORS, actions))
    assert list(models) == ["policy", "value"] and (models["policy"] is models["value"]) == (spec is SHARED)
    inputs = flat([0.1, -0.2, 0.3, 0.4], [1.0, 1.0, 1.0, 1.0])
    outputs = nets["net"].model(inputs["observations"])
    own = nets["net"].distribution(outputs)
    drawn, about = models["policy"].act(inputs, role="policy")
    assert drawn.shape == (2, 1 if actions is TWO else actions.shape[0])
    log_prob = own.log_prob(drawn[:, 0] if actions is TWO else drawn)
    assert torch.allclose(about["log_prob"], log_prob[:, None], atol=1e-6)
    _, about = models["policy"].act({**inputs, "taken_actions": drawn}, role="policy")
    assert torch.allclose(about["log_prob"], log_prob[:, None], atol=1e-6)
    entropy = models["policy"].get_entropy(role="policy")
    assert torch.allclose(entropy.flatten(), own.entropy(), atol=1e-6)
    value, _ = models["value"].act(inputs, role="value")
    critic = nets["critic_net"].model(inputs["observations"]) if spec is APART else outputs[-1]
    assert torch.allclose(value, critic) and value.shape == (2, 1)


def test_a_shared_net_runs_once_for_both_roles_of_the_same_observations():
    policy = skrl.models(SHARED, (VECTORS, TWO), "cpu")["policy"]
    runs = []
    policy.net.register_forward_hook(lambda *_: runs.append(1))
    first, other = flat([0.0] * 4), flat([1.0] * 4)
    policy.act(first, role="policy")
    value, _ = policy.act(first, role="value")
    assert len(runs) == 1
    policy.act(first, role="policy")
    assert not torch.equal(policy.act(other, role="value")[0], value) and len(runs) == 3
    with torch.no_grad():
        policy.act(first, role="policy")
    assert policy.act(first, role="value")[0].requires_grad


def test_q_values_and_their_target():
    net = {**MLP, "type": "DuelingMLPNet"}
    models, nets = models_and_nets(spec_of(net, "DQN"), (VECTORS, TWO))
    assert list(models) == ["q_network", "target_q_network"]
    inputs = flat([0.1, -0.2, 0.3, 0.4])
    assert torch.equal(models["q_network"].act(inputs)[0], nets["net"].model(inputs["observations"]))
    assert list(skrl.models(net, (VECTORS, TWO), "cpu")) == ["q_network", "target_q_network"]


def test_sac_draws_within_the_bounds_and_its_critics_see_the_squashed_actions():
    spec = spec_of(MLP, "SoftActorCritic")
    models, nets = models_and_nets(spec, (VECTORS, THREE))
    assert list(models) == ["policy", "critic_1", "critic_2", "target_critic_1", "target_critic_2"]
    inputs = {"observations": torch.randn(500, 4)}
    actions, about = models["policy"].act(inputs, role="policy")
    assert -2 < actions.min() < -1 and 3 < actions.max() < 4 and actions.requires_grad
    squashed = (actions - 1) / 3
    own = nets["net"].distribution(nets["net"].model(inputs["observations"]))
    assert torch.allclose(about["log_prob"][:, 0], own.log_prob(squashed), atol=1e-2)
    assert about["mean_actions"].shape == (500, 3)
    value, _ = models["critic_1"].act({**inputs, "taken_actions": actions}, role="critic_1")
    pair = torch.cat([inputs["observations"], squashed], dim=-1)
    assert torch.allclose(value, models["critic_1"].net.net(pair), atol=1e-5)


def test_observations_are_read_in_the_form_of_their_space():
    choices = skrl.models(APART, (spaces.Discrete(5), TWO), "cpu")["policy"]
    seen = choices.seen(flat([3.0], [0.0]))
    assert seen.tolist() == [[0, 0, 0, 1, 0], [1, 0, 0, 0, 0]]
    net = {"type": "ConvNet", "conv_hid_layers": [[2, 3]], "fc_hid_layers": [], "hid_layers_activation": "relu"}
    images = spaces.Box(0, 255, (6, 6, 3), np.uint8)
    policy = skrl.models({**net, "normalize": True}, (images, TWO), "cpu")["policy"]
    first = []
    policy.net.conv_model[0].register_forward_pre_hook(lambda _, args: first.append(args[0]))
    policy.act({"observations": torch.full((2, 108), 255.0)}, role="policy")
    assert first[0].shape == (2, 3, 6, 6) and first[0].unique().tolist() == [1.0]


def test_an_environment_of_skrl_is_taken_too_and_a_bare_block_is_a_policy():
    env = wrap_env(gymnasium.make_vec("CartPole-v1", 2, "sync"), verbose=False)
    assert list(skrl.models(MLP, env)) == list(skrl.models(MLP, "CartPole-v1")) == ["policy"]
    with pytest.raises(ValueError, match="no value"):
        skrl.models(MLP, env, "cpu")["policy"].act(flat([0.0] * 4), role="value")


# --- training


def trained(agent, cfg, spec, env_id, copies=1, **settings):
    """An agent of skrl after a few steps, and the weights of its models before."""
    made = gymnasium.make_vec(env_id, copies, "sync") if copies > 1 else gymnasium.make(env_id)
    env = wrap_env(made, verbose=False)
    models = skrl.models(spec, env)
    before = {name: [one.detach().clone() for one in model.parameters()] for name, model in models.items()}
    config = cfg(**skrl.training_kwargs(cfg, spec, env), **settings)
    config.experiment.write_interval = config.experiment.checkpoint_interval = 0
    own = {"observation_space": env.observation_space, "action_space": env.action_space, "device": env.device}
    memory = RandomMemory(memory_size=16, num_envs=copies, device=env.device)
    made = agent(models=models, memory=memory, cfg=config, **own)
    options = {"timesteps": 16, "headless": True, "disable_progressbar": True}
    options["close_environment_at_exit"] = False
    SequentialTrainer(cfg=options, env=env, agents=made).train()
    return made, before


@pytest.mark.parametrize(
    ("agent", "cfg", "spec", "env_id", "options"),
    [
        (PPO, PPO_CFG, APART, "CartPole-v1", {"copies": 2, "rollouts": 16}),
        (PPO, PPO_CFG, SHARED, "Pendulum-v1", {"copies": 2, "rollouts": 16}),
        (DQN, DQN_CFG, spec_of({**MLP, "type": "DuelingMLPNet"}, "DQN"), "CartPole-v1", {"batch_size": 4}),
        (SAC, SAC_CFG, spec_of(MLP, "SoftActorCritic"), "Pendulum-v1", {"batch_size": 4}),
    ],
    ids=["ppo apart", "ppo shared, gaussian", "dqn", "sac"],
)
def test_agents_train_the_models(agent, cfg, spec, env_id, options):
    made, before = trained(agent, cfg, spec, env_id, **options)
    for name, model in made.models.items():
        moved = [not torch.equal(a, b) for a, b in zip(before[name], model.parameters(), strict=True)]
        assert all(moved) and all(parameter.isfinite().all() for parameter in model.parameters()), name


def test_training_is_said_in_the_words_of_the_configuration():
    net = {**MLP, "clip_grad_val": 0.7, "optim_spec": {"name": "Adam", "lr": 0.02}}
    polyak = {"update_type": "polyak", "update_frequency": 5, "polyak_coef": 0.1}
    spaces_of = (VECTORS, TWO)
    assert skrl.training_kwargs(PPO_CFG, net, spaces_of) == {"learning_rate": 0.02, "grad_norm_clip": 0.7}
    assert skrl.training_kwargs(PPO_CFG, MLP, spaces_of) == {"learning_rate": 0.001, "grad_norm_clip": 0.0}
    followed = {"learning_rate": 0.001, "polyak": 0.1, "target_update_interval": 5}
    assert skrl.training_kwargs(DQN_CFG, {**MLP, **polyak}, spaces_of) == followed
    with pytest.warns(SpecWarning, match="SAC_CFG of skrl has no update_frequency"):
        assert skrl.training_kwargs(SAC_CFG, {**MLP, **polyak}, (VECTORS, THREE))["polyak"] == 0.1
    with pytest.warns(SpecWarning, match="DQN of skrl does not clip"):
        skrl.training_kwargs(DQN_CFG, net, spaces_of)


@pytest.mark.parametrize("optim_spec", [{"name": "RMSprop"}, {"name": "Adam", "betas": [0.5, 0.9]}])
def test_an_optimizer_that_is_not_skrls_is_told(optim_spec):
    with pytest.warns(SpecWarning, match="skrl trains with Adam") as caught:
        skrl.models({**MLP, "optim_spec": optim_spec}, (VECTORS, TWO))
    assert caught[0].message.problem.pointer == "/optim_spec"


# --- what is refused


RECURRENT = {"type": "RecurrentNet", "seq_len": 4, "fc_hid_layers": [], "rnn_hidden_size": 8}
RECURRENT["hid_layers_activation"] = "relu"


NORMED = {
    "type": "TorchArcNet",
    "arc": {
        "modules": {"norm": {"LazyBatchNorm1d": {}}},
        "graph": {"input": "x", "modules": {"norm": "x"}, "output": "norm"},
    },
}


@pytest.mark.parametrize(
    ("spec", "actions", "told"),
    [
        (spec_of(NORMED, "DQN"), TWO, "do not take over the statistics of the net"),
        (RECURRENT, TWO, r"reads \(4, 4\), and skrl shows it one observation \(4\) at a time"),
        (APART, spaces.MultiBinary(3), "skrl has no policy of multi-binary actions"),
        (spec_of(MLP, "SoftActorCritic"), TWO, "SAC of skrl has no policy of discrete actions"),
        (spec_of({**MLP, "batch_norm": True}, "DQN"), TWO, "do not take over the statistics of batch_norm"),
        (
            spec_of({**MLP, "normalize_obs": "running"}, "SoftActorCritic"),
            THREE,
            "do not take over the statistics of normalize_obs",
        ),
        (
            spec_of({**MLP, "shared": True, "use_same_optim": True}, "PPO", action_pdtype="GumbelSoftmax"),
            TWO,
            "action_pdtype 'GumbelSoftmax', which skrl has not",
        ),
        (spec_of({**MLP, "amp": "bf16"}, "DQN"), TWO, "32 bits"),
    ],
)
def test_what_skrl_has_no_place_for_is_refused_in_a_sentence(spec, actions, told):
    with pytest.raises(SpecError, match=told):
        skrl.models(spec, (VECTORS, actions))


def test_a_missing_library_says_what_to_install(monkeypatch):
    monkeypatch.setattr("slm_net.extras.find_spec", lambda name: None)
    monkeypatch.delitem(sys.modules, "slm_net.interop.skrl")
    with pytest.raises(ImportError, match=r'pip install "slm_net\[skrl\]"'):
        importlib.import_module("slm_net.interop.skrl")


# --- the recipe


def run(*options):
    command = [sys.executable, ROOT / "examples" / "interop" / "skrl_ppo.py", *options]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.slow
def test_the_recipe_runs():
    assert "mean return of" in run("--steps", "2048")


@pytest.mark.interop
def test_ppo_learns_cartpole():
    assert float(next(line for line in run().splitlines() if line.startswith("mean")).split()[5]) >= 400
