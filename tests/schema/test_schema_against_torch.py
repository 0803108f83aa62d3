"""The schemas' names, arguments, types and defaults against the installed torch: a new torch must not go unnoticed."""

import inspect
import json

import pytest
import torch
from torch import nn, optim

from slm_net.nets import NETS
from slm_net.nets.activations import ACTIVATIONS
from slm_net.nets.init import INITS
from slm_net.nets.recurrent import CELLS
from slm_net.schema import catalogue
from slm_net.training import LOSSES, OPTIMIZERS, SCHEDULERS

PINNED = "2.13"
pytestmark = pytest.mark.skipif(
    not torch.__version__.startswith(PINNED + "."), reason=f"the schemas are compared with torch {PINNED}"
)

REGISTRIES = {
    "optimizer": OPTIMIZERS,
    "loss": LOSSES,
    "lr_scheduler": SCHEDULERS,
    "activation": ACTIVATIONS,
    "init": INITS,
}
#: Names that torch does not have.
OURS = {"optimizer": {"GlobalAdam", "GlobalRMSprop", "Lookahead"}, "lr_scheduler": {"LinearToZero", "LinearToMin"}}
#: Arguments that a spec cannot or need not give, with the reason.
NOT_IN_JSON = {
    "self": "the object itself",
    "params": "the net's parameters",
    "capturable": "for CUDA graphs, which hold the fused Adam and AdamW only",
    "differentiable": "for gradients of a step, which train_step does not take",
    "min_value": "deprecated, min_val says it",
    "max_value": "deprecated, max_val says it",
    "optimizer": "the optimizer that is built before",
    "tensor": "the weight to fill",
    "generator": "a random generator; the seed is given to build_net",
    "device": "gpu and cuda_id say it",
    "dtype": "the net's own",
    "last_epoch": "a place to resume from; load_state_dict does it",
    "verbose": "deprecated, prints",
    "scale_fn": "a function",
    "size_average": "deprecated, reduction says it",
    "reduce": "deprecated, reduction says it",
}
#: Arguments that some entries have nevertheless.
BUT_FOR = {("Lookahead", "optimizer"), ("Adam", "capturable"), ("AdamW", "capturable")}
#: Where ours is another default than torch's.
OWN_DEFAULTS = {"fused": "auto"}


def torch_names(kind):
    """The names of one kind that torch exports."""
    if kind == "optimizer":
        return {
            name
            for name, cls in vars(optim).items()
            if is_subclass(cls, optim.Optimizer) and cls is not optim.Optimizer
        }
    if kind == "lr_scheduler":
        base = optim.lr_scheduler.LRScheduler
        found = {name: cls for name, cls in vars(optim.lr_scheduler).items() if is_subclass(cls, base)}
        return {
            name for name, cls in found.items() if cls is not base and not name.startswith("_") and cls.__name__ == name
        }
    if kind == "loss":
        return {name for name in vars(nn) if name.endswith("Loss")}
    if kind == "activation":
        return set(nn.modules.activation.__all__) | {"Identity"}
    return {name for name in vars(nn.init) if name.endswith("_") and not name.startswith("_")}


def is_subclass(value, base):
    return inspect.isclass(value) and issubclass(value, base)


def signature(kind, name):
    """The arguments that a spec may give: name → default (`inspect.Parameter.empty` for a needed one)."""
    entry = REGISTRIES[kind][name]
    parameters = inspect.signature(entry.__init__ if inspect.isclass(entry) else entry).parameters
    return {
        key: parameter.default
        for key, parameter in parameters.items()
        if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        and (key not in NOT_IN_JSON or (name, key) in BUT_FOR)
    }


NAMED = [(kind, name) for kind in REGISTRIES for name in catalogue.names(kind)]


@pytest.mark.parametrize("kind", REGISTRIES)
def test_every_name_of_torch_is_in_the_schema_or_left_out_for_a_reason(kind):
    ours, left_out = OURS.get(kind, set()), catalogue.left_out(kind)
    own = {name for name in left_out if name not in torch_names(kind)}
    assert torch_names(kind) - set(left_out) == set(catalogue.names(kind)) - ours
    assert all(reason for reason in left_out.values())
    assert own <= {"AdaptiveLogSoftmaxWithLoss"}  # a loss by its name only


@pytest.mark.parametrize(("kind", "name"), NAMED)
def test_the_arguments_are_those_of_the_signature(kind, name):
    arguments = catalogue.arguments(kind, name)
    assert set(arguments) - {"step_on"} == set(signature(kind, name))
    assert ("step_on" in arguments) == (kind == "lr_scheduler")


@pytest.mark.parametrize(("kind", "name"), NAMED)
def test_the_defaults_are_those_of_the_signature(kind, name):
    needed = set(catalogue.document(kind)["$defs"][name].get("required", ()))
    arguments = catalogue.arguments(kind, name)
    for key, default in signature(kind, name).items():
        if default is inspect.Parameter.empty:
            assert key in needed or "default" in arguments[key]
            assert key not in needed or "default" not in arguments[key]
        else:
            assert key not in needed
            assert arguments[key]["default"] == OWN_DEFAULTS.get(key, json.loads(json.dumps(default)))


@pytest.mark.parametrize(("kind", "name"), NAMED)
def test_the_json_types_take_the_defaults_and_nothing_stranger(kind, name):
    words = {
        bool: "boolean",
        int: "integer",
        float: "number",
        str: "string",
        type(None): "null",
        tuple: "array",
        list: "array",
    }
    arguments = catalogue.arguments(kind, name)
    for key, default in signature(kind, name).items():
        part = catalogue.expanded(arguments[key])
        if default is inspect.Parameter.empty or "enum" in part:
            continue
        types = part["type"] if isinstance(part["type"], list) else [part["type"]]
        word = words[type(default)]
        assert word in types or (word == "integer" and "number" in types), (key, default, types)
        assert ("boolean" in types) == (word == "boolean" or (default is None and key == "foreach")), key


@pytest.mark.parametrize(("kind", "name"), NAMED)
def test_annotations_of_torch_agree_with_the_json_types(kind, name):
    """`int` is an integer; `float` and `Tensor` a number; `bool` a boolean; a string has its choices."""
    wanted = {"bool": "boolean", "int": "integer", "float": "number"}
    entry = REGISTRIES[kind][name]
    parameters = inspect.signature(entry.__init__ if inspect.isclass(entry) else entry).parameters
    for key in signature(kind, name):
        note = parameters[key].annotation
        word = wanted.get(note if isinstance(note, str) else getattr(note, "__name__", ""))
        part = catalogue.expanded(catalogue.arguments(kind, name)[key])
        if word and "enum" not in part and (kind, name, key) not in LOOSER:
            types = part.get("type", "string")
            assert word in ([types] if isinstance(types, str) else types), (key, note, types)


#: frame may be 1e7, which YAML and SLM Lab's own files write
LOOSER = {("lr_scheduler", "LinearToZero", "frame"), ("lr_scheduler", "LinearToMin", "frame")}


@pytest.mark.parametrize("kind", REGISTRIES)
def test_the_registry_has_the_names_of_the_schema(kind):
    assert set(REGISTRIES[kind]) == set(catalogue.names(kind))


def test_net_types_and_cells_have_the_names_of_the_schema():
    built = set(catalogue.net_types()) - set(catalogue.left_out("net"))
    assert set(NETS) == built
    cells = catalogue.net_properties("RecurrentNet")["cell_type"]["examples"]
    assert (
        set(CELLS)
        == set(cells)
        == {name for name in vars(nn) if is_subclass(getattr(nn, name), nn.RNNBase)} - {"RNNBase"}
    )


def test_the_inner_optimizer_of_lookahead_is_any_other_one():
    inner = catalogue.arguments("optimizer", "Lookahead")["optimizer"]["enum"]
    assert set(inner) == set(catalogue.names("optimizer")) - {"Lookahead"}


def test_conv_rows_are_the_arguments_of_a_convolution():
    parameters = inspect.signature(nn.Conv2d.__init__).parameters
    order = [key for key in parameters if key not in ("self", "in_channels", "device", "dtype")]
    entries = catalogue.document("net")["$defs"]["conv_layer"]["prefixItems"]
    assert [entry["title"] for entry in entries] == order
    for entry in entries[2:]:
        assert entry["default"] == parameters[entry["title"]].default
