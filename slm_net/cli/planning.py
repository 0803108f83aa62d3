"""What `build` and `show` have in common: which spec, with which values and dims, and its plan."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from typing import Any

from slm_net.agents.plan import AgentPlan, plan_agent
from slm_net.cli.check import report_of
from slm_net.cli.parser import USAGE_RULES, UsageError, assignment, exit_code, size
from slm_net.cli.report import by_severity, json_report, text_report
from slm_net.document.algorithms import RECIPES
from slm_net.document.specs import Document
from slm_net.document.variables import UNSET_VARIABLE, find_variables
from slm_net.plan import NetPlan, algorithm_named, check_spec, main_plan
from slm_net.problems import COMMAND, Problem, SpecError
from slm_net.spaces.values import DIMS_UNKNOWN
from slm_net.text.limits import MAX_PARAMETERS
from slm_net.words import did_you_mean, visible

#: What they need to be told, beside what every command does.
ASKED = USAGE_RULES | {UNSET_VARIABLE.id, DIMS_UNKNOWN.id}


def add_choices(parser: argparse.ArgumentParser) -> None:
    """The arguments that say which spec, and what it is for."""
    add = parser.add_argument
    add("--name", metavar="SPEC", help="which spec of a file with several")
    add("--set", type=assignment, action="append", default=[], metavar="VAR=VALUE", help="a value for ${VAR}")
    what = "a new value in the spec, for example agent.0.net.gpu=false"
    add("--override", type=assignment, action="append", default=[], metavar="PATH=VALUE", help=what)
    add("--env", metavar="ID", help="an environment in place of the spec's own")
    add("--in-dim", type=size, metavar="SIZE", help="what goes in: 4, 4,84,84, or image=4,84,84,speed=3")
    add("--out-dim", type=size, metavar="SIZE", help="what comes out: 2, or 2,1 for two outputs")


def refused(document: Document, error: SpecError, *, as_json: bool = False) -> int:
    """Report what is wrong with a spec on standard output; the exit code."""
    problems = tuple(_said(problem, document.source.file) for problem in error.problems)
    report = json_report if as_json else text_report
    report([report_of(document.source, problems)], sys.stdout, False)
    return exit_code(by_severity(problems)[0], ASKED)


def planned(document: Document, arguments: argparse.Namespace, max_params: int = MAX_PARAMETERS) -> AgentPlan | NetPlan:
    """The plan of all nets of an agent; of the net that acts if its dims are given, or the algorithm is not known."""
    which: dict[str, Any] = {"name": arguments.name}
    which.update(variables=dict(arguments.set), overrides=dict(arguments.override))
    if document.specs and which["variables"]:
        _refuse_unknown(which["variables"], document, arguments.name)
    given = {**which, "env": arguments.env, "caller": COMMAND, "max_params": max_params}
    dims = arguments.in_dim, arguments.out_dim
    if dims == (None, None) and document.specs and algorithm_named(document, **which) in RECIPES:
        return plan_agent(document, **given)
    return main_plan(check_spec(document, *dims, **given))


def _refuse_unknown(variables: dict[str, Any], document: Document, name: str | None) -> None:
    data = document.choose(name).data
    params = data.get("spec_params")
    known = dict.fromkeys(variable for _, variable in find_variables(data))
    known.update(dict.fromkeys(params if isinstance(params, dict) else ()))
    for variable in variables:
        if variable not in known:
            hint = did_you_mean(variable, known) or "it has no variables"
            raise UsageError(f"--set {visible(variable)}: the spec has no ${{{visible(variable)}}}, {hint}")


def _said(problem: Problem, file: str) -> Problem:
    """A problem with its file, and a hint that names options where Python has arguments."""
    return replace(problem.said_to(COMMAND), file=problem.file or file)
