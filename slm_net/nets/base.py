"""The registry of net types, and what they have in common: dims, tails and initialisation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from slm_net.nets.init import init_parameters, init_tail
from slm_net.nets.inputs import cast, dtype_of, over_features, refuse, refuse_batches
from slm_net.nets.parts import Outputs, TailPlan, out_dim_of, plan_tails, size_of
from slm_net.nets.running_norm import RunningNorm
from slm_net.plugins import GROUPS
from slm_net.registry import Registry

#: A resolved net spec: every key of the type is there, every name is canonical.
NetSpec = Mapping[str, Any]

NETS: Registry[Callable[..., nn.Module]] = Registry("net type", GROUPS["net"])


class Net(nn.Module):
    """A body and its tails. A subclass builds its body, then calls `finish`; its `features` are what leaves the body.

    For `normalize_obs` it calls `place_obs_norms` before it builds the body, and `normalised` on what goes into it.

    The tails are `model_tail` when `out_dim` is an int and `model_tails` when it is a list. With `log_std_init` the
    parameter `log_std` takes the place of the tail for the scale. Random numbers are drawn by the body, then by the
    tails, then by `init_fn`.
    """

    model_tail: nn.Sequential
    model_tails: nn.ModuleList
    #: The names of the tails, of one and of several.
    _tail, _tails = "model_tail", "model_tails"
    # forward takes modules from here: an attribute that nn.Module looks up costs a twentieth of a small net's forward
    _modules: dict[str, Any]
    log_std: nn.Parameter
    in_dim: Any
    out_dim: int | list[int]
    #: What the tails see of what `forward` takes, `(batch, features_dim)`.
    features: Callable[..., Any]
    features_dim: Any
    _dtype: torch.dtype
    _outputs: Callable[[Any, Tensor], Outputs]
    #: Whether every output is a value, and none a policy's.
    only_values = False

    def __init__(self, in_dim: Any, out_dim: Any):
        super().__init__()
        # nn.Module's own way to set an attribute is slow
        vars(self).update(in_dim=in_dim, out_dim=out_dim_of(out_dim), _dtype=torch.get_default_dtype())

    def place_obs_norms(self, spec: NetSpec, *shapes: Sequence[int] | None) -> None:
        """Make a `RunningNorm` for each input of the net, of samples of this shape, if the spec asks for it.

        There is none for an input whose shape is None, an action.
        """
        if spec["normalize_obs"] is not None:
            norms = (nn.Identity() if shape is None else RunningNorm(shape) for shape in shapes)
            self.obs_norms = nn.ModuleList(norms)

    def normalised(self, x: Tensor) -> Tensor:
        """What the body sees of an observation, the first or only input."""
        norms = self._modules.get("obs_norms")
        return x if norms is None else norms[0](x)

    def all_normalised(self, xs: list[Tensor]) -> list[Tensor]:
        """What the body sees of all inputs."""
        norms = self._modules.get("obs_norms")
        return xs if norms is None else [norm(x) for norm, x in zip(norms, xs, strict=True)]

    def finish(self, spec: NetSpec, width: int) -> None:
        """Put the tails on a body of `width` features and initialise everything.

        Raises:
            ValueError: `out_dim`, `out_layer_activation`, `log_std_init` or `init_fn` do not fit this net.
        """
        plan = plan_tails(self.out_dim, spec["out_layer_activation"], spec["log_std_init"])
        tails = self.new_tails(spec, plan, width)
        self.place_tails(tails, plan.single)
        if plan.log_std:
            self.log_std = nn.Parameter(torch.full((plan.log_std,), float(spec["log_std_init"])))
        vars(self).update(_outputs=plan.outputs, features_dim=width)
        self.initialise(spec, plan, tails)

    def new_tails(self, spec: NetSpec, plan: TailPlan, width: int) -> list[nn.Sequential]:
        """New tails on a body of `width` features, in the order of `out_dim`."""
        return [plan.module(index, width) for index in range(len(plan.widths))]

    def place_tails(self, tails: list[nn.Sequential], single: bool) -> None:
        """Make the tails modules of the net."""
        if single:
            self.model_tail = tails[0]
        else:
            self.model_tails = nn.ModuleList(tails)

    def initialise(self, spec: NetSpec, plan: TailPlan, tails: Sequence[nn.Module]) -> None:
        """Apply `init_fn` to the net, then `actor_init_std` and `critic_init_std` to their tails."""
        self.fill(spec)
        for tail in tails:
            value = self.only_values or (plan.critic and tail is tails[-1])
            std = spec["critic_init_std" if value else "actor_init_std"]
            if std is not None:
                init_tail(tail, std)

    def fill(self, spec: NetSpec) -> None:
        """Apply `init_fn` to the layers of the net."""
        init_parameters(self, spec["init_fn"], spec["hid_layers_activation"])

    def forward(self, x: Any) -> Any:
        """Outputs for a batch of observations `(batch, *in_dim)`.

        Raises:
            ValueError: `x` has another shape.
        """
        return self.outputs(self.features(x))

    def outputs(self, features: Tensor) -> Outputs:
        """What the net returns for the features of its body: a tensor, or a list of them if `out_dim` is a list."""
        return self._outputs(self, features)

    def each(self, features: Any) -> list[Tensor]:
        """What each tail makes of the features."""
        return [tail(features) for tail in self._modules[self._tails]]

    # --- what goes in: `_dtype` is what the parameters are as a rule, `dtype_of` what they are

    def _apply(self, *args: Any, **keywords: Any) -> Any:
        super()._apply(*args, **keywords)
        self._dtype = dtype_of(self, self._dtype)
        return self

    def load_state_dict(self, *args: Any, **keywords: Any) -> Any:
        """Load weights, as torch has it; with `assign` they may be of another dtype."""
        found = super().load_state_dict(*args, **keywords)
        self._dtype = dtype_of(self, self._dtype)
        return found

    def as_float(self, x: Tensor) -> Tensor:
        """`x` in the parameters' dtype: raw frames, discrete states, and the float64 of many environments.

        Under autocast, what it works on stays.
        """
        return x if x.dtype is self._dtype else cast(x, dtype_of(self, self._dtype))

    def as_vectors(self, x: Tensor | None, size: int, what: str = "input") -> Tensor:
        """`x` in the parameters' dtype, vectors of this size in a batch `(batch, size)`, or in more dimensions or none.

        Raises:
            ValueError: they are of another size, or a layer that is made for a batch takes no other dimensions.
        """
        if isinstance(x, Tensor) and x.dtype is self._dtype and x.ndim == 2 and x.shape[1] == size:
            return x
        if not isinstance(x, Tensor) or x.shape[-1:] != (size,) or not (x.ndim == 2 or self.takes_any_batch()):
            refuse(type(self).__name__, what, x, (size,))
        return self.as_float(x)

    def takes_any_batch(self) -> bool:
        """Whether the dimensions before the features may be other than one batch."""
        return all(map(over_features, self.modules()))

    def as_samples(self, x: Tensor | None, shape: tuple[int, ...], what: str = "input") -> Tensor:
        """`x` in the parameters' dtype, a batch `(batch, *shape)`.

        Raises:
            ValueError: it has another shape.
        """
        if not isinstance(x, Tensor) or x.shape[1:] != shape:
            refuse(type(self).__name__, what, x, shape)
        return self.as_float(x)

    def check_batches(self, xs: Sequence[Tensor], *shapes: tuple[int, ...]) -> None:
        """Refuse inputs that are not batches of one size.

        Raises:
            ValueError: they are not.
        """
        first, *others = (x.shape[: x.ndim - len(shape)] for x, shape in zip(xs, shapes, strict=True))
        if any(batch != first for batch in others):
            refuse_batches(type(self).__name__, xs, shapes)


class ValueNet(Net):
    """A net whose one output is values of actions: `out_dim` is an int, and there is no policy.

    Its output layers take `critic_init_std`; `log_std_init` and `actor_init_std` mean nothing to it and are refused.
    """

    only_values = True

    def finish(self, spec: NetSpec, width: int) -> None:
        """Put the tail on a body of `width` features and initialise everything.

        Raises:
            ValueError: `out_dim` is a list, or a key of the spec does not fit this net.
        """
        self.check_values(spec)
        super().finish(spec, width)

    def check_values(self, spec: NetSpec) -> None:
        """Refuse what only a net with a policy has.

        Raises:
            ValueError: `out_dim` is a list, or `log_std_init` or `actor_init_std` is given.
        """
        kind = type(self).__name__
        self.out_dim = size_of(self.out_dim, f"out_dim of {kind}")
        for key in ("log_std_init", "actor_init_std"):
            if spec[key] is not None:
                raise ValueError(f"{key} is for the outputs of a policy, and {kind} has none; leave it out")
