import pytest

from slm_net.as_arc.layers import Draft, convolutions, dense, in_a_row, layer

PLAIN = {"layer_norm": False, "weight_norm": False, "dropout": 0.0, "batch_norm": False}
RELU = {"name": "ReLU"}


def test_a_layer_without_arguments_is_its_name():
    assert layer("Reduce", name="mean", dim=1) == {"Reduce": {"name": "mean", "dim": 1}}
    assert in_a_row("ReLU", layer("Dropout", p=0.1)) == {"Sequential": ["ReLU", {"Dropout": {"p": 0.1}}]}
    assert (layer("ReLU"), in_a_row()) == ("ReLU", "Identity")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [{"LazyLinear": {"out_features": 8}}, "ReLU"]),
        ({"weight_norm": True}, [{"LazyWeightNormLinear": {"out_features": 8}}, "ReLU"]),
        (
            {"layer_norm": True, "dropout": 0.1},
            [
                {"LazyLinear": {"out_features": 8}},
                {"LayerNorm": {"normalized_shape": 8}},
                "ReLU",
                {"Dropout": {"p": 0.1}},
            ],
        ),
    ],
)
def test_options_of_dense_layers_are_layers(options, expected):
    assert list(dense(PLAIN | options, [8], [RELU])) == expected


def test_batch_norm_stands_between_a_dense_layer_and_its_activation():
    assert list(dense(PLAIN, [8], [RELU], batch_norm=True))[1:] == ["LazyBatchNorm1d", "ReLU"]


def test_dense_layers_on_a_known_size_say_theirs():
    first, _, second = dense(PLAIN, [8, 6], [RELU, None], in_features=4)
    assert first == {"Linear": {"in_features": 4, "out_features": 8}}
    assert second == {"Linear": {"in_features": 8, "out_features": 6}}


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        (None, []),
        ({"name": "LeakyReLU", "negative_slope": 0.2}, [{"LeakyReLU": {"negative_slope": 0.2}}]),
        ({"name": "Softmax"}, [{"Softmax": {"dim": -1}}]),
        ({"name": "LogSoftmax", "dim": None}, [{"LogSoftmax": {"dim": -1}}]),
        ({"name": "Softmin", "dim": 1}, [{"Softmin": {"dim": 1}}]),
    ],
)
def test_activations(activation, expected):
    assert list(dense(PLAIN, [8], [activation]))[1:] == expected


def test_rows_become_arguments_but_for_the_defaults():
    rows = [[4, 3], [8, [3, 2], 2, "same", 1, 2, False, "circular"]]
    first, second, end = convolutions(PLAIN | {"conv_hid_layers": rows}, 2, [None, None])
    assert first == {"LazyConv2d": {"out_channels": 4, "kernel_size": 3}}
    names = ("out_channels", "kernel_size", "stride", "padding", "groups", "bias", "padding_mode")
    assert second == {"LazyConv2d": dict(zip(names, (8, [3, 2], 2, "same", 2, False, "circular"), strict=True))}
    assert end == "Flatten"


def test_batch_norm_stands_behind_the_activation_of_all_convolutions_but_the_first():
    spec = PLAIN | {"conv_hid_layers": [[4, 3], [4, 3]], "batch_norm": True}
    names = [one if isinstance(one, str) else next(iter(one)) for one in convolutions(spec, 1, [RELU, RELU])]
    assert names == ["LazyConv1d", "ReLU", "LazyConv1d", "ReLU", "LazyBatchNorm1d", "Flatten"]


def test_the_output_is_what_was_added_last_unless_it_is_said():
    draft = Draft("a", "b")
    both = draft.add("both", "MergeConcat", ["a", "b"])
    draft.add("end", "ReLU", both)
    calls = {"both": [["a", "b"]], "end": ["both"]}
    assert draft.arc["graph"] == {"input": ["a", "b"], "modules": calls, "output": "end"}
    draft.output = {"one": both, "two": "end"}
    assert draft.arc["graph"]["output"] == {"one": "both", "two": "end"}
    assert Draft("x").arc["graph"]["input"] == "x"
