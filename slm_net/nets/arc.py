"""TorchArcNet: any graph of layers, put together from an arc, and the modules that it is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor, nn

from slm_net.arc.graph import Arc, Source, read_arc
from slm_net.arc.layers import is_lazy
from slm_net.arc.modules import Call, Key, Part, instances, repeated
from slm_net.arc.shapes import Misfit, Shape, Value
from slm_net.arc.walk import ARC_BATCH, Walk, walk
from slm_net.net_types.arc import (
    ArcOfNet,
    arc_of_net,
    inputs_of,
    names_of_outputs,
    shapes_of_outputs,
    tails_of,
    widths_of_outputs,
)
from slm_net.nets.activations import ACTIVATIONS, make_activation
from slm_net.nets.base import NETS, Net, NetSpec
from slm_net.nets.layers import LAYERS
from slm_net.nets.parts import Outputs, TailPlan
from slm_net.problems import SpecError, has_errors
from slm_net.schema.entries import on_change
from slm_net.text.mapping import plain, text_of
from slm_net.wording.schema_problems import schema_problems
from slm_net.words import visible


class Residual(nn.Sequential):
    """Layers whose output is added to what went in.

    Source: He et al. 2016, https://arxiv.org/abs/1512.03385
    """

    def forward(self, x: Tensor) -> Tensor:
        """What went in plus what came out."""
        return x + super().forward(x)


class Body(nn.Module):
    """An arc as a module: it calls its modules in the order of the graph.

    Inputs come in the order of the graph, or by name. What comes back is a tensor, a tuple or a dict, as the graph's
    `output` says. The modules have the names of the arc; a dot in one puts it into another.
    """

    def __init__(self, arc: Arc, modules: Mapping[str, nn.Module]):
        super().__init__()
        for name, module in modules.items():
            *owners, last = name.split(".")
            owner: nn.Module = self
            for part in owners:
                if part not in owner._modules:
                    owner.add_module(part, nn.Module())
                owner = owner.get_submodule(part)
            owner.add_module(last, module)
        self._inputs, self._output = arc.inputs, arc.output
        self._steps = tuple((tuple(step.module.split(".")), step.inputs, dict(step.named)) for step in arc.steps)
        only = arc.steps[0] if len(arc.steps) == 1 else None
        plain = only is not None and only.inputs == (0,) and not only.named and arc.output == len(arc.inputs) == 1
        self._only = only.module if only and plain and "." not in only.module else ""

    def forward(self, *inputs: Any, **named: Any) -> Any:
        """The output for one tensor per input."""
        if self._only and not named and len(inputs) == 1:
            return self._modules[self._only](inputs[0])  # type: ignore[misc]
        values = [*inputs, *(named[name] for name in self._inputs[len(inputs) :])]
        for names, sources, keywords in self._steps:
            module: Any = self
            for name in names:
                module = module._modules[name]
            given = [_taken(values, source) for source in sources]
            values.append(module(*given, **{key: _taken(values, source) for key, source in keywords.items()}))
        if isinstance(self._output, int):
            return values[self._output]
        if isinstance(self._output, tuple):
            return tuple(values[slot] for slot in self._output)
        return {name: values[slot] for name, slot in self._output.items()}


def _taken(values: Sequence[Any], source: Source) -> Any:
    return [values[slot] for slot in source] if isinstance(source, tuple) else values[source]


def body_of(walked: Walk, *, like_torcharc: bool = False) -> Body:
    """The modules of an arc, made with what a walk has found, and put together.

    Random numbers are drawn as in SLM Lab: by the layers in the order of `modules`, then by the lazy ones in the order
    in which the graph reaches them. `like_torcharc`, those that the graph does not call draw as well, and are dropped,
    and a Softmax without `dim` guesses it.
    """
    arc, layers = walked.arc, dict[Key, nn.Module]()
    called = dict.fromkeys(step.module for step in arc.steps)
    for name, part in arc.modules.items():
        if name in called or like_torcharc:
            eager = ((key, call) for key, call in instances((name,), part) if not is_lazy(call.name))
            layers.update((key, _layer(call.name, call.given, like_torcharc)) for key, call in eager)
    for key, row in walked.rows.items():
        if key not in layers:
            layers[key] = _layer(row.call.name, {**row.call.given, **row.learned}, like_torcharc)
    return Body(arc, {name: _put_together((name,), arc.modules[name], layers) for name in called})


def _put_together(key: Key, part: Part, layers: Mapping[Key, nn.Module]) -> nn.Module:
    if isinstance(part, Call):
        return layers[key]
    parts = (_put_together((*key, index), inner, layers) for index, inner in enumerate(repeated(part)))
    return (Residual if part.residual else nn.Sequential)(*parts)


def _layer(name: str, arguments: Mapping[str, Any], as_torch: bool = False) -> nn.Module:
    """A new layer; an activation has what `make_activation` adds, unless it is to be as torch has it."""
    if name in ACTIVATIONS and not as_torch:
        return make_activation({"name": name, **arguments})  # type: ignore[return-value]
    listed = {key: tuple(value) if isinstance(value, list) else value for key, value in arguments.items()}
    return (ACTIVATIONS if name in ACTIVATIONS else LAYERS)[name](**listed)


def probed(call: Call, inputs: Sequence[Value]) -> Value:
    """What leaves a layer without a rule, one that was registered: it is run without numbers, on the meta device.

    Raises:
        Misfit: it does not take these inputs.
    """
    try:
        with torch.device("meta"), torch.no_grad():
            module = _layer(call.name, call.given).eval()
            three, five = (module(*(_meta(value, batch) for value in inputs)) for batch in (3, 5))
    except _Unknown:
        return None
    except Exception as error:
        raise Misfit(f"cannot take what comes in: {visible(' '.join(str(error).split()), 160)}") from error
    return _made_of(three, five)


class _Unknown(Exception):
    """An input of which nothing is known."""


def _meta(value: Any, batch: int) -> Any:
    """A tensor of these sizes, or several, that hold no numbers."""
    if value is None:
        raise _Unknown
    if not isinstance(value, Shape):
        return type(value)(_meta(one, batch) for one in value)
    sizes = [batch if index == value.batch else size for index, size in enumerate(value.sizes)]
    return torch.zeros(sizes, dtype=torch.int64 if value.integer else None)


def _made_of(three: Any, five: Any) -> Value:
    """The sizes of an output, which was made of a batch of three and of five."""
    if isinstance(three, (tuple, list)):
        return tuple(_made_of(one, other) for one, other in zip(three, five, strict=True))
    if not isinstance(three, Tensor):
        return None
    batch = next((i for i, (a, b) in enumerate(zip(three.shape, five.shape, strict=True)) if (a, b) == (3, 5)), None)
    sizes = tuple(1 if index == batch else size for index, size in enumerate(three.shape))
    return Shape(sizes, batch, not three.is_floating_point())


def build_arc(arc: Mapping[str, Any], inputs: Mapping[str, Mapping[str, Any]]) -> Body:
    """The module of an arc alone, without tails, as torcharc builds it, bit for bit.

    `inputs` has for each input of the graph its `shape`, with the batch, and if it holds integers `"dtype": "int64"`.
    All weights are there; the batch is the first size of the first input, and wherever that stands in another.

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
    return body_of(walked, like_torcharc=True)


def _value(given: Mapping[str, Any], batch: int) -> Shape:
    sizes = given["shape"]
    at = next((index for index, size in enumerate(sizes) if size == batch), None)
    return Shape(
        tuple(1 if index == at else size for index, size in enumerate(sizes)), at, "int" in given.get("dtype", "")
    )


@dataclass(frozen=True)
class _Asked:
    """An arc and the size of what goes in; equal texts are equal arcs, so that building again costs no walk."""

    text: str
    arc: Mapping[str, Any] = field(compare=False)
    in_dim: Any = field(compare=False)


def planned(arc: Mapping[str, Any], in_dim: Any) -> ArcOfNet:
    """An arc, read and walked through; to be read only, as it is kept."""
    text = text_of([arc, plain(in_dim)])
    asked = _Asked(text or "", arc, in_dim)
    return _cached(asked) if text else _planned(asked)


def _planned(asked: _Asked) -> ArcOfNet:
    return arc_of_net(asked.arc, asked.in_dim, unknown=probed)


_cached = lru_cache(maxsize=256)(_planned)
on_change(_cached.cache_clear)


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

    def __init__(self, spec: NetSpec, in_dim: Any, out_dim: Any):
        super().__init__(in_dim, out_dim)
        found = planned(spec["arc"], in_dim)
        if (walked := found.walk) is None:
            raise ValueError(found.mismatch or "; ".join(problem.message for problem in found.problems))
        self.normalize = spec["normalize"]
        self.body = self.new_body(walked)
        self._inputs, several = walked.arc.inputs, len(walked.arc.inputs) > 1
        self._scaled = [
            not several or (shape is not None and len(shape.sizes) > 2) for shape in inputs_of(self._inputs, in_dim)
        ]
        names, self._widths = names_of_outputs(walked.arc, spec["tails"]), widths_of_outputs(walked, spec["tails"])
        self._names = names if len(names) > 1 else []
        self._ranks = [
            len(shape.sizes) - 1 if isinstance(shape, Shape) else 1
            for shape in shapes_of_outputs(walked, spec["tails"])
        ]
        self._seen: list[int] = []
        self._own_outputs = not spec["tails"]
        self.finish(spec, self._widths[0])

    @property
    def model_tail(self) -> Any:  # type: ignore[override]
        """The tail of an int `out_dim`, under SLM Lab's name for it."""
        return self.tails

    model_tails = model_tail

    def new_body(self, walked: Walk) -> Body:
        """The modules of the arc.

        Raises:
            SpecError: a layer does not fit.
        """
        if walked.problems:
            raise SpecError(problem.at(("arc", *problem.path)) for problem in walked.problems)
        return body_of(walked)

    def new_tails(self, spec: NetSpec, plan: TailPlan, width: int) -> list[nn.Sequential]:
        """New tails, in the order of `out_dim`, each on the output that it sees."""
        self._seen = tails_of(self._names, len(plan.widths))
        if self._own_outputs:
            return [nn.Sequential(*filter(None, [make_activation(one)])) for one in plan.activations]
        return [plan.module(index, self._widths[seen]) for index, seen in enumerate(self._seen)]

    def place_tails(self, tails: list[nn.Sequential], single: bool) -> None:
        """Make the tails modules of the net."""
        self.tails = tails[0] if single else nn.ModuleList(tails)

    def forward(self, *inputs: Any, **named: Any) -> Outputs:
        """Outputs for one batch per input, in the order of the graph, by name, or all in one mapping.

        Raises:
            ValueError: there are other inputs.
        """
        given = self._given(inputs, named) if named or len(self._inputs) > 1 or len(inputs) != 1 else inputs
        xs = [self.as_float(x) for x in given]
        if self.normalize:
            xs = [x / 255 if scaled else x for x, scaled in zip(xs, self._scaled, strict=True)]
        return self.outputs(self.features(self.body(*xs)))

    def _given(self, inputs: tuple[Any, ...], named: dict[str, Any]) -> list[Any]:
        """The inputs in the order of the graph."""
        first = inputs[0] if len(inputs) == 1 else None
        if isinstance(first, Mapping):  # an observation, which may have more than the graph sees
            inputs, named = (), {name: first[name] for name in self._inputs if name in first}
        rest = self._inputs[len(inputs) :]
        if len(inputs) > len(self._inputs) or named.keys() != set(rest):
            got = [*["a tensor"] * len(inputs), *named]
            raise ValueError(f"TorchArcNet got {', '.join(got) or 'nothing'}, expected {', '.join(self._inputs)}")
        return [*inputs, *(named[name] for name in rest)]

    def features(self, output: Any) -> Any:
        """The flat features that the tails see: a tensor, or a tuple of them if the outputs have names."""
        if self._names:
            return tuple(flat(output[name], rank) for name, rank in zip(self._names, self._ranks, strict=True))
        if isinstance(output, dict):
            (output,) = output.values()
        return flat(output, self._ranks[0])

    def each(self, features: Any) -> list[Tensor]:
        """What each tail makes of the features that it sees."""
        if not self._names:
            return super().each(features)
        return [tail(features[seen]) for tail, seen in zip(self.model_tails, self._seen, strict=True)]


def flat(output: Any, rank: int) -> Tensor:
    """The features of a tensor of so many dimensions a sample, or of the first of several, in one dimension."""
    x: Tensor = output[0] if isinstance(output, (tuple, list)) else output
    return x.flatten(-rank) if rank > 1 else x
