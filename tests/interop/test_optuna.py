"""Studies of Optuna: whole ones, ended early, with trials that fail, and gone on with."""

import json
from dataclasses import replace

import pytest

import slm_net
from slm_net.problems import UsageError
from slm_net.searching import Search

pytest.importorskip("optuna")
pytest.importorskip("matplotlib")
from slm_net.interop.optuna import optimize, storage_at, study_of, trials_of

GAMMA = "agent.algorithm.gamma"
ALGORITHM = {"name": "DQN", "gamma": 0.99, "training_frequency": 4}
NET = {"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"}
SPEC = {
    "agent": {"algorithm": ALGORITHM, "memory": {"name": "Replay", "batch_size": 32, "max_size": 1000}, "net": NET},
    "env": {"name": "CartPole-v1", "max_frame": 500},
    "search": {f"{GAMMA}__uniform": [0.5, 0.9], "agent.net.hid_layers__choice": [[64], [64, 32]]},
}


def gamma(spec, report):
    """The best value is 90."""
    return spec["agent"]["algorithm"]["gamma"] * 100


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    """A storage in a file, which takes a second to make."""
    return f"sqlite:///{tmp_path_factory.mktemp('storage')}/study.db"


def search_with(objective=gamma, total=6, spec=SPEC, name="demo", **options):
    return Search(name, slm_net.search_space(spec), spec, objective, total, seed=0, **options)


def run(search, storage=None):
    study = study_of(search, storage or storage_at(None))
    optimize(search, study)
    return trials_of(study)


def test_a_study_keeps_the_config_and_the_spec_of_each_trial():
    trials = run(search_with())
    assert [(trial.number, trial.state) for trial in trials] == [(n, "complete") for n in range(6)]
    for trial in trials:
        assert trial.spec == json.loads(json.dumps(slm_net.apply(SPEC, trial.config)))
        assert trial.value == trial.config[GAMMA] * 100 and 50 <= trial.value <= 90


def test_a_seed_draws_the_same_again():
    some, same = (run(search_with(total=3)) for _ in range(2))
    assert [trial.config for trial in some] == [trial.config for trial in same]


def test_a_study_goes_on_where_it_ended_up_to_the_number_that_is_asked_for(url):
    first = run(search_with(total=3, name="on"), storage_at(url))
    both = run(search_with(total=5, name="on"), storage_at(url))
    assert [trial.config for trial in both[:3]] == [trial.config for trial in first] and len(both) == 5
    assert len({trial.config[GAMMA] for trial in both}) == 5  # the seed does not draw the first ones again
    assert run(search_with(total=4, name="on"), storage_at(url)) == both


def test_a_study_of_another_search_is_not_gone_on_with(url):
    run(search_with(total=1), storage_at(url))
    other = {**SPEC, "search": {f"{GAMMA}__uniform": [0.5, 0.8]}}
    with pytest.raises(UsageError, match="of another search"):
        study_of(search_with(spec=other), storage_at(url))
    with pytest.raises(UsageError, match="to maximize"):
        study_of(search_with(maximize=False), storage_at(url))
    study_of(replace(search_with(spec=other), name="other"), storage_at(url))


def test_a_trial_that_does_worse_is_ended():
    reached = []

    def objective(spec, report):
        for step in range(0, 100, 10):
            report(step, step - report.number)
            reached.append((report.number, step))
        return -report.number

    trials = run(search_with(objective, total=10))
    states = [trial.state for trial in trials]
    assert states[:5] == ["complete"] * 5 and states[5:] == ["pruned"] * 5
    assert {number for number, step in reached if step == 90} == set(range(5))
    reached.clear()
    run(search_with(objective, total=7, warmup=50))
    assert max(step for number, step in reached if number == 6) == 40


def test_a_trial_that_fails_is_kept_and_ends_nothing():
    def objective(spec, report):
        if report.number == 1:
            raise RuntimeError("out of\nmemory")
        return {0: 1.0, 2: float("nan"), 3: 2.0}[report.number]

    trials = run(search_with(objective, total=4))
    assert [trial.state for trial in trials] == ["complete", "failed", "failed", "complete"]
    assert trials[1].error == "RuntimeError: out of memory" and "nan" in trials[2].error
    assert trials[1].spec == json.loads(json.dumps(slm_net.apply(SPEC, trials[1].config))) and trials[1].value is None


def test_a_spec_that_is_refused_is_a_trial_that_failed():
    """Two choices that are right alone and exclude each other, which no check of the search finds."""
    optim = {"agent.net.optim_spec": {"nesterov__grid_search": [True, False], "momentum__grid_search": [0.9, 0.0]}}
    net = {**NET, "optim_spec": {"name": "SGD", "lr": 0.1, "momentum": 0.5, "nesterov": False}}
    spec = {**SPEC, "agent": {**SPEC["agent"], "net": net}, "search": optim}
    trials = run(search_with(spec=spec, total=9))
    assert [trial.state for trial in trials].count("failed") == 1 and len(trials) == 4
    [failed] = [trial for trial in trials if trial.error]
    assert set(failed.config.values()) == {True, 0.0} and "nesterov" in failed.error and failed.spec == {}


def test_an_interrupted_trial_is_tried_again(url):

    def objective(spec, report):
        if report.number == 2:
            raise KeyboardInterrupt
        return 1.0

    stopped = search_with(objective, name="stopped")
    study = study_of(stopped, storage_at(url))
    with pytest.raises(KeyboardInterrupt):
        optimize(stopped, study)
    assert [trial.number for trial in trials_of(study)] == [0, 1]
    wanted = study.trials[2].user_attrs["config"]
    again = run(replace(stopped, total=3), storage_at(url))
    assert [trial.number for trial in again] == [0, 1, 3] and again[2].config == wanted


def test_everything_as_grid_search_is_each_combination_once():
    names = {"agent.net.hid_layers__grid_search": [[8], [16], [32]], f"{GAMMA}__grid_search": [0.5, 0.9]}
    trials = run(search_with(spec={**SPEC, "search": names}, total=50))
    assert len(trials) == 6 and len({repr(trial.config) for trial in trials}) == 6


def test_trials_side_by_side():
    told = []
    study = study_of(search_with(jobs=3), storage_at(None))
    optimize(search_with(jobs=3), study, lambda: told.append(len(trials_of(study))))
    assert sorted(trial.number for trial in trials_of(study)) == list(range(6)) and max(told) == 6


def test_the_lowest_value_may_be_the_best():
    trials = run(search_with(maximize=False, total=25))
    assert min(trial.value for trial in trials[10:]) < 55  # where Optuna no longer draws at random


@pytest.mark.parametrize("url, said", [
    ("study.db", "is no URL: write sqlite:///study.db"),
    ("sqlite:////no/such/folder/study.db", "unable to open database file"),
    ("nosuch://user:secret@host/x", "nosuch://...:"),
])  # fmt: skip
def test_a_storage_that_is_none_is_one_line(url, said):
    with pytest.raises(UsageError) as caught:
        storage_at(url)
    assert said in str(caught.value) and "secret" not in str(caught.value) and "\n" not in str(caught.value)
