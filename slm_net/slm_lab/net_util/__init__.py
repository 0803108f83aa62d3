"""The functions of SLM Lab's file `net_util` that versions 4 and 5 have in common, by subject."""

from slm_net.slm_lab.net_util.layers import (
    build_fc_model,
    get_activation_fn,
    get_loss_fn,
    get_nn_name,
    init_layers,
    init_params,
)
from slm_net.slm_lab.net_util.optimizers import NoOpLRScheduler
from slm_net.slm_lab.net_util.step_check import dev_check_train_step, get_grad_norms, to_check_train_step
from slm_net.slm_lab.net_util.weights import (
    copy,
    init_global_nets,
    load,
    load_algorithm,
    push_global_grads,
    save,
    save_algorithm,
    set_global_nets,
)

__all__ = [
    "NoOpLRScheduler",
    "build_fc_model",
    "copy",
    "dev_check_train_step",
    "get_activation_fn",
    "get_grad_norms",
    "get_loss_fn",
    "get_nn_name",
    "init_global_nets",
    "init_layers",
    "init_params",
    "load",
    "load_algorithm",
    "push_global_grads",
    "save",
    "save_algorithm",
    "set_global_nets",
    "to_check_train_step",
]
