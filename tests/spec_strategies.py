"""Hypothesis strategies for net specs: every name that the schemas know, each argument within its own schema."""

from hypothesis import strategies as st

from slm_net.nets import NETS
from slm_net.schema import catalogue

PARTS = {"loss_spec": "loss", "optim_spec": "optimizer", "lr_scheduler_spec": "lr_scheduler"}
#: Keys that name parts of the net.
NAMING = {
    "freeze": st.sampled_from([[], ["body"], ["tails"], ["body", "tails"]]),
    "lr_scale": st.dictionaries(st.sampled_from(["body", "tails"]), st.sampled_from([0.1, 1, 10])),
}
#: Keys that are drawn apart from what the schema says of them, and those that need a GPU or a file.
APART = {
    *("type", "hid_layers_activation", "out_layer_activation", "init_fn", "hid_layers", "conv_hid_layers"),
    *("fc_hid_layers", "rnn_hidden_size", "rnn_num_layers", "seq_len", "gpu", "cuda_id", "init_from", *PARTS, *NAMING),
}
SMALL = st.integers(1, 4)
UNITS = st.lists(SMALL, max_size=2)
NUMBERS = (0.0, 1e-8, 1e-3, 0.1, 0.5, 0.9, 1.0, 1.5, 2.0, 10.0, 1e38, 1e39, -0.5, -1.0, -3.0)
OUT_DIMS = ([1], [2], [1, 1], [2, 1], [2, 2], [2, 2, 1], [3, 4])


@st.composite
def cases(draw):
    """A net block with an `in_dim` and an `out_dim`; its arguments fit their own schemas, but not always each other."""
    net_type = draw(st.sampled_from(NETS.names()))
    spec, in_dim, layers = draw(shapes(net_type))
    single = net_type.startswith(("Dueling", "Q", "FiLM"))
    out_dim = draw(st.integers(1, 3) if single else st.one_of(st.integers(1, 3), st.sampled_from(OUT_DIMS)))
    spec |= {"type": net_type, "hid_layers_activation": draw(activations(layers))}
    outputs = 0 if isinstance(out_dim, int) else len(out_dim)
    optional = {
        "out_layer_activation": activations(outputs),
        "init_fn": st.one_of(st.none(), named("init")),
        **NAMING,
        **{key: named(kind) for key, kind in PARTS.items()},
        **{key: values(part) for key, part in catalogue.net_properties(net_type).items() if key not in APART},
    }
    return {**spec, **draw(some_of(optional))}, in_dim, out_dim


@st.composite
def shapes(draw, net_type):
    """The keys of a type that its size depends on, its `in_dim`, and how many hidden layers it has."""
    if net_type == "HydraMLPNet":
        return draw(hydras())
    if net_type.endswith("RecurrentNet"):
        in_dim, units = [draw(SMALL), draw(SMALL)], draw(UNITS)
        sizes = {"rnn_hidden_size": draw(SMALL), "rnn_num_layers": draw(st.integers(1, 2)), "seq_len": in_dim[0]}
        return {"fc_hid_layers": units, **sizes}, in_dim, len(units)
    if not net_type.endswith("ConvNet"):
        units = draw(UNITS)
        return {"hid_layers": units}, [3, 2] if net_type == "QMLPNet" else draw(SMALL), len(units)
    rank = draw(st.sampled_from([2, 2, 2, 1, 3]))
    image = [draw(SMALL), *draw(st.lists(st.integers(4, 12), min_size=rank, max_size=rank))]
    rows, units = draw(st.lists(rows_of(rank), max_size=2)), draw(UNITS)
    in_dim = [image, draw(SMALL)] if net_type[0] in "QF" else image
    return {"conv_hid_layers": rows, "fc_hid_layers": units}, in_dim, len(rows) + len(units)


@st.composite
def hydras(draw):
    """The lists of a HydraMLPNet; its `hid_layers_activation` is no list."""
    in_dim = draw(st.lists(SMALL, min_size=1, max_size=3))
    count = draw(st.sampled_from([1, 1, len(in_dim), 2]))
    heads, body = draw(st.lists(UNITS, min_size=count, max_size=count)), draw(UNITS)
    tails = draw(st.one_of(st.just([]), st.lists(UNITS, min_size=1, max_size=2)))
    return {"hid_layers": [heads, body, tails]}, in_dim, 0


def rows_of(rank):
    """Rows of `conv_hid_layers`, cut anywhere after the kernel."""

    def spread(sizes):
        return st.one_of(sizes, st.lists(sizes, min_size=rank, max_size=rank))

    padding = st.one_of(spread(st.integers(0, 2)), st.sampled_from(["same", "valid"]))
    modes = st.sampled_from(["zeros", "reflect", "replicate", "circular"])
    entries = SMALL, spread(SMALL), spread(st.integers(1, 2)), padding, spread(st.integers(1, 2)), st.integers(1, 2)
    return st.tuples(st.integers(2, 8), *entries, st.booleans(), modes).map(lambda row: list(row[1 : row[0] + 1]))


def activations(count):
    """One activation, or a list of them for so many layers or outputs."""
    one = st.one_of(st.none(), named("activation"))
    return st.one_of(one, st.lists(one, min_size=count, max_size=count)) if count else one


@st.composite
def named(draw, kind):
    """A name of one kind, alone where that is allowed, or with some of its arguments."""
    name = draw(st.sampled_from(catalogue.names(kind)))
    needed, known = catalogue.document(kind)["$defs"][name].get("required", ()), catalogue.arguments(kind, name)
    if kind in ("activation", "init") and not needed and draw(st.booleans()):
        return name
    given = {key: values(part) for key, part in known.items()}
    found = draw(some_of({key: part for key, part in given.items() if key not in needed}))
    if name == "Lookahead":
        inner = catalogue.arguments(kind, found.get("optimizer", known["optimizer"]["default"]))
        found |= draw(some_of({key: values(part) for key, part in inner.items() if key not in known}))
    return {"name": name, **{key: draw(given[key]) for key in needed}, **found}


@st.composite
def some_of(draw, strategies):
    """A dict with a few of these keys."""
    keys = draw(st.lists(st.sampled_from(sorted(strategies)), max_size=4, unique=True)) if strategies else []
    return {key: draw(strategies[key]) for key in keys}


def values(part):
    """The values that a schema allows, many of them at its bounds."""
    part = catalogue.expanded(part)
    if "const" in part or "enum" in part:
        return st.sampled_from(part.get("enum", [part.get("const")]))
    types = part.get("type", "string")
    return st.one_of([_of_type(kind, part) for kind in ([types] if isinstance(types, str) else types)])


def _of_type(kind, part):
    if kind == "null":
        return st.none()
    if kind == "boolean":
        return st.booleans()
    if kind == "string":
        return st.sampled_from(part["examples"])
    if kind == "array":
        return _lists(part)
    low, high = part.get("minimum", -3), part.get("maximum", 5)
    return st.integers(low, max(low + 5, high)) if kind == "integer" else st.sampled_from(_numbers(part))


def _lists(part):
    if "prefixItems" in part:
        return st.tuples(*map(values, part["prefixItems"])).map(list)
    least = part.get("minItems", 0)
    return st.lists(values(part["items"]), min_size=least, max_size=min(part.get("maxItems", least + 2), least + 2))


def _numbers(part):
    own = [part[key] for key in ("minimum", "maximum", "default") if part.get(key) is not None]
    allowed = {
        "minimum": lambda number, bound: number >= bound,
        "exclusiveMinimum": lambda number, bound: number > bound,
        "maximum": lambda number, bound: number <= bound,
        "exclusiveMaximum": lambda number, bound: number < bound,
    }
    checks = [(check, part[key]) for key, check in allowed.items() if key in part]
    return [number for number in (*own, *NUMBERS) if all(check(number, bound) for check, bound in checks)]
