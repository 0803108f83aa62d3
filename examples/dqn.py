"""DQN (Mnih et al. 2015, https://doi.org/10.1038/nature14236) of vectors and Discrete actions, from a spec.

Where the spec's algorithm is DoubleDQN (van Hasselt et al. 2016, https://arxiv.org/abs/1509.06461), it is that.

python examples/dqn.py --seed 0 --out dqn_cartpole.png
python examples/dqn.py --spec specs/double_dqn_lunarlander.json
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from common import Episodes, Replay, main, make, move, only, settings, side_by_side
from torch import Tensor

import slm_net
from slm_net import AgentNets


def train(
    spec: dict[str, Any], frames: int | None = None, seed: int = 0, *, show: bool = False
) -> tuple[AgentNets, Episodes]:
    """Train for `frames`, by default the spec's `max_frame`; returns the nets and the episodes."""
    agent, env_spec = settings(spec)
    algorithm, frames = agent["algorithm"], frames or env_spec["max_frame"]
    only(agent["memory"], name="Replay", use_cer=False)
    only(algorithm, name=("DQN", "DoubleDQN"), action_policy="epsilon_greedy", training_batch_iter=1)
    start, every = algorithm["training_start_step"], algorithm["training_frequency"]
    torch.manual_seed(seed)  # of the weights, and of exploration
    nets = slm_net.build_nets(spec)
    nets.sync_targets()
    replay, envs = Replay(agent["memory"]["max_size"], seed), side_by_side(make, spec)
    states, _ = envs.reset(seed=seed)
    with Episodes("DQN", frames, show) as episodes:
        for frame in range(envs.num_envs, frames + 1, envs.num_envs):
            actions = nets.act(states, frame=frame)  # explores as the spec has it
            moved = move(envs, actions)
            replay.add_each(states, actions, moved.rewards, moved.next_states, np.float32(~moved.terminated))
            episodes.add(frame, moved.rewards, moved.ended)
            states = moved.states
            if frame >= start and frame % every < envs.num_envs:
                for _ in range(algorithm["training_iter"]):
                    learn(nets, replay.sample(agent["memory"]["batch_size"]), algorithm["gamma"], frame)
            nets.update_targets(frame)
    return nets, episodes


def learn(nets: AgentNets, batch: list[Tensor], gamma: float, frame: int) -> None:
    """One update of the values of the actions that were taken; `frame` is for the learning rate's schedule."""
    states, actions, rewards, next_states, going = batch
    with torch.no_grad():
        worth = nets["target_net"].model(next_states)
        judge = nets["net"].model(next_states) if nets.algorithm == "DoubleDQN" else worth
        best = worth.gather(1, judge.argmax(dim=-1, keepdim=True))[:, 0]
    values = nets["net"].model(states).gather(1, actions[:, None])[:, 0]
    nets["net"].train_step(nets["net"].loss_fn(values, rewards + gamma * going * best), frame)


if __name__ == "__main__":
    main(train, make, "dqn_cartpole")
