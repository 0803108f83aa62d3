"""`docs/from_other_libraries.md`: what each library calls things, and what stands for it here.

python -m slm_net.wording.vocabulary > docs/from_other_libraries.md
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from slm_net.schema import catalogue
from slm_net.schema.catalogue import KIND_OF_KEY
from slm_net.wording.aliases import KEYS, NAMES, OF_ROLES, PLACES, TYPES, placed
from slm_net.wording.by_value import by_value
from slm_net.words import folded


class Library(NamedTuple):
    """What a library calls things: words of the tables in `aliases`, and keys whose value decides what they mean."""

    words: str
    by_value: tuple[tuple[str, Any], ...] = ()


LIBRARIES = {
    "SLM Lab 0 to 3": Library(
        "optim optim_actor optim_critic loss total_t MLPNetShared MLPNetSeparate MultiMLPNet MLPHeterogenousTails",
        (
            ("polyak_weight", 0.9),
            ("clip_grad", False),
            ("clip_grad", True),
            ("lr_decay", "no_decay"),
            ("lr_decay", "linear_decay"),
            ("decay_lr", 0.9),
        ),
    ),
    "Stable-Baselines3": Library(
        "MlpPolicy CnnPolicy MlpLstmPolicy net_arch activation_fn share_features_extractor normalize_images "
        "optimizer_class learning_rate max_grad_norm tau target_update_interval n_lstm_layers "
        "lstm_hidden_size device gamma gae_lambda ent_coef vf_coef clip_range train_freq gradient_steps n_epochs "
        "n_steps learning_starts exploration_fraction batch_size buffer_size total_timesteps",
        (
            ("net_arch", {"pi": [64, 64], "vf": [64, 64]}),
            ("net_arch", {"pi": [64], "vf": [128]}),
            ("optimizer_kwargs", {"weight_decay": 0.01}),
            ("ortho_init", True),
            ("seed", 1),
        ),
    ),
    "CleanRL": Library(
        "learning_rate max_grad_norm tau target_network_frequency cuda gamma gae_lambda ent_coef vf_coef clip_coef "
        "update_epochs num_steps train_frequency learning_starts batch_size buffer_size num_envs total_timesteps",
        (("anneal_lr", True),),
    ),
    "skrl": Library(
        "layers activations initial_log_std learning_rate learning_rate_scheduler grad_norm_clip polyak "
        "target_update_interval discount_factor lambda entropy_loss_scale value_loss_scale ratio_clip "
        "learning_epochs rollouts learning_starts batch_size memory_size"
    ),
    "RLlib": Library(
        "fcnet_hiddens fcnet_activation conv_filters conv_activation post_fcnet_hiddens vf_share_layers "
        "lstm_cell_size max_seq_len grad_clip grad_clip_by lr_schedule target_network_update_freq num_gpus lambda "
        "entropy_coeff vf_loss_coeff clip_param num_sgd_iter sgd_minibatch_size train_batch_size "
        "rollout_fragment_length num_workers",
        (("use_lstm", True),),
    ),
    "rl_games": Library(
        "units activation initializer convs learning_rate lr_schedule grad_norm e_clip entropy_coef critic_coef "
        "mini_epochs horizon_length num_actors",
        (("separate", True),),
    ),
    "Keras": Library(
        "units filters kernel_size strides activation kernel_initializer dropout_rate optimizer loss learning_rate "
        "epsilon beta_1 rho clipnorm swish hswish mse mae huber categorical_crossentropy binary_crossentropy "
        "glorot_uniform_ glorot_normal_ he_uniform_ he_normal_",
        (("clipvalue", 0.5),),
    ),
    "Lightning": Library("gradient_clip_val gradient_clip_algorithm"),
}
_HEAD = (
    "# From other libraries\n\n"
    "`slm-net validate` knows these words, in the `net` of a spec (`slm-net new` writes one). It says what stands for "
    "one where it is written, and `slm-net validate --fix --unsafe-fixes` writes that if it is certain: where a word "
    "has several meanings, or belongs into another part of the spec, it is left to you. These are words, not defaults: "
    "what a spec leaves out is as in [the reference](reference/README.md), not as in the library; for SB3 "
    "[both are compared](interop/sb3.md#a-model-of-yours-as-a-spec). The page is made from the tables that `validate` "
    "has, `slm_net/wording/aliases.py`.\n"
)


def page() -> str:
    """The page, in Markdown."""
    parts = [_HEAD]
    for name, library in LIBRARIES.items():
        words: list[str | tuple[str, Any]] = [*library.words.split(), *library.by_value]
        rows = [f"| {_written(word)} | {meaning_of(word)} |" for word in words]
        parts.append("\n".join((f"## {name}\n", f"| {name} | here |", "|---|---|", *rows, "")))
    return "\n".join(parts)


def _written(word: str | tuple[str, Any]) -> str:
    return f"`{word}`" if isinstance(word, str) else f"`{json.dumps(dict([word]))[1:-1]}`"


def meaning_of(word: str | tuple[str, Any]) -> str:
    """What stands for a word here, in Markdown; "" if nothing is known of it.

    >>> meaning_of("learning_rate"), meaning_of(("clip_grad", False)), meaning_of("gae_lambda")
    ('`lr` in `optim_spec`', 'write `"clip_grad_val": null` for no clipping', '`lam` in algorithm')
    """
    if not isinstance(word, str):
        found = by_value(word[0], dict([word]), catalogue.net_properties("MLPNet"))
        return _CODE.sub(r"`\g<0>`", found.hint) if found else ""
    if keys := TYPES.get(folded(word)):
        return f"`{json.dumps(keys)[1:-1]}`"
    if word in OF_ROLES:
        return f"`{OF_ROLES[word]}`"
    names = (name for alias, names in NAMES.items() if folded(alias) == folded(word) for name in names)
    places: dict[str, list[str]] = {"": list(dict.fromkeys(names))}
    for key in KEYS.get(word, ()):
        places.setdefault(_part_of(key), []).append(key)
    for place in PLACES.get(word, ()):
        places.setdefault(placed(word, place).partition(",")[0], []).append(place.partition(".")[2])
    return "; ".join(_in(place, keys) for place, keys in places.items() if keys)


#: What is to be written into a file, in a hint.
_VALUE = r"(?:\{[^}]*\}|\[[^\]]*\]|\"[^\"]*\"|[\w.]+)"
_CODE = re.compile(rf'"\w+": {_VALUE}(?:, "\w+": {_VALUE})*')


def _part_of(key: str) -> str:
    """The parts of the net block that a key stands in; "" for the block itself."""
    if key in catalogue.net_keys():
        return ""
    parts = [part for part, kind in KIND_OF_KEY.items() if key in catalogue.all_arguments(kind)]
    return " or ".join(f"`{part}`" for part in parts)


def _in(place: str, keys: list[str]) -> str:
    written = " or ".join(f"`{key}`" for key in keys)
    return f"{written} in {place}" if place else written


if __name__ == "__main__":
    print(page(), end="")
