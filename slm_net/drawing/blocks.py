"""The blocks of a net and the arrows between them, from its spec and its dims: every type is read as an arc."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from slm_net.arc.functions import FUNCTIONAL
from slm_net.arc.graph import Source, Step
from slm_net.arc.layers import LAYERS, layer_made
from slm_net.arc.merging import MERGING
from slm_net.arc.modules import Call, Key, Part, repeated
from slm_net.arc.norms import NORMS
from slm_net.arc.reshaping import RESHAPING
from slm_net.arc.shapes import Shape, Value, numbers_in
from slm_net.arc.walk import Row, Unknown, Walk
from slm_net.as_arc.families import FAMILIES
from slm_net.drawing.details import detail_of
from slm_net.drawing.multiply_adds import multiply_adds
from slm_net.drawing.outputs import Output, outputs_of
from slm_net.drawing.record import (
    INPUT,
    OPERATION,
    OUTPUT,
    PARAMETER,
    STACK,
    Block,
    LayerFacts,
    Sizes,
    numbers,
    total,
)
from slm_net.net_types.arc import TORCH_ARC, arc_of_net, names_of_outputs, tails_of
from slm_net.schema.catalogue import canonical_arguments, names
from slm_net.spaces.values import Action

#: Layers that only move numbers; between the parts of a type that is no arc they are no modules.
MOVING = frozenset((*MERGING, *RESHAPING, *FUNCTIONAL, "Identity"))
#: What is done between the parts of such a type, by the name that it has as an arc, and what another one stands for.
SAID = {
    "q": "v + adv − mean of adv",
    "last": "last step",
    "both": "concatenate",
    "joined": "concatenate",
    "film": "scale and shift",
}
WITHIN = frozenset(("minus_mean", "offset", "offsets", "scaled", "steps", "first"))
#: The state dict has some parts under another name.
RENAMED = {"action_fc_scale": "action_fc_scale.0", "action_fc_shift": "action_fc_shift.0"}
IN_WORDS = {"x": "observation", "state": "state", "action": "action"}
#: Blocks, and arrows between them.
Blocks = tuple[tuple[Block, ...], tuple[tuple[int, int], ...]]


class Told(NamedTuple):
    """What a spec says of one net: its resolved keys, its dims, what it acts in and gives out."""

    spec: Mapping[str, Any]
    in_dim: Any
    out_dim: Any
    action: Action | None = None
    gives: str = ""


class Unreadable(Exception):
    """Nothing is known of this net from ints alone."""


def blocks_of(told: Told, unknown: Unknown | None = None) -> Blocks:
    """The blocks in the order of the data, and the arrows; `unknown` is asked about layers without a rule.

    Raises:
        Unreadable: it is a registered type, or a layer in it that ints know nothing of, or does not fit.
    """
    kind = told.spec["type"]
    if kind == TORCH_ARC.name:
        arc, tails = told.spec["arc"], bool(told.spec["tails"])
    elif kind in FAMILIES:
        draft = FAMILIES[kind](told.spec, told.in_dim, told.out_dim)
        arc, tails = draft.arc, draft.tails
    else:
        raise Unreadable(kind)
    walked = arc_of_net(arc, told.in_dim, unknown=unknown).walk
    if walked is None or any(row.output is None for row in walked.rows.values()):
        raise Unreadable(kind)
    builder = _Builder(told, walked, tails)
    builder.build()
    return tuple(builder.blocks), tuple(dict.fromkeys(builder.arrows))


class _Builder:
    """Adds block after block; `ends` are the blocks that the value in each slot comes from."""

    def __init__(self, told: Told, walked: Walk, tails: bool):
        self.told, self.walk, self.arc, self.tails = told, walked, walked.arc, tails
        self.is_arc = told.spec["type"] == TORCH_ARC.name
        self.blocks: list[Block] = []
        self.arrows: list[tuple[int, int]] = []
        self.ends: list[tuple[int, ...]] = []
        self.first: dict[str, str] = {}
        self.residuals: dict[Key, int] = {}

    def build(self) -> None:
        """Inputs, the steps of the graph, output layers, outputs."""
        for index, name in enumerate(self.arc.inputs):
            self.ends.append((self._input(index, name),))
        for slot, step in enumerate(self.arc.steps, len(self.arc.inputs)):
            self.ends.append(self._step(step, self.walk.values[slot]))
        self._outputs()

    def add(self, block: Block, sources: Iterable[int] = ()) -> int:
        """A block behind others; its place."""
        place = len(self.blocks)
        self.blocks.append(block)
        self.arrows += ((source, place) for source in dict.fromkeys(sources))
        return place

    # --- inputs

    def _input(self, index: int, name: str) -> int:
        spec, sizes = self.told.spec, sizes_of(self.walk.values[index])
        title = name if self.is_arc or name not in IN_WORDS else IN_WORDS[name]
        if not self.is_arc and name.removeprefix("x").isdigit():
            title = f"observation {name[1:]}"
        place = self.add(Block(title, INPUT, output=sizes))
        is_action = name == "action" and set(self.arc.inputs) == {"state", "action"}
        single, rank = len(self.arc.inputs) == 1, len(sizes or ())
        if spec.get("normalize") and not is_action and (rank > 1 or (single and self.is_arc)):
            place = self.add(Block("÷ 255", OPERATION, output=sizes), [place])
        if spec.get("normalize_obs") is not None and not is_action:
            row = LayerFacts(f"obs_norms.{index}", "RunningNorm", (sizes,), sizes, 0, numbers(sizes), numbers(sizes))
            place = self.add(Block(row.name, STACK, (row,), sizes), [place])
        return place

    # --- steps

    def _step(self, step: Step, value: Value) -> tuple[int, ...]:
        """The blocks that the value of a step comes from."""
        sources = [end for source in step.sources for slot in _slots(source) for end in self.ends[slot]]
        part = self.arc.modules[step.module]
        if not self.is_arc and (found := self._between(step, part, sources, sizes_of(value))) is not None:
            return found
        again = self.first.get(step.module, "")
        self.first.setdefault(step.module, step.node)
        layers = tuple(folded(list(self._layers((step.module,), part))))
        kind = OPERATION if len(layers) == 1 and layers[0].kind in MOVING and not layers[0].parameters else STACK
        return (self.add(Block(step.node, kind, layers, sizes_of(value), again), sources),)

    def _between(self, step: Step, part: Part, sources: list[int], sizes: Sizes) -> tuple[int, ...] | None:
        """What is no module of a type that is no arc: nothing at all, or an operation; None for a module."""
        identity = isinstance(part, Call) and part.name == "Identity"
        alone = step.node == "joined" and len(set(sources)) == 1
        if identity or alone or step.node in WITHIN or (step.node == "last" and self.told.spec["bidirectional"]):
            return tuple(dict.fromkeys(sources))
        if step.node not in SAID:
            return None
        of_steps = step.node == "both" and "rnn_hidden_size" in self.told.spec
        words = "last step of both directions" if of_steps else SAID[step.node]
        return (self.add(Block(words, OPERATION, output=sizes), sources),)

    def _layers(self, key: Key, part: Part, residual: int = 0) -> Iterator[LayerFacts]:
        """Every layer of a part that is a module of the net; `residual` tells parts apart that add what went in."""
        if isinstance(part, Call):
            row = self.walk.rows[key]
            if self.is_arc or part.name not in MOVING:
                yield replace(self._facts(key, row), residual=residual)
            return
        if part.residual:
            residual = self.residuals.setdefault(key, len(self.residuals) + 1)
        for index, inner in enumerate(repeated(part)):
            yield from self._layers((*key, index), inner, residual)

    def _facts(self, key: Key, row: Row) -> LayerFacts:
        name = ".".join(map(str, key))
        name = f"body.{name}" if self.is_arc else RENAMED.get(name, name)
        kind = LAYERS[row.call.name].becomes or row.call.name if row.call.name in LAYERS else row.call.name
        return facts(name, kind, {**row.call.arguments, **row.learned}, row, row.call.given)

    # --- outputs

    def _outputs(self) -> None:
        """The output layers, each on the output of the graph that it sees, and what the net gives out."""
        spec, told = self.told.spec, self.told
        found = outputs_of(told.out_dim, spec.get("log_std_init"), told.action, told.gives)
        slots = self.arc.output_slots[: len(names_of_outputs(self.arc, self.tails))]
        places = [self.ends[slot] for slot in slots]
        if self.tails:
            seen = tails_of(names_of_outputs(self.arc), len(found.tails))
            places = [(self._tail(found, index, slots[sees]),) for index, sees in enumerate(seen)]
        else:
            places = [self._activated(index, ends, len(slots) == 1) for index, ends in enumerate(places)]
        parameter: tuple[int, ...] = ()
        if found.log_std:
            row = LayerFacts("log_std", "Parameter", (), (found.log_std,), found.log_std)
            parameter = (self.add(Block("log_std", PARAMETER, (row,), (found.log_std,))),)
        for name, width, tail in self._named(found):
            ends = parameter if tail is None else places[tail]
            both = parameter if name == found.both else ()
            self.add(Block(name, OUTPUT, output=(width,)), [*ends, *both])

    def _named(self, found: Output) -> list[tuple[str, int, int | None]]:
        """The outputs, under the names that the graph gives them where nothing else is known of them."""
        output = self.arc.output
        if isinstance(output, Mapping) and self.told.action is None and len(output) == len(found.tails):
            seen = tails_of(list(output), len(found.tails)) if self.tails else range(len(output))
            own = [list(map(str, output))[place] for place in seen]
            return [(name if tail is None else own[tail], width, tail) for name, width, tail in found.outputs]
        return found.outputs

    def _tail(self, found: Output, index: int, slot: int) -> int:
        """The output layer of a place, in a block of its own or behind the hidden layers of a Hydra's tail."""
        value = self.walk.values[slot]
        features = value[0] if value and not isinstance(value, Shape) else value
        if not isinstance(features, Shape):
            raise Unreadable(self.arc.name_of(slot))
        base = ("tails", "tails") if self.is_arc else ("model_tail", "model_tails")
        name = base[0] if found.single else f"{base[1]}.{index}"
        ends, width = self.ends[slot], found.tails[index]
        own = next((end for end in ends if self.blocks[end].name == name and not self.is_arc), None)
        inside = f"{name}.{self.arc.modules[name].count}" if own is not None else name
        made = {"in_features": features.features, "out_features": width, "bias": True}
        linear = layer_facts(f"{inside}.0", "Linear", made, Shape((1, features.features)))
        output = next(place for place, (_, _, tail) in enumerate(found.outputs) if tail == index)
        layers = [linear, *self._activation(f"{inside}.1", output, width)]
        if own is not None:
            before = self.blocks[own]
            layers = folded([*before.layers, *layers])
            self.blocks[own] = replace(before, layers=tuple(layers), output=(width,))
            return own
        return self.add(Block(name, STACK, tuple(folded(layers)), (width,)), ends)

    def _activation(self, name: str, index: int, width: int) -> list[LayerFacts]:
        """What stands behind an output layer."""
        written = self.told.spec["out_layer_activation"]
        activation = written[index] if isinstance(written, list) else written
        if activation is None:
            return []
        given = {key: value for key, value in activation.items() if key != "name"}
        arguments = canonical_arguments("layer", activation["name"], given)
        if arguments.get("dim", 0) is None:
            arguments["dim"] = -1
        return [layer_facts(name, activation["name"], arguments, Shape((1, width)), given)]

    def _activated(self, index: int, ends: tuple[int, ...], single: bool) -> tuple[int, ...]:
        """The activation of an output without an output layer, if there is one."""
        width = numbers(self.blocks[ends[0]].output)
        name = "out_activation.0" if not self.is_arc else "tails.0" if single else f"tails.{index}.0"
        layers = self._activation(name, index, width)
        return (self.add(Block(name.rpartition(".")[0], STACK, tuple(layers), (width,)), ends),) if layers else ends


def facts(name: str, kind: str, arguments: Mapping[str, Any], row: Row, written: Mapping[str, Any]) -> LayerFacts:
    """What a row of a walk says of a layer."""
    adds = (multiply_adds(kind, arguments, _flat(inputs), output) for inputs, output in row.calls)
    inputs = tuple(map(sizes_of, _flat(row.inputs)))
    detail = detail_of(kind, arguments, written)
    return LayerFacts(name, kind, inputs, sizes_of(row.output), row.weights, total(adds), row.activations, "", detail)


def layer_facts(
    name: str, kind: str, arguments: Mapping[str, Any], given: Shape, written: Mapping[str, Any] = {}
) -> LayerFacts:
    """A layer that stands in no graph."""
    made = layer_made(kind, arguments, [given])
    row = Row(Call(kind, written, ()), {}, [given], *made, numbers_in(made.output), [([given], made.output)])
    return facts(name, kind, arguments, row, written)


def folded(layers: Sequence[LayerFacts]) -> list[LayerFacts]:
    """The layers with each activation in the row of what it stands behind, if it has no weights of its own."""
    activations, found = frozenset(names("activation")), list[LayerFacts]()
    for layer in layers:
        before = found[-1] if found else None
        is_free = before and not before.activation and (before.parameters or before.kind in NORMS)
        same = before and before.output == layer.output and before.residual == layer.residual
        if before and is_free and same and layer.kind in activations and not layer.parameters:
            said = layer.kind + (f" ({layer.detail})" if layer.detail and layer.detail != "dim -1" else "")
            found[-1] = replace(before, activation=said, activations=before.activations + layer.activations)
        else:
            found.append(layer)
    return found


def sizes_of(value: Value) -> Sizes:
    """The sizes of one sample; of several tensors, as a recurrent layer gives them, those of the first.

    >>> sizes_of(Shape((1, 4, 8))), sizes_of((Shape((3, 1, 8), batch=1), None)), sizes_of(None)
    ((4, 8), (3, 8), None)
    """
    if value is None:
        return None
    if not isinstance(value, Shape):
        return sizes_of(value[0]) if value else None
    return tuple(size for place, size in enumerate(value.sizes) if place != value.batch)


def _flat(values: Sequence[Any]) -> list[Any]:
    """The inputs of a call with those of a list apart; a tuple, which is what one layer gives, stays."""
    return [part for value in values for part in (value if isinstance(value, list) else [value])]


def _slots(source: Source) -> tuple[int, ...]:
    return source if isinstance(source, tuple) else (source,)
