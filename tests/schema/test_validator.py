"""Our validator, the stock one and jsonschema-rs: the same verdicts, and nothing lost without jsonschema-rs."""

import copy
import json
import math
import os
import random
import subprocess
import sys
from collections import OrderedDict
from copy import deepcopy
from decimal import Decimal
from enum import Enum
from pathlib import Path

import pytest
from damages import DAMAGES, net_of
from hypothesis import given
from hypothesis import strategies as st
from schema_documents import DOCUMENTS, stock

import slm_net
from slm_net.document.specs import SCHEMAS, read_document
from slm_net.schema import catalogue
from slm_net.schema.entries import add_entry, remove_entry
from slm_net.schema.validator import is_right, validator, validator_of
from slm_net.text.mapping import plain
from slm_net.wording.schema_problems import schema_problems

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "specs").glob("*.json"))
NET = {"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"}
NET_SCHEMA = SCHEMAS["net"]
#: What is left to jsonschema.
ARCS = {"arc", "actor_arc", "critic_arc"}


pytest.importorskip("jsonschema_rs")


def python_finds_right(ref, value):
    return validator(ref).is_valid(value)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_what_is_right_is_found_right(file):
    document = read_document(file)
    assert is_right(SCHEMAS[document.kind], document.source.data)
    for spec in document.specs:
        for block in spec.net_blocks():
            refs = catalogue.property_refs(block.data["type"])
            wrong = [key for key, value in block.data.items() if key in refs and not is_right(refs[key], value)]
            assert not wrong


NUMBERS = st.one_of(
    st.integers(),
    st.floats(),
    st.sampled_from([0, 1, True, 1.0, 64.0, -0.0, 2**53 + 1, 2**63, -(2**63) - 1, 2**64, 10**400, 1e308, 5e-324]),
)
NAMES = st.one_of(*(st.sampled_from(catalogue.names(kind)) for kind in catalogue.KINDS))
WORDS = st.one_of(NAMES, NAMES.map(str.upper), NAMES.map("{}\n".format), st.text(max_size=5))
VALUES = st.recursive(
    st.one_of(st.none(), NUMBERS, WORDS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.just("name") | WORDS, inner, max_size=3)),
    max_leaves=6,
)


@st.composite
def blocks(draw):
    """Net blocks with a few keys more than they need, most of them right, and at times something odd."""
    net_type = draw(st.sampled_from(catalogue.net_types()))
    keys = catalogue.net_properties(net_type)
    chosen = draw(st.lists(st.sampled_from([key for key in keys if key != "type"]), max_size=4))
    block = {"type": net_type}
    for key in (*catalogue.needed_keys(net_type), "hid_layers_activation", *chosen):
        known = [*keys[key].get("examples", ()), *([keys[key]["default"]] if "default" in keys[key] else ())]
        block[key] = draw(st.sampled_from(known) if known else VALUES)
    if draw(st.booleans()):
        block[draw(st.sampled_from(sorted(catalogue.net_keys())) | st.text(max_size=3))] = draw(VALUES)
    return block


@given(blocks())
def test_both_engines_agree_on_nets(block):
    spec = {"agent": [{"algorithm": {"name": "DQN"}, "net": block}], "env": [{"name": "CartPole-v1"}]}
    for ref, value in ((NET_SCHEMA, block), (SCHEMAS["file"], {"a": spec}), (SCHEMAS["spec"], spec)):
        known = is_json(value) and not ARCS & block.keys()
        assert is_right(ref, value) == python_finds_right(ref, value) or not known
        assert not is_right(ref, value) or python_finds_right(ref, value)


@given(VALUES, st.sampled_from(sorted(set(catalogue.property_refs("ConvNet").values()))))
def test_both_engines_agree_on_single_values(value, ref):
    assert is_right(ref, value) == python_finds_right(ref, value) or not is_json(value)
    assert not is_right(ref, value) or python_finds_right(ref, value)


def is_json(value):
    """Whether a JSON text of valid Unicode could hold the value."""
    try:
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, UnicodeEncodeError):
        return False
    return True


class Activation(Enum):
    RELU = "relu"


class Width(int, Enum):
    WIDE = 64


class Text(str):
    __slots__ = ()


@pytest.mark.parametrize(
    "value",
    [
        {**NET, "hid_layers": (64,)},
        {**NET, "hid_layers": [Decimal(64)]},
        {**NET, "hid_layers": [Decimal("64.5")]},
        {**NET, "hid_layers": [Width.WIDE]},
        {**NET, "hid_layers": [math.nan]},
        {**NET, "hid_layers": [10**400]},
        {**NET, "hid_layers": {64}},
        {**NET, "hid_layers": [object()]},
        {**NET, "hid_layers_activation": Activation.RELU},
        {**NET, "hid_layers_activation": Text("relu")},
        {**NET, "hid_layers_activation": "\ud800"},
        {**NET, "hid_layers_activation": "relu\n"},
        {**NET, "\ud800": 1},
        {Text("type"): "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"},
        OrderedDict(NET),
    ],
)
def test_what_json_does_not_have_is_judged_as_without(value):
    value = plain(value)
    assert not is_right(NET_SCHEMA, value) or python_finds_right(NET_SCHEMA, value)


def test_an_entry_is_known_as_long_as_it_is_registered():
    block = {"type": "FastNet", "width": 3, "optim_spec": {"name": "FastSGD", "much": 0.5}}
    assert not is_right(NET_SCHEMA, block)
    width = {"type": "integer", "minimum": 1, "description": "Units.", "examples": [8]}
    much = {"type": "number", "description": "How much.", "default": 0.5}
    add_entry("net", "FastNet", {"properties": {"width": width}, "required": ["width"]}, "a test")
    try:
        assert not is_right(NET_SCHEMA, block)
        add_entry("optimizer", "FastSGD", {"properties": {"much": much}}, "a test")
        try:
            assert is_right(NET_SCHEMA, block)
            assert is_right(SCHEMAS["file"], {"a": {"agent": {"algorithm": {"name": "DQN"}, "net": block}}})
            assert not is_right(NET_SCHEMA, {**block, "width": 0})
        finally:
            remove_entry("optimizer", "FastSGD")
    finally:
        remove_entry("net", "FastNet")
    assert not is_right(NET_SCHEMA, block)


def test_a_pattern_that_only_python_knows_is_left_to_python():
    word = {"type": "string", "pattern": "^(?P<a>x)(?P=a)$", "description": "Twice.", "default": "xx"}
    add_entry("net", "TwiceNet", {"properties": {"word": word}}, "a test")
    try:
        assert [p.pointer for p in slm_net.validate({"type": "TwiceNet", "word": "xy"})] == ["/word"]
        assert slm_net.validate({"type": "TwiceNet", "word": "xx"}) == []
    finally:
        remove_entry("net", "TwiceNet")


def test_a_schema_that_is_not_there_is_not_looked_for():
    assert not is_right("https://example.com/x.schema.json", {})
    assert not is_right("net.schema.json#/nothing", {})


PROBE = """
import glob, json, sys, slm_net
nets = ({}, {{**{}, "hid_layers": ["a"]}})
found = [str(p) for path in sorted(glob.glob({!r})) for p in slm_net.validate(path)]
quick = "jsonschema" not in sys.modules
found += [str(p) for net in nets for p in slm_net.validate(net)]
print(json.dumps([quick, found]))
"""


def probed(before="", **env):
    """Whether a new Python validates `specs/` without jsonschema, and what it finds there and in two nets."""
    code = before + PROBE.format(NET, NET, str(ROOT / "specs" / "*.json"))
    env = {**os.environ, "PYTHONPATH": str(ROOT), **env}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    return json.loads(done.stdout)


def test_it_is_used_where_it_is_installed_and_not_missed_elsewhere(tmp_path):
    quick, found = probed()
    assert quick and any("/hid_layers/0" in line for line in found)
    assert probed("import sys; sys.modules['jsonschema_rs'] = None\n") == [False, found]
    for number, other in enumerate(["", "raise OSError", "Registry = lambda *a: 0\nclass Draft202012Validator: pass"]):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "jsonschema_rs.py").write_text(other)
        assert probed(PYTHONPATH=os.pathsep.join((str(folder), str(ROOT)))) == [False, found]


# --- keywords of our own: patterns as JSON Schema reads them, and values that are checked once


@pytest.mark.parametrize(
    ("pattern", "right", "wrong"),
    [
        ("^a$", ["a"], ["a\n", "a\na", "b"]),
        ("^(?:a|b$)", ["a\n", "b"], ["b\n"]),
        (r"^\$[$]$", ["$$"], ["$$\n", "$"]),
        (r"^[\]$]$", ["]", "$"], ["$\n"]),
        ("a", ["ba\n"], ["b"]),
    ],
)
def test_the_end_of_a_pattern_is_the_end_of_the_text(pattern, right, wrong):
    word = validator_of({"pattern": pattern})
    assert [text for text in (*right, *wrong) if word.is_valid(text)] == right


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"hid_layers_activation": "relu\n"}, "/hid_layers_activation"),
        ({"hid_layers_activation": {"name": "relu\n"}}, "/hid_layers_activation/name"),
        ({"init_fn": "orthogonal_\n"}, "/init_fn"),
        ({"loss_spec": {"name": "MSELoss\n"}}, "/loss_spec/name"),
    ],
)
def test_a_name_with_a_line_break_is_not_known(change, pointer):
    assert [(p.pointer, p.rule_name) for p in slm_net.validate({**NET, **change})] == [(pointer, "unknown-name")]


def test_values_that_were_right_are_told_from_those_that_look_like_them():
    net = validator("net.schema.json")
    for _ in range(2):
        assert net.is_valid({**NET, "normalize": True, "dropout": 0})
        assert not net.is_valid({**NET, "dropout": True})
        assert not net.is_valid({**NET, "dropout": "0"})
        assert not net.is_valid({**NET, "hid_layers": ["64"]})


def test_what_was_right_is_forgotten_with_the_schema():
    spec = {"type": "OnceNet", "width": 3}
    for least in (1, 4):
        width = {"type": "integer", "minimum": least, "description": "Units.", "examples": [8]}
        add_entry("net", "OnceNet", {"properties": {"width": width}, "required": ["width"]}, "a test")
        try:
            assert validator("net.schema.json").is_valid(spec) == (least <= 3)
        finally:
            remove_entry("net", "OnceNet")


# --- our validator against the stock one

ODD = (
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
            node[key] = copy.deepcopy(rng.choice(ODD))
            break
        if isinstance(node, dict) and rng.random() < 0.4:
            new = rng.choice(
                [*sorted(catalogue.net_keys()), "name", "lr", "betas", "momentum", "k", "gain", "std", "typo"]
            )
            node[new] = copy.deepcopy(rng.choice(ODD))
        if isinstance(node, dict) and node and rng.random() < 0.2:
            del node[rng.choice(list(node))]
    return block


@pytest.mark.parametrize("net_type", catalogue.net_types())
def test_our_validator_and_the_stock_one_give_the_same_verdict(net_type):
    rng, engine, seen = random.Random(net_type), stock("net"), {True: 0, False: 0}
    for _ in range(60):
        block = mutate(start(net_type, rng), rng)
        valid = engine.is_valid(block)
        seen[valid] += 1
        assert (not schema_problems("net.schema.json", block)) == valid, block
    assert min(seen.values()) >= 5


def test_a_spec_file_gets_the_same_verdict_too():
    rng, engine = random.Random(0), stock("spec")
    spec = DOCUMENTS["spec"]["examples"][0]
    for _ in range(100):
        mutated = mutate(spec, rng)
        assert (not schema_problems("spec.schema.json", mutated)) == engine.is_valid(mutated), mutated


@pytest.mark.parametrize("kind", DAMAGES)
def test_both_engines_agree_on_damaged_specs(kind):
    for file in FILES:
        data = deepcopy(json.loads(file.read_text()))
        net, _ = net_of(data)
        if not net or DAMAGES[kind](net, random.Random(f"{file.name} {kind}")) is None:
            continue
        ref = SCHEMAS[read_document(data).kind]
        assert is_right(ref, data) == validator(ref).is_valid(data), file.name
        assert is_right("net.schema.json", net) == validator("net.schema.json").is_valid(net), file.name
