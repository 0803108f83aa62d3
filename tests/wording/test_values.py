"""Wrong values in words."""

import pytest

from slm_net.wording.values import allows_null, choices_of, expected, kind_of_name, kind_words, named, shown, value_cure


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "integer", "minimum": 1}, "a whole number of at least 1"),
        ({"type": "number", "minimum": 0, "exclusiveMaximum": 1}, "a number of at least 0 and below 1"),
        ({"type": ["null", "number"], "exclusiveMinimum": 0}, "a number above 0, or null"),
        ({"type": ["integer", "array"], "minimum": 1}, "a whole number of at least 1, or a list"),
        ({"type": ["integer", "string"], "pattern": "^(?:same|valid)$"}, "a whole number, or one of same, valid"),
        ({"type": "boolean"}, "true or false"),
        ({"enum": [True, False, "auto"]}, "one of true, false, auto"),
        ({"type": ["string", "object", "null"]}, "a name, an object, or null"),
        ({}, "an object"),
    ],
)
def test_what_is_expected(schema, words):
    assert expected(schema) == words


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("re\x1blu", '"re\\x1blu"'),
        (None, "null"),
        (True, "true"),
        (0.5, "0.5"),
        ({"a": 1}, "an object"),
        ([], "[]"),
        ("x" * 90, '"' + "x" * 37 + '..."'),
        (float("nan"), "NaN"),
        ([1] * 99, "[" + "1, " * 12 + "..."),
    ],
)
def test_values_as_they_stand_in_the_file(value, text):
    assert shown(value) == text


def test_an_object_that_json_does_not_know_is_shown_safely():
    assert len(shown(object())) <= 40


def test_names_of_places():
    assert named(("net", "conv_hid_layers", 0, 2), {"title": "stride"}) == "stride of row 1 of conv_hid_layers"
    assert named(("net",), {"title": "Net"}) == "net"
    assert named(("betas", 1), {"title": "Beta"}) == "entry 2 of betas"
    assert named((), {}) == "the net"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (("net", "optim_spec", "name"), "optimizer"),
        (("actor_optim_spec", "name"), "optimizer"),
        (("optim_spec", "optimizer"), "optimizer"),
        (("critic_hid_layers_activation", 2, "name"), "activation"),
        (("init_fn",), "init"),
        (("type",), "net_type"),
        (("update_type",), ""),
        (("conv_hid_layers", 0, 3), ""),
        ((), ""),
    ],
)
def test_the_kind_of_name_at_a_place(path, kind):
    assert kind_of_name(path) == kind


def test_choices_and_null():
    assert choices_of({"pattern": "^(?:[aA][bB]|c_)$", "examples": ["AB", None]}) == ["AB", "c_"]
    assert choices_of({"enum": [None, "stack"]}) == ["null", "stack"]
    assert choices_of({"type": "string"}) == []
    assert allows_null({"type": ["null"]}) and allows_null({"enum": [None]}) and allows_null({})
    assert not allows_null({"enum": ["x"]}) and not allows_null({"type": "string"})
    assert (kind_words("net_type"), kind_words("init")) == ("net type", "init function")


@pytest.mark.parametrize(
    ("value", "schema", "hint"),
    [
        ("1e-3", {"type": "number"}, "write 1e-3, without quotes"),
        ("2.5", {"type": "integer"}, ""),
        ("2.0", {"type": "integer"}, "write 2.0, without quotes"),
        ("inf", {"type": "number"}, ""),
        ("NaN", {"type": "number"}, ""),
        ("true", {"type": "number"}, ""),
        ("off", {"type": "boolean"}, "write false"),
        ("false", {"type": "boolean"}, "write false, without quotes"),
        ("1_000", {"type": "integer"}, "write 1000"),
        ("none", {"type": ["object", "null"]}, "write null, without quotes"),
        ("Adam", {"type": "object", "required": ["name"]}, 'write {"name": "Adam"}'),
        (64, {"type": "array", "items": {"type": "integer"}}, "write [64]"),
        (64, {"type": "array", "items": {"type": "array"}, "examples": [[[3]]]}, "for example [[3]]"),
        (1, {"enum": [True, False]}, "write true"),
        ("no", {"enum": [True, False]}, "write false"),
        ("0.5,", {"type": "number"}, "write 0.5"),
        ("$lr", {"type": "number"}, 'write "${lr}" for a variable'),
        ("{lr}", {"type": "number"}, 'write "${lr}" for a variable'),
        ("16, 8", {"type": "array", "items": {"type": "integer"}}, "write [16, 8]"),
        ("CartPole-v1", {"type": "array"}, 'write ["CartPole-v1"]'),
        ("CartPole-v1", {"type": ["object", "array"], "examples": [{"name": "x"}]}, 'write {"name": "CartPole-v1"}'),
        ([0.1], {"type": "number"}, "write 0.1"),
        ([0.1, 0.01], {"type": "number"}, "write one value; a `search` tries several"),
        (["MLPNet"], {"enum": ["MLPNet"]}, 'write "MLPNet"'),
        ({"name": "MLPNet"}, {"enum": ["MLPNet"]}, 'write "MLPNet"'),
        (None, {"type": "array"}, "write [] for none"),
        (None, {"type": "object", "required": ["agent"]}, 'write {"agent": ...}'),
        (None, {"type": "integer", "default": 3}, "leave the key out for its default"),
        (None, {"type": "integer", "examples": [4]}, "for example 4"),
        ([], {"type": "integer", "default": 3}, "for example 3"),
        (False, {"type": ["number", "null"]}, "write null for none"),
    ],
)
def test_hints_for_values(value, schema, hint):
    assert value_cure(value, (), schema).hint == hint


def test_an_entry_of_a_list_cannot_be_left_out():
    assert value_cure(None, (0,), {"type": "integer", "default": 3}).hint == "for example 3"


@pytest.mark.parametrize(
    ("value", "hint"),
    [([64], "write 64, without brackets"), ([64, 32], "write 64, 32, without brackets"), ([[3]], "for example 64")],
)
def test_a_list_in_a_list_of_numbers(value, hint):
    assert value_cure(value, (0,), {"type": "integer", "examples": [64]}).hint == hint
