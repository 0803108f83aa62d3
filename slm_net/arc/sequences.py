"""Recurrent layers and their cells, and embeddings: what reads one step, or one word, after another."""

from __future__ import annotations

from collections.abc import Sequence

from slm_net.arc.checks import Arguments, features, no_integers, rule, tensor
from slm_net.arc.shapes import Layer, Made, Misfit, Shape, ShapeRule, Value
from slm_net.arc.sizes import marked, unmarked


def sequence(shape: Shape, batch_first: bool, size: int, argument: str, source: int | None = None) -> Shape:
    """A sequence with so many features a step, which may have the batch where a layer takes it for time.

    Raises:
        Misfit: it has other dimensions or features.
    """
    needs = f"(batch, time, {size})" if batch_first else f"(time, batch, {size})"
    if len(shape.sizes) != 3:
        message = f"gets {shape}, and needs {needs}"
        raise Misfit(message, source=source, batch=len(shape.sizes) == 2)
    features(shape, size, argument, source=source)
    return shape


def _recurrent(gates: int, *, cell_state: bool = False) -> ShapeRule:
    """The rule of RNN, GRU (three gates) or LSTM (four, and a second state)."""

    def made(arguments: Arguments, inputs: Sequence[Value]) -> Made:
        count = _recurrent_weights(arguments, gates)
        shape = tensor(inputs[0])
        if shape is None:
            return Made(None, count)
        if shape.integer:
            raise no_integers()
        sequence(shape, arguments["batch_first"], arguments["input_size"], "input_size")
        directions, hidden, state_size = _widths(arguments)
        batch = marked(shape)[0 if arguments["batch_first"] else 1]
        output = shape._replace(sizes=(*shape.sizes[:2], directions * state_size))
        states = [unmarked((arguments["num_layers"] * directions, batch, size)) for size in (state_size, hidden)]
        state: Value = tuple(states) if cell_state else states[0]
        if len(inputs) > 1:
            _same_state(inputs[1], state)
        return Made((output, state), count)

    return made


def _widths(arguments: Arguments) -> tuple[int, int, int]:
    """The number of directions, the hidden size, and the size of what is put out, which is projected or hidden."""
    hidden, projected = arguments["hidden_size"], arguments.get("proj_size") or 0
    return 1 + bool(arguments["bidirectional"]), hidden, projected or hidden


def _recurrent_weights(arguments: Arguments, gates: int) -> int:
    directions, hidden, state_size = _widths(arguments)
    projected = arguments.get("proj_size") or 0
    if projected >= hidden:
        message, fits = f"projects {hidden} hidden features to {projected}, which are not less", hidden - 1
        raise Misfit(message, "proj_size", f"write at most {fits}", fits=fits)
    rows = gates * hidden
    beside = rows * state_size + 2 * rows * bool(arguments["bias"]) + hidden * projected
    later = arguments["num_layers"] - 1
    inputs = arguments["input_size"] + later * directions * state_size
    return directions * (rows * inputs + (later + 1) * beside)


def _same_state(given: Value, needed: Value) -> None:
    """The state that a recurrent layer starts from has the shape of the one that it ends with.

    Raises:
        Misfit: it has not.
    """
    if given is None:
        return
    parts, wanted = _parts(given), _parts(needed)
    if isinstance(given, Shape) != isinstance(needed, Shape) or len(parts) != len(wanted):
        needs = "one tensor" if isinstance(needed, Shape) else "a tuple of output and cell state"
        raise Misfit(f"gets {_said(given)} as its state, and needs {needs}", source=1)
    for part, want in zip(parts, wanted, strict=True):
        if not isinstance(part, Shape) or not isinstance(want, Shape):
            continue
        if part.integer:
            raise Misfit("gets integers as its state, and needs floats", source=1)
        if marked(part) != marked(want):
            raise Misfit(f"gets a state of {part}, and needs {want}", source=1)


def _parts(value: Value) -> Sequence[Value]:
    return (value,) if value is None or isinstance(value, Shape) else value


def _said(value: Value) -> str:
    return "one tensor" if isinstance(value, Shape) else f"a tuple of {len(_parts(value))}"


def _cell(gates: int, *, cell_state: bool = False) -> ShapeRule:
    """The rule of a recurrent layer for one step."""

    def made(arguments: Arguments, inputs: Sequence[Value]) -> Made:
        size, hidden = arguments["input_size"], arguments["hidden_size"]
        count = gates * hidden * (size + hidden + 2 * bool(arguments["bias"]))
        shape = tensor(inputs[0])
        if shape is None:
            return Made(None, count)
        if shape.integer:
            raise no_integers()
        if len(shape.sizes) != 2:
            raise Misfit(f"gets {shape}, and needs (batch, {size})")
        features(shape, size, "input_size")
        output = shape._replace(sizes=(shape.sizes[0], hidden))
        state: Value = (output, output) if cell_state else output
        if len(inputs) > 1:
            _same_state(inputs[1], state)
        return Made(state, count)

    return made


def _embedding_weights(arguments: Arguments) -> int:
    words, padding = arguments["num_embeddings"], arguments["padding_idx"]
    if padding is not None and not -words <= padding < words:
        message, fits = f"has a padding_idx of {padding}, and {words} embeddings, counted from 0", words - 1
        raise Misfit(message, "padding_idx", f"write at most {fits}", fits=fits)
    return words * int(arguments["embedding_dim"])


def _integers(shape: Shape) -> None:
    if not shape.integer:
        raise Misfit("gets floats, and needs integers", hint="use a Linear for numbers that are no indices")


def _embedding(arguments: Arguments, shape: Shape) -> Shape:
    _integers(shape)
    return Shape((*shape.sizes, arguments["embedding_dim"]), shape.batch)


def _embedding_bag(arguments: Arguments, shape: Shape) -> Shape:
    _integers(shape)
    if len(shape.sizes) != 2 or shape.batch == 1:
        raise Misfit(f"gets {shape}, and needs (batch, words)", batch=len(shape.sizes) == 2)
    return Shape((shape.sizes[0], arguments["embedding_dim"]), shape.batch)


WITH_STATE = ("input", "hx")
SEQUENCES = {
    "RNN": Layer(_recurrent(1), WITH_STATE, optional=1),
    "GRU": Layer(_recurrent(3), WITH_STATE, optional=1),
    "LSTM": Layer(_recurrent(4, cell_state=True), WITH_STATE, optional=1),
    "RNNCell": Layer(_cell(1), WITH_STATE, optional=1),
    "GRUCell": Layer(_cell(3), WITH_STATE, optional=1),
    "LSTMCell": Layer(_cell(4, cell_state=True), WITH_STATE, optional=1),
    "Embedding": Layer(rule(_embedding, _embedding_weights)),
    "EmbeddingBag": Layer(rule(_embedding_bag, _embedding_weights)),
}
