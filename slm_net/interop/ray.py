"""Searches by Ray Tune over the machines of a cluster: Optuna draws, ASHA ends what does worse, Ray runs the trials."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FunctionType
from typing import Any

from slm_net.extras import require
from slm_net.interop.optuna import drawn, sampler_of, trials_of
from slm_net.problems import UsageError
from slm_net.searching import Objective, Report, Search, fault, outcome
from slm_net.words import visible

require("ray", "a search over a cluster")

import ray  # noqa: E402
from optuna import Study  # noqa: E402
from optuna.storages import BaseStorage  # noqa: E402
from optuna.trial import Trial  # noqa: E402
from ray import cloudpickle, tune  # noqa: E402
from ray.tune.schedulers import ASHAScheduler  # noqa: E402
from ray.tune.search.optuna import OptunaSearch  # noqa: E402

#: Steps that no trial reaches: ASHA compares, and the objective decides how long a trial is.
ENDLESS = 10**15


@contextmanager
def connected(address: str | None, folder: str) -> Iterator[None]:
    """A cluster: the one at an address, else one of this machine alone, for as long as it is needed.

    The processes of its trials look for modules in the folder too.

    Raises:
        UsageError: there is no cluster at the address, or none starts.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    paths = os.pathsep.join(filter(None, (folder, os.environ.get("PYTHONPATH"))))
    options: dict[str, Any] = {} if address else {"include_dashboard": False}
    try:
        ray.init(
            address or "local",
            runtime_env={"env_vars": {"PYTHONPATH": paths}},
            log_to_driver=bool(os.environ.get("SLM_NET_DEBUG")),
            logging_level=logging.ERROR,
            **options,
        )
    except Exception as error:  # of many kinds, also plain ones
        reason = visible(next(iter(str(error).splitlines()), ""), 200)
        if not address:
            raise UsageError(f"Ray does not start on this machine: {reason}") from None
        hint = "start one with ray start --head, or leave --address out for this machine alone"
        raise UsageError(f"no Ray cluster at {visible(address)}: {reason} ({hint})") from None
    try:
        yield
    finally:
        ray.shutdown()


class Searcher(OptunaSearch):
    """`OptunaSearch` whose trials keep what those of `optimize` do: config, spec, state, steps, and why they failed."""

    def __init__(self, search: Search, storage: BaseStorage, done: int, tell: Callable[[], None]):
        self.search, self.tell, self.asked = search, tell, dict[int, Trial]()
        super().__init__(
            self.draw,
            metric="value",
            mode=search.direction[:3],
            sampler=sampler_of(search, done),
            study_name=search.name,
            storage=storage,
        )

    def draw(self, trial: Trial) -> dict[str, Any]:
        """What is given to the trial's process: its number, and its spec as a text, or why there is none."""
        self.asked[trial.number] = trial
        try:
            return {"number": trial.number, "spec": json.dumps(drawn(self.search, trial)), "error": ""}
        except Exception as error:
            return {"number": trial.number, "spec": "", "error": fault(error)}

    def on_trial_result(self, trial_id: str, result: dict[str, Any]) -> None:
        """Tell Optuna what a trial has reported, at the step that it has named."""
        if not result["over"]:
            self.asked[result["number"]].report(result["value"], result["step"])

    def on_trial_complete(self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False) -> None:
        """Tell Optuna how a trial ended: with a value, by ASHA, or by an error."""
        over, failed = result and result["over"], error or (result and result["error"])
        if result and failed:
            self.asked[result["number"]].set_user_attr("error", result["error"])
        elif result:
            self.on_trial_result(trial_id, result)
        super().on_trial_complete(trial_id, result if over and not failed else None, bool(failed))
        self.tell()

    def __getstate__(self) -> dict[str, Any]:
        return {}  # Ray keeps copies to restore a run from; ours goes on from the storage of the study

    def save(self, checkpoint_path: str) -> None:
        """Nothing: the study is in its storage."""


def tuned(
    search: Search,
    study: Study,
    storage: BaseStorage,
    tell: Callable[[], None] = lambda: None,
    *,
    results: str | None = None,
) -> None:
    """Try specs on the cluster until the study, which is in the storage, has as many trials as are asked for."""
    done = len(trials_of(study))
    if done >= search.most:
        return
    os.environ.setdefault("TUNE_DISABLE_AUTO_CALLBACK_LOGGERS", "1")
    os.environ.setdefault("RAY_AIR_NEW_OUTPUT", "0")
    if isinstance(search.objective, FunctionType) and search.objective.__module__ in sys.modules:
        cloudpickle.register_pickle_by_value(sys.modules[search.objective.__module__])  # others may not have the file
    config = tune.TuneConfig(
        metric="value",
        mode=search.direction[:3],
        search_alg=Searcher(search, storage, len(study.get_trials(deepcopy=False)), tell),
        scheduler=ASHAScheduler(time_attr="step", grace_period=max(1, search.warmup), max_t=ENDLESS),
        num_samples=search.most - done,
        max_concurrent_trials=search.jobs or None,
    )
    trainable = tune.with_resources(tune.with_parameters(_trial, objective=search.objective), _resources(search.spec))
    run = tune.RunConfig(name=_folder(search.name), storage_path=results, verbose=0)
    tune.Tuner(trainable, tune_config=config, run_config=run).fit()


def _trial(config: Mapping[str, Any], objective: Objective) -> dict[str, Any]:
    """One trial, in a process of its own: its last report, or what went wrong."""
    step = 0

    def told(at: int, value: float) -> None:
        nonlocal step
        step = max(step, at)
        tune.report({"step": at, "value": value, "number": config["number"], "over": False, "error": ""})

    told_last = {"number": config["number"], "over": True, "error": config["error"], "value": float("nan")}
    try:
        if not config["error"]:
            told_last["value"] = outcome(objective, json.loads(config["spec"]), Report(config["number"], told))
    except Exception as error:
        told_last["error"] = fault(error)
    return {**told_last, "step": step + 1}


def _resources(spec: Mapping[str, Any]) -> dict[str, float]:
    """What one trial takes, as `meta.search_resources` of SLM Lab 5 says it; a processor if it says nothing."""
    meta = spec.get("meta")
    asked = meta.get("search_resources") if isinstance(meta, Mapping) else None
    return {"cpu": 1, "gpu": 0, **(asked if isinstance(asked, Mapping) else {})}


def _folder(name: str) -> str:
    """A name for a folder."""
    return "".join(char if char.isalnum() or char in "-_." else "_" for char in name)[:100].lstrip(".") or "search"
