"""What a schema cannot say: rules over several keys, each with its page and its checks, by subject."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from slm_net.document.nets import NetView
from slm_net.problems import Problem
from slm_net.rules import (
    activations,
    algorithms,
    arguments,
    convolutions,
    dims,
    init,
    keys,
    labs,
    optimizers,
    training,
    types,
)

#: The checks of one net, each a small generator; those of whole specs are `block_problems` and `layout_problems`.
CHECKS: list[Callable[[NetView], Iterator[Problem]]] = [
    types.type_is_built,
    keys.keys_are_used,
    keys.prefixes_fit_the_algorithm,
    keys.needed_keys_are_there,
    training.update_frequency_is_whole,
    arguments.one_norm_per_layer,
    arguments.arguments_fit_each_other,
    arguments.numbers_fit_the_net,
    optimizers.optimizer_can_train,
    optimizers.momentum_can_be_cycled,
    training.learning_rates_are_usual,
    training.schedule_lasts,
    training.decay_decays,
    training.target_moves,
    training.weights_match_outputs,
    init.init_fits_activation,
    init.init_reaches_weights,
    init.truncation_leaves_numbers,
    dims.dims_fit,
    convolutions.convolutions_fit,
    convolutions.padding_can_be_made,
    convolutions.image_is_seen,
    convolutions.maps_can_be_normalised,
    dims.model_fits_into_memory,
    dims.activations_match_layers,
    dims.activations_match_outputs,
    activations.activations_meet_dims,
    types.log_std_has_actions,
    types.values_have_no_policy,
    types.dueling_activation_acts,
    types.actions_meet_states,
    types.hydra_lists_match,
    algorithms.shared_is_said,
    algorithms.same_optimizer_is_said,
    algorithms.type_suits_algorithm,
    algorithms.values_are_no_policy,
    algorithms.targets_are_there,
    algorithms.same_optimizer_is_meant,
    algorithms.critic_uses_its_keys,
    labs.net_runs_in_the_lab,
]


def broken_rules(net: NetView) -> Iterator[Problem]:
    """What all rules find in one net."""
    for check in CHECKS:
        yield from check(net)
