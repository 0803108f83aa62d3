"""The memory that a net takes while it is trained, from counts alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from slm_net.drawing.record import BYTES, LayerFacts, Memory
from slm_net.net_types.parts import frozen_parts, in_part
from slm_net.schema.catalogue import canonical_arguments, names

Arguments = Mapping[str, Any]


def _adam(arguments: Arguments) -> int:
    """The averages of the gradient and of its square, and the largest of the latter."""
    return 2 + bool(arguments.get("amsgrad"))


def _lookahead(arguments: Arguments) -> int | None:
    """The slow weights, and what the inner optimizer keeps."""
    inner = kept_by({**arguments, "name": arguments["optimizer"]})
    return None if inner is None else 1 + inner


#: How many numbers an optimizer keeps of each that it trains; Adafactor, which keeps a few for rows and columns, is not
#: among them.
KEPT: Mapping[str, Callable[[Arguments], int | None]] = {
    **dict.fromkeys(("Adam", "AdamW"), _adam),
    **dict.fromkeys(("RAdam", "NAdam", "Adamax", "Adadelta", "GlobalAdam", "GlobalRMSprop", "Rprop"), lambda given: 2),
    **dict.fromkeys(("Adagrad", "ASGD"), lambda given: 1),
    "SGD": lambda given: int(given["momentum"] != 0),
    "RMSprop": lambda given: 1 + (given["momentum"] > 0) + bool(given["centered"]),
    "Lookahead": _lookahead,
}


def kept_by(optim_spec: Arguments) -> int | None:
    """How many numbers the optimizer keeps of each number that it trains; None if that is not known.

    >>> kept_by({"name": "Adam"}), kept_by({"name": "SGD", "momentum": 0.9}), kept_by({"name": "Adafactor"})
    (2, 1, None)
    """
    name = optim_spec["name"]
    if name not in KEPT or name not in names("optimizer"):
        return None
    written = {key: value for key, value in optim_spec.items() if key != "name"}
    return KEPT[name](canonical_arguments("optimizer", name, written))


def memory_of(layers: Iterable[LayerFacts], spec: Arguments, batch: int) -> Memory:
    """The memory of a net with this resolved spec while it is trained.

    Activations are those that a backward pass needs: all that leave a layer, for each sample of the batch.
    """
    known, frozen = list(layers), frozen_parts(spec)
    weights = sum(layer.parameters for layer in known)
    learns = sum(layer.parameters for layer in known if not in_part(layer.name, frozen))
    kept, activations = kept_by(spec["optim_spec"]), sum(layer.activations for layer in known)
    state = None if kept is None else learns * kept * BYTES
    return Memory(weights * BYTES, learns * BYTES, state, activations * batch * BYTES)
