"""The nets that an agent has beside the one that acts: the keys that they take, what goes in and what comes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from slm_net.document.algorithms import Part
from slm_net.document.nets import NetSource, source_of
from slm_net.document.specs import NetBlock
from slm_net.net_types.base import net_type
from slm_net.problems import Rule, SpecError
from slm_net.schema.catalogue import net_types
from slm_net.spaces.infer import Dims
from slm_net.spaces.values import Action, refuse
from slm_net.words import visible

NET_DOES_NOT_FIT_ALGORITHM = Rule(
    "SN401",
    "net-does-not-fit-algorithm",
    what="The algorithm needs another kind of net than the spec has.",
    why="it would read the net's outputs as something they are not, or fail in the first update.",
    wrong="""\
{"dqn": {
  "agent": {
    "algorithm": {"name": "DQN"},
    "net": {"type": "QMLPNet", "hid_layers": [64], "hid_layers_activation": "relu"}
  },
  "env": {"name": "CartPole-v1"}
}}
""",
    right="""\
{"dqn": {
  "agent": {
    "algorithm": {"name": "DQN"},
    "net": {"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"}
  },
  "env": {"name": "CartPole-v1"}
}}
""",
)


def other_net(part: Part, blocks: Sequence[NetBlock], dims: Dims, version: int) -> tuple[NetSource, Dims]:
    """The source and the dims of a critic's net or a Q net; `dims` are those of the net that acts.

    `version` is that of SLM Lab: 4 and 5 make other Q nets.

    Raises:
        SpecError: there is no such Q net of this type.
    """
    source = source_of(part.gives, blocks[0], blocks[1] if len(blocks) > 1 else None)
    if part.gives == "soft-q":
        return _soft_q_net(source, dims, version)
    return source, _dims(dims, dims.in_dim, 1)


def _soft_q_net(source: NetSource, dims: Dims, version: int) -> tuple[NetSource, Dims]:
    """A net that gives Q(s, a), made from the policy's block for SAC and CrossQ.

    SLM Lab 4 puts a Q in front of the type and feeds state and action. In SLM Lab 5 the type stays: it gives one value
    per discrete action, or is fed a vector of state and action. For images with continuous actions, which SLM Lab 5
    cannot build, it is the Q type as in 4.
    """
    action, kind = dims.action or Action("continuous", (1,)), str(source.values["type"])
    if net_type(kind).values:
        raise _refused(source, f"{kind} cannot be a Q net of {visible(source.block.algorithm or 'SAC')}")
    discrete = action.kind in ("discrete", "multi-discrete")
    if version == 5 and discrete:
        out = action.sizes[0] if action.kind == "discrete" else list(action.sizes)
        return source, _dims(dims, dims.in_dim, out)
    width = sum(action.sizes) if discrete else action.sizes[0]
    if version == 5 and isinstance(dims.in_dim, int):
        return source, _dims(dims, dims.in_dim + width, 1)
    if f"Q{kind}" not in net_types():
        raise _refused(source, f"there is no Q net of a {kind} for {action.kind} actions")
    changes = {**source.changes, "type": f"Q{kind}", "actor_init_std": None}
    return NetSource(source.block, source.keys, changes), _dims(dims, [dims.in_dim, width], 1)


def _dims(dims: Dims, in_dim: Any, out_dim: Any) -> Dims:
    return replace(dims, in_dim=in_dim, out_dim=out_dim, action=None)


def _refused(source: NetSource, message: str) -> SpecError:
    hint = "write MLPNet for vectors, ConvNet for images"
    return refuse(message, hint, NET_DOES_NOT_FIT_ALGORITHM, (*source.block.path, "type"))
