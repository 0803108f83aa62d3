"""Activations that look at a dimension: what they find behind each kind of layer."""

import pytest
import torch

from slm_net import build_net, validate

CONV = {"type": "ConvNet", "conv_hid_layers": [[4, 3], [4, 3]], "fc_hid_layers": []}
NETS = {
    "MLPNet": ({"hid_layers": [8, 8]}, 4),
    "ConvNet": ({"conv_hid_layers": [[4, 3], [4, 3]], "fc_hid_layers": [], "batch_norm": False}, (2, 9, 9)),
    "RecurrentNet": ({"fc_hid_layers": [8], "rnn_hidden_size": 5, "seq_len": 3}, (3, 4)),
    "HydraMLPNet": ({"hid_layers": [[[8], [8]], [8], []]}, [4, 6]),
}
#: The dimensions with the batch of what reaches the hidden layers, and the size of the one behind the batch.
SEEN = {"MLPNet": (2, 8), "ConvNet": (4, 4), "RecurrentNet": (3, 3), "HydraMLPNet": (2, 8)}


def net(kind, activation, **changes):
    return {"type": kind, **NETS[kind][0], "hid_layers_activation": activation, **changes}


def found(spec, in_dim, out_dim=2):
    problems = validate(spec, in_dim=in_dim, out_dim=out_dim)
    return [(problem.pointer, problem.rule_name, problem.severity) for problem in problems]


def runs(spec, in_dim, out_dim=2):
    """Whether torch runs the net, built without the rules' word."""
    from slm_net.document.nets import resolve
    from slm_net.nets import NETS as BUILT

    model = BUILT[spec["type"]](resolve(spec), in_dim, out_dim)
    sizes = in_dim if isinstance(in_dim, list) else [in_dim]
    inputs = [torch.rand(4, *([size] if isinstance(size, int) else size)) for size in sizes]
    try:
        model(inputs if spec["type"] == "HydraMLPNet" else inputs[0])
    except (IndexError, RuntimeError):
        return False
    return True


@pytest.mark.parametrize("kind", NETS)
@pytest.mark.parametrize("name", ["softmax", "LogSoftmax", "softmin"])
@pytest.mark.parametrize("dim", [-5, -4, -3, -2, -1, 0, 1, 2, 3, 4])
def test_softmax_sums_over_a_dimension_that_is_there(kind, name, dim):
    spec, in_dim, rank = net(kind, {"name": name, "dim": dim}), NETS[kind][1], SEEN[kind][0]
    severity = "warning" if dim in (0, -rank) else "" if -rank <= dim < rank else "error"
    expected = [("/hid_layers_activation/dim", "value-out-of-range", severity)] if severity else []
    assert found(spec, in_dim) == expected
    assert runs(spec, in_dim) == (severity != "error")


@pytest.mark.parametrize("kind", NETS)
@pytest.mark.parametrize("slopes", [1, 2, 3, 4, 8])
def test_prelu_has_one_slope_or_one_for_each(kind, slopes):
    spec, in_dim = net(kind, {"name": "prelu", "num_parameters": slopes}), NETS[kind][1]
    fits = slopes in (1, SEEN[kind][1])
    expected = [] if fits else [("/hid_layers_activation/num_parameters", "dims-do-not-fit", "error")]
    assert found(spec, in_dim) == expected
    assert runs(spec, in_dim) == fits


def test_an_activation_of_a_list_meets_its_own_layer():
    listed = [{"name": "softmax", "dim": 3}, {"name": "prelu", "num_parameters": 6}, {"name": "softmax", "dim": 3}]
    spec = {**net("ConvNet", listed), "fc_hid_layers": [6]}
    assert found(spec, (2, 9, 9)) == [
        ("/hid_layers_activation/1/num_parameters", "dims-do-not-fit", "error"),
        ("/hid_layers_activation/2/dim", "value-out-of-range", "error"),
    ]


def test_without_dims_the_widths_are_known_and_the_rank_of_an_image_is_not():
    assert found(net("ConvNet", {"name": "softmax", "dim": 3}), None, None) == []
    assert found(net("ConvNet", {"name": "prelu", "num_parameters": 3}), None, None)
    assert found(net("MLPNet", {"name": "softmax", "dim": 3}), None, None)
    assert found(net("RecurrentNet", {"name": "prelu", "num_parameters": 8}), None, None)
    assert found({**net("MLPNet", {"name": "prelu", "num_parameters": 9}), "hid_layers": []}, None, None) == []


@pytest.mark.parametrize(
    ("out_dim", "slopes", "log_std_init", "fits"),
    [
        (3, 3, None, True),
        (3, 2, None, False),
        ([3, 3], 3, None, True),
        ([3, 1], 3, None, False),
        ([3, 3], 3, 0.0, True),
        ([3, 3, 1], 3, 0.0, False),
        (2, 2, 0.0, False),
        ([2], 2, 0.0, False),
        ([2, 2], 2, 0.0, True),
        ([2, 1], 2, 0.0, False),
    ],
)
def test_outputs(out_dim, slopes, log_std_init, fits):
    out = {"out_layer_activation": {"name": "prelu", "num_parameters": slopes}, "log_std_init": log_std_init}
    spec = net("MLPNet", "relu", **out)
    expected = [] if fits else [("/out_layer_activation/num_parameters", "dims-do-not-fit", "error")]
    assert found(spec, 4, out_dim) == expected
    assert runs(spec, 4, out_dim) == fits


def test_a_net_that_is_passed_is_built():
    spec = net("RecurrentNet", {"name": "prelu", "num_parameters": 3})
    assert build_net(spec, (3, 4), 2).model(torch.rand(4, 3, 4)).shape == (4, 2)
