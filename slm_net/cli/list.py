"""`slm-net list`: all names of a kind, those of plugins among them, each with a line."""

from __future__ import annotations

import argparse
import sys

from slm_net.cli.parser import OK, one_of
from slm_net.reference.lists import LISTS, rows
from slm_net.reference.pages import in_columns
from slm_net.reporting.report import as_json
from slm_net.reporting.terminal import columns, say

EPILOG = f"""\
examples:
  slm-net list nets
  slm-net list environments --json

KIND is {", ".join(LISTS[:6])},
  {", ".join(LISTS[6:])}.
slm-net explain NAME says more of each.

exit codes: 0 fine, 2 no such kind
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.epilog = EPILOG
    parser.add_argument("kind", type=one_of("kind", *LISTS), metavar="KIND", help="what to list, see below")
    parser.add_argument("--json", action="store_true", help="as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print the names; the exit code."""
    found = rows(arguments.kind)
    if arguments.json:
        print(as_json([{"name": name, "about": about} for name, about in found]))
    else:
        say(in_columns(found, min(columns(), 100)), sys.stdout)
    return OK
