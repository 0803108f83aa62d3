import threading
import warnings
from contextlib import contextmanager

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils import parametrizations

from slm_net.nets.activations import ACTIVATIONS
from slm_net.nets.draws import DRAWS, drawing_from, seed_of
from slm_net.nets.init import INITS

ONES = torch.ones(20, 30)


@contextmanager
def another_thread_draws():
    """Another thread draws from the global stream, as a data loader does, until the block is over."""
    over = threading.Event()

    def draw():
        while not over.is_set():
            torch.rand(100)

    thread = threading.Thread(target=draw)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def tensors(made):
    if isinstance(made, nn.Module):
        return list(made.state_dict().values())
    return list(made) if isinstance(made, (list, tuple)) else [made]


def check(make, seed=3):
    """What is drawn from a seed is what is drawn after `torch.manual_seed`, and the caller's stream stands still."""
    torch.manual_seed(seed)
    expected = tensors(make())
    torch.manual_seed(9)
    before = torch.get_rng_state()
    with drawing_from(seed):
        made = tensors(make())
    assert torch.equal(torch.get_rng_state(), before)
    assert len(made) == len(expected) > 0
    for ours, theirs in zip(made, expected, strict=True):
        assert ours.dtype == theirs.dtype
        assert torch.equal(ours, theirs)


@pytest.mark.parametrize("name", INITS.names())
def test_init_functions(name):
    arguments = {"constant_": (0.5,), "sparse_": (0.3,)}.get(name, ())
    check(lambda: INITS[name](torch.empty(30, 30, *([3] if name == "dirac_" else [])), *arguments))


LAYERS = {
    "Linear": lambda: nn.Linear(4, 8),
    "Bilinear": lambda: nn.Bilinear(4, 3, 2),
    "Conv2d": lambda: nn.Conv2d(4, 8, 3),
    "ConvTranspose3d": lambda: nn.ConvTranspose3d(4, 8, 3),
    "LSTM": lambda: nn.LSTM(4, 8, 2, dropout=0.5),
    "GRUCell": lambda: nn.GRUCell(4, 8),
    "Embedding": lambda: nn.Embedding(5, 4),
    "MultiheadAttention": lambda: nn.MultiheadAttention(8, 2),
    "TransformerEncoderLayer": lambda: nn.TransformerEncoderLayer(8, 2),
    "spectral norm": lambda: parametrizations.spectral_norm(nn.Linear(5, 4)),
    "orthogonal": lambda: parametrizations.orthogonal(nn.Linear(5, 4)),
    "double": lambda: nn.Linear(4, 8, dtype=torch.float64),
}


@pytest.mark.parametrize("name", LAYERS)
def test_layers(name):
    check(LAYERS[name])


#: What a net of a user may do while it is made, a forward pass that shows how wide something is among them.
DRAWN = {
    "rand": lambda: torch.rand(20),
    "randn": lambda: torch.randn(20, dtype=torch.float64),
    "randint": lambda: torch.randint(5, (20,)),
    "randint from": lambda: torch.randint(2, 5, (20,)),
    "randperm": lambda: torch.randperm(20),
    "rand out": lambda: torch.rand(20, out=torch.empty(20)),
    "randn out": lambda: torch.randn(20, out=torch.empty(20)),
    "randint out": lambda: torch.randint(9, (20,), out=torch.empty(20, dtype=torch.int64)),
    "randint from out": lambda: torch.randint(2, 9, (20,), out=torch.empty(20, dtype=torch.int64)),
    "randperm out": lambda: torch.randperm(20, out=torch.empty(20, dtype=torch.int64)),
    "rand_like": lambda: torch.rand_like(ONES, dtype=torch.float64),
    "randn_like": lambda: torch.randn_like(ONES),
    "randint_like": lambda: torch.randint_like(ONES, 7),
    "randint_like from": lambda: torch.randint_like(ONES, 3, 7, dtype=torch.int64),
    "bernoulli": lambda: torch.bernoulli(ONES / 2),
    "multinomial": lambda: torch.multinomial(ONES, 5),
    "normal": lambda: torch.normal(ONES, ONES),
    "normal of a size": lambda: torch.normal(0.0, 1.0, (20,)),
    "poisson": lambda: torch.poisson(ONES * 3),
    "exponential_": lambda: torch.empty(20).exponential_(),
    "random_": lambda: torch.empty(20).random_(5),
    "complex": lambda: torch.randn(20, dtype=torch.complex64),
    "gamma": lambda: torch.distributions.Gamma(ONES, ONES).sample(),
    "categorical": lambda: torch.distributions.Categorical(ONES).sample(),
    "dropout": lambda: functional.dropout(ONES),
    "alpha dropout": lambda: functional.alpha_dropout(ONES, training=True),
    "rrelu": lambda: functional.rrelu(-ONES, training=True),
    "gumbel softmax": lambda: functional.gumbel_softmax(ONES),
    "fractional pool": lambda: functional.fractional_max_pool2d(ONES.cumsum(1)[None, None], 2, output_size=4),
    "attention": lambda: functional.scaled_dot_product_attention(ONES[None], ONES[None], ONES[None], dropout_p=0.5),
    "dropout of an RNN": lambda: nn.GRU(30, 8, 2, dropout=0.5)(ONES)[0],
    "a script": lambda: torch.jit.script(nn.Dropout())(ONES),
}


@pytest.mark.parametrize("name", DRAWN)
def test_whatever_else_draws(name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch deprecates its scripts
        check(DRAWN[name])


#: What torch itself says to draw, and does without a generator: parts of what is computed on accelerators and in
#: training, and whole operations that come as their parts. The seed does not reach the first.
WITHOUT = ("dropout", "attention", "rnn", "gru", "lstm", ".names", "_like.out", "_like.Tensor", "dtype_out")


def test_no_operation_that_draws_is_forgotten():
    operations = [
        getattr(packet, name)
        for packet in (getattr(torch.ops.aten, name) for name in dir(torch.ops.aten) if not name.startswith("__"))
        if hasattr(packet, "overloads")
        for name in packet.overloads()
    ]
    draws = [one for one in operations if torch.Tag.nondeterministic_seeded in one.tags]
    assert len(draws) > 100
    takes = {one for one in draws if any(argument.name == "generator" for argument in one._schema.arguments)}
    left = [str(one) for one in draws if one not in takes and one not in DRAWS]
    assert [name for name in left if not any(part in name for part in WITHOUT)] == []


def test_two_draws_of_one_block_differ_and_blocks_are_equal():
    with drawing_from(1):
        first, second = torch.rand(9), torch.rand(9)
    with drawing_from(1):
        assert torch.equal(torch.rand(9), first)
    assert not torch.equal(first, second)


def test_a_generator_of_the_caller_is_his():
    expected = torch.rand(9, generator=torch.Generator().manual_seed(5))
    with drawing_from(1), drawing_from(2):
        drawn = torch.rand(9, generator=torch.Generator().manual_seed(5))
    assert torch.equal(drawn, expected)


def test_blocks_in_blocks():
    with drawing_from(1):
        before = torch.rand(9)
        with drawing_from(2):
            inside = torch.rand(9)
        with drawing_from(None):
            after = torch.rand(9)
    with drawing_from(1):
        assert torch.equal(torch.rand(18), torch.cat([before, after]))
    with drawing_from(2):
        assert torch.equal(torch.rand(9), inside)


def test_without_a_seed_the_global_stream_is_drawn_from():
    torch.manual_seed(4)
    with drawing_from(None):
        drawn = torch.rand(9)
    torch.manual_seed(4)
    assert torch.equal(drawn, torch.rand(9))


def test_an_error_ends_the_block():
    with pytest.raises(ZeroDivisionError), drawing_from(1):
        1 / 0  # noqa: B018
    check(lambda: torch.rand(9))


def test_the_meta_device_has_no_numbers():
    with drawing_from(1), torch.device("meta"):
        assert nn.Linear(4, 2).weight.is_meta
        assert torch.rand_like(torch.empty(3)).is_meta


def test_while_another_thread_draws():
    with drawing_from(0):
        expected = [torch.rand(9) for _ in range(200)]
    with another_thread_draws(), drawing_from(0):
        drawn = [torch.rand(9) for _ in range(200)]
    assert torch.equal(torch.stack(drawn), torch.stack(expected))


def test_what_is_compiled_is_compiled_as_ever():
    """A mode of torch's own would leave a mark in the process, for which torch.compile does nothing."""
    from torch.utils import _python_dispatch

    with drawing_from(0):
        assert not getattr(_python_dispatch, "_is_in_torch_dispatch_mode", False)


@pytest.mark.parametrize("name", ACTIVATIONS.names())
def test_activations_draw_nothing_at_first(name):
    with drawing_from(0):
        ACTIVATIONS[name](*([0.1, 20.0] if name == "Threshold" else []))
        assert torch.equal(torch.rand(9), torch.rand(9, generator=torch.Generator().manual_seed(0)))


@pytest.mark.parametrize("seed", [0, 1, 2**31, 2**63, 2**64 - 1, np.int64(7), np.uint8(7), None])
def test_a_seed_is_a_whole_number(seed):
    assert seed_of(seed) == seed
    if seed is not None:
        assert type(seed_of(seed)) is int
        check(lambda: torch.rand(9), seed_of(seed))


@pytest.mark.parametrize("seed", ["0", "", b"1", 1.5, 1.0, float("nan"), True, False, np.True_, -1, 2**64, 2**70, [1]])
def test_what_is_no_seed(seed):
    with pytest.raises(ValueError, match="seed must be a whole number from 0 to 18446744073709551615, or None, not "):
        seed_of(seed)
