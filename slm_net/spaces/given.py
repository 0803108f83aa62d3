"""The spaces of an environment that a caller has made."""

from __future__ import annotations

from slm_net.spaces.values import BY_HAND, Spaces, read_action, read_observation, refuse
from slm_net.words import visible


def given_spaces(env: object) -> Spaces:
    """The spaces of a made environment or of a pair (observation_space, action_space), just as they are.

    Raises:
        SpecError: it has no spaces, or ones that no single net takes.
    """
    observation, action = space_pair(env)
    return Spaces(read_observation(observation), read_action(action), name_of(env))


def space_pair(env: object) -> tuple[object, object]:
    """The observation and the action space of a made environment, or of a pair of them.

    Raises:
        SpecError: it has none.
    """
    if isinstance(env, tuple | list) and len(env) == 2:
        return env[0], env[1]
    observation, action = (_space(env, name) for name in ("observation_space", "action_space"))
    if observation is None or action is None:
        kind = visible(type(env).__name__)
        cure = f"an id, an environment, or the pair (observation_space, action_space); {BY_HAND}"
        raise refuse(f"env= is a {kind} without observation_space and action_space", f"give {cure}")
    return observation, action


def name_of(env: object) -> str:
    """The id of a made environment, else how messages call one."""
    if isinstance(env, tuple | list):
        return "the environment"
    name = getattr(getattr(env, "spec", None), "id", None)
    return visible(name) if isinstance(name, str) else "env"


def _space(env: object, name: str) -> object:
    """The space of one environment, also of a vector environment."""
    single = getattr(env, f"single_{name}", None)
    return getattr(env, name, None) if single is None else single
