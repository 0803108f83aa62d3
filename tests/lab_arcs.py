"""Arcs that are built by a real SLM Lab and by ours, and compared: name, modules, nodes, output, in_dim, out_dims."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

IMAGE, SEQUENCE = (2, 9, 9), (4, 3)
MLP = {"Sequential": [{"LazyLinear": {"out_features": 16}}, {"Tanh": None}, {"LazyLinear": {"out_features": 8}}]}
GRU = {"GRU": {"input_size": 3, "hidden_size": 6, "batch_first": True}}
LINEAR = {"LazyLinear": {"out_features": 6}}
ATTENTION = {"MultiheadAttention": {"embed_dim": 6, "num_heads": 2, "batch_first": True}}
ENCODER = {
    "TransformerEncoderLayer": {"d_model": 6, "nhead": 2, "dim_feedforward": 12, "dropout": 0.0, "batch_first": True}
}


def stack(*layers: Any) -> dict[str, Any]:
    """A Sequential."""
    return {"Sequential": [layer if isinstance(layer, dict) else {layer: None} for layer in layers]}


CASES: list[tuple[str, dict[str, Any], dict[str, Any], Any, Any, tuple[Any, ...]]] = [
    ("mlp", {"body": MLP}, {"body": ["x"]}, "body", 5, (3, [3, 1], [2, 2])),
    ("one layer", {"body": LINEAR}, {"body": ["x"]}, "body", 5, (3,)),
    (
        "eager and lazy",
        {"b": LINEAR, "a": {"Linear": {"in_features": 5, "out_features": 4}}},
        {"a": ["x"], "b": ["a"]},
        "b",
        5,
        (3,),
    ),
    ("unused", {"spare": {"Linear": {"in_features": 5, "out_features": 9}}, "b": MLP}, {"b": ["x"]}, "b", 5, (3,)),
    (
        "cnn",
        {
            "c": stack(
                {"LazyConv2d": {"out_channels": 4, "kernel_size": 3}},
                "ReLU",
                {"MaxPool2d": {"kernel_size": 2}},
                "Flatten",
                LINEAR,
            )
        },
        {"c": ["x"]},
        "c",
        IMAGE,
        (3, [3, 1]),
    ),
    (
        "cnn without Flatten",
        {"c": {"LazyConv2d": {"out_channels": 4, "kernel_size": 3}}},
        {"c": ["x"]},
        "c",
        IMAGE,
        (3,),
    ),
    (
        "transposed",
        {"c": stack({"LazyConvTranspose2d": {"out_channels": 2, "kernel_size": 3}}, "SELU", "Flatten")},
        {"c": ["x"]},
        "c",
        IMAGE,
        (3,),
    ),
    (
        "batch norms",
        {
            "c": stack(
                {"LazyConv2d": {"out_channels": 4, "kernel_size": 3}},
                "LazyBatchNorm2d",
                "Flatten",
                LINEAR,
                "LazyBatchNorm1d",
            )
        },
        {"c": ["x"]},
        "c",
        IMAGE,
        (3,),
    ),
    (
        "batch renorm",
        {
            "c": stack(
                {"LazyBatchRenorm1d": {"momentum": 0.1, "warmup_steps": 2}},
                LINEAR,
                "ReLU",
                {"LazyBatchRenorm1d": {"r_max": 2.0}},
            )
        },
        {"c": ["x"]},
        "c",
        5,
        (3,),
    ),
    (
        "weight norm",
        {
            "c": stack(
                {"LazyWeightNormLinear": {"out_features": 8}},
                "ReLU",
                {"WeightNormLinear": {"in_features": 8, "out_features": 4}},
            )
        },
        {"c": ["x"]},
        "c",
        5,
        (3,),
    ),
    (
        "compact",
        {
            "c": {
                "compact": {
                    "prelayer": [{"LazyBatchNorm1d": None}],
                    "layer": {"type": "LazyLinear", "keys": ["out_features"], "args": [8, 6]},
                    "postlayer": [{"ELU": {"alpha": 0.5}}],
                }
            }
        },
        {"c": ["x"]},
        "c",
        5,
        (3,),
    ),
    (
        "gru",
        {
            "r": GRU,
            "o": {"Get": {"key": 0}},
            "n": {"Narrow": {"dim": 1, "start": -1, "length": 1}},
            "f": {"Flatten": None},
        },
        {"r": ["x"], "o": ["r"], "n": ["o"], "f": ["n"]},
        "f",
        SEQUENCE,
        (3, [3, 1]),
    ),
    (
        "attention",
        {"e": LINEAR, "m": ATTENTION, "g": {"Get": {"key": 0}}, "p": {"Reduce": {"name": "mean", "dim": 1}}},
        {"e": ["x"], "m": {"query": "e", "key": "e", "value": "e"}, "g": ["m"], "p": ["g"]},
        "p",
        SEQUENCE,
        (3,),
    ),
    (
        "transformer",
        {"e": LINEAR, "t": ENCODER, "f": {"Flatten": None}},
        {"e": ["x"], "t": ["e"], "f": ["t"]},
        "f",
        SEQUENCE,
        (3,),
    ),
    (
        "residual",
        {"a": LINEAR, "b": stack(LINEAR, "ReLU"), "s": {"MergeSum": None}},
        {"a": ["x"], "b": ["a"], "s": [["a", "b"]]},
        "s",
        5,
        (3,),
    ),
    (
        "again",
        {"f": {"LazyLinear": {"out_features": 5}}, "m": {"MergeMean": None}},
        {"f~a": ["x"], "f~b": ["f~a"], "m": [["f~a", "f~b"]]},
        "m",
        5,
        (3,),
    ),
    (
        "concat",
        {"a": LINEAR, "b": MLP, "c": {"MergeConcat": None}},
        {"a": ["x"], "b": ["x"], "c": [["a", "b"]]},
        "c",
        5,
        (3,),
    ),
    (
        "film",
        {"a": LINEAR, "b": LINEAR, "f": {"MergeFiLM": {"feature_dim": 6, "conditioner_dim": 6}}},
        {"a": ["x"], "b": ["x"], "f": {"feature": "a", "conditioner": "b"}},
        "f",
        5,
        (3,),
    ),
    (
        "fork",
        {
            "h": {"LazyLinear": {"out_features": 8}},
            "k": {"ForkChunk": {"chunks": 2}},
            "a": {"Get": {"key": 0}},
            "b": {"Get": {"key": 1}},
            "m": {"MergeProd": None},
        },
        {"h": ["x"], "k": ["h"], "a": ["k"], "b": ["k"], "m": [["a", "b"]]},
        "m",
        5,
        (3,),
    ),
    (
        "functions",
        {"h": LINEAR, "s": {"TorchFn": {"name": "square"}}, "c": {"TorchFn": {"name": "clamp", "min": 0.01}}},
        {"h": ["x"], "s": ["h"], "c": ["s"]},
        "c",
        5,
        (3,),
    ),
    ("softmax", {"h": stack(LINEAR, "Softmax")}, {"h": ["x"]}, "h", SEQUENCE, (3,)),
    ("several outputs", {"a": LINEAR, "b": LINEAR}, {"a": ["x"], "b": ["x"]}, ["a", "b"], 5, (3,)),
    ("a dot", {"enc.a": LINEAR, "enc.b": LINEAR}, {"enc.a": ["x"], "enc.b": ["enc.a"]}, "enc.b", 5, (3,)),
    (
        "norms",
        {"h": stack(LINEAR, {"LayerNorm": {"normalized_shape": 6}}, {"RMSNorm": {"normalized_shape": [6]}}, "GELU")},
        {"h": ["x"]},
        "h",
        5,
        (3,),
    ),
]


def arcs() -> Iterator[tuple[str, dict[str, Any], Any, tuple[Any, ...]]]:
    """What each is called, its own keys, its in_dim, and the out_dims that are tried."""
    for name, modules, nodes, output, in_dim, out_dims in CASES:
        yield (
            name,
            {"arc": {"modules": modules, "graph": {"input": "x", "modules": nodes, "output": output}}},
            in_dim,
            out_dims,
        )
