"""What torch's own layers make of tensors, to hold the rules of `slm_net.arc` to."""

import inspect
import warnings
from functools import cache

import torch
from torch import nn

from slm_net.arc.layers import LAYERS, layer_made
from slm_net.arc.shapes import Misfit, Shape

#: Two sizes of a batch, one in evaluation and one in training: what is right for both depends on neither.
BATCHES = {3: False, 5: True}
#: What takes tensors with less dimensions than it documents, of which it makes one number.
TAKE_LESS = ("AdaptiveAvgPool2d", "AdaptiveAvgPool3d")
#: Layers that do not train here.
NEVER_TRAIN = ("SyncBatchNorm", "BatchRenorm1d", "LazyBatchRenorm1d")
RECURRENT = ("RNN", "GRU", "LSTM")


class Called(nn.Module):
    """A function of tensors with fixed arguments, as a layer."""

    def __init__(self, function, **arguments):
        super().__init__()
        self.function, self.arguments = function, arguments

    def forward(self, *inputs):
        return self.function(*inputs, **self.arguments)


class Film(nn.Module):
    """Features scaled and shifted by what two dense layers make of the conditioner."""

    def __init__(self, feature_dim, conditioner_dim):
        super().__init__()
        self.gamma, self.beta = (nn.Linear(conditioner_dim, feature_dim) for _ in range(2))

    def forward(self, feature, conditioner):
        scale, shift = self.gamma(conditioner), self.beta(conditioner)
        behind = (1,) * (feature.dim() - conditioner.dim())
        return scale.reshape(scale.shape + behind) * feature + shift.reshape(shift.shape + behind)


def stacked(reduce):
    """A list of tensors that are stacked and reduced along the same dimension."""
    return lambda tensors, dim: reduce(torch.stack(tensors, dim), dim)


def selected(x, dim, index):
    return torch.index_select(x, dim, torch.tensor(index, device=x.device))


def weight_normed(**arguments):
    return nn.utils.parametrizations.weight_norm(nn.Linear(**arguments))


def function_of_torch(name, **arguments):
    return Called(getattr(torch, name), **arguments)


#: The layers that torch has not, made of what it has: (class or function that makes one, its defaults).
NOT_OF_TORCH = {
    "Get": (lambda key: Called(lambda value: value[key]), {"key": 0}),
    "Narrow": (lambda **given: Called(torch.narrow, **given), {}),
    "IndexSelect": (lambda **given: Called(selected, **given), {}),
    "Reduce": (function_of_torch, {"keepdim": False}),
    "TorchFn": (function_of_torch, {}),
    "ForkChunk": (lambda **given: Called(torch.chunk, **given), {"chunks": 2, "dim": 1}),
    "ForkSplit": (lambda **given: Called(torch.split, **given), {"dim": 1}),
    "MergeConcat": (lambda **given: Called(torch.cat, **given), {"dim": 1}),
    "MergeStack": (lambda **given: Called(torch.stack, **given), {"dim": 1}),
    "MergeSum": (lambda **given: Called(stacked(torch.sum), **given), {"dim": 1}),
    "MergeProd": (lambda **given: Called(stacked(torch.prod), **given), {"dim": 1}),
    "MergeMean": (lambda **given: Called(stacked(torch.mean), **given), {"dim": 1}),
    "MergeDot": (lambda: Called(torch.linalg.vecdot), {}),
    "MergeBMM": (lambda: Called(torch.bmm), {}),
    "MergeFiLM": (Film, {}),
    "WeightNormLinear": (weight_normed, {"bias": True}),
    "BatchRenorm1d": (nn.SyncBatchNorm, {}),
}


@cache
def parameters_of(name):
    """The parameters that a layer of torch is made with, by name with their defaults; but for device and dtype."""
    owner = nn.RNNBase if name in RECURRENT else getattr(nn, name)
    found = {name: each.default for name, each in inspect.signature(owner).parameters.items()}
    if name in RECURRENT:
        found["nonlinearity"] = "tanh"
    left_out = {"device", "dtype", "args", "kwargs", "mode" if name in RECURRENT else ""}
    return {key: default for key, default in found.items() if key not in left_out}


def with_defaults(name, arguments):
    """All arguments of a layer, as a rule gets them."""
    if name in NOT_OF_TORCH:
        return {**NOT_OF_TORCH[name][1], **arguments}
    eager = LAYERS[name].becomes
    if eager in NOT_OF_TORCH:
        return with_defaults(eager, arguments)
    defaults = {key: value for key, value in parameters_of(name).items() if value is not inspect.Parameter.empty}
    return {**defaults, **arguments}


def torch_layer(name, arguments, inputs):
    """The layer of torch with these arguments; a lazy one has learned from another batch."""
    if name not in NOT_OF_TORCH and not hasattr(nn, name):
        learned, dim = LAYERS[name].learned
        name, arguments = LAYERS[name].becomes, {**arguments, learned: tensors(inputs[0], 2).shape[dim]}
    maker = NOT_OF_TORCH[name][0] if name in NOT_OF_TORCH else getattr(nn, name)
    tuples = {key: tuple(value) if isinstance(value, list) else value for key, value in arguments.items()}
    layer = maker(**(with_defaults(name, arguments) if name in NOT_OF_TORCH else tuples)).eval()
    if name.startswith("Lazy"):
        layer(*(tensors(value, 2) for value in inputs))
    return layer


def tensors(value, batch):
    """Tensors of the shapes of a value, with this batch."""
    if isinstance(value, Shape):
        return torch.zeros(sizes_of(value, batch), dtype=torch.long if value.integer else torch.float32)
    return None if value is None else type(value)(tensors(part, batch) for part in value)


def sizes_of(shape, batch):
    return tuple(batch if place == shape.batch else size for place, size in enumerate(shape.sizes))


def expected(value, batch):
    """The sizes, and if they are integers, of what a rule says, with this batch."""
    if isinstance(value, Shape):
        return sizes_of(value, batch), value.integer
    return None if value is None else tuple(expected(part, batch) for part in value)


def found(value, wanted=()):
    """The same of what torch gives; None where the rule leaves it open."""
    if isinstance(value, torch.Tensor):
        return None if wanted is None else (tuple(value.shape), not value.is_floating_point())
    open_parts = wanted if len(wanted) == len(value) else (wanted,) * len(value)
    return tuple(found(part, want) for part, want in zip(value, open_parts, strict=True))


def of_torch(name, arguments, inputs, batch, training):
    """The output and the number of parameters of torch's layer; None, and why, if torch refuses or leaves nothing."""
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            given = [tensors(value, batch) for value in inputs]
            layer = torch_layer(name, arguments, inputs).train(training and name not in NEVER_TRAIN)
            output = layer(*given)
        except (RuntimeError, ValueError, TypeError, IndexError, AssertionError, NotImplementedError) as refusal:
            return None, str(refusal)
    if any(0 in tensor.shape for tensor in tensors_in(output)):
        return None, "nothing is left"
    return output, sum(parameter.numel() for parameter in layer.parameters())


def tensors_in(value):
    if isinstance(value, torch.Tensor):
        yield value
    else:
        for part in value or ():
            yield from tensors_in(part)


def compare(name, arguments, inputs):
    """Hold the rule of a layer to torch; returns what the rule says, a Made or a Misfit."""
    given = with_defaults(name, arguments)
    said = f"{name} {arguments} of {[str(value) for value in inputs]}"
    answers = {batch: of_torch(name, arguments, inputs, batch, training) for batch, training in BATCHES.items()}
    try:
        made = layer_made(name, given, inputs)
    except Misfit as misfit:
        refused = [reason for output, reason in answers.values() if output is None]
        assert refused or misfit.batch or name in TAKE_LESS, f"{said}: the rule says {misfit}, torch takes it"
        return misfit
    for batch, (output, weights) in answers.items():
        assert output is not None, f"{said}: the rule says {made}, torch {weights}"
        wanted = expected(made.output, batch)
        assert found(output, wanted) == wanted, f"{said}: of a batch of {batch} the rule says {made}, torch {output}"
        assert weights == made.weights, f"{said}: the rule counts {made.weights} weights, torch has {weights}"
    return made
