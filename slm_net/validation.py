"""`validate`: everything that is wrong with a spec, from a path, a text or a dict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from slm_net.problems import ERROR, RULES, Problem, SpecError
from slm_net.spaces import Dims, infer_dims, known_environments, other_net
from slm_net.spec.algorithms import RECIPES
from slm_net.spec.document import Document, Spec, SpecSource, read_document
from slm_net.spec.limits import MAX_PARAMETERS
from slm_net.spec.mistakes import Mistake, steps
from slm_net.spec.plain import plain
from slm_net.spec.rules import broken_rules
from slm_net.spec.validate import KnownDims, problems_of
from slm_net.spec.variables import combinations, fill_in


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
        return KnownDims(mistakes=tuple(_mistakes(spec, error)))
    return KnownDims(dims.in_dim, dims.out_dim, others=lambda: _other_nets(spec, concrete, dims))


def _other_nets(spec: Spec, concrete: Mapping[str, Any], dims: Dims) -> Iterator[Mistake]:
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
            yield from _mistakes(spec, error)
            continue
        view = source.view(spec.path, into.in_dim, into.out_dim)
        yield from (mistake for mistake in broken_rules(view) if mistake.severity == ERROR)


def _environments(spec: Mapping[str, Any]) -> list[str]:
    """The ids of the spec's environments, "" for one without a name."""
    env = spec.get("env")
    blocks = env if isinstance(env, list) and env else [env]
    names = [block.get("name") if isinstance(block, Mapping) else None for block in blocks]
    return [name if isinstance(name, str) else "" for name in names]


def _mistakes(spec: Spec, error: SpecError) -> Iterator[Mistake]:
    """What an error says against a spec; that its dims are not known is nothing against it."""
    for problem in error.problems:
        path = (*spec.path, *steps(problem.pointer, spec.data))
        if RULES[problem.rule] != "dims-unknown":
            yield Mistake(path, RULES[problem.rule], problem.message, problem.hint, problem.severity)
