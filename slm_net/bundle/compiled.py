"""A whole training step as one compiled graph: forward, loss, gradient, clipping, the decision to skip, the update."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from types import FunctionType
from typing import Any, Protocol, cast

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad_and_value

from slm_net.bundle.step import (
    NO_OPTIMIZER,
    Part,
    Trained,
    check_trained,
    clear_gradients,
    decides_itself,
    made,
    note_later,
    train_step,
)
from slm_net.training import GradClip, PlateauSchedule
from slm_net.training.updates import UPDATES, state_for, update_where
from slm_net.words import visible


class CompiledStep:
    """What `NetBundle.compile_step` gives: called with observations and what else the loss takes, it is one update.

    The graph reads and writes the tensors of the bundle's model and optimizer: checkpoints, target updates and
    `train_step` go on as ever. It has the layers and hooks that the model has when the first batch of a shape comes:
    ask for a new step after changing them.
    """

    def __init__(self, net: Trained, loss_fn: Callable[..., Tensor], options: Mapping[str, Any]):
        if net.optimizer is None:
            raise ValueError(NO_OPTIMIZER)
        self.net = net
        self._begin(loss_fn, options, why_not(net))

    def _begin(self, loss_fn: Callable[..., Tensor], options: Mapping[str, Any], reason: str) -> None:
        self.loss_fn, self._options = loss_fn, options
        self._bound: Bound | None = None
        self._graphs: dict[Any, Callable[..., Tensor]] = {}
        #: Why steps are made without a graph, "" if they are made with one.
        self.eager = ""
        if reason:
            self._fall_back(reason, stacklevel=5)

    def __call__(self, observations: Any, *targets: Any, frame: int | None = None) -> Tensor:
        """One update from a batch; returns the loss, detached.

        Raises:
            ValueError: `frame` is missing where the schedule needs one, the batch does not fit the net, or losses of
                `train_step(accumulate=True)` wait for a step.
            FloatingPointError: `max_skipped` updates in a row were not finite.
        """
        if not self.eager:
            self._prepare(frame)
            try:
                flags = self._flags(observations, targets)
            except Exception as error:
                made_without = self._made_without_graph(observations, targets, frame)  # raises what the model refuses
                self._fall_back(f"no graph can be made of it: {_first_cause(error)}", stacklevel=3)
                return made_without
            if flags.device.type != "cpu":
                flags = flags.clone()  # a CUDA graph writes its results to the same place again
            return self._finish(flags, frame)
        return self._made_without_graph(observations, targets, frame)

    def _prepare(self, frame: int | None) -> None:
        check_trained([self.net], frame)
        if self.net.accumulated is not None:
            raise ValueError("losses wait for a step: make it by train_step, then go on with compile_step's")
        self.net.skips.settle(self.net.max_skipped, scaled=False)

    def _bind(self) -> Bound:
        return _Bound(self.net)

    def _made_without_graph(self, observations: Any, targets: Sequence[Any], frame: int | None) -> Tensor:
        loss = self.loss_fn(self.net.model(observations), *targets)
        return train_step({"": self.net}, loss, frame, accumulate=False)

    def _fall_back(self, reason: str, stacklevel: int) -> None:
        self.eager = visible(reason, 200)
        message = f"compile_step goes on without a graph, as train_step does: {self.eager}"
        warnings.warn(message, RuntimeWarning, stacklevel=stacklevel)

    def _flags(self, observations: Any, targets: Sequence[Any]) -> Tensor:
        """Run the graph for such a batch: whether the update was skipped, its loss, its gradient norm."""
        if self._bound is None or not self._bound.holds():
            self._bound, self._graphs = self._bind(), {}
        self._bound.set_rates()
        key = (_kind(observations), _kind(targets), self._bound.modes())
        if key not in self._graphs:
            self._graphs[key] = self._compiled(self._bound)
        return self._graphs[key](observations, targets)

    def _compiled(self, bound: Bound) -> Callable[..., Tensor]:
        """A graph for one kind of batch; torch does not look again whether it fits, as `_flags` has done so."""
        loss_fn = self.loss_fn
        skip_guards = getattr(torch.compiler, "skip_all_guards_unsafe", None)
        options: dict[str, Any] = {"guard_filter_fn": skip_guards} if skip_guards else {}
        if any(tensor.device.type == "cuda" for tensor in bound.tensors()):
            options["triton.cudagraphs"] = True
            for tensor in bound.tensors():
                torch._dynamo.mark_static_address(tensor)

        def graph(observations: Any, targets: Sequence[Any]) -> Tensor:
            return bound.update(loss_fn, observations, targets)

        # with code of its own, as torch makes only a few graphs of one code object
        own = FunctionType(graph.__code__.replace(), globals(), closure=graph.__closure__)
        return torch.compile(own, **{"fullgraph": True, "dynamic": False, "options": options, **self._options})

    def _finish(self, flags: Tensor, frame: int | None) -> Tensor:
        net = self.net
        clear_gradients(Part("", net).parameters)
        net.optimizer._opt_called = True  # type: ignore[union-attr]  # or the schedule warns that nobody has stepped it
        net.loss, net.grad_norm = flags[1], flags[2]
        if decides_itself(flags) and not isinstance(net.lr_scheduler, PlateauSchedule):
            note_later(net, flags[0], flags[1], flags[2], frame)
        else:
            bad, loss, norm = flags.tolist()
            if bad:
                net.skips.bad(loss, norm, net.max_skipped)
            else:
                made(net, loss, frame)
        return flags[1]


def _first_cause(error: BaseException) -> str:
    """What the error in the compiler began with: it is reported through several others."""
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    return " ".join(str(error).split()) or type(error).__name__


class Bound(Protocol):
    """The tensors and settings that graphs are made of, as they were when the graphs were made."""

    def holds(self) -> bool:
        """Whether everything is what it was: `load_state_dict` puts other groups and states in their places."""

    def set_rates(self) -> None:
        """Put the learning rates as they are now where the graphs read them."""

    def modes(self) -> Any:
        """What may change to and fro; each has a graph of its own."""

    def tensors(self) -> list[Tensor]:
        """All tensors that a graph reads or writes where they are."""

    def update(self, loss_fn: Callable[..., Tensor], observations: Any, targets: Sequence[Any]) -> Tensor:
        """What is compiled: an update in place; whether it was skipped, the loss and the gradient norm."""


class _Bound:
    """What the graphs of a bundle are made of."""

    def __init__(self, net: Trained):
        self.net = net
        self.optimizer = cast(Any, net.optimizer)
        self.groups: list[dict[str, Any]] = list(self.optimizer.param_groups)
        self.rates = [torch.zeros((), device=group["params"][0].device) for group in self.groups]
        self.settings = [self._settings_of(group) for group in self.groups]
        members = [(each, number) for number, group in enumerate(self.groups) for each in group["params"]]
        self.parameters = [parameter for parameter, _ in members if parameter.requires_grad]
        self.numbers = [number for parameter, number in members if parameter.requires_grad]
        names = {id(parameter): name for name, parameter in net.module.named_parameters()}
        self.names = [names[id(parameter)] for parameter in self.parameters]
        self.written = [parameter.detach() for parameter in self.parameters]
        pairs = zip(self.parameters, self.numbers, strict=True)
        self.states = [state_for(self.optimizer, each, self.groups[number]) for each, number in pairs]
        self.places, self.modules = places(net.module), list(net.module.modules())

    def _settings_of(self, group: Mapping[str, Any]) -> dict[str, Any]:
        return {key: group[key] for key in UPDATES[type(self.optimizer)].settings}

    def holds(self) -> bool:
        """See `Bound`."""
        optimizer: Any = self.net.optimizer
        parameters = Part("", self.net).parameters
        now, then = [optimizer, *optimizer.param_groups, *parameters], [self.optimizer, *self.groups, *self.parameters]
        if list(map(id, now)) != list(map(id, then)):
            return False
        kept = [optimizer.state[parameter] for parameter in parameters]
        if any(kept[at][name] is not tensor for at, own in enumerate(self.states) for name, tensor in own.items()):
            return False
        return [self._settings_of(group) for group in self.groups] == self.settings

    def set_rates(self) -> None:
        """See `Bound`."""
        for rate, group in zip(self.rates, self.groups, strict=True):
            rate.fill_(group["lr"])

    def modes(self) -> Any:
        """Which of the modules are in training mode, and how gradients are clipped."""
        return self.net.grad_clip, *[module.training for module in self.modules]

    def tensors(self) -> list[Tensor]:
        """See `Bound`."""
        kept = [tensor for state in self.states for tensor in state.values()]
        return [*self.written, *kept, *self.rates, *self.net.module.buffers()]

    def update(self, loss_fn: Callable[..., Tensor], observations: Any, targets: Sequence[Any]) -> Tensor:
        """See `Bound`."""
        net, rule = self.net, UPDATES[type(self.optimizer)].rule
        buffers = dict(net.module.named_buffers())
        trained = dict(zip(self.names, self.written, strict=True))

        def objective(parameters: Mapping[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
            moved = {name: buffer.clone() for name, buffer in buffers.items()}
            given = {place: parameters[name] for place, name in self.places.items() if name in parameters}
            outputs = functional_call(net.module, {**given, **moved}, (observations,), tie_weights=False)
            return loss_fn(outputs, *targets), moved

        grads, (loss, moved) = grad_and_value(objective, has_aux=True)(trained)
        norm = torch.stack([grad.square().sum() for grad in grads.values()]).sum().sqrt()
        good = loss.isfinite() & norm.isfinite()
        for buffer in moved.values():
            good = good & buffer.isfinite().all() if buffer.is_floating_point() else good
        clipped = _clipped(net.grad_clip, list(grads.values()), norm)
        for parameter, grad, state, number in zip(self.written, clipped, self.states, self.numbers, strict=True):
            update_where(good, rule, parameter, grad, state, self.rates[number], self.settings[number])
        for name, buffer in buffers.items():
            buffer.copy_(torch.where(good, moved[name], buffer))
        return torch.stack([1 - good.float(), loss.float(), norm.float()])


def _kind(batch: Any) -> Any:
    """What one graph is for: the shapes and dtypes of tensors, and everything else as it is."""
    if isinstance(batch, Tensor):
        return batch.shape, batch.stride(), batch.dtype, batch.device
    if isinstance(batch, Mapping):
        return tuple((name, _kind(part)) for name, part in batch.items())
    return tuple(map(_kind, batch)) if isinstance(batch, (list, tuple)) else batch


def places(module: nn.Module) -> dict[str, str]:
    """Every place of a parameter to its name; a module that is there twice (a tail of a dueling net) is one place.

    functional_call finds the places by itself, and then leaves the tensors that it was given in such a module.
    """
    names = {id(parameter): name for name, parameter in module.named_parameters()}
    return {
        f"{prefix}.{name}".lstrip("."): names[id(parameter)]
        for prefix, inside in module.named_modules()
        for name, parameter in inside.named_parameters(recurse=False)
    }


def _clipped(clip: GradClip, grads: list[Tensor], norm: Tensor) -> list[Tensor]:
    if clip.max_value is None:
        return grads
    if clip.kind == "value":
        return [grad.clamp(-clip.max_value, clip.max_value) for grad in grads]
    share = torch.clamp(clip.max_value / (norm + 1e-6), max=1.0)
    return [grad * share for grad in grads]


def why_not(net: Trained) -> str:
    """Why a step cannot be one graph, "" if it can."""
    optimizer: Any = net.optimizer
    if type(optimizer) not in UPDATES:
        return f"{type(optimizer).__name__} is none of {', '.join(each.__name__ for each in UPDATES)}"
    if any(group.get("dampening") for group in optimizer.param_groups):
        return "the first step of SGD with dampening is unlike the others"
    if getattr(net.lr_scheduler.scheduler, "cycle_momentum", False):
        return f"{net.lr_scheduler} cycles the momentum (cycle_momentum: false leaves it)"
    if net.grad_scaler is not None:
        return 'amp "fp16" scales the loss by what came before (write "bf16")'
    if net.ranks.groups:
        return "several processes train the net together"
    return ""
