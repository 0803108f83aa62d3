"""`slm-net flatten`: a spec file with everything in it that it is built on, as SLM Lab itself reads it."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from slm_net.cli.check import read_input, report_of
from slm_net.cli.output import write_output
from slm_net.cli.parser import OK, add_choices, exit_code, lab_version
from slm_net.concrete import concrete
from slm_net.document.specs import Document
from slm_net.problems import COMMAND, SpecError, has_errors
from slm_net.reporting.report import text_report, write_problems
from slm_net.validation import Given, examine

EPILOG = """\
examples:
  slm-net flatten specs/pong.yaml > pong.json
  slm-net flatten specs/pong.json --for slm-lab-5 -o flat/pong.json
  slm-net flatten dqn.json --name dqn --set env=CartPole-v1

Written is JSON, with the files of extends and arc_file in their places, and
without anchors, merge keys and comments. ${variables} and spec_params stay,
unless --set or --override gives one spec with nothing left to choose.

exit codes: 0 fine, 1 the spec has errors, 2 wrong usage or an unreadable file
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.epilog = EPILOG
    add = parser.add_argument
    add("file", metavar="SPEC", help='a spec file, or "-"')
    add("--name", metavar="SPEC", help="only this spec of the file")
    add_choices(parser, "--set", "--override")
    lab = "refuse what fails in SLM Lab itself: slm-lab-4 or slm-lab-5"
    add("--for", type=lab_version, default=0, dest="for_", metavar="LAB", help=lab)
    add("-o", "--output", metavar="FILE", help="where to write it (default: standard output)")


def run(arguments: argparse.Namespace) -> int:
    """Write the file; the exit code."""
    document = read_input(arguments.file)
    problems = examine(document, Given(lab=arguments.for_), arguments.name).problems
    try:
        data = None if has_errors(problems) else _data(document, arguments)
    except SpecError as error:
        problems, data = error.problems, None
    said = tuple(problem.said_to(COMMAND) for problem in problems)
    if data is None:
        text_report([report_of(document.source, said)], sys.stdout)
        return exit_code(said)
    write_problems(report_of(document.source, said), sys.stderr)
    text = json.dumps(data, indent=2) + "\n"
    if not arguments.output:
        print(text, end="")
        return OK
    write_output(arguments.output, text)
    return OK


def _data(document: Document, arguments: argparse.Namespace) -> dict[str, Any]:
    """The data of the file, or of one spec of it under its name.

    Raises:
        SpecError: there is no such spec, or something is left to choose.
    """
    variables, overrides = dict(arguments.set), dict(arguments.override)
    if variables or overrides:
        spec = concrete(document, arguments.name, variables, overrides, COMMAND).spec
        if document.kind != "file":
            return dict(spec.data)
        added = {"name"} - document.choose(arguments.name).data.keys()
        return {spec.name: {key: value for key, value in spec.data.items() if key not in added}}
    if arguments.name is not None:
        document.choose(arguments.name)
    whole = document if arguments.name is None else document.only(arguments.name)
    return {key: value for key, value in whole.source.data.items() if key != "$schema"}
