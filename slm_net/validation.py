"""`validate`: everything that is wrong with a spec, from a path, a text or a dict; and the one pass that finds it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import chain, islice
from typing import Any, NamedTuple

from slm_net.document.algorithms import RECIPES
from slm_net.document.nets import net_views
from slm_net.document.specs import NOT_A_SPEC, SCHEMAS, Document, NetBlock, Spec, SpecSource, document_of, read_document
from slm_net.document.variables import (
    MAX_COMBINATIONS,
    MAX_FILLED,
    at_origin,
    combinations,
    fill_in,
    find_variables,
    is_too_large,
    unset_variables,
)
from slm_net.problems import ERROR, WARNING, Path, Problem, SpecError
from slm_net.rules import broken_rules
from slm_net.rules.blocks import Guesses, block_problems, variable_problems
from slm_net.rules.keys import layout_problems
from slm_net.rules.lab_files import spec_runs_in_the_lab, text_runs_in_the_lab
from slm_net.schema.catalogue import VARIABLE, net_types
from slm_net.schema.lab_names import lab_called
from slm_net.search.search import search_problems
from slm_net.search.trials import Budget
from slm_net.spaces import Dims, infer_dims, known_environments, other_net
from slm_net.spaces.environments import ENVIRONMENT_OPTION
from slm_net.spaces.values import DIMS_UNKNOWN
from slm_net.text.limits import FILE_TOO_LARGE, MAX_PARAMETERS, MAX_PROBLEMS, TOO_MANY_WARNINGS, TOO_WRONG
from slm_net.text.mapping import plain
from slm_net.text.paths import value_at
from slm_net.text.places import DUPLICATE_KEY
from slm_net.wording.names import replaced
from slm_net.wording.schema_problems import MISSING_KEY, UNKNOWN_NAME, guessed_names, schema_problems, with_names
from slm_net.wording.values import ARCS, shown
from slm_net.words import SLIP, nearest, visible

CUT = FILE_TOO_LARGE.id


def validate(
    source: SpecSource,
    *,
    name: str | None = None,
    in_dim: Any = None,
    out_dim: Any = None,
    strict: bool = False,
    max_params: int = MAX_PARAMETERS,
    for_: str | None = None,
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
        for_: "slm-lab-4" or "slm-lab-5", where the spec has to run in SLM Lab itself: what only slm_net takes is an
            error, what SLM Lab ignores or takes for another thing a warning.

    Raises:
        ValueError: `for_` is no such SLM Lab.

    >>> for problem in validate({"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "reluu"}):
    ...     print(problem)
    /hid_layers_activation: error SN105 [unknown-name] "reluu" is not a known activation (did you mean 'relu'?)
    """
    given = Given(plain(in_dim), plain(out_dim), max_params=max_params, lab=lab_called(for_))
    return examine(read_document(source), given, name, strict).problems


class Given(NamedTuple):
    """What a caller gives beside a document; `env` stands in for the spec's own environment.

    With `to_build` the dims have to be known, and gymnasium is asked for those of an environment that is not in our
    table; else they are what is given, or those of a well-known environment if `infer`. `lab` is the version of the
    SLM Lab that has to run the document, 0 for none.
    """

    in_dim: Any = None
    out_dim: Any = None
    env: object = None
    max_params: int = MAX_PARAMETERS
    to_build: bool = False
    infer: bool = True
    lab: int = 0


class Examined(NamedTuple):
    """The sorted problems of a document, the dims of its (last) spec, and why these are not known."""

    problems: list[Problem]
    dims: Dims | None = None
    unknown: SpecError | None = None


class Limits:
    """How much is still looked at in a document, and told of it."""

    def __init__(self) -> None:
        self.budget, self.guesses = Budget(), Guesses()
        self.tries = MAX_COMBINATIONS  # combinations of `spec_params`
        self.warnings = MAX_PROBLEMS + 1  # of those around the nets, the last to say that there are more

    @property
    def left(self) -> tuple[int, ...]:
        """What is left of each."""
        return self.budget.left, self.guesses.left, self.tries, self.warnings


#: How many versions of each spec are known at most.
KEPT = 4


class Known:
    """What the rules found in each spec of a document, for when it is examined again with some of them changed.

    It is for a document that is examined in the same way each time. A spec counts as the same with the same data; what
    it took of the limits is known as well, so that all is found anew if together they took too much.
    """

    def __init__(self) -> None:
        self._found: dict[Any, tuple[list[Problem], tuple[int, ...]]] = {}

    def of_all(self, specs: Mapping[Any, Callable[[Limits], Iterable[Problem]]]) -> list[Problem] | None:
        """The problems of specs, found now or known; None if the limits of one document do not suffice for them."""
        now, full = dict[Any, tuple[list[Problem], tuple[int, ...]]](), Limits().left
        for key, find in specs.items():
            if (found := self._found.get(key)) is None:
                limits = Limits()
                found = list(find(limits)), tuple(a - b for a, b in zip(full, limits.left, strict=True))
            now[key] = found
        before = self._found if len(self._found) < KEPT * len(specs) else {}
        self._found = {**before, **now}  # what is undone is known
        taken = [sum(of_specs) for of_specs in zip(*(taken for _, taken in now.values()), strict=True)]
        if any(some >= most for some, most in zip(taken, full, strict=False)):
            return None
        return [problem for problems, _ in now.values() for problem in problems]


def examine(
    document: Document, given: Given, name: str | None = None, strict: bool = False, known: Known | None = None
) -> Examined:
    """The one pass over a document that has been read: what is wrong, and on the way the dims of its nets.

    `name` picks the problems of one spec, `strict` makes warnings errors; with `known`, what was found the last time
    in specs that are still the same, the dims are left out.
    """
    walk = _Pass(document if name is None else document.only(name), given, known)
    found = {*map(_graver, document.source.problems), *document.problems, *first_problems(walk.problems())}
    if given.lab:
        found.update(first_problems(text_runs_in_the_lab(document, given.lab)))
    problems = sorted(problem for problem in found if name is None or problem.spec in ("", name))
    if strict:
        problems = [replace(problem, severity=ERROR) for problem in problems]
    names = {spec.name for spec in document.specs} | {problem.spec for problem in problems}
    if name is not None and name not in names and document.specs:
        try:
            document.choose(name)
        except SpecError as error:
            problems += error.problems
    return Examined(problems, walk.dims, walk.unknown)


def _graver(problem: Problem) -> Problem:
    """A key that is there twice, as an error where it is the name of a module or a node: one of them would vanish."""
    of_an_arc = problem.rule == DUPLICATE_KEY.id and any(step in ARCS for step in problem.path[:-1])
    return replace(problem, severity=ERROR) if of_an_arc else problem


class _Pass:
    """One pass over a document; `dims` are those of the spec that was looked at last."""

    def __init__(self, document: Document, given: Given, known: Known | None = None):
        self.document, self.given, self._before = document, given, known
        self.dims: Dims | None = None
        self.unknown: SpecError | None = None

    def problems(self) -> Iterator[Problem]:
        """The problems of the document but for those of its text, each at its place."""
        document, data = self.document, self.document.source.data
        if not document.source.readable or () in document.broken:
            return
        if document.kind == "":
            if not document.broken:
                yield document.placed(_no_spec(data))
            return
        refused = schema_problems(SCHEMAS[document.kind], data)
        # a variable may stand for any value, but not for all that is there
        told = _without_variables(refused, data) if document.specs else refused
        cut = is_cut(refused)  # the rules need to know all that is wrong
        if guesses := {} if cut else guessed_names(data, told):
            unread = document.source.unread
            yield from (document.placed(p) for p in refused if p.path in guesses and p.path not in unread)
            anew = document_of(replace(document.source, data=with_names(data, guesses)))
            self.document = replace(anew, included=document.included, replaced=document.replaced)
            yield from self.problems()
            return
        # a value that the reader refused is None in the data: the schema has nothing to add
        unread = document.source.unread
        guessed = document.source.mended and bool(unread)  # what depends on it would be a guess too
        found = chain(told, () if cut or guessed else self._of_specs(refused))
        yield from (document.placed(problem) for problem in found if problem.path not in unread)

    def _of_specs(self, refused: list[Problem]) -> Iterator[Problem]:
        """What the rules find in each spec."""
        specs = [(spec, [p for p in refused if p.path[: len(spec.path)] == spec.path]) for spec in self.document.specs]
        if self._before:
            keys = [(spec.path, repr(spec.data)) for spec, _ in specs]
            finds = [partial(self._of_spec, *spec) for spec in specs]
            if (found := self._before.of_all(dict(zip(keys, finds, strict=True)))) is not None:
                yield from found
                return
        limits = Limits()
        for spec, own in specs:
            yield from self._of_spec(spec, own, limits)

    def _of_spec(self, spec: Spec, refused: list[Problem], limits: Limits) -> Iterator[Problem]:
        """What the rules find in a spec, in which the schema `refused` something."""
        if large := list(too_large(spec)):
            yield from large
            return
        yield from self._of_layout(spec)
        yield from (around := list(self._around_nets(spec, limits)))
        known = self._known_dims(spec, {problem.path for problem in around})
        of_nets = [*known.problems, *self._of_nets(spec, refused, known, limits)]
        yield from of_nets
        if known.dims and not any(problem.severity == ERROR for problem in (*refused, *of_nets)):
            yield from self._of_other_nets(known.concrete or spec, known.dims)
        of_nets_searched = {"in_dim": known.in_dim, "out_dim": known.out_dim, "max_params": self.given.max_params}
        of_nets_searched |= {"lab": self.given.lab, "normalised_by": spec.normalised_by}
        of_nets_searched["max_frame"] = fill_in(spec.max_frame, combinations(spec.data)[0])
        yield from search_problems(spec, refused, of_nets_searched, limits.budget)

    def _of_layout(self, spec: Spec) -> Iterator[Problem]:
        """What stands against the layout and the variables: of the SLM Lab that the spec is for, else of all."""
        lab = self.given.lab
        yield from spec_runs_in_the_lab(spec, lab) if lab else layout_problems(spec)
        yield from unset_variables(spec) if lab != 4 else ()  # version 4 is given none when it runs

    def _around_nets(self, spec: Spec, limits: Limits) -> Iterator[Problem]:
        """Warnings, as many of them as are told."""
        found = chain(block_problems(spec, limits.guesses, self.given.lab), variable_problems(spec))
        for problem in islice(found, limits.warnings):
            limits.warnings -= 1
            yield problem

    def _known_dims(self, spec: Spec, told: Collection[Path]) -> _MainDims:
        """The dims of the spec's main net as far as they are known; no simulator is imported to validate.

        Of a key of the environment that has been `told` nothing more is said.
        """
        given, concrete = self.given, first_combination(spec)
        as_given = _MainDims(given.in_dim, given.out_dim)
        nets = [block.data for block in concrete.net_blocks()]
        if nets and nets[0].get("type", nets[0].get("actor_type")) not in net_types():
            return as_given  # nothing is known of what it takes
        if not given.to_build:
            some = given.in_dim is not None or given.out_dim is not None
            names = [env.data.get("name") for env in concrete.envs]
            known = known_environments()
            if spec.bare or some or not given.infer:
                return as_given
            if not all(isinstance(n, str) and n in known for n in names):
                return as_given._replace(problems=tuple(_slips_of_environments(concrete)))
        try:
            dims = infer_dims(concrete, given.env, given.in_dim, given.out_dim)
        except SpecError as error:
            [problem] = error.problems
            problem = problem if problem.path else problem.at(spec.path)
            if problem.rule in (DIMS_UNKNOWN.id, ENVIRONMENT_OPTION.id):
                self.unknown = SpecError([self.document.placed(problem)])
                # what is not known of an environment by itself is no mistake of the spec
                said = problem.rule == ENVIRONMENT_OPTION.id and not given.to_build and problem.path not in told
                return as_given._replace(problems=(replace(problem, severity=WARNING),) if said else ())
            return as_given._replace(problems=(problem,))
        self.dims = dims
        return _MainDims(dims.in_dim, dims.out_dim, dims if dims.action else None, concrete, bytes_of=dims.bytes_of)

    def _of_nets(self, spec: Spec, refused: list[Problem], known: _MainDims, left: Limits) -> Iterator[Problem]:
        """What the rules find in each net of a spec; they keep off the values that the schema has refused."""
        rows = combinations(spec.data)
        told = [p for p in _without_variables(refused, spec.data, len(spec.path)) if p.rule != MISSING_KEY.id]
        for index, block in enumerate(spec.net_blocks()):
            # the dims are those of the main net; other blocks (a critic's) get other ones
            dims = {"in_dim": known.in_dim, "out_dim": known.out_dim, "bytes_of": known.bytes_of} if index == 0 else {}
            varies = rows[0] and any(find_variables([block.data, block.batch_size]))
            for values in rows if varies else [{}]:
                left.tries -= bool(values)
                if left.tries < 0:
                    yield too_many_combinations(spec)
                    return
                found, wrong, data = _filled_in(block, values, refused, told)
                yield from (at_origin(problem, spec, block, values) for problem in found)
                limits = {"max_frame": fill_in(spec.max_frame, values), "max_params": self.given.max_params}
                limits |= {"lab": self.given.lab, "batch_size": fill_in(block.batch_size, values)}
                limits["normalised_by"] = spec.normalised_by if self.given.env is None else ""
                for view in net_views(data, block.path, wrong, algorithm=block.algorithm, **dims, **limits):
                    yield from (at_origin(problem, spec, block, values) for problem in broken_rules(view))

    def _of_other_nets(self, spec: Spec, dims: Dims) -> Iterator[Problem]:
        """The errors of a critic's net or of Q nets, whose dims follow from those of the net that acts."""
        blocks = spec.net_blocks()
        algorithm, shared = blocks[0].algorithm, blocks[0].data.get("shared") is True
        for part in RECIPES[algorithm].parts if algorithm in RECIPES else ():
            if part.gives not in ("value", "soft-q") or (part.gives == "value" and shared):
                continue
            try:
                source, into = other_net(part, blocks, dims, spec.version)
            except SpecError as error:
                yield from error.problems
                continue
            view = source.view(into.in_dim, into.out_dim)
            view = replace(view, lab=self.given.lab, max_params=self.given.max_params)
            yield from (problem for problem in broken_rules(view) if problem.severity == ERROR)


def _slips_of_environments(spec: Spec) -> Iterator[Problem]:
    """A warning for each environment that is a slip of a known one, as its sizes are not checked."""
    for env in spec.envs:
        name, known = env.data.get("name"), known_environments()
        is_unknown = isinstance(name, str) and name not in known
        if is_unknown and (meant := nearest(str(name), known, alike=SLIP, same_digits=True)):
            hint, fix = replaced((*env.path, "name"), str(name), meant)
            message = f"{visible(str(name))!r} is no known environment, so sizes are not checked"
            yield UNKNOWN_NAME.at((*env.path, "name"), message, hint, WARNING, fix=fix)


class _MainDims(NamedTuple):
    """The dims of a spec's main net as far as they are known, and what was wrong on the way to them.

    `dims` are there if its environment is known, and the `concrete` spec that they are from.
    """

    in_dim: Any = None
    out_dim: Any = None
    dims: Dims | None = None
    concrete: Spec | None = None
    problems: tuple[Problem, ...] = ()
    bytes_of: str = ""


def first_combination(spec: Spec) -> Spec:
    """A spec with nothing but what decides its dims, its variables filled in with the first of their values."""
    values, deciding = combinations(spec.data)[0], spec if spec.bare else spec.deciding
    return replace(deciding, data=fill_in(deciding.data, values)) if values else deciding


def _filled_in(
    block: NetBlock, values: Mapping[str, Any], refused: list[Problem], told: list[Problem]
) -> tuple[list[Problem], list[Problem], Mapping[str, Any]]:
    """A net block with its variables filled in: what the schema finds now, all that it refuses, and the block."""
    if not values:
        return [], refused, block.data
    data = fill_in(block.data, values)
    found = schema_problems(SCHEMAS["net"], data, block.path, {problem.path for problem in told})
    return _without_variables(found, data, len(block.path)), [*told, *found], data


def _no_spec(data: Any) -> Problem:
    message = f"the file holds {shown(data)}, expected an object"
    if isinstance(data, Mapping):
        message = "there is no spec in the file"
    hint = 'write {"name": {"agent": ..., "env": ...}} or a net block'
    return NOT_A_SPEC.at((), message, hint)


def _without_variables(problems: list[Problem], data: Any, depth: int = 0) -> list[Problem]:
    """The problems that are not about the value of a `${variable}`; `data` stands `depth` steps into their paths."""
    return [problem for problem in problems if problem.at_key or not _is_variable(data, problem.path[depth:])]


def _is_variable(data: Any, path: Path) -> bool:
    value = value_at(data, path)
    return isinstance(value, str) and VARIABLE.search(value) is not None


def first_problems(problems: Iterable[Problem]) -> Iterator[Problem]:
    """The first `MAX_PROBLEMS` errors, and as many warnings, each once; after one error more, nothing is looked for."""
    seen: dict[str, set[Problem]] = {ERROR: set(), WARNING: set()}
    for problem in problems:
        known = seen[problem.severity]
        if problem in known:
            continue  # combinations of values have many mistakes in common
        if len(known) < MAX_PROBLEMS or problem.rule == CUT:
            yield problem
        elif len(known) == MAX_PROBLEMS:
            message, hint = TOO_WRONG if problem.severity == ERROR else TOO_MANY_WARNINGS
            yield replace(problem, rule=CUT, message=message, hint=hint)
        if len(known) <= MAX_PROBLEMS:
            known.add(problem)
        if len(seen[ERROR]) > MAX_PROBLEMS:
            return


def is_cut(problems: Iterable[Problem]) -> bool:
    """True if there are more problems than these."""
    return any(problem.rule == CUT for problem in problems)


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
