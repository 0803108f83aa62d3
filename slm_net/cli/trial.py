"""One training step on random observations: the proof that a net trains as its spec says."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from slm_net.bundle import NetBundle
from slm_net.cli.targets import PAIRS, Pair
from slm_net.summary import example_inputs
from slm_net.training import GradClip

BATCH = 32


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
