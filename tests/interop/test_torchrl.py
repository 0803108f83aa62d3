"""Nets as torchrl's modules: keys and batches, losses that train them by the spec, what is refused."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import slm_net
from slm_net.extras import MissingExtra
from slm_net.interop import torchrl
from slm_net.spaces import Action

pytest.importorskip("torchrl")
ROOT = Path(__file__).parents[2]
MLP = {"type": "MLPNet", "hid_layers": [16], "hid_layers_activation": "tanh", "clip_grad_val": 0.5}
POLYAK = {"update_type": "polyak", "polyak_coef": 0.1}
OF_CARTPOLE, OF_PENDULUM = "CartPole-v1", "Pendulum-v1"


def spec_of(algorithm, env=OF_CARTPOLE, **net):
    keys = {"shared": False, "use_same_optim": True} if algorithm == "PPO" else {}
    return {"agent": {"algorithm": {"name": algorithm}, "net": {**MLP, **keys, **net}}, "env": {"name": env}}


def squashed(version=5, **net):
    spec = spec_of("SoftActorCritic", OF_PENDULUM, **POLYAK, **net)
    space = pytest.importorskip("gymnasium").spaces
    env = space.Box(-1, 1, (3,)), space.Box(-1, 1, (2,))
    return slm_net.build_nets(spec, env=env, seed=0, slm_lab_version=version)


def transitions(dim, action, *, batch=(12,), **more):
    from tensordict import TensorDict

    random = torch.Generator().manual_seed(7)
    seen, after = torch.randn(2, *batch, dim, generator=random)
    ends = torch.rand(*batch, 1, generator=random) < 0.2
    next_ones = {"observation": after, "reward": torch.randn(*batch, 1, generator=random), "done": ends}
    return TensorDict(
        {"observation": seen, "action": action, "next": {**next_ones, "terminated": ends}, **more}, batch_size=batch
    )


def vector(bundle):
    # by name, as torchrl puts parameters back in another order
    return torch.cat([tensor.flatten() for _, tensor in sorted(bundle.model.state_dict().items())])


# --- keys, batches, distributions


@pytest.mark.parametrize("batch", [(), (5,), (4, 3)])
def test_an_actor_writes_an_action_for_any_batch(batch):
    from tensordict import TensorDict

    nets = slm_net.build_nets(spec_of("PPO"), seed=0)
    actor, critic = torchrl.actor(nets), torchrl.critic(nets)
    assert actor.bundle is nets["net"] and critic.bundle is nets["critic_net"]
    obs = torch.randn(*batch, 4)
    found = critic(actor(TensorDict({"observation": obs}, batch_size=batch)))
    assert found["action"].shape == batch and found["action"].dtype == torch.int64
    assert found["state_value"].shape == (*batch, 1)
    one = obs.reshape(-1, 4)
    policy = nets["net"].distribution(nets["net"].model(one))
    expected = policy.log_prob(found["action"].reshape(-1)).reshape(batch)
    torch.testing.assert_close(found["action_log_prob"], expected)
    torch.testing.assert_close(found["state_value"].reshape(-1, 1), nets["critic_net"].model(one))


@pytest.mark.parametrize(
    ("action", "pdtype"),
    [
        (Action("discrete", (3,)), "default"),
        (Action("multi-discrete", (3, 2)), "default"),
        (Action("multi-binary", (4,)), "default"),
        (Action("continuous", (2,)), "Normal"),
        (Action("continuous", (1,)), "NormalTanh"),
        (Action("continuous", (2,)), "MultivariateNormal"),
    ],
)
def test_the_distribution_is_that_of_the_bundle(action, pdtype):
    from tensordict import TensorDict
    from torchrl.envs.utils import ExplorationType, set_exploration_type

    width = action.sizes[0]
    widths = [2] if (action.kind, width) == ("continuous", 1) else [width] * 2
    out = {"discrete": width, "multi-binary": width, "multi-discrete": [*action.sizes]}.get(action.kind, widths)
    bundle = slm_net.build_net(MLP, in_dim=4, out_dim=out, seed=0)
    bundle.action, bundle.action_pdtype = action, pdtype
    actor, obs = torchrl.actor(bundle), torch.randn(6, 4)
    policy = bundle.distribution(bundle.model(obs))
    drawn = actor(TensorDict({"observation": obs}, batch_size=[6]))
    torch.testing.assert_close(drawn["action_log_prob"], policy.log_prob(drawn["action"]), atol=1e-4, rtol=1e-4)
    with set_exploration_type(ExplorationType.DETERMINISTIC):
        likeliest = actor(TensorDict({"observation": obs}, batch_size=[6]))["action"]
    acted = torch.from_numpy(bundle.act(obs, deterministic=True))
    torch.testing.assert_close(likeliest, acted, check_dtype=False)


def test_keys_have_other_names_on_demand():
    from tensordict import TensorDict

    nets = slm_net.build_nets(spec_of("DQN"), seed=0)
    net = torchrl.q_value(nets, in_keys=["state"], out_keys=["a", "q", "chosen"])
    found = net(TensorDict({"state": torch.randn(3, 4)}, batch_size=[3]))
    assert found["q"].shape == (3, 2) and torch.equal(found["a"], found["q"].argmax(-1))
    assert torch.equal(found["chosen"][:, 0], found["q"].amax(-1))


def test_images_and_codes_come_as_the_environment_shows_them():
    gymnasium = pytest.importorskip("gymnasium")
    conv = {"type": "ConvNet", "conv_hid_layers": [[4, 3, 2, 0, 1]], "fc_hid_layers": [8], "normalize": True}
    image = gymnasium.spaces.Box(0, 255, (12, 10, 3), "uint8"), gymnasium.spaces.Discrete(2)
    bundle = slm_net.build_net({**conv, "hid_layers_activation": "relu"}, env=image, seed=0)
    shown = torch.randint(256, (2, 5, 12, 10, 3), dtype=torch.uint8)
    logits = torchrl.actor(bundle).module[0](observation=shown)
    torch.testing.assert_close(logits[1], bundle.model(shown[1].movedim(-1, 1)))
    codes = slm_net.build_net(MLP, env="FrozenLake-v1", seed=0)
    numbers = torch.tensor([[3, 0], [5, 15]])
    one_hot = torch.nn.functional.one_hot(numbers, 16)
    read = torchrl.actor(codes).module[0]
    assert read(observation=numbers).shape == (2, 2, 4)
    assert torch.equal(read(observation=numbers), read(observation=one_hot))


def test_a_graph_reads_each_of_its_inputs():
    spaces = pytest.importorskip("gymnasium").spaces
    seen = {"image": spaces.Box(0, 255, (64, 64, 3), "uint8"), "speed": spaces.Box(-1, 1, (2,))}
    file = ROOT / "specs" / "arc_fusion.yaml"
    bundle = slm_net.build_net(file, env=(spaces.Dict(seen), spaces.Discrete(2)), seed=0)
    read = torchrl.actor(bundle)
    assert sorted(read.in_keys) == ["image", "speed"]


def test_a_spec_is_built_on_the_way():
    critic = torchrl.critic(MLP, in_dim=4, seed=3)
    assert critic.bundle.out_dim == 1
    torch.testing.assert_close(
        vector(torchrl.actor(spec_of("PPO"), seed=3).bundle),
        vector(slm_net.build_nets(spec_of("PPO"), seed=3)["net"]),
    )
    assert torchrl.critic(spec_of("PPO")).bundle.gives == "value"
    assert torchrl.q_value({**MLP, "type": "QMLPNet"}, in_dim=[3, 2], out_dim=1).in_keys == ["observation", "action"]


def test_a_shared_net_is_actor_and_critic():
    nets = slm_net.build_nets(spec_of("PPO", shared=True), seed=0)
    actor, critic = torchrl.actor(nets), torchrl.critic(nets)
    assert actor.bundle is critic.bundle
    obs = torch.randn(3, 4)
    torch.testing.assert_close(critic.module(obs), nets["net"].model(obs)[-1])


# --- losses


def test_ppo_trains_the_agent():
    from torchrl.objectives import ClipPPOLoss

    nets, twins = (slm_net.build_nets(spec_of("PPO"), seed=0) for _ in range(2))
    actor = torchrl.actor(nets)
    data = actor(transitions(4, torch.zeros(12, dtype=torch.int64)).exclude("action")).detach()
    data["advantage"], data["value_target"] = torch.randn(12, 1), torch.randn(12, 1)
    loss = ClipPPOLoss(
        actor, torchrl.critic(nets), entropy_coeff=0.1, critic_coeff=1.0, loss_critic_type="l2", clip_epsilon=0.2
    )
    for _ in range(3):
        losses = loss(data)
        nets.train_step(losses["loss_objective"] + losses["loss_entropy"] + losses["loss_critic"])
        policy = twins["net"].distribution(twins["net"].model(data["observation"]))
        ratio, gains = (policy.log_prob(data["action"]) - data["action_log_prob"]).exp(), data["advantage"][:, 0]
        surrogate = torch.min(ratio * gains, ratio.clamp(0.8, 1.2) * gains)
        value_loss = (twins["critic_net"].model(data["observation"]) - data["value_target"]).square().mean()
        twins.train_step(value_loss - (surrogate + 0.1 * policy.entropy()).mean(), "net", "critic_net")
    for name in ("net", "critic_net"):
        torch.testing.assert_close(vector(nets[name]), vector(twins[name]), atol=1e-5, rtol=0)


@pytest.mark.parametrize("normalize", [None, "running"])
def test_statistics_of_observations_are_those_of_the_net(normalize):
    from torchrl.objectives import ClipPPOLoss

    nets = slm_net.build_nets(spec_of("PPO", normalize_obs=normalize), seed=0)
    actor = torchrl.actor(nets)
    data = actor(transitions(4, torch.zeros(12, dtype=torch.int64)).exclude("action")).detach()
    data["advantage"], data["value_target"] = torch.randn(12, 1), torch.randn(12, 1)
    losses = ClipPPOLoss(actor, torchrl.critic(nets))(data)
    nets.train_step(losses["loss_objective"] + losses["loss_critic"])
    if normalize:
        norm = nets["net"].model.obs_norms[0]
        assert norm.count >= 24 and nets["critic_net"].model.obs_norms[0].count >= 12
        torch.testing.assert_close(norm.mean, data["observation"].mean(0))


@pytest.mark.parametrize("double", [False, True])
def test_dqn_follows_the_agents_target(double):
    from torchrl.objectives import DQNLoss

    nets, twins = (slm_net.build_nets(spec_of("DQN", **POLYAK), seed=0) for _ in range(2))
    data = transitions(4, torch.arange(12) % 2)
    made = DQNLoss(torchrl.q_value(nets), double_dqn=double)
    loss = torchrl.bind(made, nets)
    loss.make_value_estimator(gamma=0.9)
    going = ~data["next", "terminated"][:, 0]
    for _ in range(3):
        nets.train_step(loss(data)["loss"], "net")
        net, target = twins["net"], twins["target_net"]
        after = target.model(data["next", "observation"])
        chosen = net.model(data["next", "observation"]) if double else after
        best = after[range(12), chosen.argmax(-1)].detach()
        goals = data["next", "reward"][:, 0] + 0.9 * going * best
        twins.train_step((net.model(data["observation"])[range(12), data["action"]] - goals).square().mean(), "net")
        assert nets.update_targets() == twins.update_targets() == ["target_net"]
    for name in ("net", "target_net"):
        torch.testing.assert_close(vector(nets[name]), vector(twins[name]), atol=1e-5, rtol=0)


@pytest.mark.parametrize(("version", "kind"), [(4, "QMLPNet"), (5, "MLPNet")])
def test_sac_trains_both_q_nets_the_policy_and_the_temperature(version, kind):
    from torchrl.objectives import SACLoss

    nets, twins = squashed(version), squashed(version)
    assert type(nets["q1_net"].model).__name__ == kind
    data = transitions(3, torch.rand(12, 2) * 2 - 1)
    loss = torchrl.bind(SACLoss(torchrl.actor(nets), torchrl.q_values(nets), loss_function="l2"), nets)
    loss.make_value_estimator(gamma=0.9)
    for step in range(3):
        torch.manual_seed(step)
        losses = loss(data)
        nets.train_step(losses["loss_qvalue"] + losses["loss_actor"] + losses["loss_alpha"])
        torch.manual_seed(step)
        soft_actor_critic(twins, data)
        assert nets.update_targets() == twins.update_targets() == ["target_q1_net", "target_q2_net"]
    for name in nets:
        torch.testing.assert_close(vector(nets[name]), vector(twins[name]), atol=2e-5, rtol=0)
    assert nets.log_alpha.item() == pytest.approx(twins.log_alpha.item(), abs=1e-6) != 0


def soft_actor_critic(nets, data):
    """The three losses by hand, all of the weights from before, and a step of each."""

    def q(name, obs, action):
        model = nets[name].model
        pair = obs, action
        return (model(*pair) if type(model).__name__ == "QMLPNet" else model(torch.cat(pair, -1)))[:, 0]

    obs, after = data["observation"], data["next", "observation"]
    alpha = nets.log_alpha.exp().detach()
    with torch.no_grad():
        policy = nets["net"].distribution(nets["net"].model(after))
        action = policy.rsample()
        least = torch.min(q("target_q1_net", after, action), q("target_q2_net", after, action))
        soft = least - alpha * policy.log_prob(action)
        goals = data["next", "reward"][:, 0] + 0.9 * ~data["next", "terminated"][:, 0] * soft
    q_loss = sum((q(name, obs, data["action"]) - goals).square().mean() for name in ("q1_net", "q2_net"))
    policy = nets["net"].distribution(nets["net"].model(obs))
    action = policy.rsample()
    log_prob = policy.log_prob(action)
    actor_loss = (alpha * log_prob - torch.min(q("q1_net", obs, action), q("q2_net", obs, action))).mean()
    alpha_loss = -(nets.log_alpha * (log_prob.detach() + nets.target_entropy)).mean()
    grads = torch.autograd.grad(actor_loss, list(nets["net"].model.parameters()), retain_graph=True)
    assert all(grad is not None for grad in grads)
    # the graph of the policy's loss is made before the Q nets change, as in SACLoss
    nets.train_step(actor_loss, "net")
    nets.train_step(q_loss, "q1_net", "q2_net")
    nets.train_step(alpha_loss, "log_alpha")


def test_without_bind_a_loss_that_trains_copies_is_refused():
    from torchrl.objectives import SACLoss

    nets = squashed()
    loss = SACLoss(torchrl.actor(nets), torchrl.q_values(nets), target_entropy=-2.0)
    with pytest.raises(ValueError, match="reaches none of the"):
        nets.train_step(loss(transitions(3, torch.rand(12, 2)))["loss_qvalue"], "q1_net", "q2_net")


def test_bind_says_what_does_not_fit():
    from torchrl.objectives import DQNLoss, SACLoss

    nets, others = squashed(), slm_net.build_nets(spec_of("DQN"))
    with pytest.raises(ValueError, match=r"has 3 Q nets, and the agent 2 \(q1_net, q2_net\)"):
        torchrl.bind(SACLoss(torchrl.actor(nets), torchrl.q_value(nets), num_qvalue_nets=3, target_entropy=0.0), nets)
    kept = squashed(normalize_obs="running")
    with pytest.raises(ValueError, match="q1_net and q2_net as one module, in which batch norm and normalize_obs"):
        torchrl.bind(SACLoss(torchrl.actor(kept), torchrl.q_values(kept)), kept)
    with pytest.raises(ValueError, match="DQNLoss has no net of this agent"):
        torchrl.bind(DQNLoss(torchrl.q_value(others)), nets)


# --- what is refused


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: torchrl.actor(RECURRENT, in_dim=[4, 3], out_dim=2), "RecurrentNet carries a state from step to step"),
        (lambda: torchrl.actor(spec_of("DQN")), "no distribution: use torchrl.q_value"),
        (lambda: torchrl.q_value(spec_of("PPO")), "this PPO agent has no Q nets, it has net, critic_net"),
        (lambda: torchrl.critic(MLP, env=OF_CARTPOLE, out_dim=2), "none is the value of a state"),
        (
            lambda: torchrl.actor(spec_of("SoftActorCritic", OF_PENDULUM)),
            "takes -2 to 2: .*RescaleAction",
        ),
        (lambda: torchrl.actor(slm_net.build_nets(spec_of("PPO")), seed=0), "seed= is for a spec"),
        (lambda: torchrl.actor(slm_net.build_net(MLP, 4, 2, wrap=torch.nn.DataParallel)), "build it without wrap="),
        (lambda: torchrl.actor(MLP, in_dim=4, out_dim=2), "the actions of this net are not known"),
    ],
)
def test_what_torchrl_cannot_have_is_refused(make, said):
    with pytest.raises(ValueError, match=said):
        make()


RECURRENT = {"type": "RecurrentNet", "fc_hid_layers": [], "hid_layers_activation": None, "rnn_hidden_size": 8}
RECURRENT |= {"seq_len": 4}


def test_torchrl_is_an_extra(monkeypatch):
    monkeypatch.setattr("slm_net.extras.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=re.escape('pip install "slm_net[torchrl]"')):
        torchrl.actor(spec_of("PPO"))


# --- recipes


def run(name, steps, folder):
    """The return that a recipe prints."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    line = [sys.executable, str(ROOT / "examples" / "interop" / f"torchrl_{name}.py"), "--steps", str(steps)]
    done = subprocess.run(line, capture_output=True, text=True, cwd=folder, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return float(re.search(r"minutes: (\S+)", done.stdout)[1])


@pytest.mark.slow
@pytest.mark.parametrize(("name", "steps"), [("ppo", 1024), ("dqn", 600), ("sac", 520)])
def test_a_recipe_runs(name, steps, tmp_path):
    assert run(name, steps, tmp_path) < 501


@pytest.mark.interop
@pytest.mark.parametrize(("name", "steps", "least"), [("ppo", 81_920, 475), ("dqn", 16_000, 200), ("sac", 5_000, -250)])
def test_a_recipe_learns(name, steps, least, tmp_path):
    assert run(name, steps, tmp_path) >= least
