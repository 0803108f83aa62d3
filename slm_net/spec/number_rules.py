"""The rule about numbers that are too large for the 32-bit floats in which nets compute."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from slm_net.spec.mistakes import Mistake
from slm_net.spec.net_view import NetView
from slm_net.spec.parts import parts_of
from slm_net.spec.places import Path
from slm_net.spec.wording import shown

#: The largest number of a 32-bit float, in which nets compute.
MOST = 3.4028234663852886e38
#: The numbers of these parts become the size of a step, and are divided by others on the way.
STEPS, MOST_OF_STEPS = ("optimizer", "lr_scheduler"), MOST / 1e8
#: The arguments of schedulers that are a learning rate, or a factor of one.
RATES = ("base_lr", "eta_min", "gamma", "max_lr", "min_lr")


def numbers_fit_the_net(net: NetView) -> Iterator[Mistake]:
    """A number beyond those of 32-bit floats is infinite for the net, or refused in the first step."""
    for part in parts_of(net):
        most = MOST_OF_STEPS if part.kind in STEPS else MOST
        for argument, value in part.written.items():
            if part.kind != "lr_scheduler" or argument in RATES:
                for index, entry in enumerate(value if isinstance(value, list) else [value]):
                    if _is_too_large(entry, most):
                        at = part.at(net, argument, *([index] if isinstance(value, list) else []))
                        yield _too_large(at, argument, entry, most)
    clips = ("clip_grad_val",) if net.has("clip_grad_type") and net.spec["clip_grad_type"] == "value" else ()
    for key in ("log_std_init", "actor_init_std", "critic_init_std", *clips):
        if net.has(key) and _is_too_large(net.spec[key], MOST):
            yield _too_large(net.at(key), key, net.spec[key], MOST)


def _is_too_large(value: Any, most: float) -> bool:
    return isinstance(value, int | float) and abs(value) > most


def _too_large(path: Path, name: str, value: Any, most: float) -> Mistake:
    message = f"{name} is {shown(value)}, which is too large for 32-bit floats"
    return Mistake(path, "value-out-of-range", message, f"write a number from {-most:.1g} to {most:.1g}")
