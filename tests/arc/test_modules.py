"""The modules of an arc as parts: layers, stacks, what a compact stands for, and the place of each."""

import pytest

from slm_net.arc.modules import Call, Reader, calls_of, instances

COMPACT = {
    "prelayer": ["LazyBatchNorm1d"],
    "layer": {"type": "LazyConv2d", "keys": ["out_channels", "kernel_size"], "args": [[8, 3], [16, [3, 5]]]},
    "postlayer": [{"ELU": {"alpha": 0.5}}],
}


def names(part):
    return [call.name for call in calls_of(part)]


def test_a_layer_is_a_name_alone_or_with_arguments():
    for written in ("ReLU", {"ReLU": None}, {"ReLU": {}}):
        part = Reader().part(written, ("modules", "a"))
        assert (part.name, part.written, part.arguments) == ("ReLU", {}, {"inplace": False})
    linear = Reader().part({"Linear": {"in_features": 4.0, "out_features": 8}}, ())
    assert linear.arguments == {"in_features": 4, "out_features": 8, "bias": True}
    assert linear.given == {"in_features": 4, "out_features": 8} and type(linear.given["in_features"]) is int
    assert linear.at("out_features") == ("Linear", "out_features")
    assert linear.at("bias") == ("Linear",)  # not written


def test_stacks_nest_and_repeat():
    written = {"Sequential": ["ReLU", {"Repeat": {"times": 2, "layers": ["Tanh", {"Residual": ["Identity"]}]}}]}
    part = Reader().part(written, ("modules", "body"))
    assert part.count == 5
    assert names(part) == ["ReLU", "Tanh", "Identity"]
    keys = [key for key, _ in instances(("body",), part)]
    assert keys == [("body", 0), ("body", 1, 0), ("body", 1, 1, 0), ("body", 1, 2), ("body", 1, 3, 0)]
    identity = next(call for call in calls_of(part) if call.name == "Identity")
    assert identity.path == ("modules", "body", "Sequential", 1, "Repeat", "layers", 1, "Residual", 0)


def test_a_count_is_not_written_out():
    part = "Identity"
    for _ in range(20):
        part = {"Repeat": {"times": 1000, "layers": [part]}}
    assert Reader().part(part, ()).count == 1000**20


def test_a_compact_is_its_layers_for_each_entry():
    part = Reader().part({"compact": COMPACT}, ("modules", "body"))
    assert names(part) == ["LazyBatchNorm1d", "LazyConv2d", "ELU"] * 2
    first, second = (call for call in calls_of(part) if call.name == "LazyConv2d")
    assert first.given == {"out_channels": 8, "kernel_size": 3}
    assert second.given["kernel_size"] == [3, 5]
    place = ("modules", "body", "compact", "layer", "args", 1)
    assert (second.path, second.at("kernel_size"), second.at("stride")) == (place, (*place, 1), place)
    assert second.at("kernel_size", 1) == (*place, 1, 1)


@pytest.mark.parametrize(
    ("args", "severities", "written"),
    [
        ([[8]], ["warning"], {"out_channels": 8}),
        ([8], ["warning"], {"out_channels": 8}),
        ([[8, 3, 1]], ["error"], {"out_channels": 8, "kernel_size": 3}),
        ([[8, 3]], [], {"out_channels": 8, "kernel_size": 3}),
    ],
)
def test_the_values_of_a_compact_are_as_many_as_its_keys(args, severities, written):
    reader = Reader()
    part = reader.part({"compact": {"layer": {**COMPACT["layer"], "args": args}}}, ())
    assert part.parts[0].written == written
    assert [problem.severity for problem in reader.problems] == severities
    assert all(problem.path == ("compact", "layer", "args", 0) for problem in reader.problems)


def test_wrong_values_of_a_compact_make_that_layer_wrong_alone():
    layer = {**COMPACT["layer"], "args": [[8, "3"], [8, 3]]}
    part = Reader().part({"compact": {"layer": layer}}, ())
    assert [call.wrong for call in part.parts] == [True, False]


@pytest.mark.parametrize(
    "written", [None, 3, [], {}, {"ReLU": None, "Tanh": None}, {"Sequential": None}, {"Repeat": {}}]
)
def test_what_the_schema_refuses_is_read_as_wrong(written):
    part = Reader().part(written, ("modules", "a"))
    assert isinstance(part, Call) and part.wrong


def test_what_was_refused_inside_of_a_layer_makes_it_wrong():
    refused = {("a", "Sequential", 0, "Linear", "bias")}
    part = Reader(refused).part({"Sequential": [{"Linear": {"bias": "no"}}, "ReLU"]}, ("a",))
    assert [call.wrong for call in part.parts] == [True, False]
