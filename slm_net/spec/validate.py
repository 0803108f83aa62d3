"""A document in, sorted problems out: what the reader, the schema and the rules find, all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from slm_net.problems import ERROR, WARNING, Problem
from slm_net.spec.document import SCHEMAS, Document, NetBlock, Spec, document_of
from slm_net.spec.guesses import guessed_names, with_names
from slm_net.spec.layout_rules import layout_mistakes
from slm_net.spec.limits import MAX_PARAMETERS
from slm_net.spec.mistakes import Mistake
from slm_net.spec.net_view import net_views
from slm_net.spec.places import Path
from slm_net.spec.rules import broken_rules
from slm_net.spec.schema_mistakes import schema_mistakes
from slm_net.spec.search import search_mistakes
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
    found = {*document.source.problems, *_content_problems(document, dims_of)}
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
    if guesses := guessed_names(data, _without_variables(refused, data)):
        yield from (document.problem(mistake) for mistake in refused if mistake.path in guesses)
        meant = document_of(replace(document.source, data=with_names(data, guesses)))
        yield from _content_problems(meant, dims_of)
        return
    # a value that the reader refused is None in the data: the schema has nothing to add
    unread = {problem.pointer for problem in document.source.problems if problem.severity == ERROR}
    mistakes = (*_without_variables(refused, data), *_spec_mistakes(document, refused, dims_of))
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
    for spec in document.specs:
        blocks = list(document.net_blocks(spec))
        yield from layout_mistakes(spec)
        yield from _variable_mistakes(spec)
        known = dims_of(spec)
        of_nets = [*known.mistakes, *_net_mistakes(spec, blocks, refused, known)]
        yield from of_nets
        if not any(mistake.severity == ERROR for mistake in (*refused, *of_nets)):
            yield from known.others()
        yield from search_mistakes(spec, blocks)


def _net_mistakes(spec: Spec, blocks: list[NetBlock], refused: list[Mistake], known: KnownDims) -> Iterator[Mistake]:
    """What the rules find in each net of a spec; they keep off the values that the schema has refused."""
    rows = combinations(spec.data)
    for index, block in enumerate(blocks):
        for values in rows if rows[0] and any(find_variables(block.data)) else [{}]:
            data, wrong = block.data, refused
            if values:
                data = fill_in(data, values)
                wrong = schema_mistakes(SCHEMAS["net"], data, block.path)
                yield from _without_variables(wrong, data, len(block.path))
            # the dims are those of the main net; other blocks (a critic's) get other ones
            dims = {"in_dim": known.in_dim, "out_dim": known.out_dim} if index == 0 else {}
            limits = {"max_frame": fill_in(spec.max_frame, values), "max_params": known.max_params}
            for view in net_views(data, block.path, wrong, algorithm=block.algorithm, **dims, **limits):
                yield from broken_rules(view)


def _variable_mistakes(spec: Spec) -> Iterator[Mistake]:
    params = spec.data.get("spec_params")
    known = params if isinstance(params, dict) else {}
    for path, name in find_variables({key: value for key, value in spec.data.items() if key != "search"}, spec.path):
        if name not in known:
            hint = f"give it when the spec is loaded: variables={{'{name}': ...}}, or --set {name}=..."
            yield Mistake(path, "unset-variable", f"${{{name}}} has no value in the file", hint, WARNING)


def _without_variables(mistakes: list[Mistake], data: Any, depth: int = 0) -> list[Mistake]:
    """The mistakes that are not about a `${variable}`; `data` stands `depth` steps below where their paths begin."""
    return [mistake for mistake in mistakes if not _is_variable(data, mistake.path[depth:])]


def _is_variable(data: Any, path: Path) -> bool:
    for step in path:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return False
    return isinstance(data, str) and VARIABLE.search(data) is not None
