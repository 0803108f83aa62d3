"""`slm-net explain-rule`: what `slm-net explain` says of rules, as Markdown."""

from __future__ import annotations

import argparse

from slm_net.cli.explain import run_rules

EPILOG = """\
examples:
  slm-net explain-rule                    the list of rules
  slm-net explain-rule SN101
  slm-net explain-rule unknown-key SN3

exit codes: 0 fine, 2 no such rule
"""
run = run_rules


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.epilog = EPILOG
    parser.add_argument("rules", nargs="*", metavar="RULE", help="an id, a name, or the beginning of ids")
    parser.add_argument("--all", action="store_true", help="all pages as one Markdown document")
