"""The graph of an arc: steps in an order in which they can run, and what cannot be followed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm_net.arc.graph import MAX_LAYERS, read_arc

MODULES = {
    "a": {"LazyLinear": {"out_features": 4}},
    "b": {"LazyLinear": {"out_features": 4}},
    "cat": "MergeConcat",
    "attn": {"MultiheadAttention": {"embed_dim": 4, "num_heads": 2}},
    "gru": {"GRU": {"input_size": 3, "hidden_size": 4}},
    "stack": {"Sequential": ["MergeConcat", "ReLU"]},
}


def read(modules, output, inputs="x", **more):
    """An arc with this graph, of the modules that it calls."""
    called = {name.partition("~")[0] for name in modules} & MODULES.keys()
    parts = {name: part for name, part in MODULES.items() if name in called} | more
    return read_arc({"modules": parts, "graph": {"input": inputs, "modules": modules, "output": output}})


def found(modules, output="a", inputs="x", **more):
    _, problems = read(modules, output, inputs, **more)
    return [("/".join(map(str, problem.path)), problem.severity) for problem in problems]


def steps(arc):
    return [(step.node, step.inputs, step.named) for step in arc.steps]


def test_the_forms_of_inputs():
    arc, problems = read({"a": "x", "b": ["a"], "cat": [["a", "b"]]}, "cat")
    assert problems == []
    assert steps(arc) == [("a", (0,), {}), ("b", (1,), {}), ("cat", ((1, 2),), {})]
    assert arc.output == 3 and arc.output_slots == (3,)
    arc, problems = read({"attn": {"query": "x", "key": "y", "value": "y"}}, ["attn", "y"], ["x", "y"])
    assert problems == []
    assert steps(arc) == [("attn", (), {"query": 0, "key": 1, "value": 1})]
    assert (arc.output, arc.output_slots) == ((2, 1), (2, 1))
    arc, _ = read({"a": ["x"], "b": ["x"]}, {"policy": "b", "value": "a"})
    assert (arc.output, arc.output_slots) == ({"policy": 2, "value": 1}, (2, 1))


def test_a_module_is_called_again():
    arc, problems = read({"a~1": ["x"], "a~2": ["a~1"]}, "a~2")
    assert problems == [] and [step.module for step in arc.steps] == ["a", "a"]


def test_an_optional_input():
    for given_inputs in (["x"], ["x", "h"]):
        _, problems = read({"gru": given_inputs}, "gru", ["x", "h"])
        assert not [problem for problem in problems if problem.severity == "error"]


def test_nodes_run_behind_what_they_need_else_as_written():
    arc, problems = read({"cat": [["b", "a"]], "b": ["a"], "a": ["x"]}, "cat")
    assert problems == []
    assert [step.node for step in arc.steps] == ["a", "b", "cat"]


def test_a_node_may_take_over_the_name_of_an_input():
    arc, problems = read({"x": ["x"], "a": ["x"]}, "a", x="ReLU")
    assert problems == []
    assert steps(arc) == [("x", (0,), {}), ("a", (1,), {})]
    arc, _ = read({"a": ["x"], "x": ["x"]}, "a", x="ReLU")
    assert steps(arc)[0] == ("a", (0,), {})  # above the node, the name is the input's


@pytest.mark.parametrize(
    ("modules", "more", "problems"),
    [
        ({"aa": ["x"]}, {"output": "aa"}, ["graph/modules/aa"]),
        ({"a": ["y"]}, {}, ["graph/modules/a/0"]),
        ({"a": "y"}, {}, ["graph/modules/a"]),
        ({"a": ["x"]}, {"output": "c"}, ["graph/output"]),
        ({"a": ["x"]}, {"output": ["a", "c"]}, ["graph/output/1"]),
        ({"a": ["x"]}, {"output": {"p": "c"}}, ["graph/output/p"]),
        ({"a": ["b"], "b": ["a"]}, {}, ["graph/modules/a/0"]),
        ({"a": ["a"]}, {}, ["graph/modules/a/0"]),
        ({"a": ["x", "x"]}, {}, ["graph/modules/a/1"]),
        ({"a": []}, {}, ["graph/modules/a"]),
        ({"a": [["x"]]}, {}, ["graph/modules/a/0"]),
        ({"a": {"inptu": "x"}}, {}, ["graph/modules/a/inptu"]),
        ({"a": ["x"], "cat": ["a", "x"]}, {"output": "cat"}, ["graph/modules/cat"]),
        ({"a": ["x"], "cat": ["a"]}, {"output": "cat"}, ["graph/modules/cat/0"]),
        ({"a": ["x"], "stack": ["a"]}, {"output": "stack"}, ["graph/modules/stack/0"]),
        ({"attn": ["x"]}, {"output": "attn"}, ["graph/modules/attn"]),
        ({"attn": {"query": "x", "value": "x"}}, {"output": "attn"}, ["graph/modules/attn"]),
        ({"a~1~2": ["x"]}, {"output": "a~1~2"}, ["graph/modules/a~1~2"]),
        ({"a": ["x"]}, {"inputs": ["x", "x"]}, ["graph/input/1"]),
        ({"train": ["x"]}, {"output": "train", "train": "ReLU"}, ["modules/train"]),
    ],
)
def test_what_does_not_connect(modules, more, problems):
    errors = [path for path, severity in found(modules, **more) if severity == "error"]
    assert errors == problems


def test_a_circle_is_told_once_with_all_of_it():
    modules = {name: {"LazyLinear": {"out_features": 2}} for name in "pqr"}
    [problem] = read({"p": ["q"], "q": ["r"], "r": ["p"]}, "p", **modules)[1]
    assert problem.message == "the graph goes round in a circle: p needs q needs r needs p"


@pytest.mark.parametrize(
    ("modules", "output", "inputs", "unused"),
    [
        ({"a": ["x"], "b": ["x"]}, "a", "x", ["graph/modules/b"]),
        ({"a": ["x"], "b": ["a"], "cat": [["b", "a"]]}, "a", "x", ["graph/modules/b", "graph/modules/cat"]),
        ({"a": ["x"]}, "a", ["x", "y"], ["graph/input"]),
        ({"a": ["x"]}, ["a", "y"], ["x", "y"], []),
    ],
)
def test_what_leads_nowhere_is_a_warning(modules, output, inputs, unused):
    assert found(modules, output, inputs) == [(path, "warning") for path in unused]


def test_a_module_that_no_node_calls_is_a_warning():
    assert found({"a": ["x"]}, spare="ReLU") == [("modules/spare", "warning")]


TALL = {"Repeat": {"times": 1000, "layers": ["ReLU"]}}
CALLED = {f"m~{i}": ["x"] for i in range(11)}


@pytest.mark.parametrize(
    ("modules", "nodes", "at"),
    [
        ({"m": {"Repeat": {"times": 1000, "layers": [TALL]}}}, {"m": ["x"]}, ("modules", "m", "Repeat")),
        ({f"m{i}": TALL for i in range(11)}, {"m0": ["x"]}, ("modules",)),
        ({"m": TALL}, CALLED, ("graph", "modules")),
        ({"m": "ReLU"}, {f"m~{i}": ["x"] for i in range(MAX_LAYERS + 1)}, ("graph", "modules")),
    ],
)
def test_more_layers_than_any_net_has(modules, nodes, at):
    arc, [problem] = read_arc({"modules": modules, "graph": {"input": "x", "modules": nodes, "output": "m"}})
    assert arc is None and problem.path == at and f"{MAX_LAYERS:,}" in problem.message


def test_as_many_layers_as_a_net_may_have():
    nodes = {f"m~{i}": [f"m~{i - 1}" if i else "x"] for i in range(10)}
    arc, problems = read_arc({"modules": {"m": TALL}, "graph": {"input": "x", "modules": nodes, "output": "m~9"}})
    assert len(arc.steps) == 10 and not problems


@pytest.mark.parametrize("key", ["input", "modules", "output"])
def test_a_key_that_is_misspelt_is_refused_under_that_name(key):
    """The schema says so, and nothing of the one that is missing."""
    graph = {"input": "x", "modules": {"m": ["x"]}, "output": "m"}
    graph[f"o- {key}"] = graph.pop(key)
    assert read_arc({"modules": {"m": "ReLU"}, "graph": graph}, {("graph", f"o- {key}")}) == (None, [])


NAMES = st.sampled_from(["x", "y", "a", "b", "c", "d"])


@given(st.dictionaries(NAMES, st.lists(NAMES, max_size=3), max_size=5), NAMES)
def test_any_graph_is_followed_or_refused(nodes, output):
    modules = dict.fromkeys("abcd", "ReLU")
    arc, problems = read_arc({"modules": modules, "graph": {"input": ["x", "y"], "modules": nodes, "output": output}})
    errors = [problem for problem in problems if problem.severity == "error"]
    if arc is None:
        assert errors
        return
    for slot, step in enumerate(arc.steps, 2):  # what goes in is there already
        assert all(source < slot for source in step.sources)
    assert {step.node for step in arc.steps} == set(nodes)
