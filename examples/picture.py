"""Draw the picture of the README from runs that examples/learning.py kept: a spec, its policy, how it learned.

python examples/learning.py --tasks ppo_lunarlander && python examples/picture.py
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
from common import GOALS
from learning import ROOT, SEEDS

from slm_net import build_nets

#: The keys of the spec that the picture shows; others are left out of it.
SHOWN = {
    "agent": {
        "algorithm": {"name", "gamma"},
        "net": {"type", "hid_layers", "hid_layers_activation", "init_fn", "clip_grad_val", "lr_scheduler_spec"},
    },
    "env": {"name", "num_envs"},
}
CODE, LINE, GAP = 345, 19, 46
CURVE, HEIGHT, LEFT, TOP, BOTTOM = 330.0, 330.0, 52.0, 52.0, 52.0
COLOURS = ("var(--conv)", "var(--dense)", "var(--tail)")


def shortened(spec: Any, shown: Any) -> Any:
    """The entries of a spec that are shown."""
    if isinstance(shown, set):
        return {key: value for key, value in spec.items() if key in shown}
    return {key: shortened(spec[key], below) for key, below in shown.items()}


def code(name: str, spec: dict[str, Any]) -> tuple[str, float]:
    """A panel with the spec as text, and its height."""
    text = json.dumps(shortened(spec, SHOWN), indent=2)
    text = re.sub(r"\[\s+([^\]]*?)\s+\]", lambda found: f"[{' '.join(found[1].split())}]", text)
    lines = text.splitlines()
    height = 52.0 + LINE * len(lines)
    rows = "".join(
        f'<text x="20" y="{58 + LINE * at}" style="font:13px ui-monospace,Menlo,Consolas,monospace;white-space:pre">'
        f"{escape(line).replace(' ', chr(160))}</text>"
        for at, line in enumerate(lines)
    )
    return panel(f"specs/{name}.json", "shortened", CODE, height) + rows + "</g>", height


def panel(title: str, quiet: str, width: float, height: float) -> str:
    """The beginning of a panel; the caller moves and closes it."""
    return (
        f'<g transform="translate(X Y)"><rect class="panel" width="{width}" height="{height}" rx="8"/>'
        f'<text class="title" x="20" y="29">{escape(title)}<tspan class="quiet" dx="8" style="font-weight:400">'
        f"{escape(quiet)}</tspan></text>"
    )


def curve(runs: list[dict[str, Any]]) -> str:
    """A panel with the running mean of the returns of each seed over frames, and the goal."""
    first, goal = runs[0], GOALS[runs[0]["env"]]
    window, series = 100, []
    for one in runs:
        sums = np.cumsum([0.0, *one["returns"]])
        series.append((one["ends"][window - 1 :], (sums[window:] - sums[:-window]) / window))
    low, high = min(min(means) for _, means in series), max(goal, *(max(means) for _, means in series))
    wide, tall = CURVE - LEFT - 20, HEIGHT - TOP - BOTTOM

    def place(frame: float, value: float) -> str:
        x = LEFT + wide * frame / first["frames"]
        return f"{x:.1f},{TOP + tall * (high - value) / (high - low):.1f}"

    parts = [panel(f"{first['algorithm']} on {first['env']}", f"{len(runs)} seeds", CURVE, HEIGHT)]
    for value in range(int(np.ceil(low / 100)) * 100, int(high) + 1, 100):
        (x, y), end = place(0, value).split(","), LEFT + wide
        stroke = 'stroke="var(--ink)" stroke-dasharray="5 4"' if value == goal else 'stroke="var(--edge)"'
        parts.append(f'<path d="M{x} {y}H{end}" {stroke}/>')
        parts.append(f'<text class="quiet" x="{LEFT - 8}" y="{float(y) + 4}" text-anchor="end">{value}</text>')
    for (frames, means), colour in zip(series, COLOURS, strict=True):
        points = " ".join(place(*at) for at in list(zip(frames, means, strict=True))[::12])
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.6"/>')
    words = f"mean return of {window} episodes, solved at {goal:g}"
    parts.append(f'<text class="quiet" x="{LEFT - 32}" y="{HEIGHT - 26}">{words}</text>')
    parts.append(f'<text class="quiet" x="{LEFT - 32}" y="{HEIGHT - 10}">{first["frames"]:,} frames</text></g>')
    return "".join(parts)


def picture(name: str, runs: list[dict[str, Any]]) -> str:
    """The three panels in a row, as one SVG in the colours of the nets' picture."""
    spec = runs[0]["spec"]
    text, height = code(name, spec)
    nets = build_nets(spec, device="meta").actor.summary().svg
    style, body = (re.search(pattern, nets, re.DOTALL) for pattern in (r"<style>.*?</style>", r"</style>\n(.*)</svg>"))
    size = re.search(r'viewBox="0 0 (\S+) (\S+)"', nets)
    if not (style and body and size):
        raise ValueError("the picture of the nets has another form")
    wide, tall = float(size[1]), float(size[2])
    whole, full = max(height, tall - 32, HEIGHT) + 32, CODE + wide + CURVE + 2 * GAP
    at = (16.0, CODE + GAP, CODE + wide + 2 * GAP - 16)
    parts = [f'<rect class="bg" width="{full:.0f}" height="{whole:.0f}" rx="10"/>']
    parts.append(text.replace("X Y", f"{at[0]} {(whole - height) / 2:.1f}"))
    nets_only = re.sub(r'<rect class="bg"[^>]*/>', "", body[1])
    parts.append(f'<g transform="translate({at[1]:.1f} {(whole - tall) / 2:.1f})">{nets_only}</g>')
    parts.append(curve(runs).replace("X Y", f"{at[2]:.1f} {(whole - HEIGHT) / 2:.1f}"))
    for x in (CODE + 16.0, CODE + GAP + wide - 16.0):
        y = whole / 2
        parts.append(f'<path class="way" d="M{x + 8} {y}h20"/><path class="tip" d="M{x + 28} {y - 5}v10l10 -5z"/>')
    label = f"A spec of {runs[0]['algorithm']}, the policy that is built of it, and how it learned {runs[0]['env']}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="slm-net-picture" viewBox="0 0 {full:.0f} {whole:.0f}" '
        f'width="{full:.0f}" height="{whole:.0f}" style="max-width:100%;height:auto" role="img" aria-label="{label}">'
        f"<title>{label}</title>{style[0]}{''.join(parts)}</svg>\n"
    )


def main() -> None:
    """Write the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", default="ppo_lunarlander")
    parser.add_argument("--runs", type=Path, default=ROOT / "build" / "learning")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images" / "spec_net_curve.svg")
    args = parser.parse_args()
    runs = [json.loads((args.runs / f"{args.task}_{seed}.json").read_text()) for seed in SEEDS]
    args.out.write_text(picture(args.task, runs))


if __name__ == "__main__":
    main()
