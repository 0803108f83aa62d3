"""Whether a text has anything of a spec, broken or not: so that a search can pass over a package.json."""

from __future__ import annotations

import re
from functools import cache

from slm_net.spec.schema import net_keys, net_types

#: Keys of net blocks that other files have too.
COMMON = frozenset(("$schema", "type", "name", "gpu", "normalize", "dropout", "actor_type", "critic_type"))
OF_SPECS = ("agent", "algorithm", "critic_net", "memory", "spec_params", "max_frame", "max_trial")


@cache
def _of_a_spec() -> re.Pattern[str]:
    keys = "|".join(map(re.escape, sorted({*net_keys() - COMMON, *OF_SPECS})))
    types = "|".join(map(re.escape, net_types()))
    return re.compile(rf"(?<![\w.-])(?:{keys})[\"']?\s*:|(?<![\w.-])(?:{types})(?![\w.-])")


def looks_like_spec(text: str) -> bool:
    """True if the text has a key of specs, or the name of a net type; true for an empty one, which may become one.

    >>> looks_like_spec('{"name": "app", "type": "module", "dependencies": {"agent-base": "^7"}}')
    False
    >>> looks_like_spec('{"ppo": {"agent": ')
    True
    """
    return not text.strip() or _of_a_spec().search(text) is not None
