"""What a net gives out, in words: logits, a mean and its log standard deviation, a value."""

from __future__ import annotations

from typing import Any, NamedTuple

from slm_net.net_types.arc import tail_widths
from slm_net.net_types.base import widths_of
from slm_net.spaces.values import Action


class Output(NamedTuple):
    """The widths of the output layers, and each output: its name, its width, its output layer (None: `log_std`).

    `single`: the one output layer has no number in its name. `log_std` is the width of that parameter, 0 without it,
    and `both` the output of which it is the second half.
    """

    tails: list[int]
    single: bool
    outputs: list[tuple[str, int, int | None]]
    log_std: int = 0
    both: str = ""


def outputs_of(out_dim: Any, log_std_init: float | None, action: Action | None, gives: str) -> Output:
    """The outputs for an `out_dim`.

    >>> outputs_of([6, 1], None, Action("discrete", (6,)), "actor").outputs
    [('logits', 6, 0), ('value', 1, 1)]
    >>> outputs_of([3, 3], -0.5, Action("continuous", (3,)), "policy").outputs
    [('mean', 3, 0), ('log std', 3, None)]
    """
    widths, tails, single = widths_of(out_dim), tail_widths(out_dim, log_std_init), isinstance(out_dim, int)
    names = _names(widths, action, gives, scaled=log_std_init is not None)
    if log_std_init is None:
        named = enumerate(zip(names, widths, strict=True))
        return Output(tails, single, [(name, width, index) for index, (name, width) in named])
    value = [(names[-1], 1, 1)] if len(tails) > 1 else []
    if tails[0] == widths[0]:  # a mean, and a scale for which there is no output layer
        halves: list[tuple[str, int, int | None]] = [(names[0], widths[0], 0), (names[1], widths[1], None)]
        return Output(tails, not value, [*halves, *value], widths[1])
    return Output(tails, single, [(names[0], widths[0], 0), *value], 1, names[0])


def _names(widths: list[int], action: Action | None, gives: str, scaled: bool) -> list[str]:
    """What each output is called, as far as that is known."""
    alone = {"q": "Q(s, ·)", "soft-q": "Q(s, a)" if widths == [1] else "Q(s, ·)", "value": "V(s)"}.get(gives, "")
    policy = _policy(action) if action else MEAN_AND_SCALE[len(widths) == 1 or widths[0] != widths[1]] if scaled else []
    if policy and not alone:
        known = [*policy, *(["value"] if gives == "actor" or scaled else [])][: len(widths)]
    else:
        known = [alone] if alone and len(widths) == 1 else []
    rest = range(len(widths)) if len(widths) > 1 else [""]
    return known if len(known) == len(widths) else [f"{alone or 'output'} {index}".strip() for index in rest]


#: In two outputs, and in one.
MEAN_AND_SCALE = (["mean", "log std"], ["mean, log std"])


def _policy(action: Action) -> list[str]:
    """What a policy over these actions gives out, as `spaces.outputs.policy_dim` has it."""
    if action.kind == "continuous":
        return MEAN_AND_SCALE[action.sizes[0] == 1]
    if action.kind == "multi-discrete":
        return [f"logits {index}" for index in range(len(action.sizes))]
    return ["logits"]
