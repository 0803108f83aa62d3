"""One concrete spec that is known to be right, with the dims of its main net. No torch up to here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slm_net.loading import placed, refuse_errors
from slm_net.problems import Problem, SpecError
from slm_net.spaces import Dims, infer_dims
from slm_net.spec.document import Document, NetBlock, Spec, read_document
from slm_net.spec.load import concrete_spec
from slm_net.spec.mistakes import Mistake
from slm_net.spec.places import Path
from slm_net.validation import validate_document


@dataclass(frozen=True)
class CheckedSpec:
    """A concrete spec without errors: where it stands, its net blocks, the dims of its first net."""

    document: Document
    spec: Spec
    blocks: tuple[NetBlock, ...]
    #: The agent's algorithm block, empty for a bare net block.
    algorithm: Mapping[str, Any]
    #: The SLM Lab version whose shape the spec has, 4 or 5.
    version: int
    dims: Dims
    warnings: tuple[Problem, ...]

    def error(self, path: Path, rule: str, message: str, hint: str = "") -> SpecError:
        """What is wrong after all, at a path from the root of the spec."""
        return SpecError([self.document.problem(Mistake((*self.spec.path, *path), rule, message, hint))])


def check_spec(
    document: Document,
    in_dim: Any = None,
    out_dim: Any = None,
    *,
    name: str | None = None,
    env: object = None,
    variables: Mapping[str, Any] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> CheckedSpec:
    """One spec of a document, validated without and then with its dims.

    Raises:
        SpecError: with everything that is wrong, or with the argument that is missing.
    """
    changed = bool(variables or overrides)
    dims = (None, None) if changed else (in_dim, out_dim)  # an override may be what makes them fit
    refuse_errors(validate_document(document, name, *dims, own_env=env is None))
    spec, concrete = document.choose(name), concrete_spec(document, name, variables, overrides)
    if changed:
        refuse_errors(_problems(document, spec, concrete, (in_dim, out_dim), env is None))
    try:
        found = infer_dims(concrete, env, in_dim, out_dim)
    except SpecError as error:
        raise SpecError(placed(problem, document, spec) for problem in error.problems) from None
    problems = _problems(document, spec, concrete if changed else None, (found.in_dim, found.out_dim))
    refuse_errors(problems)
    return _checked(document, spec, concrete, found, problems)


def _checked(
    document: Document, spec: Spec, concrete: Mapping[str, Any], dims: Dims, problems: list[Problem]
) -> CheckedSpec:
    chosen = read_document(concrete)
    agents = concrete.get("agent", {})
    agent = agents[0] if isinstance(agents, list) else agents
    return CheckedSpec(
        document,
        spec,
        blocks=tuple(chosen.net_blocks(chosen.choose())),
        algorithm=agent.get("algorithm", {}),
        version=4 if isinstance(agents, list) else 5,
        dims=dims,
        warnings=tuple(problems),
    )


def _problems(
    document: Document, spec: Spec, changed: Mapping[str, Any] | None, dims: tuple[Any, Any], own_env: bool = True
) -> list[Problem]:
    """The problems of one spec of the document, or of what variables and overrides made of it."""
    if changed is None:
        name = spec.name if document.kind == "file" else None
        return validate_document(document, name, *dims, own_env=own_env)
    found = validate_document(read_document(changed), None, *dims, own_env=own_env)
    return [placed(problem, document, spec) for problem in found]
