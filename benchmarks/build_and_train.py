"""build_net, forward, train_step and target update against the same thing written by hand in torch, in one run.

    python benchmarks/build_and_train.py [--repeat 30]
    python benchmarks/build_and_train.py --forward     # forward passes of the MLPs alone, on a machine with other work

Prints a Markdown table of ratios for build_net and for the SLM Lab drop-in (the median of interleaved rounds) with the
times by hand. A first build, which validates the spec, comes before the rounds. The last line is what that costs.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

import slm_net
from slm_net.document.specs import read_document
from slm_net.plan import check_spec, main_plan
from slm_net.slm_lab import v4

torch.set_num_threads(1)

SPEC = Path(__file__).resolve().parent.parent / "specs" / "cnn_page.json"

TRAINING = {"clip_grad_val": 1.0, "loss_spec": {"name": "SmoothL1Loss"}, "optim_spec": {"name": "Adam", "lr": 1e-3}}
CONV = {
    "type": "ConvNet",
    "conv_hid_layers": [[32, 8, 4, 0, 1], [64, 4, 2, 0, 1], [32, 3, 1, 0, 1]],
    "fc_hid_layers": [512, 256],
    "hid_layers_activation": "relu",
    "batch_norm": False,
    **TRAINING,
}


def mlp(*widths: int) -> dict:
    return {"type": "MLPNet", "hid_layers": list(widths), "hid_layers_activation": "relu", **TRAINING}


class HandConv(nn.Module):
    """The CNN page's network as a torch user would write it."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(4, 32, 8, 4), nn.ReLU(), nn.Conv2d(32, 64, 4, 2), nn.ReLU(), nn.Conv2d(64, 32, 3, 1), nn.ReLU()
        )
        self.fc = nn.Sequential(nn.Linear(32 * 7 * 7, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU())
        self.tail = nn.Linear(256, 6)

    def forward(self, x: Tensor) -> Tensor:
        return self.tail(self.fc(self.conv(x).flatten(1)))


class HandMlp(nn.Module):
    """An MLP as a torch user would write it."""

    def __init__(self, *widths: int):
        super().__init__()
        sizes = [4, *widths]
        self.body = nn.Sequential(*(layer for a, b in pairwise(sizes) for layer in (nn.Linear(a, b), nn.ReLU())))
        self.tail = nn.Linear(sizes[-1], 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.tail(self.body(x))


CASES = {
    "ConvNet of the CNN page": (CONV, HandConv, (4, 84, 84), 6),
    "MLP 64-64": (mlp(64, 64), lambda: HandMlp(64, 64), 4, 2),
    "MLP 256-256": (mlp(256, 256), lambda: HandMlp(256, 256), 4, 2),
}


def hand_build(make: Callable[[], nn.Module]) -> tuple[nn.Module, torch.optim.Optimizer, nn.Module]:
    model = make()
    return model, torch.optim.Adam(model.parameters(), lr=1e-3), nn.SmoothL1Loss()


def hand_step(model: nn.Module, optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()


@torch.no_grad()
def hand_polyak(source: nn.Module, target: nn.Module) -> None:
    for a, b in zip(source.parameters(), target.parameters(), strict=True):
        b.data.copy_(0.01 * a.data + 0.99 * b.data)


@torch.no_grad()
def lerp(source: nn.Module, target: nn.Module) -> None:
    torch._foreach_lerp_(list(target.parameters()), list(source.parameters()), 0.01)


def seconds(run: Callable[[], object], number: int) -> float:
    """CPU time of one call."""
    start = time.process_time()
    for _ in range(number):
        run()
    return (time.process_time() - start) / number


def ratio(ours: Callable[[], object], hand: Callable[[], object], repeat: int) -> tuple[float, float]:
    """Median of ours / hand over interleaved rounds, and the median time by hand."""
    number = max(1, min(2000, int(0.02 / max(seconds(hand, 3), 1e-7))))
    ours()
    rounds = [(seconds(hand, number), seconds(ours, number)) for _ in range(repeat)]
    return statistics.median(b / a for a, b in rounds), statistics.median(a for a, _ in rounds)


def native(spec: dict, in_dim: Any, out_dim: int) -> Built:
    """build_net, and what its parts do."""

    def build() -> slm_net.NetBundle:
        return slm_net.build_net(spec, in_dim, out_dim)

    bundle = build()
    polyak = slm_net.build_net({**spec, "update_type": "polyak", "polyak_coef": 0.01}, in_dim, out_dim).target_update
    compiled = build().compile_step()
    return Built(build, bundle.model, bundle.loss_fn, bundle.train_step, polyak.bind, compiled)


def drop_in(spec: dict, in_dim: Any, out_dim: int) -> Built:
    """The drop-in for SLM Lab 4: its net class, and an optimizer from its net_util."""

    def build() -> tuple[nn.Module, torch.optim.Optimizer]:
        net = getattr(v4.net, spec["type"])(spec, in_dim, out_dim)
        return net, v4.net_util.get_optim(net, net.optim_spec)

    net, optimizer = build()
    return Built(
        build,
        net,
        net.loss_fn,
        lambda loss: net.train_step(loss, optimizer, clock=Clock()),
        lambda source, target: lambda: v4.net_util.polyak_update(source, target, 0.01),
    )


class Clock:
    """What SLM Lab's train_step asks of its clock."""

    def tick(self, unit: str) -> None: ...

    def get(self, unit: str = "frame") -> int:
        return 0


@dataclass
class Built:
    """One way to build and train the network of a case."""

    build: Callable[[], object]
    model: nn.Module
    loss_fn: Callable[..., Tensor]
    train_step: Callable[[Tensor], object]
    follow: Callable[[nn.Module, nn.Module], Callable[[], object]]
    compiled: Callable[[Tensor, Tensor], object] | None = None


def ratios(ours: Built, make: Callable[[], nn.Module], in_dim: Any, out_dim: int, repeat: int) -> dict[str, tuple]:
    """Per step: the ratio to the same by hand, and the time by hand."""
    model, optimizer, loss_fn = hand_build(make)
    shape = in_dim if isinstance(in_dim, tuple) else (in_dim,)
    one, batch, labels = torch.rand(1, *shape), torch.rand(32, *shape), torch.rand(32, out_dim)
    target, hand_target = deepcopy(ours.model).requires_grad_(False), deepcopy(model).requires_grad_(False)
    follow = ours.follow(ours.model, target)
    steps = {
        "build": (ours.build, lambda: hand_build(make)),
        "forward, batch 1": (lambda: ours.model(one), lambda: model(one)),
        "forward, batch 32": (lambda: ours.model(batch), lambda: model(batch)),
        "train_step, batch 32": (
            lambda: ours.train_step(ours.loss_fn(ours.model(batch), labels)),
            lambda: hand_step(model, optimizer, loss_fn(model(batch), labels)),
        ),
        "polyak update": (follow, lambda: hand_polyak(model, hand_target)),
        "polyak update, by `torch._foreach_lerp_` alone": (follow, lambda: lerp(model, hand_target)),
    }
    if ours.compiled is not None:
        step = ours.compiled
        steps["compiled step, batch 32"] = (
            lambda: step(batch, labels),
            lambda: hand_step(model, optimizer, loss_fn(model(batch), labels)),
        )
    return {name: ratio(*pair, repeat) for name, pair in steps.items()}


def plan_time(repeat: int) -> float:
    """CPU seconds of reading, validating and resolving a spec file that has not been seen, the best of many."""

    def plan() -> None:
        main_plan(check_spec(read_document(SPEC)))

    plan()  # what is remembered of the schemas, not of the spec
    times = []
    for _ in range(repeat):
        start = time.process_time()
        for _ in range(20):
            plan()
        times.append((time.process_time() - start) / 20)
    return min(times)


def forwards(rounds: int = 1500, calls: int = 8) -> None:
    """Forward passes of one observation without gradients: of short interleaved rounds the fastest twentieth."""
    print("| network | by hand, µs | one Sequential / by hand | build_net / by hand | drop-in / by hand |")
    for label, (spec, make, in_dim, out_dim) in CASES.items():
        if isinstance(in_dim, tuple):
            continue
        hand, x = make(), torch.rand(1, in_dim)
        models = [hand, nn.Sequential(*hand.body, hand.tail)]
        models += [way(spec, in_dim, out_dim).model for way in (native, drop_in)]
        times: list[list[float]] = [[] for _ in models]
        with torch.no_grad():
            for _ in range(rounds):
                for model, taken in zip(models, times, strict=True):
                    taken.append(seconds(lambda: model(x), calls))  # noqa: B023
        first, *others = (sorted(taken)[rounds // 20] for taken in times)
        print(f"| {label} | {first * 1e6:.0f} | " + " | ".join(f"{other / first:.2f}" for other in others) + " |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=30)
    parser.add_argument("--forward", action="store_true")
    args = parser.parse_args()
    if args.forward:
        forwards()
        return
    print("| network | step | by hand, µs | build_net / by hand | drop-in / by hand |\n|---|---|---|---|---|")
    for label, (spec, make, in_dim, out_dim) in CASES.items():
        columns = [ratios(way(spec, in_dim, out_dim), make, in_dim, out_dim, args.repeat) for way in (native, drop_in)]
        for step, (times, hand) in columns[0].items():
            other = f"{columns[1][step][0]:.2f}" if step in columns[1] else "-"
            print(f"| {label} | {step} | {hand * 1e6:,.0f} | {times:.2f} | {other} |", flush=True)
    print(f"\nplan of specs/{SPEC.name}, read anew: {plan_time(args.repeat) * 1e3:.2f} ms CPU")


if __name__ == "__main__":
    main()
