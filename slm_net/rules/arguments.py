"""Arguments that are right one by one, but not together, or too large for the 32-bit floats in which nets compute."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from slm_net.document.nets import NetView
from slm_net.problems import ERROR, WARNING, Path, Problem, Rule, net_example
from slm_net.wording.schema_problems import VALUE_OUT_OF_RANGE
from slm_net.wording.values import shown

ARGUMENT_CONFLICT = Rule(
    "SN301",
    "argument-conflict",
    what=(
        "Arguments of an optimizer, schedule, activation or init function exclude each other, or two keys of the net "
        'do. It is a warning where torch goes on, but hardly as it was meant: `update_type` "polyak" without '
        "`polyak_coef` never moves the target."
    ),
    why=(
        "torch refuses it when the optimizer is made, after the environments have started, or only in the first update."
    ),
    wrong=net_example('"optim_spec": {"name": "SGD", "lr": 0.01, "nesterov": true}'),
    right=net_example('"optim_spec": {"name": "SGD", "lr": 0.01, "momentum": 0.9, "nesterov": true}'),
)


#: The largest number of a 32-bit float, in which nets compute.
MOST = 3.4028234663852886e38
#: The numbers of these parts become the size of a step, and are divided by others on the way.
STEPS, MOST_OF_STEPS = ("optimizer", "lr_scheduler"), MOST / 1e8
#: The arguments of schedulers that are a learning rate, or a factor of one.
RATES = ("base_lr", "eta_min", "gamma", "max_lr", "min_lr")


def numbers_fit_the_net(net: NetView) -> Iterator[Problem]:
    """A number beyond those of 32-bit floats is infinite for the net, or refused in the first step."""
    for part in net.parts():
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


def one_norm_per_layer(net: NetView) -> Iterator[Problem]:
    """Batch norm and layer norm would stand at the same place."""
    dense_only = {"batch_norm", "hid_layers"} <= net.own_keys.keys()
    if dense_only and net.has("batch_norm", "layer_norm") and net.spec["batch_norm"] and net.spec["layer_norm"]:
        message = "layer_norm and batch_norm would stand at the same place"
        yield ARGUMENT_CONFLICT.at(net.at("layer_norm"), message, "keep one of them")


def _is_too_large(value: Any, most: float) -> bool:
    return isinstance(value, int | float) and abs(value) > most


def _too_large(path: Path, name: str, value: Any, most: float) -> Problem:
    message = f"{name} is {shown(value)}, which is too large for 32-bit floats"
    return VALUE_OUT_OF_RANGE.at(path, message, f"write a number from {-most:.1g} to {most:.1g}")


Arguments = Mapping[str, Any]


class Conflict(NamedTuple):
    """What is wrong with an argument beside the others."""

    argument: str
    message: str
    hint: str
    rule: Rule = ARGUMENT_CONFLICT
    severity: str = ERROR


Check = Callable[[Arguments], Iterator[Conflict]]


def arguments_fit_each_other(net: NetView) -> Iterator[Problem]:
    """Bounds in order, and options that need or exclude each other."""
    for part in net.parts():
        checks = OF_NAMES.get(part.name, ())
        for check in (*checks, _one_way) if part.kind == "optimizer" else checks:
            for found in check(part.arguments):
                yield found.rule.at(part.at(net, found.argument), found.message, found.hint, found.severity)


def _one_way(arguments: Arguments) -> Iterator[Conflict]:
    if arguments.get("foreach") and arguments.get("fused"):
        yield Conflict("fused", "foreach and fused are two ways to do the same", "keep one of them")


def _in_order(low: str, high: str, apart: bool = False) -> Check:
    """The arguments for a lower and an upper bound, which may not even be equal if they have to be `apart`."""

    def check(arguments: Arguments) -> Iterator[Conflict]:
        ends = [value[0] if isinstance(value, list) else value for value in (arguments[low], arguments[high])]
        if ends[0] > ends[1] or (apart and ends[0] == ends[1]):
            message = f"{low} is {shown(ends[0])}, and {high} is {shown(ends[1])}"
            yield Conflict(low, message, f"{low} has to be the smaller one")

    return check


def _momentum_in_order(arguments: Arguments) -> Iterator[Conflict]:
    low, high = arguments["base_momentum"], arguments["max_momentum"]
    if arguments["cycle_momentum"] and low > high:
        message = f"base_momentum is {shown(low)}, and max_momentum is {shown(high)}"
        yield Conflict("base_momentum", message, "base_momentum has to be the smaller one", severity=WARNING)


def _nesterov(arguments: Arguments) -> Iterator[Conflict]:
    if not arguments["nesterov"]:
        return
    if not arguments["momentum"] > 0:
        yield Conflict("nesterov", "nesterov needs a momentum above 0", 'for example "momentum": 0.9')
    if arguments["dampening"] != 0:
        message = f"nesterov goes without dampening, which is {shown(arguments['dampening'])}"
        yield Conflict("nesterov", message, 'write "dampening": 0')


def _one_cycle(arguments: Arguments) -> Iterator[Conflict]:
    yield from _momentum_in_order(arguments)
    steps, epochs, each = (arguments[key] for key in ("total_steps", "epochs", "steps_per_epoch"))
    if steps is None and None in (epochs, each):
        hint = 'add "total_steps", or "epochs" and "steps_per_epoch"'
        yield Conflict("max_lr", "the length of the cycle is missing", hint)
    elif arguments["pct_start"] * (total := epochs * each if steps is None else steps) == 1:
        message = f"the way up is 1 of {total} steps, in which torch divides by zero"
        more = f", or {shown(round(2 / total, 6))} for a longer one" if total > 1 else ""
        yield Conflict("pct_start", message, f"write 0 for no way up{more}")


def _way_back(arguments: Arguments) -> Iterator[Conflict]:
    if arguments["factor"] == 0 and arguments["step_on"] == "update":
        message = "factor is 0, and torch divides by it when total_iters are over"
        yield Conflict("factor", message, "for example 1e-8")


def _celu(arguments: Arguments) -> Iterator[Conflict]:
    if abs(arguments["alpha"]) < 1 / MOST:
        message = f"alpha is {shown(arguments['alpha'])}, and CELU divides by it"
        yield Conflict("alpha", message, "for example 1.0", VALUE_OUT_OF_RANGE)
    yield from _in_place("alpha")(arguments)


def _in_place(slope: str) -> Check:
    """From an output that was written over its input, torch cannot tell the gradient if the negative part turns up."""

    def check(arguments: Arguments) -> Iterator[Conflict]:
        if arguments["inplace"] and arguments[slope] < 0:
            message = f"torch has no gradient in place where {slope} is below 0, and it is {shown(arguments[slope])}"
            yield Conflict("inplace", message, 'write "inplace": false')

    return check


#: The checks of names with their arguments.
OF_NAMES: dict[str, tuple[Check, ...]] = {
    "SGD": (_nesterov,),
    "OneCycleLR": (_one_cycle,),
    "ConstantLR": (_way_back,),
    "CyclicLR": (_in_order("base_lr", "max_lr"), _momentum_in_order),
    "CELU": (_celu,),
    "ELU": (_in_place("alpha"),),
    "Hardtanh": (_in_order("min_val", "max_val", apart=True),),
    "LeakyReLU": (_in_place("negative_slope"),),
    "RReLU": (_in_order("lower", "upper"),),
    "trunc_normal_": (_in_order("a", "b", apart=True),),
    "uniform_": (_in_order("a", "b"),),
}
