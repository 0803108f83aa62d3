"""Searches by Optuna: a study that goes on where it ended, prunes by what is reported, and outlives its trials."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from slm_net.extras import require
from slm_net.problems import UsageError
from slm_net.reporting.trials import Tried
from slm_net.searching import Report, Search, apply, fault, outcome
from slm_net.text.mapping import text_of
from slm_net.words import visible

require("search", "a search")

import optuna  # noqa: E402
from optuna.samplers import BaseSampler, BruteForceSampler, TPESampler  # noqa: E402
from optuna.storages import BaseStorage, InMemoryStorage, RDBStorage  # noqa: E402
from optuna.trial import FrozenTrial, Trial, TrialState  # noqa: E402

#: How trials that are over are called.
ENDED = {TrialState.COMPLETE: "complete", TrialState.PRUNED: "pruned", TrialState.FAIL: "failed"}


def storage_at(url: str | None) -> BaseStorage:
    """The storage of a URL such as `sqlite:///study.db`; one in memory without it.

    Raises:
        UsageError: it is no URL, or nothing can be stored there.
    """
    if not url:
        return InMemoryStorage()
    if "://" not in url:
        raise UsageError(f"--storage {visible(url)!r} is no URL: write sqlite:///{visible(url)}")
    try:
        return RDBStorage(url)
    except Exception as error:  # those of SQLAlchemy and of the driver of any database
        reason = next(iter(str(error.__cause__ or error).splitlines()), type(error).__name__)
        raise UsageError(f"--storage {visible(url.partition('://')[0])}://...: {visible(reason, 300)}") from None


def study_of(search: Search, storage: BaseStorage) -> optuna.Study:
    """The study of a search in a storage, new or as it is there.

    Raises:
        UsageError: what is there under this name is the study of another search.
    """
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)  # what it says of trials stands in the table
    study = optuna.create_study(
        storage=storage,
        pruner=optuna.pruners.MedianPruner(n_warmup_steps=search.warmup),
        study_name=search.name,
        direction=search.direction,
        load_if_exists=True,
    )
    own = {path: [distribution.name, distribution.values] for path, distribution in search.space.items()}
    there = study.user_attrs.get("search", {} if study.get_trials(deepcopy=False) else own)
    other = "" if text_of(there) == text_of(own) else "of another search"
    if study.direction.name.lower() != search.direction:
        other = f"to {study.direction.name.lower()}"
    if other:
        name = visible(search.name)
        raise UsageError(f"the storage has a study {name!r} {other}: give --study NAME, or another --storage")
    study.set_user_attr("search", own)
    return study


def sampler_of(search: Search, done: int = 0) -> BaseSampler:
    """TPE, or each combination once where everything is a `grid_search`; another one after so many trials."""
    seed = None if search.seed is None else (search.seed + done) % 2**32
    if not search.is_grid:
        return TPESampler(seed=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        return BruteForceSampler(seed=seed)


def trials_of(study: optuna.Study) -> list[Tried]:
    """The trials of a study that are over, without those that somebody interrupted."""
    trials = study.get_trials(deepcopy=False)
    return [_tried(trial) for trial in trials if trial.state in ENDED and not trial.user_attrs.get("interrupted")]


def _tried(trial: FrozenTrial) -> Tried:
    kept = trial.user_attrs
    seconds = trial.duration.total_seconds() if trial.duration else 0.0
    state, value = ENDED[trial.state], None if trial.state == TrialState.FAIL else trial.value
    error = kept.get("error", "the process of the trial ended" if state == "failed" else "")
    return Tried(trial.number, state, value, kept.get("config", {}), kept.get("spec", {}), seconds, error)


def optimize(search: Search, study: optuna.Study, tell: Callable[[], None] = lambda: None) -> None:
    """Try specs until the study has as many trials as are asked for, or there is nothing left to try.

    Each trial keeps its config, its spec, and why it failed. `tell` is called after each. A trial that is interrupted
    is tried again when the search goes on.
    """

    def ended(study: optuna.Study, _: FrozenTrial) -> None:
        tell()
        if len(trials_of(study)) >= search.total:  # other processes may take part
            study.stop()

    def tried(trial: Trial) -> float:
        try:
            return _try(search, trial)
        except optuna.TrialPruned:
            raise
        except KeyboardInterrupt:
            trial.set_user_attr("interrupted", True)
            study.enqueue_trial(trial.params)
            raise
        except Exception as error:
            trial.set_user_attr("error", fault(error))
            raise

    left = search.total - len(trials_of(study))
    if left > 0:
        # the same random numbers again would be the same trials again
        study.sampler = sampler_of(search, len(study.get_trials(deepcopy=False)))
        study.optimize(tried, n_trials=left, n_jobs=max(1, search.jobs), catch=Exception, callbacks=[ended])


def _try(search: Search, trial: Trial) -> float:
    def told(step: int, value: float) -> None:
        trial.report(value, step)
        if trial.should_prune():
            raise optuna.TrialPruned

    return outcome(search.objective, drawn(search, trial), Report(trial.number, told))


def drawn(search: Search, trial: Trial) -> dict[str, Any]:
    """The spec of a trial, which keeps it, and its config.

    Raises:
        SpecError: what was drawn makes the spec wrong.
    """
    config = search.space.suggest(trial)
    trial.set_user_attr("config", config)
    spec = apply(search.spec, config)
    trial.set_user_attr("spec", spec)
    return spec
