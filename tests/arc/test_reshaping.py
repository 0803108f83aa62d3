"""Other sizes, and parts of tensors and tuples: what is beyond, and what would cut the batch."""

import pytest
from small_layers import misfit, of, output, told


def test_flatten_leaves_the_batch():
    assert output("Flatten", {}, of(4, 8, 8)) == of(256)
    assert output("Flatten", {"start_dim": 2}, of(4, 8, 8)) == of(4, 64)
    why = misfit("Flatten", {"start_dim": 0}, of(8))
    assert (str(why), why.argument, why.fits, why.batch) == (
        "gets (batch, 8), and flattens the batch too",
        "start_dim",
        1,
        True,
    )
    assert misfit("Flatten", {}, of(3, 4, batch=1)).fits is None


def test_flatten_needs_a_sample():
    assert told("Flatten", {}, of())[:2] == ("gets (batch), which has no dimension 1", "start_dim")


@pytest.mark.parametrize(("sizes", "fits"), [([3, 3], None), ([3, 2], [4, 2]), ([2, 3], [2, 4]), ([3, 4], [2, 4])])
def test_sizes_that_are_another_product(sizes, fits):
    why = misfit("Unflatten", {"dim": 1, "unflattened_size": sizes}, of(8))
    assert (why.argument, why.fits) == ("unflattened_size", fits)
    assert why.hint == (f"write {fits}" if fits else "their product has to be 8")


def test_one_size_may_be_what_is_left():
    assert output("Unflatten", {"dim": -1, "unflattened_size": [2, -1]}, of(8)) == of(2, 4)
    assert output("Unflatten", {"dim": 0, "unflattened_size": [2, -1]}, of(8, batch=1)) == of(2, 4, batch=2)
    assert misfit("Unflatten", {"dim": 0, "unflattened_size": [2, -1]}, of(8)).batch


def test_get_takes_one_of_a_tuple():
    both = (of(8), of(4))
    assert output("Get", {}, both) == of(8)
    assert output("Get", {"key": -1}, both) == of(4)
    assert told("Get", {"key": 2}, both) == ("gets a tuple of 2, which has no 2", "key", 1)
    assert told("Get", {"key": "mean"}, both)[1:] == ("key", 1)


def test_get_does_not_take_a_sample():
    why = misfit("Get", {}, of(8))
    assert (str(why), why.batch) == ("gets (batch, 8), and takes one sample of the batch", True)
    assert why.hint == "use Narrow or IndexSelect on dimension 1"
    assert output("Get", {"key": 1}, of(2, 8, batch=1)) == of(8)
    assert told("Get", {"key": 2}, of(2, 8, batch=1))[1:] == ("key", 1)


@pytest.mark.parametrize(
    ("start", "length", "argument", "fits"),
    [(8, 1, "start", 7), (-9, 1, "start", 7), (6, 3, "length", 2), (-2, 3, "length", 2)],
)
def test_a_slice_that_is_beyond(start, length, argument, fits):
    assert told("Narrow", {"dim": 1, "start": start, "length": length}, of(8))[1:] == (argument, fits)


def test_a_place_that_is_beyond():
    why = misfit("IndexSelect", {"dim": 1, "index": [1, 9]}, of(8))
    assert (why.argument, why.entry, why.fits) == ("index", 1, 7)
    assert output("IndexSelect", {"dim": 1, "index": [1, 1, 7]}, of(8)) == of(3)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("Narrow", {"dim": 0, "start": 0, "length": 1}),
        ("IndexSelect", {"dim": 0, "index": [0]}),
        ("ForkChunk", {"dim": 0}),
        ("ForkSplit", {"dim": 0, "split_size_or_sections": 1}),
    ],
)
def test_the_batch_is_not_cut(name, arguments):
    why = misfit(name, arguments, of(8))
    assert (why.argument, why.fits, why.batch) == ("dim", 1, True)


def test_pieces():
    assert output("ForkChunk", {"chunks": 3}, of(8)) == (of(3), of(3), of(2))
    assert output("ForkSplit", {"split_size_or_sections": 3}, of(8)) == (of(3), of(3), of(2))
    assert output("ForkSplit", {"split_size_or_sections": [6, 2]}, of(8)) == (of(6), of(2))


def test_sections_that_do_not_add_up():
    said = "gets (batch, 8), and splits 4 + 3 = 7 of 8"
    assert told("ForkSplit", {"split_size_or_sections": [4, 3]}, of(8)) == (said, "split_size_or_sections", [4, 4])
    assert told("ForkSplit", {"split_size_or_sections": [9, 3]}, of(8))[2] is None


def test_pieces_are_counted_before_they_are_made():
    assert "more than 1000" in str(misfit("ForkChunk", {"chunks": 10**12}, of(10**12)))
    assert "more than 1000" in str(misfit("ForkSplit", {"split_size_or_sections": 1}, of(10**12)))
