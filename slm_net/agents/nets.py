"""AgentNets: all nets of an agent under SLM Lab's names, and the temperature of SAC beside them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from slm_net.bundle import NetBundle
from slm_net.bundle.facts import facts_of
from slm_net.bundle.saving import save_nets
from slm_net.bundle.state import load_states
from slm_net.bundle.step import train_step
from slm_net.drawing.facts import beside_nets, copy_of
from slm_net.drawing.record import AgentFacts
from slm_net.drawing.summary import Summary
from slm_net.training import TargetUpdate
from slm_net.training.targets import Follower
from slm_net.words import nearest, visible


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
    `temperature` is the bundle of SAC's temperature, None for other algorithms. `spec` is the concrete spec, and `seed`
    what the weights were drawn from.
    """

    def __init__(
        self,
        algorithm: str,
        bundles: Mapping[str, NetBundle],
        sources: Mapping[str, str] | None = None,
        temperature: NetBundle | None = None,
        spec: Mapping[str, Any] | None = None,
        seed: int | None = None,
    ):
        self.algorithm = algorithm
        self.sources = dict(sources or {})
        self.temperature = temperature
        self.spec = dict(spec or {})
        self.seed = seed
        self.steps = 0
        self._bundles = dict(bundles)
        self._followers: dict[str, Follower] = {}

    def __getitem__(self, name: str) -> NetBundle:
        try:
            return self._bundles[name]
        except KeyError:
            there = f"has {', '.join(self)}" if self._bundles else "has no nets"
            raise KeyError(f"no {name!r} here: this {self.algorithm} agent {there}") from None

    if not TYPE_CHECKING:  # a type checker is to see which attributes are there

        def __getattr__(self, name: str) -> NoReturn:
            """Nothing: a net is an entry, `nets["net"]`; asked for what is no attribute.

            Raises:
                AttributeError: always; it says how a net of this name, or of one like it, is asked for.
            """
            message = f"{type(self).__name__!r} object has no attribute {name!r}"
            bundles = {} if name.startswith("_") else self._bundles  # a copy has no nets yet
            parts = (other for other in bundles if name in other.split("_"))
            if (near := nearest(name, bundles) or next(parts, None)) is not None:
                message += f': the nets are entries, write nets["{visible(near)}"]'
            raise AttributeError(message, name=name, obj=self)

    def __iter__(self) -> Iterator[str]:
        return iter(self._bundles)

    def __len__(self) -> int:
        return len(self._bundles)

    def train_step(self, loss: Tensor, *names: str, frame: int | None = None, accumulate: bool = False) -> Tensor:
        """One update of several nets from one loss, all of them or none; returns the loss, detached.

        Each net has its own clipping, optimizer and schedule; see `NetBundle.train_step`. `names` are those of the nets
        that the loss goes through, and "log_alpha" of the temperature; left out, all nets that are trained.

        Raises:
            KeyError: there is no such net.
            ValueError: no update can be made from this loss, or it reaches no parameter of one of the nets.
            FloatingPointError: `max_skipped` updates in a row were not finite.

        >>> from slm_net import build_nets
        >>> net = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu", "shared": False}
        >>> agent = {"algorithm": {"name": "ActorCritic"}, "net": {**net, "use_same_optim": True}}
        >>> nets = build_nets({"agent": agent, "env": {"name": "CartPole-v1"}})
        >>> values, logits = (nets[name].model(torch.ones(8, 4)) for name in ("critic_net", "net"))
        >>> loss = nets.train_step(values.mean() + logits.mean(), "net", "critic_net")
        """
        trained = {name: bundle for name, bundle in self.all_bundles().items() if bundle.optimizer is not None}
        for name in names:
            if name not in trained:
                self[name]
                raise ValueError(f"{name} has no optimizer, it follows {self.sources[name]}: name that instead")
        return train_step({name: trained[name] for name in names or trained}, loss, frame, accumulate)

    def configure_optimizers(self) -> list[dict[str, Any]]:
        """What `configure_optimizers` of a LightningModule returns that trains by hand, of each net that is trained.

        With several nets Lightning asks for that: `automatic_optimization = False`, and `train_step` in its
        `training_step`; see `NetBundle.configure_optimizers`.
        """
        trained = (bundle for bundle in self.all_bundles().values() if bundle.optimizer is not None)
        return [bundle.configure_optimizers(manual=True) for bundle in trained]

    def metrics(self) -> dict[str, float]:
        """The numbers of every net, as `net/loss`, and the temperature as `alpha`; see `NetBundle.metrics`."""
        found = {
            f"{name}/{key}": value for name, net in self.all_bundles().items() for key, value in net.metrics().items()
        }
        return found if self.log_alpha is None else {**found, "alpha": self.log_alpha.exp().item()}

    def observe(self, obs: Any, *, steps: bool = False) -> Any:
        """What the net that acts takes; see `NetBundle.observe`."""
        return self.actor.observe(obs, steps=steps)

    def act(self, obs: Any, state: Any = None, **options: Any) -> Any:
        """What the net that acts does; see `NetBundle.act`."""
        return self.actor.act(obs, state, **options)

    def export(self, path: str | os.PathLike[str], **options: Any) -> dict[str, Any]:
        """Write the net that acts as a file that runs without slm_net; see `NetBundle.export`."""
        return self.actor.export(path, **options)

    @property
    def actor(self) -> NetBundle:
        """The net that acts, the first.

        Raises:
            KeyError: the agent has no nets.
        """
        return self[next(iter(self._bundles), "net")]

    def update_targets(self, step: int | None = None) -> list[str]:
        """Let every copy follow its source, if its turn has come; returns the names of those that did.

        How and when is the copy's `target_update`, which is the `update_type`, `update_frequency` and `polyak_coef` of
        its source; `old_net` is copied each time. `step` counts what `update_frequency` counts, environment frames in
        SLM Lab; left out, it is the number of calls so far, the first being 1.
        """
        self.steps = self.steps + 1 if step is None else step
        moved = [name for name in self.sources if self[name].target_update.due(self.steps)]
        for name in moved:
            update, source, target = self[name].target_update, self[self.sources[name]].model, self[name].model
            follower = self._followers.get(name)
            if follower is None or (follower.update, follower.source, follower.target) != (update, source, target):
                follower = self._followers[name] = update.bind(source, target)
            follower()
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
        bundles = {name: bundle.state_dict() for name, bundle in self.all_bundles().items()}
        return {"bundles": bundles, "steps": self.steps}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Load what `state_dict` gave: all of it, or nothing; see `NetBundle.load_state_dict`.

        Raises:
            ValueError: it is the state of an agent with other nets; nothing has changed.
        """
        saved, steps = (state.get("bundles"), state.get("steps")) if isinstance(state, Mapping) else (None, None)
        if not isinstance(saved, Mapping) or isinstance(steps, bool) or not isinstance(steps, int):
            raise ValueError("not the state of an agent, which has 'bundles' by name and the number of 'steps'")
        bundles = self.all_bundles()
        if saved.keys() != bundles.keys():
            there = visible(", ".join(map(str, saved)) or "no nets", 200)
            raise ValueError(f"the state has {there}; this agent has {', '.join(bundles)}")
        load_states(bundles, saved)
        self.steps = steps

    def save(self, folder: str | os.PathLike[str], *, rng: bool = False, keep: int = 3) -> None:
        """Save all nets and their training in one folder, from where `slm_net.load` goes on; see `NetBundle.save`.

        Raises:
            ValueError: a model is not the one that its spec builds.
            OSError: the folder cannot be written; what was saved before is still there.
        """
        entropy = {} if self.target_entropy is None else {"target_entropy": self.target_entropy}
        about = {"algorithm": self.algorithm, "spec": self.spec, "seed": self.seed, "sources": self.sources, **entropy}
        save_nets(folder, "agent", self.all_bundles(), about, {"steps": self.steps}, rng=rng, keep=keep)

    def summary(self, batch: int = 32) -> Summary:
        """The layers, parameters and memory of all nets; see `NetBundle.summary`."""
        found = {name: facts_of(bundle, name, batch) for name, bundle in self.items()}
        for name, source in self.sources.items():
            found[name] = copy_of(found[name], name, source, str(self[name].target_update))
        return Summary(AgentFacts("", self.algorithm, tuple(found.values()), beside_nets(self.target_entropy)))

    def _repr_html_(self) -> str:
        return self.summary()._repr_html_()

    def __repr__(self) -> str:
        rows = [f"  {name:<14} {self._row(name, bundle)}\n" for name, bundle in self.items()]
        if self.log_alpha is not None:
            rows.append(f"  {'log_alpha':<14} target entropy {self.target_entropy:.4g}\n")
        return f"AgentNets({self.algorithm}" + (",\n" + "".join(rows) if rows else "") + ")"

    def _row(self, name: str, bundle: NetBundle) -> str:
        what = f"{type(bundle.module).__name__}, {bundle.in_dim} -> {bundle.out_dim}"
        if name in self.sources:
            return f"{what}, follows {self.sources[name]}: {bundle.target_update}"
        return f"{what}, {bundle.parameter_count:,} parameters, {type(bundle.optimizer).__name__}"

    def all_bundles(self) -> dict[str, NetBundle]:
        """The bundles of all nets, and of the temperature as `log_alpha`."""
        return self._bundles if self.temperature is None else {**self._bundles, "log_alpha": self.temperature}

    @property
    def _temperature(self) -> Temperature | None:
        model = None if self.temperature is None else self.temperature.module
        return model if isinstance(model, Temperature) else None
