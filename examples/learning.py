"""Train every agent of docs/learning.md with three seeds, and write its table and its pictures.

python examples/learning.py --processes 2

A run is kept in a file under --runs, and not repeated while its spec stays as it is.
"""

from __future__ import annotations

import argparse
import importlib
import json
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import torch
from common import GOALS, SPECS, evaluate, settings

import slm_net

#: The example that trains each spec.
TASKS = {
    "ppo_cartpole": "ppo",
    "dqn_cartpole": "dqn",
    "ppo_acrobot": "ppo",
    "ppo_lunarlander": "ppo",
    "double_dqn_lunarlander": "dqn",
    "sac_pendulum": "sac_pendulum",
}
SEEDS = (0, 1, 2)
ROOT = Path(__file__).parent.parent
BEGIN, END = "<!-- written by examples/learning.py -->\n", "<!-- up to here -->\n"
Run = dict[str, Any]


def run(task: str, seed: int, frames: int | None, folder: Path) -> Run:
    """A training and its evaluation, from their file if the same spec was trained as long before."""
    torch.set_num_threads(1)  # the nets are too small for more
    spec, file = slm_net.load_spec(SPECS / f"{task}.json"), folder / f"{task}_{seed}.json"
    env = settings(spec)[1]
    frames = frames or env["max_frame"]
    if file.exists():
        before: Run = json.loads(file.read_text())
        if (before["spec"], before["frames"]) == (spec, frames):
            return before
    example, start = importlib.import_module(TASKS[task]), time.perf_counter()
    nets, episodes = example.train(spec, frames, seed)
    minutes = (time.perf_counter() - start) / 60
    returns = evaluate(partial(example.make, spec), nets)
    done = {"task": task, "seed": seed, "spec": spec, "frames": frames, "env": env["name"], "algorithm": nets.algorithm}
    done |= {"minutes": minutes, "date": str(date.today()), "mean": returns.mean(), "deviation": returns.std()}
    done |= {"ends": episodes.ends, "returns": np.array(episodes.returns).tolist()}
    folder.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(done))
    print(f"{task}, seed {seed}: {done['mean']:.1f} after {minutes:.1f} minutes", flush=True)
    return done


def row(runs: list[Run]) -> str:
    """The line of a task in the table."""
    first, goal = runs[0], GOALS[runs[0]["env"]]
    means = ", ".join(f"{one['mean']:.1f}" for one in runs)
    reached = sum(one["mean"] >= goal for one in runs)
    answer = "yes" if reached == len(runs) else f"by {reached} of {len(runs)}"
    minutes = np.mean([one["minutes"] for one in runs])
    spec = f"[`{first['task']}`](../specs/{first['task']}.json)"
    columns = (first["env"], first["algorithm"], spec, f"{first['frames']:,}", f"{minutes:.1f}", means, goal, answer)
    return "| " + " | ".join(map(str, columns)) + " |\n"


def page(tasks: list[list[Run]]) -> str:
    """The part of docs/learning.md that the runs decide."""
    dates = sorted({one["date"] for runs in tasks for one in runs})
    when = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
    seeds = ", ".join(str(one["seed"]) for one in tasks[0])
    text = f"`python examples/learning.py`, {when}, slm_net {slm_net.__version__}, torch {torch.__version__}, "
    text += f"gymnasium {gymnasium.__version__}:\n\n"
    text += f"| environment | algorithm | spec | frames | minutes a seed | means of seeds {seeds} | goal | reached |\n"
    text += "|---|---|---|---|---|---|---|---|\n" + "".join(map(row, tasks))
    for first, *_ in tasks:
        text += f"\n![{first['algorithm']} on {first['env']}](images/learning_{first['task']}.png)\n"
    return text


def picture(runs: list[Run], folder: Path) -> None:
    """The running means of a task's seeds over frames, and its goal."""
    from matplotlib import pyplot

    first, goal = runs[0], GOALS[runs[0]["env"]]
    window = max(1, min(100, min(len(one["returns"]) for one in runs) // 10))
    figure, axes = pyplot.subplots(figsize=(6, 3.4), layout="constrained")
    for one in runs:
        sums = np.cumsum([0.0, *one["returns"]])
        axes.plot(one["ends"][window - 1 :], (sums[window:] - sums[:-window]) / window, label=f"seed {one['seed']}")
    axes.axhline(goal, color="black", linestyle="--", linewidth=1, label=f"goal: {goal:g}")
    axes.set(title=f"{first['algorithm']} on {first['env']}", xlabel="frames")
    axes.set_ylabel(f"return, mean of {window} episodes")
    axes.set_xlim(0, first["frames"])
    axes.locator_params(axis="x", nbins=6)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.grid(alpha=0.3)
    axes.legend(loc="best")
    figure.savefig(folder / f"learning_{first['task']}.png", dpi=100, facecolor="white")
    pyplot.close(figure)


def write(tasks: list[list[Run]], docs: Path) -> None:
    """Pictures of the tasks, and the table in learning.md."""
    for runs in tasks:
        picture(runs, docs / "images")
    before, rest = (docs / "learning.md").read_text().split(BEGIN)
    (docs / "learning.md").write_text(before + BEGIN + page(tasks) + END + rest.split(END)[1])


def main() -> None:
    """Train as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=list(TASKS))
    parser.add_argument("--processes", type=int, default=1, help="trainings at a time, one core each")
    parser.add_argument("--frames", type=int, help="of each training; left out, the spec's max_frame")
    parser.add_argument("--runs", type=Path, default=ROOT / "build" / "learning", help="where runs are kept")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs", help="where learning.md and images/ are")
    args = parser.parse_args()
    wanted = [(task, seed, args.frames, args.runs) for task in args.tasks for seed in SEEDS]
    with ProcessPoolExecutor(args.processes, get_context("spawn")) as pool:
        runs = list(pool.map(run, *zip(*wanted, strict=True)))
    write([runs[at : at + len(SEEDS)] for at in range(0, len(runs), len(SEEDS))], args.docs)


if __name__ == "__main__":
    main()
