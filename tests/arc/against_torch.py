"""What torch's own layers make of tensors, to hold the rules of `slm_net.arc` to."""

import warnings

import torch
from torch import nn

from slm_net.arc.layers import LAYERS, layer_made
from slm_net.arc.shapes import Misfit, Shape
from slm_net.nets.activations import ACTIVATIONS, make_activation
from slm_net.nets.layers import layer_class
from slm_net.schema.catalogue import canonical_arguments

#: Two sizes of a batch, one in evaluation and one in training: what is right for both depends on neither.
BATCHES = {3: False, 5: True}
#: What takes tensors with less dimensions than it is for, and makes of them what nobody means.
TAKE_LESS = ("AdaptiveAvgPool2d", "AdaptiveAvgPool3d", "BatchRenorm1d")
#: Layers that do not train here.
NEVER_TRAIN = ("SyncBatchNorm",)


def torch_layer(name, arguments, inputs):
    """The layer with these arguments, of torch if it has one; a lazy one has learned from another batch."""
    listed = {key: tuple(value) if isinstance(value, list) else value for key, value in arguments.items()}
    if name in ACTIVATIONS:
        return make_activation({"name": name, **listed}).eval()
    learned, dim = LAYERS[name].learned
    if learned and not hasattr(nn, name):
        listed[learned] = tensors(inputs[0], 2).shape[dim]
    layer = getattr(nn, name, layer_class(name))(**listed).eval()
    if learned and hasattr(nn, name):
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
    given = canonical_arguments("layer", name, arguments)
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


def mixed(name, arguments, inputs, made):
    """The outputs in which another sample than the one that was changed is another, as numbers of the outputs.

    Nothing of them depends on random numbers; what has no batch is left out.
    """
    torch.manual_seed(0)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        layer = torch_layer(name, arguments, inputs)
        before, after = (list(tensors_in(_seeded(layer, inputs, changed))) for changed in (False, True))
    batches = [shape.batch for shape in shapes_in(made.output)]
    others = torch.tensor([sample for sample in range(BATCH) if sample != CHANGED])
    return [
        number
        for number, (batch, one, other) in enumerate(zip(batches, before, after, strict=True))
        if batch is not None
        and not torch.equal(*(torch.nan_to_num(part.index_select(batch, others)) for part in (one, other)))
    ]


def _seeded(layer, inputs, changed):
    """What a layer makes of random numbers, the same each time but for one sample if that is changed."""
    torch.manual_seed(1)
    given = [random_tensors(value, changed) for value in inputs]
    torch.manual_seed(2)
    return layer(*given)


#: A batch, and the sample in it that is changed.
BATCH, CHANGED = 3, 1


def random_tensors(value, changed):
    """Random numbers of the shapes of a value, in one sample others if it is changed; integers stay as they are."""
    if not isinstance(value, Shape):
        return type(value)(random_tensors(part, changed) for part in value)
    if value.integer:
        return tensors(value, BATCH)
    numbers, others = torch.rand(sizes_of(value, BATCH)), torch.rand(sizes_of(value, BATCH))
    if changed and value.batch is not None:
        numbers.select(value.batch, CHANGED).copy_(others.select(value.batch, CHANGED))
    return numbers


def shapes_in(value):
    """The shapes in a value, in their order."""
    if isinstance(value, Shape):
        yield value
    else:
        for part in value or ():
            yield from shapes_in(part)
