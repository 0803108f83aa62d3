"""Population: nets of one spec as one module with one training step."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from operator import index
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_map_only

from slm_net.bundle import NetBundle
from slm_net.bundle.saving import save_nets
from slm_net.bundle.state import load_states, state_of
from slm_net.bundle.step import check_trained
from slm_net.factory import build_plan
from slm_net.plan import NetPlan
from slm_net.population.compiled import CompiledPopulationStep
from slm_net.population.stacked import StackedNet, pieces
from slm_net.population.step import Step, group_of, note, rates_of, settings_of
from slm_net.training.device import at_hand
from slm_net.training.updates import UPDATES, State, state_for


class Population:
    """Nets of one spec, side by side: one module, and one training step for all of them.

    Each member has its own weights, optimizer settings and state, schedule and count of skipped updates. `model` is
    called with `(batch, in_dim)` for all members, or `(members, batch, in_dim)`, and returns
    `(members, batch, out_dim)`, a list of such tensors if `out_dim` is a list.

    >>> from slm_net import build_population
    >>> net = {"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"}
    >>> population = build_population(net, 4, 2, overrides=[{"optim_spec.lr": 1e-3}, {"optim_spec.lr": 1e-2}])
    >>> outputs = population.model(torch.ones(8, 4))
    >>> population.train_step(population.loss_fn(outputs, torch.zeros(2, 8, 2))).shape
    torch.Size([2])
    """

    def __init__(
        self, plans: Sequence[NetPlan], members: Sequence[NetBundle], net: nn.Module, seeds: Sequence[int | None]
    ):
        first, self._plans, self.seeds = members[0], list(plans), list(seeds)
        self.in_dim, self.out_dim, self.device = first.in_dim, first.out_dim, first.device
        self.target_update = first.target_update
        #: How many updates of a member in a row may be skipped before `train_step` raises.
        self.max_skipped = 100
        #: The gradient norm of each member in the last step, before clipping.
        self.grad_norm: Tensor | None = None
        self._shapes = [parameter.shape for parameter in net.parameters()]
        width = sum(shape.numel() for shape in self._shapes)
        kept = dict.fromkeys(name for member in members for name in _kept_by(member))
        #: What a step changes: weights `(members, parameters)`, and what the optimizer keeps of each.
        self.weights = torch.zeros(len(members), width, device=self.device)
        self.state = {name: self.weights.new_zeros(len(members), 1 if name == "step" else width) for name in kept}
        self._grads = torch.empty_like(self.weights)  # new memory in every step would cost as much as the arithmetic
        self.model = StackedNet(net, self.weights)
        self._adopt(members)

    # --- training

    def loss_fn(self, outputs: Any, *targets: Any) -> Tensor:
        """The loss of each member by the spec's loss function, `(members,)`; targets are `(members, batch, ...)`."""
        return torch.vmap(self.members[0].loss_fn)(outputs, *targets)

    def train_step(self, losses: Tensor, frame: int | None = None) -> Tensor:
        """One update of each member from its loss; returns the `losses` `(members,)`, detached.

        Gradients are those of these losses for the population's parameters, and for no others; one that no loss
        reaches is 0. `frame` is the number of environment frames so far, as in `NetBundle.train_step`.

        A member whose loss or gradients are not finite keeps its weights, optimizer state and schedule, and the others
        go on. It counts in `skipped_steps`, and a RuntimeWarning comes at the 1st, 10th, 100th, ... time.

        Raises:
            ValueError: these are not the losses of the members, they reach no parameter, or `frame` is missing.
            FloatingPointError: `max_skipped` updates of a member in a row were not finite; the others were made.
        """
        self._check(losses, frame)
        parameters = list(self.model.parameters())
        grads = torch.autograd.grad(losses.sum(), parameters, allow_unused=True)
        if all(grad is None for grad in grads):
            raise ValueError("the losses reach no parameter of the population: compute them from population.model")
        whole = [torch.zeros_like(each) if grad is None else grad for grad, each in zip(grads, parameters, strict=True)]
        losses, flat = losses.detach(), self._grads
        with torch.no_grad():
            torch.cat([grad.flatten(1) for grad in whole], dim=1, out=flat)
            step = Step(type(self.members[0].optimizer), settings_of(self.members), self.device)
            flags = step.judge(losses, flat)
            rates = torch.tensor(rates_of(self.members), device=self.device)[:, None]
            all_good = at_hand(flags) and not flags[0].any()
            step.update(flags, self.weights, flat, self.state, rates, all_good)
        self.note(flags, frame)
        return losses

    def compile_step(self, loss_fn: Callable[..., Tensor] | None = None, **options: Any) -> CompiledPopulationStep:
        """A function `(observations, *targets, frame=None) -> losses` that is a step as one compiled graph.

        It computes `loss_fn(model(observations), *targets)`, the losses `(members,)` of outputs
        `(members, batch, ...)`, by default with `population.loss_fn`; `torch.vmap` makes such a function of one for a
        single net. See `NetBundle.compile_step` for what compiling takes. `options` are those of `torch.compile`.
        """
        return CompiledPopulationStep(self, self.loss_fn if loss_fn is None else loss_fn, options)

    def target(self) -> nn.Module:
        """A frozen copy of `model`; `target_update.bind(population.model, target)` gives what moves it."""
        return deepcopy(self.model).requires_grad_(False).eval()

    def prepare(self, frame: int | None) -> None:
        """Look whether the next step can be made, before it changes anything.

        Raises:
            ValueError: `frame` is missing where a schedule needs one.
            FloatingPointError: `max_skipped` updates of a member in a row were not finite.
        """
        check_trained(self.members, frame)
        self._settle()

    def note(self, flags: Tensor, frame: int | None) -> None:
        """Count what a step has left out, and move the schedules of the other members.

        Raises:
            FloatingPointError: `max_skipped` updates of a member in a row were not finite.
        """
        self.grad_norm = flags[2]
        note(self.members, flags, self.max_skipped, frame)

    def _settle(self, wait: bool = False) -> None:
        for member in self.members:
            member.skips.settle(self.max_skipped, scaled=False, wait=wait)

    def _check(self, losses: object, frame: int | None) -> None:
        count = len(self)
        if not isinstance(losses, Tensor) or losses.shape != (count,):
            got = f"shape {tuple(losses.shape)}" if isinstance(losses, Tensor) else f"type {type(losses).__name__}"
            raise ValueError(f"train_step needs the loss of each member, a tensor of shape ({count},), not of {got}")
        if not losses.requires_grad:
            raise ValueError("the losses have no graph: compute them from population.model, not under no_grad")
        self.prepare(frame)

    # --- members

    @property
    def specs(self) -> list[dict[str, Any]]:
        """The net block of each member, with all defaults."""
        return [member.spec for member in self.members]

    @property
    def skipped_steps(self) -> list[int]:
        """How many updates of each member were left out because something in them was not finite."""
        self._settle(wait=True)
        return [member.skips.count for member in self.members]

    def __len__(self) -> int:
        return len(self.members)

    def __getitem__(self, number: int) -> NetBundle:
        """A copy of a member that trains on alone: its weights, optimizer state, schedule and count of skips."""
        number = range(len(self))[index(number)]
        copy = build_plan(self._plans[number], self.device, seed=0)
        settings = {key: value for key, value in group_of(self.members[number]).items() if key != "params"}
        group_of(copy).update(settings)
        load_states({"": copy}, {"": self._state_of(number)})
        return copy

    def __iter__(self) -> Iterator[NetBundle]:
        return (self[number] for number in range(len(self)))

    # --- state

    def state_dict(self) -> dict[str, Any]:
        """The states of all members by their numbers, each as `NetBundle.state_dict` has it: copies of tensors."""
        return {"members": {str(number): self._state_of(number) for number in range(len(self))}}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Load what `state_dict` gave: all of it, or nothing; see `NetBundle.load_state_dict`.

        Raises:
            ValueError: it is not the state of a population of as many such nets; nothing has changed.
        """
        self.load_members(state.get("members") if isinstance(state, Mapping) else None)

    def load_members(self, saved: Any, warn: bool = True) -> None:
        """Load the states of all members by their numbers; with `warn` it is said where these have other settings.

        Raises:
            ValueError: these are not the states of as many such nets; nothing has changed.
        """
        numbers = range(len(self))
        if not isinstance(saved, Mapping) or saved.keys() != {str(number) for number in numbers}:
            raise ValueError(f"not the state of a population of {len(self)}, which has 'members' by their numbers")
        copies = {f"member {number}": self[number] for number in numbers}
        load_states(copies, {f"member {number}": saved[str(number)] for number in numbers}, warn)
        for name, copy in copies.items():
            if len({float(kept["step"]) for kept in copy.optimizer.state.values() if "step" in kept}) > 1:  # type: ignore[union-attr]
                raise ValueError(f"{name}: its parameters have made different numbers of steps, which go together here")
        self._adopt(list(copies.values()))

    def save(self, folder: str | os.PathLike[str], *, rng: bool = False, keep: int = 3) -> None:
        """Save all members and their training in one folder, from where `slm_net.load` goes on; see `NetBundle.save`.

        Raises:
            OSError: the folder cannot be written; what was saved before is still there.
        """
        members = {str(number): self[number] for number in range(len(self))}
        save_nets(folder, "population", members, {"seeds": self.seeds, "spec": self.specs[0]}, {}, rng=rng, keep=keep)

    def _adopt(self, members: Sequence[NetBundle]) -> None:
        """Take the weights and states of members side by side; their weights are parts of ours from then on."""
        #: The bundles with the settings of each member; they are trained by the population alone.
        self.members = list(members)
        for number, member in enumerate(self.members):
            optimizer, parameters = _trained(member)
            for piece, parameter in zip(pieces(self.weights[number], self._shapes), parameters, strict=True):
                piece.copy_(parameter.detach())
                parameter.data = piece
            for parameter, kept in zip(parameters, self._kept(number, _kept_by(member)), strict=True):
                for name, value in state_for(optimizer, parameter, optimizer.param_groups[0]).items():
                    kept[name].copy_(value)
            optimizer.state.clear()
            optimizer._opt_called = True  # or the schedule warns that nobody has stepped it
            member.skips.whose = f"member {number}: "

    def _kept(self, number: int, names: Sequence[str]) -> list[State]:
        """What is kept of each parameter of a member, where it is kept."""
        rows = {name: self.state[name][number] for name in names}
        columns = {
            name: [row[0]] * len(self._shapes) if name == "step" else pieces(row, self._shapes)
            for name, row in rows.items()
        }
        return [{name: column[place] for name, column in columns.items()} for place in range(len(self._shapes))]

    def _state_of(self, number: int) -> dict[str, Any]:
        self._settle(wait=True)
        optimizer, parameters = _trained(self.members[number])
        if kept := _kept_by(self.members[number]):
            optimizer.state.update(zip(parameters, self._kept(number, kept), strict=True))
        return tree_map_only(Tensor, Tensor.clone, state_of(self.members[number]))


def _trained(member: NetBundle) -> tuple[Any, list[nn.Parameter]]:
    return member.optimizer, group_of(member)["params"]


def _kept_by(member: NetBundle) -> tuple[str, ...]:
    return UPDATES[type(member.optimizer)].kept(group_of(member))  # type: ignore[index]
