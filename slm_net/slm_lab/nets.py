"""The drop-in's net classes: native nets with SLM Lab's constructor and attributes, and its quirks in front."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import torch
from torch import Tensor, nn

from slm_net import nets
from slm_net.document.nets import defaults
from slm_net.nets.activations import ActivationSpec, per_layer
from slm_net.nets.base import NetSpec
from slm_net.nets.conv import Convolutional
from slm_net.nets.parts import Outputs, TailPlan, plan_tails
from slm_net.slm_lab.net_util.layers import INITIALISED, build_tails, forward_tails, get_loss_fn, init_tails
from slm_net.slm_lab.net_util.weights import copy, push_global_grads
from slm_net.slm_lab.specs import OWN_KEYS, read_keys, settle

SIGMOID: ActivationSpec = {"name": "Sigmoid"}


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


def lab_device(net_spec: Mapping[str, Any]) -> str:
    """The device as SLM Lab writes it: "cuda:0" with `gpu` (true or "auto") and a CUDA device, else "cpu".

    >>> lab_device({"gpu": False})
    'cpu'
    """
    gpu = net_spec.get("gpu")
    wanted = gpu.strip().casefold() not in ("", "false", "no", "off", "cpu") if isinstance(gpu, str) else bool(gpu)
    return f"cuda:{net_spec.get('cuda_id') or 0}" if wanted and torch.cuda.device_count() else "cpu"


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


class LabNet(nn.Module, BaseNet):
    """A native net with SLM Lab's constructor and attributes; `lab_class` makes the class of each type.

    Raises:
        SpecError: a name is unknown, a needed key is missing, or the sizes cannot be built.
    """

    native: type[nn.Module]
    #: The name of the type in a spec.
    net_type: str
    loss_spec: Mapping[str, Any]
    initialised = INITIALISED

    def __init__(self, net_spec: Mapping[str, Any], in_dim: Any, out_dim: Any):
        spec = settle(self.version, self.net_type, net_spec, in_dim, out_dim)
        self.build(dict(spec), in_dim, out_dim)
        BaseNet.__init__(self, net_spec, in_dim, out_dim)
        self.set_keys(net_spec)
        self.loss_fn = get_loss_fn(self, self.loss_spec)
        if self.device != "cpu":
            self.to(self.device)

    def build(self, spec: dict[str, Any], in_dim: Any, out_dim: Any) -> None:
        """Build the native net from its resolved spec."""
        self.native.__init__(self, spec, in_dim, out_dim)

    def set_keys(self, net_spec: Mapping[str, Any]) -> None:
        """Set the spec's own keys as attributes, as written, or with their defaults."""
        values = {**defaults(self.net_type), **net_spec}
        read = {key: values[key] for key in read_keys(self.version, self.net_type) if key in values}
        activation = read["out_layer_activation"]
        if isinstance(self.out_dim, list | tuple) and not isinstance(activation, list):
            read["out_layer_activation"] = [activation] * len(self.out_dim)
        vars(self).update(read)  # nn.Module's own way costs a tenth of the build


class SizeProbe(Convolutional):
    """Quirk size-probe: an image of ones goes through the convolutions in training mode, before `init_fn`."""

    #: The layers in which it leaves a trace: statistics, or random numbers drawn.
    traced = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.RReLU)

    def initialise(self, spec: NetSpec, plan: TailPlan, tails: Any) -> None:
        """Probe where that leaves a trace, then initialise."""
        if any(isinstance(layer, self.traced) for layer in self.conv_model):
            shape = self.in_dim if isinstance(self.in_dim[0], int) else self.in_dim[0]
            with torch.no_grad():
                self.conv_model(torch.ones(1, *shape))
        super().initialise(spec, plan, tails)


class LastHidden(nets.RecurrentNet):
    """Quirks reverse-direction-only, lowercase-lstm-returns-cell-state and seq-len-reshapes."""

    seq_len: int
    cell_type: str
    rnn_model: nn.RNNBase

    def build(self, spec: dict[str, Any], in_dim: Any, out_dim: Any) -> None:
        """Build on sequences of the spec's `seq_len`, whatever `in_dim` says."""
        super().build(spec, (spec["seq_len"], in_dim[1]), out_dim)  # type: ignore[misc]
        self._observation = int(in_dim[1])

    def finish(self, spec: NetSpec, width: int) -> None:
        """Put the tails on one direction."""
        super().finish(spec, self.rnn_model.hidden_size)

    def set_keys(self, net_spec: Any) -> None:
        """Set the attributes; SLM Lab's `in_dim` is the length of one observation."""
        super().set_keys(net_spec)  # type: ignore[misc]
        self.in_dim, self.rnn_input_dim = self._observation, self.rnn_model.input_size

    def forward(self, x: Tensor) -> Outputs:  # type: ignore[override]
        """Outputs for `(batch, seq_len, dim)`."""
        x = self.fc_model(self.as_float(x).reshape(-1, self._observation))
        _, hidden = self.rnn_model(x.reshape(-1, self.seq_len, self.rnn_model.input_size))
        if self.cell_type == "LSTM":
            hidden = hidden[0]
        return self.outputs(hidden[-1])


class FilmSigmoid(Convolutional):
    """Quirk film-sigmoid."""

    modulation: ActivationSpec = SIGMOID

    def convolve(self, spec: NetSpec, shape: tuple[int, ...], beside: int = 0) -> tuple[nn.Sequential, int]:
        """Build the convolutions with the activation of the spec, the dense layers with a sigmoid."""
        rows, dense = len(spec["conv_hid_layers"]), len(spec["fc_hid_layers"])
        written = per_layer(spec["hid_layers_activation"], rows + dense, "hid_layers_activation")
        mixed = [*written[:rows], *[SIGMOID] * dense]
        return super().convolve({**spec, "hid_layers_activation": mixed}, shape, beside)


class PlainQValues(nets.Net):
    """Quirk dueling-ignores-out-activation."""

    def finish(self, spec: NetSpec, width: int) -> None:
        """Finish without the activation."""
        super().finish({**spec, "out_layer_activation": None}, width)


class RepeatedTail:
    """Quirk one-hydra-tail-for-all; also the attributes with the three parts of `hid_layers`."""

    head_hid_layers: list[Any]
    body_hid_layers: list[Any]
    tail_hid_layers: list[Any]

    def build(self, spec: dict[str, Any], in_dim: Any, out_dim: Any) -> None:
        """Build with one list of tail widths per output."""
        heads, body, tails = spec["hid_layers"]
        heads, tails = (
            part * len(dims) if len(part) == 1 else part for part, dims in ((heads, in_dim), (tails, out_dim))
        )
        super().build({**spec, "hid_layers": [heads, body, tails]}, in_dim, out_dim)  # type: ignore[misc]
        self.head_hid_layers, self.body_hid_layers, self.tail_hid_layers = heads, body, tails


class TailsOf5:
    """A native net that ends in SLM Lab 5's `tails` and `log_std`."""

    out_dim: Any
    tails: nn.Module
    log_std: Any

    def finish(self, spec: NetSpec, width: int) -> None:
        """Put the tails on a body of `width` features and initialise everything."""
        activation = spec["out_layer_activation"]
        self.tails, self.log_std = build_tails(width, self.out_dim, activation, spec["log_std_init"])
        self.initialise(spec, plan_tails(self.out_dim, activation, None), ())  # type: ignore[attr-defined]
        init_tails(self, spec["actor_init_std"], spec["critic_init_std"])

    def outputs(self, features: Tensor) -> Outputs:
        """What the net returns for the features of its body."""
        return forward_tails(features, self.tails, self.log_std)


#: The quirks of SLM Lab's types in both versions.
QUIRKS_OF: dict[str, tuple[type, ...]] = {
    "HydraMLPNet": (RepeatedTail,),
    "DuelingMLPNet": (PlainQValues,),
    "ConvNet": (SizeProbe,),
    "DuelingConvNet": (PlainQValues, SizeProbe),
    "QConvNet": (SizeProbe,),
    "FiLMQConvNet": (SizeProbe, FilmSigmoid),
    "RecurrentNet": (LastHidden,),
}


def lab_class(base: type[BaseNet], native: type[nn.Module], *more: type, name: str = "") -> type[LabNet]:
    """A version's class of a native net: its quirks, `more` of that version's, the version's `base`, the native net."""
    net_type = name or native.__name__
    members = {"native": native, "net_type": net_type, "__module__": base.__module__, "__doc__": native.__doc__}
    return type(net_type, (*QUIRKS_OF.get(net_type, ()), *more, LabNet, base, native), members)


def registered_class(base: type[BaseNet], name: str) -> type[LabNet]:
    """A version's class of a net type that is registered, but no type of SLM Lab.

    Raises:
        AttributeError: there is none.
    """
    native = nets.NETS[name] if name in nets.NETS and name not in OWN_KEYS else None
    if not isinstance(native, type):
        raise AttributeError(f"SLM Lab {base.version} has no net type {name!r}, and none is registered")
    return lab_class(base, native, name=name)
