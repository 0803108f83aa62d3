"""What people write for a key or a name when they come from other libraries."""


def _by_alias(aliases: dict[str, str]) -> dict[str, str]:
    return {alias: meant for meant, written in aliases.items() for alias in written.split()}


#: keys of the net block and of its parts
KEYS = _by_alias(
    {
        "hid_layers_activation": (
            "activation activation_fn hidden_activation act act_fn activation_function fcnet_activation "
            "hidden_nonlinearity nonlinearity"
        ),
        "out_layer_activation": "output_activation out_activation final_activation last_activation out_act",
        "hid_layers": (
            "hidden_layers hidden_sizes hiddens layers net_arch units fcnet_hiddens hidden hidden_dims "
            "hidden_layer_sizes hidden_units mlp_layers"
        ),
        "conv_hid_layers": "conv_filters conv_layers filters cnn_layers conv convs",
        "fc_hid_layers": "fc_layers dense_layers fc post_fcnet_hiddens",
        "init_fn": "initializer init initialization kernel_initializer weight_init",
        "clip_grad_val": (
            "clip_grad max_grad_norm grad_clip gradient_clip_val clip_norm grad_clip_norm grad_norm "
            "grad_norm_clip max_norm"
        ),
        "loss_spec": "loss loss_fn criterion",
        "optim_spec": "optim optimizer optimizer_spec opt optimizer_class",
        "lr_scheduler_spec": "lr_decay lr_scheduler scheduler learning_rate_scheduler lr_schedule",
        "polyak_coef": "tau polyak",
        "update_frequency": (
            "target_update_interval target_network_update_freq target_update_freq target_update_frequency"
        ),
        "batch_norm": "batchnorm bn use_batch_norm",
        "layer_norm": "layernorm ln use_layer_norm",
        "cell_type": "cell rnn_type rnn_cell",
        "rnn_hidden_size": "hidden_size hidden_dim lstm_cell_size lstm_hidden_size rnn_units",
        "rnn_num_layers": "num_layers n_lstm_layers rnn_layers",
        "seq_len": "sequence_length max_seq_len sequence_len",
        "gpu": "cuda device num_gpus use_cuda use_gpu",
        "dropout": "dropout_rate drop_rate dropout_prob",
        "log_std_init": "log_std",
        "type": "net_type name",
        "lr": "learning_rate",
        "step_size": "stepsize decay_steps",
        "betas": "beta beta1",
        "weight_decay": "l2 weight_decay_rate l2_reg",
        "eps": "epsilon adam_epsilon",
        "name": "class type",
        "cuda_id": "device_id gpu_id",
        "gamma": "decay_rate",
    }
)

#: names of activations, losses, optimizers, schedulers, init functions, net and cell types
NAMES = _by_alias(
    {
        "silu": "swish",
        "identity": "linear",
        "leakyrelu": "leaky lrelu",
        "L1Loss": "mae l1 mean_absolute_error",
        "MSELoss": "mse l2 mean_squared_error",
        "CrossEntropyLoss": "cross_entropy",
        "BCELoss": "bce",
        "xavier_uniform_": "glorot_uniform_ glorot xavier",
        "xavier_normal_": "glorot_normal_",
        "kaiming_normal_": "he_normal_",
        "kaiming_uniform_": "he_uniform_ he kaiming",
        "constant_": "constant",
        "CosineAnnealingLR": "cosine",
        "LinearToZero": "linear_decay",
        "StepLR": "step",
        "MLPNet": "mlp fc dense mlp_policy",
        "ConvNet": "cnn conv2d cnn_policy conv",
        "RecurrentNet": "rnn lstm gru",
        "polyak": "soft ema",
        "replace": "hard copy",
        "HydraMLPNet": "hydra",
        "DuelingMLPNet": "dueling",
        "HuberLoss": "huber",
        "SmoothL1Loss": "smooth_l1",
        "NLLLoss": "nll",
        "KLDivLoss": "kl",
        "ExponentialLR": "exponential",
        "ReduceLROnPlateau": "plateau",
        "PolynomialLR": "polynomial",
        "CyclicLR": "cyclic",
        "RMSprop": "rms",
        "SGD": "momentum",
    }
)

#: Keys of older SLM Lab versions that the searches of real files still vary, to no effect.
LEGACY_KEYS = (
    "clip_grad",
    "lr_anneal_timestep",
    "lr_decay",
    "lr_decay_frequency",
    "lr_decay_min_timestep",
    "optim",
    "loss",
)
