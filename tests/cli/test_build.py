import argparse
import io
import json
import re
import subprocess
import sys
from dataclasses import replace

import pytest
from cli_helpers import ROOT, spec_of

from slm_net.cli.build import print_text
from slm_net.cli.trial import facts_of
from slm_net.plan import plan_net

CNN = ROOT / "specs" / "cnn_page.json"


NET = {"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"}


@pytest.fixture
def build(capfd, tmp_path, monkeypatch):
    """Runs `slm-net build` in this process, as torch takes seconds to load; exit code, stdout, stderr."""
    from slm_net.cli.main import main

    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        code = main(["build", *map(str, arguments)])
        return code, *capfd.readouterr()

    return run


def test_the_cnn_page_piped(shell):
    done = shell("build", CNN, COLUMNS="40", FORCE_COLOR="1", TERM="dumb")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0] == f"dqn_pong: DQN, ConvNet from {CNN}"
    assert "out_dim 6: one Q-value per action" in lines[2]
    table = lines[4:17]
    assert table[0].split("  ")[1] == "layer"
    assert table[1].split() == ["conv_model.0", "Conv2d", "32,", "20,", "20", "8,224"]
    assert table[-1].split() == ["total", "995,718"]
    assert len({len(line) for line in table}) == 1  # the numbers end in one column
    assert "  optimizer       Adam, lr 0.02" in lines
    assert [line for line in lines if line != line.rstrip()] == []
    assert "\x1b" not in done.out
    assert re.search(r"gradient norm +[\d.]+ before clipping, [\d.]+ after", done.out)
    assert "12 of 12 tensors moved" in done.out


def test_on_a_terminal_there_is_colour(on_terminal):
    printed = on_terminal("build", CNN, columns=80)
    plain = re.sub(r"\x1b\[[\d;]*m", "", printed)
    assert plain != printed
    assert "995,718" in plain
    assert "\u2500" in plain
    assert max(map(len, plain.splitlines())) <= 80


def facts(**changes):
    options = argparse.Namespace(device=None, seed=0, root=None, no_step=False)
    found = facts_of(plan_net(CNN), str(CNN), "dqn_pong", options)
    return replace(found, nets=(replace(found.nets[0], **changes),))


@pytest.mark.parametrize("columns", [40, 60, 120])
def test_a_table_fits_the_terminal(columns, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    out = io.StringIO()
    out.isatty = lambda: True
    print_text(facts(), out)
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= columns
    rows = [line.rstrip() for line in lines if line.lstrip().startswith(("conv_model", "total"))]
    assert len({len(row) for row in rows}) == 1 or columns == 40  # the numbers end in one column


def test_nothing_is_wrapped_or_cut_in_a_pipe(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    out = io.StringIO()
    note, loss = f"in_dim: {'why ' * 80}not", f"MSELoss{', reduction mean' * 60}"
    print_text(facts(notes=(note,), parts={"loss": loss}), out)
    assert f"  {note}\n" in out.getvalue()
    assert f"  loss            {loss}\n" in out.getvalue()


def test_an_error_is_found_before_torch_is_loaded(spec_file):
    code = "import sys\nfrom slm_net.cli.main import main\nmain(['build', sys.argv[1]])\nprint('torch' in sys.modules)"
    path = spec_file({"a": spec_of(clip_grad=1)})
    printed = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, cwd=ROOT, check=True)
    assert "SN101" in printed.stdout
    assert printed.stdout.splitlines()[-1] == "False"


def test_json_has_everything(build, spec_file):
    path = spec_file({"a": spec_of(clip_grad_val=0.01, rnn_hidden_size=3)})
    code, out, err = build(path, "--json")
    facts = json.loads(out)
    assert (code, err) == (0, "")
    assert (facts["spec"], facts["type"], facts["in_dim"], facts["out_dim"]) == ("a", "MLPNet", 4, 2)
    assert facts["layers"][0] == {"name": "model.0", "kind": "Linear", "output_shape": [64], "parameters": 320}
    assert facts["parameters"] == sum(layer["parameters"] for layer in facts["layers"]) == 450
    assert facts["step"]["grad_norm"] > facts["step"]["grad_norm_clipped"] == pytest.approx(0.01, rel=1e-3)
    assert facts["step"]["weights_moved"] == facts["step"]["weights"] == 4
    assert facts["problems"][0]["rule_name"] == "unused-key"
    assert facts["net_spec"]["optim_spec"] == {"name": "Adam"}
    assert facts["optimizer"] == "Adam, lr 0.001"


def test_the_same_seed_gives_the_same_numbers(build, spec_file):
    path = spec_file({"a": spec_of()})
    runs = [build(path, "--json", "--seed", seed) for seed in (0, 0, 1)]
    assert runs[0] == runs[1] != runs[2]


def test_warnings_go_to_stderr(build, spec_file):
    code, out, err = build(spec_file({"a": spec_of(rnn_hidden_size=3, update_type="polyak")}), "--no-step")
    assert code == 0
    assert "warning SN102 [unused-key] rnn_hidden_size is not used by MLPNet" in err
    assert "polyak_coef" in err
    assert "SN102" not in out
    assert "training step" not in out


def test_a_wrong_spec_is_reported_as_validate_does(build, spec_file):
    path = spec_file({"a": spec_of(clip_grad=1)})
    code, out, err = build(path)
    assert (code, err) == (1, "")
    assert re.match(re.escape(str(path)) + r":\d+:\d+: error SN101 \[unknown-key\]", out)
    code, out, err = build(path, "--json")
    assert code == 1
    assert json.loads(out)["errors"] == 1


def test_overrides_and_dims(build, spec_file):
    path = spec_file({"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"})
    arguments = [
        "--in-dim",
        8,
        "--out-dim",
        "3,1",
        "--override",
        "hid_layers=[16]",
        "--override",
        'optim_spec={"name":"SGD"}',
    ]
    code, out, _ = build(path, *arguments, "--json")
    facts = json.loads(out)
    assert code == 0
    assert [layer["output_shape"] for layer in facts["layers"] if layer["parameters"]] == [[16], [3], [1]]
    assert facts["optimizer"].startswith("SGD, lr 0.001")


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("hid_layers_activation=reluu", 'SN105 [unknown-name] "reluu" is not a known activation'),
        ("lr=0.5", "SN101 [unknown-key] 'lr' is not a key of"),
        ("nett.lr=0.5", "SN110 [bad-override] the override 'nett.lr' leads nowhere"),
    ],
)
def test_a_wrong_override_is_placed_at_the_option(build, spec_file, override, said):
    path = spec_file({"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"})
    code, out, _ = build(path, "--in-dim", 8, "--out-dim", 3, "--override", override)
    assert code == 1
    assert out.startswith(f"--override {override}: error {said}")


def test_variables(build, spec_file):
    spec = {**spec_of(), "env": [{"name": "${env}"}], "spec_params": {"env": ["CartPole-v1", "Acrobot-v1"]}}
    path = spec_file({"a": spec})
    code, out, _ = build(path, "--set", "env=Acrobot-v1", "--no-step")
    assert (code, "out_dim 3" in out) == (0, True)
    code, out, _ = build(path)
    assert (code, "hint: choose with --set env=...: CartPole-v1, Acrobot-v1" in out) == (2, True)
    code, out, _ = build(path, "--set", "envv=x")
    assert (code, "the spec has no variable ${envv}" in out, "hint: did you mean 'env'?" in out) == (2, True, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "hint: choose one with --name: a, b"),
        (["--name", "aa"], "hint: did you mean 'a'?"),
        (["--name", "b"], "pass --in-dim and --out-dim"),
        (["--name", "b", "--env", "NoSuch-v7"], "[dims-unknown]"),
        (["--name", "a", "--device", "cudaa"], "--device: no device 'cudaa': did you mean 'cuda'?"),
    ],
)
def test_what_has_to_be_asked_exits_2(build, spec_file, arguments, said):
    path = spec_file({"a": spec_of(), "b": {**spec_of(), "env": [{"name": "NoSuch-v0"}]}})
    code, out, err = build(path, *arguments)
    assert code == 2
    assert said in out + err
    assert str(path) in out or err


def test_an_environment_in_place_of_the_specs_own(build, spec_file):
    code, out, _ = build(spec_file({"a": spec_of()}), "--env", "Acrobot-v1", "--no-step")
    assert (code, "in_dim 6" in out) == (0, True)


def test_a_missing_file(build):
    assert build("missing.json")[0] == 2


def test_a_loss_that_does_not_fit_its_outputs_is_an_error_at_its_place(build, spec_file):
    path = spec_file({"a": spec_of(loss_spec={"name": "BCEWithLogitsLoss", "weight": [1.0, 2.0, 3.0]})})
    code, out, _ = build(path)
    assert code == 1
    assert "the loss of the net's outputs cannot be computed" in out
    assert '"loss_spec": {' in out


def test_the_meta_device_leaves_the_step_out(build, spec_file):
    code, out, _ = build(spec_file({"a": spec_of()}), "--device", "meta")
    assert code == 0
    assert "left out        the meta device holds no numbers" in out


def test_a_spec_name_with_control_characters(build, spec_file):
    code, out, _ = build(spec_file({"\x1b[31m\ud800": spec_of()}), "--no-step")
    assert code == 0
    assert out.startswith(r"\x1b[31m\ud800: DQN, MLPNet from")


def test_every_net_of_the_agent_is_shown(build, spec_file):
    """With what its algorithm uses: PPO has a critic and no target net, SAC follows its Q nets."""
    agent = {"algorithm": {"name": "PPO"}, "net": {**NET, "shared": False, "use_same_optim": False}}
    path = spec_file({"a": {"agent": agent, "env": {"name": "CartPole-v1"}}})
    code, out, _ = build(path)
    assert (code, out.splitlines()[0]) == (0, f"a: PPO, MLPNet from {path}")
    assert "\ncritic_net: MLPNet\n" in out and "  out_dim 1: the value of the state\n" in out
    assert out.count("training step") == 2 and "target update" not in out
    assert "target update" not in build(path, "--in-dim", 4, "--out-dim", 2, "--no-step")[1]
    path = spec_file({"a": {"agent": [{"name": "PPO", **agent}], "env": [{"name": "CartPole-v1"}]}})
    code, out, _ = build(path, "--no-step")
    assert "\n  old_net         copies net" in out and "target update" not in out  # as SLM Lab 4 has it
    path = spec_file(
        {"a": {"agent": {"algorithm": {"name": "SoftActorCritic"}, "net": NET}, "env": {"name": "Pendulum-v1"}}}
    )
    facts = json.loads(build(path, "--json")[1])
    assert [facts["name"], *(net["name"] for net in facts["other_nets"])] == ["net", "q1_net", "q2_net"]
    assert facts["others"]["target_q1_net"].startswith("follows q1_net: ") and "log_alpha" in facts["others"]
    assert "target_update" not in facts and facts["other_nets"][0]["in_dim"] == 4


@pytest.mark.parametrize(("keys", "says"), [({}, ""), ({"update_frequency": 100}, "replace every 100 steps")])
def test_a_net_alone_has_a_target_update_if_it_is_written(build, spec_file, keys, says):
    path = spec_file({**NET, **keys})
    facts = json.loads(build(path, "--in-dim", 4, "--out-dim", 2, "--no-step", "--json")[1])
    assert facts.get("target_update", "") == says


def test_an_agent_without_a_net(build, spec_file):
    path = spec_file({"a": {"agent": {"algorithm": {"name": "Random"}, "net": {}}, "env": {"name": "Pendulum-v1"}}})
    assert build(path) == (0, "a: Random has no net\n", "")
    assert json.loads(build(path, "--json")[1])["other_nets"] == []


def test_a_step_that_diverges_is_an_error(build, spec_file):
    path = spec_file({**NET, "init_fn": {"name": "constant_", "val": 1e30}})
    code, out, err = build(path, "--in-dim", 4, "--out-dim", 2)
    assert code == 1 and "error: the training step of net diverged" in err and "layer" in out
    assert build(path, "--in-dim", 4, "--out-dim", 2, "--json")[0] == 1


def test_another_environment_stands_in_for_one_that_does_not_fit(build, spec_file):
    agent = {"algorithm": {"name": "DQN"}, "net": NET}
    path = spec_file({"a": {"agent": agent, "env": {"name": "Pendulum-v1"}}})
    assert build(path)[0] == 1
    for options in ((), ("--override", "agent.net.hid_layers=[3]")):
        code, out, _ = build(path, "--env", "CartPole-v1", "--no-step", *options)
        assert (code, "out_dim 2: one Q-value per action of CartPole-v1" in out) == (0, True)
