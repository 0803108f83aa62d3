"""Layers with the arguments that matter to a test, on shapes that are short to write."""

from slm_net.arc.layers import layer_made
from slm_net.arc.shapes import Misfit, Shape
from slm_net.schema.catalogue import canonical_arguments


def of(*sizes, batch=0, integer=False):
    """The shape of a sample of these sizes, with the batch in front or at another place."""
    return Shape((*sizes[:batch], 1, *sizes[batch:]), batch, integer)


def made(name, arguments, *inputs):
    """What a layer makes of these inputs, with its other arguments at their defaults."""
    return layer_made(name, canonical_arguments("layer", name, arguments), inputs)


def output(name, arguments, *inputs):
    """What leaves a layer."""
    return made(name, arguments, *inputs).output


def misfit(name, arguments, *inputs):
    """Why a layer does not take these inputs."""
    try:
        found = made(name, arguments, *inputs)
    except Misfit as why:
        return why
    raise AssertionError(f"{name} {arguments} takes {inputs}, and gives {found}")


def told(name, arguments, *inputs):
    """The words, the argument and what would fit in its place."""
    why = misfit(name, arguments, *inputs)
    return str(why), why.argument, why.fits
