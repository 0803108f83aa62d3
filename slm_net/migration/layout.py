"""The layout of SLM Lab 5: one agent and one environment, no lists around them, no body; and texts that it can read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from slm_net.document.specs import Document, Spec
from slm_net.problems import WARNING, Edit, Path, Problem
from slm_net.rules.lab_files import in_yaml_1_1, text_runs_in_the_lab
from slm_net.rules.labs import DIFFERS_IN_THE_LAB, FAILS_IN_THE_LAB
from slm_net.text.comments import extras
from slm_net.text.mending import Change, as_edits
from slm_net.text.paths import value_at
from slm_net.text.source import is_yaml

LAB = 5


def layout_steps(spec: Spec) -> Iterator[Problem]:
    """What has another place in SLM Lab 5, each with the edit that puts it there."""
    yield from _lists(spec)
    yield from _search(spec)


def several(spec: Spec) -> Iterator[Problem]:
    """Lists that SLM Lab 5 has no place for."""
    for key in ("agent", "env"):
        value = spec.data.get(key)
        if isinstance(value, list) and len(value) != 1:
            message = f"there are {len(value)} of {key}, and SLM Lab 5 has one"
            yield FAILS_IN_THE_LAB.at((*spec.path, key), message, "write a spec for each", at_key=True)


def _lists(spec: Spec) -> Iterator[Problem]:
    for key in ("agent", "env"):
        value = spec.data.get(key)
        if isinstance(value, list):
            yield _unwrapped((*spec.path, key), f"{key} is a list")
    if "body" in spec.data:
        yield DIFFERS_IN_THE_LAB.superfluous((*spec.path, "body"), "SLM Lab 5 does not read body", WARNING)


def _unwrapped(path: Path, message: str) -> Problem:
    hint = "take it out of the list: {...}"
    return FAILS_IN_THE_LAB.at(path, message, hint, at_key=True, fix=(Edit(path, "unwrap"),))


def _search(spec: Spec) -> Iterator[Problem]:
    """A search names its paths as the spec is laid out."""
    found = spec.data.get("search")
    search = found if isinstance(found, Mapping) else {}
    for key, value in search.items():
        path = (*spec.path, "search", key)
        if key in ("agent", "env") and isinstance(value, list) and len(value) == 1:
            yield _unwrapped(path, f"{key} of the search is a list")
        elif (short := re.sub(r"^(agent|env)\.0\.", r"\1.", key)) != key and short not in search:
            message = "SLM Lab 5 has no numbers in the paths of a search"
            yield FAILS_IN_THE_LAB.at(
                path, message, f"write {short!r}", at_key=True, fix=(Edit(path, "rename", short),)
            )


def text_steps(document: Document) -> Iterator[Problem]:
    """What SLM Lab 5 cannot read in the text: commas before a bracket go, numbers are written out; comments stay."""
    source = document.source
    if not source.text or not source.readable:
        return
    if is_yaml(source.file, source.text):
        for problem in text_runs_in_the_lab(document, LAB):
            value = value_at(source.data, problem.path)
            start, written = source.written(problem.path)
            if isinstance(value, int | float) and written:
                change = Change(start, start + len(written), in_yaml_1_1(value))
                yield FAILS_IN_THE_LAB.at(
                    problem.path, problem.message, problem.hint, fix=as_edits(problem.path, [change])
                )
        return
    commas = [Change(extra.start, extra.end, "") for extra in extras(source.text) if extra.kind == "comma"]
    if commas:
        message = f"SLM Lab 5 does not read the {len(commas):,} commas before a closing bracket"
        yield FAILS_IN_THE_LAB.at((), message, "remove them", fix=as_edits((), commas))
