"""TorchArcNet: any graph of layers, put together from an arc, with output layers behind it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from torch import Tensor, nn

from slm_net.arc.graph import read_arc
from slm_net.arc.shapes import Shape
from slm_net.arc.walk import ARC_BATCH, walk
from slm_net.net_types.arc import (
    OutputName,
    arc_of_net,
    inputs_of,
    names_of_outputs,
    shapes_of_outputs,
    tails_of,
    widths_of_outputs,
)
from slm_net.nets.activations import ACTIVATIONS, make_activation
from slm_net.nets.base import NETS, Net, NetSpec
from slm_net.nets.body import Body, Recipe, probed, recipe_of
from slm_net.nets.parts import Layers, Outputs, TailPlan
from slm_net.problems import Problem, SpecError, has_errors
from slm_net.schema.entries import schema_cached
from slm_net.wording.schema_problems import schema_problems

#: Beside activations, the layers that look at the last dimension alone, so that time may stand in front of the batch.
OVER_FEATURES = frozenset(
    (
        *("Linear", "LazyLinear", "WeightNormLinear", "LazyWeightNormLinear", "LayerNorm", "RMSNorm"),
        *("Dropout", "AlphaDropout"),
    )
)


@NETS.register("TorchArcNet")
class TorchArcNet(Net):
    """The body that an arc describes, then one tail per output on its flattened output.

    `in_dim` is the size of an observation, an int or a shape; for a graph with several inputs a dict of sizes by the
    name of the input, or a list in their order. Of several outputs the tails see the first; outputs with names have
    tails of their own (see `tails_of`). With `tails` false the outputs of the arc are those of the net. `normalize`
    divides what comes in by 255, of several inputs those that are no vectors.

    Raises:
        ValueError: the dims, or keys of the spec among themselves, do not fit.
        SpecError: the arc cannot be built.
    """

    tails: nn.Module
    normalize: bool
    _tail = _tails = "tails"

    #: Whether random numbers are drawn, and Softmax guesses its dimension, as torcharc has it.
    like_torcharc = False
    outline: Outline
    seen: list[int]
    body: Body

    def __init__(self, spec: NetSpec, in_dim: Any, out_dim: Any):
        super().__init__(in_dim, out_dim)
        outline = outlined(spec["arc"], in_dim, spec["tails"], self.like_torcharc)
        self.check(outline)
        vars(self).update(outline=outline, normalize=spec["normalize"], seen=[])
        self.place_obs_norms(spec, *outline.observed(over_steps="seq_len" in spec))
        self.body = outline.recipe.body()
        self.finish(spec, outline.widths[0])
        vars(self).update(features_dim=outline.widths if len(outline.widths) > 1 else outline.widths[0])

    def check(self, outline: Outline) -> None:
        """Refuse an arc in which something does not fit.

        Raises:
            SpecError: with all that is wrong.
        """
        if outline.problems:
            raise SpecError(problem.at(("arc", *problem.path)) for problem in outline.problems)

    @property
    def model_tail(self) -> Any:  # type: ignore[override]
        """The tail of an int `out_dim`, under SLM Lab's name for it."""
        return self.tails

    model_tails = model_tail

    def new_tails(self, spec: NetSpec, plan: TailPlan, width: int) -> list[nn.Sequential]:
        """New tails, in the order of `out_dim`, each on the output that it sees."""
        self.seen[:] = tails_of(self.outline.names, len(plan.widths))
        if not spec["tails"]:
            return [Layers(*filter(None, [make_activation(one)])) for one in plan.activations]
        return [plan.module(index, self.outline.widths[seen]) for index, seen in enumerate(self.seen)]

    def place_tails(self, tails: list[nn.Sequential], single: bool) -> None:
        """Make the tails modules of the net."""
        self.tails = tails[0] if single else nn.ModuleList(tails)

    def forward(self, *inputs: Any, **named: Any) -> Outputs:
        """Outputs for one batch per input, in the order of the graph, by name, or all in one mapping.

        Raises:
            ValueError: there are other inputs, or one has another shape.
        """
        return self.outputs(self.features(*inputs, **named))

    def features(self, *inputs: Any, **named: Any) -> Any:
        """The output of the arc, flat, for what `forward` takes; a tuple of them if the outputs have names.

        Raises:
            ValueError: there are other inputs, or one has another shape.
        """
        outline, body = self.outline, self._modules["body"]
        if len(inputs) == 1 and not named and len(outline.samples) == 1 and isinstance(inputs[0], Tensor):
            (shape,) = outline.samples
            x = self.as_vectors(inputs[0], shape[0]) if len(shape) == 1 else self.as_samples(inputs[0], shape)
            return self.flattened(body.called()(self.normalised(x / 255 if self.normalize else x)))
        xs = [
            self.as_input(x, shape, f"input {name}")
            for x, shape, name in zip(self._given(inputs, named), outline.samples, outline.inputs, strict=True)
        ]
        self.check_batches(xs, *outline.samples)
        if self.normalize:
            xs = [x / 255 if scaled else x for x, scaled in zip(xs, outline.scaled, strict=True)]
        return self.flattened(body(*self.all_normalised(xs)))

    def as_input(self, x: Tensor, shape: tuple[int, ...], what: str) -> Tensor:
        """`x` in the parameters' dtype, if it is a batch of such samples.

        Raises:
            ValueError: it has another shape.
        """
        return self.as_vectors(x, shape[0], what) if len(shape) == 1 else self.as_samples(x, shape, what)

    def takes_any_batch(self) -> bool:
        """Whether every layer of the arc looks at the last dimension alone."""
        return self.outline.over_features and super().takes_any_batch()

    def _given(self, inputs: tuple[Any, ...], named: Mapping[str, Any]) -> tuple[Any, ...]:
        """The inputs in the order of the graph."""
        names, first = self.outline.inputs, inputs[0] if len(inputs) == 1 else None
        if isinstance(first, Mapping):  # an observation, which may have more than the graph sees
            inputs, named = (), {name: first[name] for name in names if name in first}
        rest = names[len(inputs) :]
        if len(inputs) > len(names) or named.keys() != set(rest):
            got = [*["a tensor"] * len(inputs), *named]
            raise ValueError(f"TorchArcNet got {', '.join(got) or 'nothing'}, expected {', '.join(names)}")
        return (*inputs, *(named[name] for name in rest))

    def flattened(self, output: Any) -> Any:
        """The flat features of an output: a tensor, or a tuple of them if the outputs have names."""
        ranks = self.outline.ranks
        if isinstance(output, Tensor):
            return output if ranks[0] == 1 else output.flatten(-ranks[0])
        if len(ranks) > 1:
            names = self.outline.names
            return tuple(flat(output[name], rank) for name, rank in zip(names, ranks, strict=True))
        if isinstance(output, dict):
            (output,) = output.values()
        return flat(output, ranks[0])

    def each(self, features: Any) -> list[Tensor]:
        """What each tail makes of the features that it sees."""
        if not isinstance(features, tuple):
            return super().each(features)
        return [tail(features[seen]) for tail, seen in zip(self.model_tails, self.seen, strict=True)]


def flat(output: Any, rank: int) -> Tensor:
    """The features of a tensor of so many dimensions a sample, or of the first of several, in one dimension."""
    x: Tensor = output[0] if isinstance(output, (tuple, list)) else output
    return x.flatten(-rank) if rank > 1 else x


class Outline(NamedTuple):
    """What is known of a net of an arc before it is made; to be read only, as it is kept.

    `samples` are the sizes of one sample of each input, and `scaled` says which of them `normalize` divides;
    `over_features` whether all layers are known to look at the last dimension alone. `names`, `widths` and `ranks` are
    those of the outputs that tails see: what they are called, their features, and how many dimensions these have.
    """

    recipe: Recipe
    problems: list[Problem]
    samples: tuple[tuple[int, ...], ...]
    scaled: tuple[bool, ...]
    over_features: bool
    names: tuple[OutputName, ...]
    widths: tuple[int, ...]
    ranks: tuple[int, ...]

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of what goes in."""
        return self.recipe.arc.inputs

    def observed(self, over_steps: bool) -> Iterator[tuple[int, ...] | None]:
        """The sizes of an observation of each input, of one in a row of them if `over_steps`; None for an action."""
        is_pair = set(self.inputs) == {"state", "action"}
        for name, sample in zip(self.inputs, self.samples, strict=True):
            yield None if is_pair and name == "action" else sample[1:] if over_steps and len(sample) > 1 else sample


@dataclass(frozen=True)
class _Asked:
    """What an outline depends on; equal texts are equal arcs, so that building again costs no walk."""

    text: str
    arc: Mapping[str, Any] = field(compare=False)
    in_dim: Any = field(compare=False)
    tails: bool
    like_torcharc: bool


def outlined(arc: Mapping[str, Any], in_dim: Any, tails: bool = True, like_torcharc: bool = False) -> Outline:
    """The outline of a right arc for an `in_dim`.

    Raises:
        ValueError: the graph cannot be followed, or has other inputs.
    """
    try:
        text = json.dumps([arc, in_dim])
    except (TypeError, ValueError):  # other numbers than Python's
        return _outline(_Asked("", arc, in_dim, tails, like_torcharc))
    return _cached(_Asked(text, arc, in_dim, tails, like_torcharc))


def _outline(asked: _Asked) -> Outline:
    found = arc_of_net(asked.arc, asked.in_dim, unknown=probed)
    if (walked := found.walk) is None:
        raise ValueError(found.mismatch or "; ".join(problem.message for problem in found.problems))
    samples = tuple(shape.sizes[1:] if shape else () for shape in inputs_of(walked.arc.inputs, asked.in_dim))
    shapes = shapes_of_outputs(walked, asked.tails)
    return Outline(
        recipe_of(walked, like_torcharc=asked.like_torcharc),
        walked.problems,
        samples,
        tuple(len(samples) == 1 or len(sample) > 1 for sample in samples),
        all(row.call.name in OVER_FEATURES or row.call.name in ACTIVATIONS for row in walked.rows.values()),
        tuple(names_of_outputs(walked.arc, asked.tails)),
        tuple(widths_of_outputs(walked, asked.tails)),
        tuple(len(shape.sizes) - 1 if isinstance(shape, Shape) else 1 for shape in shapes),
    )


_cached = schema_cached(_outline, most=256)


def build_arc(arc: Mapping[str, Any], inputs: Mapping[str, Mapping[str, Any]]) -> Body:
    """The module of an arc alone, without tails, as torcharc builds it, bit for bit.

    `inputs` has for each input of the graph its `shape`, with the batch, and if it holds integers `"dtype": "int64"`.
    All weights are there; the batch is the first size of the first input, and wherever that stands in another.

    >>> import torch
    >>> graph = {"input": "x", "modules": {"fc": "x"}, "output": "fc"}
    >>> arc = {"modules": {"fc": {"LazyLinear": {"out_features": 2}}}, "graph": graph}
    >>> build_arc(arc, {"x": {"shape": [4, 3]}})(torch.zeros(4, 3)).shape
    torch.Size([4, 2])

    Raises:
        SpecError: with everything that is wrong.
    """
    batch = next(iter(inputs.values()))["shape"][0]
    found = schema_problems("arc.schema.json", arc)
    read, problems = read_arc(arc, refused=[problem.path for problem in found])
    if has_errors([*found, *problems]) or read is None:
        raise SpecError([*found, *problems])
    values = [_value(inputs[name], batch) for name in read.inputs]
    walked = walk(read, values, probed)
    if errors := [problem for problem in walked.problems if problem.rule != ARC_BATCH.id]:
        raise SpecError(errors)
    return recipe_of(walked, like_torcharc=True).body()


def _value(given: Mapping[str, Any], batch: int) -> Shape:
    sizes = given["shape"]
    at = next((index for index, size in enumerate(sizes) if size == batch), None)
    return Shape(
        tuple(1 if index == at else size for index, size in enumerate(sizes)), at, "int" in given.get("dtype", "")
    )
