"""The layers of a net as a table: what stands where, what comes out of it, how many parameters it has."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrize import is_parametrized

from slm_net.drawing.blocks import Told
from slm_net.drawing.facts import Look
from slm_net.drawing.record import LayerFacts, LayerRow
from slm_net.nets import NETS
from slm_net.nets.activations import ACTIVATIONS
from slm_net.nets.body import probed
from slm_net.nets.draws import drawing_from
from slm_net.text.mapping import plain

Shape = tuple[int, ...]


def layer_table(model: nn.Module, in_dim: Any) -> list[LayerRow]:
    """Every layer of a net, in the order of its state dict; a module or parameter under two names appears once.

    The net is run once, on zeros in eval mode; training mode, buffers and random numbers are as before.

    >>> layer_table(nn.Sequential(nn.Linear(4, 8), nn.ReLU()), 4)
    [LayerRow(name='0', kind='Linear', output_shape=(8,), parameters=40),
     LayerRow(name='1', kind='ReLU', output_shape=(8,), parameters=0)]
    """
    shapes: dict[nn.Module, Shape | None] = {}

    def note(module: nn.Module, inputs: Any, output: Any) -> None:
        shapes[module] = _shape(output)

    with _unchanged(model), torch.no_grad():
        hooks = [module.register_forward_hook(note) for module in model.modules()]
        try:
            model(*example_inputs(model, in_dim, 2))
        finally:
            for hook in hooks:
                hook.remove()
    return list(_rows(model, shapes))


def example_inputs(
    model: nn.Module, in_dim: Any, batch: int, make: Callable[[Shape], Tensor] = torch.zeros
) -> tuple[Any, ...]:
    """Arguments for `model`: a tensor for an int or tuple, for a list or a dict one tensor each.

    The tensors of a list are one argument (`forward(xs)`), or as many as `forward` needs (`forward(state, action)`);
    those of a dict are one, by their names.
    `make` gives a tensor of a shape; it is moved to where the model is.

    >>> [x.shape for x in example_inputs(nn.Linear(4, 2), 4, 32)]
    [torch.Size([32, 4])]
    """
    home = next((p for p in model.parameters() if p.is_floating_point()), torch.zeros(()))

    def one(dim: Any) -> Tensor:
        return make((batch, *(dim if isinstance(dim, tuple) else (dim,)))).to(home)

    if isinstance(in_dim, Mapping):
        return ({name: one(dim) for name, dim in in_dim.items()},)
    if not isinstance(in_dim, list):
        return (one(in_dim),)
    inputs = [one(dim) for dim in in_dim]
    _, *taken = inspect.signature(type(model).forward).parameters.values()  # 16 bits replace that of the instance
    needed = [p for p in taken if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD]
    of_action = [p.name for p in taken[: len(inputs)]][-1:] == ["action"]  # a list in place of a state may leave it out
    return tuple(inputs) if len(inputs) > 1 and (of_action or len(needed) == len(inputs)) else (inputs,)


def is_told(model: nn.Module, layers: Iterable[LayerFacts]) -> bool:
    """Whether a model has the layers that ints tell of: their names and parameters, and the activations between them.

    >>> model = nn.Sequential(nn.Linear(4, 8), nn.ReLU())
    >>> linear = LayerFacts("0", "Linear", ((4,),), (8,), 40, activation="ReLU")
    >>> is_told(model, [linear]), is_told(nn.Sequential(nn.Linear(4, 8), nn.Tanh()), [linear])
    (True, False)
    """
    told, rows = {layer.name: layer for layer in layers}, list(_rows(model, {}))
    counts, kinds = dict.fromkeys(told, 0), Counter[str]()
    for row in rows:
        name = next((name for name in told if f"{row.name}.".startswith(f"{name}.")), row.name)
        counts[name] = counts.get(name, 0) + row.parameters
        kinds[row.kind] += name == row.name
    said = Counter(text.partition(" ")[0] for layer in told.values() for text in (layer.kind, layer.activation))
    same = all(kinds[kind] == said[kind] for kind in ACTIVATIONS if kind != "Identity")
    return same and all(count == (told[name].parameters if name in told else 0) for name, count in counts.items())


def _rows(model: nn.Module, shapes: dict[nn.Module, Shape | None]) -> Iterator[LayerRow]:
    seen: set[nn.Parameter] = set()
    for name, module in model.named_modules():
        if "parametrizations" in name.split("."):
            continue  # part of the row of its layer
        whole = is_parametrized(module)
        own = {key: p for key, p in module.named_parameters(recurse=whole) if p not in seen}
        seen.update(own.values())
        if whole or (next(module.children(), None) is None and not isinstance(module, nn.Sequential)):
            yield LayerRow(name, type(module).__name__, shapes.get(module), sum(p.numel() for p in own.values()))
            continue
        for key, parameter in own.items():  # beside the children, such as log_std
            yield LayerRow(f"{name}.{key}".lstrip("."), "Parameter", tuple(parameter.shape), parameter.numel())


def _shape(output: Any) -> Shape | None:
    """The shape of one sample; of several outputs (an RNN and its hidden state) the first tensor's."""
    if isinstance(output, Tensor):
        return tuple(output.shape[1:])
    if isinstance(output, (list, tuple)) and output:
        return _shape(output[0])
    return None


@contextmanager
def _unchanged(model: nn.Module) -> Iterator[None]:
    """Eval mode and other random numbers inside; training flags and buffers as before afterwards."""
    training = {module: module.training for module in model.modules()}
    buffers = {buffer: buffer.clone() for buffer in model.buffers()}
    with drawing_from(0):
        model.eval()
        try:
            yield
        finally:
            with torch.no_grad():
                for buffer, before in buffers.items():
                    buffer.copy_(before)
            for module, flag in training.items():
                module.training = flag


def _looked_at(told: Told) -> list[LayerRow]:
    """The layers of the net of a resolved spec, built without numbers."""
    with torch.device("meta"), drawing_from(0):
        return rows_of(NETS[told.spec["type"]](plain(told.spec), told.in_dim, told.out_dim), told.in_dim)


def rows_of(model: nn.Module, in_dim: Any) -> list[LayerRow]:
    """Every layer of any model; without shapes if it cannot be run on inputs of these sizes."""
    try:
        return layer_table(model, in_dim)
    except Exception:  # of somebody else's forward anything may come
        return list(_rows(model, {}))


#: What ints do not know, from the net itself.
LOOK = Look(probed, _looked_at)
