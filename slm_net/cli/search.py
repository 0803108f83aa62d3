"""`slm-net search`: the search of a spec, run by Optuna or Ray Tune with an objective of the user's own."""

from __future__ import annotations

import argparse
import json
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from threading import Lock
from types import ModuleType
from typing import Any, NamedTuple

from slm_net.cli.build import refused
from slm_net.cli.check import read_input, report_of
from slm_net.cli.objective import objective_at
from slm_net.cli.parser import INTERRUPTED, OK, SPEC_ERROR, UsageError, assignment, count, limit, one_of, seed
from slm_net.document.specs import Document
from slm_net.plan import loaded
from slm_net.problems import COMMAND, SpecError, SpecWarning
from slm_net.reporting.progress import following
from slm_net.reporting.report import write_problems
from slm_net.reporting.terminal import say
from slm_net.reporting.trials import Tried, best_of, picture, write_table, written
from slm_net.searching import Search, space_of
from slm_net.text.writing import check_target, write_whole
from slm_net.words import visible

EPILOG = """\
examples:
  slm-net search dqn.json --objective train.py:run --trials 50
  slm-net search dqn.json --objective train.py:run --trials 50 \\
      --storage sqlite:///study.db
  slm-net search ppo.yaml --name ppo_lunar --objective train.py:run \\
      --trials 500 --engine ray --address auto

train.py has a function run(spec, report), which trains what the spec says and
returns how good it is; report(step, value) on the way lets a trial that does
worse than others end. docs/searches.md has one, and what is drawn how.

The same command again goes on with the study in the storage, up to --trials in
all. Ctrl-C keeps what is done.

exit codes: 0 fine, 1 the spec has errors or no trial completed, 2 wrong usage
  or an unreadable file, 130 interrupted
"""
Part = Callable[[str], ModuleType]
ENGINES = ("optuna", "ray")


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.epilog = EPILOG
    add = parser.add_argument
    add("file", metavar="SPEC", help='a spec file with a search, or "-" for standard input')
    add("--objective", metavar="FILE.py:NAME", required=True, help="the function that tries a spec")
    add("--trials", type=count, metavar="N", required=True, help="how many in all, with those of the storage")
    add("--storage", metavar="URL", help="where the study is kept, sqlite:///study.db (default: in memory)")
    add("--study", metavar="NAME", help="its name in the storage (default: that of the spec)")
    add("--minimize", action="store_true", help="the lowest value is the best, not the highest")
    add("--warmup", type=limit, metavar="STEPS", help="no trial is ended before (default: a tenth of max_frame)")
    add("--seed", type=seed, metavar="N", help="draws the same again, where trials run one by one")
    add("--jobs", type=count, default=0, metavar="N", help="trials at once (default: 1; of Ray as many as fit)")
    add("--name", metavar="SPEC", help="which spec of a file with several")
    add("--set", type=assignment, action="append", default=[], metavar="VAR=VALUE", help="a value for ${VAR}")
    what = "a new value in the spec, for example agent.0.net.gpu=false"
    add("--override", type=assignment, action="append", default=[], metavar="PATH=VALUE", help=what)
    add("--out", metavar="FILE", help="where the best spec is written (default: NAME_best.json)")
    add("--plot", metavar="FILE", help="where the picture is written (default: NAME_trials.png)")
    add("--engine", type=one_of("engine", *ENGINES), default="optuna", metavar="ENGINE", help="optuna (default) or ray")
    add("--address", metavar="ADDRESS", help="a Ray cluster: auto, or ray://HOST:PORT (default: this machine)")
    add("--ray-results", metavar="DIR", help="where Ray keeps its own files (default: ~/ray_results)")


def run(arguments: argparse.Namespace, part: Part) -> int:
    """Search, print, write; the exit code.

    `part` imports the engines.
    """
    _refuse_options(arguments)
    document = read_input(arguments.file)
    try:
        found = loaded(document, arguments.name, dict(arguments.set), dict(arguments.override), COMMAND)
        space = space_of(found.concrete)
    except SpecError as error:
        return refused(document, error, as_json=False)
    if sys.stderr is not None:
        write_problems(report_of(document.source, found.warnings), sys.stderr)
    warnings.simplefilter("ignore", SpecWarning)  # they have been told
    objective, spec = objective_at(arguments.objective), found.concrete.spec
    search = Search(
        name=arguments.study or spec.name or os.path.basename(document.source.file).partition(".")[0],
        space=space,
        spec=dict(spec.data),
        objective=objective,
        total=arguments.trials,
        maximize=not arguments.minimize,
        seed=arguments.seed,
        jobs=arguments.jobs,
        warmup=_warmup(spec.max_frame, arguments.warmup),
    )
    return _searched(search, arguments, part, _files(document, arguments, search.name))


def _refuse_options(arguments: argparse.Namespace) -> None:
    """Refuse options of one engine beside the other."""
    for option in ("address", "ray_results"):
        if vars(arguments)[option] and arguments.engine != "ray":
            raise UsageError(f"--{option.replace('_', '-')} goes with --engine ray")


def _warmup(max_frame: Any, asked: int | None) -> int:
    """Steps, which are frames where nothing else is said."""
    frames = max_frame if isinstance(max_frame, int | float) else 0
    return int(frames) // 10 if asked is None else asked


def _searched(search: Search, arguments: argparse.Namespace, part: Part, files: _Files) -> int:
    """Try specs, show and keep what came out; the exit code."""
    optuna = part("interop.optuna")
    storage = optuna.storage_at(arguments.storage)
    study, is_interrupted = optuna.study_of(search, storage), False
    with following() as line:
        told = _Told(search, files, line, optuna.trials_of(study))

        def tell() -> None:
            told.now(optuna.trials_of(study))

        try:
            if arguments.engine == "ray":
                ray, folder = part("interop.ray"), os.path.dirname(os.path.abspath(arguments.objective))
                with ray.connected(arguments.address, folder):
                    ray.tuned(search, study, storage, tell, results=arguments.ray_results)
            else:
                optuna.optimize(search, study, tell)
        except KeyboardInterrupt:
            is_interrupted = True
    trials = optuna.trials_of(study)
    _show(trials, search, files)
    if is_interrupted or len(trials) < search.most:  # Ray Tune ends in order
        kept = "the same command goes on" if arguments.storage else "a search with --storage could go on"
        say(f"interrupted after {len(trials)} of {search.most} trials: {kept}", sys.stderr)
        return INTERRUPTED
    return OK if best_of(trials, search.maximize) else SPEC_ERROR


class _Files(NamedTuple):
    """Where the best spec and the picture go; `name` is that of the spec in its file, "" of one that stands alone."""

    best: str
    plot: str
    name: str
    has_name: bool

    def write_best(self, trial: Tried) -> None:
        """Write the spec of a trial as a file."""
        kept = {key: value for key, value in trial.spec.items() if self.has_name or key != "name"}
        data = {self.name: kept} if self.name else kept
        _write("--out", self.best, f"{json.dumps(data, indent=2)}\n".encode())


def _files(document: Document, arguments: argparse.Namespace, study: str) -> _Files:
    """Where to write, which is tried out before hours have passed."""
    stem = "".join(char if char.isalnum() or char in "-_." else "_" for char in study)[:100].lstrip(".") or "search"
    best, plot = arguments.out or f"{stem}_best.json", arguments.plot or f"{stem}_trials.png"
    for option, target in (("--out", best), ("--plot", plot)):
        try:
            check_target(os.path.realpath(target))
        except OSError as error:
            raise _unwritable(option, target, error) from None
        if os.path.exists(target) and os.path.exists(arguments.file) and os.path.samefile(target, arguments.file):
            raise UsageError(f"{option} {visible(target, 300)!r}: that is the spec")
    spec = document.choose(arguments.name)
    return _Files(best, plot, spec.name if document.kind == "file" else "", "name" in spec.data)


class _Told:
    """What is said while trials end, and the best spec written whenever there is a better one."""

    def __init__(self, search: Search, files: _Files, line: following, known: Sequence[Tried]):
        self.search, self.files, self.line, self.lock = search, files, line, Lock()
        self.failed = {trial.number for trial in known if trial.error}
        self.best = best_of(known, search.maximize)
        if known:
            line.note(f"the study has {len(known)} trials already")

    def now(self, trials: Sequence[Tried]) -> None:
        """Say what the last trial has changed."""
        with self.lock:
            for trial in trials:
                if trial.error and trial.number not in self.failed:
                    self.failed.add(trial.number)
                    self.line.note(f"trial {trial.number} failed: {trial.error}")
            best = best_of(trials, self.search.maximize)
            if best and best != self.best:
                self.files.write_best(best)
                self.best = best
            said = f", best {written(best.value)} (trial {best.number})" if best else ""
            self.line.update(f"{len(trials)} of {self.search.most} trials{said}")


def _show(trials: Sequence[Tried], search: Search, files: _Files) -> None:
    """The table on standard output, the files, and where they are."""
    if not trials:
        return
    write_table(trials, search.maximize, sys.stdout)
    say("", sys.stdout)
    if best := best_of(trials, search.maximize):
        files.write_best(best)
        where = f"its spec is in {visible(files.best, 300)}"
        say(f"best: trial {best.number} with {written(best.value)}, {where}", sys.stdout)
    else:
        say("no trial completed", sys.stdout)
    logarithms = [path for path, distribution in search.space.items() if distribution.is_log]
    _write("--plot", files.plot, picture(trials, search.name, search.maximize, logarithms))
    say(f"picture: {visible(files.plot, 300)}", sys.stdout)


def _write(option: str, target: str, data: bytes) -> None:
    try:
        write_whole(os.path.realpath(target), data)
    except OSError as error:
        raise _unwritable(option, target, error) from None


def _unwritable(option: str, target: str, error: OSError) -> UsageError:
    return UsageError(f"{option} {visible(target, 300)} cannot be written: {(error.strerror or str(error)).lower()}")
