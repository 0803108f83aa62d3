"""What a schema cannot say: rules over several keys, each with its page and its checks, by subject."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from slm_net.document.nets import NetView
from slm_net.problems import Problem
from slm_net.rules import (
    activations,
    algorithms,
    arc,
    arguments,
    convolutions,
    dims,
    init,
    keys,
    labs,
    optimizers,
    parts,
    training,
    types,
)

#: The checks of one net, each a small generator; those of whole specs are `block_problems` and `layout_problems`.
Check = Callable[[NetView], Iterator[Problem]]
CHECKS: list[Check] = [
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
    training.observations_are_normalised_once,
    training.target_moves,
    training.target_stays,
    training.weights_match_outputs,
    init.init_fits_activation,
    init.init_reaches_weights,
    init.truncation_leaves_numbers,
    parts.parts_are_there,
    parts.something_is_trained,
    dims.dims_fit,
    arc.arc_is_there,
    arc.arc_fits,
    arc.tails_are_filled,
    convolutions.convolutions_fit,
    convolutions.padding_can_be_made,
    convolutions.image_is_seen,
    convolutions.bytes_are_scaled,
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


def broken_rules(net: NetView, checks: Iterable[Check] = CHECKS) -> Iterator[Problem]:
    """What all rules find in one net, or these checks alone."""
    for check in checks:
        yield from check(net)


def noted_rules(net: NetView) -> tuple[list[Problem], dict[str, list[Check]]]:
    """What all rules find in one net, and the checks that read each key: the others find the same whatever it is."""
    found: list[Problem] = []
    readers: dict[str, list[Check]] = {}
    noted = _Noted(net.spec)
    net = replace(net, spec=noted)
    for check in CHECKS:
        noted.read = set()
        found += check(net)
        for key in noted.read:
            readers.setdefault(key, []).append(check)
    return found, readers


class _Noted(Mapping[str, Any]):
    """A mapping that notes which values are read."""

    def __init__(self, values: Mapping[str, Any]):
        self._values, self.read = values, set[str]()

    def __getitem__(self, key: str) -> Any:
        self.read.add(key)
        return self._values[key]

    def __contains__(self, key: object) -> bool:
        return key in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)
