"""TorchArcNet against the same network written by hand, and what its modules can be used for."""

import copy
import gc
import io
import pickle

import pytest
import torch
from torch import nn

import slm_net
from slm_net import SpecError, build_net
from slm_net.nets import TorchArcNet
from slm_net.nets.arc import build_arc
from slm_net.nets.body import Body, Residual

MLP = {"Sequential": [{"LazyLinear": {"out_features": 16}}, "Tanh", {"LazyLinear": {"out_features": 8}}, "ReLU"]}


def arc(modules, graph, output, inputs="x"):
    return {"modules": modules, "graph": {"input": inputs, "modules": graph, "output": output}}


def one(body):
    return arc({"body": body}, {"body": ["x"]}, "body")


def net_of(arc, in_dim=4, out_dim=2, **keys):
    return build_net({"type": "TorchArcNet", "arc": arc, **keys}, in_dim, out_dim, seed=0).model


def same(net, layers):
    """The net has the weights of the hand-written layers."""
    built, by_hand = list(net.state_dict().values()), [t for layer in layers for t in layer.state_dict().values()]
    assert len(built) == len(by_hand)
    assert all(torch.equal(a, b) for a, b in zip(built, by_hand, strict=True))


def test_the_same_draws_as_by_hand():
    net = net_of(one(MLP), 4, [2, 1])
    torch.manual_seed(0)
    layers = [nn.Linear(4, 16), nn.Linear(16, 8), nn.Linear(8, 2), nn.Linear(8, 1)]
    same(net, layers)
    x = torch.randn(3, 4)
    features = layers[1](layers[0](x).tanh()).relu()
    assert all(torch.equal(y, tail(features)) for y, tail in zip(net(x), layers[2:], strict=True))
    assert list(net.state_dict()) == [
        *("body.body.0.weight", "body.body.0.bias", "body.body.2.weight", "body.body.2.bias"),
        *("tails.0.0.weight", "tails.0.0.bias", "tails.1.0.weight", "tails.1.0.bias"),
    ]


def test_layers_draw_in_the_order_of_modules_lazy_ones_as_they_are_reached():
    modules = {
        "late": {"LazyLinear": {"out_features": 3}},
        "eager": {"Linear": {"in_features": 4, "out_features": 5}},
        "early": {"LazyLinear": {"out_features": 4}},
    }
    net = net_of(arc(modules, {"early": ["x"], "eager": ["early"], "late": ["eager"]}, "late"))
    torch.manual_seed(0)
    eager, early, late, tail = nn.Linear(4, 5), nn.Linear(4, 4), nn.Linear(5, 3), nn.Linear(3, 2)
    same(net, [early, eager, late, tail])  # the modules stand in the order of the graph


def test_what_the_graph_does_not_call_is_not_there():
    spare = {"spare": {"Linear": {"in_features": 4, "out_features": 4}}}
    with pytest.warns(slm_net.problems.SpecWarning, match="no node calls"):
        net = net_of(arc({"body": MLP, **spare}, {"body": ["x"]}, "body"))
    same(net, list(net_of(one(MLP)).modules())[:1])
    assert not any("spare" in name for name, _ in net.named_modules())


def test_a_dot_puts_a_module_into_another():
    net = net_of(arc({"enc.a": MLP, "enc.b": "Flatten"}, {"enc.a": ["x"], "enc.b": ["enc.a"]}, "enc.b"))
    assert "body.enc.a.0.weight" in net.state_dict() and isinstance(net.body.enc.b, nn.Flatten)
    assert net(torch.randn(3, 4)).shape == (3, 2)


def test_a_module_that_is_called_again_has_the_same_weights():
    layer = {"LazyLinear": {"out_features": 4}}
    net = net_of(arc({"f": layer}, {"f~1": ["x"], "f~2": ["f~1"]}, "f~2"))
    x = torch.randn(3, 4)
    assert torch.equal(net(x), net.tails(net.body.f(net.body.f(x))))


def test_repeat_and_residual():
    block = {"Residual": [{"LazyLinear": {"out_features": 4}}, "ReLU"]}
    net = net_of(one({"Repeat": {"times": 2, "layers": [block]}}))
    first, second = net.body.body
    assert type(first) is Residual and not torch.equal(first[0].weight, second[0].weight)
    x = torch.randn(3, 4)
    between = x + first[0](x).relu()
    assert torch.equal(net.body(x), between + second[0](between).relu())


def test_images_and_bytes():
    convolution = {"Sequential": [{"LazyConv2d": {"out_channels": 3, "kernel_size": 3}}, "ReLU"]}
    net = net_of(one(convolution), (2, 6, 6), 2, normalize=True)
    frames = torch.randint(0, 256, (5, 2, 6, 6), dtype=torch.uint8)
    by_hand = net.tails(net.body.body[0](frames.float() / 255).relu().flatten(1))
    assert torch.equal(net(frames), by_hand)


FUSION = arc(
    {"see": {"Sequential": [{"LazyConv2d": {"out_channels": 2, "kernel_size": 3}}, "Flatten"]}, "cat": "MergeConcat"},
    {"see": ["image"], "cat": [["see", "speed"]]},
    "cat",
    ["image", "speed"],
)
DIMS = {"image": (1, 4, 4), "speed": 3}


def test_several_inputs_come_by_place_by_name_or_in_a_mapping():
    net = net_of(FUSION, DIMS)
    image, speed = torch.randn(5, 1, 4, 4), torch.randn(5, 3)
    want = net.tails(torch.cat([net.body.see(image), speed], 1))
    assert torch.equal(net(image, speed), want)
    assert torch.equal(net(image, speed=speed), want)
    assert torch.equal(net({"speed": speed, "image": image, "more": image}), want)
    assert net_of(FUSION, [(1, 4, 4), 3]).in_dim == DIMS
    for wrong in ((image,), (image, speed, speed), ({"image": image},)):
        with pytest.raises(ValueError, match="expected image, speed"):
            net(*wrong)
    with pytest.raises(ValueError, match="expected image, speed"):
        net(image, sped=speed)


@pytest.mark.parametrize("in_dim", [4, {"image": (1, 4, 4)}, {"image": (1, 4, 4), "sped": 3}, [4, 4, 4]])
def test_other_inputs_than_those_of_the_graph(in_dim):
    with pytest.raises(SpecError) as caught:
        net_of(FUSION, in_dim)
    assert [problem.pointer for problem in caught.value.problems] == ["/arc/graph/input"]


HEADS = {"pi": {"LazyLinear": {"out_features": 6}}, "v": {"LazyLinear": {"out_features": 5}}}


def test_outputs_with_names_have_tails_of_their_own():
    net = net_of(arc(HEADS, {"pi": ["x"], "v": ["x"]}, {"value": "v", "policy": "pi"}), 4, [3, 3, 1])
    assert [tail[0].in_features for tail in net.tails] == [6, 6, 5]
    x = torch.randn(2, 4)
    loc, scale, value = net(x)
    assert torch.equal(loc, net.tails[0](net.body.pi(x))) and torch.equal(value, net.tails[2](net.body.v(x)))
    assert scale.shape == (2, 3)


def test_named_outputs_with_a_log_std():
    net = net_of(arc(HEADS, {"pi": ["x"], "v": ["x"]}, {"policy": "pi", "value": "v"}), 4, [3, 3, 1], log_std_init=-0.5)
    loc, log_std, value = net(torch.randn(2, 4))
    assert (loc.shape, log_std.shape, value.shape) == ((2, 3), (2, 3), (2, 1))
    assert (log_std == -0.5).all() and len(net.tails) == 2


def test_of_several_outputs_the_tails_see_the_first():
    with pytest.warns(slm_net.problems.SpecWarning, match="no tail sees 'v'"):
        net = net_of(arc(HEADS, {"pi": ["x"], "v": ["x"]}, ["pi", "v"]))
    assert net.tails[0].in_features == 6
    gru = net_of(one({"GRU": {"input_size": 3, "hidden_size": 6, "batch_first": True}}), (5, 3))
    assert gru.tails[0].in_features == 30 and gru(torch.randn(2, 5, 3)).shape == (2, 2)


@pytest.mark.parametrize(("output", "out_dim"), [("pi", 6), (["pi", "v"], [6, 5]), ({"b": "v", "a": "pi"}, [5, 6])])
def test_without_tails_the_outputs_are_those_of_the_arc(output, out_dim):
    net = net_of(arc(HEADS, {"pi": ["x"], "v": ["x"]}, output), 4, out_dim, tails=False)
    assert not any("tails" in name for name in net.state_dict())
    outputs, x = net(torch.randn(2, 4)), torch.randn(2, 4)
    assert [y.shape[1] for y in outputs] == out_dim if isinstance(out_dim, list) else outputs.shape == (2, 6)
    both = {"pi": net.body.pi(x), "v": net.body.v(x)}
    first = net(x)[0] if isinstance(out_dim, list) else net(x)
    assert torch.equal(first, both["v" if out_dim == [5, 6] else "pi"])


def test_without_tails_the_arc_gives_what_out_dim_says():
    with pytest.raises(SpecError) as caught:
        net_of(arc(HEADS, {"pi": ["x"], "v": ["x"]}, {"policy": "pi", "value": "v"}), 4, [6, 1], tails=False)
    [problem] = caught.value.problems
    assert (problem.pointer, problem.message) == (
        "/arc/graph/output/value",
        "the arc gives 5 features where out_dim has 1",
    )


def test_init_fn_reaches_what_has_weights():
    layers = [
        {"LazyConv1d": {"out_channels": 4, "kernel_size": 1, "bias": False}},
        {"LazyConvTranspose1d": {"out_channels": 4, "kernel_size": 1}},
        "Flatten",
        {"LazyLinear": {"out_features": 8, "bias": False}},
        {"LazyWeightNormLinear": {"out_features": 8}},
    ]
    net = net_of(one({"Sequential": layers}), (2, 3), init_fn={"name": "constant_", "val": 0.5})
    first, second, _, third, fourth = net.body.body
    assert all((layer.weight == 0.5).all() for layer in (first, second, third, net.tails[0]))
    assert (fourth._linear.weight - 0.5).abs().max() < 1e-6
    assert (second.bias == 0).all() and first.bias is None


def test_a_softmax_is_over_features():
    net = net_of(one("Softmax"), (3, 4))
    assert net.body.body.dim == -1


def test_a_registered_layer_is_run_without_numbers_to_know_what_leaves_it():
    class Twice(nn.Module):
        def __init__(self, times=2):
            super().__init__()
            self.times = times

        def forward(self, x):
            if x.shape[-1] == 3:
                raise RuntimeError("three is too few")
            return torch.cat([x] * self.times, dim=-1)

    times = {"type": "integer", "minimum": 1, "default": 2, "description": "How often."}
    slm_net.register_layer("Twice", schema={"properties": {"times": times}})(Twice)
    try:
        net = net_of(one({"Sequential": [{"Twice": {"times": 3}}, {"LazyLinear": {"out_features": 5}}]}))
        assert net.body.body[1].in_features == 12
        with pytest.raises(SpecError, match="three is too few") as caught:
            net_of(one("Twice"), 3)
        assert caught.value.problems[0].pointer == "/arc/modules/body"
    finally:
        slm_net.unregister("layer", "Twice")


@pytest.fixture(params=["mlp", "fusion", "recurrent", "batch norm", "weight norm"])
def case(request):
    gru = {"GRU": {"input_size": 3, "hidden_size": 6, "batch_first": True}}
    made = {
        "mlp": (one(MLP), 4),
        "fusion": (FUSION, DIMS),
        "recurrent": (arc({"gru": gru, "steps": "Get"}, {"gru": ["x"], "steps": ["gru"]}, "steps"), (5, 3)),
        "batch norm": (one({"Sequential": ["LazyBatchNorm1d", "LazyBatchRenorm1d"]}), 4),
        "weight norm": (one({"LazyWeightNormLinear": {"out_features": 8}}), 4),
    }
    arc_, in_dim = made[request.param]
    sizes = in_dim.values() if isinstance(in_dim, dict) else [in_dim]
    inputs = [torch.randn(3, *(size if isinstance(size, tuple) else (size,))) for size in sizes]
    return net_of(arc_, in_dim).eval(), tuple(inputs)


def test_copies_are_equal_and_apart(case):
    net, inputs = case
    wanted = net(*inputs)
    for copied in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert torch.equal(copied(*inputs), wanted)
        with torch.no_grad():
            for parameter in copied.parameters():
                parameter.add_(1)
        assert torch.equal(net(*inputs), wanted)


def test_weights_are_saved_and_loaded(case):
    net, inputs = case
    file = io.BytesIO()
    torch.save(net.state_dict(), file)
    file.seek(0)
    other = copy.deepcopy(net)
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.zero_()
    other.load_state_dict(torch.load(file, weights_only=True))
    assert torch.equal(other(*inputs), net(*inputs))


@pytest.mark.slow
def test_it_compiles_as_one_graph_and_exports(case):
    net, inputs = case
    torch._dynamo.reset()
    with torch._dynamo.config.patch(allow_rnn=True):  # torch's own switch for its recurrent layers
        compiled = torch.compile(net, fullgraph=True, backend="aot_eager")
        torch.testing.assert_close(compiled(*inputs), net(*inputs))
    exported = torch.export.export(net, inputs)
    torch.testing.assert_close(exported.module()(*inputs), net(*inputs))


@pytest.mark.slow
def test_onnx_gives_the_same_numbers(case):
    pytest.importorskip("onnxscript")
    onnxruntime = pytest.importorskip("onnxruntime")
    net, inputs = case
    model = torch.onnx.export(net, inputs, dynamo=True, verbose=False).model_proto
    session = onnxruntime.InferenceSession(model.SerializeToString())
    named = {put.name: x.numpy() for put, x in zip(session.get_inputs(), inputs, strict=True)}
    torch.testing.assert_close(torch.from_numpy(session.run(None, named)[0]), net(*inputs))


@pytest.fixture
def process_group(tmp_path):
    torch.distributed.init_process_group("gloo", f"file://{tmp_path / 'group'}", rank=0, world_size=1)
    yield
    gc.collect()  # torch may hang if something of the group outlives it
    torch.distributed.destroy_process_group()


@pytest.mark.slow
def test_it_learns_in_distributed_data_parallel(case, process_group):
    net, inputs = case
    parallel = nn.parallel.DistributedDataParallel(net.train())
    parallel(*inputs).sum().backward()
    assert all(parameter.grad is not None for parameter in net.parameters())


def test_a_body_gives_what_the_output_says():
    modules, nodes = {"a": {"LazyLinear": {"out_features": 3}}}, {"a": ["x"]}
    x = torch.randn(2, 4)
    for output, kind in (("a", torch.Tensor), (["a", "x"], tuple), ({"y": "a"}, dict)):
        body = build_arc(arc(modules, nodes, output), {"x": {"shape": [2, 4]}})
        assert type(body) is Body and type(body(x)) is kind and type(body(x=x)) is kind
    assert body(x).keys() == {"y"}


def test_build_arc_refuses_with_everything_that_is_wrong():
    wrong = arc({"a": {"Linaer": {}}, "b": {"Linear": {"in_features": 3, "out_features": 3}}}, {"b": ["x"]}, "c")
    with pytest.raises(SpecError) as caught:
        build_arc(wrong, {"x": {"shape": [2, 4]}})
    assert {problem.pointer for problem in caught.value.problems} >= {"/modules/a/Linaer", "/graph/output"}
    with pytest.raises(SpecError, match="made for 3 features"):
        build_arc(arc({"b": wrong["modules"]["b"]}, {"b": ["x"]}, "b"), {"x": {"shape": [2, 4]}})


def test_nothing_is_written_into_torch():
    before = {module: set(dir(module)) for module in (nn, nn.functional, nn.init)}
    net_of(one({"Sequential": ["LazyBatchRenorm1d", {"LazyWeightNormLinear": {"out_features": 8}}]}))
    assert {module: set(dir(module)) for module in before} == before


def test_a_net_of_ones_own_spec_is_the_class_itself():
    assert type(net_of(one(MLP))) is TorchArcNet


def test_outputs_with_names_have_features_each():
    modules = {name: {"LazyLinear": {"out_features": width}} for name, width in (("policy", 6), ("value", 5))}
    graph = {"input": "x", "modules": {name: ["x"] for name in modules}, "output": {name: name for name in modules}}
    net = build_net({"type": "TorchArcNet", "arc": {"modules": modules, "graph": graph}}, 4, [2, 1], seed=0).model
    x = torch.randn(3, 4)
    features = net.features(x)
    assert net.features_dim == (6, 5) == tuple(one.shape[1] for one in features)
    assert all(torch.equal(y, tail(one)) for y, tail, one in zip(net(x), net.model_tails, features, strict=True))
