"""What is said of a layer beside its name and its sizes: a kernel, a number of heads, arguments that are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from slm_net.arc.sizes import by
from slm_net.words import visible

Arguments = Mapping[str, Any]
#: Arguments that the sizes beside the layer tell already, or that change nothing that one would look for.
TOLD = frozenset(
    (
        *("in_features", "out_features", "in_channels", "out_channels", "num_features", "num_channels", "input_size"),
        *("hidden_size", "embed_dim", "d_model", "normalized_shape", "batch_first", "inplace", "device", "dtype"),
    )
)


def detail_of(kind: str, arguments: Arguments, written: Arguments) -> str:
    """A few words.

    >>> detail_of("Conv2d", {"kernel_size": 8, "stride": 4, "padding": 0, "dilation": 1, "groups": 1}, {})
    '8, stride 4'
    >>> detail_of("LSTM", {"num_layers": 2, "bidirectional": True}, {}), detail_of("Reduce", {}, {"name": "mean"})
    ('2 layers, both directions', 'mean')
    """
    known = DETAILS.get(kind)
    return known(arguments) if known else _written(written)


def _written(written: Arguments) -> str:
    """The arguments as they are written; the name of a function stands alone."""
    parts = [_said(key, value) for key, value in written.items() if key not in TOLD]
    return visible(", ".join(parts), 60)


def _said(key: str, value: Any) -> str:
    text = by(value) if isinstance(value, list) and all(type(part) is int for part in value) else str(value)
    return text if key == "name" else f"{key.replace('_', ' ')} {text}"


def _convolution(arguments: Arguments) -> str:
    usual = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1}
    parts = [_spread(arguments["kernel_size"])]
    for key, value in usual.items():
        if arguments.get(key, value) not in (value, [value] * 3, [value] * 2, [value]):
            parts.append(f"{key} {_spread(arguments[key])}")
    return ", ".join(parts)


def _spread(value: Any) -> str:
    return by(value) if isinstance(value, list | tuple) else str(value)


def _recurrent(arguments: Arguments) -> str:
    layers = arguments.get("num_layers", 1)
    parts = [f"{layers} layers"] if layers > 1 else []
    return ", ".join([*parts, *(["both directions"] if arguments.get("bidirectional") else [])])


def _transformer(arguments: Arguments) -> str:
    return f"{arguments['nhead']} heads, feed-forward {arguments['dim_feedforward']:,}"


def _heads(arguments: Arguments) -> str:
    return f"{arguments['num_heads']} heads"


DETAILS: Mapping[str, Callable[[Arguments], str]] = {
    **{f"Conv{kind}{rank}d": _convolution for kind in ("", "Transpose") for rank in (1, 2, 3)},
    **dict.fromkeys(("RNN", "GRU", "LSTM"), _recurrent),
    **dict.fromkeys(("TransformerEncoderLayer", "TransformerDecoderLayer", "Transformer"), _transformer),
    "MultiheadAttention": _heads,
    "Linear": lambda arguments: "" if arguments.get("bias", True) else "no bias",
}
