"""Attention, and the transformers that are made of it."""

from __future__ import annotations

from slm_net.arc.checks import Arguments, no_integers, rule
from slm_net.arc.sequences import sequence
from slm_net.arc.shapes import Layer, Misfit, Shape, Value
from slm_net.arc.sizes import divisor, marked, unmarked


def _heads(size: int, size_key: str, heads: int, heads_key: str) -> None:
    """Every head gets as many features.

    Raises:
        Misfit: they do not divide the features.
    """
    if size % heads:
        fits = divisor(size, heads)
        message = f"has {heads} heads, which do not divide the {size_key} of {size}"
        raise Misfit(message, heads_key, f"write {fits}", fits=fits)


def _attention(
    arguments: Arguments, query: Shape, key: Shape, value: Shape, padding: Shape | None = None
) -> tuple[Value, ...]:
    """What is attended to, and the weights of it: (batch, time of the query, time of the key)."""
    if query.integer or key.integer or value.integer:
        raise no_integers()
    embed, first = arguments["embed_dim"], bool(arguments["batch_first"])
    own, other = (1, 0) if first else (0, 1)
    sequence(query, first, embed, "embed_dim")
    sequence(key, first, arguments["kdim"] or embed, "kdim", source=1)
    sequence(value, first, arguments["vdim"] or embed, "vdim", source=2)
    if marked(key)[:2] != marked(value)[:2]:
        raise Misfit(f"gets a key of {key} and a value of {value}, which may differ in their features alone", source=2)
    batch, steps, places = marked(query)[other], marked(query)[own], marked(key)[own]
    if marked(key)[other] != batch:
        raise Misfit(f"gets a query of {query} and a key of {key}, whose batches differ", source=1)
    if padding is not None:
        _padding(padding, (batch, places))
    if 0 in (steps, places):
        return query, None
    added = bool(arguments["add_bias_kv"]) + bool(arguments["add_zero_attn"])
    return query, unmarked((batch, steps, places + added))


def _padding(padding: Shape, needed: tuple[int, int]) -> None:
    if padding.integer or marked(padding) != needed:
        what = "integers" if padding.integer else str(padding)
        raise Misfit(f"gets a key_padding_mask of {what}, and needs floats of {unmarked(needed)}", source=3)


def _attention_weights(arguments: Arguments) -> int:
    size, bias = arguments["embed_dim"], bool(arguments["bias"])
    _heads(size, "embed_dim", arguments["num_heads"], "num_heads")
    key, value = arguments["kdim"] or size, arguments["vdim"] or size
    return size * (2 * size + key + value) + 4 * size * bias + 2 * size * bool(arguments["add_bias_kv"])


def _norm(size: int, bias: bool) -> int:
    return size * (1 + bias)


def _block(arguments: Arguments, attentions: int) -> int:
    """The weights of attentions, two dense layers, and a norm after each of these."""
    size, wide, bias = arguments["d_model"], arguments["dim_feedforward"], bool(arguments["bias"])
    _heads(size, "d_model", arguments["nhead"], "nhead")
    attention = 4 * size * (size + bias)
    dense = wide * (size + bias) + size * (wide + bias)
    return attentions * attention + dense + (attentions + 1) * _norm(size, bias)


def _encoder_weights(arguments: Arguments) -> int:
    return _block(arguments, 1)


def _decoder_weights(arguments: Arguments) -> int:
    return _block(arguments, 2)


def _transformer_weights(arguments: Arguments) -> int:
    last = _norm(arguments["d_model"], bool(arguments["bias"]))
    encoder = arguments["num_encoder_layers"] * _encoder_weights(arguments) + last
    return encoder + arguments["num_decoder_layers"] * _decoder_weights(arguments) + last


def _encoder(arguments: Arguments, shape: Shape) -> Shape:
    return sequence(shape, arguments["batch_first"], arguments["d_model"], "d_model")


def _both(arguments: Arguments, first: Shape, second: Shape) -> None:
    """Two sequences with the same features, of the same batch."""
    size, batch_first = arguments["d_model"], bool(arguments["batch_first"])
    if len(first.sizes) == len(second.sizes) == 3 and marked(first)[2] != marked(second)[2]:
        raise Misfit(f"gets {first} and {second}, whose features differ")
    sequence(first, batch_first, size, "d_model")
    sequence(second, batch_first, size, "d_model", source=1)
    batch = 0 if batch_first else 1
    if marked(first)[batch] != marked(second)[batch]:
        raise Misfit(f"gets {first} and {second}, whose batches differ", source=1)


def _decoder(arguments: Arguments, target: Shape, memory: Shape) -> Shape:
    _both(arguments, target, memory)
    return target


def _transformer(arguments: Arguments, source: Shape, target: Shape) -> Shape:
    _both(arguments, source, target)
    return target


QUERY = ("query", "key", "value", "key_padding_mask")
ATTENTION = {
    "MultiheadAttention": Layer(rule(_attention, _attention_weights), QUERY, optional=1),
    "TransformerEncoderLayer": Layer(rule(_encoder, _encoder_weights, floats=True), ("src",)),
    "TransformerDecoderLayer": Layer(rule(_decoder, _decoder_weights, floats=True), ("tgt", "memory")),
    "Transformer": Layer(rule(_transformer, _transformer_weights, floats=True), ("src", "tgt")),
}
