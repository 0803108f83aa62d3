"""One training step of all members: what each is set to, clipping, who is left out, and the update."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from slm_net.bundle import NetBundle
from slm_net.bundle.skips import to_host
from slm_net.bundle.step import decides_itself
from slm_net.training import PlateauSchedule
from slm_net.training.updates import UPDATES, State, update_where


class Settings(NamedTuple):
    """What members are set to, beside their learning rates: a list with one value for each."""

    #: Of the optimizer, by name.
    optimizer: dict[str, list[Any]]
    #: The largest gradient norms, and the largest gradients; infinite for members that do not clip so.
    norms: list[float]
    values: list[float]


def settings_of(members: Sequence[NetBundle]) -> Settings:
    """The settings of members as they are now."""
    groups, clips = [group_of(member) for member in members], [member.grad_clip for member in members]
    norms, values = (
        [float("inf") if clip.max_value is None or clip.kind != kind else clip.max_value for clip in clips]
        for kind in ("norm", "value")
    )
    names = UPDATES[type(members[0].optimizer)].settings  # type: ignore[index]
    return Settings({name: [group[name] for group in groups] for name in names}, norms, values)


def group_of(member: NetBundle) -> dict[str, Any]:
    """The settings of a member's optimizer, which has one group."""
    return member.optimizer.param_groups[0]  # type: ignore[union-attr]


def rates_of(members: Sequence[NetBundle]) -> list[float]:
    """The learning rates of members."""
    return [group_of(member)["lr"] for member in members]


def column(values: Sequence[Any], device: torch.device) -> Any:
    """One value if all members have the same, else `(members, 1)`; so each of a pair (`betas`)."""
    if all(value == values[0] for value in values):
        return values[0]
    if isinstance(values[0], tuple):
        return tuple(column(part, device) for part in zip(*values, strict=True))
    return torch.tensor(values, dtype=torch.get_default_dtype(), device=device)[:, None]


class Step:
    """The arithmetic of a step with these settings, `weights` and `state` in place."""

    def __init__(self, kind: type, settings: Settings, device: torch.device):
        self.rule = UPDATES[kind].rule
        self.group = {name: column(values, device) for name, values in settings.optimizer.items()}
        self.most_norm, self.most_value = column(settings.norms, device), column(settings.values, device)

    def judge(self, losses: Tensor, grads: Tensor) -> Tensor:
        """Of each member whether it is left out, its loss and the norm of its gradients, `(3, members)`."""
        norms = torch.linalg.vector_norm(grads, dim=1)
        bad = ~(norms.isfinite() & losses.isfinite())
        return torch.stack([bad.to(norms.dtype), losses.to(norms.dtype), norms])

    def update(
        self, flags: Tensor, weights: Tensor, grads: Tensor, state: State, rates: Tensor, all_good: bool = False
    ) -> None:
        """Clip `grads` in place, and update the members that `flags` do not leave out: none if `all_good`."""
        self._clip(grads, flags[2][:, None])
        if all_good:
            self.rule(weights, grads, state, rates, self.group)
        else:
            update_where(flags[0][:, None] == 0, self.rule, weights, grads, state, rates, self.group)

    def _clip(self, grads: Tensor, norms: Tensor) -> None:
        if _limits(self.most_norm):
            grads.mul_((self.most_norm / (norms + 1e-6)).clamp(max=1.0))
        if _limits(self.most_value):
            grads.clamp_(-self.most_value, self.most_value)


def _limits(most: Any) -> bool:
    return isinstance(most, Tensor) or most < float("inf")


def note(members: Sequence[NetBundle], flags: Tensor, most: int, frame: int | None) -> None:
    """Count what was left out, and move the schedules of the others.

    On an accelerator all schedules move, and what `Skips.settle` hears of later goes back.

    Raises:
        FloatingPointError: a member was left out for the last of `most` times in a row.
    """
    if decides_itself(flags) and not any(isinstance(member.lr_scheduler, PlateauSchedule) for member in members):
        sent, arrival = to_host(flags)
        for member, row in zip(members, sent.unbind(1), strict=True):
            member.skips.on_its_way(row, arrival, member.lr_scheduler, frame)
            member.lr_scheduler.step(frame=frame)
        return
    rows = list(zip(members, *flags.tolist(), strict=True))
    for member, bad, loss, _ in rows:
        if not bad:
            member.lr_scheduler.step(loss, frame)
            member.skips.good()
    for member, bad, loss, norm in rows:  # last, as this may raise
        if bad:
            member.skips.bad(loss, norm, most)
