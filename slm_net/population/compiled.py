"""The training step of a population as one compiled graph."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.func import functional_call, grad_and_value

from slm_net.bundle.compiled import Bound, CompiledStep, places, why_not
from slm_net.population.stacked import pieces
from slm_net.population.step import Step, rates_of, settings_of

if TYPE_CHECKING:
    from slm_net.population.population import Population


class CompiledPopulationStep(CompiledStep):
    """What `Population.compile_step` gives: called with observations and what else the losses take, it is one update
    of each member. It returns the losses `(members,)`, detached.
    """

    def __init__(self, population: Population, loss_fn: Callable[..., Tensor], options: Mapping[str, Any]):
        self.population = population
        self._begin(loss_fn, options, next(filter(None, map(why_not, population.members)), ""))

    def _prepare(self, frame: int | None) -> None:
        self.population.prepare(frame)

    def _bind(self) -> Bound:
        return _Bound(self.population)

    def _made_without_graph(self, observations: Any, targets: Sequence[Any], frame: int | None) -> Tensor:
        losses = self.loss_fn(self.population.model(observations), *targets)
        return self.population.train_step(losses, frame)

    def _finish(self, flags: Tensor, frame: int | None) -> Tensor:
        self.population.note(flags, frame)
        return flags[1]


class _Bound:
    """What the graphs of a population are made of."""

    def __init__(self, population: Population):
        self.population, self.settings = population, settings_of(population.members)
        self.step = Step(type(population.members[0].optimizer), self.settings, population.device)
        self.set_to = rates_of(population.members)
        self.rates = torch.tensor(self.set_to, device=population.device)[:, None]
        self.names = [name for name, _ in population.model.named_parameters()]
        self.places = places(population.model)

    def holds(self) -> bool:
        """See `Bound`; what is loaded goes into the tensors that are there."""
        return settings_of(self.population.members) == self.settings

    def set_rates(self) -> None:
        """See `Bound`."""
        if (rates := rates_of(self.population.members)) != self.set_to:
            self.rates.copy_(torch.tensor(rates)[:, None])
            self.set_to = rates

    def modes(self) -> Any:
        """Whether the model is in training mode."""
        return self.population.model.training

    def tensors(self) -> list[Tensor]:
        """See `Bound`."""
        return [self.population.weights, *self.population.state.values(), self.rates]

    def update(self, loss_fn: Callable[..., Tensor], observations: Any, targets: Sequence[Any]) -> Tensor:
        """See `Bound`."""
        population, model = self.population, self.population.model
        weights = dict(zip(self.names, pieces(population.weights, model.shapes), strict=True))

        def objective(weights: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
            given = {place: weights[name] for place, name in self.places.items()}
            losses = loss_fn(functional_call(model, given, (observations,), tie_weights=False), *targets)
            return losses.sum(), losses

        grads, (_, losses) = grad_and_value(objective, has_aux=True)(weights)
        flat = torch.cat([grad.flatten(1) for grad in grads.values()], dim=1)
        flags = self.step.judge(losses, flat)
        self.step.update(flags, population.weights, flat, population.state, self.rates)
        return flags
