"""The report for people, and the counts."""

import json

import pytest


def test_statistics(cli, spec_file):
    net = {"type": "MLPNet", "hid_layers": 64, "hid_layers_activation": "relu", "gpu": 3, "clip_grad": 1}
    spec_file(net, "net.json")
    done = cli("validate", "net.json", "--statistics", "-q")
    assert done.out.splitlines()[-2:] == ["    2  SN104  wrong-type", "    1  SN101  unknown-key"]
    done = cli("validate", "net.json", "--statistics", "-o", "json")
    assert json.loads(done.out)["errors"] == 3
    assert "SN104  wrong-type" in done.err


def test_a_problem_of_a_file_that_others_extend_is_told_once(cli, spec_file):
    net = {"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "reluu", "seed": 1}
    agent = {"algorithm": {"name": "DQN"}, "net": net}
    spec_file({"base": {"agent": agent, "env": {"name": "CartPole-v1"}}}, "z.json")
    for name in ("a", "b"):
        spec_file({name: {"extends": "z.json#base"}}, f"{name}.json")
    for files in (["a.json", "b.json"], ["."]):  # with its own report, and without
        done = cli("validate", *files, "-o", "json", "--no-cache")
        found = [(problem["file"], problem["rule"]) for problem in json.loads(done.out)["problems"]]
        assert done.code == 1 and sorted(found) == [("z.json", "SN101"), ("z.json", "SN105")]


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("type: MLPNet\nhid_layers: [8]\nhid_layers_activation: leaky relu, or so  # c\n", "leaky relu, or so"),
        ("type: MLPNet\nhid_layers: [8]\nhid_layers_activation: [\n  leaky relu\n]\n", "leaky relu"),
        ("{type: MLPNet, hid_layers: [8], hid_layers_activation: leaky relu}\n", "leaky relu"),
        ("type: MLPNet\nhid_layers: [8]\nhid_layers_activation: 'it''s'\n", "'it''s'"),
        ("type: MLPNet\nhid_layers: [8]\nhid_layers_activation: leaky\n  relu\n", "leaky"),
        ("type: MLPNet\nhid_layers: [8]\nhid_layers_activation: relu\nmy own key: 3\n", "my own key"),
    ],
)
def test_carets_cover_a_whole_value_of_yaml(cli, spec_file, text, marked):
    spec_file(text, "a.yaml")
    _, line, carets, *_ = cli("validate", "a.yaml").out.splitlines()
    assert line[carets.index("^") :][: carets.count("^")] == marked
