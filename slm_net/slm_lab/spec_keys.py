"""Which keys of a net spec the classes of SLM Lab read; all others do nothing there."""

from __future__ import annotations

from slm_net.schema.catalogue import net_properties

COMMON = (
    *("shared", "hid_layers_activation", "out_layer_activation", "init_fn", "clip_grad_val", "loss_spec"),
    *("optim_spec", "lr_scheduler_spec", "update_type", "update_frequency", "polyak_coef", "gpu"),
)
_CONV = ("conv_hid_layers", "fc_hid_layers", "normalize", "batch_norm")
_RECURRENT = ("cell_type", "fc_hid_layers", "rnn_hidden_size", "rnn_num_layers", "bidirectional", "seq_len")
_POLICY = ("log_std_init", "actor_init_std", "critic_init_std")
#: The keys of each type beside the common ones, as version 4 reads them.
OWN_KEYS = {
    "MLPNet": ("hid_layers",),
    "DuelingMLPNet": ("hid_layers",),
    "HydraMLPNet": ("hid_layers",),
    "QMLPNet": ("hid_layers",),
    "ConvNet": _CONV,
    "DuelingConvNet": _CONV,
    "QConvNet": _CONV,
    "FiLMQConvNet": _CONV,
    "RecurrentNet": _RECURRENT,
}
#: What version 5 reads more.
ADDED_IN_5 = {
    "MLPNet": (*_POLICY, "layer_norm", "batch_norm"),
    "ConvNet": _POLICY,
    "RecurrentNet": _POLICY,
}
#: Keys that are read elsewhere (by the net's base class or the algorithm), or say what the block is.
ELSEWHERE = ("type", "cuda_id", "use_same_optim", "$schema")


def read_keys(version: int, net_type: str) -> tuple[str, ...]:
    """The keys that SLM Lab of this version reads for a net of this type.

    >>> "batch_norm" in read_keys(4, "MLPNet"), "batch_norm" in read_keys(5, "MLPNet")
    (False, True)
    """
    if net_type not in OWN_KEYS:  # registered by a user or a plugin, and read as a whole
        return tuple(net_properties(net_type))
    added = ADDED_IN_5.get(net_type, ()) if version >= 5 else ()
    return (*COMMON, *OWN_KEYS[net_type], *added)
