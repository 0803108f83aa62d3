"""A spec's own search: its space, the spec of a trial, and what an objective may give."""

import json

import numpy as np
import pytest
import torch

import slm_net
from slm_net.searching import Report, Search, fault, outcome

NET = {
    "type": "MLPNet",
    "hid_layers": [64],
    "hid_layers_activation": "relu",
    "optim_spec": {"name": "Adam", "lr": 0.01},
}


def spec_of(search, version=4, **others):
    algorithm = {"name": "DQN", "gamma": 0.99, "training_frequency": 4}
    agent = {"algorithm": algorithm, "memory": {"name": "Replay", "batch_size": 32, "max_size": 1000}, "net": NET}
    env, meta = {"name": "CartPole-v1", "max_t": 200, "max_frame": 500}, {"max_trial": 4}
    if version == 4:
        return {"agent": [agent], "env": [env], "meta": meta, "search": search, **others}
    return {"agent": agent, "env": env, "meta": meta, "search": search, **others}


def errors_of(*arguments, **options):
    with pytest.raises(slm_net.SpecError) as caught:
        slm_net.search_space(*arguments, **options)
    return [(p.pointer, p.rule_name, p.message) for p in caught.value.problems if p.severity == "error"]


NESTED_4 = {"agent": [{"net": {"hid_layers__choice": [[64], [32]], "optim_spec": {"lr__uniform": [1e-4, 1e-2]}}}]}
DOTTED_4 = {"agent.0.net.hid_layers__choice": [[64], [32]], "agent.0.net.optim_spec.lr__uniform": [1e-4, 1e-2]}
MIXED_5 = {"agent.net": {"hid_layers__choice": [[64], [32]], "optim_spec.lr__uniform": [1e-4, 1e-2]}}


@pytest.mark.parametrize(("search", "version", "net"), [
    (NESTED_4, 4, "agent.0.net"), (DOTTED_4, 4, "agent.0.net"), (MIXED_5, 5, "agent.net"),
])  # fmt: skip
def test_a_search_is_read_in_every_form(search, version, net):
    space = slm_net.search_space(spec_of(search, version))
    assert {path: tuple(distribution) for path, distribution in space.items()} == {
        f"{net}.hid_layers": ("choice", [[64], [32]]),
        f"{net}.optim_spec.lr": ("uniform", [1e-4, 1e-2]),
    }


def test_of_several_specs_one_is_chosen():
    specs = {"a": spec_of(NESTED_4), "b": spec_of({"env": [{"max_t__randint": [100, 200]}]})}
    assert list(slm_net.search_space(specs, name="b")) == ["env.0.max_t"]
    assert [rule for _, rule, _ in errors_of(specs)] == ["which-spec"]


def test_variables_are_filled_into_the_search():
    spec = spec_of({"agent.0.net.optim_spec.lr__uniform": ["${low}", 0.1], "env": "${more}"})
    space = slm_net.search_space(spec, variables={"low": 0.05, "more": {"0.max_t__choice": [1, 2]}})
    assert space["agent.0.net.optim_spec.lr"].values == [0.05, 0.1]
    assert space["env.0.max_t"].values == [1, 2]


def test_a_spec_without_a_search_is_refused_with_what_to_add():
    for search in ({}, []):
        [(pointer, rule, message)] = errors_of({"demo": spec_of(search)})
        assert (pointer, rule) == ("/demo", "missing-key") and "nothing to vary" in message
    assert errors_of(NET) == [("", "missing-key", "a net block has no search")]


@pytest.mark.parametrize(("search", "pointer", "rule"), [
    ({"agent.0.net.optim_spec.lr__unifrom": [1, 2]}, "agent.0.net.optim_spec.lr__unifrom", "unknown-name"),
    ({"agent.0.net.optim_spec.lr__uniform": [2, 1]}, "agent.0.net.optim_spec.lr__uniform", "value-out-of-range"),
    ({"agent.0.net.hid_layers__qrandint": [1, 2, 5]}, "agent.0.net.hid_layers__qrandint", "value-out-of-range"),
    ({"agent.0.nett.gpu__choice": [True]}, "agent.0.nett.gpu__choice", "unknown-key"),
    ({"agent.0.net.hid_layers_activation__choice": ["relu", "reluu"]},
     "agent.0.net.hid_layers_activation__choice/1", "unknown-name"),
    ({"env.0.mine__uniform": [2, 1]}, "env.0.mine__uniform", "value-out-of-range"),
    ({"env.0.mine": [2, 1]}, "env.0.mine", "unknown-name"),
    ({**NESTED_4, "agent.0.net.hid_layers__choice": [[8]]}, "agent.0.net.hid_layers__choice", "duplicate-key"),
])  # fmt: skip
def test_what_is_wrong_in_a_search_is_an_error_at_its_place(search, pointer, rule):
    assert [found[:2] for found in errors_of(spec_of(search))] == [(f"/search/{pointer}", rule)]


def test_an_error_has_the_line_of_its_file(tmp_path):
    file = tmp_path / "spec.json"
    file.write_text(json.dumps({"demo": spec_of({"agent.0.net.optim_spec.lr__uniform": [2, 1]})}, indent=1))
    with pytest.raises(slm_net.SpecError) as caught:
        slm_net.search_space(file)
    [problem] = caught.value.problems
    line = file.read_text().splitlines()[problem.line - 1]
    assert problem.file == str(file) and "lr__uniform" in line


def test_apply_is_load_spec_with_overrides_and_without_search():
    spec = spec_of(DOTTED_4)
    for config in slm_net.search_space(spec).grid(points=2):
        applied, loaded = slm_net.apply(spec, config), slm_net.load_spec(spec, overrides=config)
        assert applied == {key: value for key, value in loaded.items() if key != "search"} and "search" in loaded
        assert applied["agent"][0]["net"]["hid_layers"] == config["agent.0.net.hid_layers"]
        assert slm_net.validate(applied) == []


def test_a_config_that_is_wrong_is_refused_as_an_override_is():
    with pytest.raises(slm_net.SpecError, match="hid_layers"):
        slm_net.apply(spec_of(DOTTED_4), {"agent.0.net.hid_layers": ["a"]})
    with pytest.raises(slm_net.SpecError, match="leads nowhere"):
        slm_net.apply(spec_of(DOTTED_4), {"agent.0.nett.lr": 1})


def test_choices_may_be_objects_from_the_first_on():
    choices = [{"name": "Adam", "lr": 0.1}, {"name": "SGD", "lr": 0.2}]
    space = slm_net.search_space(spec_of({"agent.0.net.optim_spec__choice": choices}))
    specs = [slm_net.apply(spec_of({}), config) for config in space.grid()]
    assert [spec["agent"][0]["net"]["optim_spec"] for spec in specs] == choices


@pytest.mark.parametrize("value", [3, 2.5, np.float32(1), torch.tensor(4.0)])
def test_an_objective_gives_a_number(value):
    given = outcome(lambda spec, report: value, {}, Report(0, print))
    assert type(given) is float and given == float(value)


@pytest.mark.parametrize("value", [None, "a", float("nan"), float("inf"), True, [1.0], torch.ones(2)])
def test_anything_else_is_an_error(value):
    with pytest.raises(ValueError, match="expected a finite number"):
        outcome(lambda spec, report: value, {}, Report(0, print))
    with pytest.raises(ValueError, match="expected a finite number"):
        Report(0, print)(1, value)


@pytest.mark.parametrize("step", [-1, 0.5, None, "1"])
def test_a_step_is_a_whole_number(step):
    with pytest.raises(ValueError, match="expected a whole number from 0"):
        Report(0, print)(step, 1.0)


def test_an_objective_cannot_end_the_search():
    def objective(spec, report):
        raise SystemExit(3)

    with pytest.raises(RuntimeError, match="ended the program, with 3"):
        outcome(objective, {}, Report(0, print))


def test_a_fault_is_one_line_that_is_safe_to_print(monkeypatch, capsys):
    assert fault(ValueError("a\n\x1b[31mb")) == "ValueError: a \\x1b[31mb"
    assert fault(ValueError()) == "ValueError"
    with pytest.raises(slm_net.SpecError) as caught:
        slm_net.apply(spec_of(DOTTED_4), {"agent.0.net.hid_layers": ["a"]})
    assert "hid_layers" in fault(caught.value) and "\n" not in fault(caught.value)
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("SLM_NET_DEBUG", "1")
    fault(ValueError("deep"))
    assert "ValueError: deep" in capsys.readouterr().err


def test_a_grid_has_as_many_trials_as_combinations():
    grid, other = ({f"agent.0.net.hid_layers__{name}": [[8], [16]]} for name in ("grid_search", "choice"))
    found = [Search("x", slm_net.search_space(spec_of(search)), {}, print, 5) for search in (grid, other)]
    assert [(search.is_grid, search.most) for search in found] == [(True, 2), (False, 5)]
