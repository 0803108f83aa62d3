"""What people write for a key when they come from other libraries."""

from __future__ import annotations

from collections.abc import Collection

from slm_net.words import folded


def by_alias(aliases: dict[str, str]) -> dict[str, tuple[str, ...]]:
    """Each alias with what it may stand for."""
    found: dict[str, list[str]] = {}
    for meant, written in aliases.items():
        for alias in written.split():
            found.setdefault(alias, []).append(meant)
    return {alias: tuple(meanings) for alias, meanings in found.items()}


#: keys of the net block and of its parts
KEYS = by_alias(
    {
        "hid_layers_activation": (
            "activation activation_fn hidden_activation act act_fn activation_function fcnet_activation "
            "hidden_nonlinearity nonlinearity conv_activation"
        ),
        "out_layer_activation": (
            "output_activation out_activation final_activation last_activation last_layer_activation out_act"
        ),
        "hid_layers": (
            "hidden_layers hidden_sizes hiddens layers net_arch units fcnet_hiddens hidden hidden_dims "
            "hidden_layer_sizes hidden_units mlp_layers layer_sizes num_hidden hidden_size hidden_dim"
        ),
        "conv_hid_layers": (
            "conv_filters conv_layers filters cnn_layers conv convs cnn_filters kernel_size kernel_sizes strides"
        ),
        "fc_hid_layers": "fc_layers dense_layers fc post_fcnet_hiddens",
        "init_fn": (
            "initializer init initialization kernel_initializer weight_init init_func init_type ortho_init "
            "orthogonal_init"
        ),
        "clip_grad_val": (
            "clip_grad max_grad_norm grad_clip gradient_clip_val clip_norm grad_clip_norm grad_norm "
            "grad_norm_clip max_norm clip_grad_norm clip_grad_value gradient_clipping gradient_clip clipnorm clip"
        ),
        "clip_grad_type": "grad_clip_by gradient_clip_algorithm",
        "loss_spec": "loss loss_fn criterion loss_function",
        "optim_spec": "optim optimizer optimiser optimizer_spec opt optimizer_class optimizer_kwargs",
        "lr_scheduler_spec": (
            "lr_decay lr_scheduler scheduler learning_rate_scheduler lr_schedule scheduler_spec lr_scheduling lr_anneal"
        ),
        "polyak_coef": "tau polyak soft_update_tau target_tau soft_tau polyak_tau polyak_factor smoothing_coef",
        "update_frequency": (
            "target_update_interval target_network_update_freq target_update_freq target_update_frequency "
            "target_network_frequency update_interval update_freq target_update_period"
        ),
        "update_type": "target_update_type",
        "batch_norm": "bn use_batch_norm batch_normalization",
        "layer_norm": "ln use_layer_norm layer_normalization",
        "normalize": "normalize_images normalize_image",
        "cell_type": "cell rnn_type rnn_cell",
        "rnn_hidden_size": "hidden_size hidden_dim lstm_cell_size lstm_hidden_size rnn_units rnn_hidden_dim",
        "rnn_num_layers": "num_layers n_lstm_layers rnn_layers",
        "seq_len": "sequence_length max_seq_len sequence_len seq_length",
        "shared": (
            "vf_share_layers share_features_extractor share shared_net is_shared share_params share_parameters "
            "shared_network"
        ),
        "use_same_optim": "use_same_optimizer share_optimizer same_optim",
        "gpu": "cuda device num_gpus use_cuda use_gpu",
        "dropout": "dropout_rate drop_rate dropout_prob dropout_p",
        "log_std_init": "log_std initial_log_std init_log_std",
        "type": "net_type name",
        "lr": "learning_rate",
        "step_size": "decay_steps step",
        "betas": "beta beta1",
        "alpha": "decay rho",
        "weight_decay": "l2 weight_decay_rate l2_reg decay",
        "eps": "epsilon adam_epsilon",
        "name": "class type",
        "cuda_id": "device_id gpu_id",
        "gamma": "decay_rate decay",
        "negative_slope": "alpha slope leak",
        "frame": "max_frame frames",
    }
)
_MEANINGS = {folded(alias): meanings for alias, meanings in KEYS.items()}


def meaning(word: str, choices: Collection[str]) -> dict[str, str]:
    """What `word` stands for as an alias, the first among the choices: one entry, or none.

    >>> meaning("decay", ["weight_decay"]), meaning("Decay", ["weight_decay", "alpha"]), meaning("decay", ["lr"])
    ({'decay': 'weight_decay'}, {'Decay': 'alpha'}, {})
    """
    meant = next((key for key in _MEANINGS.get(folded(word), ()) if key in choices), None)
    return {word: meant} if meant else {}
