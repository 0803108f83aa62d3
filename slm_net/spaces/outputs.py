"""What the nets of an algorithm give out, and the dims of those beside the one that acts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from slm_net.arc.graph import input_names
from slm_net.document.algorithms import RECIPES, Part
from slm_net.document.nets import NetSource, source_of
from slm_net.document.specs import NetBlock
from slm_net.net_types import net_type
from slm_net.net_types.arc import OBSERVATIONS
from slm_net.problems import Rule, SpecError, spec_example
from slm_net.schema.catalogue import net_types
from slm_net.spaces.inputs import check_one_input
from slm_net.spaces.task import Dims, Task
from slm_net.spaces.values import DIMS_DO_NOT_FIT, Action, Spaces, refuse
from slm_net.wording.aliases import ALGORITHMS
from slm_net.words import listing, nearest, visible

NET_DOES_NOT_FIT_ALGORITHM = Rule(
    "SN401",
    "net-does-not-fit-algorithm",
    what="The algorithm needs another kind of net than the spec has.",
    why="it would read the net's outputs as something they are not, or fail in the first update.",
    wrong=spec_example('{"type": "QMLPNet", "hid_layers": [64], "hid_layers_activation": "relu"}'),
    right=spec_example(),
)

DISCRETE_PDTYPES = ("Argmax", "Bernoulli", "Categorical", "GumbelSoftmax", "MultiCategorical")
CONTINUOUS_PDTYPES = ("Beta", "Gumbel", "LogNormal", "MultivariateNormal", "Normal", "NormalTanh")


def output_dim(task: Task, spaces: Spaces) -> tuple[int | list[int], str]:
    """The out_dim of the main net, and the sentence that says why.

    Raises:
        SpecError: the algorithm is unknown or does not take this kind of actions, or the net takes several inputs.
    """
    check_one_input(task)
    kind = _gives(task)
    suffix = f"of {spaces.name}" + (f" ({task.algorithm_name})" if task.algorithm_name else "")
    if kind == "q":
        return _q_values(task, spaces), f"one Q-value per action {suffix}"
    _check_pdtype(task, spaces)
    _check_log_std(task, spaces)
    out_dim, words = policy_dim(spaces.action)
    if kind != "actor" or task.net.data.get("shared") is not True:
        return out_dim, f"{words} {suffix}"
    heads = out_dim if isinstance(out_dim, list) else [out_dim]
    return [*heads, 1], f"{words}, and the value of the shared critic, {suffix}"


def policy_dim(action: Action) -> tuple[int | list[int], str]:
    """The out_dim of a policy over these actions, and what its numbers are (as in SLM Lab).

    >>> policy_dim(Action("continuous", (3,)))
    ([3, 3], 'means and log standard deviations of 3 action components')
    """
    size = action.sizes[0]
    if action.kind == "discrete":
        return size, "one logit per action"
    if action.kind == "multi-discrete":
        return list(action.sizes), f"one logit per choice of {len(action.sizes)} actions"
    if action.kind == "multi-binary":
        return size, "one logit per switch"
    if size == 1:
        return 2, "mean and log standard deviation of the action"
    return [size, size], f"means and log standard deviations of {size} action components"


def _gives(task: Task) -> str:
    """What the main net of the spec's algorithm gives out; a bare net block is a policy."""
    name = task.algorithm_name
    if task.spec.bare:
        return "policy"
    if not name:
        add = 'add "algorithm": {"name": "DQN"}'
        path = task.algorithm.path
        raise refuse("the agent has no algorithm", lambda to: f"{add}, or {to.pass_dims('out_dim')}", path=path)
    if name not in RECIPES:
        guess = nearest(name, RECIPES, ALGORITHMS)
        cure = f"did you mean {guess!r}?" if guess else f"expected {listing(list(RECIPES))},"
        message, path = f"the outputs of algorithm {visible(name)!r} are not known", (*task.algorithm.path, "name")
        raise refuse(message, lambda to: f"{cure} or {to.pass_dims('out_dim')}", path=path)
    return RECIPES[name].gives


def _q_values(task: Task, spaces: Spaces) -> int | list[int]:
    """One number of actions; for a Hydra a list of them too."""
    if spaces.action.kind == "multi-discrete" and task.part:
        return list(spaces.action.sizes)
    if spaces.action.kind != "discrete":
        others = listing([name for name in RECIPES if RECIPES[name].gives in ("policy", "actor")])
        raise refuse(
            f"{task.algorithm_name} gives one Q-value per discrete action, but {spaces.name} has "
            f"{spaces.action.kind} actions",
            f"use one of {others}, or an environment with a Discrete action space",
            rule=DIMS_DO_NOT_FIT,
            path=(*task.algorithm.path, "name"),
        )
    return spaces.action.sizes[0]


def _check_pdtype(task: Task, spaces: Spaces) -> None:
    """A distribution over numbers does not act in discrete actions, nor the other way round."""
    wrong = DISCRETE_PDTYPES if spaces.action.kind == "continuous" else CONTINUOUS_PDTYPES
    if (pdtype := task.algorithm.data.get("action_pdtype")) in wrong:
        right = "Normal" if spaces.action.kind == "continuous" else "Categorical"
        raise refuse(
            f"action_pdtype {pdtype!r} does not fit the {spaces.action.kind} actions of {spaces.name}",
            f'write "default" or "{right}"',
            rule=DIMS_DO_NOT_FIT,
            path=(*task.algorithm.path, "action_pdtype"),
        )


def _check_log_std(task: Task, spaces: Spaces) -> None:
    """Discrete actions have no standard deviation, though two of them look like the mean and scale of one number."""
    if spaces.action.kind == "continuous":
        return
    for key in ("log_std_init", "actor_log_std_init"):
        if task.net.data.get(key) is not None:
            message = f"{key} is for continuous actions, not for the {spaces.action.kind} ones of {spaces.name}"
            raise refuse(message, "remove it", rule=DIMS_DO_NOT_FIT, path=(*task.net.path, key))


def other_net(part: Part, blocks: Sequence[NetBlock], dims: Dims, version: int) -> tuple[NetSource, Dims]:
    """The source and the dims of a critic's net or a Q net; `dims` are those of the net that acts.

    `version` is that of SLM Lab: 4 and 5 make other Q nets.

    Raises:
        SpecError: there is no such Q net of this type.
    """
    source = source_of(part.gives, blocks[0], blocks[1] if len(blocks) > 1 else None)
    if part.gives == "soft-q":
        return _soft_q_net(source, dims, version)
    return source, _dims(dims, dims.in_dim, 1, "the value of the state")


def _soft_q_net(source: NetSource, dims: Dims, version: int) -> tuple[NetSource, Dims]:
    """A net that gives Q(s, a), made from the policy's block for SAC and CrossQ.

    SLM Lab 4 puts a Q in front of the type and feeds state and action. In SLM Lab 5 the type stays: it gives one value
    per discrete action, or is fed a vector of state and action. For images with continuous actions, which SLM Lab 5
    cannot build, it is the Q type as in 4. A TorchArcNet is as in SLM Lab 5, or is fed both if its graph has the inputs
    `state` and `action`.
    """
    action, kind = dims.action or Action("continuous", (1,)), str(source.values["type"])
    if net_type(kind).values:
        raise _refused(source, f"{kind} cannot be a Q net of {visible(source.block.algorithm or 'SAC')}")
    discrete = action.kind in ("discrete", "multi-discrete")
    if discrete and (version == 5 or net_type(kind).takes is OBSERVATIONS):
        out = action.sizes[0] if action.kind == "discrete" else list(action.sizes)
        return source, _dims(dims, dims.in_dim, out, "one value per action")
    width = sum(action.sizes) if discrete else action.sizes[0]
    if set(input_names(source.values.get("arc"))) == {"state", "action"}:
        both = {"state": dims.in_dim, "action": width}
        return source, _dims(dims, both, 1, "the value of state and action")
    if isinstance(dims.in_dim, int) and (version == 5 or net_type(kind).takes is OBSERVATIONS):
        return source, _dims(dims, dims.in_dim + width, 1, "the value of state and action")
    if f"Q{kind}" not in net_types():
        raise _refused(source, f"there is no Q net of a {kind} for {action.kind} actions")
    changes = {**source.changes, "type": f"Q{kind}", "actor_init_std": None}
    into = _dims(dims, [dims.in_dim, width], 1, "the value of state and action")
    return NetSource(source.block, source.keys, changes), into


def _dims(dims: Dims, in_dim: Any, out_dim: Any, what: str) -> Dims:
    """The dims of a net beside the one that acts; its outputs are `what`."""
    into = "as of the net that acts" if in_dim == dims.in_dim else "the state and the actions"
    seen = dims.observation if in_dim == dims.in_dim else None
    found = replace(dims, in_dim=in_dim, out_dim=out_dim, why_in=into, why_out=what, remarks=())
    return replace(found, action=None, observation=seen)


def _refused(source: NetSource, message: str) -> SpecError:
    hint = "write MLPNet for vectors, ConvNet for images"
    return refuse(message, hint, NET_DOES_NOT_FIT_ALGORITHM, (*source.block.path, "type"))
