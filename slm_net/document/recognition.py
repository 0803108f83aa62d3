"""What is a spec among the files of a folder, and what in a spec file is none: comments, and blocks of anchors."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from itertools import islice
from typing import Any

from slm_net.schema.catalogue import ANCHORS, COMMENTS, EXTENDS, NAMED_SPEC_KEYS, net_types
from slm_net.schema.compose import without_role
from slm_net.text.places import SYNTAX
from slm_net.text.source import Source
from slm_net.words import folded, one_less

#: What a block that only holds anchors is called in many files.
DEFAULTS = "defaults"
#: Keys that nothing but a net block has; others (`shared`, `dropout`, `init_fn`) are in many files.
OF_NETS = (
    *("hid_layers", "conv_hid_layers", "fc_hid_layers", "hid_layers_activation", "out_layer_activation"),
    *("rnn_hidden_size", "rnn_num_layers", "loss_spec", "optim_spec", "lr_scheduler_spec"),
    *("clip_grad_val", "clip_grad_type", "polyak_coef", "use_same_optim"),
)
AGENT = "agent"
OF_AGENTS = ("algorithm", "critic_net")
#: What stands beside an agent and its environment in a spec, even if there is nothing of a spec in the agent.
AROUND = ("meta", "body", "spec_params")
#: Parts of a schema; what they hold are no values.
OF_SCHEMAS = ("$defs", "definitions", "properties")
#: Levels above a spec or net block: its name, and one too many. Values of one level that are looked at.
LEVELS, MOST = 2, 1000


def without_comments(data: Any) -> Any:
    """The data without the keys that only hold comments.

    >>> without_comments({"type": "MLPNet", "// two layers": "", "optim_spec": {"_comment": "", "name": "Adam"}})
    {'type': 'MLPNet', 'optim_spec': {'name': 'Adam'}}
    """
    if isinstance(data, dict):
        return {key: without_comments(value) for key, value in data.items() if not key.startswith(COMMENTS)}
    return [without_comments(value) for value in data] if isinstance(data, list) else data


def is_for_anchors(key: str) -> bool:
    """True for the name of a top-level block that is there for its YAML anchors, such as "_net", "x-net", ".net"."""
    return key.startswith(ANCHORS)


def names_of_specs(entries: Mapping[str, Any], anchored: Collection[str]) -> list[str]:
    """Which entries of a spec file are specs: beside one with an agent, a block without that holds anchors is none.

    `anchored` are those with a YAML anchor in them; a block called "defaults" may come from a text that had some.
    """
    agents = [name for name, value in entries.items() if _has_agent(value)]
    aside = {*anchored, DEFAULTS}.difference(agents) if agents else ()
    return [name for name in entries if name not in aside]


def looks_like_spec(source: Source, text: str) -> bool:
    """True if a file has a net or an algorithm where specs have them, or nearly; `text` is what can be seen of it.

    A text that cannot be read does if it has a key like those of specs, or the name of a net type. An empty one does
    not: it is what `slm-net validate . -o json > report.json` finds where its own report will be. The config of nets
    that were saved is none either, though it tells their spec.
    """
    data = source.data
    if data is None or any(problem.rule == SYNTAX.id for problem in source.problems):
        return _mentions_spec(text)
    return not (isinstance(data, Mapping) and (_is_schema(data) or _is_config(data))) and _holds_spec(data, LEVELS)


def is_spec_with_base(own: Mapping[str, Any], whole: Mapping[str, Any] | None = None) -> bool:
    """Whether an object that extends a file has a word of specs, or is in a `whole` that may hold nothing but specs.

    Files of other programs have something in them that extends a file, too, beside texts and numbers; an `env` of
    switches alone is one of ESLint.

    >>> own = {"extends": "base.json"}
    >>> is_spec_with_base(own), is_spec_with_base(own, {}), is_spec_with_base(own, {"license": "MIT"})
    (False, True, False)
    """
    env = own.get("env")
    of_eslint = isinstance(env, Mapping) and all(isinstance(value, bool) for value in env.values())
    words = {*NAMED_SPEC_KEYS}.difference(["env"] if of_eslint else [])
    beside = None if whole is None else (value for key, value in whole.items() if key not in ("$schema", EXTENDS))
    return not words.isdisjoint(own) or (beside is not None and all(isinstance(value, Mapping) for value in beside))


def _is_schema(data: Mapping[str, Any]) -> bool:
    return any(isinstance(data.get(key), Mapping) for key in OF_SCHEMAS)


def _is_config(data: Mapping[str, Any]) -> bool:
    """Whether it is what a folder with saved nets says of them."""
    head = data.get("slm_net")
    return isinstance(head, Mapping) and isinstance(head.get("format"), int)


def _holds_spec(data: Any, levels: int) -> bool:
    for part in _blocks(data):
        if _is_net(part) or _is_spec(part):
            return True
        if levels and any(_holds_spec(value, levels - 1) for value in islice(part.values(), MOST)):
            return True
    return False


def _is_spec(data: Mapping[str, Any]) -> bool:
    if "algorithm" in data and isinstance(data.get("net"), Mapping):  # an agent, under whatever name
        return True
    has = {key for key in (AGENT, "env", *AROUND) if any(_blocks(data.get(key)))}
    if has > {AGENT, "env"}:
        return True
    return any(
        _is_agent(block, key == AGENT) for key in data if _is_near(key, (AGENT,)) for block in _blocks(data[key])
    )


def _is_agent(data: Mapping[str, Any], by_name: bool) -> bool:
    """Whether an object has an algorithm or a net; of an agent `by_name` the algorithm may be anything."""
    if isinstance(net := data.get("net"), Mapping) or _is_type(net):
        return True
    return any((by_name or isinstance(data[key], Mapping)) and _is_near(key, OF_AGENTS) for key in data)


def _has_agent(data: Any) -> bool:
    return isinstance(data, Mapping) and any(_is_near(key, (AGENT,)) for key in data)


def _blocks(value: Any) -> Iterator[Mapping[str, Any]]:
    """The object that a value is, or the objects in a list."""
    return (part for part in (value[:MOST] if isinstance(value, list) else [value]) if isinstance(part, Mapping))


def _is_net(data: Mapping[str, Any]) -> bool:
    return _is_type(data.get("type")) or any(_is_near(without_role(key), OF_NETS) for key in data)


def _is_type(value: Any) -> bool:
    return isinstance(value, str) and folded(value[:100]) in map(folded, net_types())


def _is_near(key: str, words: tuple[str, ...]) -> bool:
    return not _forms(words).isdisjoint(one_less(key))


@cache
def _forms(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset().union(*map(one_less, words))


def _mentions_spec(text: str) -> bool:
    keys = set(re.findall(r"(?<![\w.-])(\w[\w-]{3,40})(?:[\"']\s*:|\s*:(?=[\s{\[\"']|$))", text))
    if any(_is_near(without_role(key), (AGENT, *OF_AGENTS, *OF_NETS)) for key in keys):
        return True
    types = "|".join(map(re.escape, net_types()))
    return re.search(rf"(?<![\w.-])(?:{types})(?![\w.-])", text) is not None
