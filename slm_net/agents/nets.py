"""AgentNets: all nets of an agent under SLM Lab's names, and the temperature of SAC beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from slm_net.bundle import NetBundle
from slm_net.training import TargetUpdate


class Temperature(nn.Module):
    """A positive number, `exp(log_alpha)`, that weighs the policy's entropy against the return.

    It starts at 1; `target_entropy` is the entropy that it aims at (Haarnoja et al. 2018,
    https://arxiv.org/abs/1812.05905).
    """

    def __init__(self, target_entropy: float):
        super().__init__()
        self.target_entropy = target_entropy
        self.log_alpha = nn.Parameter(torch.zeros(1))

    def forward(self) -> Tensor:
        """The temperature, shape (1,)."""
        return self.log_alpha.exp()


class AgentNets(Mapping[str, NetBundle]):
    """The nets of an agent in the order in which they were created, by name: `net`, `critic_net`, `target_net`, ...

    `sources` has for each frozen copy (target nets, PPO's `old_net`) the name of the net that it follows.
    `temperature` is the bundle of SAC's temperature, None for other algorithms.
    """

    def __init__(
        self,
        algorithm: str,
        bundles: Mapping[str, NetBundle],
        sources: Mapping[str, str] | None = None,
        temperature: NetBundle | None = None,
    ):
        self.algorithm = algorithm
        self.sources = dict(sources or {})
        self.temperature = temperature
        self.steps = 0
        self._bundles = dict(bundles)

    def __getitem__(self, name: str) -> NetBundle:
        try:
            return self._bundles[name]
        except KeyError:
            there = f"has {', '.join(self)}" if self._bundles else "has no nets"
            raise KeyError(f"no {name!r} here: this {self.algorithm} agent {there}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._bundles)

    def __len__(self) -> int:
        return len(self._bundles)

    def update_targets(self, step: int | None = None) -> list[str]:
        """Let every copy follow its source, if its turn has come; returns the names of those that did.

        How and when is the copy's `target_update`, which is the `update_type`, `update_frequency` and `polyak_coef` of
        its source; `old_net` is copied each time. `step` counts what `update_frequency` counts, environment frames in
        SLM Lab; left out, it is the number of calls so far, the first being 1.
        """
        self.steps = self.steps + 1 if step is None else step
        moved = [name for name in self.sources if self[name].target_update.due(self.steps)]
        for name in moved:
            self[name].target_update.update(self[self.sources[name]].model, self[name].model)
        return moved

    def sync_targets(self) -> None:
        """Copy all weights of every source to the nets that follow it, whatever their `target_update` is."""
        for name, source in self.sources.items():
            TargetUpdate().update(self[source].model, self[name].model)

    @property
    def log_alpha(self) -> nn.Parameter | None:
        """The logarithm of SAC's temperature, shape (1,); None without one."""
        model = self._temperature
        return None if model is None else model.log_alpha

    @property
    def alpha_optimizer(self) -> Optimizer | None:
        """The optimizer of `log_alpha`; None without a temperature."""
        return None if self.temperature is None else self.temperature.optimizer

    @property
    def target_entropy(self) -> float | None:
        """The entropy that the temperature aims at; None without one."""
        model = self._temperature
        return None if model is None else model.target_entropy

    def state_dict(self) -> dict[str, Any]:
        """The states of all bundles, the temperature's as `log_alpha`, and the steps: as `torch.save` takes them."""
        bundles = {name: bundle.state_dict() for name, bundle in self._all().items()}
        return {"bundles": bundles, "steps": self.steps}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Load what `state_dict` gave.

        Raises:
            ValueError: it is the state of an agent with other nets.
        """
        bundles, saved = self._all(), state.get("bundles", {})
        if saved.keys() != bundles.keys():
            raise ValueError(f"the state has {', '.join(saved) or 'no nets'}; this agent has {', '.join(bundles)}")
        for name, bundle in bundles.items():
            bundle.load_state_dict(saved[name])
        self.steps = state["steps"]

    def __repr__(self) -> str:
        rows = [f"  {name:<14} {self._row(name, bundle)}\n" for name, bundle in self.items()]
        if self.log_alpha is not None:
            rows.append(f"  {'log_alpha':<14} target entropy {self.target_entropy:.4g}\n")
        return f"AgentNets({self.algorithm}" + (",\n" + "".join(rows) if rows else "") + ")"

    def _row(self, name: str, bundle: NetBundle) -> str:
        what = f"{type(bundle.model).__name__}, {bundle.in_dim} -> {bundle.out_dim}"
        if name in self.sources:
            return f"{what}, follows {self.sources[name]}: {bundle.target_update}"
        return f"{what}, {bundle.parameter_count:,} parameters, {type(bundle.optimizer).__name__}"

    def _all(self) -> dict[str, NetBundle]:
        return self._bundles if self.temperature is None else {**self._bundles, "log_alpha": self.temperature}

    @property
    def _temperature(self) -> Temperature | None:
        model = None if self.temperature is None else self.temperature.model
        return model if isinstance(model, Temperature) else None
