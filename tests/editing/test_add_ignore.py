"""`--add-ignore`: afterwards nothing is found, and the data are as they were."""

import json
import random
from copy import deepcopy

import pytest
from cli_helpers import spec_of
from damages import DAMAGES, FILES, net_of

from slm_net.cli.check import check
from slm_net.project.files import Input
from slm_net.project.settings import Options
from slm_net.text.source import read_source

NET = '{\n  "type": "MLPNet",\n  "hid_layers": [64],%s\n  "hid_layers_activation": "relu",\n  "rnn_hidden_size": 3%s\n}'


def ignored(path, text, reason="", rules=()):
    """The text with comments, after it has been made sure that they do what they should."""
    path.write_bytes(text.encode())
    before = read_source(text, str(path)).data
    check(Input(str(path)), Options(tuple(rules), fix="write", add_ignore=reason))
    after = path.read_bytes().decode()
    assert read_source(after, str(path)).data == before
    assert check(Input(str(path)), Options(tuple(rules))).problems == ()
    return after


def test_a_comment_stands_behind_its_line(tmp_path):
    after = ignored(tmp_path / "a.json", NET % (' "gpuu": 1, "ln": true, // why', ""), "from the lab")
    assert after == NET % (
        ' "gpuu": 1, "ln": true, // why  // slm-net: ignore SN101 -- from the lab',
        "  // slm-net: ignore SN102 -- from the lab",
    )
    assert ignored(tmp_path / "a.json", after) == after


def test_all_rules_of_a_line_are_in_one_comment(tmp_path):
    text = '{"type": "MLPNet", "hid_layers": [0], "gpuu": 1, "hid_layers_activation": "relu", "rnn_hidden_size": 3}'
    assert ignored(tmp_path / "a.json", text) == f"{text}  // slm-net: ignore SN101, SN102, SN106"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_where_a_line_has_such_a_comment_the_new_one_stands_above(end, tmp_path):
    text = (NET % (' "gpuu": 1, "dropout": 7, // slm-net: ignore SN101', "")).replace("\n", end)
    above = '"relu",\n  "rnn'
    after = ignored(tmp_path / "a.json", text)
    assert f'{end}  // slm-net: ignore SN106{end}  "hid_layers": [64], "gpuu"' in after
    assert after.count("slm-net") == 3 and above.replace("\n", end) in after


@pytest.mark.parametrize(
    "text",
    [
        NET % (' "gpuu": 1, /* a comment\n that goes on */', ""),
        NET % ("", " /* a comment\n that goes on */"),
        "\ufeff" + NET % ("", ""),
        NET % ("", "") + "\n// the end",
        '{"type": "MLPNet",\n"hid_layers": [64,\n"x"],\n"hid_layers_activation": "a // b"}',
    ],
)
def test_odd_places_in_json(text, tmp_path):
    assert ignored(tmp_path / "a.json", text).count("slm-net: ignore") >= 1


@pytest.mark.parametrize(
    "text",
    [
        "type: MLPNet\nhid_layers: [64]\nhid_layers_activation: relu\nrnn_hidden_size: 3\n",
        "type: MLPNet\nhid_layers:\n- 64\n- x # why\nhid_layers_activation: relu",
        "type: MLPNet\nhid_layers: [64]\nhid_layers_activation: 're\n  lu'\ngpuu: |\n  a\n  b\n",
        "type: MLPNet\nhid_layers: [64]\nhid_layers_activation: re\n  lu\n",
        "{type: MLPNet, hid_layers: [64],\n hid_layers_activation: relu,\n gpuu: &a {b: 1}, ggpu: *a}\n",
    ],
)
def test_yaml(text, tmp_path):
    assert ignored(tmp_path / "a.yaml", text).count("# slm-net: ignore") >= 1


@pytest.mark.parametrize("kind", DAMAGES)
def test_damaged_files(kind, tmp_path):
    yaml = pytest.importorskip("yaml")
    for file in FILES[::3]:
        data = deepcopy(json.loads(file.read_text()))
        net, _ = net_of(data)
        if net and DAMAGES[kind](net, random.Random(f"{file.name} {kind}")) is not None:
            ignored(tmp_path / "a.json", json.dumps(data, indent=1))
            ignored(tmp_path / "a.yaml", yaml.safe_dump(data, sort_keys=False))


def test_on_the_command_line(cli, spec_file):
    text = json.dumps({"a": spec_of(clip_grad=0.5, rnn_hidden_size=3)}, indent=1)
    path = spec_file(text, "a.json")
    assert cli("validate", "a.json").code == 1
    shown = cli("validate", "--add-ignore", "a.json", "--diff")
    assert (shown.code, shown.err) == (1, "slm-net: 2 problems can be ignored, 0 left\n")
    assert "+" in shown.out and path.read_text() == text
    done = cli("validate", "a.json", "--add-ignore=seen by us")
    assert (done.code, done.out, done.err) == (0, "1 file fine\n", "slm-net: 2 problems ignored\n")
    assert path.read_text().count("  // slm-net: ignore SN10") == 2 == path.read_text().count(" -- seen by us\n")
    assert cli("validate", "a.json", "--strict").code == 0


def test_only_selected_rules_are_hidden(tmp_path):
    text = NET % (' "gpuu": 1,', "")
    assert ignored(tmp_path / "a.json", text, rules=["SN102"]) == NET % (' "gpuu": 1,', "  // slm-net: ignore SN102")


def test_what_no_comment_hides_is_still_told(cli, spec_file):
    path = spec_file("{", "a.json")
    assert cli("validate", "a.json", "--add-ignore").code == 1
    assert path.read_text() == "{"


def test_wrong_usage(cli, spec_file):
    spec_file(NET % ("", ""), "a.json")
    for options in (["--fix"], ["--strict-json"]):
        assert "--add-ignore writes comments, and --" in cli("validate", "a.json", "--add-ignore", *options).err
    assert cli("validate", "a.json", "--add-ignore=two\nlines").code == 2
    assert "standard input is none" in cli("validate", "-", "--add-ignore", stdin="{}").err
