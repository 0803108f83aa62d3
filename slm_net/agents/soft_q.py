"""The Q nets of SAC and CrossQ, made from the policy's block."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from slm_net.checked import CheckedSpec
from slm_net.problems import SpecError
from slm_net.spaces import Action, Dims
from slm_net.spec.net_dims import VALUE_TYPES
from slm_net.spec.roles import NetSource
from slm_net.spec.schema import net_types
from slm_net.words import visible


def soft_q_net(checked: CheckedSpec, source: NetSource, version: int) -> tuple[NetSource, Dims]:
    """The source and the dims of a net that gives Q(s, a).

    SLM Lab 4 puts a Q in front of the type and feeds state and action. In SLM Lab 5 the type stays: it gives one value
    per discrete action, or is fed a vector of state and action. For images with continuous actions, which SLM Lab 5
    cannot build, it is the Q type as in 4.

    Raises:
        SpecError: there is no such Q net of this type.
    """
    dims, action, kind = checked.dims, checked.dims.action or Action("continuous", (1,)), str(source.values["type"])
    if kind in VALUE_TYPES:
        raise _refused(checked, source, f"{kind} cannot be a Q net of {visible(source.block.algorithm or 'SAC')}")
    discrete = action.kind in ("discrete", "multi-discrete")
    if version == 5 and discrete:
        out = action.sizes[0] if action.kind == "discrete" else list(action.sizes)
        return source, _dims(dims, dims.in_dim, out)
    width = sum(action.sizes) if discrete else action.sizes[0]
    if version == 5 and isinstance(dims.in_dim, int):
        return source, _dims(dims, dims.in_dim + width, 1)
    if f"Q{kind}" not in net_types():
        what = f"there is no Q net of a {kind} for {action.kind} actions"
        raise _refused(checked, source, what)
    changes = {**source.changes, "type": f"Q{kind}", "actor_init_std": None}
    return NetSource(source.block, source.keys, changes), _dims(dims, [dims.in_dim, width], 1)


def _dims(dims: Dims, in_dim: Any, out_dim: Any) -> Dims:
    return replace(dims, in_dim=in_dim, out_dim=out_dim, action=None)


def _refused(checked: CheckedSpec, source: NetSource, message: str) -> SpecError:
    hint = "write MLPNet for vectors, ConvNet for images"
    return checked.error((*source.block.path, "type"), "net-does-not-fit-algorithm", message, hint)
