"""The composed schema: one document, and the same verdicts as the documents within, from a stock engine."""

import copy
import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator

from slm_net.document.specs import SCHEMAS, read_document
from slm_net.registry import RegistryError
from slm_net.schema import catalogue, for_editors
from slm_net.schema.editable import words_of
from slm_net.schema.entries import add_entry, remove_entry
from slm_net.wording.schema_problems import schema_problems

ROOT = Path(__file__).parents[2]
SPECS = sorted((ROOT / "specs").glob("*.json"))
FILE = ROOT / "schemas" / "slm_net.schema.json"
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
    add_entry("net", "MyNet", {"properties": {"a": flag}}, "a test")
    yield
    remove_entry("net", "MyNet")


def references(node):
    if isinstance(node, dict):
        yield from [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        node = list(node.values())
    for child in node if isinstance(node, list) else ():
        yield from references(child)


@pytest.mark.parametrize("net_type", [None, *catalogue.net_types()])
def test_it_is_one_valid_document_that_needs_no_other(net_type):
    document = for_editors.composed(net_type)
    jsonschema_rs.meta.validate(document)
    assert document["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    assert document["$id"] == f"urn:slm-net:{f'net:{net_type}' if net_type else 'spec'}"
    assert document == json.loads(json.dumps(document))
    for ref in set(references(document)):
        node = document
        assert ref.startswith("#/$defs/")
        for step in ref.split("/")[1:]:
            node = node[step]


def test_the_file_is_what_the_command_prints():
    printed = json.dumps(for_editors.composed(with_plugins=False), indent=2) + "\n"
    same = FILE.read_text(encoding="utf-8") == printed
    assert same, "write it anew: slm-net schema > schemas/slm_net.schema.json"


def test_check_jsonschema_reads_the_file_without_a_network(tmp_path):
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps({**BLOCKS[0], "hid_layers": 64}))
    command = [sys.executable, "-m", "check_jsonschema", "--schemafile", str(FILE)]
    offline = {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}

    def run(*files):
        env = {**os.environ, **offline}
        return subprocess.run([*command, *map(str, files)], capture_output=True, text=True, env=env, check=False)

    assert run(*SPECS).returncode == 0
    done = run(bad)
    assert done.returncode == 1 and "hid_layers" in done.stdout


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


@pytest.fixture(scope="module")
def stock_engine():
    return Draft202012Validator(for_editors.composed())


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_the_verdicts_are_those_of_the_files(path, stock_engine):
    rng, stock, seen = random.Random(path.stem), stock_engine, set()
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


def keywords(node):
    if isinstance(node, dict):
        yield from node
        node = list(node.values())
    for child in node if isinstance(node, list) else ():
        yield from keywords(child)


@pytest.mark.parametrize("net_type", catalogue.net_types())
def test_a_type_has_all_keys_in_one_place(net_type):
    document = for_editors.composed(net_type)
    assert set(document["properties"]) == catalogue.net_keys()
    assert document["additionalProperties"] is False
    assert not {"if", "then", "else", "unevaluatedProperties"} & set(keywords(document))
    for key, part in catalogue.net_properties(net_type).items():
        assert key == "type" or document["properties"][key].get("default") == part.get("default")


def blocks_of(net_type):
    """Net blocks of a type with each name of each kind, with all its arguments, and inside Lookahead."""
    known = catalogue.net_properties(net_type)
    start = {"type": net_type, **{key: known[key]["examples"][0] for key in catalogue.needed_keys(net_type)}}
    yield start
    yield {**start, **{key: part["default"] for key, part in known.items() if "default" in part}}
    for key, kind in NAMED.items():
        for name in catalogue.names(kind):
            given = {"name": name.upper() if kind == "loss" else name}
            for argument, part in catalogue.arguments(kind, name).items():
                given[argument] = part["default"] if "default" in part else part["examples"][0]
            yield {**start, key: given}
            yield {**start, f"critic_{key}": given, key: name}
            if kind == "optimizer" and name != "Lookahead":
                yield {**start, key: {"alpha": 0.5, **given, "name": "Lookahead", "optimizer": name}}


NAMED = {
    "hid_layers_activation": "activation",
    "init_fn": "init",
    "loss_spec": "loss",
    "optim_spec": "optimizer",
    "lr_scheduler_spec": "lr_scheduler",
}


@pytest.mark.parametrize("net_type", catalogue.net_types())
def test_a_type_has_the_verdicts_of_the_whole(net_type):
    engine = pytest.importorskip("jsonschema_rs").Draft202012Validator
    rng, whole, flat = random.Random(net_type), engine(for_editors.composed()), engine(for_editors.composed(net_type))
    seen = {True: 0, False: 0}
    for block in blocks_of(net_type):
        for data in (block, *(damaged(block, rng) for _ in range(8))):
            right = whole.is_valid(data) and isinstance(data, dict) and data.get("type") == net_type
            seen[right] += 1
            assert flat.is_valid(data) == right, data
    assert min(seen.values()) > 100


def test_a_type_has_the_verdicts_of_the_whole_to_jsonschema():
    rng = random.Random(0)
    whole, flat = (Draft202012Validator(for_editors.composed(net_type)) for net_type in (None, "MLPNet"))
    for block in list(blocks_of("MLPNet"))[::4]:
        for data in (block, damaged(block, rng)):
            right = whole.is_valid(data) and data.get("type") == "MLPNet"
            assert flat.is_valid(data) == right, data


def test_a_type_of_a_plugin_may_hold_a_net_or_a_part_of_a_name():
    own = {
        "inner": {"$ref": "net.schema.json", "description": "A net.", "examples": [BLOCKS[0]]},
        "act": {
            "$ref": "activation.schema.json#/$defs/object",
            "description": "An object.",
            "examples": [{"name": "relu"}],
        },
        "drop": {"$ref": "net.schema.json#/properties/dropout", "maximum": 0.5, "default": 0.25},
    }
    add_entry("net", "MyNet", {"properties": own, "required": ["inner", "act"]}, "a test")
    try:
        engines = [Draft202012Validator(for_editors.composed(net_type)) for net_type in (None, "MyNet")]
    finally:
        remove_entry("net", "MyNet")
    good = {"type": "MyNet", "inner": BLOCKS[0], "act": {"name": "relu"}}
    bad = [{"inner": BLOCKS[1]}, {"act": {"name": "relu", "x": 1}}, {"drop": 0.75}, {"drop": -1}]
    for engine in engines:
        assert engine.is_valid(good) and engine.is_valid({**good, "drop": 0.5, "inner": "${x}"})
        assert not [change for change in bad if engine.is_valid({**good, **change})]


@pytest.mark.slow
def test_code_generators_make_a_model_of_a_type(tmp_path):
    generator = shutil.which("datamodel-codegen") or pytest.skip("there is no datamodel-codegen")
    (tmp_path / "net.json").write_text(json.dumps(for_editors.composed("MLPNet")))
    options = ["--input-file-type", "jsonschema", "--output-model-type", "pydantic_v2.BaseModel"]
    command = [generator, "--input", "net.json", *options, "--output", "model.py"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    with_pydantic = Path(generator).with_name("python")
    cases = json.dumps(MODEL_CASES)
    code = f"""if True:
    import json, pydantic
    from model import MLPNet
    def taken(block):
        try:
            return bool(MLPNet.model_validate(block))
        except pydantic.ValidationError:
            return False
    print(json.dumps([taken(block) for block in json.loads({cases!r})]))
    """
    done = subprocess.run([with_pydantic, "-c", code], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert json.loads(done.stdout) == [True, True, True, False, False, False, False, False]


MODEL_CASES = [
    BLOCKS[0],
    {**BLOCKS[0], "hid_layers": "${layers}", "critic_optim_spec": {"name": "Lookahead", "optimizer": "SGD", "lr": 0.1}},
    {**BLOCKS[0], "hid_layers_activation": ["ReLU", None, {"name": "leakyrelu", "negative_slope": 0.2}], "seq_len": 4},
    {**BLOCKS[0], "hid_layers": 64},
    {**BLOCKS[0], "hid_layers_activation": "swish"},
    {**BLOCKS[0], "clip_grad": 1},
    {**BLOCKS[0], "type": "ConvNet"},
    {**BLOCKS[0], "optim_spec": {"name": "Adam", "momentum": 0.9}},
]


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
    assert found == keys - {"arc_file"}  # any text is a path


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
    add_entry("net", "MyNet", {"properties": own}, "a test")
    try:
        net = for_editors.composed()["$defs"]["net"]
    finally:
        remove_entry("net", "MyNet")
    mine, shared = net["$defs"]["MyNet"]["properties"]["my_dropout"], net["properties"]["dropout"]
    assert mine["description"] == shared["description"].replace("Default: 0.", "Default: 0.5.")


WITH_BLOCKS = {
    "agent": {"algorithm": {"name": "DQN"}, "memory": {"name": "Replay"}, "net": BLOCKS[0]},
    "env": {"name": "CartPole-v1"},
    "meta": {},
}


@pytest.mark.parametrize(
    "block",
    [
        {"name": "DQN", "gamma": 2, "explore_var_spec": {"name": "linear_dcay", "x": 1}, "tau_of_ours": []},
        {"name": "OnPolicyReplay", "sil_replay_name": "Replay", "batch_size": "all", "max_size": 0, "use_cer": 3},
        {"name": "SoftActorCritic", "target_entropy": {}, "entropy_anneal": 3, "symlog": "yes"},
        {"name": "OurOwn", "gamma": 2},
        {"name": "PPO", "clip_eps_spec": "${clip}"},
    ],
)
@pytest.mark.parametrize("place", ["algorithm", "memory", "env", "meta"])
def test_nothing_around_the_nets_is_refused(place, block):
    stock, data = Draft202012Validator(for_editors.composed()), copy.deepcopy(WITH_BLOCKS)
    (data if place in data else data["agent"])[place] = block
    assert verdict(data) and stock.is_valid(data)


def test_what_stands_around_the_nets_is_told():
    defined = for_editors.composed()["$defs"]
    dqn = defined["algorithm"]["$defs"]["VanillaDQN"]["properties"]
    assert dqn["gamma"] == {"description": "Discount factor.", "examples": [0.99]}
    assert {"enum": catalogue.names("algorithm")} in defined["algorithm"]["properties"]["name"]["anyOf"]
    assert "linear_decay" in dqn["explore_var_spec"]["properties"]["name"]["anyOf"][0]["enum"]
    assert defined["env"]["properties"]["normalize_obs"]["description"].endswith("SLM Lab 5 alone. Default: false.")
    assert [part["$ref"] for part in defined["spec"]["$defs"]["spec"]["properties"]["meta"]["allOf"]] == [
        "#/$defs/meta"
    ]


def test_an_algorithm_of_a_plugin_is_told_too():
    add_entry("algorithm", "MyDQN", {"properties": {"hats": {"description": "Hats.", "type": "integer"}}}, "a test")
    try:
        with_plugins, without = for_editors.composed(), for_editors.composed(with_plugins=False)
    finally:
        remove_entry("algorithm", "MyDQN")
    assert with_plugins["$defs"]["algorithm"]["$defs"]["MyDQN"]["properties"] == {"hats": {"description": "Hats."}}
    assert "MyDQN" not in without["$defs"]["algorithm"]["$defs"]
