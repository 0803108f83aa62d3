"""What an environment shows as what a net takes: tensors of one batch, one-hot codes, channels first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from slm_net.net_types.base import are_sizes, size
from slm_net.nets.base import Net
from slm_net.nets.q import ImageAndAction, QMLPNet
from slm_net.nets.recurrent import RecurrentNet
from slm_net.spaces.inputs import shows_channels_last
from slm_net.spaces.task import Observations
from slm_net.spaces.values import Observation, Place
from slm_net.training.ranks import bare
from slm_net.words import listing, visible

Shape = tuple[int, ...]


class Form(NamedTuple):
    """A shape in which one observation may come, and whether its channels stand last."""

    shape: Shape
    channels_last: bool = False


class Input(NamedTuple):
    """One input of a net: its name in messages, the shape that the net takes, and what is known of the observation."""

    name: str
    shape: Shape
    seen: Observation | None = None

    @property
    def forms(self) -> list[Form]:
        """The forms of one observation, what the environment itself gives first."""
        shape, found = self.shape, [Form(self.shape)]
        if shape == (1,):
            found.append(Form(()))
        if len(shape) == 3:
            found.append(Form((*shape[1:], shape[0]), True))
        if len(shape) == 3 and shape[0] == 1:
            found.append(Form(shape[1:]))
        if self.seen is None or self.seen.one_hot:
            return found
        own = self.seen.shape
        return sorted(found, key=lambda form: (form.shape != own, form.channels_last != shows_channels_last(own)))

    @property
    def width(self) -> int:
        """The numbers of a vector, also of each in a sequence."""
        return self.shape[-1]


class Observer:
    """What makes of an observation, or of a batch of them, what the net of a bundle takes."""

    def __init__(self, model: nn.Module, in_dim: Any, seen: Observations | None, device: torch.device):
        self.model, self.in_dim, self.seen, self.device = model, in_dim, seen, device
        self.net = net = bare(model)
        self.kind, self.recurrent = type(net).__name__, isinstance(net, RecurrentNet)
        self.inputs = {key: self._input(key, part, one) for key, part, one in _parts_of(in_dim, seen)}
        self.forms = {key: one.forms for key, one in self.inputs.items()}
        self.paths: dict[Any, Place] = {key: one.seen.path if one.seen else (key,) for key, one in self.inputs.items()}
        self.is_alone = "" in self.inputs
        #: Whether the environment itself shows whole sequences, which overlap.
        self.shows_windows = self.recurrent and isinstance(seen, Observation) and seen.shape == in_dim
        #: Whether the net goes on from a state by one observation.
        self.can_step = isinstance(net, RecurrentNet) and net.can_step and not self.shows_windows

    def is_of(self, model: nn.Module, in_dim: Any, seen: Observations | None, device: torch.device) -> bool:
        """Whether it is made for these."""
        return self.model is model and self.in_dim is in_dim and self.seen is seen and self.device is device

    def __call__(self, obs: Any, steps: bool = False, copy: bool = False) -> tuple[Any, bool]:
        """What the net takes, and whether it is one observation; with `steps` each is one step of a sequence.

        Raises:
            ValueError: it is no observation of this net.
        """
        if self.is_alone:
            return self._batch("", obs, steps, copy)
        found = {key: self._batch(key, part, steps, copy) for key, part in self._parts(obs).items()}
        if len(singles := {single for _, single in found.values()}) > 1:
            raise ValueError(f"{self.kind} got a batch for some inputs, and one observation for others")
        tensors = {key: tensor for key, (tensor, _) in found.items()}
        return tensors if isinstance(self.in_dim, Mapping) else list(tensors.values()), singles.pop()

    def _input(self, key: Any, in_dim: Any, seen: Observation | None) -> Input:
        if isinstance(self.net, (QMLPNet, ImageAndAction)):
            raise ValueError(
                f"{self.kind} takes states with actions, model(state, action), which no environment shows: "
                "observe with the net that acts"
            )
        shape = (in_dim,) if size(in_dim) else tuple(in_dim) if are_sizes(in_dim) else None
        if shape is None:
            raise ValueError(f"in_dim {in_dim!r} of this bundle is no shape: build it with in_dim= or env=")
        return Input(f"{self.kind}{f' input {key!r}' if key != '' else ''}", shape, seen)

    def _parts(self, obs: Any) -> dict[Any, Any]:
        """The observation of each input: by its place in what the environment shows, or in order."""
        in_order = self._in_order(obs)
        if len(in_order) == len(self.paths):
            return dict(zip(self.paths, in_order, strict=True))
        return {key: self._at(obs, path) for key, path in self.paths.items()}

    def _in_order(self, obs: Any) -> Sequence[Any]:
        """The observations of the inputs, if they come without the names that they have, or with others; else none."""
        is_named = any(isinstance(key, str) for path in self.paths.values() for key in path[:1])
        if isinstance(obs, Mapping):
            return () if is_named else list(obs.values())
        if isinstance(obs, (list, tuple)):
            return obs if is_named and not any(isinstance(one, Mapping) for one in obs) else ()
        return [obs]

    def _at(self, obs: Any, path: Place) -> Any:
        """What stands at a place; of a list of nested observations, that of each."""
        if not path:
            return obs
        if isinstance(path[0], str) and isinstance(obs, (list, tuple)):
            return [np.asarray(self._at(one, path)) for one in obs]
        try:
            return self._at(obs[path[0]], path[1:])
        except (LookupError, TypeError):
            got = f"the keys {listing(list(map(str, obs)))}" if isinstance(obs, Mapping) else f"a {type(obs).__name__}"
            wanted = listing([repr(key) for key in self.inputs])
            raise ValueError(
                f"{self.kind} got {visible(got)}, expected observations of the inputs {wanted}: nothing at {path[0]!r}"
            ) from None

    def _batch(self, key: Any, obs: Any, steps: bool, copy: bool) -> tuple[Tensor, bool]:
        own = self.inputs[key]
        x = _tensor(obs, own, copy)
        is_code = own.seen is not None and own.seen.one_hot and not x.is_floating_point()
        if is_code and own.seen and own.seen.shape == own.shape[-1:]:
            x = _one_hot(x, own)
        if self.recurrent:
            x, single = self._sequences(x, own, steps)
        else:
            x, single = _batched(x, own, self.forms[key])
        # bytes of images stay, as the net itself makes numbers of them
        dtype = self.net._dtype if isinstance(self.net, Net) else torch.get_default_dtype()
        return x.to(self.device, torch.uint8 if x.dtype is torch.uint8 else dtype), single

    def _sequences(self, x: Tensor, own: Input, steps: bool) -> tuple[Tensor, bool]:
        """`(batch, steps, dim)` of one step, a sequence, or a batch of either."""
        length, width = own.shape
        if own.seen and own.seen.shape == () and width == 1:
            x = x.unsqueeze(-1)
        is_window = x.ndim == 2 and x.shape[0] == length and (self.shows_windows or not steps)
        if x.shape[-1:] != (width,) or x.ndim > 3 or (self.shows_windows and not is_window and x.ndim < 3):
            one = f"({length}, {width})" if self.shows_windows else f"({width},), or a sequence ({length}, {width})"
            raise _refused(x, own, f"{one}, or a batch of them")
        if x.ndim == 1:
            return x[None, None], True
        return (x[None], True) if is_window else (x if x.ndim == 3 else x[:, None], False)


def _parts_of(in_dim: Any, seen: Any) -> list[tuple[Any, Any, Observation | None]]:
    """The name, the in_dim and the observation of each input; the name of the only one is ""."""
    if isinstance(in_dim, Mapping):
        return [(name, part, seen[name] if seen else None) for name, part in in_dim.items()]
    if isinstance(in_dim, list):
        return [(index, part, seen[index] if seen else None) for index, part in enumerate(in_dim)]
    return [("", in_dim, seen)]


def _tensor(obs: Any, own: Input, copy: bool) -> Tensor:
    """The numbers as a tensor, which shares the memory of an array unless it is to be a copy."""
    if isinstance(obs, Tensor):
        return obs
    try:
        array = np.asarray(obs)
        if copy or not (array.flags.carray and array.dtype.isnative):
            array = np.array(array, array.dtype.newbyteorder("="), order="C")
        return torch.from_numpy(array)
    except (TypeError, ValueError):
        what = f"a {type(obs).__name__}"
    raise ValueError(f"{own.name} got {what} of other things than numbers, expected an array of shape {own.shape}")


def _batched(x: Tensor, own: Input, forms: Sequence[Form]) -> tuple[Tensor, bool]:
    """A batch `(batch, *shape)`, and whether it was one observation without a batch."""
    for form in forms:
        apart = x.ndim - len(form.shape)
        if apart in (0, 1) and x.shape[apart:] == form.shape:
            x = x if apart else x[None]
            if form.channels_last:
                return x.movedim(-1, 1), not apart
            return x if form.shape == own.shape else x.reshape(x.shape[0], *own.shape), not apart
    raise _misfit(x, own)


def _misfit(x: Tensor, own: Input) -> ValueError:
    expected = f"{own.shape} or a batch ({', '.join(['n', *map(str, own.shape)])})"
    if own.seen and own.seen.one_hot:
        expected += ", or integers" + (f" of shape {own.seen.integers}" if own.seen.integers else "")
    elif own.seen and own.seen.shape in (tuple(x.shape), tuple(x.shape[1:])) and own.seen.shape != own.shape:
        expected += ": this is what the environment shows before frames are preprocessed and stacked; wrap it"
    return _refused(x, own, expected)


def _one_hot(x: Tensor, own: Input) -> Tensor:
    """The integers of a space as a code of zeros and ones; what is one already stays.

    Raises:
        ValueError: an integer is none of the choices.
    """
    seen: Any = own.seen
    rank, choices = len(seen.integers), seen.choices or seen.shape
    if tuple(x.shape[x.ndim - rank :]) != seen.integers or (x.ndim > rank + 1 and x.shape[-1] == own.width):
        return x
    start = torch.tensor(seen.start or [0] * len(choices), device=x.device)
    sizes = torch.tensor(choices, device=x.device)
    places = x.long().reshape(*x.shape[: x.ndim - rank], len(choices)) - start
    if bool(((places < 0) | (places >= sizes)).any()):
        ranges = dict.fromkeys(
            f"{first}..{first + many - 1}" for first, many in zip(start.tolist(), choices, strict=True)
        )
        raise ValueError(f"{own.name} got integers {visible(str(x.tolist()), 60)}, expected {', '.join(ranges)}")
    code = torch.zeros(*places.shape[:-1], own.width, device=x.device)
    return code.scatter_(-1, places + sizes.cumsum(0) - sizes, 1.0)


def _refused(x: Tensor, own: Input, expected: str) -> ValueError:
    return ValueError(f"{own.name} got an observation of shape {tuple(x.shape)}, expected {expected}")
