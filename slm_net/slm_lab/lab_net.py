"""What every net of SLM Lab has: the attributes that algorithms read, and one update."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import torch
from torch import Tensor, nn

from slm_net.document.nets import defaults
from slm_net.nets import NETS
from slm_net.slm_lab.hogwild import push_global_grads
from slm_net.slm_lab.laxness import settle
from slm_net.slm_lab.layers import INITIALISED, get_loss_fn
from slm_net.slm_lab.spec_keys import OWN_KEYS, read_keys
from slm_net.slm_lab.weights import copy


class BaseNet:
    """The mixin beside `nn.Module` that SLM Lab's own and users' nets inherit: `nn.Module.__init__` comes first."""

    version: int
    clip_grad_val: Any = None

    def __init__(self, net_spec: Mapping[str, Any], in_dim: Any, out_dim: Any):
        self.net_spec = net_spec
        self.in_dim = in_dim
        self.out_dim = out_dim
        self.grad_norms: list[float] | None = None
        self.device = lab_device(net_spec)

    def store_grad_norms(self) -> None:
        """Keep the L2 norm of each parameter's gradient in `grad_norms`."""
        parameters = cast(nn.Module, self).parameters()
        self.grad_norms = [float(p.grad.norm()) for p in parameters if p.grad is not None]


def update(net: Any, loss: Tensor, optim: Any, global_net: nn.Module | None) -> None:
    """Backward, clip the global norm, step; with a `global_net` the optimizer is the global net's."""
    optim.zero_grad()
    if global_net is not None:
        net.zero_grad()  # the optimizer's gradients are the global net's
    loss.backward()
    if net.clip_grad_val is not None:
        nn.utils.clip_grad_norm_(net.parameters(), net.clip_grad_val)
    if global_net is not None:
        push_global_grads(net, global_net)
    optim.step()
    if global_net is not None:
        copy(global_net, net)


class LabNet(BaseNet):
    """A native net with SLM Lab's constructor and attributes.

    A subclass names its `native` class and inherits from it, behind this class and its version's `Net`.

    Raises:
        SpecError: a name is unknown, a needed key is missing, or the sizes cannot be built.
    """

    native: type[nn.Module]
    #: The name of the type in a spec.
    net_type: str
    loss_spec: Mapping[str, Any]
    initialised = INITIALISED

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "native" in vars(cls) and "net_type" not in vars(cls):
            cls.net_type = cls.native.__name__

    def __init__(self, net_spec: Mapping[str, Any], in_dim: Any, out_dim: Any):
        spec = settle(self.version, self.net_type, net_spec, in_dim, out_dim)
        self.build(dict(spec), in_dim, out_dim)
        BaseNet.__init__(self, net_spec, in_dim, out_dim)
        self.set_keys(net_spec)
        self.loss_fn = get_loss_fn(self, self.loss_spec)
        if self.device != "cpu":
            cast(nn.Module, self).to(self.device)

    def build(self, spec: dict[str, Any], in_dim: Any, out_dim: Any) -> None:
        """Build the native net from its resolved spec."""
        self.native.__init__(self, spec, in_dim, out_dim)  # type: ignore[arg-type]

    def set_keys(self, net_spec: Mapping[str, Any]) -> None:
        """Set the spec's own keys as attributes, as written, or with their defaults."""
        values = {**defaults(self.net_type), **net_spec}
        read = {key: values[key] for key in read_keys(self.version, self.net_type) if key in values}
        activation = read["out_layer_activation"]
        if isinstance(self.out_dim, list | tuple) and not isinstance(activation, list):
            read["out_layer_activation"] = [activation] * len(self.out_dim)
        vars(self).update(read)  # nn.Module's own way costs a tenth of the build


def registered_class(name: str, base: type[BaseNet]) -> type[LabNet]:
    """The drop-in's class of a net type that is registered, but no type of SLM Lab.

    Raises:
        AttributeError: there is none.
    """
    native = NETS[name] if name in NETS and name not in OWN_KEYS else None
    if not isinstance(native, type):
        raise AttributeError(f"SLM Lab {base.version} has no net type {name!r}, and none is registered")
    members = {
        "native": native,
        "net_type": name,
        "__module__": base.__module__.rpartition(".")[0],
        "__doc__": native.__doc__,
    }
    return type(name, (LabNet, base, native), members)


def lab_device(net_spec: Mapping[str, Any]) -> str:
    """The device as SLM Lab writes it: "cuda:0" with `gpu` (true or "auto") and a CUDA device, else "cpu".

    >>> lab_device({"gpu": False})
    'cpu'
    """
    gpu = net_spec.get("gpu")
    wanted = gpu.strip().casefold() not in ("", "false", "no", "off", "cpu") if isinstance(gpu, str) else bool(gpu)
    return f"cuda:{net_spec.get('cuda_id') or 0}" if wanted and torch.cuda.device_count() else "cpu"
