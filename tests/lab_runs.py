"""Seeded sessions of a real SLM Lab, plain and with `install()`: are they the same run, to the last bit?

    python tests/lab_runs.py SLM-LAB ... [--write docs/drop_in.md] [--only LABEL]

Each SLM-LAB is the root of a checkout of SLM Lab 4.1.1 or 5.3.0 whose dependencies can be imported by this Python.
`SLM_NET_LAB_BEFORE` names a module to import first: version 4 needs stand-ins for the gym and ray of 2019.
Compared are the weights and buffers of all nets, the optimizers' states, the data frame, the random stream behind, and
what each way makes of the other's checkpoints.
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import importlib
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from lab_arcs import arcs

ATARI = {"env.num_envs": 4}
SOON = {"agent.algorithm.training_start_step": 64, "agent.memory.max_size": 2000}
SHORT, SPECTRAL = {"agent.algorithm.time_horizon": 256}, {"agent.algorithm.spectral_norm": True}
GLOBAL_ADAM = {"name": "GlobalAdam", "lr": 0.002}
CROSSQ_NET = {
    "type": "MLPNet", "hid_layers": [64, 64], "hid_layers_activation": "relu", "batch_norm": True,
    "clip_grad_val": None, "loss_spec": {"name": "MSELoss"}, "optim_spec": {"name": "Adam", "lr": 0.001},
}  # fmt: skip
CROSSQ = {"agent.name": "CrossQ", "agent.algorithm.name": "CrossQ", "agent.critic_net": CROSSQ_NET}


@dataclass(frozen=True)
class Case:
    """A spec of SLM Lab's own for a number of frames; `changes` by dotted path, the spec's first name if none."""

    version: int
    label: str
    file: str
    spec: str | None
    frames: int
    changes: dict[str, Any] = field(default_factory=dict, hash=False)
    distributed: str | None = None


def _five(label: str, file: str, spec: str | None, frames: int, **more: Any) -> Case:
    return Case(5, label, file, spec, frames, **more)


def _four(label: str, file: str, spec: str, frames: int, **more: Any) -> Case:
    return Case(4, label, file, spec, frames, **more)


CASES = [
    _five("PPO", "benchmark/ppo/ppo_cartpole.json", "ppo_cartpole", 2000),
    _five("PPO, continuous", "benchmark/ppo/ppo_pendulum.json", None, 6000, changes=SHORT),
    _five("DDQN, PER", "benchmark/dqn/dqn_cartpole.json", "ddqn_per_boltzmann_cartpole", 2000),
    _five("Dueling DQN", "experimental/dqn/dueling_dqn_cartpole.json", "dueling_dqn_boltzmann_cartpole", 1000),
    _five("DRQN", "experimental/dqn/ddqn_cartpole.json", "ddrqn_boltzmann_cartpole", 1000),
    _five("DQN, Atari", "benchmark/dqn/dqn_pong.json", "dqn_pong", 600, changes={**ATARI, **SOON}),
    _five("SARSA", "benchmark/sarsa/sarsa_cartpole.json", "sarsa_boltzmann_cartpole", 1500),
    _five("REINFORCE", "benchmark/reinforce/reinforce_cartpole.json", "reinforce_cartpole", 4100),
    _five("REINFORCE, recurrent", "experimental/misc/lunar_pg.json", "reinforce_rnn_lunar", 2000),
    _five("A2C, shared", "experimental/a2c/a2c_cartpole.json", "a2c_shared_cartpole", 3000),
    _five("A2C, recurrent", "experimental/a2c/a2c_cartpole.json", "a2c_rnn_shared_cartpole", 1500),
    _five("A2C, Atari", "benchmark/a2c/a2c_gae_pong.json", "a2c_gae_pong", 1100, changes=ATARI),
    _five("SIL", "experimental/sil/sil_cartpole.json", "sil_shared_cartpole", 1500),
    _five("PPO and SIL", "benchmark/sil/ppo_sil_cartpole.json", "ppo_sil_cartpole", 1500),
    _five("SAC", "benchmark/sac/sac_pendulum.json", "sac_pendulum", 1000),
    _five("SAC, spectral norm", "benchmark/sac/sac_pendulum.json", "sac_pendulum", 700, changes=SPECTRAL),
    _five("CrossQ, batch norm", "benchmark/sac/sac_pendulum.json", "sac_pendulum", 700, changes=CROSSQ),
    _five("CrossQ, TorchArcNet", "benchmark/crossq/crossq_classic.yaml", None, 2400),
    _five("PPO, TorchArcNet", "benchmark_arc/ppo/ppo_classic_arc.yaml", None, 2000),
    _five("SAC, TorchArcNet", "benchmark_arc/sac/sac_classic_arc.yaml", None, 1200),
    *(
        _five(f"A3C, {mode}, {name}", "experimental/a3c/a3c_cartpole.json", "a3c_gae_shared_cartpole", 4000,
              changes=changes, distributed=mode)
        for mode in ("shared", "synced")
        for name, changes in (("Adam", {}), ("GlobalAdam", {"agent.net.actor_optim_spec": GLOBAL_ADAM}))
    ),
    _four("REINFORCE", "benchmark/reinforce/reinforce_cartpole.json", "reinforce_cartpole", 1000),
    _four("DDQN", "experimental/dqn/ddqn_cartpole.json", "ddqn_boltzmann_cartpole", 500),
    _four("DDQN, polyak, RAdam", "experimental/dqn/ddqn_cartpole.json", "ddqn_epsilon_greedy_cartpole", 500, changes={
        "agent.0.net.update_type": "polyak", "agent.0.net.polyak_coef": 0.02,
        "agent.0.net.optim_spec": {"name": "RAdam", "lr": 0.002, "weight_decay": 0.01}}),
    _four("DRQN", "experimental/dqn/ddqn_cartpole.json", "ddrqn_boltzmann_cartpole", 400),
    _four("Dueling DQN", "experimental/dqn/dueling_dqn_cartpole.json", "dueling_dqn_boltzmann_cartpole", 500),
    _four("SARSA", "experimental/sarsa/sarsa_cartpole.json", "sarsa_boltzmann_cartpole", 1000),
    _four("A2C, recurrent", "experimental/a2c/a2c_cartpole.json", "a2c_rnn_shared_cartpole", 1000),
    _four("A2C, continuous", "experimental/a2c/a2c_pendulum.json", "a2c_separate_pendulum", 1000),
    _four("PPO, shared", "experimental/ppo/ppo_cartpole.json", "ppo_shared_cartpole", 1000),
    _four("PPO, RAdam and GlobalAdam", "experimental/ppo/ppo_cartpole.json", "ppo_separate_cartpole", 1000, changes={
        "agent.0.net.actor_optim_spec": {"name": "RAdam", "lr": 0.002},
        "agent.0.net.critic_optim_spec": GLOBAL_ADAM}),
    _four("SIL", "experimental/sil/sil_cartpole.json", "sil_shared_cartpole", 500),
    _four("SAC", "experimental/sac/sac_cartpole.json", "sac_cartpole", 500),
    _four("A3C, GlobalRMSprop", "experimental/a3c/a3c_cartpole.json", "a3c_nstep_shared_cartpole", 1000, changes={
        "meta.distributed": False, "agent.0.net.actor_optim_spec": {"name": "GlobalRMSprop", "lr": 0.002}}),
]  # fmt: skip


DENSE = {"hid_layers": [16, 8]}
CONV = {"conv_hid_layers": [[8, 4, 2, 0, 1], [8, 3, 1, 0, 1]], "fc_hid_layers": [16]}
CELL = {"fc_hid_layers": [8], "rnn_hidden_size": 16, "seq_len": 3}
IMAGE = (4, 20, 20)
#: By type: its own keys, its in_dim, and the out_dims that are tried.
NETS: dict[str, tuple[dict[str, Any], Any, tuple[Any, ...]]] = {
    "MLPNet": (DENSE, 5, (3, [3, 1], [2, 2], [2, 2, 1])),
    "DuelingMLPNet": (DENSE, 5, (3,)),
    "HydraMLPNet": ({"hid_layers": [[[8], [8]], [16], []]}, [4, 3], ([2, 3],)),
    "ConvNet": (CONV, IMAGE, (3, [3, 1])),
    "DuelingConvNet": (CONV, IMAGE, (3,)),
    "RecurrentNet": (CELL, 5, (3, [3, 1], [2, 2])),
    "QMLPNet": (DENSE, [5, 2], (1,)),
    "QConvNet": (CONV, [IMAGE, 2], (1,)),
    "FiLMQConvNet": (CONV, [IMAGE, 2], (1,)),
}
OPTIONS: dict[str, dict[str, Any]] = {
    "as it is": {},
    "orthogonal_": {"init_fn": "orthogonal_"},
    "xavier_uniform_": {"init_fn": "xavier_uniform_", "hid_layers_activation": "tanh"},
    "kaiming_normal_": {"init_fn": "kaiming_normal_", "hid_layers_activation": "LeakyReLU"},
    "normal_": {"init_fn": "normal_"},
    "no dense layers": {"fc_hid_layers": []},
    "out activation": {"out_layer_activation": "tanh"},
    "normalize": {"normalize": True},
    "no batch norm": {"batch_norm": False},
    "batch norm": {"batch_norm": True},
    "both norms": {"layer_norm": True, "batch_norm": True},
    "layer norm": {"layer_norm": True},
    "init stds": {"actor_init_std": 0.01, "critic_init_std": 1.0},
    "log_std_init": {"log_std_init": -0.5},
    "LSTM": {"cell_type": "LSTM"},
    "lstm": {"cell_type": "lstm"},
    "both directions": {"bidirectional": True, "rnn_num_layers": 2},
    "clip": {"clip_grad_val": 0.1},
    "RMSprop": {"optim_spec": {"name": "RMSprop", "lr": 0.01, "alpha": 0.9}},
    "GlobalAdam": {"optim_spec": {"name": "GlobalAdam", "lr": 0.01, "eps": 0.01}},
    "GlobalRMSprop": {"optim_spec": {"name": "GlobalRMSprop", "lr": 0.01}},
    "RAdam": {"optim_spec": {"name": "RAdam", "lr": 0.01, "weight_decay": 0.1}},
    "LinearToZero": {"lr_scheduler_spec": {"name": "LinearToZero", "frame": 10}},
    "StepLR": {"lr_scheduler_spec": {"name": "StepLR", "step_size": 1}},
    "spectral norm": {},
}


def cases(version: int) -> list[Case]:
    return [case for case in CASES if case.version == version]


# ---- in the process of one session, in SLM Lab's root


def session(case: Case, installed: bool, folder: Path) -> dict[str, Any]:
    """Train the case; leave its checkpoint in the folder and load the other way's, if that is there."""
    os.environ.update(PY_ENV="development", lab_mode="train", LOG_LEVEL="ERROR", OPTIMIZE_PERF="false")
    sys.path.insert(0, os.getcwd())
    if before := os.environ.get("SLM_NET_LAB_BEFORE"):
        importlib.import_module(before)
    import torch

    torch.set_num_threads(1)
    if installed:
        import slm_net.slm_lab

        slm_net.slm_lab.install(case.version)
    from slm_lab.agent.net import net_util
    from slm_lab.experiment import control

    seed_everything(case.version)
    spec, global_nets = spec_of(case), None
    if case.distributed:
        global_nets = net_util.init_global_nets(control.Session(copy.deepcopy(spec)).agent.algorithm)
    started = time.process_time()
    run = control.Session(copy.deepcopy(spec), global_nets)
    algorithm, built = run.agent.algorithm, time.process_time()
    found: dict[str, Any] = {"ours": type(algorithm.net).__module__.startswith("slm_net."), "build": built - started}
    if not (folder / "loaded-only").exists():
        run.run()
        found["train"] = time.process_time() - built
        frame = (run.agent.mt if case.version == 5 else run.agent.body).train_df
        frame = frame.drop(columns=["fps", "wall_t"], errors="ignore").to_csv(float_format="%.9g")
        parameters = [p.detach() for name in algorithm.net_names for p in getattr(algorithm, name).parameters()]
        found |= {
            "updates": int(run.env.clock.opt_step if case.version == 4 else run.env.get("opt_step")),
            "weights": sum(float(parameter.double().abs().sum()) for parameter in parameters),
            "random": float(torch.rand(1)),
            "frame": hashlib.sha256(frame.encode()).hexdigest(),
            "state": state_of(algorithm),
        }
        keep(algorithm, net_util.save_algorithm, folder / ("ours" if installed else "plain"))
    other = folder / ("plain" if installed else "ours")
    if other.exists():
        keep(algorithm, net_util.load_algorithm, other)
        found["loaded"] = state_of(algorithm)
    return found


def seed_everything(version: int) -> None:
    """The same random numbers for every session, and no pictures."""
    import numpy as np
    import torch
    from slm_lab.experiment import control
    from slm_lab.lib import util, viz

    def seed(spec: Any) -> int:
        for seeded in (random.seed, np.random.seed, torch.manual_seed):
            seeded(7)
        spec["meta"]["random_seed"] = 7
        return 7

    util.set_random_seed = seed
    for name in ("save_image", "plot_session", "plot_trial"):
        setattr(viz, name, lambda *_, **__: None)
    if version == 5:  # version 4 seeds its environments itself
        make_env = control.make_env

        def seeded_env(spec: Any) -> Any:
            env = make_env(spec)
            env.reset(seed=7)
            for space in ("action_space", "single_action_space"):
                if hasattr(env, space):
                    getattr(env, space).seed(7)
            return env

        control.make_env = seeded_env


def spec_of(case: Case) -> Any:
    """The spec of the case, for one session."""
    from slm_lab.spec import spec_util

    spec = spec_util.get(case.file, case.spec or first_name(Path("slm_lab/spec") / case.file))
    env = spec["env"] if case.version == 5 else spec["env"][0]
    env["max_frame"] = case.frames
    frequency = max(1, case.frames // 5)
    spec["meta"].update(max_session=1, log_frequency=frequency, eval_frequency=10**9, rigorous_eval=0)
    for path, value in case.changes.items():
        change(spec, path.split("."), value)
    if case.distributed:
        spec["meta"]["distributed"] = case.distributed
    for unit in ("trial", "session"):
        spec_util.tick(spec, unit)
    return spec


def first_name(path: Path) -> str:
    import yaml

    return next(name for name in yaml.safe_load(path.read_text()) if not name.startswith("_"))


def change(part: Any, path: list[str], value: Any) -> None:
    *parents, last = [int(step) if step.isdigit() else step for step in path]
    for step in parents:
        part = part[step]
    part[last] = value


def keep(algorithm: Any, save_or_load: Any, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    algorithm.agent.spec["meta"]["model_prepath"] = str(folder / "net")
    save_or_load(algorithm)


def state_of(algorithm: Any) -> dict[str, str]:
    """A digest of each net's state, and of its optimizer's."""
    digests = {}
    for name in algorithm.net_names:
        digests[name] = digest(getattr(algorithm, name).state_dict())
        optim = getattr(algorithm, name.replace("net", "optim"), None)
        if optim is not None:
            digests[f"optimizer of {name}"] = digest(optim.state_dict()["state"])
    return digests


def digest(state: Any) -> str:
    """Of the tensors and numbers by name; a step count is one number, whichever shape it has."""
    total = hashlib.sha256()

    def add(name: str, value: Any) -> None:
        if isinstance(value, dict):
            for key in sorted(value, key=str):
                add(f"{name}/{key}", value[key])
        elif hasattr(value, "detach"):
            total.update(name.encode() + value.detach().cpu().contiguous().numpy().tobytes())
        else:
            total.update(f"{name}={value!r}".encode())

    add("", state)
    return total.hexdigest()


# ---- in the process that compares nets, in SLM Lab's root


def nets(version: int) -> dict[str, list[str]]:
    """By net: what differs between SLM Lab's own and ours, which are built, trained and given each other's state."""
    sys.path.insert(0, os.getcwd())
    os.environ.update(PY_ENV="development", lab_mode="train", LOG_LEVEL="ERROR")
    if before := os.environ.get("SLM_NET_LAB_BEFORE"):
        importlib.import_module(before)
    import slm_lab.agent.net as lab

    found = {}
    types = [(kind, kind, *row) for kind, row in NETS.items()]
    types += [(f"arc of {name}", "TorchArcNet", *row) for name, *row in arcs()]
    for name, kind, keys, in_dim, out_dims in types:
        for option, more in OPTIONS.items():
            if not hasattr(lab, kind) or (option == "spectral norm" and version == 4):
                continue
            base = {"hid_layers_activation": "relu", "shared": True, "optim_spec": {"name": "Adam", "lr": 0.01}}
            spec = {"type": kind, **base, **keys, **more}
            dim = (3, 5) if kind == "RecurrentNet" and version == 4 else in_dim
            for out_dim in out_dims:
                differs = differences(version, spec, dim, out_dim, option)
                if differs is not None:
                    found[f"{name}, {option}, {out_dim}"] = differs
    return found


def differences(version: int, spec: dict[str, Any], in_dim: Any, out_dim: Any, option: str) -> list[str] | None:
    """None where SLM Lab's own fails, which has no numbers then."""
    from slm_net.slm_lab import install, uninstall

    made = {}
    for ours in (False, True):
        (install if ours else uninstall)(*([version] if ours else []))
        try:
            made[ours] = trained(spec, in_dim, out_dim, option)
        except Exception as error:  # SLM Lab's own may fail, and then ours may not
            made[ours] = {"fails": type(error).__name__}
    plain, own = made[False], made[True]
    if "fails" in plain:
        return None
    if "fails" in own:
        return [f"ours fails: {own['fails']}"]
    differs = [key for key in ("built", "random", "outputs", "losses", "after") if plain[key] != own[key]]
    states = [copy.deepcopy((net["net"].state_dict(), net["optim"].state_dict())) for net in (plain, own)]
    for state, what in zip(states, ("plain's checkpoint", "our checkpoint"), strict=True):
        after = []
        for net in (plain, own):
            net["net"].load_state_dict(state[0])
            net["optim"].load_state_dict(copy.deepcopy(state[1]))  # which would hold the same tensors
            after.append((net["step"](), digest(net["net"].state_dict()), digest(net["optim"].state_dict()["state"])))
        differs += [what] if after[0] != after[1] else []
    return differs


def trained(spec: dict[str, Any], in_dim: Any, out_dim: Any, option: str) -> dict[str, Any]:
    """A net of SLM Lab's name for it, after three updates."""
    import slm_lab.agent.net as lab
    import torch

    torch.manual_seed(0)
    net = getattr(lab, spec["type"])(copy.deepcopy(spec), copy.deepcopy(in_dim), out_dim)
    if option == "spectral norm":
        lab.net_util.apply_spectral_norm_penultimate(net)
    optim = lab.net_util.get_optim(net, net.optim_spec)
    scheduler = lab.net_util.get_lr_scheduler(optim, net.lr_scheduler_spec)
    built, after_build = digest(net.state_dict()), float(torch.rand(1))
    several = spec["type"] == "HydraMLPNet" or spec["type"].startswith(("Q", "FiLM"))
    xs = [wave(dim, number) for number, dim in enumerate(in_dim if several else [in_dim])]
    arguments = [xs] if spec["type"] == "HydraMLPNet" else xs

    def outputs() -> list[Any]:
        y = net(*arguments)
        return y if isinstance(y, list) else [y]

    def step() -> float:
        loss = sum((y**2).mean() for y in outputs())
        net.train_step(loss, optim, scheduler)
        return loss.item()

    first = [y.detach().tolist() for y in outputs()]
    losses = [step() for _ in range(3)]
    return {
        "net": net, "optim": optim, "step": step, "built": built, "random": after_build, "outputs": first,
        "losses": losses, "after": [digest(net.state_dict()), digest(optim.state_dict()["state"])],
    }  # fmt: skip


def wave(dim: Any, number: int) -> Any:
    """A batch of 4 inputs of this size or shape."""
    import torch

    shape = (4, *(dim if isinstance(dim, tuple | list) else [dim]))
    return torch.sin(torch.arange(torch.Size(shape).numel()).float() + number).reshape(shape)


# ---- the comparison


@dataclass
class Run:
    """One case, both ways; `differs` names what is not the same."""

    case: Case
    updates: int
    weights: float
    ours: bool
    differs: list[str]

    def row(self) -> str:
        nets = "ours" if self.ours else "SLM Lab's"
        verdict = "equal" if not self.differs else "differs: " + ", ".join(self.differs)
        cells = f"{self.case.label} | {self.case.frames:,} | {self.updates:,} | {nets} | {self.weights:.6f} | {verdict}"
        return f"| {self.case.version} | {cells} |"


def compare(lab: Path, case: Case) -> Run:
    """Run the case plain, with `install()`, and once more plain with the checkpoint of the second.

    Raises:
        RuntimeError: a session fails, with the last lines of what it said.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plain, ours = (_child(lab, case, installed, folder) for installed in (False, True))
        (folder / "loaded-only").touch()
        back = _child(lab, case, False, folder)
    differs = [key for key in ("state", "frame", "random", "updates") if plain[key] != ours[key]]
    differs += ["plain's checkpoint"] if ours["loaded"] != plain["state"] else []
    differs += ["our checkpoint"] if back["loaded"] != ours["state"] else []
    return Run(case, plain["updates"], plain["weights"], ours["ours"], differs)


def _child(lab: Path, case: Case, installed: bool, folder: Path) -> dict[str, Any]:
    job = {"case": asdict(case), "installed": installed, "folder": str(folder), "out": str(folder / "found.json")}
    return _run(lab, job, f"{case.label}, {'with install()' if installed else 'plain'}")


def _run(lab: Path, job: dict[str, Any], what: str) -> dict[str, Any]:
    out = Path(job["out"])
    out.unlink(missing_ok=True)
    command = [sys.executable, "-W", "ignore", __file__, "--job", json.dumps(job)]
    done = subprocess.run(command, cwd=lab, capture_output=True, text=True, check=False)
    if not out.exists():
        raise RuntimeError(f"{what}: " + "\n".join(done.stderr.strip().splitlines()[-6:]))
    return json.loads(out.read_text())


def compare_nets(lab: Path) -> dict[str, list[str]]:
    """By net: what differs.

    Raises:
        RuntimeError: the process fails.
    """
    with tempfile.TemporaryDirectory() as name:
        return _run(lab, {"nets": version_of(lab), "out": f"{name}/found.json"}, "nets")


def timed(lab: Path, case: Case, times: int) -> str:
    """What the case costs with `install()`, in CPU time: the medians of `times` pairs of runs."""
    builds, trainings = [], []
    for _ in range(times):
        with tempfile.TemporaryDirectory() as name:
            plain, ours = (_child(lab, case, installed, Path(name)) for installed in (False, True))
        builds.append(ours["build"] - plain["build"])
        trainings.append(ours["train"] / plain["train"])
    build, training = statistics.median(builds), statistics.median(trainings)
    spread = f"{min(trainings):.3f} to {max(trainings):.3f}"
    return f"| {case.version} | {case.label} | {training:.3f} ({spread}) | {build:+.3f} s |"


def version_of(lab: Path) -> int:
    """4 or 5, of a checkout."""
    return 5 if (lab / "pyproject.toml").exists() else 4


HEAD = """| SLM Lab | spec | frames | updates | nets | sum of weights | plain and with `install()` |
|---|---|---:|---:|---|---:|---|"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labs", nargs="*", type=Path, metavar="SLM-LAB")
    parser.add_argument("--write", type=Path, help="put the table between the two comments of this page")
    parser.add_argument("--only", help="the case of this label")
    parser.add_argument("--time", type=int, metavar="N", help="in place of comparing, time each case N times both ways")
    parser.add_argument("--job", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.job:
        job = json.loads(arguments.job)
        if "nets" in job:
            found = nets(job["nets"])
        else:
            found = session(Case(**job["case"]), job["installed"], Path(job["folder"]))
        Path(job["out"]).write_text(json.dumps(found))
        return 0
    rows, failed = [], 0
    for lab in arguments.labs:
        if not arguments.time and not arguments.only:
            found = compare_nets(lab)
            equal = sum(not differs for differs in found.values())
            failed += equal < len(found)
            for name in (name for name, differs in found.items() if differs):
                print(f"{name}: {found[name]}", file=sys.stderr)
            verdict = "equal" if equal == len(found) else f"{equal} equal"
            rows.append(f"| {version_of(lab)} | {len(found)} nets of every type | | 3 | ours | | {verdict} |")
            print(rows[-1], flush=True)
        for case in cases(version_of(lab)):
            if arguments.only not in (None, case.label):
                continue
            if arguments.time:
                print(timed(lab, case, arguments.time), flush=True)
                continue
            try:
                run = compare(lab, case)
                failed += bool(run.differs)
                rows.append(run.row())
            except RuntimeError as error:
                failed += 1
                rows.append(f"| {case.version} | {case.label} | {case.frames:,} | | | | fails |")
                print(error, file=sys.stderr)
            print(rows[-1], flush=True)
    if arguments.write:
        page = arguments.write.read_text(encoding="utf-8")
        table = "\n".join(["<!-- runs -->", HEAD, *rows, "<!-- /runs -->"])
        arguments.write.write_text(re.sub(r"<!-- runs -->.*<!-- /runs -->", lambda _: table, page, flags=re.DOTALL))
    if not arguments.time:
        print(f"{len(rows) - failed} of {len(rows)} equal")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
