"""`net_util`: nets and optimizers that several processes train at once (Niu et al. 2011, Hogwild)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn

MODES = ("shared", "synced")


def init_global_nets(algorithm: Any) -> dict[str, Any]:
    """Move an algorithm's trained nets, and the optimizers that can be, to shared memory; call it before forking.

    `spec.meta.distributed` "shared" makes every process use these nets; "synced" gives them the names `global_<net>`,
    to which each process pushes its gradients. Nets without an optimizer (targets) stay out. The nets go to the CPU.

    Raises:
        ValueError: `distributed` is neither.
    """
    mode = algorithm.agent.spec["meta"]["distributed"]
    if mode not in MODES:
        raise ValueError(f"meta.distributed must be 'shared' or 'synced' for global nets, not {mode!r}")
    shared: dict[str, Any] = {}
    for name in algorithm.net_names:
        optim = getattr(algorithm, name.replace("net", "optim"), None)
        if optim is None:
            continue
        net = getattr(algorithm, name).cpu()
        net.share_memory()
        shared[name if mode == "shared" else f"global_{name}"] = net
        if hasattr(optim, "share_memory"):
            optim.share_memory()
            shared[name.replace("net", "optim")] = optim
            scheduler = name.replace("net", "lr_scheduler")
            shared[scheduler] = getattr(algorithm, scheduler)
    return shared


def set_global_nets(algorithm: Any, global_nets: Mapping[str, Any] | None) -> None:
    """Give an algorithm what `init_global_nets` made; `global_<net>` is None for every net that has none."""
    for name in algorithm.net_names:
        setattr(algorithm, f"global_{name}", None)
    for name, value in (global_nets or {}).items():
        setattr(algorithm, name, value)


def push_global_grads(net: Any, global_net: nn.Module) -> None:
    """Make the gradients of `net` those of `global_net`, unless it has some: call it between backward and step."""
    for parameter, shared in zip(net.parameters(), global_net.parameters(), strict=True):
        if shared.grad is not None:
            return
        if parameter.grad is not None:
            shared.grad = parameter.grad.to(shared.device)
