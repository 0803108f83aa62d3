"""The `search` of a spec: what is varied exists, and every value that a trial may draw is right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from slm_net.problems import ERROR, WARNING, did_you_mean, nearest, visible
from slm_net.spec.aliases import LEGACY_KEYS
from slm_net.spec.distributions import DISTRIBUTIONS, samples, wrong_range
from slm_net.spec.document import NetBlock, Spec
from slm_net.spec.hints import key_hint
from slm_net.spec.mistakes import Mistake
from slm_net.spec.places import Path
from slm_net.spec.schema import net_keys, property_ref
from slm_net.spec.schema_mistakes import schema_mistakes


class Searched(NamedTuple):
    """One searched value: where it stands in `search`, what it varies in the spec, and how."""

    path: Path
    target: Path
    distribution: str
    values: Any


def search_mistakes(spec: Spec, blocks: list[NetBlock]) -> Iterator[Mistake]:
    """What is wrong with the search of a spec; values outside of net blocks are checked for their range alone."""
    search = spec.data.get("search")
    if not isinstance(search, Mapping):
        return
    for entry in _searched(search, (*spec.path, "search"), ()):
        block = next(
            (b for b in blocks if entry.target[: len(b.path) - len(spec.path)] == b.path[len(spec.path) :]), None
        )
        if not entry.distribution and block is None:
            continue
        if entry.distribution not in DISTRIBUTIONS:
            yield _no_distribution(entry)
        elif reason := wrong_range(entry.distribution, entry.values):
            yield Mistake(entry.path, "value-out-of-range", *reason)
        elif block is not None:
            yield from _wrong_samples(entry, block, entry.target[len(block.path) - len(spec.path) :])


def _searched(node: Any, path: Path, target: Path) -> Iterator[Searched]:
    if isinstance(node, list):
        for index, child in enumerate(node):
            yield from _searched(child, (*path, index), (*target, index))
    elif isinstance(node, Mapping):
        for key, child in node.items():
            *parents, last = str(key).split(".")
            name, _, distribution = last.partition("__")
            below = (*target, *(int(part) if part.isdigit() else part for part in parents), name)
            if isinstance(child, Mapping) or _is_list_of_objects(child):
                yield from _searched(child, (*path, key), below)
            else:
                yield Searched((*path, key), below, distribution, child)


def _is_list_of_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(entry, Mapping) for entry in value)


def _no_distribution(entry: Searched) -> Mistake:
    key = visible(str(entry.path[-1]))
    name = visible(str(entry.target[-1]))
    if not entry.distribution:
        return Mistake(
            entry.path, "unknown-name", f"{key!r} names no distribution", f"write '{name}__choice'", at_key=True
        )
    hint = did_you_mean(entry.distribution, DISTRIBUTIONS)
    return Mistake(entry.path, "unknown-name", f"{visible(entry.distribution)!r} is no distribution", hint, at_key=True)


def _wrong_samples(entry: Searched, block: NetBlock, inside: Path) -> Iterator[Mistake]:
    """The mistakes that the block would have with each value that can be drawn."""
    if missing := _missing_block(entry, block, inside):
        yield missing
        return
    for index, value in samples(entry.distribution, entry.values):
        for mistake in _mistakes_with(block, inside, value)[:1]:
            path = entry.path if mistake.at_key else (*entry.path, index)
            yield _weighed(mistake._replace(path=path), block, inside)
            if mistake.at_key:
                return


def _mistakes_with(block: NetBlock, inside: Path, value: Any) -> list[Mistake]:
    """What a value is blamed for, seen with the one key of the block that it changes."""
    key, net_type = str(inside[0]), str(block.data.get("type"))
    if ref := property_ref(net_type, key):
        found = schema_mistakes(ref, _with(block.data, inside, value)[key], (key,))
        return [mistake for mistake in found if mistake.path[: len(inside)] == inside]
    if key in net_keys():
        return []
    hint = key_hint(key, block.data, [known for known in net_keys() if property_ref(net_type, known)])
    return [Mistake((key,), "unknown-key", f"{visible(key)!r} is not a key of the net", hint, at_key=True)]


def _missing_block(entry: Searched, block: NetBlock, inside: Path) -> Mistake | None:
    parent: Any = block.data
    for depth, step in enumerate(inside[:-1]):
        if not isinstance(parent, Mapping) or step not in parent:
            where = "the net" if depth == 0 else visible(str(inside[depth - 1]))
            message = f"{visible(str(step))!r} is no block of {where}, so nothing is varied"
            hint = did_you_mean(str(step), list(parent) if isinstance(parent, Mapping) else [])
            severity = WARNING if step in net_keys() else ERROR
            return Mistake(entry.path, "unknown-key", message, hint, severity, at_key=True)
        parent = parent[step]
    return None


def _weighed(mistake: Mistake, block: NetBlock, inside: Path) -> Mistake:
    """Real files vary keys that nothing reads, and Hydra nets with an MLP's lists; a typo is an error all the same."""
    if mistake.rule == "unknown-key":
        name, siblings = str(inside[-1]), _parent(block.data, inside)
        if name in LEGACY_KEYS:
            return mistake._replace(severity=WARNING)
        if guess := nearest(name, siblings):
            return mistake._replace(hint=f"did you mean {guess!r}?")
        return mistake if mistake.hint.startswith("did you mean") else mistake._replace(severity=WARNING)
    of_hydra = block.data.get("type") == "HydraMLPNet" and inside == ("hid_layers",)
    return mistake._replace(severity=WARNING) if of_hydra else mistake


def _parent(data: Any, path: Path) -> list[str]:
    for step in path[:-1]:
        data = data[step]
    return list(data)


def _with(data: Mapping[str, Any], path: Path, value: Any) -> dict[str, Any]:
    step, *rest = path
    return {**data, str(step): _with(data[str(step)], tuple(rest), value) if rest else value}
