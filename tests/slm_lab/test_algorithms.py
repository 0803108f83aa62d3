"""Whole updates of DQN and PPO, in SLM Lab's own order of calls, without SLM Lab."""

import copy
from types import SimpleNamespace

import pytest
import torch

from slm_net.slm_lab import v4, v5


class Clock:
    """SLM Lab's clock, as far as nets see it."""

    def __init__(self):
        self.frame = self.opt_step = 0

    def get(self, unit="frame"):
        return getattr(self, unit)

    def tick(self, unit="frame"):
        setattr(self, unit, getattr(self, unit) + 1)


TRAINING = {
    "clip_grad_val": 0.5,
    "loss_spec": {"name": "SmoothL1Loss"},
    "optim_spec": {"name": "Lookahead", "optimizer": "RAdam", "lr": 0.01},
    "lr_scheduler_spec": {"name": "LinearToZero", "frame": 100},
}
DQN = {
    "type": "DuelingMLPNet",
    "hid_layers": [16],
    "hid_layers_activation": "relu",
    "init_fn": "orthogonal_",
    "update_frequency": 4,
    "gpu": False,
    **TRAINING,
}


@pytest.mark.parametrize(("update_type", "lab"), [("replace", v4), ("polyak", v4), ("replace", v5), ("polyak", v5)])
def test_dqn(update_type, lab):
    torch.manual_seed(0)
    spec, util, clock = {**DQN, "update_type": update_type, "polyak_coef": 0.1}, lab.net_util, Clock()
    body = SimpleNamespace(action_dim=3, is_discrete=True, action_type="discrete")
    NetClass = getattr(lab.net, spec["type"])
    net, target = (NetClass(spec, 4, util.get_out_dim(body)) for _ in range(2))
    algorithm = SimpleNamespace(net_names=["net", "target_net"], net=net, target_net=target)
    optim = util.get_optim(net, net.optim_spec)
    scheduler = util.get_lr_scheduler(optim, net.lr_scheduler_spec)
    util.set_global_nets(algorithm, None)
    util.copy(net, target)
    states, rewards = torch.rand(64, 4), torch.rand(64)
    losses, rates = [], []
    for _ in range(12):
        clock.tick()
        q = net(states.to(net.device)).max(dim=-1).values
        with torch.no_grad():
            wanted = rewards + 0.9 * target(states).max(dim=-1).values
        loss = net.train_step(net.loss_fn(q, wanted), optim, scheduler, clock=clock, global_net=algorithm.global_net)
        if lab is v5:
            scheduler.step()
            util.update_target_net(net, target, clock.get(), num_envs=1)
        elif net.update_type == "replace" and clock.get() % net.update_frequency == 0:
            util.copy(net, target)
        elif net.update_type == "polyak":
            util.polyak_update(net, target, net.polyak_coef)
        losses.append(loss.item())
        rates.append(optim.param_groups[0]["lr"])
    assert losses[-1] < losses[0]
    assert rates == pytest.approx([0.01 * (1 - frame / 100) for frame in range(1, 13)])
    assert clock.opt_step == (12 if lab is v4 else 0)
    same = torch.equal(net.v.weight, target.v.weight)
    assert same == (update_type == "replace")


@pytest.mark.parametrize("lab", [v4, v5])
@pytest.mark.parametrize("shared", [True, False])
def test_ppo(lab, shared):
    torch.manual_seed(0)
    spec = {
        "type": "MLPNet",
        "shared": shared,
        "hid_layers": [16],
        "hid_layers_activation": "tanh",
        "init_fn": "orthogonal_",
        **({"actor_init_std": 0.01, "critic_init_std": 1.0} if lab is v5 else {}),
        **TRAINING,
        "optim_spec": {"name": "Adam", "lr": 0.01},
    }
    body = SimpleNamespace(action_dim=2, is_discrete=False, action_type="continuous")
    util, clock = lab.net_util, Clock()
    net = lab.net.MLPNet(spec, 5, util.get_out_dim(body, add_critic=shared))
    critic = None if shared else lab.net.MLPNet(spec, 5, 1)
    nets = [net] if shared else [net, critic]
    optims = [util.get_optim(one, one.optim_spec) for one in nets]
    schedulers = [
        util.get_lr_scheduler(*pair) for pair in zip(optims, (one.lr_scheduler_spec for one in nets), strict=True)
    ]
    old = copy.deepcopy(net)
    states, actions, returns = torch.rand(64, 5), torch.randn(64, 2), torch.rand(64)

    def log_probs(policy):
        mean, log_std = policy(states)[:2]
        return torch.distributions.Normal(mean, log_std.clamp(-20, 2).exp()).log_prob(actions).sum(-1)

    for _ in range(3):
        util.copy(net, old)
        for _ in range(2):
            clock.tick()
            with torch.no_grad():
                before = log_probs(old)
            ratio = (log_probs(net) - before).exp()
            policy_loss = -torch.min(ratio * returns, ratio.clamp(0.8, 1.2) * returns).mean()
            value = (net(states)[-1] if shared else critic(states)).squeeze(-1)
            value_loss = net.loss_fn(value, returns)
            losses = [policy_loss + value_loss] if shared else [policy_loss, value_loss]
            for one, loss, optim, scheduler in zip(nets, losses, optims, schedulers, strict=True):
                assert one.train_step(loss, optim, scheduler, clock=clock) is loss
        if lab is v5:
            for scheduler in schedulers:
                scheduler.step()
    assert not torch.equal(net.model[0].weight, old.model[0].weight)
    assert clock.opt_step == (6 * len(nets) if lab is v4 else 0)
    expected = 0.01 * (1 - (6 if lab is v4 else 3) / 100)
    assert [optim.param_groups[0]["lr"] for optim in optims] == pytest.approx([expected] * len(nets))
