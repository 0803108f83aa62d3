"""The history of values: edit the place that it names, and the value changes."""

import re
from pathlib import Path

import pytest

from slm_net.concrete import concrete
from slm_net.document.specs import document_of, read_document
from slm_net.problems import BUILD_NET, COMMAND
from slm_net.text.paths import walk
from slm_net.text.places import Lines
from slm_net.text.source import read_source

SPECS = sorted((Path(__file__).parents[1] / "specs").iterdir())
YAML = """\
usual: &usual
  name: Adam
  lr: &rate 0.001
shape: &shape {type: MLPNet, hid_layers: [64, 32], hid_layers_activation: relu}
dqn:
  agent:
    name: DQN
    algorithm: {name: DQN, gamma: ${gamma}, explore_var_spec: &e {start_val: 1.0, end_val: *rate}}
    memory: {name: Replay, batch_size: 32, batch_size: 64, extra: [*rate, 'text', "more", ~]}
    net:
      <<: *shape
      hid_layers: [128]
      optim_spec: {<<: [*usual], lr: 0.01}
      critic_optim_spec: *usual
  env: {name: "ALE/${game}-v5", max_frame: ${frame}}
  spec_params:
    gamma: [0.9]
    game: [Pong]
    frame: [&frame 1000]
"""
TOKEN = re.compile(r"""(?:[&!][^\s,\]}]*\s+)*("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s,\]}#]+)""")


def leaves(data, path=()):
    rows = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else None
    yield from [(path, data)] if rows is None else (leaf for step, part in rows for leaf in leaves(part, (*path, step)))


def check_places(text, file):
    """For every value of every spec: another value at the place that its history begins with is another value here."""
    document, lines, count = document_of(read_source(text, file)), Lines(text), 0
    for spec in document.specs:
        before = concrete(document, spec.name if document.kind == "file" else None, None, None, BUILD_NET)
        for path, value in leaves(before.spec.data):
            origin = next(origin for origin in before.history(path) if origin.place)
            if path == ("name",):
                continue  # the key of the spec
            token = TOKEN.match(text, lines.start(origin.line) + origin.column - 1)
            new = '"changed"' if isinstance(origin.value, str) else "7171"
            edited = document_of(read_source(text[: token.start(1)] + new + text[token.end(1) :], file))
            after = concrete(edited, spec.name if document.kind == "file" else None, None, None, BUILD_NET)
            depth, changed = walk(after.spec.data, path)
            assert (depth, changed) != (len(path), value), f"{file}: {path} is not from {origin}"
            count += 1
    return count


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.name)
def test_every_value_of_our_specs_is_from_where_it_is_said_to_be(path):
    assert check_places(path.read_text(), path.name) > 5


def test_every_value_of_a_text_with_all_that_yaml_has():
    assert check_places(YAML, "spec.yaml") == 20


def told(one, *path):
    return [(o.how, o.value, o.place.partition(":")[2] or o.name, o.replaced) for o in one.history(path)]


def test_what_was_replaced_and_by_whom():
    document = read_document(YAML, "spec.yaml")
    overrides = {"agent.net.optim_spec.lr": 0.5, "agent.net.optim_spec": {"name": "SGD", "lr": 0.25}}
    one = concrete(document, None, {"gamma": 0.9}, overrides, COMMAND)
    assert told(one, "agent", "net", "optim_spec", "lr") == [
        ("override", 0.25, '--override agent.net.optim_spec={"name": "SGD", "lr": 0.25}', False),
        ("override", 0.5, "--override agent.net.optim_spec.lr=0.5", True),
        ("written", 0.01, "13:38", True),
        ("written", 0.001, "3:7", True),
        ("alias", 0.001, "13:27", True),
        ("merge", 0.001, "13:22", True),
    ]
    assert told(one, "agent", "algorithm", "gamma") == [
        ("variable", 0.9, "gamma", False),
        ("written", "${gamma}", "8:35", True),
    ]
    assert told(one, "env", "max_frame") == [("variable", 1000, "19:13", False), ("written", "${frame}", "15:44", True)]
    assert told(one, "env", "name") == [
        ("variable", "ALE/Pong-v5", "18:12", False),
        ("written", "ALE/${game}-v5", "15:15", True),
    ]
    assert told(one, "agent", "memory", "batch_size")[-1] == ("written", 32, "9:40", True)
    assert told(one, "agent", "net", "critic_optim_spec", "lr", "nothing")[0][:2] == ("written", 0.001)


def test_what_an_override_makes_beside_itself_is_a_default():
    spec = {"agent": {"algorithm": {"name": "DQN"}, "net": {"type": "MLPNet", "hid_layers": [8]}}, "env": {"name": "x"}}
    spec["search"] = {"agent": {"net": {"optim_spec": {"lr__uniform": [0.1, 0.2]}}}}
    one = concrete(read_document(spec), None, None, {"agent.net.optim_spec.lr": 0.15}, COMMAND)
    assert [how for how, *_ in told(one, "agent", "net", "optim_spec", "name")] == ["default"]
