"""The composed schema: one document, and the same verdicts as the files, from a stock engine."""

import copy
import json
import random
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from slm_net.document.specs import SCHEMAS, read_document
from slm_net.registry import RegistryError
from slm_net.schema import catalogue, for_editors
from slm_net.schema.for_editors import words_of
from slm_net.schema.fragments import add_fragment, remove_fragment
from slm_net.wording.schema_problems import schema_problems

SPECS = sorted((Path(__file__).parents[2] / "specs").glob("*.json"))
VALUES = (None, True, 0, 2.5, "relu", "x", [], {}, [64], {"name": "Adam"}, {"type": "MLPNet"}, {"env": {}})
BLOCKS = [
    {"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"},
    {"type": "MLPNet", "hid_layers": 64, "hid_layers_activation": "relu"},
    {"type": "MyNet"},
    {"type": "MyNet", "a": True},
    {"type": "MyNet", "a": 3},
    {"type": "MyNet", "b": 3},
]


@pytest.fixture
def mine():
    flag = {"description": "A key.", "type": "boolean", "default": False}
    add_fragment("net", "MyNet", {"properties": {"a": flag}}, "a test")
    yield
    remove_fragment("net", "MyNet")


def references(node):
    if isinstance(node, dict):
        yield from [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        node = list(node.values())
    for child in node if isinstance(node, list) else ():
        yield from references(child)


@pytest.mark.parametrize("net_type", [None, *catalogue.net_types()])
def test_it_is_one_valid_document_that_needs_no_other(net_type):
    document = for_editors.composed(net_type)
    Draft202012Validator.check_schema(document)
    assert document["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    assert document["$id"].endswith(f"/{net_type or 'composed'}.schema.json")
    assert document == json.loads(json.dumps(document))
    for ref in set(references(document)):
        node = document
        assert ref.startswith("#/$defs/")
        for step in ref.split("/")[1:]:
            node = node[step]


def verdict(data):
    kind = read_document(data).kind
    return not schema_problems(SCHEMAS[kind], data) if kind else False


def damaged(data, rng):
    data = copy.deepcopy(data)
    node = data
    while isinstance(node, dict | list) and node:
        key = rng.choice(list(node) if isinstance(node, dict) else range(len(node)))
        if rng.random() < 0.3 or not isinstance(node[key], dict | list):
            if isinstance(node, dict) and rng.random() < 0.3:
                node[rng.choice(["typo", "agent", "env", "type", "hid_layers", "_x"])] = node.pop(key)
            else:
                node[key] = copy.deepcopy(rng.choice(VALUES))
            break
        node = node[key]
    return data


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_the_verdicts_are_those_of_the_files(path):
    rng, stock, seen = random.Random(path.stem), Draft202012Validator(for_editors.composed()), set()
    source = json.loads(json.dumps(read_document(path).source.data))
    assert verdict(source) and stock.is_valid(source)
    for _ in range(40):
        data = damaged(source, rng)
        seen.add(verdict(data))
        assert stock.is_valid(data) == verdict(data), data
    assert seen == {True, False}


def test_one_spec_and_a_net_block_are_taken_too():
    stock = Draft202012Validator(for_editors.composed())
    [spec] = next(read_document(path).specs for path in SPECS if len(read_document(path).specs) == 1)
    for data in (spec.data, *BLOCKS, {}, {"_x": 1, "type": "MLPNet"}):
        assert stock.is_valid(data) == verdict(data), data


def test_a_type_is_for_net_blocks_of_that_type():
    stock = Draft202012Validator(for_editors.composed("MLPNet"))
    assert [stock.is_valid(block) for block in BLOCKS[:3]] == [True, False, False]
    assert not stock.is_valid({**BLOCKS[0], "type": "HydraMLPNet", "hid_layers": [[[4]], [4], []]})
    with pytest.raises(RegistryError, match="no net type 'MLPNte': did you mean 'MLPNet'"):
        for_editors.composed("MLPNte")


def test_plugins_are_in_it_or_not(mine):
    with_plugins, without = (
        Draft202012Validator(for_editors.composed(with_plugins=choice)) for choice in (True, False)
    )
    assert [with_plugins.is_valid(block) for block in BLOCKS] == [True, False, True, True, False, False]
    assert [without.is_valid(block) for block in BLOCKS] == [True, False, False, False, False, False]
    with pytest.raises(RegistryError, match="no net type 'MyNet'"):
        for_editors.composed("MyNet", with_plugins=False)
    assert for_editors.composed("MyNet")["title"] == "MyNet"


@pytest.mark.parametrize("net_type", catalogue.net_types())
def test_a_variable_may_stand_for_any_value(net_type):
    stock, keys = Draft202012Validator(for_editors.composed()), catalogue.net_properties(net_type).keys() - {"type"}
    assert stock.is_valid({"type": net_type, **dict.fromkeys(keys, "${x}")})
    found = {error.absolute_path[0] for error in stock.iter_errors({"type": net_type, **dict.fromkeys(keys, "x}")})}
    assert found == keys


def test_names_in_any_case_are_listed():
    net = {"type": "MLPNet", "hid_layers": [4], "hid_layers_activation": "rleu", "loss_spec": {"name": "MSE"}}
    found = {error.json_path: error for error in Draft202012Validator(for_editors.composed()).iter_errors(net)}
    assert {path: error.validator for path, error in found.items()} == {
        "$.hid_layers_activation": "enum",
        "$.loss_spec.name": "enum",
    }
    assert found["$.loss_spec.name"].validator_value == catalogue.names("loss")


def values(node, where=()):
    """The schema of each value in a schema, with the way to it."""
    for name, part in node.items() if isinstance(node, dict) else ():
        if where[-1:] == ("properties",) and isinstance(part, dict):
            yield (*where, name), part
        yield from values(part, (*where, name))


def test_defaults_are_told_in_the_description():
    told = [part for _, part in values(for_editors.composed()["$defs"]) if "default" in part]
    assert len(told) > 100
    for part in told:
        assert part["description"].endswith(f"Default: {json.dumps(part['default'])}.")


@pytest.mark.parametrize(
    "pattern, words",
    [
        ("^(?:same|valid)$", ["same", "valid"]),
        ("^(?:[rR][eE][lL][uU]6|[tT][aA][nN][hH])$", ["ReLU6", "tanh"]),
        ("^(?:[aA]b|[xX])$", []),  # no example for the second
        ("^(?:[ab|c])$", []),
        ("^[a-z]+$", []),
        ("", []),
    ],
)
def test_the_words_of_a_pattern(pattern, words):
    assert words_of(pattern, [None, "ReLU6", "tanh", "Ab", {"name": "x"}]) == words


@pytest.mark.parametrize("net_type", [None, "MLPNet"])
def test_nothing_stands_beside_a_reference_that_says_otherwise(net_type):
    """The editor of VS Code puts what a reference leads to in the place of what stands beside it."""

    def check(node):
        if isinstance(node, dict) and isinstance(ref := node.get("$ref"), str):
            target = document
            for step in ref.split("/")[1:]:
                target = target[step]
            assert not (node.keys() - {"$ref"}) & target.keys(), node
        for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            check(child)

    document = for_editors.composed(net_type)
    check(document)


def test_a_plugin_may_use_the_schema_of_another_key():
    own = {"my_dropout": {"$ref": "net.schema.json#/properties/dropout", "default": 0.5}}
    add_fragment("net", "MyNet", {"properties": own}, "a test")
    try:
        net = for_editors.composed()["$defs"]["net"]
    finally:
        remove_fragment("net", "MyNet")
    mine, shared = net["$defs"]["MyNet"]["properties"]["my_dropout"], net["properties"]["dropout"]
    assert mine["description"] == shared["description"].replace("Default: 0.", "Default: 0.5.")
