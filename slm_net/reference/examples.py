"""Small specs that show one thing each, made of the examples in the entries of `schemas/`; the first that is right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice, product
from typing import Any

from slm_net.arc.layers import LAYERS
from slm_net.document.algorithms import gives, has_critic
from slm_net.reference.owners import NAMED, PARTS, keys_of, needed_of, proper
from slm_net.schema.catalogue import Schema, document
from slm_net.spaces.environments import known_environments
from slm_net.validation import validate

Spec = dict[str, Any]
#: Specs that are tried for one example.
MOST = 60
#: Values of each type, for what has neither example nor default.
PLAIN: dict[str, tuple[Any, ...]] = {
    "boolean": (True, False),
    "integer": (1, 2),
    "number": (1.0, 0.5),
    "string": ("a name",),
}


def right(specs: Iterable[Spec]) -> Spec | None:
    """The first of some specs that nothing is to be said against; of very many only some are looked at."""
    return next((spec for spec in islice(specs, MOST) if not validate(spec)), None)


def showing(kind: str, owners: Iterable[str], key: str = "") -> Iterator[Spec]:
    """Specs with each of these names of a kind, or with a key of each."""
    nets = ("MLPNet", "ConvNet") if kind in PARTS.values() else ("MLPNet",)
    labs = () if kind in (*PARTS.values(), "net", "layer", "function") else (5, 4)
    for owner in owners:
        told = document(kind).get("examples", ()) if kind in NAMED else ()
        of_owner = [part for part in told if isinstance(part, Mapping) and part.get("name", part.get("type")) == owner]
        bases = [{name: part[name] for name in part if name not in ("name", "type")} for part in of_owner]
        yield from (_example(kind, owner, base, nets[0], 5) for base in bases if key and key in base)
        values = [{key: value} for value in values_for(keys_of(kind, owner)[key])] if key else [{}]
        for base, value, net_type, lab in product([{}, *bases], values, nets, labs or (5,)):
            yield _example(kind, owner, {**base, **value}, net_type, lab)


def _example(kind: str, owner: str, more: Mapping[str, Any], net_type: str, lab: int) -> Spec:
    """A net block with a net type or a name in it, or a whole spec with a block around the net; `more` are its keys."""
    more = {**_needed(kind, owner), **more}
    if kind == "net":
        return net(owner, **more)
    if kind == "layer":
        return _arc(owner, more)
    if kind == "function":
        return _arc("TorchFn", {"name": owner, **more})
    for key, part in PARTS.items():
        if part == kind:
            alone = not more and kind in ("activation", "init")
            named: Any = {"name": proper(kind, owner), **more}
            return net(net_type, **{key: (owner.casefold() if kind == "activation" else owner) if alone else named})
    return whole(owner if kind == "algorithm" else "DQN", {kind: {"name": owner, **more} if owner else more}, lab=lab)


def net(net_type: str = "MLPNet", **more: Any) -> Spec:
    """A net block with the keys that its type needs."""
    body = _arc("LazyLinear", {"out_features": 64}) if "arc" in keys_of("net", net_type) else {}
    return {**body, "type": net_type, **_needed("net", net_type), **more}


def _needed(kind: str, owner: str) -> Spec:
    """The keys without which it cannot be, each with a value that may stand there."""
    known = keys_of(kind, owner)
    return {key: (values_for(known[key]) or [None])[0] for key in needed_of(kind, owner)}


def values_for(schema: Schema) -> list[Any]:
    """Values that a schema may take: those that say more than its default first."""
    default, types = schema.get("default"), schema.get("type", ())
    told = [*schema.get("examples", ()), *schema.get("enum", ())]
    plain = [value for kind in ([types] if isinstance(types, str) else types) for value in PLAIN.get(kind, ())]
    said = (*told, *(plain if "boolean" in types else ()))
    more = [value for value in said if value is not None and value != default]
    return [*more, *([] if default is None else [default]), *plain]


def environment(name: str) -> Spec:
    """A spec that learns in a known environment, with a net and an algorithm that suit it."""
    spaces = known_environments()[name]
    algorithm = "PPO" if spaces.action.kind == "continuous" else "DQN"
    images = len(spaces.observation.shape) == 3 or spaces.atari
    return whole(algorithm, {"env": {"name": name}}, "ConvNet" if images else "MLPNet")


def whole(algorithm: str, blocks: Mapping[str, Spec], net_type: str = "MLPNet", lab: int = 5) -> Spec:
    """A whole spec in the form of an SLM Lab, with these blocks."""
    roles: Spec = {"shared": False, "use_same_optim": False} if has_critic(algorithm) else {}
    roles |= {"normalize": True} if net_type == "ConvNet" else {}
    hydra = {"net_type": "HydraMLPNet"} if algorithm == "HydraDQN" else {"net_type": net_type}
    lr = next((f"${{{name}}}" for name in blocks.get("spec", {}).get("spec_params", ())), 0.001)
    nets = {"net": net(**hydra, **roles, optim_spec={"name": "Adam", "lr": lr})} if gives(algorithm) else {"net": {}}
    agent = {"name": algorithm, "algorithm": {"name": algorithm}, **nets}
    agent |= {key: blocks[key] for key in ("algorithm", "memory") if key in blocks} | blocks.get("agent", {})
    continuous = algorithm in ("SoftActorCritic", "CrossQ")
    env = {"name": "Pendulum-v1" if continuous else "CartPole-v1", **blocks.get("env", {})}
    both = {"agent": [agent], "env": [env]} if lab == 4 else {"agent": agent, "env": env}
    return {"example": {**both, **{key: blocks[key] for key in ("meta",) if key in blocks}, **blocks.get("spec", {})}}


def _arc(layer: str, arguments: Mapping[str, Any]) -> Spec:
    """A net of one layer, with as many inputs as that needs."""
    record = LAYERS.get(layer)
    inputs = list(record.inputs[: len(record.inputs) - record.optional]) if record else ["input"]
    called: list[Any] = [inputs] if record and record.listed else inputs
    module = {layer: dict(arguments)} if arguments else layer
    graph = {"input": inputs if len(inputs) > 1 else inputs[0], "modules": {"layer": called}, "output": "layer"}
    return {"type": "TorchArcNet", "arc": {"modules": {"layer": module}, "graph": graph}}
