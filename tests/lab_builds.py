"""Every entry of the schemas in a real SLM Lab, beside the native net: does `validate(for_=...)` say what happens?

    python tests/lab_builds.py SLM-LAB

SLM-LAB is the root of a checkout of SLM Lab 4.1.1 or 5.3.0 whose dependencies can be imported by this Python, as in
`lab_runs.py`. A net with each type, key, name and argument is built and trained both ways. Where SLM Lab
fails there has to be an error, where its numbers are other ones a warning, where they are the same nothing.
"""

from __future__ import annotations

import copy
import importlib
import json
import math
import os
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lab_runs import IMAGE, version_of, wave

DENSE, CONV = {"hid_layers": [6, 5]}, {"conv_hid_layers": [[4, 3, 2], [6, 3]], "fc_hid_layers": [6]}
CELL = {"fc_hid_layers": [6], "rnn_hidden_size": 5, "seq_len": 3}
#: By type: its own keys, its in_dim, its out_dims.
NETS: dict[str, tuple[dict[str, Any], Any, list[Any]]] = {
    "MLPNet": (DENSE, 5, [3, [3, 1]]),
    "DuelingMLPNet": (DENSE, 5, [3]),
    "QMLPNet": (DENSE, [5, 2], [1]),
    "HydraMLPNet": ({"hid_layers": [[[6], [5]], [4], []]}, [4, 3], [[2, 3]]),
    "ConvNet": (CONV, list(IMAGE), [3]),
    "DuelingConvNet": (CONV, list(IMAGE), [3]),
    "QConvNet": (CONV, [list(IMAGE), 2], [1]),
    "FiLMQConvNet": (CONV, [list(IMAGE), 2], [1]),
    "RecurrentNet": (CELL, [3, 5], [3, [3, 1]]),
    "DuelingRecurrentNet": (CELL, [3, 5], [3]),
}
HYDRAS = [
    [[[6]], [4], []], [[[], [5]], [4], []], [[[6], [5]], [], []], [[[6], [5]], [4], [[3], [2]]],
    [[[6], [5]], [4], [[4, 3], [4, 2]]], [[[6], [5]], [4], [[4], [4]]], [[[6], [5]], [4], [[5, 3], [5, 3]]],
    [[[6], [5]], [4], [[], []]], [[[6.0], [5]], [4], []],
]  # fmt: skip
ROWS = [
    [4, 3], [4, [3, 2]], [4, 3, 1, "same"], [4, 3, [2, 1], [1, 0], [1, 2]], [4, 3, 1, 0, 1, 2],
    [4, 3, 1, 0, 1, 1, False], [4, 3, 1, 1, 1, 1, True, "circular"], [4.0, 3], [4, 3.0], [4, 3, 2.0], [4, [3.0, 3]],
]  # fmt: skip
NEEDED = {
    "frame": 9, "min_factor": 0.2, "step_size": 2, "milestones": [2, 3], "gamma": 0.5, "T_max": 4, "T_0": 3,
    "base_lr": 0.001, "max_lr": 0.02, "total_steps": 20, "val": 0.1, "sparsity": 0.5, "threshold": 0.1, "value": 0.2,
}  # fmt: skip
NEED_ARGUMENTS = ("Threshold", "constant_", "sparse_")
#: Where the numbers differ by chance, or are the same by chance: random slopes, rates that are too large, an activation
#: that leaves such outputs alone, keys that do nothing here either; and how long a run is, few updates do not show.
BY_CHANCE = (
    *("RReLU", "'critic_init_std'", "'Hardtanh'", "'Identity'", "FiLMQConvNet", "'lr': 0.3", "'lr': 1.5"),
    *("'total_steps': 2", "'frame': 0.3", "'frame': 9, 'step_on': 'update'"),
)
#: RAdam uses its eps from the sixth one on.
UPDATES = 8

Case = tuple[dict[str, Any], Any, Any]


def cases() -> Iterator[Case]:
    """Nets with each entry of the schemas."""
    from slm_net.schema import catalogue

    activations, inits = (catalogue.names(kind) for kind in ("activation", "init"))
    alone = [name for name in activations if name not in NEED_ARGUMENTS]
    for kind in NETS:
        for key, part in catalogue.net_properties(kind).items():
            if not any(word in key for word in ("type", "hid_layers", "_fn", "_spec", "cuda_id", "activation", "gpu")):
                for value in values(catalogue.expanded(part)):
                    yield from nets(kind, {key: value})
        all_names = kind in ("MLPNet", "ConvNet")
        for key in ("hid_layers_activation", "out_layer_activation"):
            for name in alone if all_names else ("Tanh", "Softmax"):
                yield from nets(kind, {key: name})
        for name in inits if all_names else ("orthogonal_", "eye_", "dirac_"):
            yield from nets(kind, {"init_fn": name}) if name not in NEED_ARGUMENTS else ()
        yield from nets(kind, {"clip_grad_type": "value", "clip_grad_val": 0.1})
        yield from shapes(kind)
    for init in ("orthogonal_", "xavier_normal_", "kaiming_uniform_"):
        yield from (case for name in alone for case in nets("MLPNet", {"init_fn": init, "hid_layers_activation": name}))
    for key, kind in {"hid_layers_activation": "activation", "init_fn": "init", "loss_spec": "loss"}.items():
        yield from named(key, kind)
    yield from named("optim_spec", "optimizer")
    yield from named("lr_scheduler_spec", "lr_scheduler")
    for out_dim in ([2, 2], [2, 2, 1], 2):
        for key in ("log_std_init", "actor_init_std"):
            yield from nets("MLPNet", {key: 0.5}, out_dim)


def named(key: str, kind: str) -> Iterator[Case]:
    """Each name of a kind, with each of its arguments."""
    from slm_net.schema import catalogue

    for name in catalogue.names(kind):
        needed = catalogue.document(kind)["$defs"][name].get("required", [])
        needed = [*needed, "total_steps"] if name == "OneCycleLR" else needed
        given = {"name": name, **{argument: NEEDED[argument] for argument in needed}}
        given |= {"lr": 0.05} if kind == "optimizer" else {}
        yield from nets("MLPNet", {key: given}, 2)
        for argument, part in catalogue.arguments(kind, name).items():
            for value in values(catalogue.expanded(part)):
                yield from nets("MLPNet", {key: {**given, argument: value}}, 2)
                if kind == "optimizer" and name != "Lookahead":
                    inner = {"name": "Lookahead", "optimizer": name, "lr": 0.05, argument: value}
                    yield from nets("MLPNet", {key: inner}, 2)


def shapes(kind: str) -> Iterator[Case]:
    """Sizes and lists that a type can have."""
    for key in ("hid_layers", "fc_hid_layers"):
        if key in NETS[kind][0] and kind != "HydraMLPNet":
            yield from (case for value in ([], [8.0]) for case in nets(kind, {key: value}))
    if kind == "HydraMLPNet":
        yield from (case for lists in HYDRAS for case in nets(kind, {"hid_layers": lists}))
    if "Conv" in kind:
        for row in ROWS:
            for more in ({}, {"init_fn": "normal_"}):
                yield from nets(kind, {"conv_hid_layers": [row, [4, 2]], **more})
        for image in ([2, 12], [2, 6, 6, 6]):
            keys = {"conv_hid_layers": [[4, 3], [4, 2]]}
            yield from ((spec, [image, 2] if kind[0] in "QF" else image, out) for spec, _, out in nets(kind, keys))
    for cell in ("GRU", "gru", "LSTM", "lstm", "RNN", "rnn") if "Recurrent" in kind else ():
        yield from (case for init in (None, "orthogonal_") for case in nets(kind, {"cell_type": cell, "init_fn": init}))
    layers = {"MLPNet": 2, "ConvNet": 3, "RecurrentNet": 1}.get(kind.removeprefix("Dueling"))
    yield from nets(kind, {"hid_layers_activation": ["relu"] * layers}) if layers else ()
    yield from nets(kind, {"out_layer_activation": ["tanh", None]}, [3, 1]) if kind in ("MLPNet", "ConvNet") else ()


def nets(kind: str, keys: dict[str, Any], out_dim: Any = None) -> Iterator[Case]:
    """A net of a type with these keys, for each of its out_dims."""
    own, in_dim, out_dims = NETS[kind]
    base = {"type": kind, "hid_layers_activation": "relu", "optim_spec": {"name": "Adam", "lr": 0.01}, **own}
    yield from (({**base, **keys}, in_dim, out) for out in (out_dims if out_dim is None else [out_dim]))


def values(part: Any) -> list[Any]:
    """The default of a schema, what it lists, and a number that it takes."""
    types = part.get("type", ())
    low, high = part.get("minimum", -2), part.get("maximum", part.get("exclusiveMaximum", 3))
    found = [part[word] for word in ("default",) if word in part] + part.get("enum", []) + part.get("examples", [])
    found += [True, False] if "boolean" in types else []
    found += [value for value in (0.3, 1.5) if "number" in types and low < value < high][:1]
    found += [value for value in (2, 2.0) if "integer" in types and low <= value <= high]
    return [value for index, value in enumerate(found) if repr(value) not in map(repr, found[:index])]


def numbers(spec: dict[str, Any], in_dim: Any, net: Any, loss_fn: Any, step: Any) -> list[Any]:
    """The outputs of some updates, and what the loss makes of targets of several kinds (None: it fails)."""
    import torch

    kind = spec["type"]
    several = kind == "HydraMLPNet" or kind.startswith(("Q", "FiLM"))
    xs = [wave(dim, number) for number, dim in enumerate(in_dim if several else [in_dim])]
    found: list[Any] = []
    for target in (torch.eye(4)[:, :2], torch.tensor([0, 1, 1, 0]), torch.tensor([[0, -1]] * 4)):
        try:
            found.append(loss_fn(torch.linspace(0.1, 0.9, 8).reshape(4, 2), target).item())
        except (RuntimeError, ValueError, TypeError, IndexError):
            found.append(None)
    for _ in range(UPDATES):
        torch.manual_seed(1)
        y = net(xs) if kind == "HydraMLPNet" else net(*xs)
        y = y if isinstance(y, list) else [y]
        found += [value for out in y for value in (*out.shape, *out.detach().flatten().tolist())]
        step(10 * sum((out**2).mean() for out in y))
    return found


def native(spec: dict[str, Any], in_dim: Any, out_dim: Any) -> list[Any]:
    """What `build_net` gives."""
    import slm_net

    bundle, frames = slm_net.build_net(copy.deepcopy(spec), in_dim, out_dim, seed=0, device="cpu"), iter(range(1, 99))
    bundle.model.train()
    return numbers(spec, in_dim, bundle.model, bundle.loss_fn, lambda loss: bundle.train_step(loss, next(frames)))


class Clock:
    """A clock of version 4, of one frame an update."""

    frame = 0

    def get(self, *_: Any) -> int:
        return self.frame

    def tick(self, *_: Any) -> None:
        self.frame += 1


def in_the_lab(version: int, spec: dict[str, Any], in_dim: Any, out_dim: Any) -> list[Any]:
    """What SLM Lab's own class and its functions give."""
    import slm_lab.agent.net as lab
    import torch

    torch.manual_seed(0)
    dim = in_dim[1] if version == 5 and spec["type"] == "RecurrentNet" else in_dim
    net = getattr(lab, spec["type"])(json.loads(json.dumps(spec)), dim, out_dim)
    optim = lab.net_util.get_optim(net, net.optim_spec)
    scheduler, clock = lab.net_util.get_lr_scheduler(optim, net.lr_scheduler_spec), Clock()

    def step(loss: Any) -> None:
        if version == 4:
            net.train_step(loss, optim, scheduler, clock=clock)
        else:
            net.train_step(loss, optim, scheduler)
            scheduler.step()

    net.train()
    return numbers(spec, in_dim, net, net.loss_fn, step)


def near(ours: list[Any], theirs: list[Any]) -> bool:
    """Whether these are the same numbers but for rounding."""
    pairs = zip(ours, theirs, strict=False)
    return len(ours) == len(theirs) and all(
        a == b or (None not in (a, b) and math.isclose(a, b, rel_tol=2e-4, abs_tol=2e-5)) for a, b in pairs
    )


def compared(version: int) -> Iterator[tuple[str, str, str]]:
    """What SLM Lab does, what is said of it, and the case; those that slm_net does not build are left out."""
    import slm_net

    for case in cases():
        try:
            ours = native(*case)
        except slm_net.SpecError:
            continue
        try:
            theirs = in_the_lab(version, *case)
        except Exception:  # whatever it may be
            theirs = []
        fails = not theirs or any(a is not None and b is None for a, b in zip(ours, theirs, strict=False))
        does = "fails" if fails else "the same" if near(ours, theirs) else "another thing"
        spec, in_dim, out_dim = case
        told = slm_net.validate(spec, in_dim=in_dim, out_dim=out_dim, for_=f"slm-lab-{version}")
        told = [problem for problem in told if "SLM Lab" in problem.message]
        severity = min((problem.severity for problem in told), default="")
        yield does, {"": "nothing", "error": "an error", "warning": "a warning"}[severity], repr(case)


RIGHT = {("fails", "an error"), ("another thing", "a warning"), ("the same", "nothing")}


def main(lab: Path) -> tuple[Counter[tuple[str, str]], list[str]]:
    """How often each pair of deed and word is found in this process, and the cases where they do not agree."""
    version = version_of(lab)
    os.chdir(lab)
    sys.path.insert(0, str(lab))
    os.environ.update(PY_ENV="development", lab_mode="train", LOG_LEVEL="ERROR")
    if before := os.environ.get("SLM_NET_LAB_BEFORE"):
        importlib.import_module(before)
    import torch

    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    if version == 4:
        lookahead_on_torch_2()
    found = [row for row in compared(version) if not any(word in row[2] for word in BY_CHANCE)]
    return Counter(row[:2] for row in found), [f"{does}, {said}: {case}" for does, said, case in found
                                              if (does, said) not in RIGHT]  # fmt: skip


def lookahead_on_torch_2() -> None:
    """Version 4's Lookahead runs on the torch of its own environment; on torch 2 it lacks what an optimizer has."""
    import torch
    from slm_lab.lib.optimizer import Lookahead

    made = Lookahead.__init__

    def make(self: Any, *args: Any, **more: Any) -> None:
        made(self, *args, **more)
        torch.optim.Optimizer.__setstate__(
            self, {key: vars(self)[key] for key in ("defaults", "param_groups", "state")}
        )

    Lookahead.__init__ = make


if __name__ == "__main__":
    counts, wrong = main(Path(sys.argv[1]).absolute())
    print(json.dumps({"counts": {", ".join(pair): count for pair, count in counts.items()}, "wrong": wrong}, indent=1))
    sys.exit(bool(wrong))
