"""Hypothesis strategies for layers: arguments, and the shapes that come in, of which many fit and some do not."""

from hypothesis import strategies as st

from slm_net.arc.functions import FUNCTIONS
from slm_net.arc.layers import LAYERS
from slm_net.arc.reductions import REDUCTIONS
from slm_net.arc.shapes import Shape

SIZES = st.sampled_from([1, 2, 3, 4, 6, 8])
FLAGS = st.booleans()
COUNTS = st.integers(1, 4)
DIMS = st.integers(-4, 3)
PERHAPS_SIZES = st.one_of(st.none(), SIZES)


def per_dimension(each, spatial):
    """One number, or one a dimension."""
    return st.one_of(each, st.lists(each, min_size=spatial, max_size=spatial))


def some(**arguments):
    """A mapping in which any of these may be left out."""
    return st.fixed_dictionaries({}, optional=arguments)


def needed(**arguments):
    return st.fixed_dictionaries(arguments)


def both(first, second):
    """The keys of two mappings."""
    return st.builds(lambda one, other: {**one, **other}, first, second)


def convolution(spatial, lazy=False, transposed=False):
    channels = {} if lazy else {"in_channels": SIZES}
    kernel = per_dimension(COUNTS, spatial)
    modes = ["zeros", "zeros", "zeros", "reflect"] if transposed else ["zeros", "reflect", "replicate", "circular"]
    padding = per_dimension(st.integers(0, 3), spatial)
    if not transposed:
        padding = st.one_of(padding, st.sampled_from(["same", "valid"]))
    beside = {"output_padding": per_dimension(st.integers(0, 2), spatial)} if transposed else {}
    return both(
        needed(**channels, out_channels=SIZES, kernel_size=kernel),
        some(
            stride=per_dimension(st.integers(1, 3), spatial),
            padding=padding,
            dilation=per_dimension(st.integers(1, 2), spatial),
            groups=st.sampled_from([1, 1, 2, 3]),
            bias=FLAGS,
            padding_mode=st.sampled_from(modes),
            **beside,
        ),
    )


def pool(spatial, kind):
    strides = per_dimension(COUNTS, spatial)
    windows = COUNTS if (kind, spatial) == ("LP", 1) else strides
    optional = {"stride": strides, "ceil_mode": FLAGS}
    if kind != "LP":
        optional["padding"] = per_dimension(st.integers(0, 2), spatial)
    if kind == "Max":
        optional |= {"dilation": per_dimension(st.integers(1, 2), spatial), "return_indices": FLAGS}
    if kind == "Avg":
        optional["count_include_pad"] = FLAGS
    first = {"norm_type": st.sampled_from([1, 2, 3.5])} if kind == "LP" else {}
    return both(needed(**first, kernel_size=windows), some(**optional))


def adaptive(spatial, kind):
    sizes = st.one_of(SIZES, st.lists(PERHAPS_SIZES if spatial > 1 else SIZES, min_size=spatial, max_size=spatial))
    return both(needed(output_size=sizes), some(return_indices=FLAGS) if kind == "Max" else some())


def fractional(spatial):
    ratios = per_dimension(st.sampled_from([0.2, 0.5, 0.7]), spatial)
    sizes = some(output_size=per_dimension(COUNTS, spatial), output_ratio=ratios, return_indices=FLAGS)
    return both(needed(kernel_size=per_dimension(COUNTS, spatial)), sizes)


def padding(spatial, kind):
    sides = st.integers(-2, 4) if kind in ("Constant", "Zero") else st.integers(0, 4)
    value = {"value": st.sampled_from([0, 0.5])} if kind == "Constant" else {}
    return needed(padding=st.one_of(sides, st.lists(sides, min_size=2 * spatial, max_size=2 * spatial)), **value)


def windows_of_images():
    twice = {key: per_dimension(st.integers(1, 2), 2) for key in ("dilation", "stride")}
    return both(
        needed(kernel_size=per_dimension(COUNTS, 2)), some(**twice, padding=per_dimension(st.integers(0, 1), 2))
    )


def norm(lazy=False):
    features = {} if lazy else {"num_features": SIZES}
    return both(needed(**features), some(affine=FLAGS, track_running_stats=FLAGS, bias=FLAGS))


def recurrent(**more):
    sizes = needed(input_size=SIZES, hidden_size=SIZES)
    flags = {"bias": FLAGS, "batch_first": FLAGS, "bidirectional": FLAGS}
    return both(sizes, some(num_layers=st.integers(1, 3), dropout=st.just(0.5), **flags, **more))


def transformer(**counts):
    sizes = needed(d_model=SIZES, nhead=COUNTS, dim_feedforward=SIZES, batch_first=FLAGS, **counts)
    return both(sizes, some(norm_first=FLAGS, bias=FLAGS, activation=st.sampled_from(["relu", "gelu"])))


LAST = st.one_of(SIZES, st.lists(SIZES, min_size=1, max_size=3))
WORDS = both(needed(num_embeddings=COUNTS, embedding_dim=SIZES), some(padding_idx=st.integers(-4, 4)))
NEURONS = both(needed(out_features=SIZES), some(bias=FLAGS))
CELL = both(needed(input_size=SIZES, hidden_size=SIZES), some(bias=FLAGS))
LENGTHS = st.one_of(COUNTS, st.lists(COUNTS, min_size=1, max_size=3))
STRETCH = {
    "size": st.one_of(SIZES, st.lists(SIZES, min_size=1, max_size=3)),
    "scale_factor": st.one_of(
        st.sampled_from([0.3, 0.5, 1.5, 2, 3.0]), st.lists(st.sampled_from([0.5, 2]), min_size=1, max_size=3)
    ),
}
MODES = ["nearest", "nearest-exact", "area", "linear", "bilinear", "bicubic", "trilinear"]
#: What the layers are made with, but for what changes neither sizes nor weights.
ARGUMENTS = {
    **{
        f"{lazy}Conv{kind}{n}d": convolution(n, bool(lazy), bool(kind))
        for lazy in ("", "Lazy")
        for kind in ("", "Transpose")
        for n in (1, 2, 3)
    },
    **{f"{kind}Pool{n}d": pool(n, kind) for kind in ("Max", "Avg", "LP") for n in (1, 2, 3)},
    **{f"Adaptive{kind}Pool{n}d": adaptive(n, kind) for kind in ("Max", "Avg") for n in (1, 2, 3)},
    **{f"FractionalMaxPool{n}d": fractional(n) for n in (2, 3)},
    **{
        f"MaxUnpool{n}d": both(
            needed(kernel_size=per_dimension(COUNTS, n)),
            some(stride=per_dimension(COUNTS, n), padding=per_dimension(st.integers(0, 2), n)),
        )
        for n in (1, 2, 3)
    },
    **{
        f"{kind}Pad{n}d": padding(n, kind)
        for kind in ("Constant", "Zero", "Reflection", "Replication", "Circular")
        for n in (1, 2, 3)
    },
    **{
        f"{lazy}{kind}Norm{n}d": norm(bool(lazy))
        for lazy in ("", "Lazy")
        for kind in ("Batch", "Instance")
        for n in (1, 2, 3)
    },
    "SyncBatchNorm": norm(),
    "BatchRenorm1d": needed(num_features=SIZES),
    "Fold": both(needed(output_size=per_dimension(SIZES, 2)), windows_of_images()),
    "Unfold": windows_of_images(),
    "Linear": both(needed(in_features=SIZES), NEURONS),
    "WeightNormLinear": both(needed(in_features=SIZES), NEURONS),
    "LazyLinear": NEURONS,
    "LazyWeightNormLinear": NEURONS,
    "Bilinear": both(needed(in1_features=SIZES, in2_features=SIZES), NEURONS),
    "CosineSimilarity": some(dim=DIMS),
    "PairwiseDistance": some(keepdim=FLAGS),
    "GroupNorm": both(needed(num_groups=COUNTS, num_channels=SIZES), some(affine=FLAGS, bias=FLAGS)),
    "LayerNorm": both(needed(normalized_shape=LAST), some(elementwise_affine=FLAGS, bias=FLAGS)),
    "RMSNorm": both(needed(normalized_shape=LAST), some(elementwise_affine=FLAGS)),
    "LocalResponseNorm": needed(size=COUNTS),
    "CrossMapLRN2d": needed(size=COUNTS),
    "PReLU": some(num_parameters=SIZES),
    "Threshold": needed(threshold=st.just(0), value=st.just(1)),
    **{name: some(dim=DIMS) for name in ("Softmax", "LogSoftmax", "Softmin", "GLU")},
    "ChannelShuffle": needed(groups=COUNTS),
    "PixelShuffle": needed(upscale_factor=COUNTS),
    "PixelUnshuffle": needed(downscale_factor=COUNTS),
    "Upsample": both(some(**STRETCH), some(mode=st.sampled_from(MODES), align_corners=FLAGS)),
    "UpsamplingNearest2d": some(**STRETCH),
    "UpsamplingBilinear2d": some(**STRETCH),
    "RNN": recurrent(nonlinearity=st.sampled_from(["tanh", "relu"])),
    "GRU": recurrent(),
    "LSTM": recurrent(proj_size=st.integers(0, 3)),
    **{f"{kind}Cell": CELL for kind in ("RNN", "GRU", "LSTM")},
    "Embedding": WORDS,
    "EmbeddingBag": both(WORDS, some(mode=st.sampled_from(["sum", "mean", "max"]))),
    "MultiheadAttention": both(
        needed(embed_dim=SIZES, num_heads=COUNTS, batch_first=FLAGS),
        some(bias=FLAGS, add_bias_kv=FLAGS, add_zero_attn=FLAGS, kdim=SIZES, vdim=SIZES),
    ),
    "TransformerEncoderLayer": transformer(),
    "TransformerDecoderLayer": transformer(),
    "Transformer": transformer(num_encoder_layers=st.integers(1, 2), num_decoder_layers=st.integers(1, 2)),
    "Flatten": some(start_dim=DIMS, end_dim=DIMS),
    "Unflatten": needed(
        dim=DIMS, unflattened_size=st.lists(st.sampled_from([1, 2, 2, 3, 4, -1]), min_size=1, max_size=3)
    ),
    "Get": some(key=st.integers(-4, 4)),
    "Narrow": needed(dim=DIMS, start=st.integers(-5, 5), length=COUNTS),
    "IndexSelect": needed(dim=DIMS, index=st.lists(st.integers(-1, 5), min_size=1, max_size=4)),
    "ForkChunk": some(chunks=COUNTS, dim=DIMS),
    "ForkSplit": both(needed(split_size_or_sections=LENGTHS), some(dim=DIMS)),
    **{f"Merge{kind}": some(dim=DIMS) for kind in ("Concat", "Stack", "Sum", "Prod", "Mean")},
    "MergeFiLM": needed(feature_dim=SIZES, conditioner_dim=SIZES),
}
SOME_DIMS = st.one_of(DIMS, st.lists(DIMS, min_size=1, max_size=3))
LIST_OF_DIMS = st.lists(DIMS, min_size=1, max_size=4)
NUMBER = st.sampled_from([2, 0.5])
FUNCTION_ARGUMENTS = {
    **{name: needed(other=NUMBER) for name in ("add", "sub", "mul", "div")},
    **{name: needed(dim=DIMS) for name in ("softmax", "log_softmax", "cumsum", "cumprod", "unsqueeze")},
    **{name: needed(dim=SOME_DIMS, keepdim=FLAGS) for name in REDUCTIONS},
    "clamp": needed(min=NUMBER),
    "pow": needed(exponent=NUMBER),
    "flip": needed(dims=LIST_OF_DIMS),
    "roll": st.one_of(
        needed(shifts=DIMS, dims=DIMS), needed(shifts=LIST_OF_DIMS, dims=LIST_OF_DIMS), needed(shifts=DIMS)
    ),
    "flatten": some(start_dim=DIMS, end_dim=DIMS),
    "unflatten": needed(dim=DIMS, sizes=st.lists(st.sampled_from([1, 2, 3, -1]), min_size=1, max_size=3)),
    "squeeze": needed(dim=SOME_DIMS),
    "transpose": needed(dim0=DIMS, dim1=DIMS),
    "permute": needed(dims=st.one_of(LIST_OF_DIMS, st.permutations([0, 1, 2]), st.permutations([0, 1, -1]))),
    "movedim": st.one_of(needed(source=DIMS, destination=DIMS), needed(source=LIST_OF_DIMS, destination=LIST_OF_DIMS)),
    "diff": some(n=st.integers(1, 3), dim=DIMS),
    "tril": some(diagonal=DIMS),
    "triu": some(diagonal=DIMS),
}
#: The dimension of which an argument is the size, which it is in most cases.
SIZE_OF = {
    "in_features": -1,
    "in1_features": -1,
    "input_size": -1,
    "embed_dim": -1,
    "d_model": -1,
    "in_channels": 1,
    "num_features": 1,
    "num_channels": 1,
    "num_parameters": 1,
    "feature_dim": 1,
}


@st.composite
def shapes(draw):
    """The shape of a tensor; the batch is at the front, but for a few."""
    rank = draw(st.integers(1, 5))
    batch = draw(st.one_of(st.just(0), st.just(0), st.just(0), st.integers(0, rank - 1)))
    sizes = [1 if place == batch else draw(SIZES) for place in range(rank)]
    return Shape(tuple(sizes), batch, draw(st.sampled_from([False] * 9 + [True])))


@st.composite
def alike(draw, shape):
    """The same shape, or one with another size, or another one."""
    kind = draw(st.sampled_from(["same", "same", "size", "other"]))
    if kind == "other":
        return draw(shapes())
    place = draw(st.integers(0, len(shape.sizes) - 1))
    if kind == "same" or place == shape.batch:
        return shape
    return shape._replace(sizes=(*shape.sizes[:place], draw(SIZES), *shape.sizes[place + 1 :]))


@st.composite
def inputs_of(draw, name):
    """One value an input, a tuple now and then; a list of tensors where the layer takes one."""
    first, layer = draw(shapes()), LAYERS[name]
    if name.startswith("Embedding"):
        first = first._replace(integer=draw(st.sampled_from([True, True, True, False])))
    if layer.listed:
        return [[first, *draw(st.lists(alike(first), max_size=3))]]
    if name == "Get" and draw(FLAGS):
        return [(first, *draw(st.lists(alike(first), max_size=3)))]
    given = [first, *[draw(alike(first)) for _ in layer.inputs[1 : len(layer.inputs) - layer.optional]]]
    if name.startswith("MaxUnpool"):
        given[1] = given[1]._replace(integer=draw(st.sampled_from([True, True, True, False])))
    return given


@st.composite
def layers(draw, name):
    """Arguments of a layer, and what comes in."""
    inputs = draw(inputs_of(name))
    arguments = dict(draw(ARGUMENTS.get(name, st.just({}))))
    first = inputs[0][0] if isinstance(inputs[0], list) or not isinstance(inputs[0], Shape) else inputs[0]
    for argument, dim in SIZE_OF.items():
        if argument in arguments and -len(first.sizes) <= dim < len(first.sizes) and draw(st.integers(0, 3)):
            arguments[argument] = first.sizes[dim]
    return arguments, inputs


@st.composite
def functions(draw, name):
    """Arguments of a function that TorchFn calls, and the shape that comes in."""
    return {"name": name, **draw(FUNCTION_ARGUMENTS.get(name, st.just({})))}, [draw(shapes())]


NAMES = tuple(name for name in LAYERS if name not in ("TorchFn", "Reduce"))
FUNCTION_NAMES = tuple(FUNCTIONS)
