"""What a convolution cannot see, and maps that cannot be normalised; the first is compared with torch's gradients."""

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from small_nets import found

from slm_net import validate
from slm_net.net_types.conv import ConvolutionError, conv_shapes
from slm_net.rules.convolutions import seen_ends

CONV = {"type": "ConvNet", "fc_hid_layers": [8], "hid_layers_activation": "relu", "batch_norm": False}


def found_in(rows, in_dim, **keys):
    problems = validate({**CONV, "conv_hid_layers": rows, **keys}, in_dim=in_dim, out_dim=2)
    return [(problem.pointer, problem.rule_name, problem.severity) for problem in problems]


@pytest.mark.parametrize(
    ("rows", "in_dim", "row"),
    [
        ([[32, 8, 40]], (4, 84, 84), 0),
        ([[8, [3, 3], [1, 9]]], (1, 20, 20), 0),
        ([[32, 8, 4], [64, 4, 9]], (4, 84, 84), 1),
        ([[8, 5, 20]], (2, 64), 0),
        ([[8, 5, 20]], (2, 64, 60), 0),
        ([[8, 3, 9, 0]], (1, 20, 20, 20), 0),
    ],
)
def test_pixels_that_the_stride_leaves_out(rows, in_dim, row):
    assert found_in(rows, in_dim) == [(f"/conv_hid_layers/{row}/2", "pixels-left-out", "warning")]


@pytest.mark.parametrize(
    ("rows", "in_dim"),
    [
        ([[32, 8, 4], [64, 4, 2], [64, 3, 1]], (4, 84, 84)),
        ([[32, 8, 38]], (4, 84, 84)),
        ([[6, 5, 2, 0, 1], [9, 3, 1, 1, 1]], (3, 28, 28)),  # one pixel of 28
        ([[5, 2, 5, 0, 1]], (3, 28, 28)),  # gaps between the kernels are seen by whoever writes them
        ([[8, 3, 9, 6]], (1, 20, 20)),  # what is left out is padding
        ([[8, 4, 1, "same"]], (1, 20, 20)),
        ([], (1, 20, 20)),
    ],
)
def test_usual_convolutions_are_not_reported(rows, in_dim):
    assert found_in(rows, in_dim) == []


@settings(deadline=None, max_examples=60)
@given(
    side=st.integers(6, 40),
    rows=st.lists(
        st.tuples(st.just(1), st.integers(1, 4), st.integers(1, 9), st.integers(0, 2), st.integers(1, 2)).map(list),
        min_size=1,
        max_size=3,
    ),
)
def test_what_is_seen_is_where_gradients_arrive(side, rows):
    try:
        shapes = [(1, side), *conv_shapes((1, side), rows)]
    except ConvolutionError:
        assume(False)
    signal = torch.ones(1, 1, side, requires_grad=True)
    out = signal
    for _, kernel, stride, padding, dilation in rows:
        out = torch.nn.functional.conv1d(out, torch.ones(1, 1, kernel), None, stride, padding, dilation)
    out.sum().backward()
    reached = signal.grad[0, 0].nonzero()
    assume(len(reached))
    *_, end = seen_ends(rows, shapes, axis=0)
    assert end >= int(reached.max()) + 1
    if not any(row[3] for row in rows):  # else the last step may see padding alone
        assert end == int(reached.max()) + 1


@pytest.mark.parametrize("mode", ["zeros", "reflect", "replicate", "circular"])
@pytest.mark.parametrize("padding", [0, 1, 2, 3, 4, "same", "valid"])
@pytest.mark.parametrize("kernel", [1, 2, 4, 5])
def test_padding_that_torch_cannot_make_is_an_error(mode, padding, kernel):
    for size in (2, 3, 5):
        row = [4, kernel, 1, padding, 1, 1, True, mode]
        reported = [pointer for pointer, _, severity in found_in([row], (2, size, 6)) if severity == "error"]
        try:
            torch.nn.Conv2d(2, *row)(torch.zeros(1, 2, size, 6))
        except RuntimeError:
            assert reported and reported[0].startswith("/conv_hid_layers/0")
        else:
            assert not reported


@pytest.mark.parametrize("keys", [{"batch_norm": True}, {"batch_norm": True, "type": "DuelingConvNet"}])
def test_a_map_of_one_pixel_under_batch_norm(keys):
    rows = [[16, 14, 14], [32, 2, 1]]
    assert found_in(rows, (3, 28, 28), **keys) == [("/conv_hid_layers/1", "batch-norm-of-one-value", "warning")]
    assert found_in(rows, (3, 28, 28)) == []
    assert found_in(rows, (3, 43, 28), **keys) == []


def test_there_is_no_batch_norm_behind_the_first_convolution():
    assert found_in([[16, 8, 1]], (3, 8, 8), batch_norm=True) == []


@pytest.mark.parametrize("kind", ["DuelingConvNet", "QConvNet", "FiLMQConvNet"])
def test_convolutions_fit(kind):
    assert found(kind, conv_hid_layers=[[8, 3, 2], [8, 12]]) == [
        ("error", "/conv_hid_layers/1", "convolution-does-not-fit")
    ]
    channels_last = (24, 24, 3) if kind == "DuelingConvNet" else [(24, 24, 3), 2]
    assert found(kind, channels_last) == [("error", "/type", "dims-do-not-fit")]


def of_environment(env, **keys):
    """What validation says of a net of DQN in an environment."""
    net = {**CONV, "conv_hid_layers": [[8, 8, 4]], **keys}
    agent = {"name": "DQN", "algorithm": {"name": "DQN"}, "memory": {"name": "Replay"}, "net": net}
    problems = validate({"agent": agent, "env": env})
    return [(problem.pointer, problem.rule_name, problem.severity) for problem in problems]


PONG = {"name": "ALE/Pong-v5"}


@pytest.mark.parametrize("kind", ["ConvNet", "DuelingConvNet"])
def test_bytes_that_are_not_scaled(kind):
    assert of_environment(PONG, type=kind) == [("/agent/net", "bytes-not-scaled", "warning")]
    assert of_environment(PONG, type=kind, normalize=True) == of_environment(PONG, type=kind, normalize=False) == []
    assert of_environment({**PONG, "normalize_obs": True}, type=kind) == []


def test_what_the_net_is_fed_is_not_known_from_given_dims():
    assert found_in([[8, 8, 4]], (4, 84, 84)) == []
