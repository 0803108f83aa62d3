"""Bundles as files: what they are in JSON, their tensors in safetensors, nothing that could run code."""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import platform
import random
import sys
from collections.abc import Iterable, Mapping
from math import isfinite
from typing import TYPE_CHECKING, Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as from_bytes
from safetensors.torch import save as to_bytes
from torch import Tensor
from torch import distributed as dist

from slm_net import __version__
from slm_net.document.exploration import Exploration
from slm_net.nets import NETS
from slm_net.spaces.task import Observations
from slm_net.spaces.values import Action, Observation
from slm_net.text.folder import CONFIG, MODEL, OPTIMIZER, TRAINING, Step, refused, write_step
from slm_net.text.mapping import plain
from slm_net.words import visible

if TYPE_CHECKING:
    from slm_net.bundle.net_bundle import NetBundle

#: The form of the files; it goes up when those of before would be taken for something else.
FORMAT = 1
KINDS = ("net", "agent", "population")
#: What Hugging Face's libraries look for in a file with tensors.
FOR_TORCH = {"format": "pt"}
#: A net that is saved alone has this name in the config, and none before the names of its tensors.
ALONE = "net"


def save_nets(
    folder: str | os.PathLike[str],
    kind: str,
    bundles: Mapping[str, NetBundle],
    about: Mapping[str, Any],
    counters: Mapping[str, Any],
    *,
    rng: bool = False,
    keep: int = 3,
) -> None:
    """Save bundles as a new step of a folder; see `NetBundle.save`. `about` is for the config, `counters` are state.

    Raises:
        ValueError: a model is not the one that its spec builds, or a state holds what is no number and no tensor.
        OSError: the folder cannot be written; what was saved before is still there.
    """
    if isinstance(keep, bool) or not isinstance(keep, int) or keep < 0:
        raise ValueError(f"keep is how many older steps stay, a whole number from 0, not {visible(repr(keep))}")
    nets = {name: described(name, bundle) for name, bundle in bundles.items()}
    states = {name: bundle.state_dict() for name, bundle in bundles.items()}
    if dist.is_available() and dist.is_initialized() and dist.get_rank():
        return  # all processes put the state together, the first one writes it
    model, kept = dict[str, Tensor](), dict[str, Tensor]()
    for name, state in states.items():
        for key, value in state.pop("model").items():
            if not isinstance(value, Tensor):
                raise ValueError(f"{key} of the model is no tensor but a {type(value).__name__}, and is not saved")
            model[_prefix(kind, name) + key] = value
    training = {"bundles": states, **counters, **({"rng": random_state()} if rng else {})}
    texts = _json({"slm_net": {**_head(kind, nets), **about}, "nets": nets}), _json(pack(training, kept))
    write_step(folder, {CONFIG: texts[0], MODEL: _bytes(model), OPTIMIZER: _bytes(kept), TRAINING: texts[1]}, keep)


def described(name: str, bundle: NetBundle) -> dict[str, Any]:
    """What a net is, as JSON: its resolved spec, dims and actions.

    Raises:
        ValueError: its model is not one that its spec builds.
    """
    spec, module, update = plain(bundle.spec), bundle.module, bundle.target_update
    kind = spec.get("type")
    if "optim_spec" not in spec or (kind and not _is_built_by(NETS[kind], type(module))):
        why = f"is not the {kind} of slm_net that its spec builds" if kind else "has no spec to build it from"
        raise ValueError(f"the {type(module).__name__} of {name} {why}: torch.save its state_dict()")
    return {
        "spec": spec,
        "in_dim": plain(bundle.in_dim),
        "out_dim": plain(bundle.out_dim),
        "action": as_record(bundle.action),
        "action_pdtype": bundle.action_pdtype,
        "observation": as_record(bundle.observation),
        "gives": bundle.gives,
        "exploration": as_record(bundle.exploration),
        "target_update": [update.update_type, update.update_frequency, update.polyak_coef],
    }


def _is_built_by(builder: Any, found: type) -> bool:
    """Whether a model of this class is what a builder gives; of one that is no class, nobody knows.

    `fully_shard` puts a class of its own before the net's.
    """
    is_sharded = found.__name__ == f"FSDP{getattr(builder, '__name__', '')}" and found.__bases__[-1:] == (builder,)
    return found is builder or is_sharded or not inspect.isclass(builder)


def as_record(value: Any) -> Any:
    """A named tuple as JSON, without what is as by default; those in lists and dicts too.

    >>> as_record([Action("discrete", (2,)), Action("discrete", (2,), start=(1,))])
    [{'kind': 'discrete', 'sizes': [2]}, {'kind': 'discrete', 'sizes': [2], 'start': [1]}]
    """
    if defaults := getattr(value, "_field_defaults", None):
        usual = {key: repr(default) for key, default in defaults.items()}
        return {key: as_record(each) for key, each in value._asdict().items() if usual.get(key) != repr(each)}
    if isinstance(value, Mapping):
        return {key: as_record(each) for key, each in value.items()}
    return [as_record(each) for each in value] if isinstance(value, (list, tuple)) else value


def action_of(record: Any) -> Action | None:
    """The action that `as_record` made JSON of.

    Raises:
        AttributeError, TypeError, ValueError: it is no such JSON.
    """
    if record is None:
        return None
    parts = tuple(filter(None, map(action_of, record.get("parts", ()))))
    return Action(**{**_with_tuples(record), **({"parts": parts} if parts else {})})


def observations_of(record: Any) -> Observations | None:
    """The observations that `as_record` made JSON of, in the form of an `in_dim`.

    Raises:
        AttributeError, TypeError, ValueError: it is no such JSON.
    """
    if record is None:
        return None
    if isinstance(record, list):
        return [Observation(**_with_tuples(each)) for each in record]
    if isinstance(record.get("shape"), list):
        return Observation(**_with_tuples(record))
    return {name: Observation(**_with_tuples(each)) for name, each in record.items()}


def exploration_of(record: Any) -> Exploration | None:
    """The exploration that `as_record` made JSON of.

    Raises:
        AttributeError, TypeError, ValueError: it is no such JSON.
    """
    return None if record is None else Exploration(**_with_tuples(record))


def _with_tuples(record: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _as_tuple(each) for key, each in record.items()}


def _as_tuple(value: Any) -> Any:
    return tuple(map(_as_tuple, value)) if isinstance(value, list) else value


def read_config(step: Step) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the config of a step says of all of it, and of each net by name.

    Raises:
        SpecError: it is damaged, or no config of ours.
    """
    config = step.read_json(CONFIG)
    head, nets = config.get("slm_net"), config.get("nets")
    is_known = isinstance(head, dict) and head.get("format") == FORMAT and head.get("kind") in KINDS
    if not isinstance(head, dict) or not is_known or not isinstance(nets, dict):
        written = head.get("version", "") if isinstance(head, dict) else ""
        is_other = written not in ("", __version__)
        hint = f"it is of slm_net {visible(str(written))}: load it there" if is_other else "was it saved by slm_net?"
        raise refused(os.path.join(step.path, CONFIG), f"is no config of slm_net {__version__}", hint)
    return head, nets


def saved_states(step: Step, kind: str, names: list[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The state of each net of a step, as `state_dict` gave it, and the counters.

    Raises:
        SpecError: a file is damaged, or holds something else.
    """
    kept, training = _tensors(step, OPTIMIZER), step.read_json(TRAINING)
    try:
        counters = dict(unpack(training, kept))
        bundles = counters.pop("bundles")
        states = {name: dict(bundles[name]) for name in names}
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        what = visible(f"{type(error).__name__}: {error}", 160)
        raise refused(os.path.join(step.path, TRAINING), f"is no state of these nets: {what}") from None
    for name, weights in saved_weights(step, kind, names).items():
        states[name]["model"] = weights
    return states, counters


def saved_weights(step: Step, kind: str, names: Iterable[str]) -> dict[str, dict[str, Tensor]]:
    """The weights of each of these nets of a step, by their names in the net.

    Raises:
        SpecError: the file is damaged.
    """
    tensors = _tensors(step, MODEL)
    prefixes = {name: _prefix(kind, name) for name in names}
    return {
        name: {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}
        for name, prefix in prefixes.items()
    }


def _prefix(kind: str, name: str) -> str:
    return "" if kind == "net" else f"{name}."


def _head(kind: str, nets: Any) -> dict[str, Any]:
    versions = {"version": __version__, "torch": torch.__version__, "python": platform.python_version()}
    digest = hashlib.sha256(json.dumps(nets, sort_keys=True).encode()).hexdigest()
    return {"format": FORMAT, "kind": kind, **versions, "hash": digest}


def _json(value: Any) -> bytes:
    return json.dumps(value, indent=1, allow_nan=False).encode()


def _bytes(tensors: Mapping[str, Tensor]) -> bytes:
    """Tensors as safetensors; those that are one (the heads of dueling nets) are written under each of their names."""
    return to_bytes({name: tensor.detach().cpu().clone().contiguous() for name, tensor in tensors.items()}, FOR_TORCH)


def _tensors(step: Step, name: str) -> dict[str, Tensor]:
    data = step.read(name)
    try:
        return from_bytes(data)
    except (SafetensorError, ValueError, TypeError) as error:
        raise refused(os.path.join(step.path, name), f"holds no tensors: {visible(str(error), 160)}") from None


# --- states as JSON and tensors


def pack(value: Any, tensors: dict[str, Tensor], path: str = "") -> Any:
    """A nested state as JSON, its tensors put aside by their paths.

    What JSON has no words for is an object with one key: a tensor, a tuple, a number that is not finite, and a dict
    with other keys than text.

    >>> tensors = {}
    >>> pack({"betas": (0.9, 0.99), "best": float("inf"), "step": torch.tensor(3.0)}, tensors)
    {'betas': {'$tuple': [0.9, 0.99]}, 'best': {'$float': 'inf'}, 'step': {'$tensor': 'step'}}
    >>> unpack(_, tensors)
    {'betas': (0.9, 0.99), 'best': inf, 'step': tensor(3.)}

    Raises:
        ValueError: it holds something else.
    """
    below = f"{path}/" if path else ""
    if isinstance(value, Tensor):
        tensors[path] = value
        return {"$tensor": path}
    if isinstance(value, float) and not isfinite(value):
        return {"$float": repr(float(value))}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Mapping):
        items = {key: pack(each, tensors, f"{below}{key}") for key, each in value.items()}
        if all(isinstance(key, str) and not key.startswith("$") for key in items):
            return items
        return {"$dict": [[pack(key, tensors), each] for key, each in items.items()]}
    if isinstance(value, (list, tuple)):
        listed = [pack(each, tensors, f"{below}{index}") for index, each in enumerate(value)]
        return {"$tuple": listed} if isinstance(value, tuple) else listed
    raise ValueError(f"{path} is a {type(value).__name__}, which is no number, text, list, dict or tensor")


def unpack(value: Any, tensors: Mapping[str, Tensor]) -> Any:
    """The state that `pack` made JSON of.

    Raises:
        KeyError, TypeError, ValueError: it is not such JSON, or a tensor is missing.
    """
    if isinstance(value, list):
        return [unpack(each, tensors) for each in value]
    if not isinstance(value, dict):
        return value
    for mark, meaning in MARKS.items():
        if mark in value:
            return meaning(value[mark], tensors)
    return {key: unpack(each, tensors) for key, each in value.items()}


MARKS = {
    "$tensor": lambda name, tensors: tensors[name],
    "$float": lambda text, _: float(text),
    "$tuple": lambda listed, tensors: tuple(unpack(listed, tensors)),
    "$dict": lambda pairs, tensors: {unpack(key, tensors): unpack(each, tensors) for key, each in pairs},
}


# --- random numbers


def random_state() -> dict[str, Any]:
    """Where the global random numbers are: torch's on every device, Python's, and numpy's if it is in use."""
    state: dict[str, Any] = {"torch": torch.get_rng_state(), "cuda": list(torch.cuda.get_rng_state_all())}
    state["python"] = random.getstate()
    if numpy := sys.modules.get("numpy"):
        name, keys, *rest = numpy.random.get_state()
        state["numpy"] = [str(name), torch.from_numpy(keys.astype("int64")), *map(plain, rest)]
    return state


def set_random_state(state: Any) -> None:
    """Go on with the random numbers of `random_state`.

    Raises:
        KeyError, TypeError, ValueError, RuntimeError: it is none.
    """
    torch.set_rng_state(state["torch"])
    for index, each in enumerate(state["cuda"][: torch.cuda.device_count()]):
        torch.cuda.set_rng_state(each, index)
    random.setstate(state["python"])
    if "numpy" in state and (numpy := sys.modules.get("numpy")):
        name, keys, *rest = state["numpy"]
        numpy.random.set_state((name, keys.numpy().astype("uint32"), *rest))
