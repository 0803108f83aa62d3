"""Dense layers and what compares samples: what they are made for, and what comes."""

import pytest
from small_layers import made, misfit, of, output, told

LINEAR = {"in_features": 8, "out_features": 2}
BILINEAR = {"in1_features": 4, "in2_features": 5, "out_features": 2}


def test_another_number_of_features():
    assert told("Linear", LINEAR, of(6)) == ("gets (batch, 6), and is made for 8 features", "in_features", 6)
    assert misfit("Linear", LINEAR, of(6)).hint == "write 6"
    assert told("Linear", {**LINEAR, "in_features": 1}, of(2, 6))[0] == "gets (batch, 2, 6), and is made for 1 feature"


def test_the_batch_is_no_feature():
    why = misfit("LazyLinear", {"out_features": 2}, of(8, batch=1))
    assert (str(why), why.batch) == ("gets (8, batch), and would take the batch for features", True)


def test_integers_want_an_embedding():
    why = misfit("Linear", LINEAR, of(8, integer=True))
    assert (str(why), why.hint) == ("gets integers, and needs floats", "use an Embedding before it")


def test_weights_of_a_normed_layer_have_their_lengths():
    assert made("LazyWeightNormLinear", {"out_features": 2}, of(8)).weights == 2 * 8 + 2 + 2


@pytest.mark.parametrize(
    ("first", "second", "argument", "source"),
    [(of(3), of(5), "in1_features", None), (of(4), of(6), "in2_features", 1), (of(2, 4), of(3, 5), "", None)],
)
def test_bilinear_says_which_input_it_is(first, second, argument, source):
    why = misfit("Bilinear", BILINEAR, first, second)
    assert (why.argument, why.source) == (argument, source)


def test_what_is_compared_is_stretched_but_samples_do_not_meet():
    assert output("CosineSimilarity", {}, of(8, 4), of(8, 1)) == of(4)
    assert output("PairwiseDistance", {"keepdim": True}, of(8), of(8)) == of(1)
    assert (
        told("PairwiseDistance", {}, of(8), of(4))[0]
        == "gets (batch, 8) and (batch, 4), whose sizes do not go together"
    )
    assert misfit("CosineSimilarity", {}, of(1), of()).batch
    assert misfit("PairwiseDistance", {}, of(), of()).batch
