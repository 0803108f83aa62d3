"""Merges: what may differ, and what has to be equal."""

import pytest
from small_layers import misfit, of, output, told

FILM = {"feature_dim": 4, "conditioner_dim": 3}


def test_features_are_put_side_by_side():
    assert output("MergeConcat", {}, [of(8), of(4), of(1)]) == of(13)
    assert output("MergeConcat", {"dim": -1}, [of(3, 8), of(3, 4, integer=True)]) == of(3, 12)


def test_a_layer_that_puts_out_a_tuple_is_a_list():
    assert output("MergeConcat", {}, output("ForkChunk", {}, of(8))) == of(8)


def test_other_numbers_of_dimensions():
    why = misfit("MergeConcat", {}, [of(4, 6, 6), of(4)])
    assert str(why) == "gets (batch, 4, 6, 6) and (batch, 4), and needs as many dimensions in all"
    assert why.hint == "Flatten what has more dimensions"


def test_other_sizes_beside_the_dimension():
    said = "gets (batch, 4, 6), (batch, 4, 5) and (batch, 3, 6), which may differ in dimension 1 alone"
    assert str(misfit("MergeConcat", {}, [of(4, 6), of(4, 5), of(3, 6)])) == said


def test_samples_are_not_added_to_a_batch():
    why = misfit("MergeConcat", {"dim": 0}, [of(8), of(8)])
    assert (str(why), why.argument, why.fits, why.batch) == (
        *("gets (batch, 8), and puts more samples into the batch", "dim"),
        *(1, True),
    )


@pytest.mark.parametrize(("dim", "wanted"), [(1, of(2, 8)), (-1, of(8, 2)), (0, of(2, 8, batch=1))])
def test_a_stack_may_move_the_batch(dim, wanted):
    assert output("MergeStack", {"dim": dim}, [of(8), of(8)]) == wanted


@pytest.mark.parametrize("name", ["MergeStack", "MergeSum", "MergeProd", "MergeMean"])
def test_nothing_is_stretched(name):
    assert str(misfit(name, {}, [of(8), of(1)])) == "gets (batch, 8) and (batch, 1), and needs equal shapes"


def test_integers():
    counted = [of(8, integer=True)] * 2
    assert output("MergeSum", {}, counted) == of(8, integer=True)
    assert str(misfit("MergeMean", {}, counted)) == "gets integers, and needs floats"


def test_what_is_no_list_of_tensors():
    assert misfit("MergeSum", {}, of(8)).source == 0
    assert misfit("MergeSum", {}, []).source == 0
    why = misfit("MergeSum", {}, [of(8), (of(8), of(8))])
    assert (why.source, why.entry) == (0, 1)


def test_one_that_is_not_known():
    assert output("MergeSum", {}, [of(8), None]) is None


def test_products_of_two():
    assert output("MergeDot", {}, of(8), of(8)) == of()
    assert output("MergeBMM", {}, of(3, 4), of(4, 5)) == of(3, 5)
    assert "whose 4 columns and 5 rows differ" in str(misfit("MergeBMM", {}, of(3, 4), of(5, 4)))
    assert misfit("MergeBMM", {}, of(3, 4), of(4)).source == 1
    assert misfit("MergeDot", {}, of(), of()).batch


def test_a_conditioner_scales_channels():
    assert output("MergeFiLM", FILM, of(4, 8, 8), of(3)) == of(4, 8, 8)
    assert told("MergeFiLM", FILM, of(5, 8, 8), of(3))[1:] == ("feature_dim", 5)
    assert told("MergeFiLM", FILM, of(4, 8, 8), of(2))[1:] == ("conditioner_dim", 2)
