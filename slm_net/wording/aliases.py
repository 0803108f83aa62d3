"""What people write when they come from other libraries, and what it is called here."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

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
            "hidden_nonlinearity nonlinearity conv_activation activations"
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
            "grad_norm_clip max_norm clip_grad_norm gradient_clipping gradient_clip clipnorm clip"
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
            "target_network_frequency update_interval update_freq target_update_period target_frequency"
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
        "betas": "beta beta1 beta_1",
        "alpha": "decay rho",
        "weight_decay": "l2 weight_decay_rate l2_reg decay",
        "eps": "epsilon adam_epsilon adam_eps",
        "name": "class type",
        "cuda_id": "device_id gpu_id",
        "gamma": "decay_rate decay",
        "negative_slope": "alpha slope leak",
        "frame": (
            "max_frame frames total_t max_t total_timesteps timesteps total_frames num_frames max_timestep max_step"
        ),
        "T_max": "total_t period",
        "total_iters": "total_t",
        "total_steps": "total_t",
    }
)
_MEANINGS = {folded(alias): meanings for alias, meanings in KEYS.items()}


def is_alias(word: str) -> bool:
    """True if some library calls a key so."""
    return folded(word) in _MEANINGS


def meaning(word: str, choices: Collection[str]) -> dict[str, str]:
    """What `word` stands for as an alias, the first among the choices: one entry, or none.

    >>> meaning("decay", ["weight_decay"]), meaning("Decay", ["weight_decay", "alpha"]), meaning("decay", ["lr"])
    ({'decay': 'weight_decay'}, {'Decay': 'alpha'}, {})
    """
    meant = next((key for key in _MEANINGS.get(folded(word), ()) if key in choices), None)
    return {word: meant} if meant else {}


#: names of activations, losses, optimizers, schedulers, init functions, net and cell types
NAMES = by_alias(
    {
        "silu": "swish",
        "identity": "linear",
        "leakyrelu": "leaky lrelu",
        "sigmoid": "logistic",
        "hardswish": "hswish",
        "L1Loss": "mae l1 mean_absolute_error mae_loss absolute_error",
        "MSELoss": "mse l2 mean_squared_error l2_loss",
        "CrossEntropyLoss": "cross_entropy ce ce_loss categorical_crossentropy categorical_cross_entropy",
        "BCELoss": "bce binary_crossentropy binary_cross_entropy",
        "BCEWithLogitsLoss": "bce_with_logits binary_cross_entropy_with_logits bce_logits_loss",
        "xavier_uniform_": "glorot_uniform_ glorot xavier",
        "xavier_normal_": "glorot_normal_",
        "kaiming_normal_": "he_normal_",
        "kaiming_uniform_": "he_uniform_ he kaiming",
        "constant_": "constant",
        "CosineAnnealingLR": "cosine",
        "LinearToZero": "linear_decay linear linear_schedule",
        "StepLR": "step",
        "MLPNet": "mlp fc dense mlp_policy fc_net dense_net mlp_heterogenous_tails",
        "ConvNet": "cnn conv2d cnn_policy conv cnn_net",
        "RecurrentNet": "rnn lstm gru lstm_net gru_net rnn_net mlp_lstm_policy",
        "polyak": "soft ema",
        "replace": "hard copy",
        "HydraMLPNet": "hydra hydra_net multi_mlp_net",
        "DuelingMLPNet": "dueling dueling_net",
        "HuberLoss": "huber",
        "SmoothL1Loss": "smooth_l1",
        "NLLLoss": "nll",
        "KLDivLoss": "kl kl_loss kl_divergence",
        "ExponentialLR": "exponential",
        "ReduceLROnPlateau": "plateau",
        "PolynomialLR": "polynomial",
        "CyclicLR": "cyclic",
        "RMSprop": "rms",
        "SGD": "momentum sgdm sgd_momentum",
        "mean": "avg average elementwise_mean",
        "cos": "cosine_annealing",
        "norm": "l2_norm global_norm",
    }
)

_OF_OTHERS = (
    "RMSELoss MSLELoss RMSLELoss MAPELoss SMAPELoss FocalLoss DiceLoss PseudoHuberLoss LogCoshLoss "
    "QuantileLoss Adan Adas AdaBelief AdaBound AdaMod AdamP AdamC AdamG Adai Adamini Adam8bit AdamW8bit "
    "AdaHessian AdaShift AdEMAMix AdamaxW NAdamW RAdamW GlobalAdamW SGDW SGDP SGDR SGLD ASGDW QHAdam QHM "
    "SWATS SWA Yogi LARS LAMB Lion Muon Shampoo SOAP Sophia Prodigy DAdapt Ranger NovoGrad PID FTRL MADGRAD "
    "SAM Tiger CAME SMORMS3 RMSpropTF Rprop+ GEGLU ReGLU SwiGLU BiGLU CReLU DReLU QReLU SReLU FReLU TReLU "
    "BReLU VReLU SquaredReLU ReLUSquared LeakyELU LeakyGELU PELU MPELU SERLU SELUS LiSHT PSiLU dSiLU TanhExp "
    "HardELU HardMish QuickGELU FastGELU NewGELU Snake Sine Sin Gaussian Maxout StarReLU ThresholdedReLU Dice "
    "ISRLU Erf WarmupLR NoamLR LinearWarmup CosineLR QNet DQNNet DQN TransformerNet NormalTanh TanhNormal "
    "SquashedNormal"
)
#: Names that mean something of their own elsewhere and have no equal here: never taken for a slip of another name.
ELSEWHERE = frozenset(map(folded, _OF_OTHERS.split()))

#: algorithms
ALGORITHMS = {
    "A2C": "ActorCritic",
    "A3C": "ActorCritic",
    "DDQN": "DoubleDQN",
    "SAC": "SoftActorCritic",
    "VPG": "Reinforce",
}
#: memories
MEMORIES = {
    "ReplayBuffer": "Replay",
    "ReplayMemory": "Replay",
    "PER": "PrioritizedReplay",
    "PrioritizedReplayBuffer": "PrioritizedReplay",
}
#: devices
DEVICES = {"gpu": "cuda", "nvidia": "cuda", "apple": "mps", "metal": "mps"}


_CELLS = {"LSTM": "lstm lstmnet mlplstmpolicy", "GRU": "gru grunet"}
_SHARING = {
    **dict.fromkeys(("mlpnet", "mlp"), "MLPNet"),
    **dict.fromkeys(("convnet", "conv"), "ConvNet"),
    **dict.fromkeys(("recurrentnet", "recurrent"), "RecurrentNet"),
}
#: Names of net types that say more than the type, folded, and the keys that they stand for.
TYPES: dict[str, dict[str, Any]] = {
    **{word: {"type": "RecurrentNet", "cell_type": cell} for cell, words in _CELLS.items() for word in words.split()},
    **{f"{word}shared": {"type": kind, "shared": True} for word, kind in _SHARING.items()},
    **{f"{word}separate": {"type": kind, "shared": False} for word, kind in _SHARING.items()},
}
#: Keys of SLM Lab 0 to 3 for the actor's and the critic's net.
OF_ROLES = {"optim_actor": "actor_optim_spec", "optim_critic": "critic_optim_spec"}

#: Keys around the nets that only other SLM Labs read, by their block, and what to write in their place.
REPLACED = {
    ("meta", "search"): "remove it: SLM Lab 4 and 5 draw at random, from what `search` of the spec says",
    ("meta", "train_mode"): "remove it: the command says whether SLM Lab trains, searches or shows an agent",
    ("meta", "num_gpus"): 'write "search_resources": {"cpu": ..., "gpu": ...}',
    ("meta", "num_cpus"): 'write "search_resources": {"cpu": ..., "gpu": ...}',
    ("PPO", "training_frequency"): "remove it: PPO trains after each `time_horizon`",
    ("env", "normalize_state"): 'write "normalize_obs" for SLM Lab 5',
    ("env", "normalize_obs"): 'write "normalize_state" for SLM Lab 4',
    ("env", "frame_op"): "remove it: SLM Lab 5 stacks the frames of Atari by itself, and gives other keys to gymnasium",
    ("env", "frame_op_len"): "remove it: SLM Lab 5 stacks the frames of Atari by itself",
    ("env", "image_downsize"): "remove it: SLM Lab 5 scales the images of Atari by itself",
}

#: layers of an arc, as other libraries and the papers call them
LAYERS = {
    **dict.fromkeys(("Dense", "FC", "FullyConnected", "fully_connected", "MLP"), "LazyLinear"),
    **dict.fromkeys(("Conv", "Convolution", "Convolution2D"), "LazyConv2d"),
    **dict.fromkeys(("BatchNorm", "BatchNormalization", "BN"), "LazyBatchNorm1d"),
    **dict.fromkeys(("ModuleList", "ModuleDict", "Stack", "Chain", "layers"), "Sequential"),
    **{
        f"{kind}Pooling{rank}D": f"{short}Pool{rank}d"
        for kind, short in (("Max", "Max"), ("Average", "Avg"))
        for rank in (1, 2, 3)
    },
    "Conv2DTranspose": "LazyConvTranspose2d",
    "Deconv2d": "LazyConvTranspose2d",
    "LayerNormalization": "LayerNorm",
    "Swish": "SiLU",
    "Linearity": "Identity",
    "Concat": "MergeConcat",
    "Concatenate": "MergeConcat",
    "Cat": "MergeConcat",
    "MergeCat": "MergeConcat",
    "Add": "MergeSum",
    "Multiply": "MergeProd",
    "Average": "MergeMean",
    "MultiHeadAttention": "MultiheadAttention",
    "Attention": "MultiheadAttention",
    "FiLM": "MergeFiLM",
    "Reshape": "Unflatten",
    "Skip": "Residual",
    "ResBlock": "Residual",
    "View": "Flatten",
    "Slice": "Narrow",
    "BatchRenorm": "LazyBatchRenorm1d",
    "LazyBatchRenorm": "LazyBatchRenorm1d",
    "WeightNorm": "LazyWeightNormLinear",
}
#: arguments of layers
LAYER_ARGUMENTS = by_alias(
    {
        "out_features": "units size width out_dim output_size num_outputs outputs hidden_size n_units features",
        "in_features": "in_dim input_dim input_size in_size",
        "out_channels": "filters channels num_filters out_features n_filters",
        "in_channels": "in_features in_planes",
        "kernel_size": "kernel size ksize filter_size pool_size",
        "stride": "strides",
        "padding": "pad pads",
        "p": "rate prob dropout dropout_rate drop_prob",
        "num_features": "features channels num_channels size",
        "normalized_shape": "dim size features shape hidden_size",
        "num_heads": "heads n_heads nhead",
        "nhead": "heads n_heads num_heads",
        "embed_dim": "d_model dim hidden_size embedding_dim",
        "d_model": "embed_dim dim hidden_size",
        "hidden_size": "units hidden_dim size out_features",
        "input_size": "in_features in_dim",
        "num_layers": "layers n_layers depth",
        "bias": "use_bias",
        "dim": "axis dimension",
        "negative_slope": "alpha slope",
        "momentum": "decay",
        "eps": "epsilon",
        "num_embeddings": "input_dim vocab_size n_tokens",
        "embedding_dim": "output_dim embed_dim dim",
    }
)

#: keys of a spec and of its agent
BLOCK_KEYS = {"environment": "env", "enviroment": "env", "environments": "env", "mem": "memory"}
#: Keys of optimizers that are often given to the algorithm, and where to write them.
OF_OPTIMIZERS = {"lr": "optim_spec of the net", "learning_rate": "optim_spec of the net, as lr"}

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

#: Keys that stand outside of a net block, by their place and name there.
PLACES = by_alias(
    {
        "algorithm.gamma": "gamma discount discount_factor",
        "algorithm.lam": "lam gae_lambda lambda",
        "algorithm.entropy_coef_spec": "entropy_coef_spec entropy_coef ent_coef entropy_coeff entropy_loss_scale",
        "algorithm.policy_loss_coef": "policy_loss_coef",
        "algorithm.val_loss_coef": "val_loss_coef vf_coef value_loss_coef vf_loss_coeff value_loss_scale critic_coef",
        "algorithm.clip_eps_spec": "clip_eps_spec clip_eps clip_range clip_param clip_coef e_clip ratio_clip",
        "algorithm.training_frequency": "training_frequency train_freq train_frequency",
        "algorithm.training_batch_iter": "training_batch_iter",
        "algorithm.training_iter": "training_iter gradient_steps",
        "algorithm.training_epoch": (
            "training_epoch n_epochs num_epochs update_epochs mini_epochs learning_epochs num_sgd_iter"
        ),
        "algorithm.training_start_step": "training_start_step learning_starts",
        "algorithm.action_pdtype": "action_pdtype",
        "algorithm.action_policy": "action_policy",
        "algorithm.explore_var_spec": "explore_var_spec exploration_fraction explore_var",
        "algorithm.num_step_returns": "num_step_returns n_step",
        "algorithm.time_horizon": (
            "time_horizon n_steps rollout_length num_steps horizon_length rollouts rollout_fragment_length"
        ),
        "algorithm.minibatch_size": "minibatch_size sgd_minibatch_size",
        "algorithm.normalize_v_targets": "normalize_v_targets",
        "algorithm.clip_vloss": "clip_vloss clip_val_loss clip_value_loss clip_range_vf",
        "memory.batch_size": "batch_size train_batch_size",
        "memory.max_size": "max_size buffer_size replay_size memory_size replay_buffer_size",
        "memory.use_cer": "use_cer",
        "env.num_envs": "num_envs n_envs num_actors num_workers",
        "env.max_t": "max_t max_episode_steps",
        "env.max_frame": "max_frame total_timesteps max_steps",
        "env.frame_op": "frame_op",
        "env.frame_op_len": "frame_op_len frame_stack",
        "env.reward_scale": "reward_scale",
        "env.normalize_obs": "normalize_obs norm_obs",
        "env.normalize_reward": "normalize_reward norm_reward",
        "meta.distributed": "distributed",
        "meta.eval_frequency": "eval_frequency eval_freq",
        "meta.log_frequency": "log_frequency log_freq",
        "meta.max_session": "max_session",
        "meta.max_trial": "max_trial",
        "agent.algorithm": "algorithm algo",
        "agent.memory": "memory replay_memory replay_buffer",
        "agent.net": "net net_spec",
        "agent.critic_net": "critic_net critic_type critic_net_spec",
        "top.extends": "extends",
        "the spec.env": "env environment",
        "the spec.meta": "meta",
        "the spec.search": "search",
        "the spec.spec_params": "spec_params",
    }
)

_BESIDE = {
    "agent": "agent, beside net",
    "the spec": "the spec, beside agent",
    "top": "the spec, beside agent, or the top of a file",
}


def placed(key: str, place: str) -> str:
    """In words where a key belongs, and as what if it has another name there.

    >>> placed("gamma", "algorithm.gamma"), placed("buffer_size", "memory.max_size")
    ('algorithm', "memory, as 'max_size'")
    """
    part, _, name = place.partition(".")
    return _BESIDE.get(part, part) + (f", as {name!r}" if name != key else "")
