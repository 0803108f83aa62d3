"""Functions of one tensor: where the batch goes, and what they cannot take."""

import pytest
from small_layers import misfit, of, output


def called(name, **arguments):
    return {"name": name, **arguments}


def test_a_function_that_is_not_known():
    assert output("TorchFn", called("fft"), of(8)) is None


@pytest.mark.parametrize(
    ("arguments", "batch", "sizes"),
    [
        (called("transpose", dim0=0, dim1=1), 1, (4, 8)),
        (called("permute", dims=[2, 0, 1]), 1, (8, 4)),
        (called("movedim", source=0, destination=-1), 2, (4, 8)),
        (called("movedim", source=[0, 2], destination=[2, 0]), 2, (8, 4)),
        (called("unsqueeze", dim=0), 1, (1, 4, 8)),
        (called("unsqueeze", dim=-1), 0, (4, 8, 1)),
    ],
)
def test_the_batch_is_moved(arguments, batch, sizes):
    assert output("TorchFn", arguments, of(4, 8)) == of(*sizes, batch=batch)


@pytest.mark.parametrize(
    ("arguments", "argument", "entry"),
    [
        (called("softmax", dim=0), "dim", None),
        (called("cumsum", dim=-2), "dim", None),
        (called("flip", dims=[1, 0]), "dims", 1),
        (called("roll", shifts=1, dims=0), "dims", None),
        (called("roll", shifts=1), "dims", None),
        (called("flatten"), "start_dim", None),
        (called("squeeze", dim=0), "dim", None),
        (called("squeeze"), "dim", None),
        (called("unflatten", dim=0, sizes=[1, -1]), "dim", None),
        (called("diff", dim=0), "dim", None),
        (called("tril"), "", None),
    ],
)
def test_the_batch_is_left_alone(arguments, argument, entry):
    why = misfit("TorchFn", arguments, of(8))
    assert (why.argument, why.entry, why.batch) == (argument, entry, True)


def test_only_ones_are_squeezed():
    assert output("TorchFn", called("squeeze", dim=[1, 2]), of(1, 8)) == of(8)
    assert output("TorchFn", called("squeeze", dim=2), of(1, 8)) == of(1, 8)


@pytest.mark.parametrize(
    ("arguments", "argument"),
    [
        (called("permute", dims=[0, 1]), "dims"),
        (called("permute", dims=[0, 1, 1]), "dims"),
        (called("movedim", source=[0, 1], destination=[1]), "destination"),
        (called("roll", shifts=[1, 2], dims=[1]), "shifts"),
        (called("diff", n=8), "n"),
        (called("unflatten", dim=2, sizes=[3, 3]), "sizes"),
    ],
)
def test_what_does_not_go_together(arguments, argument):
    why = misfit("TorchFn", arguments, of(4, 8))
    assert (why.argument, why.batch) == (argument, False)


@pytest.mark.parametrize(
    ("arguments", "integer"),
    [
        (called("add", other=1), True),
        (called("add", other=0.5), False),
        (called("sqrt"), False),
        (called("abs"), True),
        (called("div", other=2), False),
    ],
)
def test_integers_stay_or_become_floats(arguments, integer):
    assert output("TorchFn", arguments, of(8, integer=True)) == of(8, integer=integer)


@pytest.mark.parametrize("arguments", [called("softmax", dim=1), called("frac")])
def test_integers_are_refused(arguments):
    assert str(misfit("TorchFn", arguments, of(8, integer=True))) == "gets integers, and needs floats"
