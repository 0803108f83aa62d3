"""`slm-net build`: the net of a spec, layer by layer, and one training step that shows that it trains."""

from __future__ import annotations

import argparse
import re
import sys
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from slm_net.cli.exits import OK, USAGE_RULES, UsageError, exit_code
from slm_net.cli.inputs import read_input
from slm_net.cli.parser import assignment, seed, size
from slm_net.cli.report import FileReport, json_report, text_report, write_problems
from slm_net.cli.terminal import has_colour, paint
from slm_net.document.concrete import BAD_OVERRIDE
from slm_net.document.specs import Document
from slm_net.document.variables import UNSET_VARIABLE, find_variables
from slm_net.problems import ERROR, Problem, SpecError
from slm_net.spaces.values import DIMS_UNKNOWN
from slm_net.words import did_you_mean, visible

if TYPE_CHECKING:
    from slm_net.plan import NetPlan

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
#: What `build` needs to be told, beside what every command does.
ASKED = USAGE_RULES | {UNSET_VARIABLE.id, BAD_OVERRIDE.id, DIMS_UNKNOWN.id}


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.epilog = EPILOG
    add = parser.add_argument
    add("file", metavar="FILE", help='a spec file, or "-" for standard input')
    add("--name", metavar="SPEC", help="which spec of a file with several")
    add("--set", type=assignment, action="append", default=[], metavar="VAR=VALUE", help="a value for ${VAR}")
    what = "a new value in the spec, for example agent.0.net.gpu=false"
    add("--override", type=assignment, action="append", default=[], metavar="PATH=VALUE", help=what)
    add("--env", metavar="ID", help="an environment in place of the spec's own")
    add("--in-dim", type=size, metavar="SIZE", help="what goes in: 4, or 4,84,84")
    add("--out-dim", type=size, metavar="SIZE", help="what comes out: 2, or 2,1 for two outputs")
    add("--device", help="cpu, cuda, cuda:1, mps; in place of the spec's gpu")
    add("--seed", type=seed, default=0, help="draws the weights and the batch (default: 0)")
    add("--no-step", action="store_true", help="leave out the training step")
    add("--json", action="store_true", help="everything as one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Validate, build, train one step, print; the exit code."""
    document = read_input(arguments.file)
    try:
        _build(document, arguments)
    except SpecError as error:
        problems = tuple(in_words_of_the_command(problem, document) for problem in error.problems)
        report = json_report if arguments.json else text_report
        report([FileReport(document.source.file, problems, document.source.text)], sys.stdout, False)
        return exit_code((problem for problem in problems if problem.severity == ERROR), ASKED)
    return OK


def _build(document: Document, arguments: argparse.Namespace) -> None:
    plan = _plan(document, arguments)
    # torch is imported from here on: a spec that is wrong is refused before
    warnings.filterwarnings("ignore", message="Failed to initialize NumPy")  # nothing here needs it
    from slm_net.cli.build_facts import facts_of
    from slm_net.cli.build_report import print_json, print_text

    spec = document.choose(arguments.name).name
    facts = facts_of(plan, spec, arguments.device, arguments.seed, not arguments.no_step)
    if arguments.json:
        print_json(facts, sys.stdout)
        return
    if sys.stderr is not None:
        write_problems(FileReport(document.source.file, plan.warnings, document.source.text), sys.stderr)
        for notice in facts.notices:
            print(f"{paint('warning', 'warning', has_colour(sys.stderr))}: {notice}", file=sys.stderr)
    print_text(facts, sys.stdout)


def _plan(document: Document, arguments: argparse.Namespace) -> NetPlan:
    from slm_net.plan import plan_document

    variables, overrides = dict(arguments.set), dict(arguments.override)
    dims = arguments.in_dim, arguments.out_dim
    if document.specs and variables:
        _refuse_unknown(variables, document, arguments.name)
    return plan_document(
        document, *dims, name=arguments.name, env=arguments.env, variables=variables, overrides=overrides
    )


def _refuse_unknown(variables: dict[str, Any], document: Document, name: str | None) -> None:
    data = document.choose(name).data
    params = data.get("spec_params")
    known = dict.fromkeys(variable for _, variable in find_variables(data))
    known.update(dict.fromkeys(params if isinstance(params, dict) else ()))
    for variable in variables:
        if variable not in known:
            hint = did_you_mean(variable, known) or "it has no variables"
            raise UsageError(f"--set {visible(variable)}: the spec has no ${{{visible(variable)}}}, {hint}")


def in_words_of_the_command(problem: Problem, document: Document) -> Problem:
    """A problem with its file, and a hint that names options where Python has arguments.

    >>> from slm_net.document.specs import read_document
    >>> problem = Problem(hint='pass env="CartPole-v1", or pass in_dim=(4, 8) and out_dim=')
    >>> in_words_of_the_command(problem, read_document("{}", "a.json")).hint
    'pass --env "CartPole-v1", or pass --in-dim 4,8 and --out-dim'
    """
    hint = re.sub(r"variables=\{[^}]*\}, or |pass a made environment as env=, ", "", problem.hint)
    hint = hint.replace("one by name:", "one with --name:")
    hint = re.sub(r"(?<!--set )\b(in_dim|out_dim|env)=(\([^()]*\))?(?=(\S?))", _option, hint)
    return replace(problem, file=problem.file or document.source.file, hint=hint)


def _option(match: re.Match[str]) -> str:
    option = "--" + match[1].replace("_", "-")
    if match[2]:
        return f"{option} {match[2][1:-1].replace(' ', '')}"
    return f"{option} " if match[3] and match[3] not in ",;:)" else option
