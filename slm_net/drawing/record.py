"""What is shown of a net: its layers as facts, the blocks that they stand in, and the arrows between these."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, NamedTuple

#: The sizes of one sample, without the batch; None where they are not known.
Sizes = tuple[int, ...] | None
#: What a block of a picture is: where something comes from or ends, layers, or something that is done without any.
INPUT, STACK, OPERATION, PARAMETER, OUTPUT = "input", "stack", "operation", "parameter", "output"


@dataclass(frozen=True)
class LayerFacts:
    """One layer under its name in the state dict: what it is, what goes in and out, and what it costs for one sample.

    `activation` is what directly follows it. `activations` are the numbers that leave both, in all calls of them.
    `multiply_adds` is None where it is not known. Layers of one `residual`, a number from 1, are added to what went in.
    """

    name: str
    kind: str
    inputs: tuple[Sizes, ...]
    output: Sizes
    parameters: int
    multiply_adds: int | None = 0
    activations: int = 0
    activation: str = ""
    detail: str = ""
    residual: int = 0


class LayerRow(NamedTuple):
    """One layer of a net that was built: its name in the state dict, its class, its output shape, its parameters.

    The shape is without the batch, and None if the layer is not run or gives no tensor; of a bare parameter it is its
    own.
    """

    name: str
    kind: str
    output_shape: Sizes
    parameters: int


@dataclass(frozen=True)
class Block:
    """One box of a picture: layers in a row, or an input, an operation, an output; `output` is what leaves it.

    `again` is the name of the block whose layers, and weights, it calls once more.
    """

    name: str
    kind: str = STACK
    layers: tuple[LayerFacts, ...] = ()
    output: Sizes = None
    again: str = ""


@dataclass(frozen=True)
class Memory:
    """Bytes that a net takes while it is trained on a batch; `optimizer` is None where that is not known."""

    weights: int
    gradients: int
    optimizer: int | None
    activations: int

    @property
    def total(self) -> int:
        """All of it, as far as it is known."""
        return self.weights + self.gradients + (self.optimizer or 0) + self.activations


@dataclass(frozen=True)
class NetFacts:
    """One net: blocks in the order of the data, and the arrows between them, as pairs of their places.

    `gives` says in a word what the net gives out, if that is known. A net that `copies` another one is not trained, and
    `follows` says how it follows. `optimizer` is its name, "" if there is none.
    """

    name: str
    type: str
    in_dim: Any
    out_dim: Any
    blocks: tuple[Block, ...]
    arrows: tuple[tuple[int, int], ...]
    memory: Memory
    batch: int
    optimizer: str = ""
    gives: str = ""
    copies: str = ""
    follows: str = ""

    @property
    def layers(self) -> Iterator[LayerFacts]:
        """Every layer once, in the order of the data."""
        return (layer for block in self.blocks if not block.again for layer in block.layers)

    @property
    def parameters(self) -> int:
        """All elements of all parameters."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def multiply_adds(self) -> int | None:
        """Those of one pass of one sample, None where a layer's are not known."""
        return total(layer.multiply_adds for layer in self.layers)

    @property
    def activations(self) -> int:
        """The numbers that leave all layers for one sample."""
        return sum(layer.activations for layer in self.layers)


@dataclass(frozen=True)
class AgentFacts:
    """All nets of an agent, or one net alone; `others` is what is beside them, each by its name and in words."""

    name: str
    algorithm: str
    nets: tuple[NetFacts, ...]
    others: tuple[tuple[str, str], ...] = ()

    @property
    def memory(self) -> Memory:
        """That of all nets together."""
        parts = [net.memory for net in self.nets]
        return Memory(
            sum(part.weights for part in parts),
            sum(part.gradients for part in parts),
            total(part.optimizer for part in parts),
            sum(part.activations for part in parts),
        )

    @property
    def parameters(self) -> int:
        """Those of all nets, the ones that follow others too."""
        return sum(net.parameters for net in self.nets)

    @property
    def trained(self) -> int:
        """Those that an optimizer updates."""
        return sum(net.memory.gradients for net in self.nets) // BYTES


#: Of a float32: what weights, gradients, the state of optimizers and activations are kept as.
BYTES = 4


def total(counts: Iterable[int | None]) -> int | None:
    """The sum, None if one of them is not known.

    >>> total([1, 2]), total([1, None])
    (3, None)
    """
    known = list(counts)
    return None if None in known else sum(count for count in known if count is not None)


def size_text(sizes: Sizes) -> str:
    """Sizes as people write them.

    >>> size_text((4, 84, 84)), size_text((3136,)), size_text(()), size_text(None)
    ('4×84×84', '3,136', '1', '?')
    """
    return "?" if sizes is None else "×".join(f"{size:,}" for size in sizes) or "1"


def count_text(count: int | None) -> str:
    """A count in few letters, for a picture.

    >>> count_text(450), count_text(1_693_362), count_text(9_990_000_000), count_text(None)
    ('450', '1.69 M', '9.99 G', '?')
    """
    return "?" if count is None else _scaled(count, ("", " k", " M", " G", " T", " P", " E"), 10_000)


def bytes_text(count: int | None) -> str:
    """Bytes in few letters.

    >>> bytes_text(512), bytes_text(6_773_448), bytes_text(None)
    ('512 B', '6.77 MB', '?')
    """
    return "?" if count is None else _scaled(count, (" B", " kB", " MB", " GB", " TB", " PB", " EB"), 1_000)


def _scaled(count: int, units: Sequence[str], plain: int) -> str:
    if count < plain:
        return f"{count:,}{units[0]}"
    value, place = float(count), 0
    while value >= 999.5 and place < len(units) - 1:
        value, place = value / 1000, place + 1
    digits = 2 if value < 9.995 else 1 if value < 99.95 else 0
    return f"{value:,.{digits}f}{units[place]}"


def numbers(sizes: Sizes) -> int:
    """How many numbers there are."""
    return 0 if sizes is None else prod(sizes)
