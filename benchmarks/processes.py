"""A training step with one process and with several (gloo, DistributedDataParallel), beside the same loop by hand.

    python benchmarks/processes.py [--processes 1 2] [--repeat 30]

The whole batch has 64 rows, and each process its part. Prints a Markdown table: wall time and CPU time of an update by
hand, the CPU time of all processes together, and ours / by hand (the median of interleaved rounds).
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from build_and_train import CASES, hand_build, hand_step
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

import slm_net

BATCH = 64


def wrap(model: nn.Module) -> nn.Module:
    return DistributedDataParallel(model) if dist.get_world_size() > 1 else model


def steps_of(label: str) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """An update by hand, and ours."""
    spec, make, in_dim, out_dim = CASES[label]
    shape = in_dim if isinstance(in_dim, tuple) else (in_dim,)
    own = BATCH // dist.get_world_size()
    states, labels = torch.rand(own, *shape), torch.rand(own, out_dim)
    model, _, loss_fn = hand_build(make)
    model = wrap(model)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    bundle = slm_net.build_net(spec, in_dim, out_dim, wrap=wrap)
    return (
        lambda: hand_step(model, optimizer, loss_fn(model(states), labels)),
        lambda: bundle.train_step(bundle.loss_fn(bundle.model(states), labels)),
    )


def seconds(step: Callable[[], Any], number: int) -> tuple[float, float]:
    """Wall time of an update, and the CPU time of all processes."""
    dist.barrier()
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(number):
        step()
    used = torch.tensor([time.perf_counter() - wall, time.process_time() - cpu], dtype=torch.float64) / number
    every: list[Tensor] = [torch.zeros_like(used) for _ in range(dist.get_world_size())]
    dist.all_gather(every, used)
    both = torch.stack(every)
    return both[:, 0].max().item(), both[:, 1].sum().item()


def measure(rank: int, processes: int, file: str, repeat: int) -> None:
    """The rows of the table for this number of processes."""
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{file}", rank=rank, world_size=processes)
    for label in CASES:
        hand, ours = steps_of(label)
        number = 4 if "Conv" in label else 40
        for step in (hand, ours):
            seconds(step, number)
        rounds = [(*seconds(hand, number), *seconds(ours, number)) for _ in range(repeat)]
        wall, cpu = (statistics.median(row[column] for row in rounds) * 1e6 for column in (0, 1))
        ratios = [statistics.median(row[column + 2] / row[column] for row in rounds) for column in (0, 1)]
        if rank == 0:
            numbers = f"{wall:,.0f} | {cpu:,.0f} | {ratios[0]:.2f} | {ratios[1]:.2f}"
            print(f"| {label} | {processes} | {numbers} |", flush=True)
    dist.destroy_process_group()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--repeat", type=int, default=30)
    args = parser.parse_args()
    print("| network | processes | wall by hand, µs | CPU by hand, µs | wall, ours / by hand | CPU, ours / by hand |")
    print("|---|---|---|---|---|---|")
    for processes in args.processes:
        with tempfile.TemporaryDirectory() as folder:
            arguments = (processes, str(Path(folder) / "group"), args.repeat)
            torch.multiprocessing.spawn(measure, arguments, nprocs=processes)


if __name__ == "__main__":
    main()
