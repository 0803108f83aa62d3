"""Layers that look at all features of a sample: dense ones, and those that compare two samples."""

from __future__ import annotations

from slm_net.arc.checks import (
    Arguments,
    broadcast,
    features,
    marked,
    no_integers,
    over_batch,
    own_axis,
    resized,
    rule,
    without,
)
from slm_net.arc.shapes import Layer, Misfit, Shape


def _linear(arguments: Arguments, shape: Shape) -> Shape:
    return resized(shape, features(shape, arguments["in_features"], "in_features"), arguments["out_features"])


def _linear_weights(arguments: Arguments) -> int:
    return arguments["out_features"] * (arguments["in_features"] + bool(arguments["bias"]))


def _weight_norm_weights(arguments: Arguments) -> int:
    """Those of a linear layer, and the length of the weights of each output."""
    return _linear_weights(arguments) + arguments["out_features"]


def _bilinear(arguments: Arguments, first: Shape, second: Shape) -> Shape:
    last = features(first, arguments["in1_features"], "in1_features")
    features(second, arguments["in2_features"], "in2_features", source=1)
    if marked(first)[:-1] != marked(second)[:-1]:
        raise Misfit(f"gets {first} and {second}, which may differ in the last dimension alone")
    return resized(first, last, arguments["out_features"])


def _bilinear_weights(arguments: Arguments) -> int:
    pairs = arguments["in1_features"] * arguments["in2_features"]
    return arguments["out_features"] * (pairs + bool(arguments["bias"]))


def _cosine(arguments: Arguments, first: Shape, second: Shape) -> Shape:
    both = broadcast(first, second)
    if both.integer:
        raise no_integers()
    return without(both, own_axis(both, arguments["dim"]))


def _distance(arguments: Arguments, first: Shape, second: Shape) -> Shape:
    both = broadcast(first, second)._replace(integer=False)
    last = len(both.sizes) - 1
    if last == both.batch:
        raise over_batch(both, "")
    return resized(both, last, 1) if arguments["keepdim"] else without(both, last)


DENSE = {
    "Linear": Layer(rule(_linear, _linear_weights, floats=True)),
    "WeightNormLinear": Layer(rule(_linear, _weight_norm_weights, floats=True), ("x",)),
    "Bilinear": Layer(rule(_bilinear, _bilinear_weights, floats=True), ("input1", "input2")),
    "CosineSimilarity": Layer(rule(_cosine), ("x1", "x2")),
    "PairwiseDistance": Layer(rule(_distance), ("x1", "x2")),
}
