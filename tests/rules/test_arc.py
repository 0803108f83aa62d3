"""What validation says of arcs: at the layer, the argument, the node or the output that it is about."""

import pytest

from slm_net import validate

MODULES = {"body": {"Sequential": [{"LazyLinear": {"out_features": 8}}, "ReLU"]}}
GRAPH = {"input": "x", "modules": {"body": ["x"]}, "output": "body"}


def net(modules=MODULES, graph=GRAPH, **keys):
    return {"type": "TorchArcNet", "arc": {"modules": modules, "graph": graph}, **keys}


def said(spec, in_dim=4, out_dim=2, **options):
    found = validate(spec, in_dim=in_dim, out_dim=out_dim, **options)
    return [(problem.pointer.removeprefix("/arc"), problem.rule_name, problem.severity) for problem in found]


def test_a_right_arc():
    assert said(net()) == []


@pytest.mark.parametrize(
    ("body", "in_dim", "pointer", "rule"),
    [
        ({"LazyLinaer": {"out_features": 8}}, 4, "LazyLinaer", "unknown-name"),
        ({"relu": None}, 4, "relu", "unknown-name"),
        ("LazyLinear", 4, "", "unknown-name"),
        ({"LazyLinear": {"outfeatures": 8}}, 4, "LazyLinear/outfeatures", "unknown-key"),
        ({"LazyLinear": {"out_features": 8, "device": "cuda"}}, 4, "LazyLinear/device", "unknown-key"),
        ({"LazyLinear": None}, 4, "LazyLinear", "wrong-type"),
        ({"LazyLinear": {"out_features": 0}}, 4, "LazyLinear/out_features", "value-out-of-range"),
        (
            {"LazyConv2d": {"out_channels": 2, "kernel_size": [3, 3, 3]}},
            (1, 8, 8),
            "LazyConv2d/kernel_size",
            "wrong-length",
        ),
        ({"LazyLinear": None, "out_features": 8}, 4, "", "unknown-key"),
        ({"Sequential": {}}, 4, "Sequential", "wrong-type"),
        ({"Sequential": [None]}, 4, "Sequential/0", "wrong-type"),
        ({}, 4, "", "wrong-length"),
        ({"TorchFn": {"name": "save"}}, 4, "TorchFn/name", "unknown-name"),
        ({"TorchFn": {"name": "clamp", "mni": 0}}, 4, "TorchFn/mni", "unknown-key"),
        ({"Reduce": {"name": "sqaure", "dim": 1}}, 4, "Reduce/name", "unknown-name"),
        ({"Linear": {"in_features": 9, "out_features": 8}}, 4, "Linear/in_features", "layer-does-not-fit"),
        ({"Softmax": {"dim": 0}}, 4, "Softmax/dim", "batch-is-mixed"),
        ({"LazyLinear": {"out_features": 10**12}}, 4, "LazyLinear/out_features", "model-too-large"),
        ({"ZeroPad2d": {"padding": 10**6}}, (1, 4, 4), "ZeroPad2d/padding", "too-many-activations"),
        ({"LazyLinear": {"out_features": "${in_dim}"}}, 4, "LazyLinear/out_features", "unset-variable"),
        ({"compact": {"layer": {"type": "LazyLinear", "keys": ["out_features"]}}}, 4, "compact/layer", "missing-key"),
    ],
)
def test_a_layer_is_told_at_its_place(body, in_dim, pointer, rule):
    found = said(net({"body": body}), in_dim)
    errors = [(place, name) for place, name, severity in found if severity == "error"]
    assert errors == [("/modules/body" + (f"/{pointer}" if pointer else ""), rule)]


@pytest.mark.parametrize(
    ("keys", "args", "pointer", "rule"),
    [
        (["out_features"], [8, "9"], "args/1", "wrong-type"),
        (["out_features", "bias"], [[8, True], [9, "no"]], "args/1/1", "wrong-type"),
        (["outfeatures"], [8, 9], "keys/0", "unknown-key"),
        (["bias"], [True], "", "missing-key"),
        (["out_features", "out_features"], [[8, 9]], "keys/1", "wrong-length"),
        (["out_features"], [[8, 9]], "args/0", "compact-does-not-match"),
    ],
)
def test_a_compact_is_told_at_its_value_or_key(keys, args, pointer, rule):
    layer = {"type": "LazyLinear", "keys": keys, "args": args}
    errors = [found[:2] for found in said(net({"body": {"compact": {"layer": layer}}})) if found[2] == "error"]
    assert ("/modules/body/compact/layer" + (f"/{pointer}" if pointer else ""), rule) in errors


def test_a_wrong_layer_does_not_hide_what_is_wrong_elsewhere():
    modules = {**MODULES, "wrong": {"Linaer": {}}, "more": {"LayerNorm": {"normalized_shape": 9}}}
    graph = {**GRAPH, "modules": {**GRAPH["modules"], "wrong": ["body"], "more": ["body"]}, "output": ["wrong", "mroe"]}
    assert {found[:2] for found in said(net(modules, graph)) if found[2] == "error"} == {
        ("/modules/wrong/Linaer", "unknown-name"),
        ("/graph/output/1", "graph-does-not-connect"),
    }
    graph["output"] = {"policy": "wrong", "value": "more"}
    assert ("/modules/more/LayerNorm/normalized_shape", "layer-does-not-fit", "error") in said(
        net(modules, graph), 4, [2, 1]
    )


@pytest.mark.parametrize("layer", ["GRU", "TransformerEncoderLayer", "MultiheadAttention"])
def test_a_batch_that_is_taken_for_time_is_a_warning(layer):
    arguments = {
        "GRU": {"input_size": 4, "hidden_size": 8},
        "TransformerEncoderLayer": {"d_model": 4, "nhead": 2},
        "MultiheadAttention": {"embed_dim": 4, "num_heads": 2},
    }[layer]
    inputs = ["x", "x", "x"] if layer == "MultiheadAttention" else ["x"]
    graph = {**GRAPH, "modules": {"body": inputs}}
    [problem] = validate(net({"body": {layer: arguments}}, graph), in_dim=(3, 4), out_dim=2)
    assert (problem.severity, problem.rule_name) == ("warning", "batch-is-mixed")
    [edit] = problem.fix
    assert edit.value["batch_first"] is True
    assert said(net({"body": {layer: {**arguments, "batch_first": True}}}, graph), (3, 4)) == []


@pytest.mark.parametrize(
    ("modules", "nodes", "output", "out_dim", "found"),
    [
        ({"a": {"MergeDot": None}}, {"a": ["x", "x"]}, "a", 2, ("/modules/a", "layer-does-not-fit", "error")),
        (
            {"a": {"TorchFn": {"name": "argmax", "dim": 1, "keepdim": True}}},
            {"a": ["x"]},
            "a",
            2,
            ("/modules/a", "layer-does-not-fit", "error"),
        ),
        ({"a": "ReLU"}, {"a": ["x"]}, "x", 2, ("/graph/output", "unused-in-the-graph", "warning")),
        ({"a": "ReLU"}, {"a": ["x"]}, ["a", "a"], 2, ("/graph/output/1", "unused-in-the-graph", "warning")),
        ({"a": "ReLU"}, {"a": ["x"]}, {"p": "a", "q": "a"}, 2, ("/graph/output", "graph-does-not-connect", "error")),
        (
            {"a": "ReLU"},
            {"a": ["x"]},
            {"p": "a", "q": "a"},
            [2, 2, 1],
            ("/graph/output", "graph-does-not-connect", "error"),
        ),
    ],
)
def test_an_output_that_tails_cannot_see(modules, nodes, output, out_dim, found):
    assert found in said(net(modules, {"input": "x", "modules": nodes, "output": output}), 4, out_dim)


def test_several_inputs_need_sizes_for_each():
    graph = {"input": ["x", "y"], "modules": {"cat": [["x", "y"]]}, "output": "cat"}
    spec = net({"cat": "MergeConcat"}, graph)
    assert said(spec, {"x": 4, "y": 3}) == said(spec, [4, 3]) == []
    assert (
        said(spec, 4) == said(spec, {"x": 4}) == said(spec, [4, 3, 2]) == [("/graph/input", "dims-do-not-fit", "error")]
    )


def test_actor_and_critic_have_arcs_of_their_own():
    arc = net()["arc"]
    wrong = {**arc, "graph": {**GRAPH, "output": "bdy"}}
    spec = {
        "agent": {
            "algorithm": {"name": "PPO"},
            "net": {"type": "TorchArcNet", "actor_arc": arc, "critic_arc": wrong, "shared": False},
        },
        "env": {"name": "CartPole-v1"},
    }
    errors = [problem.pointer for problem in validate(spec) if problem.severity == "error"]
    assert errors == ["/agent/net/critic_arc/graph/output"]


def test_a_module_that_stands_twice_is_an_error():
    text = """\
type: TorchArcNet
arc:
  modules:
    body: ReLU
    body: Tanh
  graph: {input: x, modules: {body: x}, output: body}
"""
    [problem] = validate(text)
    assert (problem.severity, problem.rule_name, problem.line) == ("error", "duplicate-key", 5)


def test_without_dims_what_the_arc_itself_says_is_checked():
    chain = {"Sequential": [{"Linear": {"in_features": 10**6, "out_features": 10**6}}]}
    assert said(net({"body": chain}), None, None) == [
        ("/modules/body/Sequential/0/Linear/in_features", "model-too-large", "error")
    ]
