"""What stands around the nets: settings, memories and environments that have another name in SLM Lab 5."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from slm_net.document.specs import Block, Spec, algorithm_of
from slm_net.migration.environments import environment_of_today, nearest_of_today
from slm_net.migration.words import DISTRIBUTIONS, MEMORY_NAMES, NEEDED, RENAMED, SCHEDULES, SUPERFLUOUS
from slm_net.problems import WARNING, Edit, Path, Problem
from slm_net.rules.labs import DIFFERS_IN_THE_LAB, FAILS_IN_THE_LAB
from slm_net.schema import catalogue
from slm_net.schema.catalogue import VARIABLE
from slm_net.spaces import known_environments
from slm_net.words import visible


def block_steps(spec: Spec) -> Iterator[Problem]:
    """What is to be changed around the nets, each with its edit, and what cannot be, without."""
    for agent in spec.agents:
        yield from _agent(spec, agent)
    for env in spec.envs:
        yield from _environment(spec, env)
    yield from _meta(spec)
    yield from _distributions(spec.data.get("search"), (*spec.path, "search"))


#: What `max_tick` of SLM Lab 3 may count that SLM Lab 5 does not.
EPISODES = ("epi", "episode")


def _renamed(path: Path, new: str, there: Mapping[str, Any]) -> Problem:
    """A setting under its new name; if that is there already, the old one goes."""
    message = f"SLM Lab 5 calls {visible(str(path[-1]))} {new}"
    if new in there:
        return DIFFERS_IN_THE_LAB.superfluous(path, f"{message}, which is there", WARNING)
    return _differs(path, message, f"write {new!r}", Edit(path, "rename", new))


def _gone(path: Path, why: str) -> Problem:
    return DIFFERS_IN_THE_LAB.superfluous(path, why, WARNING)


def _differs(path: Path, message: str, hint: str, *edits: Edit) -> Problem:
    """A setting that has another form; without edits it is told, and left."""
    return DIFFERS_IN_THE_LAB.at(path, message, hint, WARNING, at_key=True, fix=edits)


def _tables(kind: str, block: Block, atari: bool = False, counts_episodes: bool = False) -> Iterator[Problem]:
    for key in block.data:
        path = (*block.path, key)
        if key == "max_tick" and counts_episodes:
            yield _differs(path, "SLM Lab 5 counts frames, and max_tick counts episodes", 'write "max_frame"')
        elif key == "normalize_state" and atari:
            yield _gone(path, "SLM Lab 4 does not normalise the images of Atari")
        elif new := RENAMED.get(kind, {}).get(key):
            yield _renamed(path, new, block.data)
        elif (why := SUPERFLUOUS.get(kind, {}).get(key)) and block.data[key] not in EPISODES:
            yield _gone(path, why)


# --- the agent


def _agent(spec: Spec, agent: Block) -> Iterator[Problem]:
    algorithm, memory, name = agent.block("algorithm"), agent.block("memory"), algorithm_of(agent)
    if "name" not in agent.data and name:
        yield _missing((*agent.path, "name"), name)
    yield from _tables("algorithm", algorithm)
    yield from _algorithm(spec, algorithm, name)
    for key in ("name", "sil_replay_name"):
        if new := MEMORY_NAMES.get(str(memory.data.get(key))):
            path = (*memory.path, key)
            message = f"SLM Lab 5 has no memory {visible(str(memory.data[key]))}"
            yield FAILS_IN_THE_LAB.at(path, message, f'write "{new}"', fix=(Edit(path, "replace", new),))


def _algorithm(spec: Spec, algorithm: Block, name: str) -> Iterator[Problem]:
    data = algorithm.data
    known = catalogue.block_keys("algorithm", name) if name in catalogue.names("algorithm") else {}
    for key, new in SCHEDULES.items():
        value, path = data.get(key), (*algorithm.path, key)
        if isinstance(value, int | float) and not isinstance(value, bool) and new not in data:
            schedule = {"name": "no_decay", "start_val": value, "end_val": value, "start_step": 0, "end_step": 0}
            yield _differs(path, f"{key} is a schedule now", f'write "{new}"', Edit(path, "split", {new: schedule}))
    if "training_epoch" in data and known and "training_epoch" not in known and "training_iter" in known:
        yield _renamed((*algorithm.path, "training_epoch"), "training_iter", data)
    if name == "PPO" and "training_frequency" in data:
        path = (*algorithm.path, "training_frequency")
        if "time_horizon" in data:
            yield _gone(path, "PPO trains after each time_horizon")
        else:
            yield _renamed(path, "time_horizon", data)
    yield from _normalised(spec, algorithm)
    yield from _advantages(algorithm, name)
    yield from _exploration(algorithm)


def _normalised(spec: Spec, algorithm: Block) -> Iterator[Problem]:
    """SLM Lab 1 to 3 had it in the algorithm."""
    path, env = (*algorithm.path, "normalize_state"), spec.envs[0]
    message = "observations are normalised by the environment now"
    if "normalize_state" not in algorithm.data:
        return
    if not algorithm.data["normalize_state"] or "normalize_obs" in env.data:
        yield _gone(path, message)
    elif env.data:
        move = Edit(path, "move", (*env.path, "normalize_obs"))
        yield _differs(path, message, 'write "normalize_obs" into env', move)


def _advantages(algorithm: Block, name: str) -> Iterator[Problem]:
    """`use_gae` and `use_nstep` said which of `lam` and `num_step_returns` counts, of which one is null now."""
    data = algorithm.data
    for key, own, other in (("use_gae", "lam", "num_step_returns"), ("use_nstep", "num_step_returns", "lam")):
        if not isinstance(data.get(key), bool):
            continue
        path, unused = (*algorithm.path, key), (other if data[key] else own)
        if data.get(unused) is None:
            yield _gone(path, f"{own} says so by not being null")
            continue
        place = (*algorithm.path, unused)
        is_read = unused in catalogue.block_keys("algorithm", name) if name in catalogue.names("algorithm") else True
        edits = Edit(path, "remove"), Edit(place, "replace", None) if is_read else Edit(place, "remove")
        message, hint = f"{unused} is not used, and SLM Lab 5 would use it", f'write "{unused}": null'
        yield _differs(path, message, hint, *edits)
    if isinstance(data.get("add_entropy"), bool):
        path = (*algorithm.path, "add_entropy")
        written = [key for key in ("entropy_coef_spec", "entropy_coef") if data.get(key) is not None]
        if data["add_entropy"] or not written:
            yield _gone(path, "entropy_coef_spec says so by not being null")
        else:
            edits = Edit(path, "remove"), Edit((*algorithm.path, written[0]), "remove")
            message = "the entropy is not added, and SLM Lab 5 would add it"
            yield _differs(path, message, f"remove {written[0]} too", *edits)


#: The schedule of exploration in SLM Lab 0 and 1.
EXPLORATION = ("action_policy_update", "explore_var_start", "explore_var_end", "explore_anneal_timestep")


def _exploration(algorithm: Block) -> Iterator[Problem]:
    data, path = algorithm.data, algorithm.path
    old = [key for key in (*EXPLORATION, "explore_anneal_epi") if key in data]
    if not old:
        return
    place = (*path, old[0])
    numbers = [data.get(key) for key in EXPLORATION[1:]]
    is_known = all(isinstance(value, int | float) for value in numbers) and "explore_var_spec" not in data
    if not is_known or "explore_anneal_epi" in data:
        message = f"SLM Lab 5 does not read {', '.join(old)}"
        yield _differs(place, message, 'write "explore_var_spec", whose end_step counts frames')
        return
    first, last, step = numbers
    name = data.get("action_policy_update")
    name = name if name in ("no_decay", "linear_decay", "rate_decay", "periodic_decay") else "linear_decay"
    schedule = {"name": name, "start_val": first, "end_val": last, "start_step": 0, "end_step": step}
    edits = [Edit(place, "split", {"explore_var_spec": schedule})]
    edits += [Edit((*path, key), "remove") for key in old[1:]]
    yield _differs(place, "SLM Lab 5 has a schedule of exploration", 'write "explore_var_spec"', *edits)


# --- the environment


def _environment(spec: Spec, env: Block) -> Iterator[Problem]:
    yield from _tables("env", env, _is_atari(spec, env), _unit(spec) in EPISODES)
    name = env.data.get("name")
    yield from _name(name, (*env.path, "name"))
    variable = VARIABLE.fullmatch(name) if isinstance(name, str) else None
    for index, value in enumerate(_listed(spec, variable[1]) if variable else ()):
        yield from _name(value, (*spec.path, "spec_params", variable[1] if variable else "", index))
    yield from _frames(env, _is_atari(spec, env))
    for key in ("max_episode", "max_epi"):
        if key in env.data:
            yield _differs(
                (*env.path, key), f"SLM Lab 5 counts frames, not episodes as {key} does", 'write "max_frame"'
            )


def _listed(spec: Spec, variable: str) -> list[Any]:
    """The values of a variable in `spec_params`."""
    params = spec.data.get("spec_params")
    listed = params.get(variable) if isinstance(params, Mapping) else None
    return listed if isinstance(listed, list) else []


def _is_atari(spec: Spec, env: Block) -> bool:
    """Whether all that the environment may be are games whose frames SLM Lab 5 prepares by itself."""
    name, known = env.data.get("name"), known_environments()
    variable = VARIABLE.fullmatch(name) if isinstance(name, str) else None
    names = _listed(spec, variable[1]) if variable else [name]
    return bool(names) and all(isinstance(each, str) and each in known and known[each].atari for each in names)


def _unit(spec: Spec) -> Any:
    meta = spec.data.get("meta")
    return meta.get("max_tick_unit") if isinstance(meta, Mapping) else None


def _name(name: Any, path: Path) -> Iterator[Problem]:
    if not isinstance(name, str):
        return
    if (new := environment_of_today(name)) != name:
        message, hint = f"gymnasium has {visible(name)} as {new}", f'write "{new}"'
        yield FAILS_IN_THE_LAB.at(path, message, hint, fix=(Edit(path, "replace", new),))
    elif near := nearest_of_today(name):
        known = known_environments()
        sizes = [known[each].observation.shape for each in (name, near) if each in known]
        differ = f", which shows {sizes[1]} and not {sizes[0]}" if len(sizes) == 2 else ""
        message = f"gymnasium does not have {visible(name)}"
        hint = f"{near} comes nearest{differ}: the nets are others there"
        yield FAILS_IN_THE_LAB.at(path, message, hint)


#: What SLM Lab 4 is told of the frames of Atari, and SLM Lab 5 does.
FRAMES: dict[str, Any] = {"frame_op": "concat", "frame_op_len": 4, "image_downsize": [84, 84]}


def _is_usual(key: str, value: Any, atari: bool) -> bool:
    return value is None or (atari and value == FRAMES[key]) or (key == "frame_op_len" and value == 1)


def other_frames(spec: Spec) -> Iterator[Problem]:
    """What SLM Lab 5 cannot show a net: frames of other environments together, images of another size."""
    for env in spec.envs:
        for key in (key for key in FRAMES if key in env.data):
            if not _is_usual(key, env.data[key], _is_atari(spec, env)):
                message = f"SLM Lab 5 has no {key} {visible(str(env.data[key]), 40)} for this environment"
                hint = "without it the nets are others: change it yourself"
                yield FAILS_IN_THE_LAB.at((*env.path, key), message, hint, at_key=True)


def _frames(env: Block, atari: bool) -> Iterator[Problem]:
    """What SLM Lab 4 does with frames and SLM Lab 5 does by itself for Atari, and for nothing else."""
    whole = {**dict.fromkeys(FRAMES, "stacks 4 frames"), "image_downsize": "scales images to 84x84"}
    for key in (key for key in FRAMES if key in env.data):
        path, value = (*env.path, key), env.data[key]
        if _is_usual(key, value, atari):
            yield _gone(path, f"SLM Lab 5 {whole[key]} of Atari by itself")
    scale = env.data.get("reward_scale")
    if "reward_scale" in env.data and (scale is None or (atari and scale == "sign")):
        yield _gone((*env.path, "reward_scale"), "SLM Lab 5 clips the rewards of Atari to -1 and 1 by itself")
    elif "reward_scale" in env.data and not str(env.data.get("name")).startswith("playground/"):
        message = "SLM Lab 5 scales the rewards of MuJoCo Playground alone"
        yield _differs((*env.path, "reward_scale"), message, "remove it, or look at normalize_reward and clip_reward")


# --- around


def _missing(path: Path, value: Any) -> Problem:
    message = f"SLM Lab 5 needs {path[-1]}"
    return FAILS_IN_THE_LAB.at(path, message, f"add {path[-1]}", fix=(Edit(path, "insert", value),))


def _meta(spec: Spec) -> Iterator[Problem]:
    meta = Block(spec.path, spec.data).block("meta")
    if "meta" not in spec.data:
        yield _missing(meta.path, dict(NEEDED))
        return
    yield from _tables("meta", meta)
    for key in ("distributed", "max_session"):
        if key not in meta.data:
            yield _missing((*meta.path, key), NEEDED[key])
    if meta.data.get("distributed") is True:
        path = (*meta.path, "distributed")
        message, hint = "SLM Lab 5 wants to know how", 'write "shared"'
        yield FAILS_IN_THE_LAB.at(path, message, hint, fix=(Edit(path, "replace", "shared"),))
    yield from _resources(meta)


def _resources(meta: Block) -> Iterator[Problem]:
    """What a trial of a search may use: `num_cpus` and `num_gpus`, in SLM Lab 0 to 3 in an object of their own."""
    inside = meta.block("resources").data
    given = {"cpu": inside.get("num_cpus", meta.data.get("num_cpus"))}
    given["gpu"] = inside.get("num_gpus", meta.data.get("num_gpus"))
    old = [key for key in ("resources", "num_cpus", "num_gpus") if key in meta.data]
    if not old:
        return
    wanted = {key: value for key, value in given.items() if value is not None}
    edits = [Edit((*meta.path, key), "remove") for key in old]
    if wanted and "search_resources" not in meta.data:
        edits[0] = Edit((*meta.path, old[0]), "split", {"search_resources": wanted})
    message, hint = f"SLM Lab 5 does not read {' and '.join(old)}", 'write "search_resources"'
    yield _differs((*meta.path, old[0]), message, hint, *edits)


def _distributions(search: Any, path: Path) -> Iterator[Problem]:
    if isinstance(search, list):
        for index, entry in enumerate(search):
            yield from _distributions(entry, (*path, index))
    for key, value in search.items() if isinstance(search, Mapping) else ():
        start, _, name = str(key).rpartition("__")
        new = f"{start}__{DISTRIBUTIONS.get(name, '')}"
        if name in DISTRIBUTIONS and start and new not in search:
            place = (*path, key)
            message, fix = f"SLM Lab 5 has no distribution {name}", (Edit(place, "rename", new),)
            yield FAILS_IN_THE_LAB.at(place, message, f"write {DISTRIBUTIONS[name]}", at_key=True, fix=fix)
        else:
            yield from _distributions(value, (*path, key))
