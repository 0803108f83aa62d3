"""From an observation to an action in the environment's own form."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _NormBase
from torch.nn.modules.dropout import _DropoutNd

from slm_net.bundle.observing import Observer
from slm_net.distributions import NO_ACTIONS, action_distribution, likeliest, pdtype_of
from slm_net.document.exploration import Exploration
from slm_net.nets.batch_renorm import BatchRenorm1d
from slm_net.nets.recurrent import Hidden, RecurrentNet
from slm_net.nets.running_norm import RunningNorm
from slm_net.spaces.values import ACTION_DTYPES, Action, Bound, Place

Outputs = Tensor | Sequence[Tensor]


class Acting(Protocol):
    """What acting takes of a bundle."""

    action: Action | None
    action_pdtype: str
    gives: str
    exploration: Exploration | None

    @property
    def observer(self) -> Observer:
        """What reads its observations."""

    @property
    def switched(self) -> Sequence[nn.Module]:
        """The modules that do other things in training than in evaluation."""


class Choice(NamedTuple):
    """How actions come of outputs: `how` is "greedy", "sample", "random", "epsilon_greedy" or "boltzmann"."""

    how: str
    value: float = 0.0


def act(bundle: Acting, obs: Any, state: Hidden | None, choice: Choice, starts: Any) -> Any:
    """The actions, and the new state of a recurrent net; see `NetBundle.act`.

    Raises:
        ValueError: the net does not act, or the arguments are not for it.
    """
    refuse_to_act(bundle.gives, bundle.action)
    observer = bundle.observer
    net = observer.net
    if not observer.recurrent and not (state is None and starts is None):
        raise ValueError(f"state= and starts= are for recurrent nets: {observer.kind} has no state")
    inputs, single = observer(obs, steps=True)
    with torch.no_grad(), evaluating(bundle.switched):
        if isinstance(net, RecurrentNet) and net.takes_state:
            before = None if observer.shows_windows else _state_of(net, inputs, state, starts)
            outputs, state = net(inputs, before, return_hidden=True)
            state = state if observer.can_step else None
        else:
            outputs, state = net(inputs), None
        actions = as_env(_chosen(bundle, outputs, choice), bundle.action, bundle.action_pdtype, single)
    return (actions, state) if observer.recurrent else actions


#: What critics give, which do not act.
CRITICS = {"value": "the value of a state", "soft-q": "the value of a state with an action"}


def refuse_to_act(gives: str, action: Action | None) -> None:
    """Refuse a net that does not act.

    Raises:
        ValueError: it is a critic, or its actions are not known.
    """
    if gives in CRITICS:
        what = CRITICS[gives]
        raise ValueError(f"this net is a critic, it gives {what} and does not act: act with the agent's first net")
    if action is None:
        raise ValueError(NO_ACTIONS)


def choice_of(bundle: Acting, deterministic: bool, epsilon: float, frame: float | None) -> Choice:
    """How the arguments of `act` say that actions are to be chosen.

    Raises:
        ValueError: they do not fit each other or the net.
    """
    is_q, found = bundle.gives == "q", bundle.exploration
    if (deterministic and (epsilon or frame is not None)) or (epsilon and frame is not None):
        raise ValueError("deterministic=, epsilon= and frame= are three ways to choose an action: give one of them")
    if not 0 <= epsilon <= 1:
        raise ValueError(f"epsilon is a probability, from 0 to 1, not {epsilon!r}")
    if epsilon and not is_q:
        raise ValueError("epsilon= is for nets of Q-values: a policy explores by its own distribution; leave it out")
    if frame is None:
        greedy = deterministic or is_q
        return Choice("epsilon_greedy", epsilon) if epsilon else Choice("greedy" if greedy else "sample")
    if found is None or (is_q and found.policy == "default" and not found.decay):
        raise ValueError("frame= asks for the exploration of the spec's algorithm, and there is none: give epsilon=")
    if found.policy not in ("random", "epsilon_greedy", "boltzmann"):
        return Choice("sample")
    if bundle.action and bundle.action.kind == "continuous":
        raise ValueError(f"action_policy {found.policy!r} is for discrete actions, not for continuous ones")
    if found.policy != "random" and not found.decay:
        raise ValueError(f"action_policy {found.policy!r} needs the explore_var_spec, which the spec has not")
    return Choice(found.policy, 0.0 if found.policy == "random" else found.at(frame))


def _drawn(outputs: Outputs, action: Action | None, pdtype: str = "default") -> Tensor:
    """A draw from the distribution of outputs that are numbers."""
    try:
        return action_distribution(outputs, action, pdtype, validate=False).sample()
    except RuntimeError as error:  # of torch, for what is infinite
        raise ValueError(f"the net's outputs are not numbers: {error}") from error


def _chosen(bundle: Acting, outputs: Outputs, choice: Choice) -> Tensor:
    """The choices `(batch,)` or `(batch, components)`, as integers from 0, or numbers of the distribution."""
    action, pdtype, how = bundle.action, bundle.action_pdtype, choice.how
    if any(math.isnan(one.sum()) for one in ([outputs] if isinstance(outputs, Tensor) else outputs)):
        raise ValueError("the net's outputs are not numbers (nan): its weights, or the observation, are not finite")
    if how == "sample" and pdtype != "Argmax":
        drawn = _drawn(outputs, action, pdtype)
        return drawn.argmax(dim=-1) if pdtype == "GumbelSoftmax" else drawn
    if how == "boltzmann" and choice.value > 0:
        heated = outputs / choice.value if isinstance(outputs, Tensor) else [one / choice.value for one in outputs]
        return _drawn(heated, action)
    best = likeliest(outputs, action, pdtype)
    if how not in ("random", "epsilon_greedy") or action is None:
        return best
    best, among = best.cpu(), [2] * action.sizes[0] if action.kind == "multi-binary" else action.sizes
    drawn = torch.stack([torch.randint(number, best.shape[:1]) for number in among], dim=-1).reshape(best.shape)
    if how == "random":
        return drawn
    explores = torch.rand(best.shape[0]) < choice.value
    return torch.where(explores if best.ndim == 1 else explores[:, None], drawn, best)


# --- the state of a recurrent net


def _state_of(net: RecurrentNet, steps: Tensor, state: Hidden | None, starts: Any) -> Hidden | None:
    """The state before these steps: zeros for environments in which an episode starts.

    Raises:
        ValueError: it is that of another number of environments, or the net cannot go on step by step.
    """
    cells, batch = net.rnn_model, steps.shape[0]
    if cells.bidirectional and steps.shape[1] < net.in_dim[0]:
        raise ValueError(
            f"{type(net).__name__} is bidirectional: it reads whole sequences, and cannot step through an episode. "
            f'Give sequences of {net.in_dim[0]} observations, or write "bidirectional": false'
        )
    started = torch.as_tensor(False if starts is None else starts, dtype=torch.bool)
    if started.shape not in ((), (batch,)):
        raise ValueError(
            f"starts= has the shape {tuple(started.shape)}, expected a bool for each of {batch} environments"
        )
    if state is None:
        return None
    parts: Any = state if isinstance(state, tuple) else (state,)
    shape = (cells.num_layers * (1 + cells.bidirectional), batch, cells.hidden_size)
    if isinstance(state, tuple) != isinstance(cells, nn.LSTM) or any(tuple(part.shape) != shape for part in parts):
        got = ", ".join(str(tuple(part.shape)) for part in parts)
        raise ValueError(f"state= has the shape {got}, expected {shape}: give back what act has given, None at first")
    if started.any():
        parts = tuple(part.masked_fill(started.to(part.device).reshape(1, -1, 1), 0) for part in parts)
    return parts if isinstance(state, tuple) else parts[0]


# --- evaluation behaviour

#: Modules of torch that do the same in training and in evaluation, but for those that `is_switched` knows.
SAME = "torch.nn.modules."


def is_switched(module: nn.Module) -> bool:
    """Whether a module may do other things in training than in evaluation.

    >>> is_switched(nn.Linear(4, 2)), is_switched(nn.Dropout())
    (False, True)
    """
    if isinstance(module, nn.RNNBase):
        return module.dropout > 0
    if isinstance(module, (_NormBase, _DropoutNd, nn.RReLU, nn.MultiheadAttention, BatchRenorm1d, RunningNorm)):
        return True
    own = type(module).__module__
    return "Transformer" in type(module).__name__ or not own.startswith((SAME, "slm_net."))


class evaluating:
    """These modules do what they do in evaluation, and are afterwards in the mode in which they were."""

    __slots__ = ("modules",)

    def __init__(self, modules: Sequence[nn.Module]):
        self.modules = [module for module in modules if module.training]

    def __enter__(self) -> None:
        for module in self.modules:
            module.training = False

    def __exit__(self, *error: object) -> None:
        for module in self.modules:
            module.training = True


# --- the environment's own form


def as_env(chosen: Tensor, action: Action | None, pdtype: str, single: bool) -> Any:
    """The actions as the environment takes them, of one environment if `single`, else of a batch.

    >>> as_env(torch.tensor([[0.5]]), Action("continuous", (1,), low=(-2.0,), high=(2.0,)), "NormalTanh", single=True)
    array([1.], dtype=float32)
    """
    if action is None:
        raise ValueError(NO_ACTIONS)
    chosen = (chosen.float() if chosen.dtype is torch.bfloat16 else chosen).cpu()
    if action.kind == "continuous" and not chosen.isfinite().all():
        raise ValueError("the net's outputs are not finite: its weights, or the observation, are not")
    forms = forms_of(action, pdtype)
    arrays = [formed.numpy() for formed in in_space(chosen, forms)]
    scalars = [form.kind == "discrete" for form in forms]
    if single:
        arrays = [one[0] if scalar else np.asarray(one[0]) for one, scalar in zip(arrays, scalars, strict=True)]
    return _nested([(form.path, array) for form, array in zip(forms, arrays, strict=True)])


class Limits(NamedTuple):
    """The bounds of each component, in the dtype of the action, or its bits as int64 for integers, and as float64.

    `middle` and `half` stretch numbers from -1 to 1 where there are two bounds.
    """

    low: Tensor
    high: Tensor
    lowest: Tensor
    highest: Tensor
    middle: Tensor
    half: Tensor


class Form(NamedTuple):
    """How numbers of a net become actions of one space, which is at `path`: `width` of them, from `start`, in `limits`.

    `squashed` ones are from -1 to 1. `limits` is None if every number is within them.
    """

    path: Place
    kind: str
    width: int
    dtype: torch.dtype
    shape: tuple[int, ...] | None
    start: Tensor | None
    limits: Limits | None
    squashed: bool


@lru_cache(maxsize=256)
def forms_of(action: Action, pdtype: str) -> tuple[Form, ...]:
    """The form of the actions, of each space if these are several."""
    return tuple(_form(part, pdtype) for part in action.parts or (action,))


def _form(action: Action, pdtype: str) -> Form:
    dtype = np.dtype(action.dtype or ACTION_DTYPES[action.kind])
    continuous = action.kind == "continuous"
    return Form(
        action.path,
        action.kind,
        action.sizes[0] if action.kind in ("continuous", "multi-binary") else len(action.sizes),
        torch.from_numpy(np.zeros(0, dtype)).dtype,
        action.shape,
        torch.tensor(action.start, device="cpu") if action.start else None,
        _limits(action, dtype) if continuous else None,
        continuous and pdtype_of(action, pdtype) == "NormalTanh",
    )


def in_space(chosen: Tensor, forms: Sequence[Form]) -> list[Tensor]:
    """The actions of a batch in each space, from integers that count from 0, or from numbers.

    These steps are a part of what is exported: all of them are torch's, and none looks at a number.
    """
    own = chosen.split([form.width for form in forms], dim=1) if len(forms) > 1 else [chosen]
    return [_formed(one, form) for one, form in zip(own, forms, strict=True)]


def _formed(chosen: Tensor, form: Form) -> Tensor:
    if form.limits is not None:
        chosen = _bounded(chosen, form.limits, form)
    elif form.start is not None:
        chosen = chosen + form.start
    chosen = chosen.to(form.dtype)
    if form.kind == "discrete":
        return chosen.reshape(-1)
    return chosen if form.shape is None else chosen.reshape(chosen.shape[0], *form.shape)


def _bounded(numbers: Tensor, limits: Limits, form: Form) -> Tensor:
    """Numbers within the bounds; `squashed` ones are stretched to them where there are two."""
    if form.squashed:
        numbers = limits.middle + numbers * limits.half
    if form.dtype.is_floating_point:
        return numbers.to(form.dtype).clamp(limits.low, limits.high)
    rounded = numbers.double().round()
    below, above = rounded <= limits.lowest, rounded >= limits.highest
    # the ends are set apart, as they may be integers that no float is
    inside = rounded.where(~(below | above), 0.0).to(form.dtype).long()
    return torch.where(above, limits.high, torch.where(below, limits.low, inside))


def _limits(action: Action, dtype: np.dtype) -> Limits | None:
    """The bounds of continuous actions, None if every number is within them."""
    if not (action.low or action.high) and dtype in (np.float32, np.float64):
        return None
    of_dtype: Any = (-np.inf, np.inf) if dtype in (np.float32, np.float64) else (False, True)
    if dtype.kind in "iu" or dtype == np.float16:
        info: Any = np.finfo(dtype) if dtype.kind == "f" else np.iinfo(dtype)
        of_dtype = info.min, info.max
    lows, highs = bounds_of(action)
    low = np.array([of_dtype[0] if bound is None else bound for bound in lows], dtype)
    high = np.array([of_dtype[1] if bound is None else bound for bound in highs], dtype)
    ends = [(-1.0, 1.0) if a is None or b is None else (float(a), float(b)) for a, b in zip(lows, highs, strict=True)]
    kept = dtype if dtype.kind == "f" else np.int64
    arrays = (
        *(low.astype(kept), high.astype(kept), low.astype(float), high.astype(float)),
        *(np.array([(a + b) / 2 for a, b in ends]), np.array([(b - a) / 2 for a, b in ends])),
    )
    return Limits(*map(torch.from_numpy, arrays))


def bounds_of(action: Action) -> list[list[Bound]]:
    """The lower and the upper bound of each component of continuous actions; None where there is none.

    >>> bounds_of(Action("continuous", (2,), low=(-1.0,)))
    [[-1.0, -1.0], [None, None]]
    """
    count = action.sizes[0]
    return [[*own] * (count if len(own) == 1 else 1) or [None] * count for own in (action.low, action.high)]


def _nested(parts: Sequence[tuple[Place, Any]]) -> Any:
    """Values at their places, as dicts and tuples."""
    if not parts[0][0]:
        return parts[0][1]
    inner: dict[Any, list[tuple[Place, Any]]] = {}
    for (first, *rest), value in parts:
        inner.setdefault(first, []).append((tuple(rest), value))
    values = {key: _nested(own) for key, own in inner.items()}
    return tuple(values.values()) if isinstance(parts[0][0][0], int) else values
