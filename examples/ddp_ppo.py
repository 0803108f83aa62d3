"""PPO on CartPole-v1 in several processes, each with its part of the environments: the curve is that of one process.

torchrun --nproc-per-node 2 examples/ddp_ppo.py --seed 0
python examples/ddp_ppo.py --seed 0
"""

from __future__ import annotations

import argparse
import math
import os
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.distributed as dist
from common import SPECS, make, settings
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from ppo import Step, judged, play, update
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

import slm_net
from slm_net import AgentNets

#: What torchrun says of this process; without it there is one.
RANK, WORLD = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))


def join() -> torch.device:
    """Meet the other processes; the device of this one."""
    cuda = torch.cuda.is_available()
    device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0"))) if cuda else torch.device("cpu")
    if cuda:
        torch.cuda.set_device(device)
    if WORLD > 1:
        dist.init_process_group("nccl" if cuda else "gloo")
    return device


def wrap(model: nn.Module) -> nn.Module:
    """A net whose gradients are averaged over all processes, if it has gradients."""
    trained = any(parameter.requires_grad for parameter in model.parameters())
    return DistributedDataParallel(model) if WORLD > 1 and trained else model


def summed(numbers: Tensor) -> Tensor:
    """The sum over all processes."""
    if WORLD > 1:
        dist.all_reduce(numbers)
    return numbers


class Players:
    """The environments of this process: numbers RANK, RANK + WORLD, ... of all, each with random numbers of its own."""

    def __init__(self, spec: dict[str, Any], copies: int, seed: int):
        numbers = range(RANK, copies, WORLD)
        self.envs = SyncVectorEnv([partial(make, spec)] * len(numbers), autoreset_mode=AutoresetMode.SAME_STEP)
        self.states, _ = self.envs.reset(seed=[seed + number for number in numbers])
        self.random = [torch.Generator().manual_seed(seed + number) for number in numbers]
        self.totals = np.zeros(len(numbers))

    def play(self, nets: AgentNets, horizon: int) -> tuple[Step, list[float]]:
        """A rollout, and the returns of the episodes that ended in it."""
        steps, returns, policy = [], [], nets["net"]
        for _ in range(horizon):
            with torch.no_grad():
                outputs = policy.module(torch.from_numpy(self.states).to(policy.device))
                chances = policy.distribution(outputs).probs.cpu()
            drawn = [torch.multinomial(row, 1, generator=own) for row, own in zip(chances, self.random, strict=True)]
            step, self.states = play(self.envs, self.states, torch.cat(drawn))
            self.totals += step.rewards.numpy()
            returns += self.totals[step.ended.numpy()].tolist()
            self.totals[step.ended.numpy()] = 0
            steps.append(step)
        return Step(*(torch.stack(column).to(policy.device) for column in zip(*steps, strict=True))), returns


def normalised(gains: Tensor) -> Tensor:
    """Gains with mean 0 and deviation 1 over the rollouts of all processes."""
    own = gains.double()
    count, total, squares = summed(torch.stack([torch.ones_like(own).sum(), own.sum(), own.square().sum()]))
    deviation = ((squares - total * total / count) / (count - 1)).sqrt()
    return ((own - total / count) / (deviation + 1e-8)).float()


def minibatches(horizon: int, copies: int, size: int, random: torch.Generator) -> tuple[Tensor, ...]:
    """The rows of this process in each minibatch: as many steps of every environment, at times of its own.

    All processes draw the same times for all environments, so their rows are together those of one process.
    """
    times = torch.rand(horizon, copies, generator=random).argsort(0)[:, RANK::WORLD]
    own = times.shape[1]
    return (times * own + torch.arange(own)).flatten().split(size // WORLD)


def train(spec: dict[str, Any], frames: int, seed: int, device: torch.device) -> AgentNets:
    """Train for `frames` in all environments together."""
    agent, env_spec = settings(spec)
    algorithm, copies = agent["algorithm"], env_spec["num_envs"]
    horizon, size = algorithm["time_horizon"], algorithm["minibatch_size"]
    if copies % WORLD or size % WORLD:
        raise SystemExit(f"{copies} environments and minibatches of {size} cannot be shared by {WORLD} processes alike")
    nets = slm_net.build_nets(spec, device=device, seed=seed, wrap=wrap)
    players, random = Players(spec, copies, seed), torch.Generator().manual_seed(seed)
    for frame in range(0, frames, horizon * copies):
        rollout, returns = players.play(nets, horizon)
        batch = judged(nets, rollout, algorithm)
        batch = batch._replace(gains=normalised(batch.gains))
        losses = [
            update(nets, batch.at(rows.to(device)), algorithm, frame)
            for _ in range(algorithm["training_epoch"])
            for rows in minibatches(horizon, copies, size, random)
        ]
        policy_loss, value_loss = summed(torch.stack(losses).mean(0) / WORLD).tolist()
        total, ended = summed(torch.tensor([sum(returns), float(len(returns))], device=device)).tolist()
        if RANK == 0:
            what = f"mean return {total / ended if ended else math.nan:.6f} of {ended:.0f} episodes"
            print(f"frame {frame + horizon * copies}: {what}, losses {policy_loss:.6f} {value_loss:.6f}", flush=True)
    return nets


def main() -> None:
    """Train as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0, help="of the weights and minibatches, and environment n adds n")
    parser.add_argument("--steps", type=int, help="in all environments together; left out, the spec's max_frame")
    parser.add_argument("--save", type=Path, help="where to save what nets.load_state_dict takes")
    args = parser.parse_args()
    torch.set_num_threads(1)  # the nets are too small for more
    spec, device = slm_net.load_spec(SPECS / "ppo_cartpole.json"), join()
    try:
        nets = train(spec, args.steps or settings(spec)[1]["max_frame"], args.seed, device)
        state = nets.state_dict()  # every process asks, as each may have a part
        if args.save and RANK == 0:
            torch.save(state, args.save)
    finally:
        if dist.is_initialized():
            dist.destroy_process_group()


if __name__ == "__main__":
    main()
