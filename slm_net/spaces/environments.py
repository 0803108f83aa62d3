"""Environment ids to spaces: a table first, gymnasium for ids that are not in it."""

from __future__ import annotations

import contextlib
import json
import pathlib
import re
import warnings
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

from slm_net.problems import Hint, Path, SpecError
from slm_net.spaces.values import Action, Observation, Spaces, read_action, read_observation, refuse
from slm_net.words import SLIP, nearest, visible

ATARI_FRAME = Observation((210, 160, 3), "uint8")
ATARI_IDS = ("{}-v0", "{}-v4", "{}NoFrameskip-v0", "{}NoFrameskip-v4", "{}Deterministic-v0", "{}Deterministic-v4")
ALL_ATARI_ACTIONS = 18


@lru_cache(maxsize=1)
def known_environments() -> Mapping[str, Spaces]:
    """Every id of the table: classic control, Box2D and MuJoCo under old and new versions, Atari in every spelling.

    >>> known_environments()["CartPole-v1"].observation.shape
    (4,)
    """
    return dict(_entries(_table()))


def spaces_of(name: object, options: Mapping[str, Any] | None = None, path: Path = ()) -> Spaces:
    """The spaces of the environment with this id; `options` are the keys beside `name` in a spec's env block.

    Raises:
        SpecError: the id is no id, or neither the table nor gymnasium knows it.
    """
    name = _checked(name, path)
    if (spaces := known_environments().get(name)) is None:
        return _from_gymnasium(name, path)
    if (action := _chosen_action(name, spaces.atari, options or {})) is not None:
        return Spaces(spaces.observation, action, name, preprocess=True, atari=spaces.atari)
    return spaces


def _table() -> dict[str, list[dict[str, Any]]]:
    return json.loads(pathlib.Path(__file__).with_name("environments.json").read_text(encoding="utf-8"))


def _entries(table: dict[str, list[dict[str, Any]]]) -> Iterator[tuple[str, Spaces]]:
    for row in table["environments"]:
        shape = tuple(row["observation"])
        observation = Observation(shape, "uint8" if len(shape) == 3 else "float32")
        for name in row["ids"]:
            yield name, Spaces(observation, _action(row["action"]), name, preprocess=True)
    for row in table["atari"]:
        old = [spelling.format(game) for game in row["games"] for spelling in ATARI_IDS]
        for name in [*old, *(f"ALE/{game}-v5" for game in (*row["games"], *row["only_v5"]))]:
            yield name, Spaces(ATARI_FRAME, _action(row["actions"]), name, preprocess=True, atari=True)


def _action(size: int | list[int]) -> Action:
    return Action("discrete", (size,)) if isinstance(size, int) else Action("continuous", tuple(size))


def _chosen_action(name: str, atari: bool, options: Mapping[str, Any]) -> Action | None:
    """The action space that an option of the environment chooses instead of the usual one."""
    if atari:
        return _action(ALL_ATARI_ACTIONS) if options.get("full_action_space") is True else None
    if not isinstance(options.get("continuous"), bool):
        return None
    row = next(row for row in _table()["environments"] if name in row["ids"])
    wanted = "continuous" if options["continuous"] else "discrete"
    return _action(row[wanted]) if wanted in row else None


def _checked(name: object, path: Path) -> str:
    shown = visible(str(name))
    if not isinstance(name, str) or not name:
        message = f"the environment's name is {shown!r}, not an id"
        raise refuse(message, lambda to: f'write "CartPole-v1", or {to.pass_dims()}', path=path)
    if "${" in name:
        cure = "set it: variables={...} in Python, --set NAME=VALUE in the shell, spec_params in the file"
        message = f"the environment {shown!r} is a variable without a value"
        raise refuse(message, lambda to: f"{cure}; or {to.pass_dims()}", path=path)
    if ":" in name:
        raise refuse(
            f"{shown!r} would import a Python module, which a spec may not do",
            lambda to: f"make the environment yourself and pass it as env=, or {to.pass_dims()}",
            path=path,
        )
    if not re.fullmatch(r"[A-Za-z0-9_\-/.]{1,200}", name):
        message = f"{shown!r} is no environment id"
        raise refuse(message, lambda to: f"an id looks like ALE/Pong-v5; or {to.pass_dims()}", path=path)
    return name


def _from_gymnasium(name: str, path: Path) -> Spaces:
    observation_space, action_space = made_spaces(name, path)
    try:
        observation, action = read_observation(observation_space), read_action(action_space)
    except SpecError as error:
        problem = error.problems[0]
        raise refuse(f"{name}: {problem.message}", problem.hint, path=path) from None
    atari = observation.shape == ATARI_FRAME.shape and (name.startswith("ALE/") or "NoFrameskip" in name)
    return Spaces(observation, action, name, preprocess=True, atari=atari)


def made_spaces(name: object, path: Path = ()) -> tuple[object, object]:
    """The observation and action space of an id, as gymnasium makes them.

    Raises:
        SpecError: the id is no id, gymnasium is not installed, or it does not make this environment.
    """
    name = _checked(name, path)
    close = nearest(name, known_environments(), alike=SLIP)
    guess = f"did you mean {close!r}? Else " if close else ""
    if find_spec("gymnasium") is None:
        cure = _or_made(f"{guess}pip install 'slm_net[env]'")
        raise refuse(f"the environment {name!r} is not in our table, and gymnasium is not installed", cure, path=path)
    try:
        return _made_spaces(name)
    except Exception as error:  # whatever a registered environment raises while it is made
        reason = visible(" ".join(str(error).split()) or type(error).__name__, 300)
        cure = _or_made(f"{guess}install what it needs")
        raise refuse(f"gymnasium cannot make {name!r}: {reason}", cure, path=path) from error


def _or_made(cure: str) -> Hint:
    """A cure, or to give what the environment would have told."""
    made = "pass a made environment as env=, "
    return lambda to: f"{cure}, {'' if to.is_command else made}or {to.pass_dims()}"


def _made_spaces(name: str) -> tuple[object, object]:
    """The observation and action space of an environment that is made and closed again, silently."""
    import gymnasium

    with warnings.catch_warnings(), contextlib.ExitStack() as stack:
        warnings.simplefilter("ignore")
        if name.startswith("ALE/"):
            with contextlib.suppress(ImportError):
                import ale_py  # noqa: F401  (registers its environments)
        env = gymnasium.make(name)
        stack.callback(env.close)
        return env.observation_space, env.action_space
