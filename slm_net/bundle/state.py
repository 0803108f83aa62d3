"""The state of a net that is trained, by the names of its parameters; loaded whole, or not at all."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from slm_net.bundle.step import Trained
from slm_net.training.ranks import part_like, whole
from slm_net.words import visible

State = Mapping[str, Any]

KEYS = {"model", "optimizer", "lr_scheduler", "grad_scaler", "skipped_steps"}
#: How an optimizer computes, not what: these stay as this bundle was built.
SWITCHES = ("foreach", "fused", "capturable", "differentiable")
#: What a cyclic schedule varies beside the learning rate.
CYCLED = ("momentum", "betas")


class Stateful(Trained, Protocol):
    """What has a state: what `NetBundle` has."""

    @property
    def skipped_steps(self) -> int:
        """How many updates were left out."""


def state_of(bundle: Stateful) -> dict[str, Any]:
    """The state of a bundle; see `NetBundle.state_dict`."""
    skipped = bundle.skipped_steps  # what is under way may set the schedule back
    return {
        "model": {name: whole(value) if isinstance(value, Tensor) else value for name, value in _weights(bundle)},
        "optimizer": None if bundle.optimizer is None else _optimizer_state(bundle.optimizer, bundle.module),
        "lr_scheduler": bundle.lr_scheduler.state_dict(),
        "grad_scaler": None if bundle.grad_scaler is None else bundle.grad_scaler.state_dict(),
        "skipped_steps": skipped,
    }


def load_states(bundles: Mapping[str, Any], states: Mapping[str, Any], warn: bool = True) -> None:
    """Load a state into each bundle; see `NetBundle.load_state_dict`.

    With `warn` it is said where settings of a state are others than those of its bundle.

    Raises:
        ValueError: one of the states does not fit its bundle, which the text names; nothing has changed.
    """
    loads = []
    for name, bundle in bundles.items():
        try:
            loads += _checked(bundle, states[name], warn)
        except ValueError as error:
            raise ValueError(f"{name}: {error}" if name else str(error)) from error.__cause__
    for load in loads:
        load()


def _checked(bundle: Stateful, state: Any, warn: bool) -> list[Callable[[], object]]:
    """What loads a state that fits.

    Raises:
        ValueError: it does not.
    """
    if not isinstance(state, Mapping) or KEYS - {"grad_scaler"} - state.keys() or state.keys() - KEYS:
        raise ValueError(f"not a bundle's state, whose keys are {sorted(KEYS)}; load a net's into .model")
    skipped, optimizer, saved = state["skipped_steps"], bundle.optimizer, state["optimizer"]
    if isinstance(skipped, bool) or not isinstance(skipped, int) or skipped < 0:
        raise ValueError(f"skipped_steps is a count, not {visible(repr(skipped))}")
    if (saved is None) != (optimizer is None):
        raise ValueError("one of the state and this bundle has an optimizer, and the other has none")
    _check_weights(state["model"], dict(_weights(bundle)))
    bundle.lr_scheduler.check_state(state["lr_scheduler"])
    loads: list[Callable[[], object]] = [lambda: _load_weights(bundle, state["model"])]
    if optimizer is not None:
        indexed = _indexed(saved, optimizer, bundle.module)
        check_optimizer_state(optimizer, indexed)
        loads += [lambda: _warn_of_settings(optimizer, indexed)] if warn else []
        loads += [lambda: _load_optimizer(optimizer, indexed)]
    loads += [lambda: bundle.lr_scheduler.load_state_dict(state["lr_scheduler"])]
    loads += [*_scaler_loads(bundle, state.get("grad_scaler")), lambda: _finish(bundle, skipped)]
    return loads


def _finish(bundle: Stateful, skipped: int) -> None:
    bundle.statistics.keep()
    bundle.skips.load(skipped)
    bundle.accumulated = None


def _scaler_loads(bundle: Stateful, saved: Any) -> list[Callable[[], object]]:
    """A scaler goes on from its scale; a state without one leaves it to find its own."""
    scaler = bundle.grad_scaler
    if saved is None or scaler is None:
        return []
    expected = scaler.state_dict()
    if not isinstance(saved, Mapping) or saved.keys() != expected.keys():
        raise ValueError(f"grad_scaler has the keys {sorted(expected)}")
    return [lambda: scaler.load_state_dict(dict(saved))]


# --- weights


def _weights(bundle: Stateful) -> list[tuple[str, Any]]:
    return list(bundle.module.state_dict().items())


def _check_weights(saved: Any, own: Mapping[str, Any]) -> None:
    if not isinstance(saved, Mapping):
        raise ValueError(f"the weights are a dict of tensors, not {type(saved).__name__}")
    for names, where in ((own.keys() - saved.keys(), "the state"), (saved.keys() - own.keys(), "this net")):
        if names:
            raise ValueError(f"{where} has no {visible(', '.join(map(str, sorted(names, key=str))), 200)}")
    for name, ours in own.items():
        if isinstance(ours, Tensor) and (reason := _misfit(saved[name], ours)):
            raise ValueError(f"{name} {reason}")


def _misfit(saved: Any, ours: Tensor) -> str:
    """Why a tensor cannot be loaded, "" if it can; what is not finite here already (a mask of -inf) may be so."""
    if not isinstance(saved, Tensor) or saved.layout != torch.strided:
        return "is no plain tensor in the state"
    if saved.shape != ours.shape:
        return f"is {tuple(ours.shape)} here and {tuple(saved.shape)} in the state"
    if saved.dtype != ours.dtype:
        return f"is {ours.dtype} here and {saved.dtype} in the state"
    if not saved.is_meta and not ours.is_meta and saved.is_floating_point() and not saved.isfinite().all():
        odd = ~whole(saved).isfinite()
        if bool((odd & whole(ours).isfinite().to(odd.device)).any()):
            return "has numbers in the state that are not finite"
    return ""


@torch.no_grad()
def _load_weights(bundle: Stateful, saved: State) -> None:
    own = bundle.module.state_dict()
    # in our own order, as several processes share out each tensor together, and safetensors gives them in any
    parts = {
        name: part_like(saved[name], ours) if isinstance(ours, Tensor) else saved[name] for name, ours in own.items()
    }
    bundle.module.load_state_dict(parts)


# --- the optimizer


def _names(optimizer: Optimizer, module: nn.Module) -> list[str]:
    """The name of each parameter of an optimizer, in its order; a number for one that is none of the net's."""
    known = {id(parameter): name for name, parameter in module.named_parameters()}
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    return [known.get(id(parameter), str(index)) for index, parameter in enumerate(parameters)]


def _optimizer_state(optimizer: Optimizer, module: nn.Module) -> dict[str, Any]:
    return {"name": type(optimizer).__name__, **_named(optimizer.state_dict(), _names(optimizer, module))}


def _named(state: State, names: list[str]) -> dict[str, Any]:
    """torch's state of an optimizer with names for its numbers; so that of an optimizer inside."""
    found: dict[str, Any] = {}
    for key, value in state.items():
        if key == "state":
            found[key] = {names[index]: _each(entry, whole) for index, entry in value.items()}
        elif key == "param_groups":
            found[key] = [
                {**_each(group, Tensor.item), "params": [names[index] for index in group["params"]]} for group in value
            ]
        else:
            found[key] = _named(value, names) if isinstance(value, Mapping) else value
    return found


def _each(values: Any, function: Callable[[Tensor], Any]) -> Any:
    """Values with the function applied to those that are tensors."""
    if not isinstance(values, Mapping):
        return values
    return {key: function(value) if isinstance(value, Tensor) else value for key, value in values.items()}


def _indexed(saved: Any, optimizer: Optimizer, module: nn.Module) -> dict[str, Any]:
    """A state with names as torch's with numbers, its tensors copied, and in parts where the parameters are.

    Raises:
        ValueError: it is the state of another optimizer, or of other parameters.
    """
    own = type(optimizer).__name__
    if not isinstance(saved, Mapping) or not isinstance(saved.get("name"), str):
        raise ValueError("the optimizer's state has no name: it is not one that a bundle saved")
    if saved["name"] != own:
        raise ValueError(f"the state is that of {visible(saved['name'])}, and the optimizer here is {own}")
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    numbers = {name: index for index, name in enumerate(_names(optimizer, module))}
    try:
        return _numbered({key: value for key, value in saved.items() if key != "name"}, optimizer, numbers, parameters)
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        reason = visible(f"{type(error).__name__}: {error}", 160)
        raise ValueError(f"the optimizer's state is not that of this net's {own}: {reason}") from error


def _numbered(
    saved: State, optimizer: Optimizer, numbers: Mapping[str, int], parameters: list[Tensor]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in saved.items():
        if key == "state":
            places = {name: numbers[name] for name in value}
            found[key] = {index: _each(value[name], _taker(parameters[index])) for name, index in places.items()}
        elif key == "param_groups":
            groups = zip(value, optimizer.param_groups, optimizer.state_dict()["param_groups"], strict=True)
            found[key] = [_group(saved, own, places["params"], numbers) for saved, own, places in groups]
        else:
            inside = isinstance(value, Mapping)
            found[key] = _numbered(value, optimizer, numbers, parameters) if inside else value
    return found


def _taker(parameter: Tensor) -> Callable[[Tensor], Tensor]:
    return lambda value: part_like(value.detach().clone(), parameter)


def _group(saved: State, own: State, places: list[int], numbers: Mapping[str, int]) -> dict[str, Any]:
    if sorted(numbers[name] for name in saved["params"]) != sorted(places):
        raise KeyError("its groups have other parameters")
    return {**saved, **{key: own[key] for key in SWITCHES if key in own}, "params": places}


def check_optimizer_state(optimizer: Optimizer, state: State) -> None:
    """Look whether a state (torch's, with numbers) is one that this optimizer could have given.

    Raises:
        ValueError: it is not.
    """
    trial = _trial(optimizer)
    try:
        _try_step(trial)
        _check_kept(trial.state_dict(), state)
    except Exception as error:  # what another optimizer's state is like, nobody knows
        raise _not_of(optimizer, error) from error
    try_state(optimizer, state)


def try_state(optimizer: Optimizer, state: State) -> None:
    """Try a state (torch's, with numbers) on a copy of an optimizer, with a step of gradients that are 0.

    Raises:
        ValueError: it does not fit.
    """
    trial = _trial(optimizer)
    try:
        trial.load_state_dict(deepcopy(dict(state)))
        _try_step(trial)
    except Exception as error:  # whatever an optimizer raises for what is not its own
        raise _not_of(optimizer, error) from error


def _not_of(optimizer: Optimizer, error: Exception) -> ValueError:
    reason = visible(str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}", 160)
    return ValueError(f"the optimizer's state is not that of this net's {type(optimizer).__name__}: {reason}")


def _trial(optimizer: Optimizer) -> Optimizer:
    """A copy with parameters of its own, without gradients: sharded ones cannot be copied."""
    grads = [parameter.grad for group in optimizer.param_groups for parameter in group["params"]]
    return deepcopy(optimizer, {id(grad): None for grad in grads if grad is not None})


def _try_step(optimizer: Optimizer) -> None:
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            parameter.grad = torch.zeros_like(parameter)
    optimizer.step()


def _check_kept(own: State, saved: State) -> None:
    """Compare what is kept of each parameter with what the optimizer itself keeps after a step; so one inside."""
    for index, kept in saved["state"].items():
        ours = own["state"][index]
        if kept.keys() != ours.keys():
            raise ValueError(f"it keeps {', '.join(kept)} of a parameter, not {', '.join(ours)}")
        for key, value in kept.items():
            if isinstance(value, Tensor) and isinstance(ours[key], Tensor) and (reason := _misfit(value, ours[key])):
                raise ValueError(f"{key} {reason}")
    if isinstance(own.get("inner"), Mapping):
        _check_kept(own["inner"], saved["inner"])


def _load_optimizer(optimizer: Optimizer, state: dict[str, Any]) -> None:
    """Load a state with numbers; a rate that is a tensor, which a CUDA graph reads, stays that tensor."""
    rates = [group["lr"] for group in optimizer.param_groups]
    optimizer.load_state_dict(state)
    for rate, group in zip(rates, optimizer.param_groups, strict=True):
        if isinstance(rate, Tensor):
            group["lr"] = rate.fill_(float(group["lr"]))


def _warn_of_settings(optimizer: Optimizer, state: State) -> None:
    """Say which settings of this bundle give way to those of the state."""
    differ = {}
    for own, saved in zip(optimizer.param_groups, state["param_groups"], strict=True):
        for key in own.keys() - {"params", "initial_lr", *SWITCHES, *(CYCLED if "initial_lr" in own else ())}:
            ours, theirs = (group.get(f"initial_{key}", group.get(key)) for group in (own, saved))
            if not isinstance(ours, Tensor) and isinstance(ours, (int, float, tuple, list, str)) and ours != theirs:
                differ[key] = f"{key} {ours} -> {theirs}"
    if differ:
        message = f"training goes on with the settings of the state: {visible(', '.join(differ.values()), 300)}"
        warnings.warn(message, RuntimeWarning, stacklevel=5)
