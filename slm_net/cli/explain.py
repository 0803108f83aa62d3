"""`slm-net explain`: what a word of a spec is, or where each value of a spec comes from; and the pages of rules."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from types import ModuleType

from slm_net.cli.parser import OK, UsageError, add_choices
from slm_net.problems import Rule
from slm_net.project.files import SUFFIXES
from slm_net.project.selection import known_rules, rules_called
from slm_net.reference.pages import as_data, as_text
from slm_net.reference.topics import Topic, meant, topics
from slm_net.reporting.report import as_json
from slm_net.reporting.terminal import columns
from slm_net.rules.pages import all_pages, page, rules, title
from slm_net.words import visible

EPILOG = """\
examples:
  slm-net explain hid_layers              a key: what it is, type and default
  slm-net explain Adam                    a name, with its arguments
  slm-net explain Adam.lr                 an argument of a name
  slm-net explain LayerNorm               a layer; also PPO, MLPNet, ...
  slm-net explain SN203                   a rule; also unknown-key, SN3
  slm-net explain specs/dqn.json          a spec: where its values are from
  slm-net explain specs/dqn.json agent.0.net.optim_spec

An existing path is a spec, anything else a word. slm-net list shows the words.

exit codes: 0 fine, 1 the spec has errors, 2 no such word or file
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.epilog = EPILOG
    add = parser.add_argument
    add("what", nargs="?", metavar="WORD|SPEC", help="a word of specs, or a spec file")
    add("path", nargs="?", metavar="PATH", help="of a spec: the block or value to explain")
    add("--json", action="store_true", help="as JSON")
    add_choices(parser, "--name", "--set", "--override", "--env")


def run(arguments: argparse.Namespace, part: Callable[[str], ModuleType]) -> int:
    """Print what a word is, or hand a spec on to `part`; the exit code."""
    if arguments.what is None:
        print(EPILOG, end="")
        return OK
    if os.path.exists(arguments.what):
        return int(part("explain_spec").run(arguments))
    given = [option for option in ("path", "name", "set", "override", "env") if vars(arguments)[option]]
    found = topics_of(arguments.what)
    if given:
        words = "PATH goes" if given[0] == "path" else f"--{given[0]} goes"
        raise UsageError(f"{words} with a spec file, and {visible(arguments.what)!r} is none")
    if arguments.json:
        print(as_json([as_data(topic) for topic in found]))
    else:
        print("\n\n\n".join(as_text(topic, min(columns(), 100)) for topic in found))
    return OK


def topics_of(word: str) -> list[Topic]:
    """All that a word may be; the beginning of ids of rules stands for all of these.

    Raises:
        UsageError: there is no such word.
    """
    if found := list(topics(word)) or [topic for rule in sorted(rules_called(word)) for topic in topics(rule)]:
        return found
    if os.path.basename(word) != word or word.lower().endswith(SUFFIXES):
        raise UsageError(f"there is no file {visible(word)!r}, and no such word")
    near = meant(word)
    hint = f"did you mean {' or '.join(map(repr, near[:3]))}?" if near else "slm-net list shows what there is"
    raise UsageError(f"there is no word {visible(word)!r}, {hint}")


def run_rules(arguments: argparse.Namespace) -> int:
    """Print the pages of rules, or their list; the exit code."""
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
