"""`slm-net build`: the nets of a spec, layer by layer, and a training step of each that shows that it trains."""

from __future__ import annotations

import argparse
import math
import sys
import warnings
from collections.abc import Callable
from dataclasses import asdict, replace
from types import ModuleType
from typing import TYPE_CHECKING, Any, TextIO

from slm_net import __version__
from slm_net.agents.plan import AgentPlan, plan_agent
from slm_net.cli.check import read_input, report_of
from slm_net.cli.parser import CHOICES, OK, SPEC_ERROR, USAGE_RULES, UsageError, add_choices, exit_code, seed
from slm_net.document.algorithms import RECIPES
from slm_net.document.specs import Document
from slm_net.document.variables import UNSET_VARIABLE
from slm_net.plan import NetPlan, algorithm_named, check_spec, main_plan
from slm_net.problems import COMMAND, Problem, SpecError
from slm_net.reporting.progress import waiting
from slm_net.reporting.report import as_json, by_severity, json_report, text_report, write_problems
from slm_net.reporting.terminal import has_colour, is_terminal, paint, say
from slm_net.spaces.values import DIMS_UNKNOWN
from slm_net.text.limits import MAX_PARAMETERS
from slm_net.words import visible

if TYPE_CHECKING:
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    from slm_net.cli.trial import Facts, NetFacts

EPILOG = """\
examples:
  slm-net build specs/cnn_page.json
  slm-net build net.json --in-dim 4,84,84 --out-dim 6
  slm-net build specs.yaml --name ppo_shared --set env=CartPole-v1
  slm-net build dqn.json --override agent.0.net.optim_spec.lr=1e-4
  slm-net build dqn.json --json | jq .parameters

The VALUE of --set and --override is JSON if it can be, else text.
exit codes: 0 fine, 1 the spec has errors, 2 wrong usage, an unreadable file, or
  something to choose (--name, --set, --env, --in-dim, --out-dim)
"""
#: Wider than anything that is printed: in a file or a pipe no line is wrapped or cut.
UNLIMITED = 10_000
#: What `build` and `show` need to be told, beside what every command does.
ASKED = USAGE_RULES | {UNSET_VARIABLE.id, DIMS_UNKNOWN.id}


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.epilog = EPILOG
    add = parser.add_argument
    add("file", metavar="FILE", help='a spec file, or "-" for standard input')
    add_choices(parser)
    add("--device", help="cpu, cuda, cuda:1, mps; in place of the spec's gpu")
    add("--root", metavar="DIR", help="the folder below which an init_from of the spec may read weights")
    add("--seed", type=seed, default=0, help="draws the weights and the batch (default: 0)")
    add("--no-step", action="store_true", help="leave out the training step")
    add("--json", action="store_true", help="everything as one JSON object")


def refuse_choices(arguments: argparse.Namespace) -> None:
    """Refuse what says which spec is meant, or what it is for, beside a folder that nets were saved in."""
    for option in CHOICES:
        if vars(arguments).get(option.lstrip("-").replace("-", "_")):
            raise UsageError(f"{option} goes with a spec: a folder says it itself")


def run(arguments: argparse.Namespace, part: Callable[[str], ModuleType]) -> int:
    """Validate, build, train one step, print; the exit code.

    `part` imports the module that builds, and torch: a spec that is wrong is refused before.
    """
    document = read_input(arguments.file)
    try:
        plan = planned(document, arguments)
        warnings.filterwarnings("ignore", message="Failed to initialize NumPy")  # nothing here needs it
        spec = document.choose(arguments.name).name
        with waiting("building the nets"):
            facts = part("trial").facts_of(plan, document.source.file, spec, arguments)
    except SpecError as error:
        return refused(document, error, as_json=arguments.json)
    if arguments.json:
        print_json(facts, sys.stdout)
    else:
        _show(facts, document)
    return SPEC_ERROR if facts.diverged else OK


def _show(facts: Facts, document: Document) -> None:
    """The facts on standard output, and on standard error what is doubtful about them."""
    write_problems(report_of(document.source, facts.problems), sys.stderr)
    for notice in facts.notices:
        say(f"{paint('warning', 'warning', has_colour(sys.stderr))}: {notice}", sys.stderr)
    for name in facts.diverged:
        said = f"the training step of {name} diverged: its loss or gradient is not finite"
        say(f"{paint('error', 'error', has_colour(sys.stderr))}: {said}", sys.stderr)
    print_text(facts, sys.stdout)


def refused(document: Document, error: SpecError, *, as_json: bool) -> int:
    """Report what is wrong with a spec on standard output; the exit code."""
    problems = tuple(_said(problem, document.source.file) for problem in error.problems)
    report = json_report if as_json else text_report
    report([report_of(document.source, problems)], sys.stdout)
    return exit_code(by_severity(problems)[0], ASKED)


def planned(document: Document, arguments: argparse.Namespace, max_params: int = MAX_PARAMETERS) -> AgentPlan | NetPlan:
    """The plan of all nets of an agent; of the net that acts if its dims are given, or the algorithm is not known."""
    which: dict[str, Any] = {
        "name": arguments.name,
        "variables": dict(arguments.set),
        "overrides": dict(arguments.override),
    }
    given = {**which, "env": arguments.env, "caller": COMMAND, "max_params": max_params}
    dims = getattr(arguments, "in_dim", None), getattr(arguments, "out_dim", None)
    if dims == (None, None) and document.specs and algorithm_named(document, **which) in RECIPES:
        return plan_agent(document, **given)
    return main_plan(check_spec(document, *dims, **given))


def _said(problem: Problem, file: str) -> Problem:
    """A problem with its file, and a hint that names options where Python has arguments."""
    return replace(problem.said_to(COMMAND), file=problem.file or file)


def print_json(facts: Facts, out: TextIO) -> None:
    """One object with everything about the net that acts, and the other nets; numbers that are not finite are null."""
    nets = [_net_json(net) for net in facts.nets]
    data = {
        "version": __version__,
        **{key: value for key, value in vars(facts).items() if key not in ("nets", "others")},
        **(nets[0] if nets else {}),
        "other_nets": nets[1:],
        "others": facts.others,
        "problems": [problem.as_dict() for problem in facts.problems],
    }
    print(as_json(data), file=out)


def _net_json(net: NetFacts) -> dict[str, Any]:
    return {
        **{key: value for key, value in vars(net).items() if key != "parts"},
        **net.parts,
        "layers": [row._asdict() for row in net.layers],
        "step": net.step and {key: _finite(value) for key, value in asdict(net.step).items()},
    }


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def print_text(facts: Facts, out: TextIO) -> None:
    """Title, dims, layer table, parts and training step: as wide as the terminal, and as wide as needed elsewhere."""
    from rich.console import Console
    from rich.text import Text

    on_terminal = is_terminal(out)
    console = Console(
        file=out,
        color_system="auto" if has_colour(out) else None,
        force_terminal=on_terminal,
        width=None if on_terminal else UNLIMITED,
        highlight=False,
        markup=False,
        emoji=False,
    )
    with console.capture() as printed:
        for index, net in enumerate(facts.nets):
            title = _title(facts) if index == 0 else Text.assemble("\n", (f"{net.name}: {net.type}", "bold cyan"))
            console.print(title)
            for note in net.notes:
                console.print(_indented(Text(visible(note, 500))))
            console.print("", _indented(_layers(net, ruled=on_terminal)), "", sep="\n")
            console.print(_pairs([(name.replace("_", " "), text) for name, text in net.parts.items()]))
            if step := _step(net):
                console.print(Text("\ntraining step", "bold"))
                console.print(_pairs(step))
        if not facts.nets:
            console.print(Text(f"{visible(facts.spec)}: {visible(facts.algorithm)} has no net"))
        if facts.others:
            console.print(Text("\nbeside the nets", "bold"))
            console.print(_pairs(list(facts.others.items())))
    say("\n".join(line.rstrip() for line in printed.get().splitlines()), out)


def _title(facts: Facts) -> Text:
    """What the file holds, with the net that acts."""
    from rich.text import Text

    name, net = visible(facts.spec) or "net", facts.nets[0].type
    agent = f"{visible(facts.algorithm)}, " if facts.algorithm else ""
    return Text.assemble((name, "bold"), f": {agent}", (net, "bold cyan"), f" from {visible(facts.file, 300)}")


def _indented(what: Any) -> Padding:
    from rich.padding import Padding

    return Padding(what, (0, 0, 0, 2), expand=False)


def _layers(net: NetFacts, ruled: bool) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    lines = box.SIMPLE if ruled else None
    table = Table(
        box=lines, show_edge=False, show_footer=True, pad_edge=False, header_style="bold", footer_style="bold"
    )
    table.add_column("layer", "total", overflow="fold")
    table.add_column("type", overflow="fold")
    table.add_column("output shape", justify="right", overflow="fold")
    table.add_column("parameters", f"{net.parameters:,}", justify="right", overflow="fold")
    for name, kind, shape, count in net.layers:
        sizes = "-" if shape is None else ", ".join(f"{size:,}" for size in shape)
        cells = Text(visible(name)), Text(kind, "cyan"), Text(sizes), Text(f"{count:,}" if count else "-")
        table.add_row(*cells, style="" if count else "dim")
    return table


def _pairs(rows: list[tuple[str, str]]) -> Padding:
    """What and how, below each other."""
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", min_width=14)
    grid.add_column(overflow="fold")
    for label, text in rows:
        grid.add_row(Text(label), Text(text))
    return _indented(grid)


def _step(net: NetFacts) -> list[tuple[str, str]]:
    """The training step: what and how much."""
    step = net.step
    if step is None:
        return [("left out", net.no_step)] if net.no_step else []
    moved = f"{step.weights_moved:,} of {step.weights:,} tensors moved, by {step.largest_change:.3g} at most"
    if not step.weights_moved:
        moved = "unchanged: " + (
            "the loss or a gradient is not finite" if step.skipped else "the gradient or the learning rate is 0"
        )
    return [
        ("batch", f"{step.batch_size} random observations and targets, seed {step.seed}"),
        ("loss", _real(step.loss)),
        ("gradient norm", f"{_real(step.grad_norm)} before clipping, {_real(step.grad_norm_clipped)} after"),
        ("weights", moved),
    ]


def _real(number: float) -> str:
    return f"{number:,.4f}" if 1e-3 <= abs(number) < 1e6 else f"{number:.4g}"
