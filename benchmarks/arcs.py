"""TorchArcNet against the same modules written by hand in torch, over the arcs of real spec files, in one run.

    python benchmarks/arcs.py [FOLDER] [--repeat 15]      # FOLDER: spec files, by default specs/

For every different arc of one Sequential: building the model, and a forward pass of a batch of 1 and of 32, as the
ratio to hand-written code (the median of interleaved rounds, CPU time). The last line is an arc of 60 nodes, validated
again and again with one number changed.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

import slm_net
from slm_net.document.nets import resolve
from slm_net.document.specs import read_document
from slm_net.net_types.arc import arc_of_net
from slm_net.nets.arc import TorchArcNet
from slm_net.nets.layers import layer_class

torch.set_num_threads(1)
SPECS = Path(__file__).resolve().parent.parent / "specs"


class ByHand(nn.Module):
    """A Sequential and its output layers."""

    def __init__(self, layers: list[Callable[[], nn.Module]], width: int, out_dim: Any):
        super().__init__()
        self.body = nn.Sequential(*(make() for make in layers))
        if isinstance(out_dim, list):
            self.tails = nn.ModuleList(nn.Linear(width, size) for size in out_dim)
            self.forward = self.several
        else:
            self.tail = nn.Linear(width, out_dim)

    def forward(self, x: Tensor) -> Any:
        return self.tail(self.body(x))

    def several(self, x: Tensor) -> list[Tensor]:
        x = self.body(x)
        return [tail(x) for tail in self.tails]


def arcs(folder: Path) -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Every different arc of one Sequential, with a name and an in_dim that it takes."""
    known = set()
    for path in sorted(path for path in folder.rglob("*") if path.suffix in (".json", ".yaml", ".yml")):
        for spec in read_document(path).specs:
            for block in spec.net_blocks():
                for key in ("arc", "actor_arc", "critic_arc"):
                    arc, text = block.data.get(key), json.dumps(block.data.get(key))
                    if not isinstance(arc, dict) or text in known:
                        continue
                    parts = list(arc["modules"].values())
                    if len(parts) == 1 and "Sequential" in parts[0]:
                        known.add(text)
                        yield f"{path.stem}: {spec.name}", arc, (4, 84, 84) if "Conv" in text else 17


def by_hand(arc: dict[str, Any], in_dim: Any, out_dim: Any) -> Callable[[], nn.Module]:
    """What makes the same net without a spec: its layers with their sizes."""
    walked = arc_of_net(arc, in_dim).walk
    layers = []
    for row in walked.rows.values():
        arguments = {**row.call.given, **row.learned}
        layers.append(partial(layer_class(row.call.name), **arguments))
    return lambda: ByHand(layers, walked.output.features, out_dim)


def rounds(repeat: int, times: int, *jobs: Callable[[], Any]) -> list[list[float]]:
    """The seconds of CPU that each job takes, round by round."""
    found: list[list[float]] = [[] for _ in jobs]
    for _ in range(repeat):
        for job, taken in zip(jobs, found, strict=True):
            start = time.process_time()
            for _ in range(times):
                job()
            taken.append((time.process_time() - start) / times)
    return found


def ratio(ours: list[float], theirs: list[float]) -> float:
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=SPECS)
    parser.add_argument("--repeat", type=int, default=15)
    arguments = parser.parse_args()
    rows = []
    for name, arc, in_dim in arcs(arguments.folder):
        spec, shape = resolve({"type": "TorchArcNet", "arc": arc}), in_dim if isinstance(in_dim, tuple) else (in_dim,)
        hand = by_hand(arc, in_dim, 6)
        large = len(shape) > 1
        build = rounds(arguments.repeat, 1 if large else 20, lambda: TorchArcNet(spec, in_dim, 6), hand)  # noqa: B023
        model, other = TorchArcNet(spec, in_dim, 6).eval(), hand().eval()
        forwards = []
        for batch in (1, 32):
            x = torch.randn(batch, *shape)
            with torch.no_grad():
                forwards.append(
                    rounds(arguments.repeat, 5 if large else 200, lambda: model(x), lambda: other(x))  # noqa: B023
                )
        row = [ratio(*build), *(ratio(*forward) for forward in forwards)]
        rows.append(row)
        print(f"| {name} | {1e6 * statistics.median(build[1]):,.0f} | " + " | ".join(f"{r:.2f}" for r in row) + " |")
    columns = list(zip(*rows, strict=True))
    print(f"| median of {len(rows)} | | " + " | ".join(f"{statistics.median(column):.2f}" for column in columns) + " |")
    print("| largest | | " + " | ".join(f"{max(column):.2f}" for column in columns) + " |")
    spec = sixty()
    number = iter(range(10**9))

    def again() -> None:
        spec["arc"]["modules"]["m0"]["LazyLinear"]["out_features"] = 100 + next(number)
        assert not slm_net.validate(spec, in_dim=4, out_dim=2)

    again()
    [taken] = rounds(arguments.repeat, 10, again)
    print(f"\nan arc of 60 nodes, validated warm: {1000 * statistics.median(taken):.1f} ms of CPU")


def sixty() -> dict[str, Any]:
    """A chain of 60 nodes."""
    modules = {f"m{i}": {"LazyLinear": {"out_features": 64 + i}} for i in range(60)}
    nodes = {f"m{i}": [f"m{i - 1}" if i else "x"] for i in range(60)}
    return {
        "type": "TorchArcNet",
        "arc": {"modules": modules, "graph": {"input": "x", "modules": nodes, "output": "m59"}},
    }


if __name__ == "__main__":
    main()
