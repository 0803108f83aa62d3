"""`bundle.act` beside the same lines written by hand: microseconds of processor time a call, least of several rounds.

python benchmarks/acting.py
"""

from __future__ import annotations

import platform
from collections.abc import Callable
from time import process_time
from timeit import repeat
from typing import Any

import numpy as np
import torch
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


def main() -> None:
    """One row a case and batch; the two take turns, so that a busy machine slows both."""
    torch.set_num_threads(1)
    print(f"torch {torch.__version__}, {platform.machine()}\n")
    print("| actions | batch | by hand | act | ratio |\n|---|---|---|---|---|")
    for title, (spec, env, by_hand, length) in CASES.items():
        bundle = build_net(spec, env=env, seed=0)
        for batch in BATCHES:
            obs = np.random.default_rng(0).standard_normal((batch, length), np.float32)
            calls = [lambda obs=obs: by_hand(bundle.model, obs), lambda obs=obs: bundle.act(obs)]  # noqa: B023
            hand, ours = map(min, zip(*([least(call) for call in calls] for _ in range(ROUNDS)), strict=True))
            print(f"| {title} | {batch} | {hand:.0f} µs | {ours:.0f} µs | {ours / hand:.2f} |", flush=True)


if __name__ == "__main__":
    main()
