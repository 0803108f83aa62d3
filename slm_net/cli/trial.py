"""What `slm-net build` needs torch for: the net of a plan, one training step on random data, the facts of both."""

from __future__ import annotations

import argparse
import math
import warnings
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from slm_net.agents.build import build_agent
from slm_net.agents.nets import AgentNets
from slm_net.agents.plan import AgentPlan
from slm_net.bundle import NetBundle
from slm_net.cli.parser import UsageError
from slm_net.document.algorithms import RECIPES, Part
from slm_net.drawing.facts import beside_nets
from slm_net.factory import build_plan
from slm_net.plan import NetPlan
from slm_net.problems import Problem
from slm_net.rules.algorithms import UPDATE_KEYS
from slm_net.summary import LOOK, LayerRow, example_inputs, layer_table
from slm_net.training import GradClip, choose_device
from slm_net.words import visible

__all__ = ["LOOK", "Facts", "NetFacts", "facts_of"]  # what `show` and `build` take from here
BATCH = 32
#: Outputs, loss, generator → what the loss is called with: the outputs in its domain, and random targets.
Pair = Callable[[Tensor, Any, torch.Generator], tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class Trial:
    """What one training step did. `weights_moved` counts the parameter tensors that changed."""

    batch_size: int
    seed: int
    loss: float
    grad_norm: float
    grad_norm_clipped: float
    weights: int
    weights_moved: int
    largest_change: float
    skipped: bool


class NoTrial(Exception):
    """The step is left out; the text says why."""


class LossRefused(Exception):
    """Torch does not compute the loss of these outputs; the text is its reason."""


@dataclass(frozen=True)
class NetFacts:
    """Everything about one net. `step` is None if it was left out, and `no_step` says why."""

    name: str
    type: str
    in_dim: Any
    out_dim: Any
    notes: tuple[str, ...]
    layers: tuple[LayerRow, ...]
    parameters: int
    parts: dict[str, str]
    net_spec: dict[str, Any]
    step: Trial | None
    no_step: str


@dataclass(frozen=True)
class Facts:
    """Everything about one build: the nets, the one that acts first, and what else there is, each in a few words."""

    file: str
    spec: str
    algorithm: str
    nets: tuple[NetFacts, ...]
    others: dict[str, str]
    problems: tuple[Problem, ...]
    notices: tuple[str, ...]

    @property
    def diverged(self) -> tuple[str, ...]:
        """The nets whose training step gave numbers that are not finite."""
        return tuple(net.name for net in self.nets if net.step and net.step.skipped)


def facts_of(plan: AgentPlan | NetPlan, file: str, spec: str, options: argparse.Namespace) -> Facts:
    """Build what is planned, look at it, train it one step; `options` has device, seed, root and no_step.

    Raises:
        SpecError: torch refuses a part of it.
        UsageError: there is no such device.
    """
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        torch.manual_seed(options.seed)  # for the whole process, as the step draws too, where there is dropout
        device = _device(options.device)
        if isinstance(plan, NetPlan):
            plans = {"net": plan}
            agent = AgentNets("", {"net": build_plan(plan, device, root=options.root)})
        else:
            plans = {part.name: net for part, net in plan.parts if net}
            agent = build_agent(plan, device, root=options.root)
        followed = _followed(plan)
        nets = tuple(_net_facts(name, plans[name], agent[name], options, name in followed) for name in plans)
    return Facts(
        file=file,
        spec=spec,
        algorithm=agent.algorithm,
        nets=nets,
        others=_others(plan, agent) if isinstance(plan, AgentPlan) else {},
        problems=plan.warnings,
        notices=tuple(dict.fromkeys(visible(str(warning.message), 500) for warning in said)),
    )


def _followed(plan: AgentPlan | NetPlan) -> set[str]:
    """The nets that a target net follows; of one net whose algorithm is not known, if its keys speak of that."""
    if isinstance(plan, AgentPlan):
        parts: Iterable[Part] = (part for part, _ in plan.parts)
    elif (algorithm := plan.source.block.algorithm) in RECIPES:
        parts = RECIPES[algorithm].parts
    else:
        return {"net"} if plan.source.keys.keys() & set(UPDATE_KEYS) else set()
    return {part.copies for part in parts if part.copies and part.start != "clone"}


def _others(plan: AgentPlan, agent: AgentNets) -> dict[str, str]:
    """What follows another net, and the temperature."""
    found = {
        part.name: f"copies {part.copies} whenever it is asked to"
        if part.start == "clone"
        else f"follows {part.copies}: {agent[part.name].target_update}"
        for part, _ in plan.parts
        if part.copies
    }
    return {**found, **dict(beside_nets(agent.target_entropy))}


def _net_facts(name: str, plan: NetPlan, bundle: NetBundle, options: argparse.Namespace, followed: bool) -> NetFacts:
    layers, parts = tuple(layer_table(bundle.model, bundle.in_dim)), _parts(bundle, followed)
    trial, why = (None, "") if options.no_step else _trial(plan, bundle, options.seed)
    return NetFacts(
        name=name,
        type=bundle.spec["type"],
        in_dim=bundle.in_dim,
        out_dim=bundle.out_dim,
        notes=plan.dims.notes,
        layers=layers,
        parameters=bundle.parameter_count,
        parts=parts,
        net_spec=deepcopy(bundle.spec),
        step=trial,
        no_step=why,
    )


def _device(name: str | None) -> torch.device | None:
    try:
        return None if name is None else choose_device(device=name)
    except ValueError as error:
        raise UsageError(f"--device: {error}") from None


def _parts(bundle: NetBundle, followed: bool) -> dict[str, str]:
    """The parts beside the model, each in a few words; the target update if a net may follow this one."""
    spec = bundle.spec
    scheduler = str(bundle.lr_scheduler)
    if spec["lr_scheduler_spec"]:
        scheduler += _arguments(spec["lr_scheduler_spec"], "name", "step_on")
    optimizer = spec["optim_spec"]["name"]
    if bundle.optimizer is not None:
        rates = dict.fromkeys(f"{float(group['lr']):g}" for group in bundle.optimizer.param_groups)
        optimizer += f", lr {' and '.join(rates)}{_arguments(spec['optim_spec'], 'name', 'lr')}"
    return {
        "optimizer": optimizer,
        "loss": spec["loss_spec"]["name"] + _arguments(spec["loss_spec"], "name"),
        "grad_clip": str(bundle.grad_clip),
        "lr_scheduler": scheduler,
        **({"target_update": str(bundle.target_update)} if followed else {}),
        "device": str(bundle.device),
        **({"weights": bundle.started.summary} if bundle.started else {}),
    }


def _arguments(spec: Mapping[str, Any], *without: str) -> str:
    return "".join(f", {key} {visible(str(value), 60)}" for key, value in spec.items() if key not in without)


def _trial(plan: NetPlan, bundle: NetBundle, seed: int) -> tuple[Trial | None, str]:
    try:
        return try_step(bundle, seed), ""
    except NoTrial as left_out:
        return None, str(left_out)
    except LossRefused as refused:
        reason = f"the loss of the net's outputs cannot be computed: {visible(str(refused), 300)}"
        raise plan.error("loss_spec", reason) from None


def try_step(bundle: NetBundle, seed: int) -> Trial:
    """Train the bundle one step on a seeded random batch, against seeded random targets of the loss's kind.

    Raises:
        NoTrial: there is nothing to compute with, or no random target for this loss.
        LossRefused: the loss does not fit the outputs, for example `weight` to their number.
    """
    if bundle.device.type == "meta":
        raise NoTrial("the meta device holds no numbers")
    name = bundle.spec["loss_spec"]["name"]
    if name not in PAIRS:
        raise NoTrial(f"no random targets are known for {name}")
    generator = torch.Generator().manual_seed(seed)
    parameters = [p for p in bundle.model.parameters() if p.requires_grad]
    before = [p.detach().clone() for p in parameters]
    loss = _loss(bundle, PAIRS[name], generator)
    bundle.train_step(loss, frame=BATCH)
    changes = [float((p.detach() - old).abs().max()) for p, old in zip(parameters, before, strict=True)]
    return Trial(
        batch_size=BATCH,
        seed=seed,
        loss=loss.item(),
        grad_norm=math.nan if bundle.grad_norm is None else float(bundle.grad_norm),
        grad_norm_clipped=float(GradClip()(parameters)),
        weights=len(changes),
        weights_moved=sum(change > 0 for change in changes),
        largest_change=max(changes),
        skipped=bundle.skipped_steps > 0,
    )


def _loss(bundle: NetBundle, pair: Pair, generator: torch.Generator) -> Tensor:
    """The loss of all outputs together, a scalar."""
    frames = bundle.spec.get("normalize")

    def observations(shape: tuple[int, ...]) -> Tensor:
        if frames:
            return torch.randint(0, 256, shape, generator=generator).float()
        return torch.randn(shape, generator=generator)

    outputs = bundle.model(*example_inputs(bundle.model, bundle.in_dim, BATCH, observations))
    losses = []
    for output in outputs if isinstance(outputs, list) else [outputs]:
        try:
            fitted, target = pair(output, bundle.loss_fn, generator)
            losses.append(bundle.loss_fn(fitted, target.to(output.device)).mean())
        except (RuntimeError, ValueError, IndexError) as error:
            raise LossRefused(str(error).strip().partition("\n")[0]) from error
    return torch.stack(losses).sum()


def _numbers(output: Tensor, loss: Any, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    return output, torch.randn(output.shape, generator=generator)


def _classes(output: Tensor, loss: Any, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    return output, torch.randint(0, output.shape[1], output.shape[:1], generator=generator)


def _log_classes(output: Tensor, loss: Any, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    return _classes(output.log_softmax(1), loss, generator)


def _bits(output: Tensor, loss: Any, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    return output, torch.randint(0, 2, output.shape, generator=generator).float()


def _probabilities(output: Tensor, loss: Any, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    inside = bool(((output >= 0) & (output <= 1)).all())
    return _bits(output if inside else output.sigmoid(), loss, generator)


def _signs(output: Tensor, loss: Any, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    return output, torch.randint(0, 2, output.shape, generator=generator).float() * 2 - 1


def _distributions(output: Tensor, loss: Any, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    target = torch.randn(output.shape, generator=generator).softmax(1)
    return output.log_softmax(1), target.log() if loss.log_target else target


def _counts(output: Tensor, loss: Any, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    rate = output if loss.log_input else functional.softplus(output)
    return rate, torch.randint(0, 5, output.shape, generator=generator).float()


def _label_lists(output: Tensor, loss: Any, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    target = torch.full(output.shape, -1)  # one label each; -1 ends the list
    target[:, 0] = torch.randint(0, output.shape[1], output.shape[:1], generator=generator)
    return output, target


PAIRS: dict[str, Pair] = {
    **dict.fromkeys(("MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss"), _numbers),
    **dict.fromkeys(("CrossEntropyLoss", "MultiMarginLoss"), _classes),
    **dict.fromkeys(("BCEWithLogitsLoss", "MultiLabelSoftMarginLoss"), _bits),
    **dict.fromkeys(("SoftMarginLoss", "HingeEmbeddingLoss"), _signs),
    "NLLLoss": _log_classes,
    "BCELoss": _probabilities,
    "KLDivLoss": _distributions,
    "PoissonNLLLoss": _counts,
    "MultiLabelMarginLoss": _label_lists,
}
