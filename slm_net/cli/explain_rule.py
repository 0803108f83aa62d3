"""`slm-net explain-rule`: the page of a rule, or the list of all."""

from __future__ import annotations

import argparse

from slm_net.cli.parser import OK
from slm_net.problems import Rule
from slm_net.project.selection import known_rules
from slm_net.rules.pages import all_pages, page, rules, title

EPILOG = """\
examples:
  slm-net explain-rule                    the list of rules
  slm-net explain-rule SN101
  slm-net explain-rule unknown-key SN3

exit codes: 0 fine, 2 no such rule
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.epilog = EPILOG
    parser.add_argument("rules", nargs="*", metavar="RULE", help="an id, a name, or the beginning of ids")
    parser.add_argument("--all", action="store_true", help="all pages as one Markdown document")


def run(arguments: argparse.Namespace) -> int:
    """Print the pages; the exit code."""
    if arguments.all:
        print(all_pages(), end="")
    elif not arguments.rules:
        print("\n".join(map(title, rules().values())))
    else:
        wanted = sorted(frozenset().union(*map(known_rules, arguments.rules)))
        print("\n\n".join(_page(rules()[rule]) for rule in wanted))
    return OK


def _page(rule: Rule) -> str:
    return f"# {title(rule)}\n\n{page(rule)}"
