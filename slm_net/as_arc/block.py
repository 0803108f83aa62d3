"""`to_arc`: a spec of any net type as the block of a TorchArcNet, the arc and the keys beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slm_net.as_arc.families import FAMILIES
from slm_net.as_arc.layers import Draft
from slm_net.document.nets import defaults
from slm_net.document.specs import SpecSource
from slm_net.net_types import net_type
from slm_net.net_types.arc import TORCH_ARC, arc_of_net
from slm_net.net_types.base import widths_of
from slm_net.plan import NetPlan, plan_net
from slm_net.problems import SpecError, warn_of
from slm_net.rules.arguments import ARGUMENT_CONFLICT
from slm_net.rules.init import SETTLED_BY
from slm_net.schema.catalogue import net_properties
from slm_net.text.mapping import plain

ARC = TORCH_ARC.name
#: The keys that name parts of a net.
PARTS = ("freeze", "lr_scale", "init_from")


def to_arc(
    spec: SpecSource,
    in_dim: Any = None,
    out_dim: Any = None,
    *,
    name: str | None = None,
    env: object = None,
    variables: Mapping[str, Any] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The net of a spec as the block of a TorchArcNet that builds the same one, to be changed from there.

    Takes what `build_net` takes, and gives plain JSON data, for `build_net(block, in_dim, out_dim)`. The parts of the
    net keep their names, and layers are lazy where their input can be left open. The input is `x`, those of a net for
    Q(s, a) are `state` and `action`, those of a HydraMLPNet `x0`, `x1` and so on. A TorchArcNet comes back as it is.

    Raises:
        SpecError: with everything that is wrong with the spec, or the argument that is missing; with what no arc says:
            the layers of a registered type, `critic_init_std` of a dueling net, an `init_fn` whose gain changes from
            layer to layer, a softmax over the batch.

    >>> block = to_arc({"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "tanh"}, in_dim=4, out_dim=2)
    >>> block["arc"]["modules"]
    {'model': {'Sequential': [{'LazyLinear': {'out_features': 64}}, 'Tanh']}}
    >>> block["arc"]["graph"], block["hid_layers_activation"]
    ({'input': 'x', 'modules': {'model': ['x']}, 'output': 'model'}, 'tanh')
    """
    plan = plan_net(spec, in_dim, out_dim, name=name, env=env, variables=variables, overrides=overrides)
    warn_of(plan.warnings)
    return arc_block(plan)


def arc_block(plan: NetPlan) -> dict[str, Any]:
    """The block of a TorchArcNet for a plan; see `to_arc`.

    Raises:
        SpecError: no arc says what the plan says.
    """
    kind, dims = plan.spec["type"], plan.dims
    if kind == ARC:
        return {"type": ARC, **plain(_written(plan))}
    if kind not in FAMILIES:
        hint = "write its layers as an arc, your own ones with register_layer"
        raise _refusal(plan, "type", f"{kind} is a registered type, and no arc is known for it", hint)
    draft = FAMILIES[kind](plan.spec, dims.in_dim, dims.out_dim)
    walked = arc_of_net(draft.arc, dims.in_dim).walk
    if problem := next(iter(walked.problems if walked else ()), None):  # samples are mixed, of which the net only warns
        raise _refusal(plan, "hid_layers_activation", problem.message, problem.hint)
    tails = {} if draft.tails else {"tails": False}
    return {"type": ARC, "arc": draft.arc, **tails, **plain(_keys_beside(plan, draft))}


def _written(plan: NetPlan) -> dict[str, Any]:
    """The keys of a TorchArcNet that are written for the net, and those that the algorithm sets.

    A `critic_init_std` that meets no value of this net is for the critic, and stays.
    """
    source, known, usual = plan.source, net_properties(ARC).keys(), defaults(plan.spec["type"])
    if widths_of(plan.dims.out_dim)[-1] != 1:
        source = source._replace(changes={k: v for k, v in source.changes.items() if k != "critic_init_std"})
    is_set = {key for key in source.values if key not in source.changes or source.changes[key] != usual.get(key)}
    return {key: value for key, value in source.values.items() if key in is_set & known}


def _keys_beside(plan: NetPlan, draft: Draft) -> dict[str, Any]:
    """The keys that stand beside the arc, as they are written.

    Raises:
        SpecError: the layers cannot be filled there as they are in the net.
    """
    kept = {key: value for key, value in _written(plan).items() if key != "type"}
    for key in filter(kept.get, PARTS):
        raise _refusal(plan, key, f"{key} names parts of a {plan.spec['type']}, and an arc has others", "leave it out")
    if isinstance(listed := kept.get("hid_layers_activation"), list):
        if _gain_follows(plan):
            kept["hid_layers_activation"] = listed[0]
        else:
            del kept["hid_layers_activation"]
    if kept.get("critic_init_std") is None or not net_type(plan.spec["type"]).values:
        return kept
    if not draft.tails:
        message = "critic_init_std fills output layers, and in an arc the value and the advantages are none"
        raise _refusal(plan, "critic_init_std", message, "leave it out; init_fn fills them too")
    if plan.dims.out_dim != 1:  # several values are no critic's output for a TorchArcNet
        kept["actor_init_std"] = kept.pop("critic_init_std")
    return kept


def _gain_follows(plan: NetPlan) -> bool:
    """Whether `init_fn` takes its gain from a list of activations, all of which are then one and the same.

    Raises:
        SpecError: they are not.
    """
    init, listed = plan.spec["init_fn"], plan.spec["hid_layers_activation"]
    argument = SETTLED_BY.get(init["name"]) if init else None
    if argument is None or argument in init or (argument == "nonlinearity" and "a" in init):
        return False
    if any(activation != listed[0] for activation in listed):
        example = "1.0" if argument == "gain" else '"relu"'
        message = f"{init['name']} takes a gain from each of several activations, and in an arc one for all layers"
        hint = f'write {{"name": "{init["name"]}", "{argument}": {example}}}, or one activation for all'
        raise _refusal(plan, "init_fn", message, hint)
    return True


def _refusal(plan: NetPlan, key: str, message: str, hint: str) -> SpecError:
    problem = ARGUMENT_CONFLICT.at(plan.places.get(key, plan.places["type"]), message, hint)
    return SpecError([plan.document.placed(problem)])
