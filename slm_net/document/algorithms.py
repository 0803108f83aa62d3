"""Which nets each algorithm has, in SLM Lab's order of creation: one table."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from slm_net.plugins import GROUPS
from slm_net.registry import Registry, RegistryError
from slm_net.schema.catalogue import block_ref, lookup, names
from slm_net.schema.entries import ENTRIES, add_entry

#: What a net may give out. An "actor" is a policy that may share its net with the critic's value; "soft-q" is Q(s, a),
#: or one value per action where SLM Lab 5 has discrete ones.
GIVES = ("policy", "actor", "value", "q", "soft-q")
STARTS = ("copy", "own", "clone")


@dataclass(frozen=True)
class Part:
    """One net of an agent: what it `gives`, or which net before it it `copies` and follows.

    A copy is not trained. It is built anew, draws random numbers, and takes over the weights; with start "own" it keeps
    what it drew until it is first updated (DQN in SLM Lab), with "clone" it draws nothing and follows without
    `update_type`. With `version` only that SLM Lab has it.

    Raises:
        ValueError: `gives` or `start` is unknown, or there are both of `gives` and `copies`, or none.
    """

    name: str
    gives: str = ""
    copies: str = ""
    start: str = "copy"
    version: int | None = None

    def __post_init__(self) -> None:
        if bool(self.gives) == bool(self.copies) or (self.gives and self.gives not in GIVES):
            raise ValueError(f"a part gives one of {', '.join(GIVES)}, or copies another part, not {self}")
        if self.start not in STARTS:
            raise ValueError(f"a copy starts as one of {', '.join(STARTS)}, not {self.start!r}")


@dataclass(frozen=True)
class Recipe:
    """The nets of an agent in order of creation; the first is the one that acts.

    With a `temperature` there is one to be learned beside them (Haarnoja et al. 2018,
    https://arxiv.org/abs/1812.05905), and continuous actions are squashed by a tanh.

    Raises:
        ValueError: a copy stands before what it copies, two parts have one name, or the first gives no actions.
    """

    parts: tuple[Part, ...] = ()
    temperature: bool = False

    def __post_init__(self) -> None:
        names: list[str] = []
        for part in self.parts:
            if part.name in names or (part.copies and part.copies not in names):
                raise ValueError(f"{part} has a name that is taken, or copies a net that does not stand before it")
            names.append(part.name)
        if self.parts and self.parts[0].gives not in ("policy", "actor", "q"):
            raise ValueError(f"the first net must act, as a policy, an actor or q, which {self.parts[0]} does not")

    @property
    def gives(self) -> str:
        """What the first net gives out, "" without nets."""
        return self.parts[0].gives if self.parts else ""

    @property
    def has_targets(self) -> bool:
        """True if a net follows another by `update_type`."""
        return any(part.copies and part.start != "clone" for part in self.parts)


def target(of: str, start: str = "copy") -> Part:
    """The target net of a net."""
    return Part(f"target_{of}", copies=of, start=start)


def update_words(update_type: str, update_frequency: int, polyak_coef: float) -> str:
    """How and when a net follows another one.

    >>> update_words("polyak", 1, 0.005), update_words("replace", 1000, 0.0)
    ('polyak 0.005 every step', 'replace every 1,000 steps')
    """
    how = f"polyak {polyak_coef:g}" if update_type == "polyak" else "replace"
    return f"{how} every {update_frequency:,} steps" if update_frequency > 1 else f"{how} every step"


_ACTOR_CRITIC = (Part("net", "actor"), Part("critic_net", "value"))
_OLD_NET = Part("old_net", copies="net", start="clone", version=4)
_Q, _Q1, _Q2 = Part("net", "q"), Part("q1_net", "soft-q"), Part("q2_net", "soft-q")
_DQN = Recipe((_Q, target("net", start="own")))

RECIPES: Registry[Recipe] = Registry("algorithm", GROUPS["algorithm"])
for _name, _recipe in {
    "Reinforce": Recipe((Part("net", "policy"),)),
    "ActorCritic": Recipe(_ACTOR_CRITIC),
    "PPO": Recipe((*_ACTOR_CRITIC, _OLD_NET)),
    "SIL": Recipe(_ACTOR_CRITIC),
    "PPOSIL": Recipe((*_ACTOR_CRITIC, _OLD_NET)),
    "SoftActorCritic": Recipe((Part("net", "policy"), _Q1, target("q1_net"), _Q2, target("q2_net")), temperature=True),
    "CrossQ": Recipe((Part("net", "policy"), _Q1, _Q2), temperature=True),
    "SARSA": Recipe((_Q,)),
    "VanillaDQN": Recipe((_Q,)),
    "DQNBase": _DQN,
    "DQN": _DQN,
    "DoubleDQN": _DQN,
    "HydraDQN": _DQN,
    "Random": Recipe(),
}.items():
    RECIPES.register(_name)(_recipe)


def register_algorithm(
    name: str,
    recipe: Recipe | str | None = None,
    *parts: Part,
    keys: Mapping[str, Mapping[str, Any]] | Collection[str] | None = None,
) -> Recipe:
    """Let specs name an algorithm of your own.

    Args:
        name: what specs write as the algorithm's `name`, an identifier.
        recipe: its nets, or the name of an algorithm with the same nets and settings; without it `build_nets` cannot
            build them, and nothing is said about them.
        parts: further nets.
        keys: the settings that it reads, beside those of the algorithm that it is like: their names, or a schema of
            each. Without them no setting of it is called unknown.

    Raises:
        RegistryError: the name is taken, or there is no algorithm with the nets that it shall have.
        ValueError: the parts do not fit, or a schema is wrong.

    >>> import slm_net
    >>> recipe = register_algorithm("QuantileDQN", "DQN", keys=["num_quantiles"])
    >>> [part.name for part in recipe.parts]
    ['net', 'target_net']
    >>> slm_net.unregister("algorithm", "QuantileDQN")
    """
    base = RECIPES[recipe] if isinstance(recipe, str) else recipe or Recipe()
    made, has_nets = Recipe((*base.parts, *parts), base.temperature), recipe is not None or bool(parts)
    like = recipe if isinstance(recipe, str) else ""
    if has_nets:
        RECIPES.register(name)(made)
    if keys is None and name in ENTRIES["algorithm"]:
        return made  # a package has its settings already
    settings = {"properties": {**_settings_of(like), **_described(keys or ())}}
    try:
        add_entry("algorithm", name, settings, "register_algorithm", open=keys is None or _is_open(like))
    except (RegistryError, ValueError):
        if has_nets:
            RECIPES.unregister(name)
        raise
    return made


def _described(keys: Mapping[str, Mapping[str, Any]] | Collection[str]) -> Mapping[str, Mapping[str, Any]]:
    return keys if isinstance(keys, Mapping) else {key: {"description": f"{key}."} for key in keys}


def _settings_of(algorithm: str) -> Mapping[str, Mapping[str, Any]]:
    """The settings of a known algorithm, {} if it is none, as another one takes them over."""
    ref = block_ref("algorithm", algorithm)
    properties = lookup(ref)["properties"] if algorithm in names("algorithm") else {}
    if algorithm in ENTRIES["algorithm"]:
        return dict(properties)
    return {key: {"$ref": f"{ref}/properties/{key}"} for key in properties}


def _is_open(algorithm: str) -> bool:
    return algorithm in ENTRIES["algorithm"] and ENTRIES["algorithm"][algorithm].open


def gives(algorithm: str) -> str:
    """What the main net of an algorithm gives out, "" if it has none or is not known."""
    return RECIPES[algorithm].gives if algorithm in RECIPES else ""


def has_critic(algorithm: str) -> bool:
    """True if the algorithm has an actor's and a critic's net, or one for both."""
    return gives(algorithm) == "actor"
