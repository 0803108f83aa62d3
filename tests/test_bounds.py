"""Very many mistakes: the first are listed, one says that there are more, and no error hides behind warnings."""

import json

import pytest

from slm_net import validate
from slm_net.document.variables import MAX_COMBINATIONS
from slm_net.text.limits import MAX_PROBLEMS

NET = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}


def spec(**net):
    return {"agent": {"algorithm": {"name": "DQN"}, "net": {**NET, **net}}, "env": {"name": "CartPole-v1"}}


def rules(problems):
    return [problem.rule_name for problem in problems]


@pytest.mark.parametrize(
    "source",
    [
        {**NET, **{f"x{n}": 1 for n in range(MAX_PROBLEMS + 1)}},
        {**NET, "hid_layers_activation": ["reluu"] * (MAX_PROBLEMS + 1)},
        {f"s{n}": spec(gpu=3) for n in range(MAX_PROBLEMS + 1)},
        {f"s{n}": None for n in range(MAX_PROBLEMS + 1)} | {"s": spec()},
    ],
    ids=["keys", "entries", "specs", "nulls"],
)
def test_of_very_many_errors_the_first_are_listed(source):
    problems = validate(source)
    assert len(problems) == MAX_PROBLEMS + 1
    assert rules(problems).count("file-too-large") == 1
    assert validate(json.dumps(source))[-1].severity == "error"


def test_as_many_as_are_listed_are_all():
    problems = validate({**NET, **{f"x{n}": 1 for n in range(MAX_PROBLEMS)}})
    assert rules(problems) == ["unknown-key"] * MAX_PROBLEMS


def test_an_error_is_found_behind_any_number_of_warnings():
    source = {f"s{n:03}": spec(seq_len=4, rnn_hidden_size=8) for n in range(300)} | {"z": spec(gpu="x")}
    problems = validate(source)
    assert [problem.pointer for problem in problems if problem.severity == "error"] == ["/z/agent/net/gpu"]
    assert rules(problems).count("unused-key") == MAX_PROBLEMS
    assert rules(problems).count("file-too-large") == 1


def test_the_spec_that_is_asked_for_is_looked_at_behind_any_number_of_others():
    source = {f"s{n:03}": spec(gpu=3) for n in range(MAX_PROBLEMS + 5)} | {"z": spec(dropout="x")}
    assert [problem.pointer for problem in validate(source, name="z")] == ["/z/agent/net/dropout"]
    assert [problem.pointer for problem in validate(json.dumps(source), name="s504")] == ["/s504/agent/net/gpu"]


def test_combinations_are_tried_up_to_a_number():
    several = spec(hid_layers=["${a}", "${b}"], dropout="${c}")
    params = {"a": list(range(1, 20)), "b": list(range(1, 20)), "c": [0.1]}
    (problem,) = validate({**several, "spec_params": params})
    assert (problem.rule_name, problem.severity) == ("file-too-large", "warning")
    assert f"more than {MAX_COMBINATIONS} combinations" in problem.message
    few = {**params, "a": [1, 2], "c": [0.1, "x"]}
    assert [p.pointer for p in validate({**several, "spec_params": few})] == ["/spec_params/c/1"]


def test_what_is_wrong_without_a_variable_is_said_once():
    source = {**spec(hid_layers=["${a}"], gpuu=1), "spec_params": {"a": [1, 2, "x", 0]}}
    assert [problem.pointer for problem in validate(source)] == [
        "/agent/net/gpuu",
        "/spec_params/a/2",
        "/spec_params/a/3",
    ]


def test_variables_cannot_blow_a_spec_up():
    bomb = {**spec(hid_layers=["${a}"] * 1000), "spec_params": {"a": [[1] * 1000]}}
    assert rules(validate(bomb)) == ["file-too-large"]
    text = {**spec(name="${a}" * 10_000), "spec_params": {"a": ["x" * 50_000]}}
    assert "file-too-large" in rules(validate(text))


def test_numbers_of_any_length_are_problems():
    for net in ({"hid_layers": [10**5000]}, {"gpu": 10**5000}, {"x": {"y": 10**5000}}, {"dropout": -(10**400)}):
        assert "number-out-of-range" in rules(validate(spec(**net)))
