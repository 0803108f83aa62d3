"""The functions of SLM Lab 5's `net_util`."""

from typing import Any

from slm_net.slm_lab import net_util
from slm_net.slm_lab.net_util import *  # noqa: F403
from slm_net.slm_lab.net_util import out_dims
from slm_net.slm_lab.net_util.layers import apply_spectral_norm_penultimate, build_tails, forward_tails, init_tails
from slm_net.slm_lab.net_util.optimizers import get_lr_scheduler_v5 as get_lr_scheduler
from slm_net.slm_lab.net_util.optimizers import get_optim_v5 as get_optim
from slm_net.slm_lab.net_util.weights import polyak_update_v5 as polyak_update
from slm_net.slm_lab.net_util.weights import update_target_net

__all__ = [
    "apply_spectral_norm_penultimate",
    "build_tails",
    "forward_tails",
    "get_lr_scheduler",
    "get_optim",
    "get_out_dim",
    "get_policy_out_dim",
    "init_tails",
    "polyak_update",
    "update_target_net",
]
__all__ += net_util.__all__


def get_policy_out_dim(agent: Any) -> int | list[int]:
    """As version 4's, of what is called an agent since version 5."""
    return out_dims.get_policy_out_dim(agent)


def get_out_dim(agent: Any, add_critic: bool = False) -> int | list[int]:
    """As version 4's, of what is called an agent since version 5."""
    return out_dims.get_out_dim(agent, add_critic)
