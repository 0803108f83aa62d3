"""Random numbers of a seed of one's own: what is made inside draws them, and torch's global streams go on as they were.

`torch.manual_seed` and `torch.random.fork_rng` are for the whole process: other threads would draw from the seed too.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from numbers import Integral
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode, _pop_mode, _push_mode

from slm_net.words import visible

MOST = 2**64 - 1


def seed_of(value: Any) -> int | None:
    """A seed as an int, None for none; integers of numpy count.

    Raises:
        ValueError: it is no whole number, or out of the range.

    >>> seed_of(1.5)
    Traceback (most recent call last):
    ...
    ValueError: seed must be a whole number from 0 to 18446744073709551615, or None, not 1.5
    """
    if value is None:
        return None
    if not isinstance(value, Integral) or isinstance(value, bool) or not 0 <= int(value) <= MOST:
        raise ValueError(f"seed must be a whole number from 0 to {MOST}, or None, not {visible(repr(value), 60)}")
    return int(value)


def drawing_from(seed: int | None) -> AbstractContextManager[object]:
    """Inside, this thread draws what it would draw after `torch.manual_seed(seed)`; for None as ever.

    Numbers of numpy and of `random` are not touched, and a draw that is given a generator has it.

    >>> before = torch.get_rng_state()
    >>> with drawing_from(0):
    ...     layer = torch.nn.Linear(4, 2)
    >>> torch.equal(torch.get_rng_state(), before)
    True
    """
    return nullcontext() if seed is None else _Draws(seed)


class _Draws(TorchDispatchMode):
    """Gives a generator to every operation that takes one and has none.

    As operations of tensors come by here, and not calls of Python functions, it does not matter who draws: torch's
    layers and init functions, or a net of a user.
    """

    supports_higher_order_operators = True

    def __init__(self, seed: int):
        super().__init__()
        self._seed = seed
        #: One a device, as `torch.manual_seed` seeds all devices.
        self._generators: dict[torch.device, torch.Generator] = {}

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # what skips it is slower than the mode itself, and imports the whole of torch._dynamo

    def __enter__(self) -> _Draws:
        _push_mode(self)  # and nothing else: torch also notes in the process that a mode is on, which races of threads
        return self  # may leave so, and torch.compile does not compile then

    def __exit__(self, *error: object) -> None:
        _pop_mode()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func not in DRAWS:
            DRAWS[func] = _draw(func)
        draw = DRAWS[func]
        if draw is None or kwargs.get("generator") is not None:
            return func(*args, **kwargs)
        device = kwargs.get("device") or next((arg.device for arg in args if isinstance(arg, Tensor)), CPU)
        if device.type == "meta":  # has no numbers, and no generator
            return func(*args, **kwargs)
        return draw(*args, **{**kwargs, "generator": self._generator(device)})

    def _generator(self, device: torch.device) -> torch.Generator:
        if device not in self._generators:
            self._generators[device] = torch.Generator(device).manual_seed(self._seed)
        return self._generators[device]


CPU = torch.device("cpu")
aten = torch.ops.aten
#: What to call in the place of an operation that draws, with a generator; None for one that does not draw. Here are
#: those that have it under another name; the others come when they are first met.
DRAWS: dict[Any, Callable[..., Any] | None] = {
    aten.rand.default: aten.rand.generator,
    aten.rand.out: aten.rand.generator_out,
    aten.randn.default: aten.randn.generator,
    aten.randn.out: aten.randn.generator_out,
    aten.randint.default: aten.randint.generator,
    aten.randint.out: aten.randint.generator_out,
    aten.randint.low: aten.randint.low_generator,
    aten.randint.low_out: aten.randint.low_generator_out,
    aten.randperm.default: aten.randperm.generator,
    aten.randperm.out: aten.randperm.generator_out,
}


def _like(fill: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """One of the operations without any such overload: a new tensor like another, filled."""

    def draw(like: Tensor, *limits: int, generator: torch.Generator, **options: Any) -> Tensor:
        return fill(torch.empty_like(like, **options), *limits, generator=generator)

    return draw


DRAWS |= {
    aten.rand_like.default: _like(Tensor.uniform_),
    aten.randn_like.default: _like(Tensor.normal_),
    aten.randint_like.default: _like(lambda new, high, **given: new.random_(0, high, **given)),
    aten.randint_like.low_dtype: _like(Tensor.random_),
}


def _draw(func: Any) -> Callable[..., Any] | None:
    """The operation itself if it takes a generator."""
    schema = getattr(func, "_schema", None)  # an operation on functions has none
    takes = schema is not None and any(argument.name == "generator" for argument in schema.arguments)
    return func if takes else None
