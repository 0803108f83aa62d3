"""What a schema cannot say: rules over several keys, each a small generator in one list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import isfinite

from slm_net.document.nets import NetView, is_prefixed
from slm_net.problems import WARNING, Problem
from slm_net.rules import activations as activation_rules
from slm_net.rules import arguments as argument_rules
from slm_net.rules import arguments as number_rules
from slm_net.rules import convolutions as geometry_rules
from slm_net.rules import dims as dim_rules
from slm_net.rules import dims as size_rules
from slm_net.rules import init as init_rules
from slm_net.rules import optimizers as optimizer_rules
from slm_net.rules import training as loss_rules
from slm_net.rules import training as training_rules
from slm_net.rules import types as type_rules
from slm_net.rules.algorithms import ALGORITHM_RULES
from slm_net.rules.arguments import ARGUMENT_CONFLICT
from slm_net.rules.keys import UNUSED_KEY
from slm_net.schema import catalogue
from slm_net.wording.schema_problems import MISSING_KEY, UNKNOWN_NAME, VALUE_OUT_OF_RANGE
from slm_net.wording.values import shown
from slm_net.words import visible


def keys_are_used(net: NetView) -> Iterator[Problem]:
    """Real specs carry keys of other net types; they do nothing here."""
    unused = catalogue.unused_keys(net.type)
    for key in net.written:
        if key in unused:
            message = f"{visible(key)} is not used by {net.type}"
            yield UNUSED_KEY.at(net.at(key), message, "remove it", WARNING, at_key=True)


def prefixes_fit_the_algorithm(net: NetView) -> Iterator[Problem]:
    """Only actor-critic algorithms have two nets to give `actor_` and `critic_` keys to."""
    if not net.algorithm or net.has_critic:
        return
    for written in net.written.values():
        if is_prefixed(written):
            message = f"{visible(written)} is not used by {visible(net.algorithm)}, which has no actor and critic"
            yield UNUSED_KEY.at((*net.path, written), message, "remove it", WARNING, at_key=True)


def needed_keys_are_there(net: NetView) -> Iterator[Problem]:
    """`actor_hid_layers` and `critic_hid_layers` stand in for `hid_layers` only in an actor-critic algorithm."""
    if net.algorithm and not net.has_critic:
        for key in catalogue.needed_keys(net.type):
            if key not in net.spec and f"actor_{key}" in net.written:
                message = f"{visible(net.algorithm)} has one net, and {key!r} is missing"
                yield MISSING_KEY.at(net.path, message, f"rename 'actor_{key}' to {key!r}", at_key=True)


def update_frequency_is_whole(net: NetView) -> Iterator[Problem]:
    """Steps are counted in whole numbers."""
    value = net.spec["update_frequency"]
    if net.has("update_frequency") and isinstance(value, float) and isfinite(value) and not value.is_integer():
        message = f"update_frequency is {shown(value)} steps, no whole number; {max(1, round(value))} is used"
        hint = "did you mean polyak_coef?" if value < 1 else "write a whole number"
        yield VALUE_OUT_OF_RANGE.at(net.at("update_frequency"), message, hint, WARNING)


def one_norm_per_layer(net: NetView) -> Iterator[Problem]:
    """Batch norm and layer norm would stand at the same place."""
    dense_only = {"batch_norm", "hid_layers"} <= net.own_keys.keys()
    if dense_only and net.has("batch_norm", "layer_norm") and net.spec["batch_norm"] and net.spec["layer_norm"]:
        message = "layer_norm and batch_norm would stand at the same place"
        yield ARGUMENT_CONFLICT.at(net.at("layer_norm"), message, "keep one of them")


def type_is_built(net: NetView) -> Iterator[Problem]:
    """Some types are known from real specs, but not built here."""
    if reason := catalogue.left_out("net").get(net.type):
        yield UNKNOWN_NAME.at(net.at("type"), f"{net.type} {reason}, not by slm_net", severity=WARNING)


RULES: list[Callable[[NetView], Iterator[Problem]]] = [
    type_is_built,
    keys_are_used,
    prefixes_fit_the_algorithm,
    needed_keys_are_there,
    update_frequency_is_whole,
    one_norm_per_layer,
    argument_rules.arguments_fit_each_other,
    number_rules.numbers_fit_the_net,
    optimizer_rules.optimizer_can_train,
    optimizer_rules.momentum_can_be_cycled,
    training_rules.learning_rates_are_usual,
    training_rules.schedule_lasts,
    training_rules.decay_decays,
    training_rules.target_moves,
    loss_rules.weights_match_outputs,
    init_rules.init_fits_activation,
    init_rules.init_reaches_weights,
    init_rules.truncation_leaves_numbers,
    dim_rules.dims_fit,
    geometry_rules.convolutions_fit,
    geometry_rules.padding_can_be_made,
    geometry_rules.image_is_seen,
    geometry_rules.maps_can_be_normalised,
    size_rules.model_fits_into_memory,
    dim_rules.activations_match_layers,
    dim_rules.activations_match_outputs,
    activation_rules.activations_meet_dims,
    type_rules.log_std_has_actions,
    type_rules.values_have_no_policy,
    type_rules.dueling_activation_acts,
    type_rules.actions_meet_states,
    type_rules.hydra_lists_match,
    *ALGORITHM_RULES,
]


def broken_rules(net: NetView) -> Iterator[Problem]:
    """What all rules find in one net."""
    for check in RULES:
        yield from check(net)
