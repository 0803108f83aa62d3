"""The walk of sizes through an arc: what enters and leaves every layer, what does not fit, how large it all is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from slm_net.arc.graph import Arc, Source, Step
from slm_net.arc.layers import LAYERS, layer_made, learned_by
from slm_net.arc.modules import Call, Key, Part, Stack, repeated
from slm_net.arc.shapes import Made, Misfit, Shape, Value, numbers_in
from slm_net.problems import Edit, Path, Problem, Rule
from slm_net.text.limits import MAX_ACTIVATIONS
from slm_net.words import visible

_BODY = (
    '"body": {{"Sequential": [{{"LazyLinear": {{"out_features": 8}}}}, {{"LayerNorm": {{"normalized_shape": {0}}}}}]}}'
)


def _example(modules: str) -> str:
    graph = '{"input": "x", "modules": {"body": ["x"]}, "output": "body"}'
    return f'{{"type": "TorchArcNet", "arc": {{\n  "modules": {{{modules}}},\n  "graph": {graph}\n}}}}\n'


ARC_SHAPE = Rule(
    "SN230",
    "layer-does-not-fit",
    what="A layer of an arc is made for another size than comes to it, or what comes together there does not.",
    why="torch finds this only when the first observation comes, and names neither the layer nor its place.",
    wrong=_example(_BODY.format(16)),
    right=_example(_BODY.format(8)),
    options="--in-dim 4 --out-dim 2",
)
ARC_BATCH = Rule(
    "SN231",
    "batch-is-mixed",
    what=(
        "A layer of an arc joins, picks or counts the samples of a batch, where it should work on each alone. It is a "
        "warning where a default says so: `batch_first` is false in torch, and the batch is then taken for time."
    ),
    why="it trains without an error, on numbers in which the samples of a batch are mixed.",
    wrong=_example('"body": {"Sequential": [{"LazyLinear": {"out_features": 8}}, {"Get": {"key": 0}}]}'),
    right=_example('"body": {"Sequential": [{"LazyLinear": {"out_features": 8}}, {"Flatten": null}]}'),
    options="--in-dim 4 --out-dim 2",
)

#: What a layer makes of its inputs, where no rule knows it.
Unknown = Callable[[Call, Sequence[Value]], Value]


@dataclass
class Row:
    """One layer as it is reached first: what a lazy one `learned`, what came in, what leaves it, its weights.

    `activations` are the numbers that leave it for one sample, in all of its `calls`: what goes in and what leaves.
    """

    call: Call
    learned: dict[str, int]
    inputs: Sequence[Value]
    output: Value
    weights: int
    activations: int = 0
    calls: list[tuple[Sequence[Value], Value]] = field(default_factory=list)


@dataclass
class Walk:
    """What is known of an arc for the sizes of its inputs; `rows` are in the order in which layers are reached."""

    arc: Arc
    values: list[Value]
    rows: dict[Key, Row] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def output(self) -> Value:
        """What leaves the arc: a tensor, or a tuple of several."""
        found = [self.values[slot] for slot in self.arc.output_slots]
        return found[0] if isinstance(self.arc.output, int) else tuple(found)

    @property
    def weights(self) -> int:
        """The parameters of all modules that are called."""
        return sum(row.weights for row in self.rows.values())


def walk(arc: Arc, inputs: Sequence[Value], unknown: Unknown | None = None) -> Walk:
    """Follow sizes through an arc: one value for each input, None for one that is not known.

    Behind what does not fit, is too large or not known, nothing is checked. `unknown` is asked about layers without a
    rule.
    """
    walker = _Walker(arc, list(inputs), unknown)
    for step in arc.steps:
        walker.step(step)
    return walker.walk


#: The part of a stack that stands in front, and its place there; None for the first.
Behind = tuple[int, Part] | None


class _Walker:
    def __init__(self, arc: Arc, values: list[Value], unknown: Unknown | None):
        self.walk, self.unknown = Walk(arc, values), unknown

    def step(self, step: Step) -> None:
        """Run one step, and note what it gives; nothing is known of what cannot be called so."""
        if not step.fits:
            self.walk.values.append(None)
            return
        values = [self._value(source) for source in step.inputs]
        names = self.walk.arc.modules[step.module]
        given = _in_place(names, values, {key: self._value(source) for key, source in step.named.items()})
        self.walk.values.append(self._part((step.module,), names, given, None, step))

    def _value(self, source: Source) -> Any:
        values = self.walk.values
        return [values[slot] for slot in source] if isinstance(source, tuple) else values[source]

    def _part(self, key: Key, part: Part, inputs: list[Any], behind: Behind, step: Step) -> Value:
        if isinstance(part, Call):
            return self._call(key, part, inputs, behind, step)
        entered = value = inputs[0] if inputs else None
        for index, inner in enumerate(repeated(part)):
            value = self._part((*key, index), inner, [value], behind, step)
            behind = index, inner
        return self._sum(part, entered, value) if part.residual else value

    def _sum(self, part: Stack, entered: Value, left: Value) -> Value:
        """What a residual gives: what went in plus what came out."""
        if entered is None or left is None:
            return None
        if isinstance(entered, Shape) and isinstance(left, Shape) and entered[:2] == left[:2]:
            return left._replace(integer=False)
        message = f"Residual adds what went in, {_shown(entered)}, to what comes out, {_shown(left)}"
        self.walk.problems.append(ARC_SHAPE.at(part.path, message, "let its last layer give the size that went in"))
        return None

    def _call(self, key: Key, call: Call, inputs: list[Any], behind: Behind, step: Step) -> Value:
        if call.wrong:
            return None
        first = self.walk.rows.get(key)
        name, learned, made = call.name, dict[str, Any](), Made(None)
        try:
            learned = first.learned if first else learned_by(name, inputs)
            name = LAYERS[name].becomes if learned else name
            made = layer_made(name, {**call.arguments, **learned}, inputs)
            if self.unknown and name not in LAYERS:
                made = Made(self.unknown(call, inputs))
        except Misfit as misfit:
            self.walk.problems.append(self._problem(misfit, call, behind, step))
            made = Made(self._tried(call, inputs) if misfit.batch else None)
        if first is None:
            first = self.walk.rows[key] = Row(call, learned, inputs, *made)
        numbers = numbers_in(made.output)
        first.activations += numbers
        first.calls.append((inputs, made.output))
        return None if numbers > MAX_ACTIVATIONS else made.output

    def _problem(self, misfit: Misfit, call: Call, behind: Behind, step: Step) -> Problem:
        """What a rule found, at the argument, the input or the layer that does not fit, and where that comes from."""
        where, at_key = _place(misfit, call, step)
        said = self._said(step.sources[0]) if len(step.sources) == 1 else ""
        if behind:
            index, part = behind
            said = f"{part.name if isinstance(part, Call) else 'part'} {index} of {visible(step.module, 40)}"
        message = f"{call.name} {misfit}" + (f" (it comes from {said})" if said else "")
        is_written = misfit.fits is not None and misfit.argument in call.written
        fix = (Edit(where, "replace", misfit.fits),) if is_written else ()
        rule = ARC_BATCH if misfit.batch else ARC_SHAPE
        return rule.at(where, message, misfit.hint, at_key=at_key, fix=fix)

    def _said(self, source: Source) -> str:
        """Where a value comes from, in words."""
        arc = self.walk.arc
        slots = source if isinstance(source, tuple) else (source,)
        kind = "input " if all(slot < len(arc.inputs) for slot in slots) else ""
        return kind + " and ".join(visible(arc.name_of(slot), 40) for slot in slots)

    def _tried(self, call: Call, inputs: list[Any]) -> Value:
        """What leaves a layer that mixes the batch, which can be built all the same."""
        with suppress(Misfit):
            return self.unknown(call, inputs) if self.unknown else None
        return None


def _in_place(part: Part, values: list[Any], named: Mapping[str, Any]) -> list[Any]:
    """The inputs of a call in the order of the layer's own; one that is left out is None."""
    layer = LAYERS.get(part.name) if isinstance(part, Call) else None
    if not named or layer is None:
        return [*values, *named.values()]
    return [*values, *(named.get(name) for name in layer.inputs[len(values) :] if name in named)]


def _place(misfit: Misfit, call: Call, step: Step) -> tuple[Path, bool]:
    """Where a misfit is told, and whether that is a key: the argument, the input, the node or module, or the layer."""
    direct = ("modules", step.module) in (call.path, call.path[:-1])  # a name alone, or with its arguments
    if misfit.source is not None and direct:
        return step.at(misfit.source, misfit.entry), False
    if misfit.argument in call.written:
        return call.at(misfit.argument, misfit.entry), False
    if direct:
        several = len(step.sources) > 1 or any(isinstance(source, tuple) for source in step.sources)
        return (step.path if several else ("modules", step.module)), True
    return call.path, not call.places


def _shown(value: Value) -> str:
    return str(value) if isinstance(value, Shape) else f"a tuple of {len(value or ())}"
