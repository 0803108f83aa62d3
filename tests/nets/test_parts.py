import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from slm_net.net_types.conv import ConvolutionError, conv_output_shape
from slm_net.nets.parts import NO_OPTIONS, conv_stack, dense_norm, dense_stack, size_of, sizes_of


@settings(deadline=None)
@given(widths=st.lists(st.integers(1, 9), min_size=1, max_size=5), relu=st.booleans(), dropout=st.booleans())
def test_dense_stack_maps_the_first_width_to_the_last(widths, relu, dropout):
    activations = [{"name": "ReLU"} if relu else None] * (len(widths) - 1)
    model = dense_stack(widths, activations, {**NO_OPTIONS, "layer_norm": True, "dropout": 0.5 * dropout})
    assert model(torch.randn(3, widths[0])).shape == (3, widths[-1])
    assert len(model) == (len(widths) - 1) * (2 + relu + dropout)


def test_an_empty_stack_is_the_identity_without_state():
    x = torch.randn(2, 3)
    assert dense_stack([3], [])(x) is x
    assert conv_stack((1, 4, 4), [], [], True)(x) is x
    assert dense_stack([3], []).state_dict() == {}


def test_order_within_dense_layers():
    relu, tanh = {"name": "ReLU"}, {"name": "Tanh"}
    kinds = [type(module) for module in dense_stack([4, 3, 2], [relu, tanh], {**NO_OPTIONS, "dropout": 0.1}, True)]
    assert kinds == [
        *(nn.Linear, nn.BatchNorm1d, nn.ReLU, nn.Dropout),
        *(nn.Linear, nn.BatchNorm1d, nn.Tanh, nn.Dropout),
    ]


def test_batch_norm_follows_every_activation_but_the_first():
    model = conv_stack((1, 9, 9), [[2, 3], [3, 3], [4, 3]], [{"name": "ReLU"}] * 3, True)
    kinds = [type(module) for module in model]
    assert kinds == [
        *(nn.Conv2d, nn.ReLU),
        *(nn.Conv2d, nn.ReLU, nn.BatchNorm2d),
        *(nn.Conv2d, nn.ReLU, nn.BatchNorm2d),
    ]


@st.composite
def geometries(draw):
    rank = draw(st.integers(1, 3))
    in_dim = [draw(st.integers(1, 3)), *(draw(st.integers(1, 11)) for _ in range(rank))]

    def entry(low, high):
        each = st.integers(low, high)
        return draw(each | st.lists(each, min_size=rank, max_size=rank))

    rows = []
    for _ in range(draw(st.integers(0, 3))):
        padding = draw(st.sampled_from(["same", "valid"])) if draw(st.booleans()) else entry(0, 2)
        row = [draw(st.integers(1, 4)), entry(1, 4), 1 if padding == "same" else entry(1, 3), padding, entry(1, 2)]
        row += [1, draw(st.booleans()), "zeros"]
        rows.append(row[: draw(st.integers(2, 8))])
    return in_dim, rows


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
@settings(deadline=None)
@given(geometries())
def test_shapes_are_what_torch_makes_of_them(geometry):
    in_dim, rows = geometry
    try:
        expected = conv_output_shape(in_dim, rows)
    except ConvolutionError:
        model = conv_stack(in_dim, rows, [None] * len(rows), False)
        with pytest.raises(RuntimeError):
            model(torch.zeros(1, *in_dim))
        return
    model = conv_stack(in_dim, rows, [None] * len(rows), True).eval()
    assert model(torch.zeros(2, *in_dim)).shape[1:] == expected


@pytest.mark.parametrize("value", [0, -1, 1.5, "3", None, True, [3]])
def test_size_of_refuses(value):
    with pytest.raises(ValueError, match="in_dim must be a positive integer"):
        size_of(value, "in_dim")


def test_sizes_take_numpy():
    assert size_of(np.int64(3), "x") == 3 == size_of(3.0, "x")
    assert sizes_of(np.array([4, 84, 84]), "x", (3,)) == (4, 84, 84)
    assert type(size_of(np.int32(3), "x")) is int


@pytest.mark.parametrize("value", [3, [3], [3, 4, 5, 6], None])
def test_sizes_of_refuses(value):
    with pytest.raises(ValueError, match="in_dim must list 2 or 3 sizes"):
        sizes_of(value, "in_dim", (2, 3))


def test_one_norm_at_most():
    assert dense_norm(False) is None
    assert dense_norm(True) is nn.LayerNorm
    assert dense_norm(False, True) is nn.BatchNorm1d
    with pytest.raises(ValueError, match="batch_norm and layer_norm"):
        dense_norm(True, True)
