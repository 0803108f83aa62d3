"""Rules about the numbers of an optimizer: what breaks every run, or hardly was meant."""

from __future__ import annotations

from collections.abc import Iterator
from math import log10
from typing import Any

from slm_net.document.nets import NetView, Part
from slm_net.problems import WARNING, Problem
from slm_net.rules.arguments import ARGUMENT_CONFLICT, MOST_OF_STEPS
from slm_net.schema.catalogue import arguments
from slm_net.wording.schema_problems import VALUE_OUT_OF_RANGE
from slm_net.wording.values import shown

#: A smaller eps is 0 in 32-bit floats.
LEAST_EPS = 1.4e-45
#: The optimizers that divide by eps alone where a gradient is 0, as that of a unit that is off.
DIVIDE_BY_EPS = frozenset(
    {"Adam", "AdamW", "Adamax", "Adadelta", "Adagrad", "GlobalAdam", "GlobalRMSprop", "NAdam", "RMSprop"}
)
#: ASGD takes a power of the number of steps, which is to be no larger than a float after this many.
MANY_STEPS, LARGEST_POWER = 1e6, 300
#: The optimizers without a momentum that a scheduler could cycle.
WITHOUT_MOMENTUM = frozenset({"Adadelta", "Adafactor", "Adagrad", "ASGD", "Rprop"})


def optimizer_can_train(net: NetView) -> Iterator[Problem]:
    """What each optimizer makes of its numbers."""
    for part in net.parts("optim_spec"):
        for check in (_eps, _alpha, _asgd, _momentum, _weight_decay, _step_sizes):
            yield from check(net, part)


def momentum_can_be_cycled(net: NetView) -> Iterator[Problem]:
    """A scheduler that is told to cycle the momentum needs an optimizer that has one."""
    optimizers = [part.name for part in net.parts("optim_spec")][-1:]  # of Lookahead the inner one
    for part in net.parts("lr_scheduler_spec"):
        if part.written.get("cycle_momentum") and WITHOUT_MOMENTUM.issuperset(optimizers) and optimizers:
            message = f"cycle_momentum is true, but {optimizers[0]} has no momentum"
            yield ARGUMENT_CONFLICT.at(part.at(net, "cycle_momentum"), message, "write false, or leave it out")
        if part.arguments.get("cycle_momentum") and any("betas" in arguments("optimizer", name) for name in optimizers):
            for key in ("base_momentum", "max_momentum"):
                if part.arguments[key] == 1:
                    message = f"{key} is 1, and becomes the first of the betas, which have to be below 1"
                    yield ARGUMENT_CONFLICT.at(part.at(net, key), message, "for example 0.95")


def _eps(net: NetView, part: Part) -> Iterator[Problem]:
    eps = part.arguments.get("eps")
    if part.name == "Adafactor" and isinstance(eps, list):
        # torch squares it
        yield from _too_small(net, part, eps[0], LEAST_EPS**0.5, 0)
    elif part.name in DIVIDE_BY_EPS and not part.arguments.get("initial_accumulator_value"):
        yield from _too_small(net, part, eps, LEAST_EPS)


def _too_small(net: NetView, part: Part, eps: Any, least: float, *index: int) -> Iterator[Problem]:
    if eps is not None and eps < least:
        message = f"eps is {shown(eps)}: a gradient of 0 turns its weight into NaN"
        yield VALUE_OUT_OF_RANGE.at(part.at(net, "eps", *index), message, "for example 1e-8", WARNING)


def _alpha(net: NetView, part: Part) -> Iterator[Problem]:
    if part.name not in ("RMSprop", "GlobalRMSprop"):
        return
    alpha = part.arguments["alpha"]
    if alpha == 1:
        message = "alpha is 1: the running average stays 0, and each step is divided by eps alone"
        yield VALUE_OUT_OF_RANGE.at(part.at(net, "alpha"), message, "for example 0.99", WARNING)
    if alpha == 0 and part.arguments.get("centered"):
        message = "with alpha 0 there is no variance to divide by, and the weights become NaN"
        yield ARGUMENT_CONFLICT.at(part.at(net, "alpha"), message, 'for example 0.99, or "centered": false')


def _asgd(net: NetView, part: Part) -> Iterator[Problem]:
    lr, lambd, alpha = (part.arguments.get(key, 0) for key in ("lr", "lambd", "alpha"))
    if part.name != "ASGD" or max(lr, lambd, alpha) > MOST_OF_STEPS:
        return
    if alpha * log10(1 + lambd * lr * MANY_STEPS) > LARGEST_POWER:
        message = "lr is divided by (1 + lambd * lr * step) ** alpha, a number too large for Python"
        yield VALUE_OUT_OF_RANGE.at(part.at(net, "alpha"), message, "for example 0.75")


def _momentum(net: NetView, part: Part) -> Iterator[Problem]:
    if MOST_OF_STEPS >= (momentum := part.arguments.get("momentum", 0)) > 1:
        message = f"momentum is {shown(momentum)}: every step is larger than the one before it"
        yield VALUE_OUT_OF_RANGE.at(part.at(net, "momentum"), message, "for example 0.9", WARNING)


def _weight_decay(net: NetView, part: Part) -> Iterator[Problem]:
    if MOST_OF_STEPS >= (decay := part.arguments.get("weight_decay", 0)) > 1:
        message = f"weight_decay is {shown(decay)}: the weights are pulled to 0 before anything is learned"
        yield VALUE_OUT_OF_RANGE.at(part.at(net, "weight_decay"), message, "for example 0.01", WARNING)


def _step_sizes(net: NetView, part: Part) -> Iterator[Problem]:
    sizes = part.arguments.get("step_sizes")
    if sizes and sizes[0] > sizes[1]:
        message = f"the smallest step is {shown(sizes[0])}, and the largest {shown(sizes[1])}"
        yield ARGUMENT_CONFLICT.at(part.at(net, "step_sizes"), message, "write the smallest first", WARNING)
