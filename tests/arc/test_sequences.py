"""Recurrent layers and embeddings: features, states, and where the batch goes."""

import pytest
from small_layers import made, misfit, of, output, told

GRU = {"input_size": 3, "hidden_size": 8, "batch_first": True}


def test_the_state_has_the_batch_in_the_middle():
    assert output("GRU", GRU, of(5, 3)) == (of(5, 8), of(1, 8, batch=1))
    assert output("LSTM", {**GRU, "bidirectional": True, "num_layers": 2}, of(5, 3)) == (
        *(of(5, 16),),
        *((of(4, 8, batch=1), of(4, 8, batch=1)),),
    )
    assert output("LSTM", {**GRU, "proj_size": 2}, of(5, 3)) == (of(5, 2), (of(1, 2, batch=1), of(1, 8, batch=1)))


def test_a_batch_that_is_taken_for_time_is_in_no_state():
    sequence, state = output("GRU", {"input_size": 3, "hidden_size": 8}, of(5, 3))
    assert sequence == of(5, 8)
    assert (state.sizes, state.batch) == ((1, 5, 8), None)


@pytest.mark.parametrize(("batch_first", "needs"), [(True, "(batch, time, 3)"), (False, "(time, batch, 3)")])
def test_one_step_is_no_sequence(batch_first, needs):
    why = misfit("GRU", {**GRU, "batch_first": batch_first}, of(3))
    assert (str(why), why.batch) == (f"gets (batch, 3), and needs {needs}", True)


def test_features():
    assert told("RNN", GRU, of(5, 4)) == ("gets (batch, 5, 4), and is made for 3 features", "input_size", 4)
    assert misfit("GRU", GRU, of(5, 3, batch=2)).batch


def test_a_projection_is_smaller():
    assert told("LSTM", {**GRU, "proj_size": 8}, of(5, 3))[1:] == ("proj_size", 7)


@pytest.mark.parametrize(
    ("name", "state"),
    [("GRU", of(1, 7, batch=1)), ("GRU", of(1, 8)), ("LSTM", of(1, 8, batch=1)), ("GRU", (of(1, 8, batch=1),) * 2)],
)
def test_a_state_of_another_shape(name, state):
    assert misfit(name, GRU, of(5, 3), state).source == 1


def test_a_state_is_passed_on():
    for name in ("GRU", "LSTM"):
        _, state = output(name, GRU, of(5, 3))
        assert output(name, GRU, of(7, 3), state) == (of(7, 8), state)
        assert output(name, GRU, of(7, 3), None) == (of(7, 8), state)


def test_cells_do_one_step():
    cell = {"input_size": 3, "hidden_size": 8}
    assert output("GRUCell", cell, of(3), of(8)) == of(8)
    assert output("LSTMCell", cell, of(3)) == (of(8), of(8))
    assert misfit("LSTMCell", cell, of(3), of(8)).source == 1
    assert str(misfit("GRUCell", cell, of(5, 3))) == "gets (batch, 5, 3), and needs (batch, 3)"


def test_embeddings_take_integers():
    words = {"num_embeddings": 10, "embedding_dim": 4}
    assert made("Embedding", words, of(6, integer=True)) == (of(6, 4), 40)
    assert output("EmbeddingBag", words, of(6, integer=True)) == of(4)
    why = misfit("Embedding", words, of(6))
    assert str(why) == "gets floats, and needs integers"
    assert "Linear" in why.hint
    assert misfit("EmbeddingBag", words, of(6, batch=1, integer=True)).batch
    assert told("Embedding", {**words, "padding_idx": 10}, of(6, integer=True))[1:] == ("padding_idx", 9)
