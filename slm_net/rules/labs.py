"""Nets in a certain SLM Lab (`--for slm-lab-4`): what fails there that slm_net builds, and what means another thing.

Which types, names, keys and arguments a release has stands in `schemas/` (`slm_net.schema.labs`); here are the shapes
of values, and what only goes wrong with the algorithm or the outputs. Of torch nothing is said: a name that it has is
there in every SLM Lab that runs on it. `tests/lab_builds.py` holds all of this to the releases themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from slm_net.document.nets import NetView, Part, canonical_name
from slm_net.net_types.hydra import VECTORS
from slm_net.problems import WARNING, Path, Problem, Rule, net_example
from slm_net.rules.activations import OVER_DIM
from slm_net.rules.init import SETTLED_BY
from slm_net.schema import catalogue
from slm_net.schema.labs import arguments_read, is_ours, keys_of_every_net, keys_read, lacks
from slm_net.wording.values import shown
from slm_net.words import visible

FAILS_IN_THE_LAB = Rule(
    "SN501",
    "fails-in-slm-lab",
    what=(
        "With `--for slm-lab-4` or `--for slm-lab-5`: something that slm_net takes, and SLM Lab 4.1.1 or 5.3.0 fails "
        "on: a list of activations, an object for an init function, no hidden layers, a layout of the other version."
    ),
    why="a team that runs SLM Lab itself would learn it when the run starts, or in its first update.",
    wrong=net_example('"init_fn": {"name": "orthogonal_", "gain": 1.4}'),
    right=net_example('"init_fn": "orthogonal_"'),
    options="--for slm-lab-4",
)


DIFFERS_IN_THE_LAB = Rule(
    "SN502",
    "differs-in-slm-lab",
    what=(
        "With `--for slm-lab-4` or `--for slm-lab-5`: something that SLM Lab 4.1.1 or 5.3.0 ignores without a word, or "
        "takes for another thing than slm_net. This is a warning."
    ),
    why="the lab trains another net than the one that the spec describes.",
    wrong=net_example('"dropout": 0.1'),
    right=net_example('"init_fn": "orthogonal_"'),
    options="--for slm-lab-5",
)


NOT_IN_THE_LIBRARY = Rule(
    "SN503",
    "not-in-the-library",
    what=(
        "Something that slm_net builds, and the library that is to train it (`slm_net.interop`) has no place for: a "
        "net with a memory, an optimizer other than its own. What is not the net itself is a warning."
    ),
    why="the library would train another net, or in another way, without a word.",
    no_example="this is found by the functions of `slm_net.interop`.",
)


#: What is read by the algorithms, or says what the block is.
READ_ELSEWHERE = ("type", "shared", "use_same_optim", "$schema")
#: What one step of a scheduler of torch counts.
UNIT = {4: "frames", 5: "training iterations"}
#: torch.nn.init.calculate_gain, and what SLM Lab lets the kaiming functions stand before.
WITH_GAIN, KAIMING = ("ReLU", "LeakyReLU", "Tanh", "Sigmoid", "SELU"), ("ReLU", "LeakyReLU")
#: Numbers that torch wants without a point, while SLM Lab hands on what it reads.
SIZES = ("hid_layers", "conv_hid_layers", "fc_hid_layers", "rnn_hidden_size", "rnn_num_layers", "seq_len")
WHOLE = {
    "CosineAnnealingWarmRestarts": ("T_0", "T_mult"),
    "CrossEntropyLoss": ("ignore_index",),
    "NLLLoss": ("ignore_index",),
    "OneCycleLR": ("total_steps", "epochs", "steps_per_epoch"),
}
#: A larger eps is more than a guard against dividing by 0.
LARGE_EPS = 1e-5
#: Which entry of a convolution's row says whether there is a bias.
BIAS = 6


def net_runs_in_the_lab(net: NetView) -> Iterator[Problem]:
    """What SLM Lab of the version that the net is for makes of it; nothing if it is for none."""
    for check in CHECKS if net.lab else ():
        yield from check(net)


def _fails(net: NetView, path: Path, message: str, hint: str) -> Problem:
    return FAILS_IN_THE_LAB.at(path, f"SLM Lab {net.lab} {message}", hint)


def _differs(net: NetView, path: Path, message: str, hint: str = "", at_key: bool = False) -> Problem:
    hint = hint or f"remove it for the net that SLM Lab {net.lab} trains"
    return DIFFERS_IN_THE_LAB.at(path, f"SLM Lab {net.lab} {message}", hint, WARNING, at_key=at_key)


# --- what the schemas say of the releases


def _type(net: NetView) -> Iterator[Problem]:
    if hint := lacks(net.lab, "net", net.type):
        yield _fails(net, net.at("type"), f"has no {net.type}", hint)
    elif net.type == "FiLMQConvNet":
        message = "puts a sigmoid after the dense layers, the scale and the shift of a FiLMQConvNet"
        yield _differs(net, net.at("type"), message, 'for example "QConvNet"')


def _keys(net: NetView) -> Iterator[Problem]:
    own = keys_read(net.lab, net.type)
    for key in net.written if own is not None else ():
        is_read = key in (own or ()) or key in keys_of_every_net() or key in READ_ELSEWHERE
        part = net.own_keys.get(key)
        if part is None or is_read or not net.has(key) or net.spec[key] == part.get("default"):
            continue
        if key == "cuda_id":
            hint = "remove it; CUDA_OFFSET in the environment says from which GPU on"
            yield _differs(net, net.at(key), "spreads its sessions over all GPUs", hint, at_key=True)
        else:
            yield _differs(net, net.at(key), f"does not read {key} of {net.type}", at_key=True)


def _names(net: NetView) -> Iterator[Problem]:
    """Names that are not there, and arguments that they do not take there."""
    for part in net.parts():
        alone = part.kind in ("activation", "init")
        if not is_ours(part.kind, part.name):
            continue
        if hint := lacks(net.lab, part.kind, part.name):
            yield _fails(net, part.at(net, "" if alone else "name"), f"cannot use {part.name}", hint)
            continue
        known = catalogue.arguments(part.kind, part.name)
        for argument in part.written if not alone else ():
            if argument in known and argument not in arguments_read(net.lab, part.kind, part.name):
                yield from _argument(net, part, argument)
            elif part.kind == "loss" and isinstance(part.written[argument], list):
                message = f"hands the list to {part.name}, which takes a tensor"
                yield _fails(net, part.at(net, argument), message, "remove it; there are no weights of a loss there")


def _argument(net: NetView, part: Part, argument: str) -> Iterator[Problem]:
    path = part.at(net, argument)
    if argument != "step_on":
        taken = ", ".join(sorted(arguments_read(net.lab, part.kind, part.name)))
        yield _fails(net, path, f"has a {part.name} of its own without {argument}", f"remove it; it takes {taken}")
    elif part.name != "LinearToZero":
        hint = f"remove it; SLM Lab {net.lab} counts {UNIT[net.lab]}"
        yield _fails(net, path, f"hands step_on to {part.name}, which does not take it", hint)
    elif part.written[argument] != "frame":
        yield _differs(net, path, "counts the frames of LinearToZero", 'write "frame", or remove it')


# --- activations and init functions


def _activations(net: NetView) -> Iterator[Problem]:
    for key in ("hid_layers_activation", "out_layer_activation"):
        value = net.spec[key] if net.has(key) else None
        if isinstance(value, list) and key == "hid_layers_activation":
            same = value[0] if isinstance(value[0], str) and all(entry == value[0] for entry in value) else None
            hint = f"write {shown(same)}" if same else "write one name for all layers"
            yield _fails(net, net.at(key), "has one activation for all hidden layers, not a list", hint)
            continue
        for index, entry in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(entry, Mapping):
                path = net.at(key, *([index] if isinstance(value, list) else []))
                yield _fails(net, path, "takes the name of an activation, no object", _name_alone("activation", entry))


def _name_alone(kind: str, entry: Mapping[str, Any]) -> str:
    """What to write for an object with a name."""
    name = canonical_name(kind, entry["name"])
    if catalogue.needed(kind, name):
        return f"choose another one: {name} needs arguments"
    given = {key: value for key, value in entry.items() if key != "name"}
    known = catalogue.arguments(kind, name)
    usual = all(known[key].get("default", value) == value for key, value in given.items())
    return f"write {shown(entry['name'])}" + ("" if usual else ", whose arguments cannot be chosen there")


def _critics_have_one_output(net: NetView) -> Iterator[Problem]:
    """A list of output activations goes to the nets of values too, and fails there."""
    key = "out_layer_activation"
    if not net.has(key) or not isinstance(net.spec[key], list) or net.written.get(key) != key:
        return
    if net.has_critic and net.spec.get("shared") is False:
        message, hint = "gives the list to the critic too, which has one output", f"rename it to 'actor_{key}'"
        yield _fails(net, net.at(key), message, hint)
    elif net.algorithm == "SoftActorCritic":
        message = "gives the list to the Q nets too, which have one output"
        yield _fails(net, net.at(key), message, "write one name for all nets, or null")


def _init(net: NetView) -> Iterator[Problem]:
    init = net.spec["init_fn"] if net.has("init_fn", "hid_layers_activation") else None
    if init is None:
        return
    if isinstance(init, Mapping):
        yield _fails(net, net.at("init_fn"), "takes the name of an init function, no object", _name_alone("init", init))
        return
    if init == "eye_" and net.spec.get("conv_hid_layers") and "conv_hid_layers" in net.own_keys:
        yield _fails(net, net.at("init_fn"), "gives eye_ to convolutions, and fails", 'for example "orthogonal_"')
    if net.spec.get("cell_type") in ("LSTM", "RNN") and "cell_type" in net.own_keys:
        message = f"leaves the {net.spec['cell_type']} as torch starts it"
        yield _differs(net, net.at("init_fn"), message, 'write null, or "cell_type": "GRU"')
    activation = net.spec["hid_layers_activation"]
    if activation is None:
        message, hint = "fails on an init_fn without hid_layers_activation", "write null, or name an activation"
        yield _fails(net, net.at("init_fn"), message, hint)
    elif isinstance(activation, str) and init in SETTLED_BY:
        known = KAIMING if SETTLED_BY[init] == "nonlinearity" else WITH_GAIN
        if (name := canonical_name("activation", activation)) not in known:
            hint = f"write null, or another init function, or one of the activations {', '.join(known)}"
            yield _fails(net, net.at("init_fn"), f"knows no gain for {init} before {name}", hint)


def _softmax_of_maps(net: NetView) -> Iterator[Problem]:
    name = net.spec["hid_layers_activation"] if net.has("hid_layers_activation") else None
    over = isinstance(name, str) and canonical_name("activation", name) in OVER_DIM
    if over and "conv_hid_layers" in net.own_keys and net.spec.get("conv_hid_layers"):
        message = f"sums {visible(str(name))} of a map over its channels, slm_net over its last dimension"
        yield _differs(net, net.at("hid_layers_activation"), message, 'for example "relu"')


# --- layers


def _layers(net: NetView) -> Iterator[Problem]:
    if keys_read(net.lab, net.type) is None:
        return
    hint = "add a layer, for example [64]"
    if net.type in ("MLPNet", "DuelingMLPNet", "QMLPNet") and net.has("hid_layers") and not net.spec["hid_layers"]:
        yield _fails(net, net.at("hid_layers"), "builds no net without hidden layers", hint)
    if net.type in ("QConvNet", "FiLMQConvNet") and net.has("fc_hid_layers") and not net.spec["fc_hid_layers"]:
        yield _fails(net, net.at("fc_hid_layers"), f"builds no {net.type} without dense layers", hint)
    yield from _of_hydra(net)
    yield from _convolutions(net)
    yield from _recurrent(net)


def _of_hydra(net: NetView) -> Iterator[Problem]:
    if net.kind.takes is not VECTORS or (lists := net.hydra_lists) is None:
        return
    heads, body, tails = lists
    if isinstance(net.out_dim, int):
        yield _fails(
            net, net.at("type"), "builds a HydraMLPNet for several outputs alone", "there is no such net there"
        )
    empty = [(0, index) for index, head in enumerate(heads) if not head] + ([] if body else [(1,)])
    for where in empty:
        message = f"builds no {'head' if where[0] == 0 else 'body'} without layers"
        yield _fails(net, net.at("hid_layers", *where), message, "add a layer, for example [64]")
    for index, tail in enumerate(tails if body else ()):
        if len(tail) < 2 or tail[0] != body[-1]:
            message = "wants the last width of the body in front of the layers of every tail"
            hint = f"write {[body[-1], *tail]}" if tail else "write [] for the tails, or give each one a layer"
            yield _fails(net, net.at("hid_layers", 2, index), message, hint)


def _convolutions(net: NetView) -> Iterator[Problem]:
    if "conv_hid_layers" not in net.own_keys or not net.has("conv_hid_layers"):
        return
    image = net.image
    if image is not None and len(image) != 3:
        message = f"has 2-d convolutions alone, and the image {tuple(image)} has {len(image) - 1} dimensions"
        yield _fails(net, net.at("type"), message, "there is no such net there")
    for index, row in enumerate(net.spec["conv_hid_layers"]):
        for place, entry in enumerate(row):
            if isinstance(entry, list) and len(entry) != 2:
                message = f"has 2-d convolutions alone, and {shown(entry)} is {len(entry)} sizes"
                yield _fails(net, net.at("conv_hid_layers", index, place), message, "give one number, or 2 of them")
        if len(row) > BIAS and row[BIAS] is False and net.has("init_fn") and net.spec["init_fn"] is not None:
            message = "fails on an init_fn for a convolution without bias"
            yield _fails(net, net.at("conv_hid_layers", index, BIAS), message, "write true")


def _recurrent(net: NetView) -> Iterator[Problem]:
    if "cell_type" not in net.own_keys:
        return
    written = net.as_written.get("cell_type")
    if net.has("cell_type") and net.spec["cell_type"] == "LSTM" and written not in ("LSTM", None):
        message = f"puts out the cell state for {shown(written)}, in another shape"
        yield _differs(net, net.at("cell_type"), message, 'write "LSTM"')
    if net.has("bidirectional") and net.spec["bidirectional"]:
        message = "reads the backward direction alone, and the forward half gets no gradient"
        yield _differs(net, net.at("bidirectional"), message, "write false")


def _whole_numbers(net: NetView) -> Iterator[Problem]:
    """slm_net takes 64.0 for 64, SLM Lab does not."""
    found = [net.at(key, *inside) for key in SIZES if key in net.own_keys for inside in _floats(net, key)]
    for part in net.parts("loss_spec", "lr_scheduler_spec"):
        # OneCycleLR looks at the others only without total_steps
        keys = ("total_steps",) if part.arguments.get("total_steps") else WHOLE.get(part.name, ())
        found += [part.at(net, key) for key in keys if isinstance(part.written.get(key), float)]
    for path in found:
        yield _fails(net, path, "hands the number to torch, which takes none with a point here", "write it without .0")


def _floats(net: NetView, key: str) -> Iterator[Path]:
    def walk(value: Any, inside: Path) -> Iterator[Path]:
        if isinstance(value, list):
            for index, entry in enumerate(value):
                yield from walk(entry, (*inside, index))
        elif isinstance(value, float):
            yield inside

    return walk(net.as_written.get(key), ()) if net.has(key) else iter(())


# --- training and outputs


def _training(net: NetView) -> Iterator[Problem]:
    for part in net.parts("optim_spec", "lr_scheduler_spec"):
        own_radam = part.name == "RAdam" and net.lab == 4
        if own_radam and part.written.get("weight_decay"):
            message = "decays the weights of RAdam directly, as AdamW does"
            hint = 'write 0; in slm_net the same is "decoupled_weight_decay": true'
            yield _differs(net, part.at(net, "weight_decay"), message, hint)
        if (own_radam or part.name == "GlobalAdam") and part.arguments["eps"] > LARGE_EPS:
            message = f"adds eps of {part.name} before the bias is corrected: it counts for more in the first updates"
            yield _differs(net, part.at(net, "eps"), message, "for example 1e-8")
        if part.name == "OneCycleLR" and net.lab == 4 and isinstance(net.max_frame, int | float):
            yield from _one_cycle(net, part, net.max_frame)


def _one_cycle(net: NetView, part: Part, max_frame: float) -> Iterator[Problem]:
    """SLM Lab goes on after the last step, where torch ends the run."""
    given = part.arguments
    total = given["total_steps"] or (given["epochs"] or 0) * (given["steps_per_epoch"] or 0)
    if total < max_frame:
        message = f"counts frames, and fails after {total:,.15g} of {max_frame:,.15g}"
        yield _fails(net, part.at(net, "total_steps"), message, f'write "total_steps": {max_frame:.15g}')


def _policy(net: NetView) -> Iterator[Problem]:
    """SLM Lab 5 builds or initialises the outputs of a policy in fewer cases than slm_net."""
    outputs, own = net.outputs, keys_read(net.lab, net.type) or ()
    pair = len(outputs) == 2 and outputs[0] == outputs[1]
    shared = net.has_critic and net.spec.get("shared") is True
    learned = "log_std_init" in own and net.has("log_std_init") and net.spec["log_std_init"] is not None
    if learned and (shared or (outputs and not pair)):
        message = "uses log_std_init for two or more actions alone, and not in a net that the critic shares"
        yield _differs(net, net.at("log_std_init"), message)
    for key in ("actor_init_std", "critic_init_std"):
        if key not in own or not net.has(key) or net.spec[key] is None:
            continue
        if net.has_critic:
            message = f"of {visible(net.algorithm)} takes {key} for a key 'init_std' of one net, which nothing reads"
            yield _differs(net, net.at(key), message)
        elif not _same_outputs(net, key, outputs):
            which = "first of several outputs" if key == "actor_init_std" else "last of several outputs, whatever it is"
            yield _differs(net, net.at(key), f"initialises the {which}")


def _same_outputs(net: NetView, key: str, outputs: list[int]) -> bool:
    """Whether the key reaches in SLM Lab 5 the outputs that it reaches here; of unknown ones that is not denied."""
    if not outputs or outputs == [1, 1]:
        return True
    value = len(outputs) > 1 and outputs[-1] == 1
    if key == "actor_init_std":
        return len(outputs) == 2 and value
    return value or (len(outputs) == 1 and net.gives != "q")


CHECKS: tuple[Callable[[NetView], Iterator[Problem]], ...] = (
    *(_type, _keys, _names),
    *(_activations, _critics_have_one_output, _init, _softmax_of_maps),
    *(_layers, _whole_numbers),
    *(_training, _policy),
)
