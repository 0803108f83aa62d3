"""The functions of SLM Lab 4's `net_util`."""

from slm_net.slm_lab import net_util
from slm_net.slm_lab.net_util import *  # noqa: F403
from slm_net.slm_lab.net_util.optimizers import get_lr_scheduler_v4 as get_lr_scheduler
from slm_net.slm_lab.net_util.optimizers import get_optim_v4 as get_optim
from slm_net.slm_lab.net_util.out_dims import get_out_dim, get_policy_out_dim
from slm_net.slm_lab.net_util.weights import polyak_update_v4 as polyak_update

__all__ = ["get_lr_scheduler", "get_optim", "get_out_dim", "get_policy_out_dim", "polyak_update"]
__all__ += net_util.__all__
