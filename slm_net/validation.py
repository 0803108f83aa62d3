"""`validate`: everything that is wrong with a spec, from a path, a text or a dict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any, NamedTuple

from slm_net.document.algorithms import RECIPES
from slm_net.document.nets import net_views
from slm_net.document.specs import NOT_A_SPEC, SCHEMAS, Document, NetBlock, Spec, SpecSource, document_of, read_document
from slm_net.document.variables import (
    MAX_COMBINATIONS,
    MAX_FILLED,
    VARIABLE,
    at_origin,
    combinations,
    fill_in,
    find_variables,
    is_too_large,
    unset_variables,
)
from slm_net.problems import ERROR, WARNING, Problem, SpecError
from slm_net.rules.all import broken_rules
from slm_net.rules.keys import block_problems, layout_problems
from slm_net.search.search import search_problems
from slm_net.search.trials import Budget
from slm_net.spaces import Dims, infer_dims, known_environments, other_net
from slm_net.spaces.values import DIMS_UNKNOWN
from slm_net.text.limits import FILE_TOO_LARGE, MAX_PARAMETERS, MAX_PROBLEMS, TOO_WRONG
from slm_net.text.mapping import plain
from slm_net.text.places import Path
from slm_net.wording.schema_problems import MISSING_KEY, guessed_names, schema_problems, with_names
from slm_net.wording.values import shown

CUT = FILE_TOO_LARGE.id


def first_problems(problems: Iterable[Problem]) -> Iterator[Problem]:
    """The first `MAX_PROBLEMS` errors, and as many warnings; after one error more, nothing is looked for."""
    counts: Counter[str] = Counter()
    for problem in problems:
        counts[problem.severity] += 1
        if counts[problem.severity] <= MAX_PROBLEMS or problem.rule == CUT:
            yield problem
        elif counts[problem.severity] == MAX_PROBLEMS + 1:
            message, hint = TOO_WRONG
            yield replace(problem, rule=CUT, message=message, hint=hint)
        if counts[ERROR] > MAX_PROBLEMS:
            return


def is_cut(problems: Iterable[Problem]) -> bool:
    """True if there are more problems than these."""
    return any(problem.rule == CUT for problem in problems)


class Tries:
    """How many combinations of `spec_params` are still looked at in a document."""

    def __init__(self) -> None:
        self._left = MAX_COMBINATIONS

    def take(self) -> bool:
        """Take one; False if there is none left."""
        self._left -= 1
        return self._left >= 0


def too_large(spec: Spec) -> Iterator[Problem]:
    """That a spec with its variables filled in is not looked at; nothing if it is."""
    if is_too_large(spec.data):
        message = f"filled in, the spec has more than {MAX_FILLED:,} values"
        yield FILE_TOO_LARGE.at((*spec.path, "spec_params"), message, "list smaller values", at_key=True)


def too_many_combinations(spec: Spec) -> Problem:
    """That the rest of the combinations is not looked at."""
    message = f"more than {MAX_COMBINATIONS} combinations: the rest is not checked"
    place = (*spec.path, "spec_params")
    return FILE_TOO_LARGE.at(place, message, "list fewer values", WARNING, at_key=True)


class KnownDims(NamedTuple):
    """The dims of a spec's main net as far as they are known, what was wrong on the way to them, and its limit.

    `others` looks at the nets that the agent has beside the main one; it is asked if nothing else is wrong.
    """

    in_dim: Any = None
    out_dim: Any = None
    problems: tuple[Problem, ...] = ()
    max_params: int = MAX_PARAMETERS
    others: Callable[[], Iterable[Problem]] = tuple


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
        yield document.placed(_no_spec(data))
        return
    refused = schema_problems(SCHEMAS[document.kind], data)
    # a variable may stand for any value, but not for all that is there
    told = _without_variables(refused, data) if document.specs else refused
    cut = is_cut(refused)  # the rules need to know all that is wrong
    if guesses := {} if cut else guessed_names(data, told):
        yield from (document.placed(problem) for problem in refused if problem.path in guesses)
        meant = document_of(replace(document.source, data=with_names(data, guesses)))
        yield from _content_problems(meant, dims_of)
        return
    # a value that the reader refused is None in the data: the schema has nothing to add
    unread = {problem.path for problem in document.source.problems if problem.severity == ERROR}
    problems = chain(told, () if cut else _spec_problems(document, refused, dims_of))
    found = map(document.placed, problems)
    yield from (problem for problem in found if problem.path not in unread)


def _no_spec(data: Any) -> Problem:
    message = f"the file holds {shown(data)}, expected an object"
    if isinstance(data, Mapping):
        message = "there is no spec in the file"
    hint = 'write {"name": {"agent": ..., "env": ...}} or a net block'
    return NOT_A_SPEC.at((), message, hint)


def _spec_problems(document: Document, refused: list[Problem], dims_of: DimsOf) -> Iterator[Problem]:
    """What the rules find in each spec of a document."""
    budget, tries = Budget(), Tries()
    for spec in document.specs:
        if large := list(too_large(spec)):
            yield from large
            continue
        blocks = list(document.net_blocks(spec))
        yield from (*layout_problems(spec), *block_problems(spec))
        yield from unset_variables(spec)
        known = dims_of(spec)
        of_nets = [*known.problems, *_net_problems(spec, blocks, refused, known, tries)]
        yield from of_nets
        if not any(problem.severity == ERROR for problem in (*refused, *of_nets)):
            yield from known.others()
        limits = {"in_dim": known.in_dim, "out_dim": known.out_dim, "max_params": known.max_params}
        limits["max_frame"] = fill_in(spec.max_frame, combinations(spec.data)[0])
        yield from search_problems(spec, blocks, refused, limits, budget)


def _net_problems(
    spec: Spec, blocks: list[NetBlock], refused: list[Problem], known: KnownDims, tries: Tries
) -> Iterator[Problem]:
    """What the rules find in each net of a spec; they keep off the values that the schema has refused."""
    rows = combinations(spec.data)
    told = [m for m in _without_variables(refused, spec.data, len(spec.path)) if m.rule != MISSING_KEY.id]
    for index, block in enumerate(blocks):
        for values in rows if rows[0] and any(find_variables(block.data)) else [{}]:
            data, wrong = block.data, refused
            if values and not tries.take():
                yield too_many_combinations(spec)
                return
            if values:
                data = fill_in(data, values)
                found = schema_problems(SCHEMAS["net"], data, block.path, {m.path for m in told})
                wrong = [*told, *found]
                found = _without_variables(found, data, len(block.path))
                yield from (at_origin(problem, spec, block, values) for problem in found)
            # the dims are those of the main net; other blocks (a critic's) get other ones
            dims = {"in_dim": known.in_dim, "out_dim": known.out_dim} if index == 0 else {}
            limits = {"max_frame": fill_in(spec.max_frame, values), "max_params": known.max_params}
            for view in net_views(data, block.path, wrong, algorithm=block.algorithm, **dims, **limits):
                yield from (at_origin(problem, spec, block, values) for problem in broken_rules(view))


def _without_variables(problems: list[Problem], data: Any, depth: int = 0) -> list[Problem]:
    """The problems that are not about the value of a `${variable}`; `data` stands `depth` steps into their paths."""
    return [problem for problem in problems if problem.at_key or not _is_variable(data, problem.path[depth:])]


def _is_variable(data: Any, path: Path) -> bool:
    for step in path:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return False
    return isinstance(data, str) and VARIABLE.search(data) is not None


def validate(
    source: SpecSource,
    *,
    name: str | None = None,
    in_dim: Any = None,
    out_dim: Any = None,
    strict: bool = False,
    max_params: int = MAX_PARAMETERS,
) -> list[Problem]:
    """Everything that is wrong with a spec file, a text, or a dict, sorted by place; never raises on a bad spec.

    Args:
        source: a path, a text (JSON with comments, or YAML), or a dict: a spec file, one spec, or a bare net block.
        name: only the problems of this spec of the file.
        in_dim: what goes into the net: `4`, `(4, 84, 84)`, `(seq_len, dim)`. Sizes are checked with it; without it they
            are if the spec's environment is a well-known one.
        out_dim: what comes out of the net: `2`, or `[2, 1]` for several outputs.
        strict: make warnings errors.
        max_params: the most parameters that a net may have; `build_net` builds none with more than the default.

    >>> for problem in validate({"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "reluu"}):
    ...     print(problem)
    /hid_layers_activation: error SN105 [unknown-name] "reluu" is not a known activation (did you mean 'relu'?)
    """
    return validate_document(read_document(source), name, in_dim, out_dim, strict, max_params=max_params)


def validate_document(
    document: Document,
    name: str | None = None,
    in_dim: Any = None,
    out_dim: Any = None,
    strict: bool = False,
    *,
    own_env: bool = True,
    max_params: int = MAX_PARAMETERS,
) -> list[Problem]:
    """The problems of a document that has been read already; see `validate`.

    `own_env` is false where another environment stands in for the spec's own, which then need not fit.
    """
    given = KnownDims(plain(in_dim), plain(out_dim))
    infer = own_env and document.kind != "net" and in_dim is None and out_dim is None

    def dims_of(spec: Spec) -> KnownDims:
        known = _dims_of_environment(spec) if infer else given
        return known._replace(max_params=max_params)

    problems = problems_of(document, dims_of, name, strict)
    names = {spec.name for spec in document.specs} | {problem.spec for problem in problems}
    if name is not None and name not in names and document.specs:
        try:
            document.choose(name)
        except SpecError as error:
            return [*problems, *error.problems]
    return problems


def _dims_of_environment(spec: Spec) -> KnownDims:
    """Dims from the table of well-known environments; no simulator is imported to validate."""
    values = combinations(spec.data)[0]
    deciding = {key: spec.data[key] for key in ("agent", "env") if key in spec.data}
    concrete = fill_in(deciding, values) if values else deciding
    known = known_environments()
    if not all(name in known for name in _environments(concrete)):
        return KnownDims()
    try:
        dims = infer_dims(concrete)
    except SpecError as error:
        return KnownDims(problems=tuple(_problems(spec, error)))
    return KnownDims(dims.in_dim, dims.out_dim, others=lambda: _other_nets(spec, concrete, dims))


def _other_nets(spec: Spec, concrete: Mapping[str, Any], dims: Dims) -> Iterator[Problem]:
    """The errors of a critic's net or of Q nets, whose dims follow from those of the net that acts."""
    version = 4 if isinstance(concrete.get("agent"), list) else 5
    blocks = list(Spec("", (), concrete).net_blocks())
    algorithm, shared = blocks[0].algorithm, blocks[0].data.get("shared") is True
    for part in RECIPES[algorithm].parts if algorithm in RECIPES else ():
        if part.gives not in ("value", "soft-q") or (part.gives == "value" and shared):
            continue
        try:
            source, into = other_net(part, blocks, dims, version)
        except SpecError as error:
            yield from _problems(spec, error)
            continue
        view = source.view(spec.path, into.in_dim, into.out_dim)
        yield from (problem for problem in broken_rules(view) if problem.severity == ERROR)


def _environments(spec: Mapping[str, Any]) -> list[str]:
    """The ids of the spec's environments, "" for one without a name."""
    env = spec.get("env")
    blocks = env if isinstance(env, list) and env else [env]
    names = [block.get("name") if isinstance(block, Mapping) else None for block in blocks]
    return [name if isinstance(name, str) else "" for name in names]


def _problems(spec: Spec, error: SpecError) -> Iterator[Problem]:
    """What an error says against a spec; that its dims are not known is nothing against it."""
    for problem in error.problems:
        if problem.rule != DIMS_UNKNOWN.id:
            yield problem.at((*spec.path, *problem.path))
