"""A build as text, for a terminal or a pipe, and as JSON."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import Any, TextIO

from slm_net import __version__
from slm_net.cli.build_facts import Facts
from slm_net.cli.terminal import is_terminal
from slm_net.words import visible

#: The columns of the layer table, and whether they hold numbers.
COLUMNS = (("layer", False), ("type", False), ("output shape", True), ("parameters", True))
GAP = "  "


def print_text(facts: Facts, out: TextIO) -> None:
    """A table with colour on a terminal, plain columns elsewhere."""
    if is_terminal(out):
        from slm_net.cli.build_rich import print_rich

        print_rich(facts, out)
    else:
        print("\n".join(_plain(facts)), file=out)


def print_json(facts: Facts, out: TextIO) -> None:
    """One object with everything; numbers that are not finite are null."""
    data = {
        "version": __version__,
        **{key: value for key, value in vars(facts).items() if key != "parts"},
        **facts.parts,
        "layers": [row._asdict() for row in facts.layers],
        "step": facts.step and {key: _finite(value) for key, value in asdict(facts.step).items()},
        "problems": [problem.as_dict() for problem in facts.problems],
    }
    print(json.dumps(data, indent=2, allow_nan=False), file=out)


def title(facts: Facts) -> tuple[str, str, str]:
    """Spec name (or "net" for a bare block), net type, file."""
    return visible(facts.spec) or "net", facts.type, visible(facts.file, 300)


def layer_cells(facts: Facts) -> list[tuple[str, str, str, str]]:
    """The layer table as texts."""
    return [
        (visible(name), kind, "-" if shape is None else ", ".join(f"{size:,}" for size in shape), _count(parameters))
        for name, kind, shape, parameters in facts.layers
    ]


def part_cells(facts: Facts) -> list[tuple[str, str]]:
    """The parts beside the model: what and how."""
    return [(name.replace("_", " "), text) for name, text in facts.parts.items()]


def step_cells(facts: Facts) -> list[tuple[str, str]]:
    """The training step: what and how much."""
    step = facts.step
    if step is None:
        return [("left out", facts.no_step)] if facts.no_step else []
    moved = f"{step.weights_moved:,} of {step.weights:,} tensors moved, by {step.largest_change:.3g} at most"
    if not step.weights_moved:
        moved = "unchanged: " + (
            "the loss or a gradient is not finite" if step.skipped else "the gradient or the learning rate is 0"
        )
    clipped = f"{_real(step.grad_norm)} before clipping, {_real(step.grad_norm_clipped)} after"
    return [
        ("batch", f"{step.batch_size} random observations and targets, seed {step.seed}"),
        ("loss", _real(step.loss)),
        ("gradient norm", clipped),
        ("weights", moved),
    ]


def _plain(facts: Facts) -> list[str]:
    name, kind, file = title(facts)
    table = [tuple(label for label, _ in COLUMNS), *layer_cells(facts)]
    table.append(("total", "", "", f"{facts.parameters:,}"))
    lines = [f"{name}: {kind} from {file}", *(GAP + visible(note, 500) for note in facts.notes), ""]
    lines += [*_aligned(table, [numeric for _, numeric in COLUMNS]), "", *_aligned(part_cells(facts), [False, False])]
    if step := step_cells(facts):
        lines += ["", "training step", *_aligned(step, [False, False])]
    return lines


def _aligned(rows: Any, numeric: list[bool]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(numeric))]
    return [
        GAP
        + GAP.join(
            f"{cell:>{width}}" if right else f"{cell:<{width}}"
            for cell, width, right in zip(row, widths, numeric, strict=True)
        ).rstrip()
        for row in rows
    ]


def _count(number: int) -> str:
    return f"{number:,}" if number else "-"


def _real(number: float) -> str:
    return f"{number:,.4f}" if 1e-3 <= abs(number) < 1e6 else f"{number:.4g}"


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
