"""Sizes on their way through an arc: what is learned, counted, and told where it does not fit."""

import pytest
from torch import nn

import slm_net
from slm_net.arc.graph import read_arc
from slm_net.arc.shapes import Shape
from slm_net.arc.walk import MAX_ACTIVATIONS, walk

GRAPH = {"input": "x", "modules": {"body": ["x"]}, "output": "body"}


def walked(body, *sizes, graph=GRAPH, **modules):
    arc, problems = read_arc({"modules": {"body": body, **modules}, "graph": graph})
    assert problems == []
    return walk(arc, [Shape((1, *size)) if size else None for size in sizes])


def test_lazy_layers_learn_and_weights_are_counted():
    body = {
        "Sequential": [
            {"LazyConv2d": {"out_channels": 4, "kernel_size": 3}},
            "Flatten",
            {"LazyLinear": {"out_features": 5}},
        ]
    }
    found = walked(body, (2, 6, 6))
    assert [row.learned for row in found.rows.values()] == [{"in_channels": 2}, {}, {"in_features": 64}]
    assert [str(row.output) for row in found.rows.values()] == ["(batch, 4, 4, 4)", "(batch, 64)", "(batch, 5)"]
    assert found.weights == 4 * (2 * 9 + 1) + 5 * 65
    assert found.output == Shape((1, 5))


def test_a_module_that_is_called_again_is_counted_once_and_keeps_its_size():
    graph = {"input": "x", "modules": {"body~1": ["x"], "body~2": ["body~1"]}, "output": "body~2"}
    found = walked({"LazyLinear": {"out_features": 3}}, (3,), graph=graph)
    assert found.weights == 12 and found.problems == []
    [problem] = walked({"LazyLinear": {"out_features": 3}}, (4,), graph=graph).problems
    assert problem.message.startswith("LazyLinear gets (batch, 3), and is made for 4 features")
    assert "(it comes from body~1)" in problem.message


def test_repeated_layers_have_weights_of_their_own():
    found = walked({"Repeat": {"times": 3, "layers": [{"LazyLinear": {"out_features": 8}}]}}, (4,))
    assert [row.learned["in_features"] for row in found.rows.values()] == [4, 8, 8]


@pytest.mark.parametrize(("width", "fits"), [(4, True), (5, False)])
def test_a_residual_gives_the_size_that_went_in(width, fits):
    found = walked({"Residual": [{"LazyLinear": {"out_features": width}}]}, (4,))
    assert (found.problems == []) == fits
    assert found.output == (Shape((1, 4)) if fits else None)


@pytest.mark.parametrize(
    ("body", "sizes", "path", "message"),
    [
        (
            {"Sequential": [{"LazyLinear": {"out_features": 8}}, {"LayerNorm": {"normalized_shape": [16]}}]},
            (4,),
            ("modules", "body", "Sequential", 1, "LayerNorm", "normalized_shape"),
            "LayerNorm gets (batch, 8), and is made for (…, 16) (it comes from LazyLinear 0 of body)",
        ),
        (
            {"Linear": {"in_features": 8, "out_features": 2}},
            (4,),
            ("modules", "body", "Linear", "in_features"),
            "Linear gets (batch, 4), and is made for 8 features (it comes from input x)",
        ),
        (
            {"LazyConv2d": {"out_channels": 2, "kernel_size": 3}},
            (4,),
            ("modules", "body"),
            "LazyConv2d gets (batch, 4), and needs (batch, channels, height, width) (it comes from input x)",
        ),
    ],
)
def test_a_misfit_says_layer_sizes_and_origin(body, sizes, path, message):
    [problem] = walked(body, sizes).problems
    assert (problem.path, problem.message, problem.rule_name) == (path, message, "layer-does-not-fit")


def test_a_value_that_fits_is_an_edit():
    [problem] = walked({"Linear": {"in_features": 8, "out_features": 2}}, (4,)).problems
    [edit] = problem.fix
    assert (edit.path, edit.action, edit.value) == (("modules", "body", "Linear", "in_features"), "replace", 4)


def test_what_comes_together_is_told_at_the_node():
    graph = {"input": "x", "modules": {"body": ["x"], "cat": [["body", "x"]]}, "output": "cat"}
    found = walked({"Unflatten": {"dim": 1, "unflattened_size": [2, 2]}}, (4,), graph=graph, cat="MergeConcat")
    [problem] = found.problems
    assert problem.path == ("graph", "modules", "cat")


def test_behind_a_misfit_and_without_a_size_nothing_is_checked():
    wrong = {"Sequential": [{"Linear": {"in_features": 8, "out_features": 2}}, {"LayerNorm": {"normalized_shape": 9}}]}
    assert len(walked(wrong, (4,)).problems) == 1
    unknown = walked({"Sequential": [{"Linear": {"in_features": 8, "out_features": 2}}, "ReLU"]}, None)
    assert (unknown.problems, unknown.output, unknown.weights) == ([], None, 18)


def test_a_branch_beside_a_misfit_is_checked():
    graph = {"input": "x", "modules": {"body": ["x"], "other": ["x"]}, "output": ["body", "other"]}
    found = walked(
        {"LayerNorm": {"normalized_shape": 9}}, (4,), graph=graph, other={"LayerNorm": {"normalized_shape": 9}}
    )
    assert [problem.path[1] for problem in found.problems] == ["body", "other"]


def test_a_layer_without_a_rule_is_asked_about(request):
    asked = []
    slm_net.register_layer("Mystery", schema={"properties": {}})(nn.Identity)
    request.addfinalizer(lambda: slm_net.unregister("layer", "Mystery"))
    arc, _ = read_arc({"modules": {"body": "Mystery"}, "graph": GRAPH})
    found = walk(arc, [Shape((1, 4))], lambda call, inputs: asked.append((call.name, inputs)) or Shape((1, 7)))
    assert asked == [("Mystery", [Shape((1, 4))])] and found.output == Shape((1, 7))


def test_sizes_beyond_all_memory_take_no_time():
    doubling = {f"c{i}": "MergeConcat" for i in range(60)}
    nodes = {f"c{i}": [[f"c{i - 1}"] * 2 if i else ["x", "x"]] for i in range(60)}
    graph = {"input": "x", "modules": {**nodes, "body": ["c59"]}, "output": "body"}
    found = walked({"LazyLinear": {"out_features": 1}}, (6,), graph=graph, **doubling)
    large = [row for row in found.rows.values() if row.output]
    assert found.output is None and large[-1].output.features > MAX_ACTIVATIONS
