"""`slm-net explain SPEC`: what is printed of where values come from."""

import json

import pytest
from cli_helpers import spec_of


@pytest.fixture
def spec(tmp_path):
    base = spec_of(optim_spec={"name": "Adam", "lr": 0.25})
    (tmp_path / "base.json").write_text(json.dumps({"dqn": base}, indent=1))
    (tmp_path / "own.json").write_text('{"dqn": {"extends": "base.json",\n"env": [{"name": "Acrobot-v1"}]}}\n')
    return "own.json"


def test_the_whole_spec_at_80_columns(shell, spec):
    done = shell("explain", spec, COLUMNS="80")
    lines = done.out.splitlines()
    assert done.code == 0 and done.err == "" and max(map(len, lines)) <= 80
    assert lines[0] == "net: MLPNet of dqn.agent.0.net"
    said = {line.split()[0]: line for line in lines if line.startswith("  ")}
    assert "an observation of Acrobot-v1 is a vector of length 6" in " ".join(done.out.split())
    assert "base.json:" in said["optim_spec.lr"] and said["optim_spec.lr"].endswith("(extends)")
    assert 'own.json:2:18, replaces "CartPole-v1"' in said["env.0.name"]
    assert "default of Adam: optim_spec.betas [0.9, 0.999]" in " ".join(done.out.split())


def test_one_value_with_every_step(cli, spec):
    done = cli("explain", spec, "agent.0.net.optim_spec.lr", "--override", "agent.0.net.optim_spec.lr=0.5")
    assert done.out.splitlines()[2:] == [
        "  optim_spec.lr = 0.5",
        "    --override agent.0.net.optim_spec.lr=0.5",
        "    replaces 0.25: base.json:17:13: written",
        "      own.json:1:21: from the file that is extended",
    ]


@pytest.mark.parametrize("path", ["optim_spec.lr", "/agent/0/net/optim_spec/lr", "net.optim_spec.lr", "lr"])
def test_ways_to_name_a_value(cli, spec, path):
    [row] = json.loads(cli("explain", spec, path, "--json").out)
    assert (row["net"], row["path"], row["value"]) == ("net", ["optim_spec", "lr"], 0.25)
    assert [step["how"] for step in row["history"]] == ["written", "extends"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["own.json", "hid_layer"], 2, "did you mean 'hid_layers'?"),
        (["own.json", "--name", "dqm"], 2, "did you mean 'dqn'"),
        (["wrong.json"], 1, "unknown-name"),
        (["bare.json"], 2, "in_dim"),
    ],
)
def test_what_cannot_be_explained(cli, spec, tmp_path, arguments, code, said):
    (tmp_path / "wrong.json").write_text(json.dumps(spec_of(hid_layers_activation="reluu")))
    (tmp_path / "bare.json").write_text(json.dumps(spec_of()["agent"][0]["net"]))
    done = cli("explain", *arguments)
    assert done.code == code and said in (done.out + done.err).replace("--in-dim", "in_dim")


def test_texts_of_a_spec_are_shown_and_not_obeyed(cli, tmp_path):
    hostile = spec_of()
    hostile["meta"] = {"\x1b[31mred": "\x1b]0;title\x07", "::error::": "::error::"}
    (tmp_path / "spec.json").write_text(json.dumps(hostile))
    out = cli("explain", "spec.json").out
    assert "\x1b" not in out and "\x07" not in out and not any(line.startswith("::") for line in out.splitlines())


def test_what_is_inside_of_a_value_is_told_with_it(cli, spec):
    assert json.loads(cli("explain", spec, "--name", "dqn", "hid_layers.0", "--json").out)[0]["path"] == ["hid_layers"]
    assert cli("explain", spec, "hid_layers.9").code == cli("explain", spec, "lr.0").code == 2


def test_a_variable_is_called_as_it_is_written(cli, tmp_path):
    (tmp_path / "a.json").write_text(json.dumps({"dqn": spec_of(optim_spec={"name": "Adam", "lr": "${rate}"})}))
    assert "the value of ${rate}\n" in cli("explain", str(tmp_path / "a.json"), "lr", "--set", "rate=0.5").out
