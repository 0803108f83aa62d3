"""The functions of SLM Lab 4's `net_util`."""

from slm_net.slm_lab import net_util
from slm_net.slm_lab.net_util import *  # noqa: F403
from slm_net.slm_lab.net_util.optimizers import get_lr_scheduler_v4 as get_lr_scheduler
from slm_net.slm_lab.net_util.optimizers import get_optim_v4 as get_optim

__all__ = ["get_lr_scheduler", "get_optim"]
__all__ += net_util.__all__
