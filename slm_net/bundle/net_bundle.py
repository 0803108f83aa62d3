"""NetBundle: a net with everything that trains it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.amp import GradScaler
from torch.distributions import Distribution
from torch.optim import Optimizer

from slm_net.bundle.acting import act, choice_of, is_switched
from slm_net.bundle.compiled import CompiledStep
from slm_net.bundle.exporting import export_bundle
from slm_net.bundle.facts import facts_of
from slm_net.bundle.lightning import lightning_form
from slm_net.bundle.metrics import metrics_of
from slm_net.bundle.observing import Observer
from slm_net.bundle.saving import ALONE, save_nets
from slm_net.bundle.skips import Skips
from slm_net.bundle.state import load_states, state_of
from slm_net.bundle.step import train_step
from slm_net.distributions import PolicyParams, action_distribution, policy_params
from slm_net.document.exploration import Exploration
from slm_net.drawing.record import AgentFacts
from slm_net.drawing.summary import Summary
from slm_net.spaces import Action
from slm_net.spaces.task import Observations
from slm_net.training import GradClip, LRSchedule, TargetUpdate
from slm_net.training.ranks import Ranks, bare
from slm_net.training.statistics import Statistics


@dataclass(eq=False, repr=False)
class NetBundle:
    """A net, its optimizer, loss, gradient clipping, learning-rate schedule and target update, ready to train.

    `optimizer` is None for a net that is not trained by gradients, such as a target net.

    >>> model = nn.Linear(4, 2)
    >>> bundle = NetBundle(model, torch.optim.Adam(model.parameters()), nn.MSELoss(), GradClip(0.5))
    >>> model, optimizer, loss_fn, grad_clip = bundle
    >>> loss = bundle.train_step(loss_fn(model(torch.ones(8, 4)), torch.zeros(8, 2)))
    """

    model: nn.Module
    optimizer: Optimizer | None
    loss_fn: Callable[..., Tensor]
    grad_clip: GradClip = field(default_factory=GradClip)
    lr_scheduler: LRSchedule = field(default_factory=LRSchedule)
    target_update: TargetUpdate = field(default_factory=TargetUpdate)
    spec: dict[str, Any] = field(default_factory=dict)
    in_dim: Any = None
    out_dim: Any = None
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    #: What the net acts in, and the distribution that its spec asks for; None if it is not known, or no acting net.
    action: Action | None = None
    action_pdtype: str = "default"
    #: What the weights were drawn from; None if it was torch's global random numbers.
    seed: int | None = None
    #: What became of each weight if the spec has an `init_from`: `slm_net.weights.initial.Started`.
    started: Any = None
    #: What the environment shows, of each input in the form of `in_dim`; None if it is not known.
    observation: Observations | None = None
    #: What the net gives out: "policy", "actor" (maybe with the critic's value), "q", "value", "soft-q"; or not known.
    gives: str = ""
    #: How the spec says that the agent explores.
    exploration: Exploration | None = None
    #: Scales the loss of a net with `amp: "fp16"`.
    grad_scaler: GradScaler | None = None
    #: How many updates in a row may be skipped before `train_step` raises.
    max_skipped: int = 100
    #: The loss of the last step, also of one that was left out: of all calls of train_step that went into it.
    loss: Tensor | None = field(default=None, init=False)
    #: The global L2 norm of the gradients in the last train_step, before clipping.
    grad_norm: Tensor | None = field(default=None, init=False)
    #: The sum of the losses that `train_step(..., accumulate=True)` has taken since the last step.
    accumulated: Tensor | None = field(default=None, init=False)
    skips: Skips = field(default_factory=Skips, init=False)

    def __post_init__(self) -> None:
        self._statistics = Statistics(self.model)
        self._ranks: tuple[nn.Module, Ranks] | None = None
        self._observer: Observer | None = None
        self._switched: tuple[nn.Module, list[nn.Module]] | None = None

    def __iter__(self) -> Iterator[Any]:
        return iter((self.model, self.optimizer, self.loss_fn, self.grad_clip))

    def train_step(self, loss: Tensor, frame: int | None = None, *, accumulate: bool = False) -> Tensor:
        """One update from a scalar `loss`: backward, clip, optimizer step, schedule step; returns the loss, detached.

        Gradients are those of this loss for the parameters that the optimizer updates, and for no others; what other
        losses have left there is cleared. With `accumulate` they wait for the next call without it, and the losses add
        up: divide each by their number. `frame` is the number of environment frames so far, needed if the schedule has
        `step_on: "frame"`.

        An update whose loss, gradients or batch statistics are not finite is left out: weights, optimizer, schedule and
        statistics stay as they were after the last one, gradients are cleared. It counts in `skipped_steps`, and a
        RuntimeWarning comes at the 1st, 10th, 100th, ... time. A CUDA device decides this by itself, and is not waited
        for, if the optimizer is fused (Adam, AdamW, SGD, Adagrad) and the schedule is none that looks at the loss; the
        warning then comes with a later step. Everything else makes one transfer to the host per step. Processes that
        train the net together (`build_net(wrap=)`) decide alike, by the mean of their losses.

        Raises:
            ValueError: the loss is no scalar, has no graph or reaches no parameter of the optimizer, `frame` is
                missing, or the bundle has no optimizer.
            FloatingPointError: `max_skipped` updates in a row were not finite.
        """
        return train_step({"": self}, loss, frame, accumulate)

    def compile_step(self, loss_fn: Callable[..., Tensor] | None = None, **options: Any) -> CompiledStep:
        """A function `(observations, *targets, frame=None) -> loss` that is a training step as one compiled graph.

        It computes `loss_fn(model(observations), *targets)`, by default with the bundle's own loss, and does what
        `train_step` does: clipping, skips, schedule and counters. On a GPU it is one CUDA graph. Compiling takes some
        ten seconds at the first call, again for each other batch size, and on a CPU needs a C++ compiler (g++, clang
        or MSVC). Where no graph can be made, the steps are made as by `train_step`, with one RuntimeWarning that says
        why: it is for Adam, AdamW and SGD, in one process. `options` are those of `torch.compile`.

        Numbers differ from those of `train_step` by rounding.
        """
        return CompiledStep(self, self.loss_fn if loss_fn is None else loss_fn, options)

    def configure_optimizers(self, *, monitor: str = "loss", manual: bool = False) -> dict[str, Any]:
        """What `configure_optimizers` of a LightningModule returns: the optimizer, and the schedule for every step.

        Args:
            monitor: what ReduceLROnPlateau looks at; the module logs it with `self.log`.
            manual: for a module with `automatic_optimization = False`, which calls `train_step`.

        Raises:
            ValueError: Lightning's own loop cannot train the net as its spec says, or it has no optimizer.

        >>> from slm_net import build_net
        >>> net = {"type": "MLPNet", "hid_layers": [], "hid_layers_activation": None}
        >>> list(build_net(net, in_dim=4, out_dim=2).configure_optimizers())
        ['optimizer']
        """
        return lightning_form(self, monitor, manual)

    def metrics(self) -> dict[str, float]:
        """The loss and the gradient norm (before clipping) of the last step, the learning rate, and what it adds up to.

        That is the L2 norm of all parameters, the updates that were skipped in all, and with `amp: "fp16"` the scale of
        the loss. Rates that differ within the net are `lr_0`, `lr_1`, ... This waits for the device, so ask every
        hundredth step, not at each; of `fully_shard` every process asks.

        >>> from slm_net import build_net
        >>> bundle = build_net({"type": "MLPNet", "hid_layers": [], "hid_layers_activation": None}, in_dim=4, out_dim=2)
        >>> loss = bundle.train_step(bundle.loss_fn(bundle.model(torch.ones(8, 4)), torch.zeros(8, 2)))
        >>> list(bundle.metrics())
        ['loss', 'grad_norm', 'parameter_norm', 'lr', 'skipped_steps']
        """
        return metrics_of(self)

    def distribution(self, outputs: Tensor | Sequence[Tensor]) -> Distribution:
        """The distribution of actions that the net's outputs describe; see `action_distribution`.

        Raises:
            ValueError: the action space is not known, or the outputs are not those of a policy in it.

        >>> from slm_net import build_net
        >>> bundle = build_net({"type": "MLPNet", "hid_layers": [], "hid_layers_activation": None}, env="CartPole-v1")
        >>> bundle.distribution(bundle.model(torch.ones(8, 4))).sample().shape
        torch.Size([8])
        """
        return action_distribution(outputs, self.action, self.action_pdtype)

    def policy_params(self, outputs: Tensor | Sequence[Tensor]) -> PolicyParams:
        """What the net's outputs say of its distribution: `loc` and `scale`, or `logits`, and the critic's `value`.

        Raises:
            ValueError: the action space is not known, or the outputs are not those of a policy in it.
        """
        return policy_params(outputs, self.action)

    def observe(self, obs: Any, *, steps: bool = False) -> Any:
        """What `model` takes, of what the environment shows: tensors on the bundle's device, with a batch.

        `obs` is one observation, or a batch of them as a vector environment shows it: arrays, lists, numbers, tensors,
        dicts and tuples of these. Integers of Discrete and MultiDiscrete spaces become one-hot codes; images get their
        channels first; several inputs are a list, or a dict by the names of a graph's inputs. Bytes stay bytes, which
        the model makes numbers of. What has the shape of `in_dim` is taken as it is.

        Of a RecurrentNet two dimensions are a sequence if they are `seq_len` long, else a batch of single steps; with
        `steps` they are always that.

        Raises:
            ValueError: it is no observation of this net.

        >>> from slm_net import build_net
        >>> bundle = build_net({"type": "MLPNet", "hid_layers": [], "hid_layers_activation": None}, env="FrozenLake-v1")
        >>> bundle.observe(3).shape, bundle.observe([3, 0, 5]).shape
        (torch.Size([1, 16]), torch.Size([3, 16]))
        """
        return self.observer(obs, steps, copy=True)[0]

    def act(
        self,
        obs: Any,
        state: Any = None,
        *,
        deterministic: bool = False,
        epsilon: float = 0.0,
        frame: float | None = None,
        starts: Any = None,
    ) -> Any:
        """What to do, in the form that `env.step` takes: of one observation, or of a batch of them.

        A policy draws from `distribution`, from torch's global random numbers; with `deterministic` it takes the mode.
        Q-values are followed greedily; with `epsilon` each environment takes any action with this probability. With
        `frame` the algorithm's `action_policy` explores as its `explore_var_spec` has it at this frame. Continuous
        actions are clipped to the bounds of the space; those of NormalTanh, from -1 to 1, are stretched to them.

        A recurrent net goes on from `state` by one observation and gives `(action, state)`; `starts` says of each
        environment whether an episode starts, whose state is then none. The net acts as in evaluation, whatever its
        mode, which stays.

        Raises:
            ValueError: the net does not act, the arguments are not for it, or its outputs are not numbers.

        >>> from slm_net import build_net
        >>> bundle = build_net({"type": "MLPNet", "hid_layers": [], "hid_layers_activation": None}, env="Pendulum-v1")
        >>> bundle.act([0.0, 1.0, 0.0], deterministic=True).shape
        (1,)
        """
        return act(self, obs, state, choice_of(self, deterministic, epsilon, frame), starts)

    @property
    def observer(self) -> Observer:
        """What reads the observations of the net."""
        own, parts = self._observer, (self.model, self.in_dim, self.observation, self.device)
        if own is None or not own.is_of(*parts):
            own = self._observer = Observer(*parts)
        return own

    @property
    def switched(self) -> list[nn.Module]:
        """The modules of the net that do other things in training than in evaluation."""
        if self._switched is None or self._switched[0] is not self.model:
            self._switched = (self.model, [module for module in self.module.modules() if is_switched(module)])
        return self._switched[1]

    @property
    def module(self) -> nn.Module:
        """The net itself, without the wrappers that `model` may have (DistributedDataParallel, torch.compile)."""
        return bare(self.model)

    @property
    def skipped_steps(self) -> int:
        """How many updates were left out because something in them was not finite; it waits for what is under way."""
        self.skips.settle(self.max_skipped, scaled=self.grad_scaler is not None, wait=True)
        return self.skips.count

    @property
    def statistics(self) -> Statistics:
        """The buffers of the model as they were after the last update."""
        if self._statistics.net is not self.model:
            self._statistics = Statistics(self.model)
        return self._statistics

    @property
    def ranks(self) -> Ranks:
        """The processes that train the model together."""
        if self._ranks is None or self._ranks[0] is not self.model:
            groups = self.optimizer.param_groups if self.optimizer else ()
            trained = [parameter for group in groups for parameter in group["params"]]
            self._ranks = (self.model, Ranks(self.model, trained))
        return self._ranks[1]

    @property
    def parameter_count(self) -> int:
        """The number of elements in all parameters of the model."""
        return sum(parameter.numel() for parameter in self.model.parameters())

    def state_dict(self) -> dict[str, Any]:
        """Model, optimizer, schedule and `skipped_steps`: tensors and plain values, as `torch.save` takes them.

        Nothing is changed by asking. The names are those of the bare net, and tensors that lie in parts in several
        processes are put together (so every process has to ask): plain, compiled, DistributedDataParallel and
        `fully_shard` bundles load each other's states.
        """
        return state_of(self)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Load what `state_dict` gave, also after `torch.load(weights_only=True)`: all of it, or nothing.

        Training goes on as it was saved, with its learning rate and other settings. Where this bundle was built with
        other ones a RuntimeWarning says so; change `optimizer.param_groups` after loading if the new ones are meant.

        Raises:
            ValueError: it is not the state of a bundle with the same parts; nothing has changed.
        """
        load_states({"": self}, {"": state})

    def save(self, folder: str | os.PathLike[str], *, rng: bool = False, keep: int = 3) -> None:
        """Save the net and all of its training in a folder, from where `slm_net.load` goes on with it.

        It is written as a new `step-N/` beside those before: config.json (resolved spec, dims, versions, seed),
        model.safetensors, optimizer.safetensors, training_state.json and checksums of all. Then latest.json points to
        it: whatever happens in between, the folder holds this step or the one before. Of several processes all call
        it, and the first one writes.

        Args:
            folder: made if it is not there.
            rng: keep the states of the global random numbers too (torch, Python, numpy).
            keep: how many older steps stay.

        Raises:
            ValueError: the model is not the one that the bundle's spec builds.
            OSError: the folder cannot be written; what was saved before is still there.
        """
        save_nets(folder, "net", {ALONE: self}, {"seed": self.seed, "spec": self.spec}, {}, rng=rng, keep=keep)

    def export(self, path: str | os.PathLike[str], *, sequence: bool = False) -> dict[str, Any]:
        """Write the net as `policy.onnx` or `policy.pt2` (torch.export), to be run without slm_net.

        Inputs, named, are what `observe` gives: `observation`, the names of several, `x0`, `x1`, or `state` and
        `action`. Outputs are `logits` or `mean` and `log_std`, `value` if there is one, and `action`: what
        `act(obs, deterministic=True)` does, in the environment's own form; of Q-values `q_values` and `action`, of
        Q(s, a) `q_value`. The batch is of any size. What normalises observations is inside. A recurrent net takes one
        observation and its state, `state_h` (and `state_c`), and gives `next_state_h`; with `sequence` it takes a
        sequence of `seq_len` and no state. The net is exported in float32, as in evaluation, and stays as it is.

        Returns what the file also says, as JSON: names, shapes, and what the actions may be.

        Args:
            path: ends in .onnx, which needs `pip install "slm_net[onnx]"`, or in .pt2.
            sequence: of a recurrent net, read whole sequences.

        Raises:
            ValueError: the path ends in something else, or the net cannot be exported.
            ImportError: onnx or onnxscript is missing.
            OSError: the file cannot be written; what was there before is there still.
        """
        return export_bundle(self, path, sequence)

    def summary(self, batch: int = 32) -> Summary:
        """The layers with their shapes, parameters and multiply-adds, and the memory to train on such batches.

        Printed it is a table; a notebook shows a picture with it.

        Raises:
            ValueError: `batch` is no whole number above 0.

        >>> from slm_net import build_net
        >>> spec = {"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"}
        >>> print(build_net(spec, in_dim=4, out_dim=2).summary())
        net: MLPNet, 4 → 2
          layer         type    activation  in → out  parameters  multiply-adds
          model.0       Linear  ReLU        4 → 64           320            256
          model_tail.0  Linear              64 → 2           130            128
          total                                              450            384
        <BLANKLINE>
        Memory to train in 32 bits on batches of 32, Adam
          memory  weights  gradients  optimizer  activations    total
          net     1.80 kB    1.80 kB    3.60 kB      16.6 kB  23.8 kB
        """
        return Summary(AgentFacts("", "", (facts_of(self, "net", batch),)))

    def _repr_html_(self) -> str:
        return self.summary()._repr_html_()

    def __repr__(self) -> str:
        count, rows = self.parameter_count, {"net": f"{type(self.module).__name__}, {self.in_dim} -> {self.out_dim}"}
        rows["parameters"] = f"{count:,} on {self.device}"
        rows["optimizer"] = _described(self.optimizer)
        rows["loss"] = getattr(self.loss_fn, "__name__", type(self.loss_fn).__name__)
        rows["grad clip"] = str(self.grad_clip)
        rows["lr scheduler"] = str(self.lr_scheduler)
        rows["target update"] = str(self.target_update)
        if self.skips.count:
            rows["skipped steps"] = f"{self.skips.count:,}"
        return "NetBundle(\n" + "".join(f"  {name:<14} {text}\n" for name, text in rows.items()) + ")"


def _described(optimizer: Optimizer | None) -> str:
    if optimizer is None:
        return "none"
    rates = dict.fromkeys(f"{float(group['lr']):g}" for group in optimizer.param_groups)
    return f"{type(optimizer).__name__}, lr {', '.join(rates)}"
