"""The functions of SLM Lab 5's `net_util`."""

from slm_net.slm_lab import net_util
from slm_net.slm_lab.net_util import *  # noqa: F403
from slm_net.slm_lab.net_util.layers import apply_spectral_norm_penultimate, build_tails, forward_tails, init_tails
from slm_net.slm_lab.net_util.optimizers import get_lr_scheduler_v5 as get_lr_scheduler
from slm_net.slm_lab.net_util.optimizers import get_optim_v5 as get_optim
from slm_net.slm_lab.net_util.weights import update_target_net

__all__ = [
    "apply_spectral_norm_penultimate",
    "build_tails",
    "forward_tails",
    "get_lr_scheduler",
    "get_optim",
    "init_tails",
    "update_target_net",
]
__all__ += net_util.__all__
