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
from typing import Any, NamedTuple

from slm_net.extras import install
from slm_net.problems import Caller, Hint, Path, Rule, SpecError, spec_example
from slm_net.spaces.values import Action, Observation, Spaces, read_action, read_observation, refuse
from slm_net.words import LIKE, SLIP, nearest, visible

ENVIRONMENT_OPTION = Rule(
    "SN208",
    "environment-option",
    what=(
        "A key of `env` that SLM Lab 5 hands to `gymnasium.make`, and of which it is not known that it leaves the "
        "observations and actions as they are. The sizes of the net are not checked then. This is a warning; "
        "`slm-net build` and `build_net` need the dims."
    ),
    why=(
        "such keys choose what an environment shows: `include_cfrc_ext_in_observation`, of which the sizes are known, "
        "or `xml_file`, of which they are not. An environment that has no such argument ends the run."
    ),
    wrong=spec_example(env='{"name": "CartPole-v1", "pole_length": 0.7}'),
    right=spec_example(env='{"name": "CartPole-v1", "sutton_barto_reward": true}'),
)

ATARI_FRAME = Observation((210, 160, 3), "uint8")
ATARI_MEMORY = Observation((128,), "uint8")
ATARI_IDS = ("{}-v0", "{}-v4", "{}NoFrameskip-v0", "{}NoFrameskip-v4", "{}Deterministic-v0", "{}Deterministic-v4")
ATARI_MEMORY_IDS = ("{}-ram-v0", "{}-ram-v4", "{}-ramDeterministic-v0", "{}-ramDeterministic-v4")


class Known(NamedTuple):
    """An environment of the table: its spaces, and what options change them, by the values true and false of each.

    A change is a number of components more in the observation, or another action, written as in a row of the table.
    """

    spaces: Spaces
    options: Mapping[str, Mapping[str, Any]] = {}


@lru_cache(maxsize=1)
def known_environments() -> Mapping[str, Spaces]:
    """Every id of the table: classic control, Box2D, MuJoCo, Atari under old and new versions, and what is gone.

    >>> known_environments()["CartPole-v1"].observation.shape
    (4,)
    """
    return {name: known.spaces for name, known in _known().items()}


def spaces_of(name: object, options: Mapping[str, Any] | None = None, path: Path = ()) -> Spaces:
    """The spaces of the environment with this id; `options` are the keys that it is made with.

    `path` is where the id stands, and the options beside it.

    Raises:
        SpecError: the id is no id, neither the table nor gymnasium knows it, or what an option does is not known.
    """
    name, options = _checked(name, path), options or {}
    if (known := _known().get(name)) is None:
        return _from_gymnasium(name, options, path)
    _check_options(name, options, known.options, path)
    return _with_options(known, options)


def _check_options(name: str, options: Mapping[str, Any], changes: Mapping[str, Any], path: Path) -> None:
    """Each option leaves the spaces alone, or is true or false where it is known what these change."""
    for key, value in options.items():
        if key in _keeps() or (key in changes and isinstance(value, bool)):
            continue
        place, written = (*path[:-1], key) if path else (), visible(str(value))
        if "${" in written:
            raise refuse(
                f"{visible(str(key))} is a variable without a value: {written!r}", _or_passed("set it"), path=place
            )
        shown, cure = visible(str(key)), "remove it"
        if key in changes:
            shown, cure = f"{shown} {written!r}", "write true or false"
        elif meant := nearest(str(key), [*changes, *_keeps()], alike=SLIP):
            cure = f"did you mean {meant!r}? Else remove it"
        message = f"{name} is made with {shown}, and what that does to its spaces is not known: sizes are not checked"
        raise SpecError(
            [ENVIRONMENT_OPTION.at(place, message, _or_passed(cure), at_key=bool(place) and key not in changes)]
        )


def _or_passed(cure: str) -> Hint:
    return lambda to: f"{cure}, or {to.pass_dims()}"


def _with_options(known: Known, options: Mapping[str, Any]) -> Spaces:
    """The spaces with what the options change, in the order of the table."""
    spaces = known.spaces
    for key, by_value in known.options.items():
        change = by_value.get(str(options[key]).lower()) if key in options else None
        if isinstance(change, int):
            [length] = spaces.observation.shape
            spaces = spaces._replace(observation=spaces.observation._replace(shape=(length + change,)))
        elif change is not None:
            spaces = spaces._replace(action=_action(change))
    return spaces


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    return json.loads(pathlib.Path(__file__).with_name("environments.json").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _known() -> Mapping[str, Known]:
    return dict(_entries(_table()))


@lru_cache(maxsize=1)
def _keeps() -> frozenset[str]:
    """The keys that leave the spaces of every environment alone."""
    return frozenset(key for group in _table()["options_that_keep_spaces"] for key in group["keys"])


def _entries(table: dict[str, Any]) -> Iterator[tuple[str, Known]]:
    for row in (row for group in table["environments"] for row in group["rows"]):
        for name in row["ids"]:
            spaces = Spaces(_observation(row["observation"]), _action(row), name, preprocess=True)
            yield name, Known(spaces, row.get("options", {}))
    for row in table["atari"]:
        action, games = _action(row), row["games"]
        old = [spelling.format(game) for game in games for spelling in ATARI_IDS]
        for name in [*old, *(f"ALE/{game}-v5" for game in (*games, *row["only_v5"]))]:
            spaces = Spaces(ATARI_FRAME, action, name, preprocess=True, atari=True)
            yield name, Known(spaces, table["atari_options"])
        for name in (spelling.format(game) for game in games for spelling in ATARI_MEMORY_IDS):
            yield name, Known(Spaces(ATARI_MEMORY, action, name, preprocess=True), table["atari_options"])


def _observation(shape: int | list[int]) -> Observation:
    if isinstance(shape, int):
        return Observation((shape,), one_hot=True)
    return Observation(tuple(shape), "uint8" if len(shape) == 3 else "float32")


def _action(row: Mapping[str, Any]) -> Action:
    """A number of choices, or a list of the number of components, which are between -1 and 1 unless the row says so."""
    if isinstance(size := row["action"], int):
        return Action("discrete", (size,))
    low, high = (tuple(bound if isinstance(bound, list) else [bound]) for bound in row.get("bounds", (-1.0, 1.0)))
    return Action("continuous", tuple(size), low=low, high=high)


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


def _from_gymnasium(name: str, options: Mapping[str, Any], path: Path) -> Spaces:
    observation_space, action_space = made_spaces(name, options, path)
    try:
        observation, action = read_observation(observation_space), read_action(action_space)
    except SpecError as error:
        problem = error.problems[0]
        raise SpecError([problem.at(path, message=f"{name}: {problem.message}")]) from None
    atari = observation.shape == ATARI_FRAME.shape and (name.startswith("ALE/") or "NoFrameskip" in name)
    return Spaces(observation, action, name, preprocess=True, atari=atari)


def made_spaces(name: object, options: Mapping[str, Any] | None = None, path: Path = ()) -> tuple[object, object]:
    """The observation and action space of an id, as gymnasium makes them.

    Raises:
        SpecError: the id is no id, gymnasium is not installed or does not make this environment, or an option may
            change its spaces.
    """
    name = _checked(name, path)
    _check_options(name, options or {}, {}, path)
    cause: Exception | None = None
    message, cure = f"the environment {name!r} is not in our table, and gymnasium is not installed", install("env")
    if find_spec("gymnasium") is not None:
        try:
            return _made_spaces(name)
        except Exception as error:  # whatever a registered environment raises while it is made
            cause, reason = error, visible(" ".join(str(error).split()) or type(error).__name__, 300)
            message, cure = f"gymnasium cannot make {name!r}: {reason.rstrip('.')}", "install what it needs"
    if maker := next((row["maker"] for row in _table()["elsewhere"] if re.match(row["ids"], name)), ""):
        message, cure = f"{name!r} is an environment of {maker}, and not in our table", ""
    close = nearest_environment(name, alike=SLIP)
    raise refuse(message, _or_made(f"did you mean {close!r}? Else " if close else "", cure), path=path) from cause


def nearest_environment(name: str, alike: float = LIKE) -> str | None:
    """The id that was meant, or None; the name of a game is that of its version of today.

    >>> nearest_environment("breakout"), nearest_environment("CartPole-v11")
    ('ALE/Breakout-v5', 'CartPole-v1')
    """
    game = f"ALE/{name.removeprefix('ALE/').removesuffix('-v5')}-v5".casefold()
    today = next((known for known in known_environments() if known.casefold() == game), None)
    return today or nearest(name, known_environments(), alike=alike)


def _or_made(guess: str, cure: str) -> Hint:
    """A guess; else a cure, or to give what the environment would have told."""

    def hint(to: Caller) -> str:
        made = "" if to.is_command else "pass a made environment as env="
        *ways, last = filter(None, (cure, made, to.pass_dims()))
        return guess + (", ".join([*ways, f"or {last}"]) if ways else last)

    return hint


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
