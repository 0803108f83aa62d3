"""Names of your own in specs: nets, activations, losses, optimizers, lr schedulers, init functions, layers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from slm_net.document.algorithms import RECIPES
from slm_net.nets import NETS
from slm_net.nets.activations import ACTIVATIONS
from slm_net.nets.init import INITS
from slm_net.nets.layers import LAYERS
from slm_net.registry import CHANGING, Registry, RegistryError
from slm_net.schema.entries import ENTRIES, file_entry, owner_of, read_entry, remove_entry
from slm_net.schema.files import OURS
from slm_net.training import LOSSES, OPTIMIZERS, SCHEDULERS

T = TypeVar("T", bound=Callable[..., Any])
Schema = Mapping[str, Any]

REGISTRIES: dict[str, Registry[Any]] = {
    "net": NETS,
    "activation": ACTIVATIONS,
    "loss": LOSSES,
    "optimizer": OPTIMIZERS,
    "lr_scheduler": SCHEDULERS,
    "init": INITS,
    "layer": LAYERS,
    "algorithm": RECIPES,
}


def register_net(
    name: str,
    *,
    schema: Schema,
    in_dim: str | Callable[[Any], object] = "",
    count: Callable[[Mapping[str, Any], Any, Any], int] | None = None,
) -> Callable[[T], T]:
    """A decorator for a class, or a function, `(spec, in_dim, out_dim)` that gives an `nn.Module`.

    `spec` is the resolved net block: every key that all nets have, and those of `schema`, with defaults filled in.

    Args:
        name: what specs write as `type`, an identifier.
        schema: the keys that the net adds, as a fragment of a JSON schema (draft 2020-12): `properties`, each with a
            `description` and a `default`; `required`, the keys without a default; `description`.
        in_dim: what the net takes: "vector", "image" (channels first), "sequence", or a function that says whether an
            in_dim fits, whose docstring says what does. Other dims are then refused before anything is built.
        count: the parameters for a resolved spec, an in_dim and an out_dim (a list where there are several outputs);
            a net of too many is then refused. It raises ValueError where they do not go together.

    Raises:
        RegistryError: the name is taken; the text says by whom.
        FragmentError: with everything that is wrong with the schema.

    >>> import slm_net, torch
    >>> width = {"type": "integer", "minimum": 1, "description": "Units of the layer.", "default": 8}
    >>> @slm_net.register_net("TwoLayers", schema={"properties": {"width": width}}, in_dim="vector")
    ... def two_layers(spec, in_dim, out_dim):
    ...     inner, outer = torch.nn.Linear(in_dim, spec["width"]), torch.nn.Linear(spec["width"], out_dim)
    ...     return torch.nn.Sequential(inner, torch.nn.Tanh(), outer)
    >>> slm_net.build_net({"type": "TwoLayers"}, in_dim=4, out_dim=2).model[0]
    Linear(in_features=4, out_features=8, bias=True)
    >>> print(slm_net.validate({"type": "TwoLayers", "widht": 8})[0])
    /widht: error SN101 [unknown-key] 'widht' is not a key of the net (did you mean 'width'?)
    >>> print(slm_net.validate({"type": "TwoLayers"}, in_dim=(4, 84, 84))[0].message)
    TwoLayers cannot take in_dim (4, 84, 84)
    >>> slm_net.unregister("net", "TwoLayers")
    """
    facts = {"in_dim": in_dim, "count": count}
    return _registers("net", name, {**schema, **{key: fact for key, fact in facts.items() if fact}})


def register_activation(name: str, *, schema: Schema) -> Callable[[T], T]:
    """As `register_net`, for a class of modules that takes the arguments that `schema` lists; found in any case."""
    return _registers("activation", name, schema)


def register_loss(name: str, *, schema: Schema) -> Callable[[T], T]:
    """As `register_net`, for a class whose objects are called `(input, target)`; found in any case."""
    return _registers("loss", name, schema)


def register_optimizer(name: str, *, schema: Schema) -> Callable[[T], T]:
    """As `register_net`, for a class, called with the parameters and then the arguments that `schema` lists."""
    return _registers("optimizer", name, schema)


def register_lr_scheduler(name: str, *, schema: Schema) -> Callable[[T], T]:
    """As `register_net`, for a class, called with the optimizer; `step_on` is added to the arguments."""
    return _registers("lr_scheduler", name, schema)


def register_init(name: str, *, schema: Schema) -> Callable[[T], T]:
    """As `register_net`, for a function that fills the tensor that it is called with, of two or more dimensions."""
    return _registers("init", name, schema)


def register_layer(name: str, *, schema: Schema) -> Callable[[T], T]:
    """As `register_net`, for a class of modules that an arc can have as a layer: one tensor in, one tensor out.

    It is called with the arguments that `schema` lists, by name. A registered activation is a layer already.

    >>> import slm_net, torch
    >>> factor = {"type": "number", "description": "What the input is multiplied by.", "default": 2.0}
    >>> @slm_net.register_layer("Scale", schema={"properties": {"factor": factor}})
    ... class Scale(torch.nn.Module):
    ...     def __init__(self, factor=2.0):
    ...         super().__init__()
    ...         self.factor = factor
    ...     def forward(self, input):
    ...         return input * self.factor
    >>> from slm_net.schema.validator import validator
    >>> module = validator("layer.schema.json#/$defs/module")
    >>> module.is_valid({"Sequential": [{"LazyLinear": {"out_features": 8}}, {"Scale": {"factor": 0.5}}, "Scale"]})
    True
    >>> module.is_valid({"Scale": {"factor": "half"}})
    False
    >>> slm_net.unregister("layer", "Scale")
    """
    return _registers("layer", name, schema)


def unregister(kind: str, name: str) -> None:
    """Forget a registered name: "net", "activation", "loss", "optimizer", "lr_scheduler", "init", "layer", "algorithm".

    Raises:
        RegistryError: there is no such name, or it is slm_net's own.
    """
    if kind in ENTRIES and owner_of(kind, name) == OURS:
        raise RegistryError(f"{name!r} is slm_net's own")
    if kind not in ENTRIES or name not in ENTRIES[kind]:
        raise RegistryError(f"no {kind} {name!r} has been registered")
    with CHANGING:
        remove_entry(kind, name)
        if name in REGISTRIES[kind].names():
            REGISTRIES[kind].unregister(name)


def _registers(kind: str, name: str, schema: Schema) -> Callable[[T], T]:
    def add(entry: T) -> T:
        filed = read_entry(kind, name, schema, entry.__module__)
        with CHANGING:
            file_entry(kind, name, filed)
            return REGISTRIES[kind].register(name)(entry)

    return add
