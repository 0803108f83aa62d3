"""Ways to damage a spec at a random place, each with the place where an error must be."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

from slm_net.document.specs import read_document

FILES = sorted((Path(__file__).parent.parent / "specs").glob("*.json"))
LISTS = ("hid_layers", "fc_hid_layers")
NOT_NUMBERS = ["0.5", True, [0.5], {"value": 0.5}]


def typo(name: str, rng: random.Random) -> str:
    """The name with two different neighbours swapped, or a letter doubled."""
    at = rng.randrange(1, len(name) - 1)
    swapped = name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    return swapped if swapped != name else name[:at] + name[at] + name[at:]


def renamed(change):
    def damage(net, rng):
        key = rng.choice([key for key in net if len(key) > 3 and key != "type" and change(key, rng) not in net])
        new = change(key, rng)
        items = [(new if name == key else name, value) for name, value in net.items()]
        net.clear()
        net.update(items)
        return (new,)

    return damage


def value(key, choices):
    def damage(net, rng):
        if key in net:
            net[key] = rng.choice(choices)
            return (key,)
        return None

    return damage


def part(key, name, choices):
    def damage(net, rng):
        if isinstance(net.get(key), dict):
            given = rng.choice(choices)
            net[key][name] = typo(net[key][name], rng) if given is typo else given
            return (key, name)
        return None

    return damage


def name_typo(key):
    def damage(net, rng):
        if isinstance(net.get(key), str):
            net[key] = typo(net[key], rng)
            return (key,)
        return None

    return damage


def entry(choices):
    def damage(net, rng):
        keys = [key for key in LISTS if net.get(key) and isinstance(net[key][0], int)]
        if not keys:
            return None
        key = rng.choice(keys)
        at = rng.randrange(len(net[key]))
        net[key][at] = rng.choice(choices)
        return (key, at)

    return damage


def row(at, choices):
    def damage(net, rng):
        if not net.get("conv_hid_layers"):
            return None
        index = rng.randrange(len(net["conv_hid_layers"]))
        net["conv_hid_layers"][index][at] = rng.choice(choices)
        return ("conv_hid_layers", index, at)

    return damage


def whole_row(make):
    def damage(net, rng):
        if not net.get("conv_hid_layers"):
            return None
        index = rng.randrange(len(net["conv_hid_layers"]))
        net["conv_hid_layers"][index] = make(net["conv_hid_layers"][index])
        return ("conv_hid_layers", index)

    return damage


def without(key):
    def damage(net, rng):
        return () if net.pop(key, None) is not None else None

    return damage


def added(key, name):
    def damage(net, rng):
        block = net if key is None else net.get(key)
        if not isinstance(block, dict):
            return None
        block[name] = 1
        return (name,) if key is None else (key, name)

    return damage


DAMAGES = {
    "key with a typo": renamed(typo),
    "key in capitals": renamed(lambda key, rng: key.upper()),
    "key with dashes": renamed(lambda key, rng: key.replace("_", "-") + ("" if "_" in key else "-")),
    "type with a typo": name_typo("type"),
    "activation with a typo": name_typo("hid_layers_activation"),
    "init function with a typo": name_typo("init_fn"),
    "update type with a typo": name_typo("update_type"),
    "optimizer with a typo": part("optim_spec", "name", ["Adm", "RMSpropp", "adam", "SDG", "torch.optim.Adam"]),
    "loss with a typo": part("loss_spec", "name", ["MSE", "SmoothL1", "HuberLos", "relu"]),
    "loss name of another type": part("loss_spec", "name", [None, 3, ["MSELoss"]]),
    "learning rate of another type": part("optim_spec", "lr", [*NOT_NUMBERS, None]),
    "learning rate below zero": part("optim_spec", "lr", [-0.1, -1e-8, 0]),
    "unknown argument of the optimizer": added("optim_spec", "learning_rate_decay"),
    "unknown argument of the loss": added("loss_spec", "betas"),
    "unknown key": added(None, "number_of_layers"),
    "optimizer of another type": value("optim_spec", ["Adam", None, ["Adam", 0.1], 0.1]),
    "loss of another type": value("loss_spec", ["MSELoss", [], 1]),
    "scheduler of another type": value("lr_scheduler_spec", ["StepLR", 0.9, []]),
    "scheduler without its argument": value("lr_scheduler_spec", [{"name": "StepLR"}, {"name": "LinearToZero"}]),
    "clip of another type": value("clip_grad_val", NOT_NUMBERS),
    "clip of zero or less": value("clip_grad_val", [0, -1, -0.5]),
    "layers of another type": value("hid_layers", [64, "64, 32", None, {"0": 64}]),
    "no units": entry([0, -1]),
    "units of another type": entry(["64", None, 1.5, True]),
    "activation of another type": value("hid_layers_activation", [3, False]),
    "gpu of another type": value("gpu", ["yes", 2, None]),
    "frequency of zero": value("update_frequency", [0, -100]),
    "polyak outside of 0 to 1": value("polyak_coef", [1.5, -0.1]),
    "kernel of nothing": row(1, [0, -3, "5", None]),
    "stride of nothing": row(2, [0, -1, "2"]),
    "kernel larger than the image": whole_row(lambda row: [row[0], 99, *row[2:]]),
    "row too short": whole_row(lambda row: row[:1]),
    "row too long": whole_row(lambda row: [row[0], 3, 1, 0, 1, 1, True, "zeros", 0]),
    "no activation": without("hid_layers_activation"),
    "no layers": without("hid_layers"),
    "no sequence length": without("seq_len"),
}
TEXT_DAMAGES = {
    "no comma": lambda text, at: re.sub(r",\n", "\n", text[at:], count=1),
    "two commas": lambda text, at: re.sub(r",\n", ",,\n", text[at:], count=1),
    "single quotes": lambda text, at: re.sub(r'"(\w+)":', r"'\1':", text[at:], count=1),
    "no quotes": lambda text, at: re.sub(r'"(\w+)":', r"\1:", text[at:], count=1),
    "equals sign": lambda text, at: re.sub(r'"(\w+)":', r'"\1" =', text[at:], count=1),
    "hash comment": lambda text, at: re.sub(r",\n", ",  # why\n", text[at:], count=1),
}


def net_of(data: dict) -> tuple[dict, tuple]:
    """The first net block of a file and its path, in the data itself; None where there is no net."""
    document = read_document(json.dumps(data))
    blocks = [block for spec in document.specs for block in spec.net_blocks()]
    if not blocks:
        return None, ()
    net = data
    for step in blocks[0].path:
        net = net[step]
    return net, blocks[0].path
