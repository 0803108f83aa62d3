"""Rules about a net and the algorithm that it is for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from slm_net.document.algorithms import RECIPES
from slm_net.document.nets import NetView, is_prefixed
from slm_net.problems import WARNING, Edit, Problem, Rule, spec_example
from slm_net.rules.keys import UNUSED_KEY
from slm_net.spaces.outputs import NET_DOES_NOT_FIT_ALGORITHM
from slm_net.words import visible

MISSING_FOR_ALGORITHM = Rule(
    "SN402",
    "missing-for-algorithm",
    what="The algorithm needs a key that the net types themselves do not.",
    why="the lab fails in the first update, or trains without what the algorithm is about.",
    wrong=spec_example('{"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "tanh"}', algorithm="PPO"),
    right=spec_example(
        '{"type": "MLPNet", "shared": false, "use_same_optim": false, "hid_layers": [64], '
        '"hid_layers_activation": "tanh"}',
        algorithm="PPO",
    ),
)


#: The algorithms of SLM Lab that cannot do without `use_same_optim`.
READ_SAME_OPTIM = ("ActorCritic", "PPO", "SIL", "PPOSIL")
UPDATE_KEYS = ("update_type", "update_frequency", "polyak_coef")


def _acts(net: NetView) -> bool:
    """True for the block of the net that acts, which `critic_net` is not."""
    return bool(net.algorithm) and net.path[-1:] != ("critic_net",)


def shared_is_said(net: NetView) -> Iterator[Problem]:
    """Actor and critic are one net or two, which only the spec can say."""
    if _acts(net) and net.has_critic and "shared" not in net.written:
        message = f"{visible(net.algorithm)} has an actor and a critic, but 'shared' is missing"
        hint = 'add "shared": false for two nets, true for one'
        yield MISSING_FOR_ALGORITHM.at(net.path, message, hint, at_key=True)


def same_optimizer_is_said(net: NetView) -> Iterator[Problem]:
    """SLM Lab reads `use_same_optim` without looking whether it is there."""
    if _acts(net) and net.algorithm in READ_SAME_OPTIM and "use_same_optim" not in net.written:
        message = f"{net.algorithm} of SLM Lab ends in a KeyError, as 'use_same_optim' is missing"
        hint = "add \"use_same_optim\": false for an optimizer of the critic's own, true for one like the actor's"
        yield MISSING_FOR_ALGORITHM.at(net.path, message, hint, WARNING, at_key=True)


def type_suits_algorithm(net: NetView) -> Iterator[Problem]:
    """Nets that give values of actions are no policies, and no algorithm has an action to feed to its main net."""
    hint = "write ConvNet" if "conv_hid_layers" in net.own_keys else "write MLPNet"
    if net.algorithm and net.kind.takes and net.kind.takes.action:
        message = f"{net.type} takes a state and an action; {visible(net.algorithm)} has only the state for its net"
        hint += ", the Q nets are made from it" if net.gives == "policy" else ""
        yield NET_DOES_NOT_FIT_ALGORITHM.at(net.at("type"), message, hint)
    elif _acts(net) and net.gives in ("policy", "actor") and net.kind.values:
        message = f"{net.type} puts out values of actions; {visible(net.algorithm)} needs a policy"
        hint = "write RecurrentNet" if "rnn_hidden_size" in net.own_keys else hint
        yield NET_DOES_NOT_FIT_ALGORITHM.at(net.at("type"), message, hint)


def values_are_no_policy(net: NetView) -> Iterator[Problem]:
    """What shapes the outputs of a policy does nothing for Q-values."""
    if net.gives != "q" or net.kind.values:
        return
    for key in ("log_std_init", "actor_init_std"):
        if net.has(key) and net.spec[key] is not None:
            message = f"{key} is for the outputs of a policy, and {visible(net.algorithm)} has none"
            if key == "log_std_init":
                yield NET_DOES_NOT_FIT_ALGORITHM.superfluous(net.at(key), message)
            else:
                fix = (Edit(net.at(key), "rename", "critic_init_std"),)
                hint = 'rename it to "critic_init_std"'
                yield NET_DOES_NOT_FIT_ALGORITHM.at(net.at(key), message, hint, at_key=True, fix=fix)


def targets_are_there(net: NetView) -> Iterator[Problem]:
    """Without a target net there is nothing to update; real specs carry these keys all the same."""
    if net.algorithm not in RECIPES or RECIPES[net.algorithm].has_targets or not RECIPES[net.algorithm].parts:
        return
    for key in UPDATE_KEYS:
        if key in net.written:
            message = f"{key} is not used by {visible(net.algorithm)}, which has no target net"
            problem = UNUSED_KEY.superfluous(net.at(key), message, WARNING)
            vanilla = net.algorithm == "VanillaDQN"
            yield replace(problem, hint="remove it, or use DQN", fix=()) if vanilla else problem


def same_optimizer_is_meant(net: NetView) -> Iterator[Problem]:
    """With `use_same_optim` the critic has no optimizer of its own."""
    same = net.has_critic and net.spec.get("use_same_optim") is True and net.spec.get("shared") is False
    if same and net.written.get("optim_spec") == "critic_optim_spec":
        message = "critic_optim_spec is not used, as use_same_optim is true"
        yield UNUSED_KEY.at(net.at("optim_spec"), message, "remove one of them", WARNING, at_key=True)


def critic_uses_its_keys(net: NetView) -> Iterator[Problem]:
    """A critic has no standard deviation, and one that shares the actor's net no layers of its own."""
    if not net.has_critic:
        return
    shared = net.spec.get("shared") is True
    for key, written in net.written.items():
        own = is_prefixed(written) and written.startswith("critic_")
        if own and (key == "log_std_init" or shared):
            why = "its outputs are values" if key == "log_std_init" else "shared is true"
            message = f"{visible(written)} is not used by the critic: {why}"
            yield UNUSED_KEY.superfluous(net.at(key), message, WARNING)
