"""The schema files: valid, complete, and the same to our validator and to the stock one."""

import copy
import json
import random
from functools import cache

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from slm_net.schema import catalogue
from slm_net.wording.schema_problems import schema_problems
from slm_net.wording.values import COLUMNS

FILES = sorted(catalogue.folder().glob("*.schema.json"))
RAW = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in FILES}
NETS = catalogue.net_types()

ANNOTATIONS = {"$schema", "$id", "$defs", "title", "description", "examples", "default"}
CHECKS = {
    *("$ref", "allOf", "if", "then", "else", "type", "enum", "const", "pattern", "required"),
    *("properties", "patternProperties", "additionalProperties", "unevaluatedProperties"),
    *("minProperties", "maxProperties", "items", "prefixItems", "minItems", "maxItems"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
}
SUBSCHEMAS = ("if", "then", "else", "items", "additionalProperties", "unevaluatedProperties")
SUBSCHEMA_LISTS = ("allOf", "prefixItems")
SUBSCHEMA_MAPS = ("properties", "patternProperties", "$defs")


def subschemas(node, path=""):
    """Every subschema of a schema with its pointer."""
    if not isinstance(node, dict):
        return
    yield path, node
    for key in SUBSCHEMAS:
        yield from subschemas(node.get(key), f"{path}/{key}")
    for key in SUBSCHEMA_LISTS:
        for index, child in enumerate(node.get(key, ())):
            yield from subschemas(child, f"{path}/{key}/{index}")
    for key in SUBSCHEMA_MAPS:
        for name, child in node.get(key, {}).items():
            yield from subschemas(child, f"{path}/{key}/{name}")


ALL = [(file, path, node) for file, raw in RAW.items() for path, node in subschemas(raw)]


@cache
def stock_registry():
    resources = [Resource.from_contents(raw) for raw in RAW.values()]
    return Registry().with_resources((resource.id(), resource) for resource in resources)


def stock(file, pointer=""):
    return Draft202012Validator({"$ref": f"{RAW[file]['$id']}#{pointer}"}, registry=stock_registry())


def test_there_are_the_files_that_the_package_reads():
    assert set(RAW) == {f"{name}.schema.json" for name in ("net", "spec", *catalogue.KINDS)}


@pytest.mark.parametrize("file", RAW)
def test_a_file_is_a_valid_schema_with_an_id_of_its_own_name(file):
    Draft202012Validator.check_schema(RAW[file])
    assert RAW[file]["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    assert RAW[file]["$id"].endswith(f"/schemas/{file}")
    assert RAW[file]["title"] and RAW[file]["description"]


def test_only_known_keywords_are_used():
    wrong = [(file, path, key) for file, path, node in ALL for key in node if key not in ANNOTATIONS | CHECKS]
    assert wrong == []


def test_every_property_has_a_description():
    def described(node):
        return "description" in node or "description" in catalogue.expanded(node) if isinstance(node, dict) else False

    silent = [
        f"{file}#{path}/properties/{name}"
        for file in RAW
        for path, node in subschemas(catalogue.document(file.removesuffix(".schema.json")))
        for name, part in node.get("properties", {}).items()
        if part is not True and not described(part) and not path.endswith("/if")
    ]
    assert silent == []


def test_every_property_shows_a_value():
    shown = ("default", "examples", "const")
    silent = [
        f"{file}#{path}/properties/{name}"
        for file in RAW
        for path, node in subschemas(catalogue.document(file.removesuffix(".schema.json")))
        for name, part in node.get("properties", {}).items()
        if isinstance(part, dict) and name != "$schema" and not path.endswith(("/if", "/left_out"))
        if not any(key in catalogue.expanded(part) for key in shown)
    ]
    assert silent == []


def test_the_entries_of_a_row_are_named_as_in_the_schema():
    row = catalogue.document("net")["$defs"]["conv_layer"]["prefixItems"]
    assert tuple(entry["title"] for entry in row) == COLUMNS


@pytest.mark.parametrize(
    ("file", "path", "key"),
    [(file, path, key) for file, path, node in ALL for key in ("default", "examples") if key in node],
)
def test_every_default_and_example_fits_its_own_schema(file, path, key):
    node = next(node for other, where, node in ALL if (other, where) == (file, path))
    values = node["examples"] if key == "examples" else [node["default"]]
    validator = stock(file, path)
    assert values
    for value in values:
        assert [error.message for error in validator.iter_errors(value)] == []


def test_every_reference_leads_to_a_schema():
    for name in (file.removesuffix(".schema.json") for file in RAW):
        for _, node in subschemas(catalogue.document(name)):
            if "$ref" in node:
                assert isinstance(catalogue.lookup(node["$ref"]), dict)


@pytest.mark.parametrize("net_type", [name for name in NETS if name not in catalogue.left_out("net")])
def test_a_type_lists_its_keys_where_other_types_know_them_too(net_type):
    document = catalogue.document("net")
    own = document["$defs"][net_type]["properties"]
    assert set(own) <= set(document["$defs"]["other_types"]["properties"])
    assert set(catalogue.needed_keys(net_type)) <= set(catalogue.net_properties(net_type))
    for key, part in catalogue.net_properties(net_type).items():
        assert ("default" in part) != (key in (*catalogue.needed_keys(net_type), "type", "shared", "use_same_optim"))


def test_every_name_has_an_argument_list():
    for kind in catalogue.KINDS:
        names, left_out = catalogue.names(kind), catalogue.left_out(kind)
        assert len(set(names)) == len(names)
        assert not set(names) & set(left_out)
        for name in names:
            assert set(catalogue.document(kind)["$defs"][name].get("required", ())) <= set(
                catalogue.arguments(kind, name)
            )


def test_lookup_follows_escaped_pointers():
    assert catalogue.lookup("net.schema.json#/properties/type")["enum"] == NETS
    with pytest.raises(KeyError):
        catalogue.lookup("net.schema.json#/properties/typo")


# --- our validator against the stock one

VALUES = (
    *(
        None,
        True,
        False,
        0,
        1,
        2.5,
        -1,
        64,
        64.0,
        1e30,
        "",
        "relu",
        "Adam",
        "gru",
        "none",
        "same",
        "x",
        [],
        {},
        [1],
        [64, 32],
    ),
    *([[8, 3]], [[8, 3, 1, "same"]], ["relu", None], {"name": "Adam"}, {"name": "relu"}, {"name": "Lookahead", "k": 3}),
    *(
        {"name": "StepLR", "step_size": 3},
        {"name": "leakyrelu", "negative_slope": 0.2},
        {"name": "x", "y": 1},
        {"lr": 0.1},
    ),
    *({"name": "Lookahead", "optimizer": "SGD", "momentum": 0.9}, {"name": "normal_", "std": 0.1}, [[[4]], [4], []]),
)


def start(net_type, rng):
    block = {"type": net_type}
    for key in catalogue.needed_keys(net_type):
        block[key] = copy.deepcopy(rng.choice(catalogue.net_properties(net_type)[key]["examples"]))
    for key, part in rng.sample(sorted(catalogue.net_properties(net_type).items()), 6):
        if key != "type":
            choices = [*part.get("examples", ()), *part.get("enum", ()), part.get("default")]
            block[key] = copy.deepcopy(rng.choice(choices))
    return block


def mutate(block, rng):
    """A block with one to three changes at random places."""
    block = copy.deepcopy(block)
    for _ in range(rng.randint(0, 3)):
        node = block
        while isinstance(node, dict | list) and node and rng.random() < 0.6:
            keys = list(node) if isinstance(node, dict) else range(len(node))
            key = rng.choice(keys)
            if isinstance(node[key], dict | list) and rng.random() < 0.7:
                node = node[key]
                continue
            node[key] = copy.deepcopy(rng.choice(VALUES))
            break
        if isinstance(node, dict) and rng.random() < 0.4:
            new = rng.choice(
                [*sorted(catalogue.net_keys()), "name", "lr", "betas", "momentum", "k", "gain", "std", "typo"]
            )
            node[new] = copy.deepcopy(rng.choice(VALUES))
        if isinstance(node, dict) and node and rng.random() < 0.2:
            del node[rng.choice(list(node))]
    return block


@pytest.mark.parametrize("net_type", NETS)
def test_our_validator_and_the_stock_one_give_the_same_verdict(net_type):
    rng, validator, seen = random.Random(net_type), stock("net.schema.json"), {True: 0, False: 0}
    for _ in range(60):
        block = mutate(start(net_type, rng), rng)
        valid = validator.is_valid(block)
        seen[valid] += 1
        assert (not schema_problems("net.schema.json", block)) == valid, block
    assert min(seen.values()) >= 5


def test_a_spec_file_gets_the_same_verdict_too():
    rng, validator = random.Random(0), stock("spec.schema.json")
    spec = RAW["spec.schema.json"]["examples"][0]
    for _ in range(100):
        mutated = mutate(spec, rng)
        assert (not schema_problems("spec.schema.json", mutated)) == validator.is_valid(mutated), mutated
