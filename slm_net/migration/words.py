"""What SLM Lab 0 to 4 called things that SLM Lab 5 has under another name, or not at all."""

from __future__ import annotations

#: Settings with another name, by their block.
RENAMED = {
    "algorithm": {"training_batch_epoch": "training_batch_iter", "training_iters_per_batch": "training_batch_iter"},
    "env": {
        **dict.fromkeys(("max_tick", "max_total_t", "max_frames"), "max_frame"),
        "max_timestep": "max_t",
        "normalize_state": "normalize_obs",
    },
}
#: Settings of an algorithm that became the schedule of a value.
SCHEDULES = {"clip_eps": "clip_eps_spec", "entropy_coef": "entropy_coef_spec"}
#: Settings that did nothing more than what SLM Lab 5 does anyway, and why.
SUPERFLUOUS = {
    "algorithm": {"continuous_action_clip": "SLM Lab 5 does not clip actions"},
    "meta": {
        "search": "SLM Lab 5 draws at random, from what search of the spec says",
        "train_mode": "the command says whether SLM Lab 5 trains or searches",
        "max_tick_unit": "SLM Lab 5 counts frames",
    },
}
#: Memories whose differences are settings of the environment now.
MEMORIES = {
    "OnPolicyBatchReplay": (
        "OnPolicySeqBatchReplay OnPolicyNStepBatchReplay OnPolicyBatchNStepReplay OnPolicyAtariBatchReplay"
    ),
    "OnPolicyReplay": (
        "OnPolicySeqReplay OnPolicyNStepReplay OnPolicyStackReplay OnPolicyConcatReplay OnPolicyAtariReplay "
        "OnPolicyImageReplay"
    ),
    "Replay": "SeqReplay StackReplay ConcatReplay AtariReplay ImageReplay SILReplay SILSeqReplay",
    "PrioritizedReplay": "AtariPrioritizedReplay",
}
MEMORY_NAMES = {old: new for new, names in MEMORIES.items() for old in names.split()}
#: Keys of nets, and of their parts, that only SLM Lab 0 to 3 read.
OF_NETS = frozenset(
    (
        *("polyak_weight", "clip_grad", "optim", "loss", "optim_actor", "optim_critic", "total_t"),
        *("lr_decay", "lr_decay_frequency", "lr_decay_min_timestep", "lr_anneal_timestep"),
        *("decay_lr", "decay_lr_factor", "decay_lr_frequency", "decay_lr_min_timestep", "hid_layers"),
    )
)
#: Distributions of a search with another name.
DISTRIBUTIONS = {"grid_search": "choice", "normal": "randn"}
#: Environments that gymnasium makes, of those with several versions: the ids end with one of these.
MADE = {
    **dict.fromkeys(("CartPole", "Pendulum", "Acrobot", "FrozenLake", "FrozenLake8x8", "CliffWalking"), ("v1",)),
    **dict.fromkeys(("MountainCar", "MountainCarContinuous"), ("v0",)),
    **dict.fromkeys(("LunarLander", "LunarLanderContinuous", "CarRacing", "Taxi"), ("v3",)),
    **dict.fromkeys(("BipedalWalker", "BipedalWalkerHardcore"), ("v3",)),
    **dict.fromkeys(
        (
            *("Ant", "HalfCheetah", "Hopper", "Humanoid", "HumanoidStandup", "InvertedDoublePendulum"),
            *("InvertedPendulum", "Pusher", "Reacher", "Swimmer", "Walker2d"),
        ),
        ("v5", "v4"),
    ),
}
#: What a part that SLM Lab 5 needs may be where it is missing.
NEEDED = {"distributed": False, "max_session": 1, "max_trial": 1}
