"""How often a layer multiplies and adds for one sample, from ints alone.

Counted is what takes the time: every product that goes into a sum. Norms have one for each number, to centre and scale
it, and one more if they learn to. Nothing is counted for additions alone, activations, pooling and resizing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any

from slm_net.arc.layers import EAGER
from slm_net.arc.norms import NORMS
from slm_net.arc.shapes import Shape, Value, numbers_in
from slm_net.arc.sizes import spread

Arguments = Mapping[str, Any]
#: The arguments of a layer, what goes in, what comes out → its multiply-adds.
Counter = Callable[[Arguments, Sequence[Shape], Value], int]


def multiply_adds(name: str, arguments: Arguments, inputs: Sequence[Value], output: Value) -> int | None:
    """Those of one call of a layer; None where the layer, or what goes in, is not known.

    >>> multiply_adds("Linear", {"in_features": 4}, [Shape((1, 4))], Shape((1, 8)))
    32
    """
    if name not in EAGER or output is None:
        return None
    count = COUNTERS.get(name)
    shapes = [value for value in inputs if isinstance(value, Shape)]
    return count(arguments, shapes, output) if count else 0


def _per_output(argument: str) -> Counter:
    return lambda arguments, inputs, output: numbers_in(output) * int(arguments[argument])


def _convolution(arguments: Arguments, inputs: Sequence[Shape], output: Value) -> int:
    return numbers_in(output) * _window(arguments, inputs) * arguments["in_channels"] // arguments["groups"]


def _transposed(arguments: Arguments, inputs: Sequence[Shape], output: Value) -> int:
    return inputs[0].features * _window(arguments, inputs) * arguments["out_channels"] // arguments["groups"]


def _window(arguments: Arguments, inputs: Sequence[Shape]) -> int:
    return prod(spread(arguments["kernel_size"], len(inputs[0].sizes) - 2))


def _bilinear(arguments: Arguments, inputs: Sequence[Shape], output: Value) -> int:
    return numbers_in(output) * int(arguments["in1_features"]) * int(arguments["in2_features"])


def _norm(arguments: Arguments, inputs: Sequence[Shape], output: Value) -> int:
    learns = arguments.get("affine", arguments.get("elementwise_affine", False))
    return numbers_in(output) * (1 + bool(learns))


def _recurrent(gates: int) -> Counter:
    """Every matrix once a step."""

    def count(arguments: Arguments, inputs: Sequence[Shape], output: Value) -> int:
        hidden, layers = arguments["hidden_size"], arguments.get("num_layers", 1)
        projected, directions = arguments.get("proj_size") or 0, 1 + bool(arguments.get("bidirectional"))
        state = projected or hidden
        read = arguments["input_size"] + (layers - 1) * directions * state
        a_step = directions * (gates * hidden * (read + layers * state) + layers * hidden * projected)
        return int(a_step) * inputs[0].features // inputs[0].sizes[-1]

    return count


def _attended(size: int, queries: int, keys: int, key_size: int, value_size: int) -> int:
    """One attention: four projections, how much each query has to do with each key, and what it takes from there."""
    projections = 2 * queries * size * size + keys * size * (key_size + value_size)
    return projections + 2 * queries * keys * size


def _attention(arguments: Arguments, inputs: Sequence[Shape], output: Value) -> int:
    size, (query, key, *_) = arguments["embed_dim"], inputs
    added = bool(arguments["add_bias_kv"]) + bool(arguments["add_zero_attn"])
    projected = _attended(size, _steps(query), _steps(key), arguments["kdim"] or size, arguments["vdim"] or size)
    return projected + 2 * _steps(query) * added * size


def _steps(shape: Shape) -> int:
    return shape.features // shape.sizes[-1]


def _encoder(arguments: Arguments, inputs: Sequence[Shape], output: Value) -> int:
    return _block(arguments, _steps(inputs[0]), (_steps(inputs[0]),))


def _decoder(arguments: Arguments, inputs: Sequence[Shape], output: Value) -> int:
    own, other = map(_steps, inputs[:2])
    return _block(arguments, own, (own, other))


def _block(arguments: Arguments, steps: int, attended: Sequence[int]) -> int:
    """Attention to each of these numbers of steps, two dense layers, and a norm after each of all these."""
    size, wide = arguments["d_model"], arguments["dim_feedforward"]
    attentions = sum(_attended(size, steps, keys, size, size) for keys in attended)
    return attentions + 2 * steps * size * wide + 2 * steps * size * (len(attended) + 1)


def _transformer(arguments: Arguments, inputs: Sequence[Shape], output: Value) -> int:
    source, target = map(_steps, inputs[:2])
    encoder = arguments["num_encoder_layers"] * _block(arguments, source, (source,))
    decoder = arguments["num_decoder_layers"] * _block(arguments, target, (target, source))
    return encoder + decoder + 2 * (source + target) * int(arguments["d_model"])


def _each_input(times: int) -> Counter:
    return lambda arguments, inputs, output: times * max(shape.features for shape in inputs)


def _film(arguments: Arguments, inputs: Sequence[Shape], output: Value) -> int:
    """Two dense layers on what conditions, and the scale."""
    return 2 * inputs[1].features * int(arguments["feature_dim"]) + numbers_in(output)


#: The layers that multiply and add; all others have none.
COUNTERS: Mapping[str, Counter] = {
    "Linear": _per_output("in_features"),
    "WeightNormLinear": _per_output("in_features"),
    "Bilinear": _bilinear,
    "CosineSimilarity": _each_input(3),
    "PairwiseDistance": _each_input(1),
    **{f"Conv{rank}d": _convolution for rank in (1, 2, 3)},
    **{f"ConvTranspose{rank}d": _transposed for rank in (1, 2, 3)},
    **dict.fromkeys(NORMS, _norm),
    **dict.fromkeys(("RNN", "RNNCell"), _recurrent(1)),
    **dict.fromkeys(("GRU", "GRUCell"), _recurrent(3)),
    **dict.fromkeys(("LSTM", "LSTMCell"), _recurrent(4)),
    "MultiheadAttention": _attention,
    "TransformerEncoderLayer": _encoder,
    "TransformerDecoderLayer": _decoder,
    "Transformer": _transformer,
    "MergeProd": lambda arguments, inputs, output: numbers_in(output),
    "MergeDot": _each_input(1),
    "MergeBMM": lambda arguments, inputs, output: numbers_in(output) * inputs[0].sizes[-1],
    "MergeFiLM": _film,
}
