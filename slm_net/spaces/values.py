"""Observation and action spaces as plain values, read from anything that looks like a gymnasium space."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from slm_net.net_types.base import are_sizes, size
from slm_net.problems import Hint, Path, Rule, SpecError
from slm_net.words import visible

DIMS_UNKNOWN = Rule(
    "SN204",
    "dims-unknown",
    what=(
        "What goes into the net and comes out of it is not known: the spec's environment is not a well-known one, "
        "and no dims were given."
    ),
    why="a net cannot be built without them. To validate, they are not needed.",
    no_example="this is found by `slm-net build` and `build_net`.",
)


DIMS_DO_NOT_FIT = Rule(
    "SN202",
    "dims-do-not-fit",
    what=(
        "What goes into the net, or comes out of it, does not fit its type: images into an MLP, numbers into "
        "convolutions, images with their channels last, more than 1,000 outputs or inputs. It is a warning where the "
        "last number may be the channels, but the shape may also be that of a board."
    ),
    why="the net could not be built, or would read an observation as something it is not.",
    wrong=(
        '{"type": "ConvNet", "conv_hid_layers": [[32, 3, 1]], "fc_hid_layers": [64], "hid_layers_activation": "relu"}\n'
    ),
    right=(
        '{"type": "ConvNet", "conv_hid_layers": [[32, 3, 1]], "fc_hid_layers": [64], "hid_layers_activation": "relu"}\n'
    ),
    options="--in-dim 4 --out-dim 6",
    right_options="--in-dim 4,84,84 --out-dim 6",
)


#: A number of a bound; None where there is no bound.
Bound = float | int | None
#: Where a part of a nested space is: keys of a Dict, places of a Tuple or in a list of environments.
Place = tuple[str | int, ...]


class Observation(NamedTuple):
    """What the environment shows: the shape that a net is fed; `one_hot` if the environment itself gives integers.

    These integers have the shape `integers`, each is one of so many `choices` (without them, of `shape[0]`), and counts
    from its `start` (without them, from 0). `path` is where the observation is in a Dict or Tuple of several.
    """

    shape: tuple[int, ...]
    dtype: str = "float32"
    one_hot: bool = False
    integers: tuple[int, ...] = ()
    choices: tuple[int, ...] = ()
    start: tuple[int, ...] = ()
    path: Place = ()


class Action(NamedTuple):
    """What the agent may do: `kind` is "discrete", "multi-discrete", "multi-binary" or "continuous".

    `sizes` are the numbers of choices of (multi-)discrete actions, else the one number of components. The rest is the
    form that the environment takes them in. Choices count from `start`, without it from 0. `shape` is that of the
    array, if it is no plain list of choices or components. `low` and `high` bound the components of continuous actions,
    one number for all of them or one for each; without them there are no bounds. `dtype` is "" where it is the usual
    one: int64, int8 for switches, float32 for continuous actions. `parts` are the actions of several environments, or
    of a Dict or Tuple, that this one puts together, each with its `path`.
    """

    kind: str
    sizes: tuple[int, ...]
    start: tuple[int, ...] = ()
    shape: tuple[int, ...] | None = None
    low: tuple[Bound, ...] = ()
    high: tuple[Bound, ...] = ()
    dtype: str = ""
    parts: tuple[Action, ...] = ()
    path: Place = ()


#: The usual dtype of the actions of each kind.
ACTION_DTYPES = {"discrete": "int64", "multi-discrete": "int64", "multi-binary": "int8", "continuous": "float32"}


class Spaces(NamedTuple):
    """The two spaces of an environment and the name by which notes and messages call it.

    `preprocess` is true if the environment is known by its id only: the spec's own preprocessing comes on top.
    """

    observation: Observation
    action: Action
    name: str = "the environment"
    preprocess: bool = False
    atari: bool = False


def refuse(message: str, hint: Hint, rule: Rule = DIMS_UNKNOWN, path: Path = ()) -> SpecError:
    """The error with one problem; the hint is the cure."""
    return SpecError([rule.at(path, message, hint)])


def no_environment(path: Path) -> SpecError:
    """The error of a spec in which no environment is named."""
    add = 'add "env": {"name": "CartPole-v1"}'
    return refuse(
        "the spec has no environment",
        lambda to: f"""{add}, pass {to.given("env", '"CartPole-v1"')}, or {to.pass_dims()}""",
        path=path,
    )


def read_observation(space: object, path: Place = ()) -> Observation:
    """The observation space as a value, which is at `path` of a larger one; integers become a one-hot code.

    Raises:
        SpecError: the space has no single shape (Dict, Tuple, Text, ...) or a size below one.
    """
    if (nested := getattr(space, "nvec", None)) is not None:
        choices = _sizes(nested, space)
        integers = _shape_of_choices(space, choices)
        return Observation((sum(choices),), "float32", True, integers, choices, _start(space), path)
    shape = _shape(space)
    if getattr(space, "n", None) is not None and not shape:
        sizes = _sizes([getattr(space, "n", None)], space)
        return Observation(sizes, one_hot=True, start=_start(space), path=path)
    return Observation(_sizes(shape, space), str(getattr(space, "dtype", None) or "float32"), path=path)


def read_action(space: object, path: Place = ()) -> Action:
    """The action space as a value, which is at `path` of a larger one; arrays of actions are counted flat.

    Raises:
        SpecError: the space is of no kind that a policy can act in, or has a size below one.
    """
    number = getattr(space, "n", None)
    if (nested := getattr(space, "nvec", None)) is not None:
        sizes = _sizes(nested, space)
        action = Action("multi-discrete", sizes, _start(space), _array(_shape_of_choices(space, sizes), len(sizes)))
    elif number is not None and not _shape(space):
        action = Action("discrete", _sizes([number], space), _start(space))
    else:
        shape = _sizes(_shape(space), space)
        kind, components = "continuous" if number is None else "multi-binary", math.prod(shape)
        action = Action(kind, (components,), shape=_array(shape, components))
    if action.kind == "continuous":
        low, high = _bounds(getattr(space, "low", None)), _bounds(getattr(space, "high", None))
        action = action._replace(low=low, high=high)
    dtype = str(getattr(space, "dtype", None) or "")
    return action._replace(dtype="" if dtype == ACTION_DTYPES[action.kind] else dtype, path=path)


def _array(shape: tuple[int, ...], length: int) -> tuple[int, ...] | None:
    """The shape of an array of actions, None if they stand in a row."""
    return None if shape == (length,) else shape


def _start(space: object) -> tuple[int, ...]:
    """The first of the choices of each, () if all of them count from 0."""
    first = tuple(int(number) for number in _flat(getattr(space, "start", None)))
    return first if any(first) else ()


def _bounds(values: object) -> tuple[Bound, ...]:
    """The bounds of each component, one for all that have the same, () if none of them has one."""
    found = tuple(map(_bound, _flat(values)))
    return () if set(found) <= {None} else found[:1] if len(set(found)) == 1 else found


def _bound(number: Any) -> Bound:
    """As it is written, which for a float32 is shorter than the float64 that is equal to it."""
    if isinstance(whole := getattr(number, "item", lambda: number)(), int):
        return int(whole)
    return float(str(number)) if math.isfinite(whole) else None


def _flat(values: Any) -> Iterator[Any]:
    """The numbers of nested lists or of an array, of a number alone, or of nothing."""
    if values is None:
        return
    if isinstance(values, Iterable) and getattr(values, "shape", None) != ():
        for value in values:
            yield from _flat(value)
    else:
        yield values


def _shape_of_choices(space: object, choices: tuple[int, ...]) -> tuple[int, ...]:
    shape = getattr(space, "shape", None)
    return tuple(map(int, shape)) if isinstance(shape, Iterable) else (len(choices),)


def _shape(space: object) -> tuple[object, ...]:
    """The shape, () for a Discrete space that has none."""
    kind = visible(type(space).__name__)
    if getattr(space, "spaces", None) is not None:
        raise refuse(
            f"a {kind} space is several inputs or outputs, not one",
            lambda to: (
                f"a HydraMLPNet takes them as lists: pass {to.given('in_dim', '[...]')} "
                f"and {to.given('out_dim', '[...]')}, one size per part"
            ),
        )
    shape = getattr(space, "shape", None)
    if shape is None and getattr(space, "n", None) is None:
        message = f"a {kind} has neither n, nvec nor shape, so its size is unknown"
        raise refuse(message, lambda to: f"give a Box, or {to.pass_dims()}")
    return tuple(shape) if isinstance(shape, Iterable) else () if shape is None else (shape,)


def _sizes(values: object, space: object) -> tuple[int, ...]:
    """The sizes, nested arrays flattened, as ints."""
    if isinstance(values, Iterable) and not isinstance(values, str):
        return tuple(size for value in values for size in _sizes(value, space))
    if (number := size(values)) is None:
        message = f"{visible(str(space))} has a size that is no positive integer"
        raise refuse(message, lambda to: f"correct it, or {to.pass_dims()}")
    return (number,)


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
        SpecError: it has none, or those of several agents or environments.
    """
    if isinstance(env, tuple | list) and len(env) == 2:
        _refuse_batched(*env)
        return env[0], env[1]
    observation, action = (_space(env, name) for name in ("observation_space", "action_space"))
    kind = visible(type(env).__name__)
    if callable(observation):  # as in PettingZoo, whose agents have spaces of their own
        agent = repr(visible(str(next(iter(getattr(env, "possible_agents", None) or ()), "agent"))))
        pair = f"(env.observation_space({agent}), env.action_space({agent}))"
        message = f"env= is a {kind}, an environment of several agents"
        raise refuse(message, lambda to: f"give the spaces of one: env={pair}; or {to.pass_dims()}")
    if observation is None or action is None:
        made = getattr(env, "id", None)  # that of a gymnasium.spec
        cure = "an id, an environment, or the pair (observation_space, action_space)"
        message = f"env= is a {kind} without observation_space and action_space"
        hint = f"env={visible(made)!r}, or the made environment" if isinstance(made, str) else cure
        raise refuse(message, lambda to: f"give {hint}; or {to.pass_dims()}")
    return observation, action


def _refuse_batched(observation: object, action: object) -> None:
    """The spaces of a vector environment as a whole have the number of its environments in front of both shapes."""
    shapes = [getattr(space, "shape", None) for space in (observation, action)]
    seen, done = (tuple(shape) if isinstance(shape, Iterable) else () for shape in shapes)
    choices = getattr(action, "nvec", None)
    # one choice of each environment is out of the same number, and of several choices there is a row for each
    alike = len(done) > 1 or (choices is not None and len(set(_sizes(choices, action))) == 1)
    if len(seen) > 1 and are_sizes(seen) and seen[0] > 1 and done[:1] == seen[:1] and alike:
        message = f"env= has the spaces of {seen[0]} environments at once"
        cure = "give its single_observation_space and single_action_space; if they are those of one, the environment"
        raise refuse(message, cure)


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
