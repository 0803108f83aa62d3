"""What goes into a net of any type: its shape is looked at, its dtype is made that of the parameters."""

import copy
import pickle
from math import prod

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.func import functional_call, stack_module_state, vmap
from torch.nn.utils import prune

from slm_net.nets import NETS, HydraMLPNet, MLPNet, RecurrentNet, TorchArcNet
from slm_net.nets.inputs import dtype_of

KINDS = sorted(NETS.names())
DTYPES = [torch.float64, torch.float16, torch.bfloat16, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64]
FUSION = {
    "modules": {"see": {"Sequential": [{"LazyConv2d": {"out_channels": 2, "kernel_size": 3}}, "Flatten"]}},
    "graph": {"input": ["image", "speed"], "modules": {"see": ["image"], "cat": [["see", "speed"]]}, "output": "cat"},
}
FUSION["modules"]["cat"] = "MergeConcat"


def samples_of(net):
    """The shape of one sample of each input."""
    if isinstance(net.in_dim, dict):
        dims = net.in_dim.values()
    else:
        dims = net.in_dim if "Q" in type(net).__name__ or isinstance(net, HydraMLPNet) else [net.in_dim]
    return [tuple(dim) if isinstance(dim, tuple) else (dim,) for dim in dims]


def arguments_of(net, xs):
    return (xs,) if isinstance(net, HydraMLPNet) else tuple(xs)


def called(net, xs):
    return net(*arguments_of(net, xs))


def batch(net, size=3, dtype=torch.float32):
    """Small whole numbers, which every dtype holds."""
    generator = torch.Generator().manual_seed(0)
    return [torch.randint(0, 9, (size, *shape), generator=generator).to(dtype) for shape in samples_of(net)]


@pytest.fixture(params=[*KINDS, "fusion"])
def net(request, net_spec, in_dims):
    """A small net of every type, with an int as out_dim."""
    torch.manual_seed(0)
    if request.param == "fusion":
        return TorchArcNet(net_spec("TorchArcNet", arc=FUSION), {"image": (2, 5, 6), "speed": 3}, 2)
    changes = {"hid_layers": [[[7]], [8], []]} if request.param == "HydraMLPNet" else {}
    return NETS[request.param](net_spec(request.param, **changes), in_dims[request.param], 2)


# --- shapes


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_wrong_shape_is_refused_with_both_shapes(data, net):
    shapes, xs = samples_of(net), batch(net, 2)
    which = data.draw(st.integers(0, len(xs) - 1))
    right = shapes[which]
    anything = st.lists(st.integers(1, 9), max_size=len(right) + 2)
    near = st.sampled_from([(2, *right[1:], right[0] + 1), (2, prod(right) + 1), (2, *right, 1), (*right, 2)])
    shape = tuple(data.draw(anything | near))
    assume(shape[-1:] != right if len(right) == 1 else shape[1:] != right)
    xs[which] = torch.zeros(shape)
    with pytest.raises(ValueError) as caught:
        called(net, xs)
    said = str(caught.value)
    assert type(net).__name__ in said and f"of shape {shape}" in said
    assert f"(batch, {', '.join(map(str, right))})" in said


def test_samples_without_a_batch_are_refused_where_that_is_another_thing(net):
    xs = [x[0] for x in batch(net)]
    if all(len(shape) == 1 for shape in samples_of(net)):
        torch.testing.assert_close(called(net, xs), called(net, [x[None] for x in xs])[0])
    else:
        with pytest.raises(ValueError, match=r"expected .*\(batch, "):
            called(net, xs)


def test_vectors_may_have_time_in_front(net):
    if any(len(shape) > 1 for shape in samples_of(net)):
        return
    rows = batch(net, 6)
    in_time = called(net, [x.unflatten(0, (2, 3)) for x in rows])
    torch.testing.assert_close(in_time.flatten(0, 1), called(net, rows))


@pytest.mark.parametrize("kind", ["MLPNet", "QMLPNet", "DuelingMLPNet", "HydraMLPNet"])
@pytest.mark.parametrize(
    "changes",
    [
        {"batch_norm": True},
        {"hid_layers_activation": {"name": "Softmax", "dim": 1}},
        {"hid_layers_activation": {"name": "PReLU", "num_parameters": 5}},
    ],
)
def test_layers_that_look_at_another_dimension_take_one_batch_only(kind, changes, net_spec):
    layers = [[[5], [5]], [5], []] if kind == "HydraMLPNet" else [5]
    in_dim = (5, 5) if kind in ("QMLPNet", "HydraMLPNet") else 5
    net = NETS[kind](net_spec(kind, hid_layers=layers, **changes), in_dim, 2)
    called(net, batch(net, 5))
    with pytest.raises(ValueError, match=r"got .* of shape \(5, 5, 5\), expected \(batch, 5\)"):
        called(net, [x.expand(5, 5, 5) for x in batch(net, 5)])


@pytest.mark.parametrize("layer", [{"LazyBatchNorm1d": {}}, "Flatten", {"Softmax": {"dim": 1}}])
def test_an_arc_takes_time_in_front_only_where_every_layer_does(layer, net_spec):
    modules = {"body": {"Sequential": [{"LazyLinear": {"out_features": 4}}, layer]}}
    arc = {"modules": modules, "graph": {"input": "x", "modules": {"body": ["x"]}, "output": "body"}}
    net = TorchArcNet(net_spec("TorchArcNet", arc=arc), 4, 2)
    with pytest.raises(ValueError, match=r"TorchArcNet got input of shape \(4, 4, 4\), expected \(batch, 4\)"):
        net(torch.zeros(4, 4, 4))


def test_batches_of_several_inputs_have_one_size(net):
    xs = batch(net)
    if len(xs) == 1:
        pytest.skip("one input")
    for other in (1, 2, 4):
        with pytest.raises(ValueError, match="with one size of batch") as caught:
            called(net, [xs[0], batch(net, other)[1]])
        assert str(tuple(xs[0].shape)) in str(caught.value)


@pytest.mark.parametrize("kind", ["QMLPNet", "QConvNet", "FiLMQConvNet"])
def test_a_missing_action(kind, net_spec, in_dims):
    net = NETS[kind](net_spec(kind), in_dims[kind], 1)
    with pytest.raises(ValueError, match=rf"{kind} got no action, expected a tensor \(batch, 3\)"):
        net(batch(net)[0])


def test_what_to_write_instead(net_spec):
    net = NETS["ConvNet"](net_spec("ConvNet"), (2, 9, 11), 2)
    with pytest.raises(ValueError, match=r"channels come first, x.movedim\(-1, 1\)"):
        net(torch.zeros(5, 9, 11, 2))
    with pytest.raises(ValueError, match=r"x.unsqueeze\(0\) makes a batch"):
        net(torch.zeros(2, 9, 11))
    with pytest.raises(ValueError, match=r"MLPNet got input of type ndarray, expected a tensor \(batch, 5\)"):
        MLPNet(net_spec("MLPNet"), 5, 2)(np.zeros((3, 5)))


# --- dtypes


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype_gives_what_float32_gives(dtype, net):
    y = called(net, batch(net, 3, dtype))
    assert y.dtype is torch.float32 and torch.equal(y, called(net, batch(net)))


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("given_dtype", [torch.float32, torch.float64, torch.uint8])
def test_a_net_that_was_moved_to_another_dtype(dtype, given_dtype, net):
    for moved in (copy.deepcopy(net).to(dtype), pickle.loads(pickle.dumps(net.to(dtype)))):
        assert called(moved, batch(moved, 3, given_dtype)).dtype is dtype


def test_weights_of_another_dtype_are_assigned(net):
    net.load_state_dict({name: x.double() for name, x in net.state_dict().items()}, assign=True)
    assert called(net, batch(net)).dtype is torch.float64


def test_a_default_dtype(net_spec):
    torch.set_default_dtype(torch.float64)
    try:
        net = MLPNet(net_spec("MLPNet"), 5, 2)
        assert net(torch.zeros(3, 5, dtype=torch.float32)).dtype is torch.float64
    finally:
        torch.set_default_dtype(torch.float32)


def test_autocast_does_with_an_input_what_it_does(net):
    xs = [x.bfloat16() for x in batch(net)]
    seen = []
    for layer in net.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            layer.register_forward_pre_hook(lambda layer, args: seen.append(args[0].dtype))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        for dtype in (torch.bfloat16, torch.float32, torch.float64, torch.uint8):
            seen.clear()
            called(net, [x.to(dtype) for x in xs])
            assert seen[0] is (torch.bfloat16 if dtype is torch.bfloat16 else torch.float32)


def test_the_hidden_state_may_be_float64(net_spec):
    for cell in ("GRU", "LSTM"):
        net = RecurrentNet(net_spec("RecurrentNet", cell_type=cell), (4, 5), 2)
        x = torch.randn(3, 4, 5)
        _, hidden = net(x, return_hidden=True)
        wide = tuple(h.double() for h in hidden) if cell == "LSTM" else hidden.double()
        torch.testing.assert_close(net(x.double(), wide), net(x, hidden))


def test_a_quantized_net_has_no_dtype_of_its_own(net_spec):
    net = MLPNet(net_spec("MLPNet"), 5, 2)
    for name, _ in list(net.named_parameters()):
        owner, _, last = name.rpartition(".")
        vars(net.get_submodule(owner))["_parameters"][last] = None
    assert dtype_of(net, torch.float32) is torch.float32
    assert net.as_float(torch.zeros(2, dtype=torch.uint8)).dtype is torch.float32


# --- what torch does with nets


def test_every_layer_is_called(net):
    """Hooks on all modules, containers too, are seen; layers, in the order in which they stand."""
    seen = []
    for name, layer in net.named_modules():
        if type(layer) is not nn.ModuleList:
            layer.register_forward_hook(lambda *_, name=name: seen.append(name))
    called(net, batch(net))
    expected = {name for name, layer in net.named_modules() if type(layer) is not nn.ModuleList}
    assert set(seen) == expected and len(seen) == len(expected)


@pytest.mark.parametrize(
    "listen",
    [
        lambda layers, seen: layers.register_forward_pre_hook(lambda *_: seen.append(1)),
        lambda layers, seen: layers.register_full_backward_hook(lambda *_: seen.append(1)),
        lambda layers, seen: layers.register_full_backward_pre_hook(lambda *_: seen.append(1)),
        lambda layers, seen: nn.modules.module.register_module_forward_hook(
            lambda module, *_: seen.append(1) if module is layers else None
        ),
        lambda layers, seen: setattr(layers, "forward", lambda x: seen.append(1) or type(layers).forward(layers, x)),
    ],
)
@pytest.mark.parametrize("kind", ["MLPNet", "TorchArcNet"])
def test_whoever_listens_to_a_container_hears_of_its_calls(kind, listen, net_spec):
    net, seen = NETS[kind](net_spec(kind), 5, 2), []
    handle = listen(net.model if kind == "MLPNet" else net.body, seen)
    net(torch.zeros(3, 5, requires_grad=True)).sum().backward()
    if handle is not None:
        handle.remove()
    assert seen == [1]


def test_spectral_norm_and_pruning(net):
    xs = batch(net)
    before = called(net, xs)
    layer = next(layer for layer in net.modules() if isinstance(layer, nn.Linear | nn.Conv2d))
    nn.utils.parametrizations.spectral_norm(layer)
    after = called(net, xs)
    assert not torch.equal(before, after)
    tail = [layer for layer in net.modules() if isinstance(layer, nn.Linear)][-1]
    prune.l1_unstructured(tail, "weight", 3)
    assert not torch.equal(called(net, xs), after) and (tail.weight == 0).sum() >= 3


def test_stacked_nets_in_vmap(net):
    if any(isinstance(layer, nn.GRU) for layer in net.modules()):
        return  # torch has no vmap of one
    params, buffers = stack_module_state([net, copy.deepcopy(net)])
    xs = batch(net)
    wanted = called(net, xs)
    ys = vmap(lambda *state: functional_call(net, state, arguments_of(net, xs)))(params, buffers)
    torch.testing.assert_close(ys[1], wanted)


def test_weights_of_another_dtype_in_a_functional_call(net):
    weights = {name: x.double() for name, x in net.state_dict().items()}
    y = functional_call(net, weights, arguments_of(net, batch(net, dtype=torch.float64)), tie_weights=False)
    assert y.dtype is torch.float64


@pytest.mark.slow
def test_it_compiles_as_one_graph_and_exports_with_any_batch(net):
    torch._dynamo.reset()
    given, other = batch(net), batch(net, 7)
    with torch._dynamo.config.patch(allow_rnn=True):  # torch's own switch for its recurrent layers
        compiled = torch.compile(net, fullgraph=True, backend="aot_eager", dynamic=True)
        for xs in (given, other, batch(net, dtype=torch.float64)):
            torch.testing.assert_close(compiled(*arguments_of(net, xs)), called(net, xs))
    sizes = [{0: torch.export.Dim.DYNAMIC} for _ in given]
    shapes = (tuple(sizes),) if isinstance(net, TorchArcNet) else arguments_of(net, sizes)
    exported = torch.export.export(net, arguments_of(net, given), dynamic_shapes=shapes)
    torch.testing.assert_close(exported.module()(*arguments_of(net, other)), called(net, other))
