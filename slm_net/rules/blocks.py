"""Rules about the blocks around the nets: names and settings that no SLM Lab has, and values that it cannot use."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from slm_net.document.specs import Block, Spec
from slm_net.document.variables import UNSET_VARIABLE, find_variables
from slm_net.problems import WARNING, Edit, Path, Problem
from slm_net.rules.keys import UNUSED_KEY
from slm_net.schema import catalogue
from slm_net.schema.catalogue import EXTENDS, VARIABLE, Schema
from slm_net.schema.entries import schema_cached
from slm_net.text.limits import MAX_PROBLEMS
from slm_net.text.paths import value_at
from slm_net.wording.aliases import ALGORITHMS, BLOCK_KEYS, MEMORIES, OF_OPTIMIZERS, PLACES, REPLACED, placed
from slm_net.wording.names import Cure, renamed, replaced
from slm_net.wording.schema_problems import UNKNOWN_KEY, UNKNOWN_NAME, schema_problems
from slm_net.wording.values import is_valid, shown
from slm_net.words import SLIP, nearest, visible

#: What is surely one word and a slip of it.
SURE: dict[str, Any] = {"alike": SLIP, "same_digits": True}
#: Unknown keys of one block that are looked at.
MOST_KEYS = 100
#: The kinds whose blocks have a name, and the keys that hold one; what other libraries call the names.
NAMED = {"algorithm": ("name",), "memory": ("name", "sil_replay_name")}
OTHER_NAMES = {"algorithm": ALGORITHMS, "memory": MEMORIES}
#: The blocks in which the place of a key is looked for, in this order.
HOMES = ("memory", "algorithm", "env", "meta")


class Guesses:
    """The words that unknown ones are slips of, for as many of a document as are told, and some more."""

    def __init__(self, left: int = 2 * MAX_PROBLEMS) -> None:
        self.left = left

    def meant(self, word: str, choices: Collection[str], aliases: Mapping[str, str] | None = None) -> str | None:
        """What was surely meant, None if that is not known."""
        self.left -= 1
        return nearest(word, choices, aliases, **SURE) if self.left >= 0 else None

    def name(self, kind: str, name: Any) -> str | None:
        """The known name of a kind that another one is a slip of."""
        is_unknown = isinstance(name, str) and name not in catalogue.names(kind)
        return self.meant(name, catalogue.names(kind), OTHER_NAMES[kind]) if is_unknown else None


@dataclass(frozen=True)
class Settings:
    """A block and the settings that are `known` for it.

    `name` is that of the algorithm or memory. A `free` block may have others of its own, as "spec" and "agent" may; SLM
    Lab 5 gives those of "env" to gymnasium.
    """

    kind: str
    block: Block
    version: int
    known: Mapping[str, Schema]
    name: str = ""
    free: bool = False

    @property
    def title(self) -> str:
        """What messages call it."""
        return self.name or self.kind

    def is_of_another(self, key: str) -> bool:
        """True if only other algorithms, or other memories, have this setting."""
        return bool(self.name) and key not in self.known and key in catalogue.all_block_keys(self.kind)

    def wrong_values(self, data: Mapping[str, Any]) -> Iterator[Problem]:
        """What is wrong with the values of the block if it holds this; paths are those within."""
        ref = catalogue.block_ref(self.kind, self.name)
        for problem in schema_problems(ref, data) if data and self.kind in catalogue.BLOCKS else ():
            value = value_at(data, problem.path)
            if problem.at_key or not (isinstance(value, str) and VARIABLE.search(value)):
                yield replace(problem, severity=WARNING)


def blocks_of(spec: Spec, guesses: Guesses, lab: int = 0) -> Iterator[Settings]:
    """The blocks of a spec of which the settings are known: those of an algorithm that is not known are not.

    They are those of the SLM Lab that the spec is laid out for, or of another version that it shall run in.
    """
    whole, version = Block(spec.path, spec.data), lab or spec.version
    for kind, block in (("spec", whole), *(("agent", agent) for agent in spec.agents)):
        yield Settings(kind, block, version, catalogue.block_keys(kind), free=True)
    for agent in spec.agents:
        yield from (found for kind in NAMED if (found := _of_named(kind, agent.block(kind), version, guesses)))
    for kind, block in (*(("env", env) for env in spec.envs), ("meta", whole.block("meta"))):
        yield Settings(kind, block, version, catalogue.block_keys(kind), free=(kind, version) == ("env", 5))


def block_problems(spec: Spec, guesses: Guesses, lab: int = 0) -> Iterator[Problem]:
    """Warnings only, as a lab of one's own may have settings, algorithms and memories that are not known here.

    What a `lab` does with the keys of an environment of another version, `lab_files` says.
    """
    for agent in () if spec.bare else spec.agents:
        for kind, keys in NAMED.items():
            yield from _slips_of_names(kind, keys, agent.block(kind), guesses)
    for settings in () if spec.bare else blocks_of(spec, guesses, lab):
        yield from _key_problems(settings, guesses)
        yield from () if lab and settings.kind == "env" else _other_versions(settings)
        path = settings.block.path
        yield from (problem.at((*path, *problem.path)) for problem in settings.wrong_values(settings.block.data))


def _of_named(kind: str, block: Block, version: int, guesses: Guesses) -> Settings | None:
    """An algorithm or a memory, if its name is known or a slip of a known one, and so its settings."""
    name = block.data.get("name")
    name = name if name in catalogue.names(kind) else guesses.name(kind, name)
    if name is None or catalogue.lookup(catalogue.block_ref(kind, name)).get("additionalProperties") is True:
        return None
    known = catalogue.block_keys(kind, name)
    inside = next((key for key in NAMED[kind] if key != "name" and key in known and key in block.data), "")
    return Settings(
        kind, block, version, {**known, **_known_inside(kind, block.data.get(inside))} if inside else known, name
    )


def _known_inside(kind: str, name: Any) -> Mapping[str, Schema]:
    """The settings of the memory inside another one; of one that is not known those of every memory."""
    names = [name] if name in catalogue.names(kind) else catalogue.names(kind)
    return {key: part for name in names for key, part in catalogue.block_keys(kind, name).items()}


def _slips_of_names(kind: str, keys: Collection[str], block: Block, guesses: Guesses) -> Iterator[Problem]:
    for key in keys:
        if meant := guesses.name(kind, block.data.get(key)):
            path = (*block.path, key)
            hint, fix = replaced(path, str(block.data[key]), meant)
            message = f"{visible(str(block.data[key]))} is no {kind} of SLM Lab"
            yield UNKNOWN_NAME.at(path, message, hint, WARNING, fix=fix)


def _key_problems(settings: Settings, guesses: Guesses) -> Iterator[Problem]:
    """The keys that are not known."""
    block = settings.block
    unknown = (key for key in block.data if key not in settings.known)
    for key in islice(unknown, MOST_KEYS):
        yield from _unknown_key(settings, key, (*block.path, key), guesses)


def _other_versions(settings: Settings) -> Iterator[Problem]:
    """The keys that only the other SLM Lab has."""
    block, version = settings.block, settings.version
    for key in (key for key in block.data if key in settings.known):
        if (lab := settings.known[key].get("lab", version)) != version:
            message = f"{visible(key)} is a key of SLM Lab {lab}, and the spec is for SLM Lab {version}"
            yield _unused((*block.path, key), message, REPLACED.get((settings.kind, key), ""))


def _unused(path: Path, message: str, hint: str) -> Problem:
    """That a key does nothing; without a hint of its own it may go."""
    found = UNUSED_KEY.superfluous(path, message, WARNING)
    return replace(found, hint=hint, fix=()) if hint else found


def _unknown_key(settings: Settings, key: str, path: Path, guesses: Guesses) -> Iterator[Problem]:
    """What is said of a key that a block is not known to have; nothing of one's own key where these are free."""
    kind, name, free = settings.kind, settings.name, settings.free
    if hint := REPLACED.get((kind, key), ""):
        yield _unused(path, f"{visible(key)} is not used by SLM Lab {settings.version}", hint)
    elif settings.is_of_another(key):
        yield _unused(path, f"{visible(key)} is not used by {name}", REPLACED.get((str(name), key), ""))
    elif place := "" if kind == "spec" and "agent" not in settings.block.data else _home(key):
        message = f"{visible(key)!r} is not used by {_article(kind)}"
        yield UNUSED_KEY.at(path, message, f"write it into {place}", WARNING, at_key=True)
    elif cure := _cure(settings, key, path, guesses):
        yield UNKNOWN_KEY.at(path, f"{visible(key)!r} is not used", cure.hint, WARNING, at_key=True, fix=cure.fix)
    elif not free:
        own = "; slm_net.register_algorithm makes your own algorithms known" if kind == "algorithm" else ""
        message = f"{visible(key)!r} is not a key of {settings.title} in SLM Lab {settings.version}"
        yield UNKNOWN_KEY.at(path, message, f"remove it{own}", WARNING, at_key=True)


def _article(kind: str) -> str:
    return kind if kind in ("env", "meta", "memory") else f"an {kind}" if kind[0] == "a" else f"the {kind}"


def _cure(settings: Settings, key: str, path: Path, guesses: Guesses) -> Cure | None:
    """What was meant by an unknown key: a slip, or the word of another library.

    A key that a spec or an agent needs is left out: the schema misses it, and then looks for slips itself.
    """
    kind, block = settings.kind, settings.block
    needed = catalogue.lookup(f"spec.schema.json#/$defs/{kind}")["required"] if kind in ("spec", "agent") else ()
    choices = settings.known.keys() - block.data.keys() - {*needed}
    if not settings.free:
        for place in PLACES.get(key.casefold(), ()):
            home, _, meant = place.partition(".")
            if home != kind:
                return Cure(f"it belongs in {placed(key, place)}")
            if meant in block.data:
                return Cure(f"{meant!r} is there already: remove one of them")
            if meant in choices:
                return _renamed(path, meant, settings.known[meant], block.data[key])
    if guess := guesses.meant(key, choices, BLOCK_KEYS if kind in ("spec", "agent") else None):
        return renamed(path, guess)
    twin = None if settings.free else guesses.meant(key, settings.known.keys() & block.data.keys())
    return Cure(f"did you mean {twin!r}? It is there already") if twin else None


def _renamed(path: Path, meant: str, part: Schema, value: Any) -> Cure:
    """That a key has another name here, and perhaps another form."""
    if is_valid(value, part):
        return renamed(path, meant)
    constant = {"name": "no_decay", "start_val": value}
    is_constant = meant != "explore_var_spec" and is_valid(constant, part)
    example = constant if is_constant else next(iter(part.get("examples", ())), None)
    fix = (Edit(path, "split", {meant: constant}),) if is_constant else ()
    return Cure(f'write "{meant}": {json.dumps(example)}', fix)


def _home(key: str) -> str:
    """The part of a spec that a known key belongs in, "" if there is none."""
    return _elsewhere().get(key) or next((kind for kind in HOMES if key in catalogue.all_block_keys(kind)), "")


@schema_cached
def _elsewhere() -> Mapping[str, str]:
    """The keys that are often given to another part than a block around the nets, and where to write them."""
    of_nets = catalogue.net_keys() - {"name", "type", "$schema"} - catalogue.all_block_keys("env")
    top = {EXTENDS: placed(EXTENDS, *PLACES[EXTENDS])}
    return {**dict.fromkeys(of_nets, "the net block"), **OF_OPTIMIZERS, **top}


# --- variables

#: What is written for `${env}`.
_NEARLY = re.compile(r"(?<!\{)\{{1,2}\s*(\w{1,100})\s*\}{1,2}|\$\(?(\w{1,100})\b\)?")
_ALONE = re.compile(r"""["']\s*\{{1,2}\s*\w{1,100}\s*\}{1,2}\s*["']""")


def variable_problems(spec: Spec) -> Iterator[Problem]:
    """Variables that are not written as such, and values in `spec_params` that nothing uses."""
    params = spec.data.get("spec_params")
    known = params if isinstance(params, Mapping) else {}
    outside = {key: value for key, value in spec.data.items() if key != "spec_params"}
    used = {name for _, name in find_variables(outside)}
    # the hint of a variable without a value has the name that was meant
    used |= {nearest(name, known) or "" for name in islice(used - known.keys(), MOST_KEYS)}
    has_none = used.issuperset(known) and not _ALONE.search(repr(outside))  # most specs have none
    nearly = iter(()) if has_none else _nearly_variables(outside, spec.path, known)
    for path, name, text in islice(nearly, MAX_PROBLEMS + 1):
        used.add(name)
        message = f"{shown(value_at(outside, path[len(spec.path) :]))} is a text, no variable"
        fix = (Edit(path, "replace", text),)
        yield UNSET_VARIABLE.at(path, message, f"write {json.dumps(text)}", WARNING, fix=fix)
    for name in islice((name for name in known if name not in used), MAX_PROBLEMS + 1):
        message = f"nothing uses ${{{visible(name, 40)}}}"
        yield UNUSED_KEY.superfluous((*spec.path, "spec_params", name), message, WARNING)


def _nearly_variables(data: Any, path: Path, known: Collection[str]) -> Iterator[tuple[Path, str, str]]:
    """The place of each text that was to hold a variable, the variable's name, and the text with it.

    A text in braces alone is one, whatever its name; within a text those with a value in `spec_params` are.
    """
    if isinstance(data, str):
        for match in _NEARLY.finditer(data) if "{" in data or "$" in data else ():
            name, start = match[1] or match[2], match.start()
            if (name in known or (match[1] and match[0] == data.strip())) and data[:start][-1:] != "$":
                yield path, name, f"{data[:start]}${{{name}}}{data[match.end() :]}"
                return
    elif isinstance(data, Mapping | list):
        for key, value in data.items() if isinstance(data, Mapping) else enumerate(data):
            yield from _nearly_variables(value, (*path, key), known)
