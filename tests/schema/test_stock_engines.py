"""The composed schema in JSON-schema engines that know nothing of slm_net: the same verdict on whatever is in a file.

Compared is the schema's part of `slm_net.validate` alone: what its rules find beyond the schema (sizes, searches,
algorithms) is in no schema. A text with a `${variable}` stands for any value on both sides.
"""

import copy
import json
import random
from pathlib import Path

import jsonschema_rs
import pytest
from node_packages import answers, installed
from test_mutations import DAMAGES, net_of

from slm_net.document.specs import SCHEMAS, read_document
from slm_net.document.variables import find_variables
from slm_net.schema import catalogue, for_editors
from slm_net.schema.entries import add_entry, remove_entry
from slm_net.wording.schema_problems import schema_problems

SPECS = sorted((Path(__file__).parents[2] / "specs").glob("*.json*"))
VALUES = [None, True, 0, 2.5, 1e30, "relu", "ReLU", "${x}", "a_${x}", "$x", [], ["${x}"], {}, [64], {"name": "Adam"}]
VALUES += [{"name": "${x}"}, {"type": "MLPNet"}, {"env": {}}, {"body": {}}]
KEYS = ["typo", "agent", "env", "body", "type", "name", "hid_layers", "_x", "x-a", ".a", "//", "_comment", "$schema"]
#: Reads schemas and cases (each the number of a schema, and data), and prints the verdicts.
AJV = """
const Ajv = require("ajv/dist/2020");
const { schemas, cases } = JSON.parse(require("fs").readFileSync(0));
const validators = schemas.map((schema) => new Ajv({ logger: false }).compile(schema));
console.log(JSON.stringify(cases.map(([schema, data]) => validators[schema](data))));
"""


def is_variable(data, path):
    for step in path:
        data = data[step]
    return isinstance(data, str) and any(find_variables(data))


def is_right(data, kind=None):
    """The verdict of slm_net's schema stage."""
    document = read_document(data)
    kind, data = kind or document.kind, document.source.data
    mistakes = schema_problems(SCHEMAS[kind], data) if kind else []
    return bool(kind) and all(not m.at_key and is_variable(data, m.path) for m in mistakes)


def changed_somewhere(data, rng):
    """A copy with another value or another key somewhere."""
    data = copy.deepcopy(data)
    node = data
    while isinstance(node, dict | list) and node:
        key = rng.choice(list(node) if isinstance(node, dict) else range(len(node)))
        if isinstance(node[key], dict | list) and rng.random() > 0.25:
            node = node[key]
        elif isinstance(node, dict) and rng.random() < 0.3:
            node[rng.choice(KEYS)] = node.pop(key)
            return data
        else:
            node[key] = copy.deepcopy(rng.choice(VALUES))
            return data
    return data


def cases_of(data, seed, count=30):
    """A spec, what the mutation tests make of it, and `count` random changes."""
    yield data
    for kind, damage in DAMAGES.items():
        damaged = copy.deepcopy(data)
        net, _ = net_of(damaged)
        if net and damage(net, random.Random(f"{seed} {kind}")) is not None:
            yield damaged
    rng = random.Random(seed)
    yield from (changed_somewhere(data, rng) for _ in range(count))


def as_json(data):
    return json.loads(json.dumps(data))


def net_blocks():
    for path in SPECS:
        document = read_document(path)
        yield from (as_json(block.data) for spec in document.specs for block in spec.net_blocks())


def typed_cases(net_type):
    """Net blocks of one type (if there is no file with one, of the others under its name), damages, other types."""
    blocks = list({block["type"]: block for block in net_blocks()}.values())
    own = [block for block in blocks if block["type"] == net_type] or [{**block, "type": net_type} for block in blocks]
    return [*blocks, *(case for block in own for case in cases_of(block, net_type))]


def is_right_as(data, net_type):
    return isinstance(data, dict) and data.get("type") == net_type and is_right(data, "net")


@pytest.fixture(scope="module")
def composed():
    return jsonschema_rs.Draft202012Validator(for_editors.composed())


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_jsonschema_rs_has_the_same_verdicts(composed, path):
    cases = list(cases_of(as_json(read_document(path).source.data), path.stem))
    verdicts = [is_right(case) for case in cases]
    assert [composed.is_valid(case) for case in cases] == verdicts
    assert set(verdicts) == {True, False} and verdicts[0]


@pytest.mark.parametrize("net_type", catalogue.net_types())
def test_jsonschema_rs_has_the_same_verdicts_for_a_type(net_type):
    engine = jsonschema_rs.Draft202012Validator(for_editors.composed(net_type))
    for case in typed_cases(net_type):
        assert engine.is_valid(case) == is_right_as(case, net_type), case


def test_jsonschema_rs_has_the_same_verdicts_with_a_plugin():
    keys = {
        "gain": {"description": "A number.", "type": "number", "minimum": 0, "default": 1},
        "mode": {"description": "A word.", "enum": ["a", "b"], "default": "a"},
    }
    add_entry("net", "MyNet", {"properties": keys}, "a test")
    try:
        engine = jsonschema_rs.Draft202012Validator(for_editors.composed())
        verdicts = {}
        for value in VALUES:
            for key in keys:
                data = {"type": "MyNet", key: value}
                assert engine.is_valid(data) == is_right(data), data
                verdicts[key, json.dumps(value)] = engine.is_valid(data)
        assert verdicts["gain", '"${x}"'] and verdicts["mode", '"${x}"'] and not verdicts["mode", '"$x"']
    finally:
        remove_entry("net", "MyNet")


@pytest.mark.slow
def test_ajv_has_the_same_verdicts(tmp_path):
    schemas = [for_editors.composed(net_type) for net_type in (None, *catalogue.net_types())]
    sources = {path.stem: as_json(read_document(path).source.data) for path in SPECS}
    cases = [(0, case, is_right(case)) for name, data in sources.items() for case in cases_of(data, name)]
    for index, net_type in enumerate(catalogue.net_types(), 1):
        cases += [(index, case, is_right_as(case, net_type)) for case in typed_cases(net_type)]
    given = {"schemas": schemas, "cases": [case[:2] for case in cases]}
    found = answers(installed(tmp_path, "ajv@8"), AJV, given)
    assert [case for case, verdict in zip(cases, found, strict=True) if case[2] != verdict] == []
    assert len(cases) > 1000
