"""`bundle.act` beside the same lines written by hand: microseconds of processor time a call, least of several rounds.

With --collect, 64 environments acted in beside the same ones with random actions.

python benchmarks/acting.py
python benchmarks/acting.py --collect
"""

from __future__ import annotations

import argparse
import platform
from collections.abc import Callable
from functools import partial
from statistics import median
from time import process_time
from timeit import repeat
from typing import Any

import gymnasium
import numpy as np
import torch
from gymnasium.vector import SyncVectorEnv
from gymnasium.wrappers import ReshapeObservation
from torch.distributions import Categorical, Normal

from slm_net import build_net

NET = {"type": "MLPNet", "hid_layers": [64, 64], "hid_layers_activation": "tanh"}
DQN = {"agent": {"algorithm": {"name": "DQN"}, "net": NET}, "env": {"name": "CartPole-v1"}}
BATCHES, CALLS, ROUNDS = (1, 16, 256), 200, 8


def categorical(model: Any, obs: np.ndarray) -> np.ndarray:
    """A choice is drawn."""
    with torch.no_grad():
        return Categorical(logits=model(torch.as_tensor(obs))).sample().numpy()


def normal(model: Any, obs: np.ndarray) -> np.ndarray:
    """Numbers are drawn and clipped."""
    with torch.no_grad():
        mean, log_std = model(torch.as_tensor(obs)).chunk(2, dim=-1)
        drawn = Normal(mean, log_std.clamp(-20, 2).exp()).sample()
    return np.clip(drawn.numpy(), -2.0, 2.0)


def greedy(model: Any, obs: np.ndarray) -> np.ndarray:
    """The greatest value is taken."""
    with torch.no_grad():
        return model(torch.as_tensor(obs)).argmax(dim=-1).numpy()


#: What acts, the spec and its environment, the lines by hand, and the length of an observation.
CASES: dict[str, tuple[Any, str, Callable[..., np.ndarray], int]] = {
    "Categorical": (NET, "CartPole-v1", categorical, 4),
    "Normal, clipped": (NET, "Pendulum-v1", normal, 3),
    "greatest Q-value": (DQN, "CartPole-v1", greedy, 4),
}


def least(call: Callable[[], object]) -> float:
    """Microseconds per call in the best round."""
    return min(repeat(call, timer=process_time, number=CALLS, repeat=1)) / CALLS * 1e6


def atari() -> gymnasium.Env:
    """A game in grey, each observation one frame of 210 by 160."""
    import ale_py

    gymnasium.register_envs(ale_py)
    return ReshapeObservation(gymnasium.make("ALE/Breakout-v5", obs_type="grayscale"), (1, 210, 160))


CONV = {
    "type": "ConvNet",
    "conv_hid_layers": [[32, 8, 4], [64, 4, 2], [64, 3, 1]],
    "fc_hid_layers": [512],
    "hid_layers_activation": "relu",
    "normalize": True,
}
#: What is acted in, the net, the lines by hand, and the steps of a round.
VECTORS: dict[str, tuple[Callable[[], gymnasium.Env], Any, Callable[..., np.ndarray], int]] = {
    "CartPole-v1": (lambda: gymnasium.make("CartPole-v1"), NET, categorical, 30),
    "Acrobot-v1": (lambda: gymnasium.make("Acrobot-v1"), NET, categorical, 10),
    "Pendulum-v1": (lambda: gymnasium.make("Pendulum-v1"), NET, normal, 30),
    "Breakout, grey pixels": (atari, CONV, categorical, 1),
}
COPIES = 64


def collected(envs: SyncVectorEnv, bundle: Any, by_hand: Callable[..., np.ndarray], steps: int) -> list[list[float]]:
    """Milliseconds a step with random actions, with those by hand and with those of `act`, of several rounds."""
    shown = [envs.reset(seed=0)[0]]

    def step(choose: Callable[[Any], Any]) -> None:
        shown[0] = envs.step(choose(shown[0]))[0]

    ways = (lambda _: envs.action_space.sample(), lambda obs: by_hand(bundle.model, obs), bundle.act)
    calls = [partial(step, way) for way in ways]
    timed = partial(repeat, timer=process_time, number=steps, repeat=1)
    return [[min(timed(call)) / steps * 1e3 for call in calls] for _ in range(ROUNDS)]


def collect() -> None:
    """One row an environment; the medians of times and of the ratios of each round."""
    print("| 64 environments | net | random | by hand | act | by hand / random | act / random |")
    print("|---|---|---|---|---|---|---|")
    for title, (make, net, by_hand, steps) in VECTORS.items():
        envs = SyncVectorEnv([make] * COPIES)
        rounds = collected(envs, build_net(net, env=envs, seed=0), by_hand, steps)
        times = " | ".join(f"{median(column):.2f} ms" for column in zip(*rounds, strict=True))
        ratios = " | ".join(f"{median(row[way] / row[0] for row in rounds):.2f}" for way in (1, 2))
        print(f"| {title} | {net['type']} | {times} | {ratios} |", flush=True)
        envs.close()


def compare() -> None:
    """One row a case and batch; the two take turns, so that a busy machine slows both."""
    print("| actions | batch | by hand | act | ratio |\n|---|---|---|---|---|")
    for title, (spec, env, by_hand, length) in CASES.items():
        bundle = build_net(spec, env=env, seed=0)
        for batch in BATCHES:
            obs = np.random.default_rng(0).standard_normal((batch, length), np.float32)
            calls = [lambda obs=obs: by_hand(bundle.model, obs), lambda obs=obs: bundle.act(obs)]  # noqa: B023
            hand, ours = map(min, zip(*([least(call) for call in calls] for _ in range(ROUNDS)), strict=True))
            print(f"| {title} | {batch} | {hand:.0f} µs | {ours:.0f} µs | {ours / hand:.2f} |", flush=True)


def main() -> None:
    """Print the table that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--collect", action="store_true")
    parsed = parser.parse_args()
    torch.set_num_threads(1)
    print(f"torch {torch.__version__}, {platform.machine()}\n")
    if parsed.collect:
        collect()
    else:
        compare()


if __name__ == "__main__":
    main()
