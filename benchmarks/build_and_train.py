"""build_net, forward, train_step and target update against the same thing written by hand in torch, in one run.

    python benchmarks/build_and_train.py [--repeat 30]

Prints a Markdown table of ratios (slm_net / by hand; the median of interleaved rounds) with the times by hand.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from copy import deepcopy
from itertools import pairwise

import torch
from torch import Tensor, nn

import slm_net

torch.set_num_threads(1)

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


def seconds(run: Callable[[], object], number: int) -> float:
    start = time.perf_counter()
    for _ in range(number):
        run()
    return (time.perf_counter() - start) / number


def ratio(ours: Callable[[], object], hand: Callable[[], object], repeat: int) -> tuple[float, float]:
    """Median of ours / hand over interleaved rounds, and the median time by hand."""
    number = max(1, min(2000, int(0.02 / max(seconds(hand, 3), 1e-7))))
    ours()
    rounds = [(seconds(hand, number), seconds(ours, number)) for _ in range(repeat)]
    return statistics.median(b / a for a, b in rounds), statistics.median(a for a, _ in rounds)


def rows(label: str, repeat: int) -> dict[str, tuple[float, float]]:
    spec, make, in_dim, out_dim = CASES[label]
    bundle = slm_net.build_net(spec, in_dim, out_dim)
    model, optimizer, loss_fn = hand_build(make)
    shape = in_dim if isinstance(in_dim, tuple) else (in_dim,)
    one, batch = torch.rand(1, *shape), torch.rand(32, *shape)
    target, hand_target = deepcopy(bundle.model), deepcopy(model)
    labels = torch.rand(32, out_dim)
    follow = slm_net.build_net({**spec, "update_type": "polyak", "polyak_coef": 0.01}, in_dim, out_dim).target_update
    return {
        "build": ratio(lambda: slm_net.build_net(spec, in_dim, out_dim), lambda: hand_build(make), repeat),
        "forward, batch 1": ratio(lambda: bundle.model(one), lambda: model(one), repeat),
        "forward, batch 32": ratio(lambda: bundle.model(batch), lambda: model(batch), repeat),
        "train_step, batch 32": ratio(
            lambda: bundle.train_step(bundle.loss_fn(bundle.model(batch), labels)),
            lambda: hand_step(model, optimizer, loss_fn(model(batch), labels)),
            repeat,
        ),
        "polyak update": ratio(
            lambda: follow.update(bundle.model, target), lambda: hand_polyak(model, hand_target), repeat
        ),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=30)
    args = parser.parse_args()
    print("| network | step | by hand, µs | slm_net / by hand |\n|---|---|---|---|")
    for label in CASES:
        for step, (times, hand) in rows(label, args.repeat).items():
            print(f"| {label} | {step} | {hand * 1e6:,.0f} | {times:.2f} |")


if __name__ == "__main__":
    main()
