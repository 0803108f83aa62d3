"""`slm-net flatten`: what is written is the whole spec, for SLM Lab."""

import json

import pytest
from cli_helpers import spec_of

import slm_net


@pytest.fixture
def spec(tmp_path):
    (tmp_path / "base.json").write_text(json.dumps({"dqn": spec_of(), "other": spec_of(hid_layers=[8])}))
    own = {
        "$schema": "x",
        "dqn": {"extends": "base.json", "agent": [{"net": {"hid_layers": [16]}}]},
        "many": {"extends": "base.json#other", "env": [{"name": "${env}"}], "spec_params": {"env": ["CartPole-v1"]}},
    }
    (tmp_path / "own.json").write_text(json.dumps(own))
    return str(tmp_path / "own.json")


def test_it_is_one_file_with_all_in_it(cli, spec):
    done = cli("flatten", spec)
    flat = json.loads(done.out)
    assert done.code == 0 and flat["dqn"] == spec_of(hid_layers=[16])
    assert flat["many"] == {
        **spec_of(hid_layers=[8]),
        "env": [{"name": "${env}"}],
        "spec_params": {"env": ["CartPole-v1"]},
    }
    assert flat.keys() == {"dqn", "many"}
    assert slm_net.load_spec(flat, "dqn") == slm_net.load_spec(spec, "dqn")


def test_one_spec_with_nothing_left_to_choose(cli, spec, tmp_path):
    target = tmp_path / "flat.json"
    override = "agent.0.net.hid_layers=[4]"
    done = cli("flatten", spec, "--name", "many", "--set", "env=Acrobot-v1", "--override", override, "-o", str(target))
    assert (done.code, done.out) == (0, "")
    assert json.loads(target.read_text()) == {"many": {**spec_of(hid_layers=[4]), "env": [{"name": "Acrobot-v1"}]}}


def test_anchors_and_comments_are_gone(cli, tmp_path):
    (tmp_path / "a.yaml").write_text(
        "# a net\nx-lr: &lr 0.1\ntype: MLPNet\nhid_layers: [8]\nhid_layers_activation: relu\n"
        "optim_spec: {name: Adam, lr: *lr}\n"
    )
    done = cli("flatten", str(tmp_path / "a.yaml"))
    assert json.loads(done.out)["optim_spec"] == {"name": "Adam", "lr": 0.1} and "x-lr" not in done.out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["missing.json"], 2, "no such file"),
        (["{spec}", "--name", "dqm"], 2, "did you mean 'dqn'"),
        (["{spec}", "-o", "{folder}/none/flat.json"], 2, "there is no such folder"),
        (["{spec}", "-o", "{folder}"], 2, "no regular file"),
        (["{spec}", "--for", "slm-lab-3"], 2, "slm-lab-4"),
        (["{spec}", "--name", "many", "--override", "agent.0.net.x=1"], 1, "unknown-key"),
        (["{folder}/wrong.json"], 1, "unknown-name"),
        (["{folder}/ours.json", "--for", "slm-lab-5"], 1, "DuelingRecurrentNet"),
    ],
)
def test_what_cannot_be_written(cli, spec, tmp_path, arguments, code, said):
    (tmp_path / "wrong.json").write_text(json.dumps(spec_of(hid_layers_activation="reluu")))
    recurrent = {"type": "DuelingRecurrentNet", "cell_type": "GRU", "fc_hid_layers": [], "rnn_hidden_size": 4}
    recurrent |= {"rnn_num_layers": 1, "bidirectional": False, "seq_len": 2, "hid_layers_activation": "relu"}
    ours = {"agent": {"algorithm": {"name": "DQN"}, "net": recurrent}, "env": {"name": "CartPole-v1"}, "meta": {}}
    (tmp_path / "ours.json").write_text(json.dumps(ours))
    before = sorted(tmp_path.iterdir())
    done = cli("flatten", *(argument.format(spec=spec, folder=tmp_path) for argument in arguments))
    assert done.code == code and said in done.out + done.err
    assert sorted(tmp_path.iterdir()) == before


def test_half_a_letter_is_written_as_it_came(cli, tmp_path):
    (tmp_path / "a.json").write_text(json.dumps({"dqn": spec_of() | {"meta": {"prefix": "\ud800"}}}))
    done = cli("flatten", str(tmp_path / "a.json"), "-o", str(tmp_path / "b.json"))
    assert done.code == 0 and json.loads((tmp_path / "b.json").read_text())["dqn"]["meta"] == {"prefix": "\ud800"}
