"""Keys that stand in another part of a spec, and what to say to whoever writes them here."""

from __future__ import annotations

from slm_net.spec.key_aliases import by_alias

#: Keys that stand outside of a net block, by their place and name there.
PLACES = by_alias(
    {
        "algorithm.gamma": "gamma discount discount_factor",
        "algorithm.lam": "lam gae_lambda",
        "algorithm.entropy_coef_spec": "entropy_coef_spec entropy_coef ent_coef entropy_coeff",
        "algorithm.policy_loss_coef": "policy_loss_coef",
        "algorithm.val_loss_coef": "val_loss_coef vf_coef value_loss_coef vf_loss_coeff",
        "algorithm.clip_eps_spec": "clip_eps_spec clip_eps clip_range clip_param",
        "algorithm.training_frequency": "training_frequency train_freq train_frequency",
        "algorithm.training_batch_iter": "training_batch_iter",
        "algorithm.training_iter": "training_iter gradient_steps",
        "algorithm.training_epoch": "training_epoch n_epochs num_epochs",
        "algorithm.training_start_step": "training_start_step learning_starts",
        "algorithm.action_pdtype": "action_pdtype",
        "algorithm.action_policy": "action_policy",
        "algorithm.explore_var_spec": "explore_var_spec exploration_fraction explore_var",
        "algorithm.num_step_returns": "num_step_returns n_step",
        "algorithm.time_horizon": "time_horizon n_steps rollout_length",
        "algorithm.minibatch_size": "minibatch_size sgd_minibatch_size",
        "algorithm.normalize_v_targets": "normalize_v_targets",
        "algorithm.clip_vloss": "clip_vloss",
        "memory.batch_size": "batch_size",
        "memory.max_size": "max_size buffer_size replay_size memory_size replay_buffer_size",
        "memory.use_cer": "use_cer",
        "env.num_envs": "num_envs n_envs",
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
        "the spec.env": "env environment",
        "the spec.meta": "meta",
        "the spec.search": "search",
        "the spec.spec_params": "spec_params",
    }
)

_BESIDE = {"agent": "agent, beside net", "the spec": "the spec, beside agent"}


def placed(key: str, place: str) -> str:
    """In words where a key belongs, and as what if it has another name there.

    >>> placed("gamma", "algorithm.gamma"), placed("buffer_size", "memory.max_size")
    ('algorithm', "memory, as 'max_size'")
    """
    part, _, name = place.partition(".")
    return _BESIDE.get(part, part) + (f", as {name!r}" if name != key else "")
