"""What `summary()` shows of a bundle: of the net that its spec builds, or of another model by running it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slm_net.drawing.blocks import Told
from slm_net.drawing.facts import facts_with, net_facts, seen_blocks
from slm_net.drawing.record import NetFacts
from slm_net.summary import LOOK, LayerRow, is_told, rows_of
from slm_net.words import visible

if TYPE_CHECKING:
    from slm_net.bundle.net_bundle import NetBundle


def facts_of(bundle: NetBundle, name: str, batch: int) -> NetFacts:
    """What is shown of a bundle; its model is not changed, and only run if it is another than its spec builds.

    Raises:
        ValueError: the batch has no such size.
    """
    if isinstance(batch, bool) or not isinstance(batch, int) or batch < 1:
        raise ValueError(f"batch must be a whole number above 0, not {visible(repr(batch), 60)}")
    spec: dict[str, Any] = {"type": type(bundle.module).__name__, "freeze": [], "init_from": None, **bundle.spec}
    spec.setdefault("optim_spec", {"name": type(bundle.optimizer).__name__})
    told = Told(spec, bundle.in_dim, bundle.out_dim, bundle.action, bundle.gives)

    def seen(_: Told) -> list[LayerRow]:
        return rows_of(bundle.module, bundle.in_dim)

    if "type" in bundle.spec:
        found = net_facts(name, told, batch, LOOK._replace(layers=seen))
        if is_told(bundle.module, found.layers):
            return found
    return facts_with(name, told, batch, seen_blocks(told, seen(told)))
