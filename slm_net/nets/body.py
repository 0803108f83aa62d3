"""The body of a TorchArcNet: the modules of an arc, made in the order of random numbers, and the graph of calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from slm_net.arc.graph import Arc, Source
from slm_net.arc.layers import is_lazy
from slm_net.arc.modules import Call, Key, Part, instances, repeated
from slm_net.arc.shapes import Misfit, Shape, Value
from slm_net.arc.walk import Walk
from slm_net.nets.activations import ACTIVATIONS, make_activation
from slm_net.nets.draws import drawing_from
from slm_net.nets.layers import layer_class
from slm_net.nets.parts import Layers, is_listened_to
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
    `output` says. The modules have the names of the arc; a dot in one puts it into another. `only` is the name of the
    one module that there is to call, "" if there is more to do.
    """

    recipe: Recipe
    only: str

    def __init__(self, recipe: Recipe, modules: Mapping[str, nn.Module]):
        super().__init__()
        vars(self).update(recipe=recipe, only=recipe.only)  # nn.Module's own way costs a tenth of the build
        for name, module in modules.items():
            *owners, last = name.split(".")
            owner: nn.Module = self
            for part in owners:
                if part not in owner._modules:
                    owner.add_module(part, nn.Module())
                owner = owner.get_submodule(part)
            owner.add_module(last, module)

    def called(self) -> nn.Module:
        """What to call in its place: its only module, or itself, also where somebody listens to its calls."""
        if self.only and not is_listened_to(self):
            return self._modules[self.only]  # type: ignore[return-value]
        return self

    def forward(self, *inputs: Any, **named: Any) -> Any:
        """The output for one tensor per input."""
        if self.only and not named and len(inputs) == 1:
            return self._modules[self.only](inputs[0])  # type: ignore[misc]
        arc = self.recipe.arc
        values = [*inputs, *(named[name] for name in arc.inputs[len(inputs) :])]
        for names, sources, keywords in self.recipe.steps:
            module: Any = self
            for name in names:
                module = module._modules[name]
            given = [_taken(values, source) for source in sources]
            values.append(module(*given, **{key: _taken(values, source) for key, source in keywords.items()}))
        if isinstance(arc.output, int):
            return values[arc.output]
        if isinstance(arc.output, tuple):
            return tuple(values[slot] for slot in arc.output)
        return {name: values[slot] for name, slot in arc.output.items()}


def _taken(values: Sequence[Any], source: Source) -> Any:
    return [values[slot] for slot in source] if isinstance(source, tuple) else values[source]


#: The module of a step, the parts of its name apart, and what it is called with, by place and by name.
Called = tuple[tuple[str, ...], tuple[Source, ...], Mapping[str, Source]]


class Recipe(NamedTuple):
    """What a body is made of: what makes each layer, in the order of random numbers, and the steps of the graph."""

    arc: Arc
    makers: tuple[tuple[Key, Callable[[], nn.Module]], ...]
    steps: tuple[Called, ...]
    only: str

    def body(self) -> Body:
        """The layers, made and put together."""
        layers = {key: make() for key, make in self.makers}
        called = dict.fromkeys(step.module for step in self.arc.steps)
        return Body(self, {name: _put_together((name,), self.arc.modules[name], layers) for name in called})


def recipe_of(walked: Walk, *, like_torcharc: bool = False) -> Recipe:
    """The recipe of an arc that has been walked through.

    Random numbers are drawn as in SLM Lab: by the layers in the order of `modules`, then by the lazy ones in the order
    in which the graph reaches them. `like_torcharc`, those that the graph does not call draw as well, and are dropped,
    and a Softmax without `dim` guesses it.
    """
    arc, makers = walked.arc, dict[Key, Callable[[], nn.Module]]()
    called = {step.module for step in arc.steps}
    for name, part in arc.modules.items():
        if name in called or like_torcharc:
            eager = ((key, call) for key, call in instances((name,), part) if not is_lazy(call.name))
            makers.update((key, _maker(call.name, call.given, like_torcharc)) for key, call in eager)
    for key, row in walked.rows.items():
        if key not in makers:
            makers[key] = _maker(row.call.name, {**row.call.given, **row.learned}, like_torcharc)
    steps = tuple((tuple(step.module.split(".")), step.inputs, dict(step.named)) for step in arc.steps)
    plain = len(steps) == 1 and steps[0][1:] == ((0,), {}) and arc.output == len(arc.inputs) == len(steps[0][0]) == 1
    return Recipe(arc, tuple(makers.items()), steps, steps[0][0][0] if plain else "")


def _put_together(key: Key, part: Part, layers: Mapping[Key, nn.Module]) -> nn.Module:
    if isinstance(part, Call):
        return layers[key]
    parts = (_put_together((*key, index), inner, layers) for index, inner in enumerate(repeated(part)))
    return (Residual if part.residual else Layers)(*parts)


def _maker(name: str, arguments: Mapping[str, Any], as_torch: bool = False) -> Callable[[], nn.Module]:
    """What makes a layer; an activation has what `make_activation` adds, unless it is to be as torch has it."""
    if name in ACTIVATIONS and not as_torch:
        return partial(make_activation, {"name": name, **arguments})  # type: ignore[return-value]
    listed = {key: tuple(value) if isinstance(value, list) else value for key, value in arguments.items()}
    return partial(layer_class(name), **listed)


# --- layers without a rule

#: Numbers of one sample up to which such a layer may be run with real ones, if it does not run without.
FEW = 10**6


def probed(call: Call, inputs: Sequence[Value]) -> Value:
    """What leaves a layer without a rule, one that was registered: it is run without numbers, on the meta device.

    Raises:
        Misfit: it does not take these inputs.
    """
    shapes = [value for value in inputs if isinstance(value, Shape)]
    if len(shapes) < len(inputs):
        return None
    few = sum(shape.features for shape in shapes) <= FEW
    for device in ("meta", "cpu") if few else ("meta",):
        try:
            return _run(call, shapes, device)
        except Exception as error:
            reason = error
    raise Misfit(f"cannot take what comes in: {visible(' '.join(str(reason).split()), 160)}") from reason


def _run(call: Call, shapes: Sequence[Shape], device: str) -> Value:
    """What a layer makes of a batch of three and of five."""
    with drawing_from(0), torch.device(device), torch.no_grad():
        module = _maker(call.name, call.given)().eval()
        return _made_of(*(module(*(_zeros(shape, batch) for shape in shapes)) for batch in (3, 5)))


def _zeros(shape: Shape, batch: int) -> Tensor:
    sizes = [batch if index == shape.batch else size for index, size in enumerate(shape.sizes)]
    return torch.zeros(sizes, dtype=torch.int64 if shape.integer else None)


def _made_of(three: Any, five: Any) -> Value:
    """The sizes of an output, which was made of a batch of three and of five."""
    if isinstance(three, (tuple, list)):
        return tuple(_made_of(one, other) for one, other in zip(three, five, strict=True))
    if not isinstance(three, Tensor):
        return None
    batch = next((i for i, (a, b) in enumerate(zip(three.shape, five.shape, strict=True)) if (a, b) == (3, 5)), None)
    sizes = tuple(1 if index == batch else size for index, size in enumerate(three.shape))
    return Shape(sizes, batch, not three.is_floating_point())
