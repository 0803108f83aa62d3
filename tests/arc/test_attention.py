"""Attention: heads, features and batches that have to go together."""

import pytest
from small_layers import misfit, of, output, told

HEADS = {"embed_dim": 8, "num_heads": 2, "batch_first": True}
BLOCK = {"d_model": 8, "nhead": 2, "batch_first": True}
SELF = (of(5, 8),) * 3


def test_attention_gives_its_weights_too():
    assert output("MultiheadAttention", HEADS, *SELF) == (of(5, 8), of(5, 5))
    assert output("MultiheadAttention", HEADS, of(5, 8), of(7, 8), of(7, 8)) == (of(5, 8), of(5, 7))


def test_of_a_batch_that_is_taken_for_time_the_weights_are_not_known():
    assert output("MultiheadAttention", {**HEADS, "batch_first": False}, *SELF) == (of(5, 8), None)


@pytest.mark.parametrize(
    ("name", "arguments", "argument"),
    [
        ("MultiheadAttention", {**HEADS, "num_heads": 3}, "num_heads"),
        ("TransformerEncoderLayer", {**BLOCK, "nhead": 3}, "nhead"),
    ],
)
def test_heads_divide_the_features(name, arguments, argument):
    inputs = SELF if name == "MultiheadAttention" else SELF[:1]
    said, where, fits = told(name, arguments, *inputs)
    assert (where, fits) == (argument, 2)
    assert said.startswith("has 3 heads, which do not divide the ")


@pytest.mark.parametrize(
    ("inputs", "argument", "source"),
    [
        ((of(5, 6), of(5, 8), of(5, 8)), "embed_dim", None),
        ((of(5, 8), of(5, 6), of(5, 8)), "kdim", 1),
        ((of(5, 8), of(5, 8), of(5, 6)), "vdim", 2),
        ((of(5, 8), of(5, 8), of(7, 8)), "", 2),
        ((*SELF, of(4)), "", 3),
        ((*SELF, of(5, integer=True)), "", 3),
    ],
)
def test_which_input_it_is(inputs, argument, source):
    why = misfit("MultiheadAttention", HEADS, *inputs)
    assert (why.argument, why.source) == (argument, source)


def test_a_mask_has_one_number_a_place():
    assert output("MultiheadAttention", HEADS, *SELF, of(5))[0] == of(5, 8)


@pytest.mark.parametrize("name", ["TransformerDecoderLayer", "Transformer"])
def test_two_sequences_go_together(name):
    assert output(name, BLOCK, of(5, 8), of(7, 8)) == (of(7, 8) if name == "Transformer" else of(5, 8))
    assert told(name, BLOCK, of(5, 6), of(7, 6))[1:] == ("d_model", 6)
    assert str(misfit(name, BLOCK, of(5, 6), of(7, 8))) == "gets (batch, 5, 6) and (batch, 7, 8), whose features differ"
    in_front = {**BLOCK, "batch_first": False}
    assert "whose batches differ" in str(misfit(name, in_front, of(5, 8, batch=1), of(7, 8)))


def test_one_step_is_no_sequence():
    assert misfit("TransformerEncoderLayer", BLOCK, of(8)).batch
