"""`slm-net show`: what a spec builds, without building it: layers, parameters, memory, as a table or a picture."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from types import ModuleType

from slm_net.agents.plan import AgentPlan
from slm_net.agents.saved import saved_nets
from slm_net.cli.build import planned, refuse_choices, refused
from slm_net.cli.check import read_input, report_of
from slm_net.cli.output import write_output
from slm_net.cli.parser import OK, UsageError, add_choices, count, one_of
from slm_net.document.specs import Document
from slm_net.drawing.blocks import Unreadable
from slm_net.drawing.data import as_data
from slm_net.drawing.facts import Look, batch_of, beside_nets, copy_of, follows_text, net_facts, told_by
from slm_net.drawing.mermaid import as_mermaid
from slm_net.drawing.page import as_page
from slm_net.drawing.record import AgentFacts
from slm_net.drawing.svg import as_svg
from slm_net.drawing.table import as_markdown, as_text
from slm_net.plan import NetPlan
from slm_net.problems import SpecError
from slm_net.project.files import STDIN
from slm_net.reporting.report import as_json, write_problems
from slm_net.reporting.terminal import has_colour, paint, say, width
from slm_net.text.folder import is_saved
from slm_net.text.limits import MAX_PARAMETERS
from slm_net.words import disarmed, visible

EPILOG = """\
examples:
  slm-net show specs/ppo_cartpole.json
  slm-net show specs/dueling_conv.json --format svg --output net.svg
  slm-net show net.json --in-dim 4 --out-dim 2 --format html --output net.html
  slm-net show runs/ppo          what a folder holds that nets were saved in
  slm-net show dqn.json --batch 256 --format json | jq .memory

Nothing is built: everything is counted from the spec alone. Multiply-adds are
those of one observation, memory is for 32-bit numbers on the batch of --batch.
exit codes: 0 fine, 1 the spec has errors, 2 wrong usage, a file that cannot be
  read or written, or something to choose (--name, --set, --env, --in-dim,
  --out-dim)
"""
FORMATS = ("table", "json", "markdown", "mermaid", "svg", "html")


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.epilog = EPILOG
    add = parser.add_argument
    add("file", metavar="SPEC", help='a spec file, a folder that nets were saved in, or "-" for standard input')
    add_choices(parser)
    add("--batch", type=count, metavar="N", help="observations that are learned from at once (default: the spec's)")
    add("--max-params", type=count, default=MAX_PARAMETERS, metavar="N", help="the most that a net may have")
    kind = one_of("format", *FORMATS)
    add("--format", type=kind, default="table", metavar="FORMAT", help=f"{', '.join(FORMATS)} (default: table)")
    add("-o", "--output", metavar="FILE", help="where to write it in place of standard output")


def run(arguments: argparse.Namespace, part: Callable[[str], ModuleType]) -> int:
    """Plan, count, draw, print or write; the exit code.

    `part` imports what looks at a net with torch, where its type is a registered one.
    """
    document = read_input(arguments.file)
    try:
        if arguments.file != STDIN and is_saved(arguments.file):
            refuse_choices(arguments)
            facts = _facts(saved_nets(arguments.file), arguments, part)
        else:
            plan = planned(document, arguments, arguments.max_params)
            write_problems(report_of(document.source, plan.warnings), sys.stderr)
            facts = _facts((_title(document, arguments), plan), arguments, part)
    except SpecError as error:
        return refused(document, error, as_json=arguments.format == "json")
    _give(facts, document, arguments)
    return OK


def _title(document: Document, arguments: argparse.Namespace) -> str:
    """The name of the spec, else of its file."""
    return document.choose(arguments.name).name or os.path.basename(document.source.file)


def _facts(
    named: tuple[str, AgentPlan | NetPlan], arguments: argparse.Namespace, part: Callable[[str], ModuleType]
) -> AgentFacts:
    try:
        return agent_facts(*named, arguments.batch)
    except Unreadable:
        return agent_facts(*named, arguments.batch, part("trial").LOOK)


def agent_facts(name: str, plan: AgentPlan | NetPlan, batch: int | None = None, look: Look | None = None) -> AgentFacts:
    """What is shown of all nets of an agent, or of one net.

    Raises:
        Unreadable: ints know nothing of one of them, and there is no `look`.
    """
    if isinstance(plan, NetPlan):
        return AgentFacts(name, "", (net_facts("net", told_by(plan), batch_of(plan, batch), look),))
    plans = {each.name: net for each, net in plan.parts if net}
    found = {key: net_facts(key, told_by(net), batch_of(net, batch), look) for key, net in plans.items()}
    for each, net in plan.parts:
        if net is None:
            follows = follows_text(told_by(plans[each.copies]), each.start == "clone")
            found[each.name] = copy_of(found[each.copies], each.name, each.copies, follows)
    others = beside_nets(plan.temperature.target_entropy if plan.temperature else None)
    return AgentFacts(name, plan.algorithm, tuple(found[each.name] for each, _ in plan.parts), others)


def _give(facts: AgentFacts, document: Document, arguments: argparse.Namespace) -> None:
    """Print it, or write it as a whole."""
    target = arguments.output
    if target is None:
        if arguments.format == "table":
            colour = has_colour(sys.stdout)
            say(as_text(facts, width(sys.stdout), lambda text: paint(text, "strong", colour)), sys.stdout)
        else:
            sys.stdout.write(_in_format(facts, document, arguments.format))
        return
    if not target or _is_same(target, arguments.file):
        raise UsageError(f"--output {visible(target, 300)!r}: {'that is the spec' if target else 'a name is missing'}")
    write_output(target, _in_format(facts, document, arguments.format), "--output ")


def _is_same(one: str, other: str) -> bool:
    return os.path.exists(one) and os.path.exists(other) and os.path.samefile(one, other)


def _in_format(facts: AgentFacts, document: Document, form: str) -> str:
    """The text of a format, in which no CI system finds a command of its own."""
    if form == "json":
        return as_json(as_data(facts)) + "\n"
    if form == "html":
        return disarmed(as_page(facts, document), "&#58;", "&#35;")
    if form == "svg":
        return disarmed(as_svg(facts), "&#58;", "&#35;")
    if form == "mermaid":
        return as_mermaid(facts)
    return as_markdown(facts) if form == "markdown" else as_text(facts) + "\n"
