"""Rules about losses and the outputs of the net that they are for."""

from __future__ import annotations

from collections.abc import Iterator

from slm_net.problems import ERROR, WARNING
from slm_net.spec.mistakes import Mistake
from slm_net.spec.net_dims import is_out_dim
from slm_net.spec.net_view import NetView
from slm_net.spec.parts import parts_of

#: Losses with one weight per class, of which the net has as many as outputs.
PER_CLASS = ("CrossEntropyLoss", "MultiMarginLoss", "NLLLoss")


def weights_match_outputs(net: NetView) -> Iterator[Mistake]:
    """A list of weights has one entry per output; those that are spread over a batch may also be for its samples."""
    if not is_out_dim(net.out_dim):
        return
    outputs = [net.out_dim] if isinstance(net.out_dim, int) else list(net.out_dim)
    for part in parts_of(net, "loss_spec"):
        per_class = part.name in PER_CLASS
        for key in ("weight", "pos_weight"):
            weights = part.written.get(key)
            if not isinstance(weights, list) or len(weights) in (outputs if per_class else (1, *outputs)):
                continue
            counts = " and ".join(map(str, dict.fromkeys(outputs)))
            message = f"{len(weights)} weight{'s' * (len(weights) > 1)} for {counts} output{'s' * (outputs != [1])}"
            severity = ERROR if per_class else WARNING
            yield Mistake(part.at(net, key), "list-does-not-fit", message, "give one per output, or null", severity)
