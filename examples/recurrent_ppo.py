"""PPO with a memory on CartPole-v1 without its speeds, from specs/ppo_recurrent_cartpole.json.

python examples/recurrent_ppo.py --seed 0 --out recurrent_ppo.png
"""

from __future__ import annotations

from typing import Any, NamedTuple

import common
import gymnasium
import numpy as np
import torch
from common import Episodes, advantages, main, move, settings, side_by_side
from gymnasium.wrappers import TransformObservation
from torch import Tensor
from torch.distributions import Distribution

import slm_net
from slm_net import NetBundle


class Steps(NamedTuple):
    """What is learned from, (time, sequences, ...), with what the net remembers before each step."""

    states: Tensor
    starts: Tensor
    actions: Tensor
    rewards: Tensor
    ended: Tensor
    memory: Tensor


def make(spec: dict[str, Any]) -> gymnasium.Env:
    """The environment, which shows where cart and pole are, as parts of where they may be, and not how they move."""
    place, ends = gymnasium.spaces.Box(-2, 2, (2,), np.float32), np.float32([2.4, 0.21])
    return TransformObservation(common.make(spec), lambda state: state[[0, 2]] / ends, place)


def train(
    spec: dict[str, Any], frames: int | None = None, seed: int = 0, *, show: bool = False
) -> tuple[slm_net.AgentNets, Episodes]:
    """Train for `frames`, by default the spec's `max_frame`; returns the nets and the episodes."""
    agent, env_spec = settings(spec)
    algorithm, frames = agent["algorithm"], frames or env_spec["max_frame"]
    torch.manual_seed(seed)  # of the weights, and of the actions that are sampled
    envs = side_by_side(make, spec)
    nets = slm_net.build_nets(spec, env=envs)
    copies, (states, _) = envs.num_envs, envs.reset(seed=seed)
    memory = torch.zeros(1, copies, agent["net"]["rnn_hidden_size"])
    starts = np.ones(copies, bool)
    with Episodes("recurrent PPO", frames, show) as episodes:
        for frame in range(0, frames, algorithm["time_horizon"] * copies):
            steps = []
            for t in range(1, algorithm["time_horizon"] + 1):
                actions, after = nets.act(states, memory, starts=starts)
                moved = move(envs, actions)
                columns = (states, starts, actions, moved.rewards, moved.ended, memory.transpose(0, 1))
                steps.append(Steps(*map(torch.as_tensor, columns)))
                episodes.add(frame + t * copies, moved.rewards, moved.ended)
                starts, memory, states = moved.ended, after, moved.states
            learn(nets["net"], Steps(*map(torch.stack, zip(*steps, strict=True))), algorithm, frame)
    return nets, episodes


def learn(net: NetBundle, rollout: Steps, algorithm: dict[str, Any], frame: int) -> None:
    """Some epochs over sequences as long as the net is made for, each from the memory that it began with."""
    length, clip = net.in_dim[0], algorithm["clip_eps_spec"]["start_val"]
    with torch.no_grad():
        policy, values = unrolled(net, rollout)
        log_probs, gamma = policy.log_prob(rollout.actions), algorithm["gamma"]
        after = torch.cat([values[1:], values[-1:]])  # of the last step its own stands for the one after it
        deltas = rollout.rewards + gamma * after * ~rollout.ended - values
        gains = advantages(deltas, rollout.ended, gamma * algorithm["lam"])
    columns = (*rollout, log_probs, gains, gains + values)
    columns = [column.unflatten(0, (-1, length)).transpose(0, 1).flatten(1, 2) for column in columns]
    for _ in range(algorithm["training_epoch"]):
        for rows in torch.randperm(columns[0].shape[1]).split(algorithm["minibatch_size"] // length):
            *steps, log_probs, gains, returns = (column[:, rows] for column in columns)
            policy, values = unrolled(net, Steps(*steps))
            ratio = (policy.log_prob(steps[2]) - log_probs).exp()
            gains = (gains - gains.mean()) / (gains.std() + 1e-8)
            surrogate = torch.min(ratio * gains, ratio.clamp(1 - clip, 1 + clip) * gains)
            value_loss = net.loss_fn(values, returns)
            net.train_step(algorithm["val_loss_coef"] * value_loss - surrogate.mean(), frame)


def unrolled(net: NetBundle, steps: Steps) -> tuple[Distribution, Tensor]:
    """The policy and the values at each step, (time, sequences), from the memory before the first."""
    found, memory = [], steps.memory[0].transpose(0, 1)
    for states, starts in zip(steps.states, steps.starts, strict=True):
        memory = memory * ~starts[None, :, None]
        outputs, memory = net.model(net.observe(states, steps=True), memory.contiguous(), return_hidden=True)
        found.append(outputs)
    outputs = [torch.stack(column) for column in zip(*found, strict=True)]
    return net.distribution(outputs), net.policy_params(outputs).value[..., 0]


if __name__ == "__main__":
    main(train, make, "ppo_recurrent_cartpole")
