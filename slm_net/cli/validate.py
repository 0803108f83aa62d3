"""`slm-net validate`: every mistake in spec files, each at its place, with what to write instead."""

from __future__ import annotations

import argparse
import sys

from slm_net.cli.exits import exit_code
from slm_net.cli.inputs import find_files, read_input
from slm_net.cli.parser import one_of, size
from slm_net.cli.report import REPORTS, FileReport

EPILOG = """\
examples:
  slm-net validate specs/dqn.json specs/ppo.yaml
  slm-net validate specs/ --strict
  slm-net validate net.json --in-dim 4,84,84 --out-dim 6
  cat dqn.json | slm-net validate - --stdin-filename dqn.json -o json

Directories are searched for *.json *.jsonc *.yaml *.yml. Sizes are checked with
--in-dim and --out-dim, else with those of the spec's environment if it is well
known.

exit codes: 0 no errors, 1 errors, 2 wrong usage or an unreadable file
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.epilog = EPILOG
    what = 'a file, a directory, a pattern, or "-" for standard input'
    parser.add_argument("files", nargs="+", metavar="FILE", help=what)
    formats = tuple(REPORTS)
    how = f"how to report: {' or '.join(formats)} (default: text)"
    parser.add_argument("-o", "--output", type=one_of("format", *formats), default="text", metavar="FORMAT", help=how)
    parser.add_argument("--name", metavar="SPEC", help="look only at this spec of the files")
    parser.add_argument("--strict", action="store_true", help="make warnings errors")
    parser.add_argument("--in-dim", type=size, metavar="SIZE", help="what goes into the net: 4, or 4,84,84")
    parser.add_argument("--out-dim", type=size, metavar="SIZE", help="what comes out: 2, or 2,1 for two outputs")
    parser.add_argument("--stdin-filename", default="<stdin>", metavar="NAME", help='what "-" is called in the report')
    parser.add_argument("-q", "--quiet", action="store_true", help="no line of numbers at the end")


def run(arguments: argparse.Namespace) -> int:
    """Check the files and report; the exit code."""
    reports = [check(file, arguments) for file in find_files(arguments.files)]
    REPORTS[arguments.output](reports, sys.stdout, arguments.quiet)
    return exit_code(problem for report in reports for problem in report.problems)


def check(file: str, arguments: argparse.Namespace) -> FileReport:
    """What is wrong with one file."""
    from slm_net.validation import validate_document

    document = read_input(file, arguments.stdin_filename)
    dims = arguments.in_dim, arguments.out_dim
    problems = validate_document(document, arguments.name, *dims, strict=arguments.strict)
    return FileReport(document.source.file, tuple(problems), document.source.text if problems else "")
