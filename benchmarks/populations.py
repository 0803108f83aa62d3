"""A population of 32 nets against 32 NetBundles that step one after the other, in one run.

    python benchmarks/populations.py [--repeat 15] [--members 32]

Prints a Markdown table: CPU time of a step of all members on one thread, the median of interleaved rounds, and how many
times faster the population is. "one by one" is `bundle.train_step`, "compiled" the steps of `compile_step`; of the
single nets two are compiled, and step in turn, as each takes its time to compile.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from itertools import cycle

import torch
from torch import nn

import slm_net

BATCH = 32


def cases(width: int, members: int) -> dict[str, Callable[[], object]]:
    """A step of all members, by how it is made."""
    spec = {
        "type": "MLPNet",
        "hid_layers": [width, width],
        "hid_layers_activation": "relu",
        "clip_grad_val": 1.0,
        "loss_spec": {"name": "SmoothL1Loss"},
    }
    x, y = torch.rand(members, BATCH, 4), torch.rand(members, BATCH, 2)
    alone = [slm_net.build_net(spec, 4, 2, seed=seed) for seed in range(members)]
    singles = [slm_net.build_net(spec, 4, 2, seed=seed).compile_step() for seed in range(2)]
    eager, graph = (slm_net.build_population(spec, 4, 2, seeds=range(members)) for _ in "12")
    step, loss = graph.compile_step(losses), nn.SmoothL1Loss()

    def one_by_one() -> None:
        for bundle, inputs, labels in zip(alone, x, y, strict=True):
            bundle.train_step(loss(bundle.model(inputs), labels))

    def one_by_one_compiled() -> None:
        for single, inputs, labels in zip(cycle(singles), x, y, strict=False):
            single(inputs, labels)

    return {
        "one by one": one_by_one,
        "population": lambda: eager.train_step(losses(eager.model(x), y)),
        "population, compiled": lambda: step(x, y),
        "one by one, compiled": one_by_one_compiled,
    }


def losses(outputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """The loss of each member."""
    return nn.functional.smooth_l1_loss(outputs, labels, reduction="none").mean((1, 2))


def seconds(run: Callable[[], object], number: int) -> float:
    """CPU time of one call."""
    start = time.process_time()
    for _ in range(number):
        run()
    return (time.process_time() - start) / number


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=15)
    parser.add_argument("--members", type=int, default=32)
    args = parser.parse_args()
    torch.set_num_threads(1)
    print(f"| {args.members} nets | step | ms | times faster than one by one |\n|---|---|---|---|")
    for width in (64, 256):
        ways = cases(width, args.members)
        for run in ways.values():
            run()  # compiles
        rounds = [{name: seconds(run, 3) for name, run in ways.items()} for _ in range(args.repeat)]
        for name in ways:
            faster = statistics.median(each["one by one"] / each[name] for each in rounds)
            time_taken = statistics.median(each[name] for each in rounds)
            print(f"| {width}-{width} | {name} | {time_taken * 1e3:.2f} | {faster:.1f} |", flush=True)


if __name__ == "__main__":
    main()
