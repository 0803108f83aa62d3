"""Rules about learning rates, schedules and losses: what trains, but hardly as it was meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any, TypeGuard

from slm_net.document.algorithms import RECIPES
from slm_net.document.nets import NetView, canonical_name
from slm_net.problems import ERROR, NET, WARNING, Edit, Problem, Rule, net_example, spec_example
from slm_net.rules.arguments import ARGUMENT_CONFLICT
from slm_net.rules.dims import LIST_DOES_NOT_FIT
from slm_net.rules.keys import UNUSED_KEY
from slm_net.schema import catalogue
from slm_net.wording.schema_problems import VALUE_OUT_OF_RANGE
from slm_net.wording.values import shown

UNUSUAL_LEARNING_RATE = Rule(
    "SN303",
    "unusual-learning-rate",
    what="A learning rate is below 1e-7 or above 1. This is a warning.",
    why="it is a mistyped exponent more often than a choice, and the run that shows it takes hours.",
    wrong=net_example('"optim_spec": {"name": "Adam", "lr": 1e3}'),
    right=net_example('"optim_spec": {"name": "Adam", "lr": 1e-3}'),
)


SCHEDULE_ENDS_EARLY = Rule(
    "SN304",
    "schedule-ends-early",
    what=(
        "A schedule of the learning rate that counts frames ends before the environment's `max_frame`. This is a "
        "warning."
    ),
    why=(
        "from there on the learning rate stays as it is, at 0 for `LinearToZero`: the rest of the run learns nothing."
    ),
    wrong=spec_example(
        """{
      "type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu",
      "lr_scheduler_spec": {"name": "LinearToZero", "frame": 1e6}
    }""",
        '{"name": "CartPole-v1", "max_frame": 1e7}',
    ),
    right=spec_example(
        """{
      "type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu",
      "lr_scheduler_spec": {"name": "LinearToZero", "frame": 1e7}
    }""",
        '{"name": "CartPole-v1", "max_frame": 1e7}',
    ),
)


NORMALISED_TWICE = Rule(
    "SN305",
    "normalised-twice",
    what=(
        "The environment normalises observations (`normalize_obs` of SLM Lab 5, `normalize_state` of 4), and the net "
        "does so too. This is a warning."
    ),
    why="the second one has nothing to do but to clip, and both have statistics that move while the net learns.",
    wrong=spec_example(f'{NET[:-1]}, "normalize_obs": "running"}}', '{"name": "CartPole-v1", "normalize_obs": true}'),
    right=spec_example(f'{NET[:-1]}, "normalize_obs": "running"}}'),
)


#: Learning rates outside of these are mistyped exponents more often than choices.
LEAST_LR, MOST_LR = 1e-7, 1.0
#: The arguments that are learning rates, by the key that they stand in.
LEARNING_RATES = {"optim_spec": ("lr",), "lr_scheduler_spec": ("base_lr", "max_lr")}
#: The schedules that come to an end, and the argument that says when.
ENDS = {"LinearToZero": "frame", "LinearToMin": "frame", "PolynomialLR": "total_iters", "OneCycleLR": "total_steps"}


#: A polyak_coef from here on is hardly the share of the trained net.
NEAR_ONE = 0.95


def learning_rates_are_usual(net: NetView) -> Iterator[Problem]:
    """1e-3 rather than 1e3: a rate that is far off trains nothing, or diverges."""
    for key, arguments in LEARNING_RATES.items():
        for argument in arguments:
            value = _part(net, key).get(argument)
            if not _is_number(value) or LEAST_LR <= value <= MOST_LR:
                continue
            why = "nothing is learned" if value == 0 else "that is hardly meant"
            message = f"{argument} is {shown(value)}: {why}"
            hint = f"rates from {LEAST_LR:g} to {MOST_LR:g} are usual, for example 0.001"
            yield UNUSUAL_LEARNING_RATE.at(net.at(key, argument), message, hint, WARNING)


def schedule_lasts(net: NetView) -> Iterator[Problem]:
    """A schedule that counts frames and ends before the training does."""
    spec = _part(net, "lr_scheduler_spec")
    name = canonical_name("lr_scheduler", str(spec.get("name")))
    if name not in ENDS or not _counts_frames(name, spec) or not _is_number(net.max_frame):
        return
    end = spec.get(ENDS[name])
    if _is_number(end) and end < net.max_frame:
        message = f"the schedule ends at frame {end:,.15g}, but max_frame is {net.max_frame:,.15g}"
        hint = f"write {net.max_frame:.15g}, or another max_frame"
        yield SCHEDULE_ENDS_EARLY.at(net.at("lr_scheduler_spec", ENDS[name]), message, hint, WARNING)


def observations_are_normalised_once(net: NetView) -> Iterator[Problem]:
    """By the environment or by the net."""
    if net.normalised_by and net.has("normalize_obs") and net.spec["normalize_obs"] is not None:
        message = f"observations are normalised twice: by {net.normalised_by} of env, and by the net"
        path, hint = net.at("normalize_obs"), f'remove it, or write "{net.normalised_by}": false in env'
        yield NORMALISED_TWICE.at(path, message, hint, WARNING, at_key=True, fix=(Edit(path, "remove"),))


def decay_decays(net: NetView) -> Iterator[Problem]:
    """A factor above 1 lets the learning rate grow without end."""
    gamma = _part(net, "lr_scheduler_spec").get("gamma")
    if _is_number(gamma) and gamma > 1:
        message = f"gamma is {shown(gamma)}: the learning rate grows with every decay"
        yield VALUE_OUT_OF_RANGE.at(net.at("lr_scheduler_spec", "gamma"), message, "for example 0.9", WARNING)


def update_frequency_is_whole(net: NetView) -> Iterator[Problem]:
    """Steps are counted in whole numbers."""
    value = net.spec["update_frequency"]
    if net.has("update_frequency") and isinstance(value, float) and isfinite(value) and not value.is_integer():
        message = f"update_frequency is {shown(value)} steps, no whole number; {max(1, round(value))} is used"
        hint = "did you mean polyak_coef?" if value < 1 else "write a whole number"
        yield VALUE_OUT_OF_RANGE.at(net.at("update_frequency"), message, hint, WARNING)


def target_moves(net: NetView) -> Iterator[Problem]:
    """A target net that stays as it was born, or follows so closely that it is none."""
    known = net.algorithm in RECIPES
    if (known and not RECIPES[net.algorithm].has_targets) or not net.has("update_type"):
        return
    polyak, coef = net.spec["update_type"] == "polyak", net.spec["polyak_coef"]
    if polyak and "polyak_coef" not in net.written:
        message = "update_type is polyak, but polyak_coef is missing: it is 0, and the target net never moves"
        yield ARGUMENT_CONFLICT.at(net.at("update_type"), message, 'add "polyak_coef": 0.005', WARNING)
    elif polyak and _is_number(coef) and NEAR_ONE <= coef < 1:
        message = f"polyak_coef is {shown(coef)}, the share of the trained net: its target is all but a copy of it"
        hint = f"write {1 - coef:.6g}, if {shown(coef)} of the target are to stay"
        yield VALUE_OUT_OF_RANGE.at(net.at("polyak_coef"), message, hint, WARNING)
    elif not polyak and "polyak_coef" in net.written and net.has("polyak_coef") and coef:
        message = "polyak_coef is not used, as update_type is replace"
        hint = 'write "update_type": "polyak", or remove it'
        yield UNUSED_KEY.at(net.at("polyak_coef"), message, hint, WARNING, at_key=True)


def target_stays(net: NetView) -> Iterator[Problem]:
    """A target net that is copied at every step is none; whoever writes nothing of it has not thought of one."""
    written = next((key for key in ("update_frequency", "update_type") if key in net.written), "")
    follows = net.algorithm in RECIPES and RECIPES[net.algorithm].has_targets and written
    if not follows or not net.has("update_type", "update_frequency"):
        return
    if (net.spec["update_type"], net.spec["update_frequency"]) == ("replace", 1):
        message = "update_frequency is 1: the target net is copied at every step, and is none"
        hint = 'write for how many steps it stays, for example "update_frequency": 1000'
        yield VALUE_OUT_OF_RANGE.at(net.at(written), message, hint, WARNING)


def _counts_frames(name: str, spec: Mapping[str, Any]) -> bool:
    default = catalogue.arguments("lr_scheduler", name)["step_on"]["default"]
    return bool(spec.get("step_on", default) == "frame")


def _part(net: NetView, key: str) -> Mapping[str, Any]:
    """An object of the spec that is written and right, else an empty one."""
    value = net.spec.get(key) if key in net.written and net.has(key) else None
    return value if isinstance(value, Mapping) else {}


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


#: Losses with one weight per class, of which the net has as many as outputs.
PER_CLASS = ("CrossEntropyLoss", "MultiMarginLoss", "NLLLoss")


def weights_match_outputs(net: NetView) -> Iterator[Problem]:
    """A list of weights has one entry per output; those that are spread over a batch may also be for its samples."""
    outputs = net.outputs
    for part in net.parts("loss_spec") if outputs else ():
        per_class = part.name in PER_CLASS
        for key in ("weight", "pos_weight"):
            weights = part.written.get(key)
            if not isinstance(weights, list) or len(weights) in (outputs if per_class else (1, *outputs)):
                continue
            counts = " and ".join(map(str, dict.fromkeys(outputs)))
            message = f"{len(weights)} weight{'s' * (len(weights) > 1)} for {counts} output{'s' * (outputs != [1])}"
            severity = ERROR if per_class else WARNING
            yield LIST_DOES_NOT_FIT.at(part.at(net, key), message, "give one per output, or null", severity)
