"""What is shown of a net, from what its spec says: blocks from ints, or from looking at it where ints do not know."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from slm_net.arc.walk import Unknown
from slm_net.document.algorithms import update_words
from slm_net.drawing.blocks import Blocks, Told, Unreadable, blocks_of
from slm_net.drawing.memory import memory_of
from slm_net.drawing.record import INPUT, OUTPUT, STACK, Block, LayerFacts, LayerRow, NetFacts, Sizes, numbers
from slm_net.net_types.base import size, widths_of
from slm_net.plan import NetPlan
from slm_net.rules.dims import USUAL_BATCH


class Look(NamedTuple):
    """What needs torch: what leaves a layer of an arc that has no rule, and the layers of a net, without numbers."""

    unknown: Unknown
    layers: Callable[[Told], Sequence[LayerRow]]


def told_by(plan: NetPlan) -> Told:
    """What a plan says of its net."""
    return Told(plan.spec, plan.dims.in_dim, plan.dims.out_dim, plan.action, plan.gives)


def batch_of(plan: NetPlan, given: int | None = None) -> int:
    """How many observations the net of a plan learns from at once: as given, as its spec says, or the usual number."""
    return given or size(plan.source.block.batch_size) or USUAL_BATCH


def net_facts(name: str, told: Told, batch: int = USUAL_BATCH, look: Look | None = None) -> NetFacts:
    """What is shown of a net that is trained on such batches; `look` is asked where ints know nothing.

    Raises:
        Unreadable: ints know nothing, and there is no `look`.
    """
    try:
        parts = blocks_of(told, look and look.unknown)
    except Unreadable:
        if look is None:
            raise
        parts = seen_blocks(told, look.layers(told))
    else:
        if look and any(layer.multiply_adds is None for block in parts[0] for layer in block.layers):
            parts = _with_counts(parts, look.layers(told))
    return facts_with(name, told, batch, parts)


def facts_with(name: str, told: Told, batch: int, parts: Blocks) -> NetFacts:
    """What is shown of a net with these blocks."""
    blocks, arrows = parts
    layers = [layer for block in blocks if not block.again for layer in block.layers]
    return NetFacts(
        name=name,
        type=str(told.spec["type"]),
        in_dim=told.in_dim,
        out_dim=told.out_dim,
        blocks=blocks,
        arrows=arrows,
        memory=memory_of(layers, told.spec, batch),
        batch=batch,
        optimizer=str(told.spec["optim_spec"]["name"]),
        gives=told.gives,
    )


def _with_counts(parts: Blocks, seen: Sequence[LayerRow]) -> Blocks:
    """The blocks with the parameters of registered layers, of which ints know the sizes alone."""

    def counted(layer: LayerFacts) -> LayerFacts:
        own = (row.parameters for row in seen if f"{row.name}.".startswith(f"{layer.name}."))
        return layer if layer.multiply_adds is not None else replace(layer, parameters=sum(own))

    blocks, arrows = parts
    return tuple(replace(block, layers=tuple(map(counted, block.layers))) for block in blocks), arrows


def copy_of(net: NetFacts, name: str, copies: str, follows: str) -> NetFacts:
    """A net that is like another one, which it `copies`, and is not trained."""
    memory = replace(net.memory, gradients=0, optimizer=0, activations=0)
    return replace(net, name=name, copies=copies, follows=follows, optimizer="", memory=memory)


def beside_nets(entropy: float | None) -> tuple[tuple[str, str], ...]:
    """What an agent has beside its nets, by name and in words: a temperature, if there is an entropy to aim at."""
    return () if entropy is None else (("log_alpha", f"temperature, for a target entropy of {entropy:.4g}"),)


def follows_text(told: Told, clone: bool) -> str:
    """How a net follows the one that a spec tells of: whenever it is asked to if it is a `clone`."""
    keys = ("update_type", "update_frequency", "polyak_coef")
    return "copied whenever it is asked to" if clone else update_words(*(told.spec[key] for key in keys))


def seen_blocks(told: Told, seen: Sequence[LayerRow]) -> Blocks:
    """Everything as one block, of a net that was built to be looked at."""
    rows = tuple(
        LayerFacts(layer.name, layer.kind, (), layer.output_shape, layer.parameters, None, numbers(layer.output_shape))
        for layer in seen
    )
    parts = told.in_dim if isinstance(told.in_dim, list | dict) else {"observation": told.in_dim}
    named = parts.items() if isinstance(parts, dict) else ((f"observation {i}", part) for i, part in enumerate(parts))
    inputs = [Block(str(name), INPUT, output=_sizes(part)) for name, part in named]
    widths, body = widths_of(told.out_dim), len(inputs)
    last = rows[-1].output if rows else None
    outputs = [Block(f"output {i}" if len(widths) > 1 else "output", OUTPUT, output=(w,)) for i, w in enumerate(widths)]
    arrows = [*((place, body) for place in range(body)), *((body, body + 1 + i) for i in range(len(outputs)))]
    return (*inputs, Block(str(told.spec["type"]), STACK, rows, last), *outputs), tuple(arrows)


def _sizes(part: Any) -> Sizes:
    return tuple(part) if isinstance(part, list | tuple) else (part,) if isinstance(part, int) else None
