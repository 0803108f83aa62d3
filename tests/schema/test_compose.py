"""The documents that are composed of the entries: valid, complete, and everything in them described."""

import pytest
from jsonschema import Draft202012Validator
from schema_documents import DOCUMENTS, stock

from slm_net.schema import catalogue
from slm_net.wording.values import COLUMNS

#: `lab` says which SLM Lab alone reads a setting.
ANNOTATIONS = {"$defs", "title", "description", "examples", "default", "lab", "deprecated"}
CHECKS = {
    *("$ref", "allOf", "if", "then", "else", "type", "enum", "const", "pattern", "required"),
    *("properties", "patternProperties", "additionalProperties", "unevaluatedProperties"),
    *("minProperties", "maxProperties", "items", "prefixItems", "minItems", "maxItems", "uniqueItems"),
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


ALL = [(name, path, node) for name, document in DOCUMENTS.items() for path, node in subschemas(document)]
BY_PLACE = {(name, path): node for name, path, node in ALL}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_a_valid_schema(name):
    Draft202012Validator.check_schema(DOCUMENTS[name])
    assert DOCUMENTS[name]["title"] and DOCUMENTS[name]["description"]


def test_only_known_keywords_are_used():
    wrong = [(name, path, key) for name, path, node in ALL for key in node if key not in ANNOTATIONS | CHECKS]
    assert wrong == []


def test_every_property_has_a_description():
    def described(node):
        return "description" in node or "description" in catalogue.expanded(node) if isinstance(node, dict) else False

    silent = [
        f"{document}#{path}/properties/{name}"
        for document, path, node in ALL
        for name, part in node.get("properties", {}).items()
        if part is not True and not described(part) and not path.endswith("/if")
    ]
    assert silent == []


def test_every_property_shows_a_value():
    shown = ("default", "examples", "const", "deprecated")
    silent = [
        f"{document}#{path}/properties/{name}"
        for document, path, node in ALL
        for name, part in node.get("properties", {}).items()
        if isinstance(part, dict) and name != "$schema" and not path.endswith(("/if", "/left_out"))
        if not path.endswith(("/layer/then", "/module/then"))  # the arguments of each layer show theirs
        if not any(key in catalogue.expanded(part) for key in (*shown, "deprecated"))
    ]
    assert silent == []


def test_the_entries_of_a_row_are_named_as_in_the_schema():
    row = catalogue.document("net")["$defs"]["conv_layer"]["prefixItems"]
    assert tuple(entry["title"] for entry in row) == COLUMNS


@pytest.mark.parametrize(
    ("name", "path", "key"),
    [(name, path, key) for name, path, node in ALL for key in ("default", "examples") if key in node],
)
def test_every_default_and_example_fits_its_own_schema(name, path, key):
    node = BY_PLACE[name, path]
    values = node["examples"] if key == "examples" else [node["default"]]
    validator = stock(name, path)
    assert values
    for value in values:
        assert [error.message for error in validator.iter_errors(value)] == []


def test_every_reference_leads_to_a_schema():
    for _, _, node in ALL:
        if "$ref" in node:
            assert isinstance(catalogue.lookup(node["$ref"]), dict)
