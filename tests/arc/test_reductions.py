"""Reductions: which dimensions they may take, and what they give of integers."""

import pytest
from small_layers import misfit, of, output, told


@pytest.mark.parametrize("name", ["Reduce", "TorchFn"])
def test_the_batch_is_not_reduced(name):
    why = misfit(name, {"name": "mean", "dim": 0}, of(8))
    assert (str(why), why.argument, why.fits, why.batch) == (
        "gets (batch, 8), and reduces the batch too",
        "dim",
        1,
        True,
    )
    assert misfit(name, {"name": "sum", "dim": [1, 0]}, of(8)).entry == 1


def test_without_a_dimension_all_are_reduced():
    why = misfit("TorchFn", {"name": "sum"}, of(8))
    assert (why.argument, why.fits, why.batch) == ("dim", -1, True)


def test_dimensions_go_or_stay_as_one():
    assert output("Reduce", {"name": "mean", "dim": [1, -1]}, of(4, 5, 6)) == of(5)
    assert output("Reduce", {"name": "mean", "dim": -1, "keepdim": True}, of(4, 5)) == of(4, 1)
    assert output("Reduce", {"name": "sum", "dim": 0}, of(4, 5, batch=1)) == of(5)


def test_some_take_one_dimension():
    assert told("Reduce", {"name": "prod", "dim": [1]}, of(4, 5))[1:] == ("dim", 1)
    assert str(misfit("Reduce", {"name": "amax", "dim": [1, -2]}, of(4, 5))) == "names dimension 1 twice"


def test_some_give_where_it_was():
    assert output("Reduce", {"name": "max", "dim": 1}, of(4, 5)) == (of(5), of(5, integer=True))
    assert output("Reduce", {"name": "argmax", "dim": 1}, of(4, 5)) == of(5, integer=True)


def test_integers():
    counted = of(8, integer=True)
    assert output("Reduce", {"name": "sum", "dim": 1}, counted) == of(integer=True)
    assert output("Reduce", {"name": "logsumexp", "dim": 1}, counted) == of()
    assert misfit("Reduce", {"name": "mean", "dim": 1}, counted)


def test_what_is_no_reduction_is_not_known():
    assert output("Reduce", {"name": "abs", "dim": 1}, of(8)) is None
