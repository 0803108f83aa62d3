"""Keys of other libraries and of old SLM Labs whose meaning depends on what stands there."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from slm_net.words import visible


class ByValue(NamedTuple):
    """What stands for a key of which the meaning depends on the value: a hint, and the keys if they are certain."""

    hint: str
    keys: dict[str, Any] | None = None


def by_value(key: str, net: Mapping[str, Any], used: Collection[str]) -> ByValue | None:
    """What stands for a key of a net block whose meaning depends on its value, or None.

    `used` are the keys of its type.

    >>> by_value("polyak_weight", {"polyak_weight": 0.9}, ())
    ByValue(hint='write "polyak_coef": 0.1, the share of the trained net', keys={'polyak_coef': 0.1})
    """
    value = net.get(key)
    if key == "polyak_weight" and isinstance(value, int | float) and 0 <= value <= 1:
        share = float(f"{1 - value:.6g}")
        return ByValue(f'write "polyak_coef": {share:g}, the share of the trained net', {"polyak_coef": share})
    if key == "clip_grad" and isinstance(value, bool):
        return _clip(value, net)
    if key in ("clipvalue", "clip_grad_value") and isinstance(value, int | float):
        keys = {"clip_grad_val": value, "clip_grad_type": "value"}
        return ByValue(f"write {json.dumps(keys)[1:-1]}", keys)
    if key in ("separate", "separate_networks") and isinstance(value, bool):
        return ByValue(f'write "shared": {json.dumps(not value)}', {"shared": not value})
    if key == "use_lstm":
        return ByValue(
            'write "type": "RecurrentNet", "cell_type": "LSTM"' if value else "remove it", None if value else {}
        )
    if key in ("ortho_init", "orthogonal_init") and isinstance(value, bool):
        keys = {"init_fn": "orthogonal_"} if value else {}
        return ByValue('write "init_fn": "orthogonal_"' if value else "remove it", keys)
    if key == "optimizer_kwargs" and not (isinstance(value, Mapping) and "name" in value):
        return _arguments_of_optimizer(value, net)
    if key == "net_arch" and "hid_layers" in used and (layers := _of_both(value, net)):
        return ByValue(f"write {visible(json.dumps(layers)[1:-1], 160)}", layers)
    if key in ("seed", "random_seed"):
        return ByValue("give it to build_net, seed=..., or to slm-net build, --seed ...")
    if key.startswith(DECAYS) and not isinstance(value, Mapping):
        return _decay(net)
    if "hid_layers" in used and "rnn_num_layers" not in used:
        return _equal_layers(key, net)
    return None


def _clip(value: bool, net: Mapping[str, Any]) -> ByValue:
    """`clip_grad` of SLM Lab 0 to 3 said whether, `clip_grad_val` how far."""
    if not value:
        return ByValue('write "clip_grad_val": null for no clipping', {"clip_grad_val": None})
    if "clip_grad_val" in net:
        return ByValue("remove it: clip_grad_val says how far", {})
    return ByValue('write how far, for example "clip_grad_val": 0.5')


def _arguments_of_optimizer(arguments: Any, net: Mapping[str, Any]) -> ByValue:
    """Stable-Baselines3 has the arguments of an optimizer beside its class, which is Adam if none is said."""
    spec = net.get("optim_spec", {"name": "Adam"})
    if not isinstance(arguments, Mapping) or not isinstance(spec, Mapping) or arguments.keys() & spec.keys():
        return ByValue("write its entries into optim_spec, beside the name")
    keys = {"optim_spec": {**spec, **arguments}}
    if "optimizer_class" in net:  # which is to come first
        return ByValue("write its entries into optim_spec, beside the name of the optimizer")
    return ByValue(f"write {visible(json.dumps(keys)[1:-1], 160)}", keys)


def _of_both(layers: Any, net: Mapping[str, Any]) -> dict[str, Any]:
    """The layers of actor and critic, which Stable-Baselines3 has in one object; none if they are not certain."""
    if not isinstance(layers, Mapping) or layers.keys() != {"pi", "vf"} or net.get("shared") is True:
        return {}
    actor, critic = layers["pi"], layers["vf"]
    if not all(isinstance(units, list) and all(type(unit) is int for unit in units) for units in (actor, critic)):
        return {}
    keys = {"hid_layers": actor} if actor == critic else {"actor_hid_layers": actor, "critic_hid_layers": critic}
    return {} if keys.keys() & net.keys() else keys


#: How the keys of the decay of the learning rate began in SLM Lab 0 to 3, and CleanRL's.
DECAYS = ("lr_decay", "decay_lr", "lr_anneal_timestep", "anneal_lr")


def _decay(net: Mapping[str, Any]) -> ByValue:
    if "no_decay" in (net.get("lr_decay"), net.get("decay_lr")) or net.get("anneal_lr") is False:
        return ByValue("remove it: without lr_scheduler_spec the learning rate stays", {})
    last = net.get("lr_anneal_timestep")
    frame = last if isinstance(last, int | float) and last > 0 else 1_000_000
    schedule = f'{{"name": "LinearToZero", "frame": {frame:.15g}}}'
    return ByValue(f'write "lr_scheduler_spec": {schedule}, or another schedule, in its place')


#: How other libraries say how many dense layers there are, and how many units each has.
DEPTHS = ("num_layers", "n_layers", "num_hidden_layers", "n_hidden_layers", "depth", "network_depth")
UNITS = ("hidden_size", "hidden_dim", "num_units", "units", "num_hidden", "hidden_units", "hidden", "width")
_MOST_LAYERS = 100


def _equal_layers(key: str, net: Mapping[str, Any]) -> ByValue | None:
    """Layers of equal width, of which other libraries say the number and the width."""
    depth = next((net[word] for word in DEPTHS if type(net.get(word)) is int and 0 < net[word] <= _MOST_LAYERS), None)
    width = next((net[word] for word in UNITS if type(net.get(word)) is int), None)
    if key in UNITS and depth is not None and net[key] == width and "hid_layers" not in net:
        layers = [width] * depth
        return ByValue(f'write "hid_layers": {visible(str(layers), 60)}', {"hid_layers": layers})
    if key in DEPTHS:
        known = "hid_layers" in net or width is not None
        return ByValue("remove it: hid_layers has an entry for each layer", {} if known else None)
    return None
