"""A whole spec for an algorithm and an environment: its sizes from the environment, checked before it is given out."""

from __future__ import annotations

import re
from typing import Any

from slm_net.agents.plan import AgentPlan, plan_agent
from slm_net.document.algorithms import RECIPES
from slm_net.document.specs import read_document
from slm_net.migration.environments import environment_of_today
from slm_net.net_types import NET_TYPES
from slm_net.plan import loaded
from slm_net.problems import ERROR, SpecError
from slm_net.rules.lab_files import LACKING
from slm_net.schema import catalogue
from slm_net.schema.compose import ROLES
from slm_net.spaces import known_environments, nearest_environment, spaces_of
from slm_net.starters.settings import DQNS, OTHERS, Starter, settings
from slm_net.wording.aliases import ALGORITHMS
from slm_net.words import did_you_mean, listing, visible

#: The convolutions of Mnih et al. 2015 (https://www.nature.com/articles/nature14236).
NATURE = [[32, 8, 4], [64, 4, 2], [64, 3, 1]]
#: The net types that a spec is started with; others need a design of their own.
TYPES = tuple(name for name in NET_TYPES if name.removeprefix("Dueling") in ("MLPNet", "ConvNet", "RecurrentNet"))


class NoStarter(Exception):
    """No spec is given out; the text is one line that says why, and what to ask for instead."""


def algorithm_called(name: str) -> str:
    """The name of an algorithm as specs write it.

    Raises:
        NoStarter: there is none.
    """
    known = [*DQNS, *OTHERS]
    if name not in known:
        if (meant := ALGORITHMS.get(name.upper(), "")) in known:
            return meant
        raise NoStarter(f"{visible(name)!r} is no algorithm, {did_you_mean(name, known, ALGORITHMS)}")
    return name


def starter(algorithm: str, env: str, *, net: str = "", recurrent: bool = False, lab: int = 5) -> tuple[Any, Starter]:
    """The spec file, as data, and the settings that it was made from.

    Raises:
        NoStarter: it cannot be, with what can.
    """
    env = _environment(env, lab)
    if instead := LACKING["algorithm"][lab].get(algorithm) if lab == 4 else None:
        raise NoStarter(f"SLM Lab 4 has no {algorithm}, for example {instead}")
    data, made = _made(algorithm, env, net, recurrent, lab)
    try:
        planned(data)
    except SpecError as error:
        problem = next(problem for problem in error.problems if problem.severity == ERROR)
        cure = _that_can(env, net, recurrent, lab)
        raise NoStarter(f"{problem.message}: {cure or visible(problem.hint, 200)}") from None
    return data, made


def planned(data: Any) -> AgentPlan:
    """The plan of a spec file of one spec.

    Raises:
        SpecError: it has errors.
    """
    document = read_document(data)
    loaded(document)
    return plan_agent(document)


def _environment(env: str, lab: int) -> str:
    """The id as this SLM Lab takes it: games by the name that it wraps."""
    try:
        spaces_of(env)
    except SpecError as error:
        problem = error.problems[0]
        close = nearest_environment(env)
        raise NoStarter(f"{problem.message}, {f'did you mean {close!r}?' if close else problem.hint}") from None
    if lab == 5:
        return environment_of_today(env)
    game = re.fullmatch(r"ALE/(\w+)-v5", env)
    return f"{game[1]}NoFrameskip-v4" if game and f"{game[1]}NoFrameskip-v4" in known_environments() else env


def _that_can(env: str, net: str, recurrent: bool, lab: int) -> str:
    """The algorithms for which a spec can be made otherwise the same."""
    found = []
    for name in (*OTHERS, *DQNS):
        try:
            planned(_made(name, env, net, recurrent, lab)[0])
        except (SpecError, NoStarter):
            continue
        found.append(name)
    able = [name for name in found if name != "Random"]
    return f"for {visible(env)} there are {listing(able)}" if able else ""


# --- the spec


def _made(algorithm: str, env: str, net: str, recurrent: bool, lab: int) -> tuple[Any, Starter]:
    image = len(spaces_of(env).observation.shape) > 1
    made = settings(algorithm, env, image, recurrent)
    kind = _type(algorithm, net, image, recurrent)
    block = {} if algorithm == "Random" else _net(algorithm, kind, made)
    agent = {"name": algorithm, "algorithm": {"name": algorithm, **made.algorithm}, "memory": made.memory, "net": block}
    if algorithm == "CrossQ":
        agent["critic_net"] = {**block, **_critic(kind)}
    around = {"name": env, **_frames(env, lab), **made.env, "max_t": None, "max_frame": made.frames}
    every = max(1000, made.frames // 100)
    meta = {"distributed": False, "log_frequency": every, "eval_frequency": every, "max_session": 1, "max_trial": 1}
    spec: dict[str, Any] = {"agent": agent, "env": around, "meta": meta}
    if lab == 4:
        body = {"product": "outer", "num": 1}
        spec = {"agent": [agent], "env": [around], "body": body, "meta": meta}
    base = env.removeprefix("ALE/").removeprefix("playground/").partition("-v")[0].removesuffix("NoFrameskip")
    return {f"{algorithm}_{base}".lower(): spec}, made


def _type(algorithm: str, net: str, image: bool, recurrent: bool) -> str:
    if algorithm == "HydraDQN":
        return "HydraMLPNet"
    return net or ("RecurrentNet" if recurrent else "ConvNet" if image else "MLPNet")


def _net(algorithm: str, kind: str, made: Starter) -> dict[str, Any]:
    """The net block: its layers, then what it is trained with; keys that the type does not use are left out."""
    keys = catalogue.net_properties(kind)
    smooth = RECIPES[algorithm].gives == "actor" or algorithm == "Reinforce"
    image = "conv_hid_layers" in keys
    wide = [256, 256] if RECIPES[algorithm].temperature and made.frames > 12_000 else None
    layers: dict[str, Any] = {"hid_layers": wide or ([64, 64] if smooth else [128, 128])}
    if kind == "HydraMLPNet":
        layers = {"hid_layers": [[[64]], [128], []]}
    if image:
        layers = {"conv_hid_layers": NATURE, "fc_hid_layers": [512], "normalize": True, "batch_norm": False}
    elif "rnn_hidden_size" in keys:
        layers = {"cell_type": "GRU", "fc_hid_layers": [64], "rnn_hidden_size": 64, "rnn_num_layers": 1, "seq_len": 16}
    activation = "tanh" if smooth and not image else "relu"
    training = {key: value for key, value in made.net.items() if key in keys or key.startswith(ROLES)}
    return {"type": kind, **layers, "hid_layers_activation": activation, **training, "gpu": "auto"}


def _critic(kind: str) -> dict[str, Any]:
    """The critic of CrossQ is wider than the actor, and has batch norm."""
    layers = {"fc_hid_layers": [512]} if kind == "ConvNet" else {"hid_layers": [512, 512]} if kind == "MLPNet" else {}
    return {**layers, "batch_norm": True} if layers else {}


def _frames(env: str, lab: int) -> dict[str, Any]:
    """What SLM Lab 4 has to be told of Atari."""
    if lab == 4 and known_environments().get(env) and known_environments()[env].atari:
        return {"frame_op": "concat", "frame_op_len": 4, "reward_scale": "sign"}
    return {}
