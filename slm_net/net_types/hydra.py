"""HydraMLPNet without torch: several vectors in, and what its `hid_layers` say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from slm_net.net_types.base import (
    Counts,
    InDim,
    NetType,
    are_sizes,
    hidden_activations,
    hidden_parameters,
    output_activations,
)

Widths = list[int]


def hydra_widths(
    hid_layers: Sequence[Sequence], inputs: int, outputs: int
) -> tuple[list[Widths], Widths, list[Widths]]:
    """The widths of each head, of the body, and of each tail's hidden layers (none: no tail has any).

    One head stands for all inputs, one tail for all outputs. A tail lists its own hidden layers. SLM Lab writes the
    body's last width once more in front of them, in every tail, and builds nothing else; so where every tail begins
    with that width and goes on, the first entry is no layer. In all other cases each entry is one.

    >>> hydra_widths([[[16]], [20], [[8], []]], inputs=2, outputs=2)
    ([[16], [16]], [20], [[8], []])
    >>> hydra_widths([[[16], [12]], [20], [[20, 8], [20, 6]]], inputs=2, outputs=2)
    ([[16], [12]], [20], [[8], [6]])
    >>> hydra_widths([[[16]], [20], [[20, 8]]], inputs=2, outputs=2)
    ([[16], [16]], [20], [[8], [8]])

    Raises:
        ValueError: the number of heads or of tails does not fit.
    """
    heads, body, tails = ([*part] for part in hid_layers)
    if len(heads) not in (1, inputs):
        raise ValueError(f"hid_layers lists {len(heads)} heads for {inputs} inputs")
    if len(tails) not in (0, 1, outputs):
        raise ValueError(f"hid_layers lists {len(tails)} tails for {outputs} outputs")
    if body and all(len(tail) > 1 and tail[0] == body[-1] for tail in tails):
        tails = [tail[1:] for tail in tails]
    return heads * (inputs if len(heads) == 1 else 1), body, tails * (outputs if len(tails) == 1 else 1)


def count_hydra(spec: Mapping[str, Any], in_dim: Sequence[int], outputs: list[int]) -> Counts:
    """The parameters of the heads, the body, the tails and the output layers."""
    _, _, tails = chains = _chains(spec, in_dim, len(outputs))
    hidden = _hidden(spec, chains, lambda widths: hidden_parameters(widths, spec, spec["batch_norm"]))
    return {**hidden, ("out_dim",): sum(n * (tail[-1] + 1) for n, tail in zip(outputs, tails, strict=True))}


def hydra_activations(spec: Mapping[str, Any], in_dim: Sequence[int], outputs: list[int]) -> Counts:
    """The activations of the heads, the body, the tails and the output layers."""
    chains = _chains(spec, in_dim, len(outputs))
    hidden = _hidden(spec, chains, lambda widths: sum(hidden_activations(widths, spec, spec["batch_norm"])))
    return {**hidden, ("out_dim",): output_activations(spec, outputs)}


#: The widths of each head from its input on, of the body, and of each tail from the body on.
Chains = tuple[list[Widths], Widths, list[Widths]]


def _chains(spec: Mapping[str, Any], in_dim: Sequence[int], outputs: int) -> Chains:
    heads, body, tails = hydra_widths(spec["hid_layers"], len(in_dim), outputs)
    head_widths = [[size, *head] for size, head in zip(in_dim, heads, strict=True)]
    body_widths = [sum(widths[-1] for widths in head_widths), *body]
    return head_widths, body_widths, [[body_widths[-1], *tail] for tail in tails or [[]] * outputs]


def _hidden(spec: Mapping[str, Any], chains: Chains, counted: Callable[[Widths], int]) -> Counts:
    """What is counted of the hidden layers, by the list that they stand in."""
    (heads, body, tails), written = chains, len(spec["hid_layers"][0])
    counts: Counts = {}
    for index, widths in enumerate(heads):
        path = ("hid_layers", 0, index % written)
        counts[path] = counts.get(path, 0) + counted(widths)
    return {**counts, ("hid_layers", 1): counted(body), ("hid_layers", 2): sum(map(counted, tails))}


#: One vector for each head.
VECTORS = InDim(
    are_sizes,
    "a list with the length of each input, for example [4, 6]",
    lambda spec: [1] * len(spec["hid_layers"][0]),
    several=True,
)


#: One output for each tail.
HYDRA = NetType(
    "HydraMLPNet",
    VECTORS,
    count_hydra,
    hydra_activations,
    least_outputs=lambda spec: [1] * max(1, len(spec["hid_layers"][2])),
    body=("model_heads", "model_body"),
)
