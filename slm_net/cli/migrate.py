"""`slm-net migrate`: specs of SLM Lab 0 to 4 rewritten for SLM Lab 5, with the proof that their nets are the same."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import NamedTuple

from slm_net.cli.check import read_input, report_of
from slm_net.cli.output import show_patch
from slm_net.cli.parser import OK, SPEC_ERROR, USAGE, USAGE_RULES, UsageError, one_of
from slm_net.diff.report import text
from slm_net.document.recognition import looks_like_spec
from slm_net.document.specs import Document
from slm_net.editing.patch import unified_diff
from slm_net.editing.writing import rewrite
from slm_net.migration.migrate import Migrated, migrated, runs
from slm_net.migration.proof import Proof, proof
from slm_net.problems import COMMAND, Problem
from slm_net.project.files import STDIN, find_files
from slm_net.reporting.progress import with_progress
from slm_net.reporting.report import counted, write_problems
from slm_net.reporting.terminal import say
from slm_net.words import visible

EPILOG = """\
examples:
  slm-net migrate --to 5 specs/ --diff
  slm-net migrate --to 5 specs/ppo_pong.json
  slm-net migrate --to 5 specs/ --check
  slm-net migrate --to 5 specs/dqn.json --prove

Lists of one agent and one environment become objects, body goes, settings and
environments get the names that they have in SLM Lab 5. Comments stay, as does
the formatting of all that is not changed. A file is written as a whole or not
at all, and not at all if a net would be another one afterwards: the nets of
both texts are planned and compared, with --prove built with one seed, too.
What cannot be migrated is told at its line, and left. Give files that extend
each other together: what extends a file that is migrated alone keeps the old
layout.

exit codes: 0 SLM Lab 5 runs them all, 1 something is left that it does not run,
  or nets would differ; with --check and --diff also if something would change;
  2 wrong usage or an unreadable file
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.epilog = EPILOG
    add = parser.add_argument
    add("files", nargs="+", metavar="FILE", help="a file, a directory, or a pattern")
    add("--to", type=one_of("SLM Lab to migrate to", "5"), required=True, metavar="5", help="the SLM Lab: 5")
    add("--diff", action="store_true", help="show what would change, and write nothing")
    add("--check", action="store_true", help="write nothing; exit code 1 if something would change")
    add("--prove", action="store_true", help="build the nets of both with one seed, and compare their weights")
    add("--quiet", action="store_true", help="only what is left, and what differs")


class Done(NamedTuple):
    """One file: whether its text is another one, whether it is right now, and whether it could be read and written."""

    changed: bool = False
    right: bool = True
    usable: bool = True


def run(arguments: argparse.Namespace, part: Callable[[str], ModuleType]) -> int:
    """Migrate each file; the exit code. `part` imports the module that builds."""
    if STDIN in arguments.files:
        raise UsageError("migrate rewrites files; write standard input to one")
    files = find_files(arguments.files)
    done = [_file(file.path, file.searched, arguments, part) for file in with_progress(files, len(files))]
    if not all(each.usable for each in done):
        return USAGE
    would = (arguments.check or arguments.diff) and any(each.changed for each in done)
    return SPEC_ERROR if would or not all(each.right for each in done) else OK


def _file(path: str, searched: bool, arguments: argparse.Namespace, part: Callable[[str], ModuleType]) -> Done:
    before = read_input(path)
    if searched and not looks_like_spec(before.source, before.source.text):
        return Done()
    if any(problem.rule in USAGE_RULES for problem in before.source.problems):
        _report(before, before.source.problems)
        return Done(usable=False)
    if not before.source.text or not before.source.readable or before.source.mended or not before.specs:
        _report(before, before.source.problems)
        say(f"{visible(path, 300)}: not migrated: it is no spec file without mistakes in its text", sys.stderr)
        return Done(right=False)
    found = migrated(before)
    checked = proof(before, found.document)
    to_build = arguments.prove and found.done and not checked.differ.specs
    built = part("migration.built").build_both(before, found.document) if to_build else None
    reason = f"its nets would be others\n{text(checked.differ)}" if checked.differ.specs else ""
    if built and built.different:
        reason = f"with one seed, a weight would be another one: {visible(built.different, 200)}"
    if reason:
        say(f"{visible(path, 300)}: not migrated: {reason}", sys.stderr)
        return Done(right=False)
    return _written(before, found, _proved(checked, built and len(built.specs)), arguments)


def _written(before: Document, found: Migrated, proved: str, arguments: argparse.Namespace) -> Done:
    source, after = before.source, found.document.source
    path, changed = visible(source.file, 300), source.text != after.text or source.bom
    if arguments.diff and changed:
        show_patch(unified_diff(source, after))
    elif changed and not arguments.check and (fault := rewrite(source, after)):
        say(f"{path}: {fault}", sys.stderr)
        return Done(usable=False)
    _report(found.document, found.left)
    if not arguments.quiet:
        would = "would be migrated" if arguments.diff or arguments.check else "migrated"
        said = f"{would}, {counted(len(found.done), 'step')}" if changed else "nothing to migrate"
        say(f"{path}: {said}{proved if changed else ''}", sys.stderr)
    return Done(changed, runs(found))


def _proved(checked: Proof, built: int | None) -> str:
    """Of how many specs the nets are known to be equal, and of which that is not known."""
    equal, unknown = len(checked.equal), checked.unknown
    parts = [f"nets of {counted(equal, 'spec')} compared: equal"] if equal else []
    if built is not None:
        parts.append(f"those of {built:,} built with one seed: equal weights" if built else "none could be built")
    if unknown:
        name, reason = unknown[0]
        more = f" and {len(unknown) - 1:,} more" if len(unknown) > 1 else ""
        parts.append(f"nets of {visible(name, 80) or 'the spec'}{more} not compared: {visible(reason, 160)}")
    return "".join(f"; {part}" for part in parts)


def _report(document: Document, problems: Iterable[Problem]) -> None:
    write_problems(report_of(document.source, [problem.said_to(COMMAND) for problem in problems]), sys.stderr)
