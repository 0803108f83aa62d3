"""Hypothesis strategies for whole arcs: layers in stacks and graphs, most of which fit."""

from hypothesis import strategies as st
from layer_strategies import ARGUMENTS, SIZE_OF

from slm_net.arc.layers import LAYERS, layer_made
from slm_net.arc.shapes import Misfit, Shape
from slm_net.schema.catalogue import canonical_arguments

#: Layers of one tensor that give one.
NAMES = sorted(
    name
    for name, layer in LAYERS.items()
    if len(layer.inputs) - layer.optional == 1 and not layer.listed
    if name not in ("TorchFn", "Reduce", "Get", "Embedding", "EmbeddingBag", "LSTM", "GRU", "RNN", "RNNCell", "GRUCell")
    if not name.startswith(("LSTMCell", "SyncBatchNorm", "Fork", "Fractional", "CrossMap"))
)
IN_DIMS = st.one_of(st.integers(1, 8), st.tuples(*[st.integers(2, 4)] * 2), st.tuples(*[st.integers(2, 8)] * 3))


@st.composite
def stacks(draw, shape, most=4):
    """Layers one after the other on a shape, and the shape behind them; one in ten does not fit."""
    written = []
    for _ in range(draw(st.integers(1, most))):
        name = draw(st.sampled_from(NAMES))
        arguments = dict(draw(ARGUMENTS.get(name, st.just({}))))
        for argument, dim in SIZE_OF.items():
            if argument in arguments and -len(shape.sizes) <= dim < len(shape.sizes):
                arguments[argument] = shape.sizes[dim]
        try:
            made = layer_made(name, canonical_arguments("layer", name, arguments), [shape]).output
        except Misfit:
            made = None
        if isinstance(made, Shape) and made.features < 10_000 and made.batch == 0 and not made.integer:
            written.append({name: arguments or None})
            shape = made
        elif draw(st.integers(0, 9)) == 0:
            written.append({name: arguments or None})
    return written, shape


@st.composite
def arcs(draw):
    """An arc and its in_dim: a chain, a chain with a residual, two branches that are merged, or two named outputs."""
    in_dim = draw(IN_DIMS)
    start = Shape((1, *(in_dim if isinstance(in_dim, tuple) else (in_dim,))))
    first, shape = draw(stacks(start))
    modules, graph = {"first": {"Sequential": first}}, {"first": ["x"]}
    form = draw(st.sampled_from(["chain", "residual", "repeat", "branches", "again", "outputs"]))
    output = "first"
    if form == "residual":
        width = shape.sizes[-1]
        modules["rest"] = {
            "Residual": [{"LayerNorm": {"normalized_shape": width}}, {"LazyLinear": {"out_features": width}}]
        }
    elif form == "repeat":
        modules["rest"] = {
            "Repeat": {"times": draw(st.integers(1, 3)), "layers": [{"LazyLinear": {"out_features": 4}}, "ReLU"]}
        }
    elif form == "branches":
        second, _ = draw(stacks(shape, 2))
        modules |= {"left": {"Sequential": [*second, "Flatten"]}, "right": "Flatten", "rest": "MergeConcat"}
        graph |= {"left": ["first"], "right": ["first"], "rest": [["left", "right"]]}
    elif form == "again":
        modules["rest"] = {"LazyLinear": {"out_features": shape.sizes[-1]}}
        graph |= {"rest~1": ["first"], "rest~2": ["rest~1"]}
        output = "rest~2"
    elif form == "outputs":
        modules |= {"policy": {"LazyLinear": {"out_features": 3}}, "value": "Flatten"}
        graph |= {"policy": ["first"], "value": ["first"]}
        output = {"policy": "policy", "value": "value"}
    if form in ("residual", "repeat", "branches"):
        graph.setdefault("rest", ["first"])
        output = "rest"
    return {"modules": modules, "graph": {"input": "x", "modules": graph, "output": output}}, in_dim
