"""Rules about keys: those of a net that nobody reads, and the layout of a whole spec."""

from __future__ import annotations

from collections.abc import Iterator

from slm_net.document.algorithms import RECIPES
from slm_net.document.nets import NetView, is_prefixed
from slm_net.document.specs import Spec
from slm_net.problems import WARNING, Edit, Problem, Rule, net_example, spec_example
from slm_net.schema import catalogue
from slm_net.wording.names import own_key
from slm_net.wording.schema_problems import MISSING_KEY
from slm_net.words import visible

UNUSED_KEY = Rule(
    "SN102",
    "unused-key",
    what=(
        "A key is known, but not used by this net type, algorithm, memory or SLM Lab, or keys of `actor_` and "
        "`critic_` stand in its place, or a variable of `spec_params` "
        "is used nowhere. This is a warning: real specs carry such keys."
    ),
    why="whoever changes it changes nothing.",
    wrong=net_example('"rnn_hidden_size": 32'),
    right='{"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"}\n',
)


MIXED_LAYOUTS = Rule(
    "SN111",
    "mixed-layouts",
    what=(
        "A spec is laid out half as in SLM Lab 4 (`agent` and `env` are lists, there is a `body`), half as in SLM "
        "Lab 5 (`agent` and `env` are objects, there is no `body`)."
    ),
    why="neither version of SLM Lab runs it. A `body` beside objects is only a warning.",
    wrong=spec_example(env='[{"name": "CartPole-v1"}]'),
    right=spec_example(),
)


BAD_OVERRIDE = Rule(
    "SN110",
    "bad-override",
    what="An override (`--override agent.0.net.gpu=false`) names a place where nothing reads a value.",
    why="the value that was meant would stay as it is.",
    no_example="this is about the command line of `slm-net build`, or the arguments of `load_spec` and `build_net`.",
)


SAVED_OTHERWISE = Rule(
    "SN112",
    "saved-otherwise",
    what="The nets in a folder were built from another spec than the one that they are to be loaded for.",
    why="training would go on with other layers, dims or settings than those that are written.",
    no_example="this is about a folder that `bundle.save` or `nets.save` wrote.",
)


def keys_are_used(net: NetView) -> Iterator[Problem]:
    """Real specs carry keys of other net types; they do nothing here."""
    unused = catalogue.unused_keys(net.type)
    block = {**dict.fromkeys(net.written), "type": net.type}
    instead = {own_key(block, key) for key in catalogue.needed_keys(net.type)}  # the missing key names it
    for key in net.written:
        if key in unused and key not in instead:
            message = f"{visible(key)} is not used by {net.type}"
            yield UNUSED_KEY.superfluous(net.at(key), message, WARNING)
    for key in sorted(net.replaced):
        message = f"{visible(key)} is not used, as actor_{visible(key)} and critic_{visible(key)} are there"
        yield UNUSED_KEY.superfluous((*net.path, key), message, WARNING)


def prefixes_fit_the_algorithm(net: NetView) -> Iterator[Problem]:
    """Only actor-critic algorithms have two nets to give `actor_` and `critic_` keys to."""
    if net.algorithm not in RECIPES or net.has_critic:  # nothing is known of an algorithm of one's own
        return
    for written in net.written.values():
        if is_prefixed(written):
            message = f"{visible(written)} is not used by {visible(net.algorithm)}, which has no actor and critic"
            yield UNUSED_KEY.superfluous((*net.path, written), message, WARNING)


def needed_keys_are_there(net: NetView) -> Iterator[Problem]:
    """`actor_hid_layers` and `critic_hid_layers` stand in for `hid_layers` only in an actor-critic algorithm."""
    if net.algorithm and not net.has_critic:
        for key in catalogue.needed_keys(net.type):
            if key not in net.spec and f"actor_{key}" in net.written:
                message = f"{visible(net.algorithm)} has one net, and {key!r} is missing"
                fix = (Edit((*net.path, f"actor_{key}"), "rename", key),)
                yield MISSING_KEY.at(net.path, message, f"rename 'actor_{key}' to {key!r}", at_key=True, fix=fix)


FORMS = {4: "a list, as in SLM Lab 4", 5: "an object, as in SLM Lab 5"}
CURES = {4: "put it into a list: [{...}]", 5: "take it out of the list: {...}"}


def layout_problems(spec: Spec) -> Iterator[Problem]:
    """SLM Lab 4 has lists of agents and of environments and a body, SLM Lab 5 one object each and no body."""
    agent, env = spec.form("agent"), spec.form("env")
    if {agent, env} == FORMS.keys():
        message = f"env is {FORMS[env]}, but agent is {FORMS[agent]}"
        yield MIXED_LAYOUTS.at((*spec.path, "env"), message, CURES[agent])
    if agent == 5 and spec.data.get("body"):
        message = "body is of SLM Lab 4, but agent is an object, as in SLM Lab 5"
        yield MIXED_LAYOUTS.superfluous((*spec.path, "body"), message, WARNING)
