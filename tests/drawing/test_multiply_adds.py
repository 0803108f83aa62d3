"""The layers that torch's own count leaves out, and the others in numbers that one can check by hand."""

import pytest

from slm_net.arc.layers import layer_made
from slm_net.arc.shapes import Shape
from slm_net.drawing.multiply_adds import multiply_adds
from slm_net.schema.catalogue import canonical_arguments

SEQUENCE = Shape((1, 5, 3))  # five steps of three numbers


@pytest.mark.parametrize(
    ("name", "written", "inputs", "expected"),
    [
        ("GRU", {"input_size": 3, "hidden_size": 4, "batch_first": True}, [SEQUENCE], 5 * 3 * 4 * (3 + 4)),
        (
            "LSTM",
            {"input_size": 3, "hidden_size": 4, "num_layers": 2, "bidirectional": True, "batch_first": True},
            [SEQUENCE],
            5 * 2 * 4 * 4 * ((3 + 4) + (8 + 4)),
        ),
        (
            "LSTM",
            {"input_size": 3, "hidden_size": 4, "proj_size": 2, "batch_first": True},
            [SEQUENCE],
            5 * (4 * 4 * (3 + 2) + 4 * 2),
        ),
        ("RNNCell", {"input_size": 3, "hidden_size": 4}, [Shape((1, 3))], 4 * (3 + 4)),
        ("BatchNorm2d", {"num_features": 2}, [Shape((1, 2, 3, 3))], 2 * 18),
        ("LayerNorm", {"normalized_shape": 3, "elementwise_affine": False}, [SEQUENCE], 15),
        ("ConvTranspose2d", {"in_channels": 2, "out_channels": 3, "kernel_size": 2}, [Shape((1, 2, 4, 4))], 32 * 4 * 3),
        (
            "Conv1d",
            {"in_channels": 4, "out_channels": 6, "kernel_size": 3, "groups": 2},
            [Shape((1, 4, 9))],
            42 * 3 * 2,
        ),
        ("Bilinear", {"in1_features": 2, "in2_features": 3, "out_features": 4}, [Shape((1, 2)), Shape((1, 3))], 24),
        ("MergeBMM", {}, [Shape((1, 2, 3)), Shape((1, 3, 4))], 24),
        ("MergeFiLM", {"feature_dim": 4, "conditioner_dim": 3}, [Shape((1, 4)), Shape((1, 3))], 2 * 12 + 4),
        (
            "MultiheadAttention",
            {"embed_dim": 4, "num_heads": 2, "batch_first": True},
            [Shape((1, 3, 4)), Shape((1, 5, 4)), Shape((1, 5, 4))],
            2 * 3 * 16 + 2 * 5 * 16 + 2 * 3 * 5 * 4,
        ),
        ("ReLU", {}, [SEQUENCE], 0),
        ("MaxPool1d", {"kernel_size": 2}, [SEQUENCE], 0),
    ],
)
def test_by_hand(name, written, inputs, expected):
    arguments = canonical_arguments("layer", name, written)
    assert multiply_adds(name, arguments, inputs, layer_made(name, arguments, inputs).output) == expected


def test_of_a_layer_that_is_not_known_nothing_is_said():
    assert multiply_adds("Strange", {}, [SEQUENCE], SEQUENCE) is None
