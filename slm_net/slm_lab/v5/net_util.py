"""The functions of SLM Lab 5's `net_util`."""

from slm_net.slm_lab.dims import get_out_dim, get_policy_out_dim
from slm_net.slm_lab.files import load, load_algorithm, save, save_algorithm
from slm_net.slm_lab.hogwild import init_global_nets, push_global_grads, set_global_nets
from slm_net.slm_lab.layers import build_fc_model, get_activation_fn, get_loss_fn, get_nn_name, init_layers, init_params
from slm_net.slm_lab.optim_v5 import get_optim
from slm_net.slm_lab.schedules import NoOpLRScheduler
from slm_net.slm_lab.schedules import get_lr_scheduler_v5 as get_lr_scheduler
from slm_net.slm_lab.step_check import dev_check_train_step, get_grad_norms, to_check_train_step
from slm_net.slm_lab.tails_v5 import apply_spectral_norm_penultimate, build_tails, forward_tails, init_tails
from slm_net.slm_lab.weights import copy, polyak_update, update_target_net

__all__ = [
    "NoOpLRScheduler",
    "apply_spectral_norm_penultimate",
    "build_fc_model",
    "build_tails",
    "copy",
    "dev_check_train_step",
    "forward_tails",
    "get_activation_fn",
    "get_grad_norms",
    "get_loss_fn",
    "get_lr_scheduler",
    "get_nn_name",
    "get_optim",
    "get_out_dim",
    "get_policy_out_dim",
    "init_global_nets",
    "init_layers",
    "init_params",
    "init_tails",
    "load",
    "load_algorithm",
    "polyak_update",
    "push_global_grads",
    "save",
    "save_algorithm",
    "set_global_nets",
    "to_check_train_step",
    "update_target_net",
]
