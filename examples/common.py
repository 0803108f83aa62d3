"""What the examples share: reading a spec, replay memory, progress bar, evaluation, learning curve."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import gymnasium
import numpy as np
import torch
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor

import slm_net
from slm_net import AgentNets

SPECS = Path(__file__).parent.parent / "specs"
GOALS = {"CartPole-v1": 500, "Acrobot-v1": -100, "LunarLander-v3": 200, "Pendulum-v1": -200}  # mean returns
WINDOW = 20  # episodes in a running mean
EVALUATION = 10_000  # the first seed of an evaluation, far from those of training


def settings(spec: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The agent and the environment of a spec of SLM Lab 4 (lists) or 5 (objects)."""
    agent, env = (part[0] if isinstance(part, list) else part for part in (spec["agent"], spec["env"]))
    only(env, normalize_obs=False, normalize_state=False, clip_obs=None, frame_op=None)
    only(env, normalize_reward=False, reward_scale=None, clip_reward=None)
    return agent, env


def only(part: dict[str, Any], **known: Any) -> None:
    """Raises ValueError for a setting that the examples have no code for, as ignoring it would be another agent."""
    for key, value in known.items():
        values = value if isinstance(value, tuple) else (value,)
        if key in part and part[key] not in values:
            names = " and ".join(map(repr, values))
            raise ValueError(f"{key} is {part[key]!r} in this spec, and the example has code for {names} alone")


def make(spec: dict[str, Any]) -> gymnasium.Env:
    """The environment of a spec."""
    _, env = settings(spec)
    if env["name"].startswith("ALE/"):
        raise ValueError(f"{env['name']} shows frames, the examples are for vectors: docs/acting.md has games of Atari")
    return gymnasium.make(env["name"], max_episode_steps=env.get("max_t"))


def side_by_side(make: Callable[[dict[str, Any]], gymnasium.Env], spec: dict[str, Any]) -> SyncVectorEnv:
    """As many environments as the spec's `num_envs`, which begin the next episode in the step that ends one."""
    copies = settings(spec)[1].get("num_envs", 1)
    return SyncVectorEnv([partial(make, spec)] * copies, autoreset_mode=AutoresetMode.SAME_STEP)


class Moved(NamedTuple):
    """What a step in every environment led to, and the states to go on from: of new episodes where one ended."""

    rewards: np.ndarray
    next_states: np.ndarray
    terminated: np.ndarray
    ended: np.ndarray  # terminated, or stopped by the time limit
    states: np.ndarray


def move(envs: SyncVectorEnv, actions: np.ndarray) -> Moved:
    """One step in every environment."""
    states, rewards, terminated, truncated, info = envs.step(actions)
    ended, next_states = terminated | truncated, states.copy()
    if ended.any():
        next_states[ended] = np.stack(info["final_obs"][ended])
    return Moved(rewards.astype(np.float32), next_states, terminated, ended, states)


def linear_decay(schedule: dict[str, Any], frame: int) -> float:
    """The value at a frame of a schedule such as `explore_var_spec`."""
    only(schedule, name="linear_decay")
    first, last = schedule["start_step"], schedule["end_step"]
    progress = min(max((frame - first) / (last - first), 0.0), 1.0)
    return schedule["start_val"] + progress * (schedule["end_val"] - schedule["start_val"])


def advantages(deltas: Tensor, ended: Tensor, decay: float) -> Tensor:
    """Generalised advantage estimates (https://arxiv.org/abs/1506.02438) of temporal differences (time, ...)."""
    gains, gain = torch.zeros_like(deltas), torch.zeros_like(deltas[0])
    for t in reversed(range(len(deltas))):
        gain = deltas[t] + decay * gain * ~ended[t]
        gains[t] = gain
    return gains


class Replay:
    """The last `max_size` transitions, one array per column."""

    def __init__(self, max_size: int, seed: int):
        self.max_size, self.added = max_size, 0
        self.columns: list[np.ndarray] = []
        self.random = np.random.default_rng(seed)

    def add_each(self, *columns: np.ndarray) -> None:
        """A transition of every environment, each column with a number or array of each."""
        for transition in zip(*columns, strict=True):
            self.add(*transition)

    def add(self, *transition: Any) -> None:
        """One transition: its values are the columns, numbers or arrays."""
        if not self.columns:
            arrays = [np.asarray(value) for value in transition]
            kinds = [np.float32 if array.dtype.kind == "f" else np.int64 for array in arrays]
            self.columns = [np.zeros((self.max_size, *a.shape), kind) for a, kind in zip(arrays, kinds, strict=True)]
        for column, value in zip(self.columns, transition, strict=True):
            column[self.added % self.max_size] = value
        self.added += 1

    def sample(self, batch_size: int) -> list[Tensor]:
        """A batch of every column, drawn with replacement."""
        rows = self.random.integers(min(self.added, self.max_size), size=batch_size)
        return [torch.from_numpy(column[rows]) for column in self.columns]


class Episodes(Progress):
    """The returns of all episodes, and a progress bar with their running mean."""

    def __init__(self, title: str, frames: int, show: bool):
        mean = TextColumn("{task.completed:,.0f} frames, mean return {task.fields[mean]:.1f}")
        super().__init__(TextColumn(title), BarColumn(), mean, TimeRemainingColumn(), disable=not show)
        self.task = self.add_task("", total=frames, mean=float("nan"))
        self.ends: list[int] = []
        self.returns: list[float] = []
        self.totals: Any = 0.0

    def add(self, frame: int, rewards: np.ndarray, ended: np.ndarray) -> None:
        """A step in every environment, the last of some episodes, after which there are this many frames."""
        self.totals = self.totals + np.float64(rewards)
        for copy in np.flatnonzero(ended):
            self.ends.append(frame)
            self.returns.append(float(self.totals[copy]))
            self.totals[copy] = 0.0
            self.update(self.task, completed=frame, mean=np.mean(self.returns[-WINDOW:]))


Train = Callable[..., tuple[AgentNets, Episodes]]


def evaluate(make: Callable[[], gymnasium.Env], nets: AgentNets, episodes: int = 100) -> np.ndarray:
    """The returns of that many episodes, played side by side without exploration."""
    envs = gymnasium.vector.SyncVectorEnv([make] * episodes)
    states, _ = envs.reset(seed=EVALUATION)
    returns, running, memory = np.zeros(episodes), np.ones(episodes, bool), None
    while running.any():
        acted = nets.act(states, memory, deterministic=True)
        actions, memory = acted if isinstance(acted, tuple) else (acted, None)  # recurrent nets remember
        states, rewards, terminated, truncated, _ = envs.step(actions)
        returns += rewards * running
        running &= ~(terminated | truncated)
    return returns


def save_curve(episodes: Episodes, title: str, goal: float | None, file: Path) -> None:
    """A picture of every episode's return, the running mean, and the goal."""
    try:
        from matplotlib import pyplot
    except ImportError:
        print(f"no {file}: the curve needs matplotlib, pip install matplotlib")
        return
    means = [np.mean(episodes.returns[max(0, end - WINDOW) : end]) for end in range(1, len(episodes.returns) + 1)]
    figure, axes = pyplot.subplots(figsize=(6, 3.4), layout="constrained")
    axes.plot(episodes.ends, episodes.returns, ".", markersize=3, color="tab:blue", alpha=0.3, label="episode")
    axes.plot(episodes.ends, means, color="tab:blue", label=f"mean of the last {WINDOW}")
    if goal is not None:
        axes.axhline(goal, color="tab:green", linestyle="--", linewidth=1, label=f"goal: {goal:g}")
    axes.set(title=title, xlabel="frames", ylabel="return")
    axes.legend(loc="lower right")
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=110)
    print(f"learning curve: {file}")


def main(train: Train, make: Callable[..., gymnasium.Env], name: str) -> None:
    """Train from specs/NAME.json as the command line says, evaluate over 100 episodes, save the curve."""
    parser = argparse.ArgumentParser(description=f"Train the agent of specs/{name}.json.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--frames", type=int, help="environment frames; left out, the spec's max_frame")
    parser.add_argument("--out", type=Path, default=Path(f"{name}.png"), help="where to save the learning curve")
    parser.add_argument("--spec", type=Path, default=SPECS / f"{name}.json", help="another spec of this algorithm")
    args = parser.parse_args()
    torch.set_num_threads(1)  # the nets are too small for more
    spec, start = slm_net.load_spec(args.spec), time.perf_counter()
    nets, episodes = train(spec, args.frames, args.seed, show=True)
    minutes = (time.perf_counter() - start) / 60
    returns = evaluate(partial(make, spec), nets)
    print(f"seed {args.seed}, {len(episodes.returns):,} episodes in {minutes:.1f} minutes, ", end="")
    print(f"mean return over {len(returns)} evaluation episodes: {returns.mean():.1f} ± {returns.std():.1f}")
    env = settings(spec)[1]["name"]
    save_curve(episodes, f"{nets.algorithm}, {env}, seed {args.seed}", GOALS.get(env), args.out)
