"""Names of other libraries: what they are called here, and those that have no equal here."""

from __future__ import annotations

from slm_net.spec.key_aliases import KEYS, by_alias
from slm_net.words import folded

__all__ = ["ELSEWHERE", "KEYS", "LEGACY_KEYS", "NAMES"]

#: names of activations, losses, optimizers, schedulers, init functions, net and cell types
NAMES = {
    alias: meanings[0]
    for alias, meanings in by_alias(
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
            "LinearToZero": "linear_decay",
            "StepLR": "step",
            "MLPNet": "mlp fc dense mlp_policy fc_net dense_net",
            "ConvNet": "cnn conv2d cnn_policy conv cnn_net",
            "RecurrentNet": "rnn lstm gru lstm_net gru_net rnn_net mlp_lstm_policy",
            "polyak": "soft ema",
            "replace": "hard copy",
            "HydraMLPNet": "hydra hydra_net",
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
            "mean": "avg average batchmean elementwise_mean",
            "cos": "cosine_annealing",
            "norm": "l2_norm global_norm",
        }
    ).items()
}

_OF_OTHERS = (
    "RMSELoss MSLELoss RMSLELoss MAPELoss SMAPELoss FocalLoss DiceLoss PseudoHuberLoss LogCoshLoss "
    "QuantileLoss Adan Adas AdaBelief AdaBound AdaMod AdamP AdamC AdamG Adai Adamini Adam8bit AdamW8bit "
    "AdaHessian AdaShift AdEMAMix AdamaxW NAdamW RAdamW GlobalAdamW SGDW SGDP SGDR SGLD ASGDW QHAdam QHM "
    "SWATS SWA Yogi LARS LAMB Lion Muon Shampoo SOAP Sophia Prodigy DAdapt Ranger NovoGrad PID FTRL MADGRAD "
    "SAM Tiger CAME SMORMS3 RMSpropTF Rprop+ GEGLU ReGLU SwiGLU BiGLU CReLU DReLU QReLU SReLU FReLU TReLU "
    "BReLU VReLU SquaredReLU ReLUSquared LeakyELU LeakyGELU PELU MPELU SERLU SELUS LiSHT PSiLU dSiLU TanhExp "
    "HardELU HardMish QuickGELU FastGELU NewGELU Snake Sine Sin Gaussian Maxout StarReLU ThresholdedReLU Dice "
    "ISRLU Erf WarmupLR NoamLR LinearWarmup CosineLR QNet DQNNet DQN TransformerNet"
)
#: Names that mean something of their own elsewhere and have no equal here: never taken for a slip of another name.
ELSEWHERE = frozenset(map(folded, _OF_OTHERS.split()))

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
