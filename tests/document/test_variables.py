"""`${variables}`: found, filled in, expanded, and those without a value; bounded, however many there are."""

import pytest

from slm_net import SpecError, build_net, build_nets, load_spec, validate
from slm_net.document.specs import read_document
from slm_net.document.variables import (
    MAX_COMBINATIONS,
    combinations,
    fill_in,
    filled_spec,
    find_variables,
    number_or_text,
)

NET = {"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"}
CONV = {"type": "ConvNet", "conv_hid_layers": [[8, 3]], "fc_hid_layers": [8], "hid_layers_activation": "relu"}
RECURRENT = {"type": "RecurrentNet", "fc_hid_layers": [8], "hid_layers_activation": "relu", "seq_len": 4}


def spec(net=NET, env="${env}", **more):
    return {"agent": [{"algorithm": {"name": "DQN"}, "net": net}], "env": [{"name": env, "max_frame": 100}], **more}


@pytest.mark.parametrize(
    ("data", "filled"),
    [
        ("${lr}", 0.001),
        ("${n}", 4),
        ("${flag}", True),
        ("${rows}", [64, 32]),
        ("${nothing}", None),
        ("a ${n} b ${lr}", "a 4 b 1e-3"),
        ("${unknown}", "${unknown}"),
        ("${n}${unknown}", "4${unknown}"),
        ("$n ${} ${a b} $", "$n ${} ${a b} $"),
        (["${n}", {"x": "${word}"}], [4, {"x": "relu"}]),
        (3, 3),
    ],
)
def test_filling_in(data, filled):
    values = {"lr": "1e-3", "n": "4", "flag": True, "rows": [64, 32], "word": "relu", "nothing": None}
    assert fill_in(data, values) == filled


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("4", 4),
        ("-4", -4),
        ("+4", 4),
        ("1e7", 1e7),
        (".5", 0.5),
        ("1.", 1.0),
        ("1e999", "1e999"),
        ("4x", "4x"),
        ("", ""),
        ("nan", "nan"),
        ("1_000", "1_000"),
        ("1.2.3", "1.2.3"),
        ("true", "true"),
        ("٣", "٣"),
    ],
)
def test_texts_that_spell_numbers(text, value):
    found = number_or_text(text)
    assert found == value and type(found) is type(value)


def test_keys_are_not_filled_in():
    assert fill_in({"${n}": "${n}"}, {"n": 1}) == {"${n}": 1}


def test_finding():
    data = {"a": ["${x} and ${y}", {"b": "${x}"}], "c": 3}
    assert list(find_variables(data)) == [(("a", 0), "x"), (("a", 0), "y"), (("a", 1, "b"), "x")]


def test_combinations_are_the_product():
    assert combinations({"spec_params": {"a": [1, 2], "b": ["x", "y"]}}) == [
        {"a": 1, "b": "x"},
        {"a": 1, "b": "y"},
        {"a": 2, "b": "x"},
        {"a": 2, "b": "y"},
    ]
    assert len(combinations({"spec_params": {name: list(range(10)) for name in "abcdef"}})) == MAX_COMBINATIONS + 1


@pytest.mark.parametrize("params", [None, 3, [], {}, {"a": 1}, {"a": []}, {"a": [1], "b": []}])
def test_without_usable_spec_params_there_is_one_empty_combination(params):
    assert combinations({"spec_params": params}) == [{}]


def test_an_unset_variable_is_a_warning_to_validate_and_an_error_to_load_spec():
    [warning] = validate(spec())
    assert (warning.rule_name, warning.severity, warning.pointer) == ("unset-variable", "warning", "/env/0/name")
    with pytest.raises(SpecError) as error:
        load_spec(spec())
    assert [problem.severity for problem in error.value.problems] == ["error"]
    assert "variables={'env': ...}" in error.value.problems[0].hint
    assert load_spec(spec(), variables={"env": "CartPole-v1"})["env"][0]["name"] == "CartPole-v1"


@pytest.mark.parametrize(
    ("net", "in_dim"),
    [
        ({**NET, "hid_layers": "${size}"}, 4),
        ({**NET, "hid_layers": ["${size}"], "hid_layers_activation": "${size}"}, 4),
        ({**NET, "dropout": "${size}", "optim_spec": {"name": "${size}", "lr": "${size}"}}, 4),
        ({**RECURRENT, "rnn_hidden_size": "${size}", "seq_len": "${size}", "bidirectional": "${size}"}, (4, 3)),
        ({**CONV, "conv_hid_layers": [["${size}", 8, 4]], "batch_norm": "${size}"}, (4, 84, 84)),
        ({**CONV, "conv_hid_layers": "${size}", "init_fn": "${size}"}, (4, 84, 84)),
    ],
)
def test_rules_keep_off_what_a_variable_has_yet_to_say(net, in_dim):
    for found in (validate(net, in_dim=in_dim, out_dim=2), validate(spec(net, "CartPole-v1"))):
        rules = {(problem.rule_name, problem.severity) for problem in found}
        assert rules - {("dims-do-not-fit", "error")} == {("unset-variable", "warning")}


def test_variables_of_the_search_block_are_left_alone():
    loaded = load_spec(spec(env="CartPole-v1", search={"x": "${y}"}))
    assert loaded["search"] == {"x": "${y}"}


def test_the_value_of_a_variable_is_checked_at_its_place():
    net = {**NET, "optim_spec": {"name": "Adam", "lr": "${lr}"}}
    assert load_spec(spec(net, "CartPole-v1"), variables={"lr": "1e-4"})["agent"][0]["net"]["optim_spec"]["lr"] == 1e-4
    with pytest.raises(SpecError) as error:
        load_spec(spec(net, "CartPole-v1"), variables={"lr": "fast"})
    assert [problem.pointer for problem in error.value.problems] == ["/agent/0/net/optim_spec/lr"]


@pytest.mark.parametrize(
    ("net", "values", "pointer"),
    [
        ({**NET, "optim_spec": {"name": "Adam", "lr": "${v}"}}, [1e-3, -1e-4], "/spec_params/v/1"),
        ({**NET, "hid_layers": "${v}"}, [[8], [8, 0]], "/spec_params/v/1"),
        ({**NET, "hid_layers_activation": "${v}"}, ["reluu"], "/spec_params/v/0"),
        ({**NET, "hid_layers_activation": "re${v}"}, ["lu", "luu"], "/agent/0/net/hid_layers_activation"),
        ({**NET, "hid_layers": [8], "hid_layers_activation": "${v}"}, ["relu", ["relu"] * 2], "/spec_params/v/1"),
    ],
)
def test_a_wrong_value_of_spec_params_is_reported_there(net, values, pointer):
    [problem] = validate(spec(net, "CartPole-v1", spec_params={"v": values}))
    assert (problem.pointer, problem.severity) == (pointer, "error")


def test_an_unset_variable_that_is_a_slip():
    [warning] = validate(spec({**NET, "gpu": "${gpus}"}, "CartPole-v1", spec_params={"gpu": [True]}))
    assert warning.hint.startswith("did you mean ${gpu}?")


def test_spec_params_with_one_combination_are_filled_in():
    source = spec(spec_params={"env": ["CartPole-v1"]})
    loaded = load_spec(source)
    assert loaded["env"][0]["name"] == "CartPole-v1" and "spec_params" not in loaded


def test_spec_params_with_several_need_a_choice():
    source = spec(spec_params={"env": ["CartPole-v1", "Acrobot-v1"], "n": [1, 2]})
    with pytest.raises(SpecError) as error:
        load_spec(source)
    [problem] = error.value.problems
    assert (problem.rule_name, problem.message) == ("which-spec", "spec_params makes 4 specs of this one")
    assert "CartPole-v1, Acrobot-v1" in problem.hint
    with pytest.raises(SpecError) as error:
        load_spec(source, variables={"env": "CartPole-v1"})
    assert "variables={'n': ...}" in error.value.problems[0].hint
    assert load_spec(source, variables={"env": "Acrobot-v1", "n": "2"})["env"][0]["name"] == "Acrobot-v1"


def test_a_variable_may_have_a_value_that_spec_params_does_not_list():
    source = spec(spec_params={"env": ["CartPole-v1", "Acrobot-v1"]})
    assert load_spec(source, variables={"env": "MountainCar-v0"})["env"][0]["name"] == "MountainCar-v0"


@pytest.mark.parametrize("source", [{"a": "${x}"}, {"agent": "${x}"}])
def test_a_variable_is_no_spec(source):
    [problem] = validate(source)
    assert (problem.rule_name, problem.severity) == ("wrong-type", "error")


def test_a_variable_does_not_excuse_its_key():
    found = validate({**NET, "clip_grad": "${x}"})
    assert [(problem.pointer, problem.rule_name) for problem in found] == [
        ("/clip_grad", "unknown-key"),
        ("/clip_grad", "unset-variable"),
    ]


def spec_with(**net):
    return {"agent": {"algorithm": {"name": "DQN"}, "net": {**NET, **net}}, "env": {"name": "CartPole-v1"}}


def rules(problems):
    return [problem.rule_name for problem in problems]


def test_combinations_are_tried_up_to_a_number():
    several = spec_with(hid_layers=["${a}", "${b}"], dropout="${c}")
    params = {"a": list(range(1, 20)), "b": list(range(1, 20)), "c": [0.1]}
    (problem,) = validate({**several, "spec_params": params})
    assert (problem.rule_name, problem.severity) == ("file-too-large", "warning")
    assert f"more than {MAX_COMBINATIONS} combinations" in problem.message
    few = {**params, "a": [1, 2], "c": [0.1, "x"]}
    assert [p.pointer for p in validate({**several, "spec_params": few})] == ["/spec_params/c/1"]


def test_what_is_wrong_without_a_variable_is_said_once():
    source = {**spec_with(hid_layers=["${a}"], gpuu=1), "spec_params": {"a": [1, 2, "x", 0]}}
    assert [problem.pointer for problem in validate(source)] == [
        "/agent/net/gpuu",
        "/spec_params/a/2",
        "/spec_params/a/3",
    ]


def test_variables_cannot_blow_a_spec_up():
    bomb = {**spec_with(hid_layers=["${a}"] * 1000), "spec_params": {"a": [[1] * 1000]}}
    assert rules(validate(bomb)) == ["file-too-large"]
    text = {**spec_with(name="${a}" * 10_000), "spec_params": {"a": ["x" * 50_000]}}
    assert "file-too-large" in rules(validate(text))


def test_nothing_is_left_to_choose():
    document = read_document({"demo": spec(**{"$schema": "x", "spec_params": {"env": ["Pong-v5"]}}), "other": spec()})
    filled = filled_spec(document, "demo")
    assert filled.data == {"name": "demo", **spec(env="Pong-v5")}
    assert set(filled.filled.values()) == {"env"} and filled.listed == {"env": ("spec_params", "env", 0)}
    with pytest.raises(SpecError, match="which-spec"):
        filled_spec(document)


def test_spec_params_that_leave_several_specs():
    document = read_document(spec(spec_params={"env": [f"Game{n}-v5" for n in range(20)], "frames": [1]}))
    with pytest.raises(SpecError) as error:
        filled_spec(document)
    [problem] = error.value.problems
    assert (problem.rule_name, problem.pointer) == ("which-spec", "/spec_params")
    assert problem.message == "spec_params makes 20 specs of this one" and problem.hint.endswith("Game7-v5, ...")
    assert filled_spec(document, None, {"env": "Game3-v5"}).data["env"][0]["name"] == "Game3-v5"


def test_every_unset_variable_is_reported_at_its_place():
    with pytest.raises(SpecError) as error:
        load_spec({"demo": spec(env="${env}", net={**NET, "gpu": "${gpu}"})})
    assert [(problem.pointer, problem.rule_name) for problem in error.value.problems] == [
        ("/demo/agent/0/net/gpu", "unset-variable"),
        ("/demo/env/0/name", "unset-variable"),
    ]


@pytest.mark.parametrize(
    ("variables", "hint"), [({"envv": "Acrobot-v1"}, "did you mean 'env'?"), ({"env": "Acrobot-v1", "q": 1}, "env")]
)
def test_a_value_for_no_variable_is_refused(variables, hint):
    for build in (load_spec, build_net, build_nets):
        with pytest.raises(SpecError) as error:
            build(spec(), variables=variables)
        [problem] = error.value.problems
        assert problem.rule_name == "which-spec" and "has no variable ${" in problem.message and hint in problem.hint
    with pytest.raises(SpecError, match="it has no variables"):
        load_spec(spec(env="CartPole-v1"), variables={"env": 1})
