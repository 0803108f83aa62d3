import json
import os
import subprocess
import sys

import pytest
from cli_helpers import ROOT, environment
from torch import nn

import slm_net

DQN = ROOT / "specs" / "dqn_cartpole.json"


def test_the_table(cli):
    done = cli("show", DQN)
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0] == "dqn_cartpole, DQN"
    assert lines[2] == "net: MLPNet, 4 → 2"
    assert lines[4].split() == ["model.0", "Linear", "ReLU", "4", "→", "128", "640", "512"]
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("form", ["json", "markdown", "mermaid", "svg", "html"])
def test_it_is_printed_or_written(cli, tmp_path, form):
    printed = cli("show", DQN, "--format", form)
    target = tmp_path / "shown"
    written = cli("show", DQN, "--format", form, "-o", target)
    assert (printed.code, written.code, written.out) == (0, 0, "")
    assert target.read_text(encoding="utf-8") == printed.out
    assert [path.name for path in tmp_path.iterdir()] == ["shown"]


def test_json_has_what_the_net_has(cli):
    found = json.loads(cli("show", DQN, "--format", "json", "--batch", "7").out)
    nets = slm_net.build_nets(DQN)
    assert [net["name"] for net in found["nets"]] == list(nets)
    assert [net["parameters"] for net in found["nets"]] == [net.parameter_count for net in nets.values()]
    assert found["trained_parameters"] == nets["net"].parameter_count
    assert found["nets"][0]["memory"]["activations"] == 4 * 7 * found["nets"][0]["activations"]
    assert found["nets"][1]["copies"] == "net"


def test_the_batch_is_that_of_the_spec_if_none_is_given(cli):
    found = json.loads(cli("show", ROOT / "specs" / "dueling_conv.json", "--format", "json").out)
    assert found["nets"][0]["batch"] == 32
    found = json.loads(cli("show", ROOT / "specs" / "sac_bipedalwalker.json", "--format", "json").out)
    assert {net["batch"] for net in found["nets"]} == {256}


@pytest.mark.parametrize("stem", ["dqn_cartpole", "sac_pendulum", "a2c_halfcheetah"])
def test_a_saved_folder_shows_what_its_spec_shows(cli, tmp_path, stem):
    spec = ROOT / "specs" / f"{stem}.json"
    slm_net.build_nets(spec, device="cpu").save(tmp_path / "saved")
    expected = json.loads(cli("show", spec, "--format", "json").out)
    found = json.loads(cli("show", tmp_path / "saved", "--format", "json").out)
    assert found["nets"] == expected["nets"]
    assert found["memory"] == expected["memory"]


def test_one_saved_net(cli, tmp_path):
    net = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}
    slm_net.build_net(net, 4, 2).save(tmp_path / "saved")
    found = json.loads(cli("show", tmp_path / "saved", "--format", "json").out)
    assert [net["parameters"] for net in found["nets"]] == [4 * 8 + 8 + 8 * 2 + 2]


@pytest.mark.parametrize("option", ["--name=q", "--set=a=1", "--override=a=1", "--env=CartPole-v1", "--in-dim=4"])
def test_a_folder_says_itself_what_it_is(cli, tmp_path, option):
    slm_net.build_nets(DQN).save(tmp_path / "saved")
    done = cli("show", tmp_path / "saved", option)
    assert (done.code, done.out) == (2, "")
    assert f"{option.split('=')[0]} goes with a spec: a folder says it itself" in done.err


def test_a_folder_that_is_damaged(cli, tmp_path):
    slm_net.build_nets(DQN).save(tmp_path / "saved")
    (tmp_path / "saved" / "step-1" / "config.json").write_text("{}")
    done = cli("show", tmp_path / "saved")
    assert done.code == 2
    assert "config.json" in done.out
    assert "internal" not in done.err


def test_ten_billion_parameters_are_counted_without_torch(cli, spec_file):
    path = spec_file({"type": "MLPNet", "hid_layers": [70_000] * 3, "hid_layers_activation": "relu"}, "big.json")
    done = cli("show", path, "--in-dim", "100", "--out-dim", "4")
    assert "9,807,490,004" in done.out
    refused = cli("show", path, "--in-dim", "100", "--out-dim", "4", "--max-params", "1e9")
    assert (refused.code, "SN203" in refused.out) == (1, True)
    more = spec_file({"type": "MLPNet", "hid_layers": [80_000] * 3, "hid_layers_activation": "relu"}, "more.json")
    dims = ("--in-dim", "100", "--out-dim", "4")
    assert cli("show", more, *dims).code == 1
    assert "12,808," in cli("show", more, *dims, "--max-params", "2e10").out


def test_nothing_heavy_is_imported():
    code = (
        "import sys\nfrom slm_net.cli.main import main\nmain(sys.argv[1:])\n"
        "print([name for name in ('torch', 'numpy', 'rich') if name in sys.modules], file=sys.stderr)"
    )
    command = [sys.executable, "-c", code, "show", str(DQN), "--format", "html"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), check=True)
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--format", "picture"], "is no format"),
        (["--output", "no/such/folder/x.svg"], "there is no such folder"),
        (["--output", "."], "it is no regular file"),
        (["--output", ""], "a name is missing"),
        (["--batch", "0"], "is no count"),
    ],
)
def test_wrong_usage_is_one_line_and_writes_nothing(cli, arguments, said):
    before = sorted(os.listdir())
    done = cli("show", DQN, *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert len(done.err.splitlines()) == 1
    assert sorted(os.listdir()) == before


def test_the_spec_is_not_overwritten(cli, spec_file):
    path = spec_file({"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}, "own.json")
    done = cli("show", path, "--in-dim", "4", "--out-dim", "2", "--output", path)
    assert (done.code, "that is the spec" in done.err) == (2, True)


def test_a_spec_with_errors_is_reported_as_by_build(cli, spec_file):
    path = spec_file({"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "reluu"}, "wrong.json")
    done = cli("show", path, "--in-dim", "4", "--out-dim", "2")
    assert done.code == 1
    assert "did you mean 'relu'" in done.out
    assert json.loads(cli("show", path, "--in-dim", "4", "--out-dim", "2", "--format", "json").out)


def test_a_file_that_is_not_there(cli):
    done = cli("show", "nowhere.json")
    assert (done.code, "there is no such file" in done.out) == (2, True)


def test_a_registered_type_and_a_registered_layer_are_looked_at(cli, spec_file):
    @slm_net.register_net("Shown", schema={"properties": {"width": {"description": "Units.", "default": 8}}})
    def shown(spec, in_dim, out_dim):
        return nn.Sequential(nn.Linear(in_dim, spec["width"]), nn.Linear(spec["width"], out_dim))

    schema = {"properties": {"size": {"type": "integer", "description": "Size."}}, "required": ["size"]}

    @slm_net.register_layer("Twice", schema=schema)
    class Twice(nn.Linear):
        def __init__(self, size):
            super().__init__(size, 2 * size)

    graph = {"input": "x", "modules": {"a": "x", "b": "a"}, "output": "b"}
    arc = {"modules": {"a": {"Twice": {"size": 4}}, "b": {"LazyLinear": {"out_features": 3}}}, "graph": graph}
    try:
        for net, rows in (
            ({"type": "Shown"}, [["0", 40], ["1", 18]]),
            ({"type": "TorchArcNet", "arc": arc}, [["body.a", 40], ["body.b", 27], ["tails.0", 8]]),
        ):
            found = json.loads(cli("show", spec_file(net), "--in-dim", "4", "--out-dim", "2", "--format", "json").out)
            layers = found["nets"][0]["layers"]
            assert [[layer["name"], layer["parameters"]] for layer in layers] == rows
    finally:
        slm_net.unregister("net", "Shown")
        slm_net.unregister("layer", "Twice")
