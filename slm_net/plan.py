"""A spec as a plan of one net: resolved spec, dims, and how they were found. No torch up to here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from slm_net.loading import placed, refuse_errors
from slm_net.problems import Problem, SpecError, pointer
from slm_net.spaces import Dims, infer_dims
from slm_net.spec.document import Document, NetBlock, SpecSource, read_document
from slm_net.spec.load import concrete_spec
from slm_net.spec.net_view import ACTOR_CRITIC, split_roles
from slm_net.spec.resolve import resolve
from slm_net.validation import validate_document


@dataclass(frozen=True)
class NetPlan:
    """What the factory builds: every choice made, nothing allocated. To be read only, as plans are shared."""

    spec: Mapping[str, Any]
    dims: Dims
    warnings: tuple[Problem, ...] = ()
    file: str = ""
    block_pointer: str = ""

    def error(self, key: str, message: str, hint: str = "") -> SpecError:
        """A part of the net that torch refuses, as an error at its key."""
        where = f"{self.block_pointer}/{key}" if key else self.block_pointer
        return SpecError([Problem(file=self.file, pointer=where, rule="SN301", message=message, hint=hint)])


@dataclass(frozen=True)
class _Request:
    """The arguments of a plan; equal requests have equal plans, so that building again costs no validation."""

    key: str
    document: Document = field(compare=False)
    name: str | None
    in_dim: Any
    out_dim: Any
    env: object


def plan_net(
    source: SpecSource, in_dim: Any = None, out_dim: Any = None, *, name: str | None = None, env: object = None
) -> NetPlan:
    """The plan of the main net of a spec: validated, resolved, with its dims.

    Raises:
        SpecError: with everything that is wrong, or with the argument that is missing.
    """
    document = read_document(source)
    key = document.source.text or repr(document.source.data)
    request = _Request(key + document.source.file, document, name, _hashable(in_dim), _hashable(out_dim), env)
    return _cached_plan(request) if env is None or isinstance(env, str) else _plan(request)


def _plan(request: _Request) -> NetPlan:
    document, dims = request.document, (request.in_dim, request.out_dim)
    refuse_errors(validate_document(document, request.name, *dims))
    spec, concrete = document.choose(request.name), concrete_spec(document, request.name)
    try:
        found = infer_dims(concrete, request.env, *dims)
    except SpecError as error:
        raise SpecError(placed(problem, document, spec) for problem in error.problems) from None
    problems = validate_document(document, spec.name or None, found.in_dim, found.out_dim)
    refuse_errors(problems)
    block = _main_block(concrete)
    where = pointer((*spec.path, *block.path))
    return NetPlan(resolve(_main_net(block)), found, tuple(problems), document.source.file, where)


_cached_plan = lru_cache(maxsize=256)(_plan)


def _main_block(concrete: Mapping[str, Any]) -> NetBlock:
    document = read_document(concrete)
    return next(document.net_blocks(document.choose()))


def _main_net(block: NetBlock) -> Mapping[str, Any]:
    """The block of the one net, or of the actor's where the algorithm has a critic too."""
    if block.algorithm and block.algorithm not in ACTOR_CRITIC:
        return block.data
    return split_roles(block.data)["actor"]


def _hashable(dim: Any) -> Any:
    if hasattr(dim, "tolist"):
        dim = dim.tolist()
    return tuple(_hashable(part) for part in dim) if isinstance(dim, list | tuple) else dim
