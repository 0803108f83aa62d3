"""Rules that belong to one family of net types."""

from __future__ import annotations

from collections.abc import Iterator

from slm_net.document.nets import NetView
from slm_net.net_types.hydra import VECTORS
from slm_net.problems import WARNING, Problem
from slm_net.rules.arguments import ARGUMENT_CONFLICT
from slm_net.rules.dims import LIST_DOES_NOT_FIT
from slm_net.schema.lab_names import LABS
from slm_net.schema.labs import keys_read
from slm_net.spaces.values import DIMS_DO_NOT_FIT
from slm_net.wording.schema_problems import WRONG_LENGTH


def log_std_has_actions(net: NetView) -> Iterator[Problem]:
    """A learned log standard deviation needs outputs that are a mean and a deviation."""
    if net.kind.values or net.spec.get("log_std_init") is None or not net.has("log_std_init"):
        return
    if (lists := net.hydra_lists) and any(lists[2]):
        message = "log_std_init leaves out a tail, so the tails cannot have hidden layers"
        yield ARGUMENT_CONFLICT.at(net.at("hid_layers", 2), message, "write [] for the tails")
    if not (outputs := net.outputs):
        return
    policy = outputs[:-1] if len(outputs) > 1 and outputs[-1] == 1 and outputs != [1, 1] else outputs
    if policy == [2] or (len(policy) == 2 and policy[0] == policy[1]):
        yield from _scale_has_no_activation(net, policy)
        return
    message = f"log_std_init is for continuous actions, but out_dim is {net.out_dim}"
    hint = "leave log_std_init out, or give out_dim [d, d] for d actions (2 for one action)"
    yield DIMS_DO_NOT_FIT.at(net.at("log_std_init"), message, hint)


def _scale_has_no_activation(net: NetView, policy: list[int]) -> Iterator[Problem]:
    """With [d, d] the second output is a parameter, behind which no activation stands."""
    listed = net.spec.get("out_layer_activation") if net.has("out_layer_activation") else None
    if len(policy) == 2 and isinstance(listed, list) and len(listed) > 1 and listed[1] is not None:
        message = "log_std_init makes output 2 a parameter, behind which there is no activation"
        yield ARGUMENT_CONFLICT.at(net.at("out_layer_activation", 1), message, "write null")


def values_have_no_policy(net: NetView) -> Iterator[Problem]:
    """Dueling and Q nets put out values of actions; what shapes a policy has no place in them."""
    if not net.kind.values:
        return
    for key in ("log_std_init", "actor_init_std"):
        if net.has(key) and net.spec[key] is not None:
            message = f"{key} is for the outputs of a policy, and {net.type} has none"
            yield ARGUMENT_CONFLICT.superfluous(net.at(key), message)


def dueling_activation_acts(net: NetView) -> Iterator[Problem]:
    """SLM Lab's dueling nets drop `out_layer_activation` without a word; here it does something."""
    of_slm_lab = any(keys_read(version, net.type) is not None for version in LABS.values())
    lab_ignores_it = net.kind.dueling and of_slm_lab and net.has("out_layer_activation")
    if lab_ignores_it and net.spec["out_layer_activation"] is not None:
        message = f"out_layer_activation acts on the Q-values; SLM Lab's {net.type} ignores it"
        hint = "remove it for the net that SLM Lab trains"
        yield ARGUMENT_CONFLICT.at(net.at("out_layer_activation"), message, hint, WARNING)


def actions_meet_states(net: NetView) -> Iterator[Problem]:
    """In a linear Q(s, a) the best action is the same in every state."""
    takes = net.kind.takes
    key = "fc_hid_layers" if takes and takes.image else "hid_layers"
    if takes is None or not takes.action or not net.has(key) or net.spec[key]:
        return
    if net.type == "FiLMQConvNet":
        message = "without dense layers the action scales and shifts every output of the convolutions"
    else:
        message = "without dense layers the value of the action is the same in every state"
    yield WRONG_LENGTH.at(net.at(key), message, "add a layer, for example [64]", WARNING)


def hydra_lists_match(net: NetView) -> Iterator[Problem]:
    """A HydraMLPNet has one head, or one per input, and no tails, or one, or one per output."""
    if net.kind.takes is not VECTORS or not net.has("hid_layers"):
        return
    if (lists := net.hydra_lists) is None:
        message = "hid_layers of a HydraMLPNet are three lists: heads, body and tails"
        yield WRONG_LENGTH.at(net.at("hid_layers"), message, "for example [[[32], [32]], [64], []]")
        return
    heads, _, tails = lists
    if net.in_dim_fits and len(heads) not in (1, len(net.in_dim)):
        message = f"{len(heads)} heads for {len(net.in_dim)} inputs"
        hint = "give one list of units per input, or one for all"
        yield LIST_DOES_NOT_FIT.at(net.at("hid_layers", 0), message, hint)
    outputs = len(net.outputs)
    if outputs and len(tails) not in (0, 1, outputs):
        hint = "give one list of units per output, one for all, or [] for no hidden layers"
        yield LIST_DOES_NOT_FIT.at(net.at("hid_layers", 2), f"{len(tails)} tails for {outputs} outputs", hint)
    for index, head in enumerate(heads):
        if not head:
            message = f"head {index + 1} has no layers: the body sees its input as it is"
            hint = "add a layer, for example [64]"
            yield WRONG_LENGTH.at(net.at("hid_layers", 0, index), message, hint, WARNING)
