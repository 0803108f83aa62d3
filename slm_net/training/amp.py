"""Mixed precision: a model that computes in 16 bits, and the scaler that keeps small fp16 gradients from vanishing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.amp import GradScaler

from slm_net.nets.base import Net

#: What `amp` may be in a spec.
DTYPES = {"bf16": torch.bfloat16, "fp16": torch.float16}
#: Layers that autocast gives 16-bit inputs which they do not take: Bilinear anywhere, RReLU in training on a CPU.
IN_FLOAT32 = (nn.Bilinear, nn.RReLU)
#: And those for which only some CPUs have 16-bit instructions: oneDNN refuses them on the others.
IN_FLOAT32_ON_CPU = (*IN_FLOAT32, nn.LSTM)


def autocast(model: nn.Module, amp: str | None, device: torch.device) -> nn.Module:
    """The model itself, whose forward pass computes in 16 bits where that is safe, and gives float32.

    Source: Micikevicius et al. 2018, https://arxiv.org/abs/1710.03740; https://docs.pytorch.org/docs/stable/amp.html

    >>> model = autocast(nn.Linear(2, 2), "bf16", torch.device("cpu"))
    >>> model(torch.ones(1, 2)).dtype
    torch.float32
    """
    if amp is not None:
        model.forward = partial(_called, type(model).forward, device.type, DTYPES[amp], model)
        if isinstance(model, Net):
            model.features = partial(_features, type(model).features, device.type, DTYPES[amp], model)
        in_float32 = IN_FLOAT32_ON_CPU if device.type == "cpu" else IN_FLOAT32
        for layer in model.modules():
            if isinstance(layer, in_float32):
                layer.forward = partial(_forward_in_float32, layer, device.type)  # type: ignore[method-assign]
    return model


def without_autocast(model: nn.Module) -> nn.Module:
    """The model itself, which computes in its own dtype again.

    >>> without_autocast(autocast(nn.Linear(2, 2), "bf16", torch.device("cpu"))).forward
    <bound method Linear.forward of Linear(in_features=2, out_features=2, bias=True)>
    """
    for module in model.modules():
        for name in ("forward", "features"):
            own = vars(module).get(name)
            if isinstance(own, partial) and own.func in (_called, _features, _forward_in_float32):
                del vars(module)[name]
    return model


def grad_scaler(amp: str | None, device: torch.device) -> GradScaler | None:
    """What scales the loss of an fp16 net, whose gradients would be rounded to 0; None for any other."""
    return GradScaler(device.type) if amp == "fp16" else None


def _called(method: Callable[..., Any], device: str, dtype: torch.dtype, *args: Any, **kwargs: Any) -> Any:
    with torch.autocast(device, dtype):
        outputs = method(*args, **kwargs)
    return _as_float32(outputs)


def _features(method: Callable[..., Any], device: str, dtype: torch.dtype, *args: Any, **kwargs: Any) -> Any:
    if torch.is_autocast_enabled(device):  # called by forward
        return method(*args, **kwargs)
    return _called(method, device, dtype, *args, **kwargs)


def _forward_in_float32(layer: nn.Module, device: str, *inputs: Tensor) -> Tensor:
    with torch.autocast(device, enabled=False):
        return type(layer).forward(layer, *_as_float32(inputs))


def _as_float32(outputs: Any) -> Any:
    if isinstance(outputs, Tensor):
        return outputs.float() if outputs.is_floating_point() else outputs
    if isinstance(outputs, dict):
        return {name: _as_float32(output) for name, output in outputs.items()}
    if isinstance(outputs, (list, tuple)):
        return type(outputs)(_as_float32(output) for output in outputs)
    return outputs
