"""A document in, sorted problems out: what the reader, the schema and the rules find, all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any, NamedTuple

from slm_net.problems import ERROR, Problem
from slm_net.spec.block_rules import block_mistakes
from slm_net.spec.bounds import Tries, first_problems, is_cut, too_large, too_many_combinations
from slm_net.spec.document import SCHEMAS, Document, NetBlock, Spec, document_of
from slm_net.spec.guesses import guessed_names, with_names
from slm_net.spec.layout_rules import layout_mistakes
from slm_net.spec.limits import MAX_PARAMETERS
from slm_net.spec.mistakes import Mistake
from slm_net.spec.net_view import net_views
from slm_net.spec.origins import at_origin
from slm_net.spec.places import Path
from slm_net.spec.rules import broken_rules
from slm_net.spec.schema_mistakes import schema_mistakes
from slm_net.spec.search import search_mistakes
from slm_net.spec.search_samples import Budget
from slm_net.spec.unset_variables import unset_variables
from slm_net.spec.variables import VARIABLE, combinations, fill_in, find_variables
from slm_net.spec.wording import shown


class KnownDims(NamedTuple):
    """The dims of a spec's main net as far as they are known, what was wrong on the way to them, and its limit.

    `others` looks at the nets that the agent has beside the main one; it is asked if nothing else is wrong.
    """

    in_dim: Any = None
    out_dim: Any = None
    mistakes: tuple[Mistake, ...] = ()
    max_params: int = MAX_PARAMETERS
    others: Callable[[], Iterable[Mistake]] = tuple


DimsOf = Callable[[Spec], KnownDims]


def problems_of(document: Document, dims_of: DimsOf, name: str | None = None, strict: bool = False) -> list[Problem]:
    """The problems of a document, sorted by place; `name` picks those of one spec, `strict` makes warnings errors."""
    looked_at = document if name is None else document.only(name)
    found = {*document.source.problems, *first_problems(_content_problems(looked_at, dims_of))}
    problems = sorted(problem for problem in found if name is None or problem.spec in ("", name))
    return [replace(problem, severity=ERROR) for problem in problems] if strict else problems


def _content_problems(document: Document, dims_of: DimsOf) -> Iterator[Problem]:
    data = document.source.data
    if not document.source.readable:
        return
    if document.kind == "":
        yield document.problem(_no_spec(data))
        return
    refused = schema_mistakes(SCHEMAS[document.kind], data)
    # a variable may stand for any value, but not for all that is there
    told = _without_variables(refused, data) if document.specs else refused
    cut = is_cut(refused)  # the rules need to know all that is wrong
    if guesses := {} if cut else guessed_names(data, told):
        yield from (document.problem(mistake) for mistake in refused if mistake.path in guesses)
        meant = document_of(replace(document.source, data=with_names(data, guesses)))
        yield from _content_problems(meant, dims_of)
        return
    # a value that the reader refused is None in the data: the schema has nothing to add
    unread = {problem.pointer for problem in document.source.problems if problem.severity == ERROR}
    mistakes = chain(told, () if cut else _spec_mistakes(document, refused, dims_of))
    found = map(document.problem, mistakes)
    yield from (problem for problem in found if problem.pointer not in unread)


def _no_spec(data: Any) -> Mistake:
    message = f"the file holds {shown(data)}, expected an object"
    if isinstance(data, Mapping):
        message = "there is no spec in the file"
    hint = 'write {"name": {"agent": ..., "env": ...}} or a net block'
    return Mistake((), "not-a-spec", message, hint)


def _spec_mistakes(document: Document, refused: list[Mistake], dims_of: DimsOf) -> Iterator[Mistake]:
    """What the rules find in each spec of a document."""
    budget, tries = Budget(), Tries()
    for spec in document.specs:
        if large := list(too_large(spec)):
            yield from large
            continue
        blocks = list(document.net_blocks(spec))
        yield from (*layout_mistakes(spec), *block_mistakes(spec))
        yield from unset_variables(spec)
        known = dims_of(spec)
        of_nets = [*known.mistakes, *_net_mistakes(spec, blocks, refused, known, tries)]
        yield from of_nets
        if not any(mistake.severity == ERROR for mistake in (*refused, *of_nets)):
            yield from known.others()
        limits = {"in_dim": known.in_dim, "out_dim": known.out_dim, "max_params": known.max_params}
        limits["max_frame"] = fill_in(spec.max_frame, combinations(spec.data)[0])
        yield from search_mistakes(spec, blocks, refused, limits, budget)


def _net_mistakes(
    spec: Spec, blocks: list[NetBlock], refused: list[Mistake], known: KnownDims, tries: Tries
) -> Iterator[Mistake]:
    """What the rules find in each net of a spec; they keep off the values that the schema has refused."""
    rows = combinations(spec.data)
    told = [m for m in _without_variables(refused, spec.data, len(spec.path)) if m.rule != "missing-key"]
    for index, block in enumerate(blocks):
        for values in rows if rows[0] and any(find_variables(block.data)) else [{}]:
            data, wrong = block.data, refused
            if values and not tries.take():
                yield too_many_combinations(spec)
                return
            if values:
                data = fill_in(data, values)
                found = schema_mistakes(SCHEMAS["net"], data, block.path, {m.path for m in told})
                wrong = [*told, *found]
                found = _without_variables(found, data, len(block.path))
                yield from (at_origin(mistake, spec, block, values) for mistake in found)
            # the dims are those of the main net; other blocks (a critic's) get other ones
            dims = {"in_dim": known.in_dim, "out_dim": known.out_dim} if index == 0 else {}
            limits = {"max_frame": fill_in(spec.max_frame, values), "max_params": known.max_params}
            for view in net_views(data, block.path, wrong, algorithm=block.algorithm, **dims, **limits):
                yield from (at_origin(mistake, spec, block, values) for mistake in broken_rules(view))


def _without_variables(mistakes: list[Mistake], data: Any, depth: int = 0) -> list[Mistake]:
    """The mistakes that are not about the value of a `${variable}`; `data` stands `depth` steps into their paths."""
    return [mistake for mistake in mistakes if mistake.at_key or not _is_variable(data, mistake.path[depth:])]


def _is_variable(data: Any, path: Path) -> bool:
    for step in path:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return False
    return isinstance(data, str) and VARIABLE.search(data) is not None
