"""Spec files in a certain SLM Lab (`--for slm-lab-4`): the text, the layout, what has to be there, and variables."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain, islice
from typing import Any

from slm_net.document.algorithms import RECIPES
from slm_net.document.specs import Block, Document, Spec, algorithm_of
from slm_net.document.variables import fill_in, find_variables
from slm_net.problems import WARNING, Path, Problem
from slm_net.rules.keys import CURES, FORMS
from slm_net.rules.labs import DIFFERS_IN_THE_LAB, FAILS_IN_THE_LAB
from slm_net.schema import catalogue
from slm_net.schema.catalogue import VARIABLE
from slm_net.text.comments import extras
from slm_net.text.limits import MAX_FINDINGS, MAX_PROBLEMS
from slm_net.text.paths import value_at
from slm_net.text.places import Lines
from slm_net.text.source import NAMELESS, is_yaml
from slm_net.wording.values import shown
from slm_net.words import visible

#: What each part of a spec must have, beside what slm_net needs too.
NEEDED: dict[int, dict[str, tuple[str, ...]]] = {
    4: {
        "": ("env", "body", "meta"),
        "agent": ("name", "memory"),
        "env": ("name", "max_t", "max_frame"),
        "body": ("product", "num"),
        "meta": ("max_session", "max_trial", "distributed"),
    },
    5: {
        "": ("env", "meta"),
        "agent": ("name", "memory"),
        "env": ("name", "max_frame"),
        "meta": ("max_session", "distributed"),
    },
}
#: Algorithms and memories that a version lacks, and what comes nearest.
LACKING = {
    "algorithm": {4: {"CrossQ": "SoftActorCritic", "HydraDQN": "DQN"}, 5: {"HydraDQN": "DQN"}},
    "memory": {4: {"OnPolicyCrossEntropy": "OnPolicyReplay"}, 5: {}},
}
#: Distributions of a search that a version lacks, and what to write instead: numpy's names there, ray.tune's here.
NO_DISTRIBUTION = {
    4: dict.fromkeys(
        ("loguniform", "quniform", "qloguniform", "lograndint", "qrandint", "qlograndint", "lognormal", "qrandn"),
        "uniform, randint, normal or choice",
    )
    | {"randn": "normal"},
    5: {"grid_search": "choice", "normal": "randn", "lognormal": "loguniform"},
}
#: The numbers of YAML 1.1, as PyYAML reads them.
INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)|0x[0-9a-fA-F]+")
FLOAT = re.compile(r"[-+]?[0-9]+\.[0-9]*(?:[eE][-+][0-9]+)?|\.[0-9]+(?:[eE][-+][0-9]+)?|[-+]?\.(?:inf|Inf|INF)")


def text_runs_in_the_lab(document: Document, lab: int) -> Iterator[Problem]:
    """What SLM Lab of a version cannot read, or reads as another thing, in the text of a file."""
    source = document.source
    if not source.readable or not source.text:
        return
    of_format = _yaml if is_yaml(source.file, source.text) else _json
    for problem in chain(_suffix(source.file, lab), of_format(document, lab)):
        yield replace(problem, file=source.file)


def _suffix(file: str, lab: int) -> Iterator[Problem]:
    suffix = os.path.splitext(file)[1]
    if file in NAMELESS or lab == 5 or suffix == ".json":
        return
    if suffix == ".yml":
        message = f"SLM Lab {lab} reads YAML with PyYAML 5 alone"
        yield DIFFERS_IN_THE_LAB.at((), message, "write the spec as JSON", WARNING, place=(1, 1))
    else:
        message = f"SLM Lab {lab} does not read files called {visible(suffix) or 'so'}"
        yield FAILS_IN_THE_LAB.at((), message, "write the spec as JSON, and call the file .json", place=(1, 1))


def _json(document: Document, lab: int) -> Iterator[Problem]:
    """Comments; and in version 5, which is stricter than the ujson of 4, commas before a closing bracket."""
    source, lines = document.source, Lines(document.source.text)
    if source.bom:
        message, hint = f"SLM Lab {lab} does not read a byte order mark", "save the file without one"
        yield FAILS_IN_THE_LAB.at((), message, hint, place=(1, 1))
    for kind, start, _, closer in islice(extras(source.text), MAX_FINDINGS):
        if kind == "comment":
            message, hint = f"SLM Lab {lab} does not read comments in JSON", "remove it"
        elif lab == 5:
            message, hint = f"SLM Lab {lab} does not read a comma before {closer}", "remove the comma"
        else:
            continue
        yield FAILS_IN_THE_LAB.at((), message, hint, place=lines.position(start))


def _yaml(document: Document, lab: int) -> Iterator[Problem]:
    """Numbers that are a text in YAML 1.1, as 1e-3 is, or another number, as 010 is."""
    told = set()
    for path, value in _numbers(document.source.data, ()):
        start, written = document.source.written(path)
        if start in told or (FLOAT if isinstance(value, float) else INTEGER).fullmatch(written):
            continue
        told.add(start)  # the aliases of an anchor are all there
        place = document.source.value_position(path)
        message = f"SLM Lab {lab} reads YAML 1.1, where {visible(written, 40)} is a text or another number"
        yield FAILS_IN_THE_LAB.at(path, message, f"write {in_yaml_1_1(value)}", place=place)


def in_yaml_1_1(number: float) -> str:
    """A number as every YAML reads it.

    >>> in_yaml_1_1(1e-05), in_yaml_1_1(1e6), in_yaml_1_1(8)
    ('1.0e-05', '1000000.0', '8')
    """
    text = repr(number)
    mantissa, exponent, power = text.partition("e")
    return f"{mantissa}.0{exponent}{power}" if exponent and "." not in mantissa else text


def _numbers(value: Any, path: Path) -> Iterator[tuple[Path, float]]:
    if isinstance(value, int | float) and not isinstance(value, bool):
        yield path, value
    parts = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield from _numbers(part, (*path, key))


# --- specs


def spec_runs_in_the_lab(spec: Spec, lab: int) -> Iterator[Problem]:
    """What SLM Lab of a version makes of a spec but for its net blocks; nothing of a bare one."""
    if spec.bare:
        return
    yield from _layout(spec, lab)
    yield from _needed(spec, lab)
    yield from _variables(spec, lab)
    yield from _distributions(spec.data.get("search"), (*spec.path, "search"), lab)
    for agent in spec.agents:
        yield from _agent(agent, lab)
    for env in spec.envs:
        yield from _environment(env, lab)


def _layout(spec: Spec, lab: int) -> Iterator[Problem]:
    for key in ("agent", "env"):
        if (form := spec.form(key)) not in (0, lab):
            message = f"{key} is {FORMS[form]}, and SLM Lab {lab} takes {FORMS[lab].partition(',')[0]}"
            yield FAILS_IN_THE_LAB.at((*spec.path, key), message, CURES[lab])
    if lab == 5 and spec.data.get("body"):
        message = "SLM Lab 5 does not read body"
        yield DIFFERS_IN_THE_LAB.superfluous((*spec.path, "body"), message, WARNING)


def _needed(spec: Spec, lab: int) -> Iterator[Problem]:
    whole = Block(spec.path, spec.data)
    parts = {"": [whole], "agent": spec.agents, "env": spec.envs, "body": [whole.block("body")]}
    parts["meta"] = [whole.block("meta")]
    for name, keys in NEEDED[lab].items():
        for part in parts[name] if not name or spec.data.get(name) else ():
            missing = [key for key in keys if key not in part.data]
            if missing:
                message = f"SLM Lab {lab} needs {', '.join(map(repr, missing))} in {name or 'a spec'}"
                hint = f"add {', '.join(EXAMPLES[key] for key in missing)}"
                yield FAILS_IN_THE_LAB.at(part.path, message, hint, at_key=True)


#: How each of them may look.
EXAMPLES = {
    "env": '"env": ...',
    "body": '"body": {"product": "outer", "num": 1}',
    "meta": '"meta": {"distributed": false, "max_session": 1, "max_trial": 1}',
    "name": '"name": "..."',
    "memory": '"memory": {"name": "OnPolicyBatchReplay"} or another one',
    "max_t": '"max_t": null',
    "max_frame": '"max_frame": 100000',
    "product": '"product": "outer"',
    "num": '"num": 1',
    "max_session": '"max_session": 1',
    "max_trial": '"max_trial": 1',
    "distributed": '"distributed": false',
}


def _variables(spec: Spec, lab: int) -> Iterator[Problem]:
    params = spec.data.get("spec_params")
    values = params if isinstance(params, Mapping) else {}
    if lab == 5:
        if values:
            message, hint = "SLM Lab 5 does not read spec_params", "give each variable when it runs: -s name=value"
            yield DIFFERS_IN_THE_LAB.at((*spec.path, "spec_params"), message, hint, WARNING, at_key=True)
        return
    for name, listed in values.items():
        texts = enumerate(listed if isinstance(listed, list) else ())
        wrong = next(((index, value) for index, value in texts if not isinstance(value, str)), None)
        if wrong:
            message = f"SLM Lab 4 takes texts as the values of variables, and {shown(wrong[1])} is none"
            place = (*spec.path, "spec_params", name, wrong[0])
            yield FAILS_IN_THE_LAB.at(place, message, "write the values into a spec each")
    yield from islice(_filled_in_as_text(spec, values), MAX_PROBLEMS)


def _filled_in_as_text(spec: Spec, values: Mapping[str, Any]) -> Iterator[Problem]:
    """Variables without a value, and those that SLM Lab 4 puts in as a text where a number is meant."""
    rest = {key: value for key, value in spec.data.items() if key != "spec_params"}
    for path, name in find_variables(rest, spec.path):
        if name not in values:
            message = f"SLM Lab 4 fills in the spec_params alone, and ${{{visible(name, 40)}}} is none of them"
            yield FAILS_IN_THE_LAB.at(path, message, f'add "spec_params": {{"{visible(name, 40)}": [...]}}')
            continue
        whole = str(value_at(spec.data, path[len(spec.path) :]))
        listed = values[name] if isinstance(values[name], list) else []
        if VARIABLE.fullmatch(whole) and any(not isinstance(fill_in(whole, {name: value}), str) for value in listed):
            message = f"SLM Lab 4 puts the value of ${{{visible(name, 40)}}} in as a text, no number"
            yield FAILS_IN_THE_LAB.at(path, message, "write the number, in a spec for each")


def _distributions(search: Any, path: Path, lab: int) -> Iterator[Problem]:
    if isinstance(search, list):
        for index, entry in enumerate(search):
            yield from _distributions(entry, (*path, index), lab)
    for key, value in search.items() if isinstance(search, Mapping) else ():
        name = str(key).rpartition("__")[2]
        if instead := NO_DISTRIBUTION[lab].get(name):
            message = f"SLM Lab {lab} has no distribution {name}"
            yield FAILS_IN_THE_LAB.at((*path, key), message, f"write {instead}", at_key=True)
        elif name in ("choice", "grid_search") and isinstance(value, list) and value and isinstance(value[0], Mapping):
            message = f"SLM Lab {lab} takes a list apart that begins with an object"
            yield FAILS_IN_THE_LAB.at((*path, key), message, "put a choice that is no object first")
        else:
            yield from _distributions(value, (*path, key), lab)


def _agent(agent: Block, lab: int) -> Iterator[Problem]:
    for part, lacking in LACKING.items():
        block = agent.block(part)
        name = block.data.get("name")
        if isinstance(name, str) and (instead := lacking[lab].get(name)):
            message = f"SLM Lab {lab} has no {part} {name}"
            yield FAILS_IN_THE_LAB.at((*block.path, "name"), message, f'for example "{instead}"')
    algorithm = algorithm_of(agent)
    if "critic_net" in agent.data and (lab == 4 or (algorithm in RECIPES and algorithm != "CrossQ")):
        of = "" if lab == 4 else f" for {algorithm}"
        message = f"SLM Lab {lab} does not read critic_net{of}"
        place = (*agent.path, "critic_net")
        yield DIFFERS_IN_THE_LAB.at(place, message, "write critic_ keys into net", WARNING, at_key=True)


def _environment(env: Block, lab: int) -> Iterator[Problem]:
    known = catalogue.block_keys("env")
    for key in (key for key in env.data if known.get(key, {}).get("lab", lab) != lab):
        place = (*env.path, key)
        if lab == 5:  # which hands on what it does not know
            message = f"SLM Lab 5 hands {key} to the environment, which does not take it"
            yield FAILS_IN_THE_LAB.superfluous(place, message)
        elif env.data[key]:
            message = f"SLM Lab 4 does not read {key}"
            yield DIFFERS_IN_THE_LAB.superfluous(place, message, WARNING)
