"""The drop-in's net classes: native nets with SLM Lab's constructor and attributes, and its quirks in front."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile
from numbers import Integral
from typing import Any, cast

import torch
from torch import Tensor, nn

from slm_net import nets
from slm_net.arc.graph import ARC_GRAPH
from slm_net.arc.walk import ARC_BATCH
from slm_net.document.nets import defaults
from slm_net.nets.activations import ACTIVATIONS, ActivationSpec, per_layer
from slm_net.nets.arc import Outline
from slm_net.nets.base import NetSpec
from slm_net.nets.conv import Convolutional
from slm_net.nets.hydra import hidden
from slm_net.nets.parts import Outputs, TailPlan, conv_stack, plan_tails
from slm_net.problems import SpecError
from slm_net.schema.labs import keys_read
from slm_net.slm_lab.net_util.layers import build_tails, fill_layers, forward_tails, get_loss_fn, init_tails
from slm_net.slm_lab.net_util.weights import copy, push_global_grads
from slm_net.slm_lab.specs import named, read_keys, settle

SIGMOID: ActivationSpec = {"name": "Sigmoid"}


class BaseNet:
    """The mixin beside `nn.Module` that users' nets inherit: `nn.Module.__init__` comes first."""

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
    loss.backward()  # quirk synced-gradients-pile-up: with a global net, the optimizer has not emptied these gradients
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
    as_float: Callable[[Tensor], Tensor]
    #: The methods that users' subclasses may have in place of ours, as in SLM Lab.
    hooks: tuple[str, ...] = ()

    def __init__(self, net_spec: Mapping[str, Any], in_dim: Any, out_dim: Any):
        dims = (None, None) if self.is_changed() else self.dims(net_spec, in_dim, out_dim)
        spec = settle(self.version, self.net_type, net_spec, *dims)
        nn.Module.__init__(self)
        BaseNet.__init__(self, net_spec, in_dim, out_dim)
        self.set_keys(net_spec)
        self.build(dict(spec), in_dim, out_dim)
        self.in_dim, self.out_dim = self.lab_in_dim(in_dim), out_dim
        self.loss_fn = get_loss_fn(self, self.loss_spec)
        if self.device != "cpu":
            self.to(self.device)

    def is_changed(self) -> bool:
        """Whether a subclass makes layers of its own, so that the spec alone does not tell their sizes."""
        users = takewhile(lambda cls: "net_type" not in vars(cls), type(self).__mro__)
        return any(hook in vars(cls) for cls in users for hook in self.hooks)

    def dims(self, net_spec: Mapping[str, Any], in_dim: Any, out_dim: Any) -> tuple[Any, Any]:
        """The dims that the spec is checked with."""
        return in_dim, out_dim

    def lab_in_dim(self, in_dim: Any) -> Any:
        """The attribute `in_dim` of the built net."""
        return in_dim

    def build(self, spec: dict[str, Any], in_dim: Any, out_dim: Any) -> None:
        """Build the native net from its resolved spec."""
        self.native.__init__(self, spec, in_dim, out_dim)

    def as_vectors(self, x: Tensor, *_: Any) -> Tensor:
        """What goes in has whatever shape torch takes, as in SLM Lab."""
        return self.as_float(x)

    as_samples = as_vectors

    def check_batches(self, *_: Any) -> None:
        """So have several inputs."""

    def set_keys(self, net_spec: Mapping[str, Any]) -> None:
        """Set the spec's own keys as attributes, as written, or with their defaults."""
        values = {**defaults(self.net_type), **net_spec}
        read = {key: values[key] for key in read_keys(self.version, self.net_type) if key in values}
        activation = read["out_layer_activation"]
        listed = isinstance(self.out_dim, list | tuple) and self.version == 4 and self.net_type != "HydraMLPNet"
        if listed and not isinstance(activation, list):
            read["out_layer_activation"] = [activation] * len(self.out_dim)
        vars(self).update(read)  # nn.Module's own way costs a tenth of the build

    def fill(self, spec: NetSpec) -> None:
        """Apply `init_fn` to the layers that SLM Lab knows."""
        if spec["init_fn"] is not None:
            fill_layers(self, spec["init_fn"], spec["hid_layers_activation"])


class NoDense:
    """Quirk no-fc-model."""

    version: int
    fc_model: nn.Module | None

    def build(self, spec: dict[str, Any], in_dim: Any, out_dim: Any) -> None:
        """Build the native net, and take `fc_model` away if it has no layers."""
        super().build(spec, in_dim, out_dim)  # type: ignore[misc]
        if not spec["fc_hid_layers"]:
            del self.fc_model
            if self.version >= 5:
                self.fc_model = None

    def dense(self, features: Tensor) -> Tensor:
        """What leaves the dense layers."""
        layers = getattr(self, "fc_model", None)
        return features if layers is None else layers(features)


class Convolutions(Convolutional):
    """The convolutions of SLM Lab's nets, in methods that users' subclasses may have in place of these."""

    hooks = ("build_conv_layers", "get_conv_output_size")
    hid_layers_activation: Any
    batch_norm: bool

    def convolutions(
        self, shape: tuple[int, ...], rows: Sequence[Any], activations: list[ActivationSpec], batch_norm: bool
    ) -> tuple[nn.Sequential, int]:
        """The convolutions on `shape`, and how many flat features leave them."""
        self.in_dim = shape
        self.conv_model = self.build_conv_layers(rows)
        self.conv_out_dim = self.get_conv_output_size()
        return self.conv_model, self.conv_out_dim

    def build_conv_layers(self, conv_hid_layers: Sequence[Any]) -> nn.Sequential:
        """The convolutions of these rows on images of `in_dim`, with the net's activation and batch norm."""
        activation, rows = named(ACTIVATIONS, self.hid_layers_activation), len(conv_hid_layers)
        activations = activation[:rows] if isinstance(activation, list) else [activation] * rows
        return conv_stack(self.in_dim, conv_hid_layers, activations, bool(self.batch_norm))

    def get_conv_output_size(self) -> int:
        """How many features leave the convolutions: what comes of an image of ones (quirk size-probe)."""
        with torch.no_grad():
            return self.conv_model(torch.ones(1, *self.in_dim)).numel()

    def convolved(self, x: Tensor) -> Tensor:
        """What leaves the convolutions, flat, for a batch of images (quirk contiguous-images)."""
        x = self.as_float(x)
        x = self.conv_model(x / 255 if self.normalize else x)
        return x.view(x.size(0), -1)


class ImageOfPair:
    """A net of an image and an action, whose attribute `in_dim` is the image's."""

    def lab_in_dim(self, in_dim: Any) -> Any:
        """The shape of the image."""
        return in_dim[0]


class LastHidden(nets.RecurrentNet):
    """Quirks reverse-direction-only, lowercase-lstm-returns-cell-state, seq-len-reshapes and states-repeat."""

    takes_state = False
    version: int
    seq_len: int
    cell_type: str
    rnn_model: nn.RNNBase
    dense: Callable[[Tensor], Tensor]

    def dims(self, net_spec: Mapping[str, Any], in_dim: Any, out_dim: Any) -> tuple[Any, Any]:
        """In version 5 the length of a sequence is `seq_len`, whatever `in_dim` says."""
        return ((net_spec.get("seq_len"), observation_of(in_dim)) if self.version >= 5 else in_dim), out_dim

    def lab_in_dim(self, in_dim: Any) -> int:
        """The length of one observation."""
        return observation_of(in_dim)

    def build(self, spec: dict[str, Any], in_dim: Any, out_dim: Any) -> None:
        """Build on sequences of the spec's `seq_len`, whatever `in_dim` says."""
        super().build(spec, (spec["seq_len"], observation_of(in_dim)), out_dim)  # type: ignore[misc]
        self.rnn_input_dim = self.rnn_model.input_size

    def finish(self, spec: NetSpec, width: int) -> None:
        """Put the tails on one direction."""
        super().finish(spec, self.rnn_model.hidden_size)

    def forward(self, x: Tensor) -> Outputs:  # type: ignore[override]
        """Outputs for `(batch, seq_len, dim)`."""
        return self.outputs(self.features(x))

    def features(self, x: Tensor) -> Tensor:  # type: ignore[override]
        """What is known at the end of `(batch, seq_len, dim)`; in version 5 also of `(batch, dim)`, repeated to that.

        Raises:
            RuntimeError: in version 5, the sequences have another length.
        """
        x, batch = self.as_float(x), -1
        if self.version >= 5:
            batch = x.size(0)
            x = x.unsqueeze(1).repeat(1, self.seq_len, 1) if x.ndim == 2 else x
        x = self.dense(x.view(-1, self.in_dim))
        _, hidden = self.rnn_model(x.view(batch, self.seq_len, self.rnn_input_dim))
        if self.cell_type == "LSTM":
            hidden = hidden[0]
        return hidden[-1]


def observation_of(in_dim: Any) -> int:
    """The length of one observation, from it alone or from `(seq_len, dim)`."""
    return int(in_dim if isinstance(in_dim, Integral) else in_dim[1])


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


class HydraOfMethods(nets.HydraMLPNet):
    """Heads and tails come from methods that users' subclasses may replace, and their widths are attributes."""

    hooks = ("build_model_heads", "build_model_tails")
    head_hid_layers: list[Any]
    body_hid_layers: list[Any]
    tail_hid_layers: list[Any]
    out_layer_activation: Any

    def build(self, spec: dict[str, Any], in_dim: Any, out_dim: Any) -> None:
        """Build with one list of tail widths per output."""
        heads, body, tails = spec["hid_layers"]
        heads, tails = (
            part * len(dims) if len(part) == 1 else part for part, dims in ((heads, in_dim), (tails, out_dim))
        )
        self.head_hid_layers, self.body_hid_layers, self.tail_hid_layers = heads, body, tails
        self._spec = {**spec, "hid_layers": [heads, body, tails]}
        super().build(self._spec, in_dim, out_dim)  # type: ignore[misc]
        del self._spec, self._width

    def new_heads(self, spec: NetSpec, heads: list[list[int]]) -> nn.ModuleList:
        """New heads, one on each input."""
        return self.build_model_heads(self.in_dim)

    def new_tails(self, spec: NetSpec, plan: TailPlan, width: int) -> list[nn.Sequential]:
        """New tails on a body of `width` features."""
        self._width = width
        return list(self.build_model_tails(self.out_dim, self.out_layer_activation))  # type: ignore[arg-type]

    def build_model_heads(self, in_dim: Sequence[int]) -> nn.ModuleList:
        """A head on each input."""
        heads = zip(in_dim, self.head_hid_layers, strict=True)
        return nn.ModuleList(hidden(self._spec, [size, *head]) for size, head in heads)

    def build_model_tails(self, out_dim: list[int], out_layer_activation: Any) -> nn.ModuleList:
        """A tail before each output."""
        plan = plan_tails(out_dim, named(ACTIVATIONS, out_layer_activation), None)
        return nn.ModuleList(super().new_tails(self._spec, plan, self._width))


class TailsOf5:
    """A native net that ends in SLM Lab 5's `tails` and `log_std`."""

    out_dim: Any
    tails: nn.Module
    log_std: Any

    def finish(self, spec: NetSpec, width: int) -> None:
        """Put the tails on a body of `width` features and initialise everything."""
        activation = spec["out_layer_activation"]
        vars(self).update(features_dim=width)
        self.tails, self.log_std = build_tails(width, self.out_dim, activation, spec["log_std_init"])
        self.initialise(spec, plan_tails(self.out_dim, activation, None), ())  # type: ignore[attr-defined]
        init_tails(self, spec["actor_init_std"], spec["critic_init_std"])

    def outputs(self, features: Tensor) -> Outputs:
        """What the net returns for the features of its body."""
        return forward_tails(features, self.tails, self.log_std)


class ArcOfTorcharc(nets.TorchArcNet):
    """Quirks unused-modules-draw, softmax-guesses-its-dimension, first-of-several and contiguous-features."""

    like_torcharc = True

    def check(self, outline: Outline) -> None:
        """Refuse what SLM Lab cannot build either; that samples of a batch are mixed is none of it."""
        if errors := [problem for problem in outline.problems if problem.rule != ARC_BATCH.id]:
            raise SpecError(problem.at(("arc", *problem.path)) for problem in errors)
        if isinstance(outline.recipe.arc.output, Mapping) or len(outline.inputs) > 1:
            message = "SLM Lab's TorchArcNet has one input, and its tails are on one output"
            raise SpecError([ARC_GRAPH.at(("arc", "graph"), message, "build the net with slm_net.build_net")])

    def flattened(self, output: Any) -> Tensor:
        """The flat features of the output, or of the first of several."""
        x = output[0] if isinstance(output, (tuple, list)) else output
        return x.view(x.size(0), -1) if x.ndim > 2 else x


#: The quirks of SLM Lab's types in both versions.
QUIRKS_OF: dict[str, tuple[type, ...]] = {
    "HydraMLPNet": (HydraOfMethods,),
    "DuelingMLPNet": (PlainQValues,),
    "ConvNet": (NoDense, Convolutions),
    "DuelingConvNet": (NoDense, PlainQValues, Convolutions),
    "QConvNet": (ImageOfPair, Convolutions),
    "FiLMQConvNet": (ImageOfPair, Convolutions, FilmSigmoid),
    "RecurrentNet": (NoDense, LastHidden),
    "TorchArcNet": (ArcOfTorcharc,),
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
    native = nets.NETS[name] if name in nets.NETS and keys_read(4, name) is None else None
    if not isinstance(native, type):
        raise AttributeError(f"SLM Lab {base.version} has no net type {name!r}, and none is registered")
    return lab_class(base, native, name=name)
