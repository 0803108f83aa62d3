"""Entries that are filed, and those that are refused, each with words for its author."""

import pytest

from slm_net.registry import RegistryError
from slm_net.schema import catalogue
from slm_net.schema.entries import FragmentError, add_entry, remove_entry

NOTE = {"description": "A key."}
FLAG = {**NOTE, "type": "boolean", "default": False}


def of(**properties):
    return {"properties": properties}


WRONG = [
    ("net", None, 'needs "properties"'),
    ("net", {}, 'needs "properties"'),
    ("net", {"properties": []}, 'needs "properties"'),
    ("net", {**of(), "propertys": {}}, "it has 'propertys': did you mean 'properties'"),
    ("net", {**of(), "description": {1, 2}}, "no JSON"),
    ("net", of(a=3), "'a' needs a schema"),
    ("net", of(a={**FLAG, "type": "bool"}), "properties/a/type: 'bool' is not valid"),
    ("net", {**of(), "required": "a"}, "required: 'a' is not of type 'array'"),
    ("net", of(a={"type": "boolean", "default": False}), "'a' needs a description"),
    ("net", of(a=NOTE), "'a' needs a default, or a place in \"required\"; not both"),
    ("net", {**of(a=FLAG), "required": ["a"]}, "'a' needs a default"),
    ("net", {**of(a=FLAG), "required": ["b"]}, '\'b\' is in "required", but not in "properties"'),
    ("net", {**of(), "required": ["dropout"]}, "'dropout' is in \"required\", but not"),
    ("net", of(a={**FLAG, "default": 3}), "'a' does not allow its own 3"),
    ("net", of(a={**FLAG, "examples": ["x"]}), "'a' does not allow its own \"x\""),
    ("net", of(dropout=FLAG), "'dropout' is a key of every net: leave it out"),
    ("net", of(seq_len=FLAG), "'seq_len' is a key of slm_net's own types, and means something else"),
    ("net", of(actor_a=FLAG), "'actor_a' must be an identifier without actor_ or critic_"),
    ("net", of(**{"a b": FLAG}), "'a b' must be an identifier"),
    ("net", of(a={**NOTE, "oneOf": [], "default": 1}), "'a' uses 'oneOf'"),
    ("net", of(a={**NOTE, "items": {"$anchor": "x"}, "default": []}), "'a' uses '.anchor'"),
    ("net", of(a={**NOTE, "$ref": "https://evil.example/x", "default": 1}), "only slm_net's own schemas"),
    ("net", of(a={**NOTE, "$ref": "net.schema.json#/nothing", "default": 1}), "only slm_net's own schemas"),
    ("optimizer", of(name=FLAG), "'name' is a key of every optimizer"),
    ("activation", of(a=NOTE), "'a' needs a default"),
    ("algorithm", of(a={"type": "integer"}), "'a' needs a description"),
    ("algorithm", of(**{"a b": NOTE}), "'a b' must be an identifier"),
    ("algorithm", {**of(a=NOTE), "required": ["a"]}, '"required" is for nets and their parts'),
]


@pytest.mark.parametrize(("kind", "fragment", "text"), WRONG)
def test_a_wrong_fragment_is_refused_in_words(kind, fragment, text):
    with pytest.raises(FragmentError, match=f"'MyName' is (wrong: .*)?{text}"):
        add_entry(kind, "MyName", fragment, "a test")
    assert "MyName" not in (catalogue.net_types() if kind == "net" else catalogue.names(kind))


@pytest.mark.parametrize("name", ["", "my-net", "1Net", "Ünet", "needs_a", "a\x1b[31m", 3])
def test_a_name_is_an_identifier(name):
    with pytest.raises(FragmentError, match="the name must be an identifier"):
        add_entry("net", name, of(a=FLAG), "a test")


def test_everything_that_is_wrong_is_told_at_once():
    with pytest.raises(FragmentError) as error:
        add_entry("loss", "MyLoss", of(a=NOTE, name=FLAG, b={**FLAG, "default": 1}), "a test")
    assert str(error.value).count(";") >= 2 and str(error.value).startswith("the schema of loss 'MyLoss' is wrong: ")


def test_there_is_no_other_kind():
    with pytest.raises(RegistryError, match="there is no kind 'nets': did you mean 'net'"):
        add_entry("nets", "MyNet", of(), "a test")


def test_a_fragment_is_a_copy_and_may_be_filed_again():
    fragment = of(a=dict(FLAG))
    for _ in range(2):
        add_entry("net", "MyNet", fragment, "a test")
    fragment["properties"]["a"]["default"] = True
    assert catalogue.net_properties("MyNet")["a"]["default"] is False
    with pytest.raises(RegistryError, match="'MyNet' is taken, by a test"):
        add_entry("net", "MyNet", fragment, "another")
    remove_entry("net", "MyNet")
    assert "MyNet" not in catalogue.net_types() and "a" not in catalogue.net_keys()


def test_keys_of_other_types_mean_the_same_and_can_be_referred_to():
    layers = {"$ref": "net.schema.json#/$defs/MLPNet/properties/hid_layers", "description": "Units per layer."}
    norm = {"type": "boolean", "description": "Norm.", "default": True}
    fragment = {**of(hid_layers=layers, batch_norm=norm), "required": ["hid_layers", "hid_layers_activation"]}
    add_entry("net", "MyNet", fragment, "a test")
    assert catalogue.net_properties("MyNet")["batch_norm"]["default"] is True
    assert catalogue.needed_keys("MyNet") == ("hid_layers", "hid_layers_activation")
    assert catalogue.property_refs("MyNet")["hid_layers"] == "net.schema.json#/$defs/MyNet/properties/hid_layers"
    remove_entry("net", "MyNet")


def test_types_that_differ_in_a_key_do_not_check_each_others_prefixed_form():
    add_entry("net", "NetA", of(a=FLAG), "a")
    add_entry("net", "NetB", of(a={**NOTE, "type": "integer", "default": 1}), "b")
    assert "type" not in catalogue.lookup("net.schema.json#/$defs/prefixed/properties/actor_a")
    remove_entry("net", "NetA")
    assert (
        catalogue.expanded(catalogue.lookup("net.schema.json#/$defs/prefixed/properties/actor_a"))["type"] == "integer"
    )
    remove_entry("net", "NetB")
