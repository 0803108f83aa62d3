"""One training step: gradients, clipping, the decision whether it is made at all, optimizer and schedule."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import isfinite, isinf
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.amp import GradScaler
from torch.optim import SGD, Optimizer

from slm_net.bundle.skips import Skips, captured
from slm_net.training import GradClip, LRSchedule, PlateauSchedule
from slm_net.training.device import at_hand
from slm_net.training.ranks import Ranks, local
from slm_net.training.statistics import Statistics


class Trained(Protocol):
    """What a training step takes of a net: what `NetBundle` has."""

    model: nn.Module
    optimizer: Optimizer | None
    grad_clip: GradClip
    lr_scheduler: LRSchedule
    grad_scaler: GradScaler | None
    max_skipped: int
    loss: Tensor | None
    grad_norm: Tensor | None
    skips: Skips
    #: The sum of the losses whose gradients wait for the step; None if there is none.
    accumulated: Tensor | None

    @property
    def module(self) -> nn.Module:
        """The net without wrappers."""

    @property
    def statistics(self) -> Statistics:
        """What forward passes change."""

    @property
    def ranks(self) -> Ranks:
        """The processes that train the net."""


class Part:
    """A net in a step, the parameters that the step is about, and what has been measured."""

    def __init__(self, name: str, net: Trained):
        self.name, self.net = name, net
        groups = net.optimizer.param_groups if net.optimizer else ()
        self.parameters = [each for group in groups for each in group["params"] if each.requires_grad]

    def measure(self, loss: Tensor) -> None:
        """The loss over all calls, the gradient norm, and the norm of the statistics if there are any.

        All processes that train the net measure the same, as the gradients are the same in all of them.
        """
        net, waiting, statistics = self.net, self.net.accumulated, self.net.statistics.to_be_finite()
        norm = net.grad_norm = net.grad_clip.norm(self.parameters)
        net.accumulated = None
        net.loss = loss if waiting is None else loss + waiting
        self.measured = [net.ranks.mean(net.loss), norm]
        if statistics:
            total = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(statistics)))
            self.measured.append(net.ranks.mean(total))


def train_step(nets: Mapping[str, Trained], loss: Tensor, frame: int | None, accumulate: bool) -> Tensor:
    """One update of all `nets` (by the name that an error gives them) from one loss; see `NetBundle.train_step`.

    Raises:
        ValueError: no update can be made from this loss or frame, or it reaches no parameter of a net.
        FloatingPointError: too many updates in a row were not finite.
    """
    _check(nets.values(), loss, frame)
    parts = [Part(name, net) for name, net in nets.items()]
    for part in parts:
        part.net.skips.settle(part.net.max_skipped, scaled=part.net.grad_scaler is not None)
    _add_gradients(parts, loss)
    loss = loss.detach()
    if accumulate:
        for net in nets.values():
            net.accumulated = loss if net.accumulated is None else net.accumulated + loss
    else:
        _update(parts, loss, frame)
    return loss


def clear_gradients(parameters: Sequence[Tensor]) -> None:
    """`optimizer.zero_grad()` without its profiler record, which is 1 % of a small step."""
    for parameter in parameters:
        parameter.grad = None


def _add_gradients(parts: Sequence[Part], loss: Tensor) -> None:
    """The gradients of the loss for these parameters and no others, added to those that wait for the step.

    These stay where they are, as DistributedDataParallel averages what it finds there after `no_sync`.
    """
    for part in parts:
        if part.net.accumulated is None:
            clear_gradients(part.parameters)
    before = [_marks(part) for part in parts]
    if (scaler := parts[0].net.grad_scaler) is not None:
        loss = scaler.scale(loss)
    if any(part.net.ranks.sharded for part in parts):  # hooks fill these from the tensors that the graph has
        loss.backward()
    elif parameters := [parameter for part in parts for parameter in part.parameters]:
        loss.backward(inputs=parameters)
    for part, marks in zip(parts, before, strict=True):
        if _marks(part) == marks:
            raise ValueError(_why_no_gradient(part))


def _marks(part: Part) -> list[tuple[int, int]]:
    """What changes when gradients come, for the gradients that are there."""
    grads = [parameter.grad for parameter in part.parameters if parameter.grad is not None]
    return [(id(grad), local(grad)._version) for grad in grads]


def _update(parts: Sequence[Part], loss: Tensor, frame: int | None) -> None:
    """Clip, then step all nets or none."""
    scaler = parts[0].net.grad_scaler
    for part in parts:
        if scaler is not None:
            scaler.unscale_(part.net.optimizer)  # type: ignore[arg-type]
        part.measure(loss)
    try:
        (_step_on_device if all(map(_decides_on_device, parts)) else _step_on_host)(parts, frame)
    finally:
        if scaler is not None:
            scaler.update()


# --- decided by the host: at once on a CPU, with one transfer on an accelerator


def _step_on_host(parts: Sequence[Part], frame: int | None) -> None:
    numbers = _on_host(parts)
    for part, row in zip(parts, numbers, strict=True):
        if isinf(row[1]) and part.net.grad_clip.max_value is not None:
            row[1] = _measure_again(part)
    if all(isfinite(number) for row in numbers for number in row):
        for part, row in zip(parts, numbers, strict=True):
            part.net.grad_clip.clip(part.parameters, part.net.grad_norm, row[1])  # type: ignore[arg-type]
            part.net.optimizer.step()  # type: ignore[union-attr]
            made(part.net, row[0], frame)
    else:
        for part in parts:
            part.net.statistics.restore()
            clear_gradients(part.parameters)
        for part, row in zip(parts, numbers, strict=True):
            # a scaler finds its scale by gradients that are not finite
            quiet = part is not parts[0] or (part.net.grad_scaler is not None and isfinite(row[0]))
            part.net.skips.bad(row[0], row[1], part.net.max_skipped, quiet)


def _on_host(parts: Sequence[Part]) -> list[list[float]]:
    """What was measured, as numbers."""
    measured = [number for part in parts for number in part.measured]
    places = {number.device for number in measured}
    if places == {torch.device("cpu")}:
        values = iter([number.item() for number in measured])
    else:
        values = iter(torch.stack([number.to(measured[0].device).float() for number in measured]).tolist())
    return [[next(values) for _ in part.measured] for part in parts]


def _measure_again(part: Part) -> float:
    """A norm that float32 cannot hold, of gradients that it can: clipping makes something of them."""
    grads = [parameter.grad for parameter in part.parameters if parameter.grad is not None]
    part.net.grad_norm = torch.linalg.vector_norm(torch.stack([grad.cpu().double().norm() for grad in grads]))
    return part.net.grad_norm.item()


def made(net: Trained, loss: float, frame: int | None) -> None:
    """Note an update that was made."""
    net.statistics.keep()
    net.lr_scheduler.step(loss, frame)
    net.skips.good()


# --- decided by the accelerator, for optimizers that take `found_inf`


def decides_itself(tensor: Tensor) -> bool:
    """Whether tensors like this one are not waited for: those of CUDA (and ROCm), and fake ones, without numbers."""
    return tensor.device.type == "cuda" or (tensor.device.type == "cpu" and not at_hand(tensor))


def _decides_on_device(part: Part) -> bool:
    """Whether the step can be left to the accelerator, which nobody then waits for.

    Optimizers say so as torch's GradScaler asks them. A plateau schedule has to see the loss.
    """
    optimizer: Any = part.net.optimizer
    return (
        decides_itself(part.parameters[0])
        and getattr(optimizer, "_step_supports_amp_scaling", False)
        and not isinstance(part.net.lr_scheduler, PlateauSchedule)
        and _momentum_is_there(optimizer)
    )


def _momentum_is_there(optimizer: Any) -> bool:
    """Whether SGD can skip a step: its first one makes the momentum, and with `dampening` is unlike any other."""
    if not isinstance(optimizer, SGD):
        return True
    for group in optimizer.param_groups:
        for parameter in group["params"] if group["momentum"] else ():
            state = optimizer.state[parameter]
            if state.get("momentum_buffer") is None:
                if group["dampening"]:
                    return False
                state["momentum_buffer"] = torch.zeros_like(parameter)
    return True


def _step_on_device(parts: Sequence[Part], frame: int | None) -> None:
    place = parts[0].parameters[0].device
    numbers = torch.stack([number.to(place).float() for part in parts for number in part.measured])
    bad = 1 - numbers.isfinite().all().float()
    for part in parts:
        optimizer: Any = part.net.optimizer
        part.net.grad_clip.clip(part.parameters, part.net.grad_norm)  # type: ignore[arg-type]
        optimizer.found_inf = bad
        try:
            optimizer.step()
        finally:
            del optimizer.found_inf
        note_later(part.net, bad, part.measured[0], part.measured[1], frame)


def note_later(net: Trained, bad: Tensor, loss: Tensor, norm: Tensor, frame: int | None) -> None:
    """Go on as if the update had been made; `Skips.settle` takes back what was not.

    While a CUDA graph is recorded the schedule stays: whoever replays the graph moves it.
    """
    net.statistics.restore_if(bad)
    flags = torch.stack([bad, loss.to(bad.device).float(), norm.to(bad.device).float()])
    net.skips.later(flags, net.lr_scheduler, frame)
    if not captured(flags):
        net.lr_scheduler.step(frame=frame)


# --- what cannot be trained


NO_OPTIMIZER = "this net has no optimizer (a target net follows its source): train the source instead"


def check_trained(nets: Collection[Trained], frame: int | None) -> None:
    """Raise ValueError if one of the nets is not trained, or its schedule cannot use this `frame`."""
    for net in nets:
        if net.optimizer is None:
            raise ValueError(NO_OPTIMIZER)
        net.lr_scheduler.check(frame)


def _check(nets: Collection[Trained], loss: object, frame: int | None) -> None:
    check_trained(nets, frame)
    if not isinstance(loss, Tensor):
        raise ValueError(f"train_step needs the loss as a tensor, not {type(loss).__name__}: do not call .item() on it")
    if loss.numel() != 1:
        shape = tuple(loss.shape)
        raise ValueError(f"train_step needs a scalar loss, not shape {shape}: reduce it, for example .mean()")
    if loss.is_meta:
        raise ValueError("the loss has no number: a net on the meta device cannot be trained, build it on another")
    if not loss.requires_grad:
        raise ValueError(
            "the loss has no graph: compute it from the net's output, not under no_grad or from a detached tensor"
        )
    if any(net.grad_scaler is not None and net.ranks.sharded for net in nets):
        raise ValueError('amp "fp16" does not go with sharded parameters (fully_shard): write "bf16"')


def _why_no_gradient(part: Part) -> str:
    whose = f"the optimizer{f' of {part.name}' * bool(part.name)}"
    if not part.parameters:
        return f"{whose} has nothing to train: its parameters have requires_grad=False"
    reason = "it does not come from this net's output, or that was detached on the way"
    own = {id(parameter) for parameter in part.net.model.parameters()}
    if not own & {id(parameter) for parameter in part.parameters}:
        reason = "the model was replaced or sharded after the build: build_net(wrap=) is there for that"
    return f"the loss reaches none of the {len(part.parameters):,} parameters that {whose} updates: {reason}"
