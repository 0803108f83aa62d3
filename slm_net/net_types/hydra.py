"""What the `hid_layers` of a HydraMLPNet say, on ints."""

from __future__ import annotations

from collections.abc import Sequence

Widths = list[int]


def hydra_widths(
    hid_layers: Sequence[Sequence], inputs: int, outputs: int
) -> tuple[list[Widths], Widths, list[Widths]]:
    """The widths of each head, of the body, and of each tail's hidden layers (none: no tail has any).

    One head stands for all inputs. A tail lists its own hidden layers. SLM Lab writes the body's last width once more
    in front of them, in every tail, and builds nothing else; so where every tail begins with that width and goes on,
    the first entry is no layer. In all other cases each entry is one.

    >>> hydra_widths([[[16]], [20], [[8], []]], inputs=2, outputs=2)
    ([[16], [16]], [20], [[8], []])
    >>> hydra_widths([[[16], [12]], [20], [[20, 8], [20, 6]]], inputs=2, outputs=2)
    ([[16], [12]], [20], [[8], [6]])

    Raises:
        ValueError: the number of heads or of tails does not fit.
    """
    heads, body, tails = ([*part] for part in hid_layers)
    if len(heads) not in (1, inputs):
        raise ValueError(f"hid_layers lists {len(heads)} heads for {inputs} inputs")
    if len(tails) not in (0, outputs):
        raise ValueError(f"hid_layers lists {len(tails)} tails for {outputs} outputs")
    if body and all(len(tail) > 1 and tail[0] == body[-1] for tail in tails):
        tails = [tail[1:] for tail in tails]
    return heads * (inputs if len(heads) == 1 else 1), body, tails
