"""Which rules count, and the settings of a project."""

import sys

import pytest
from cli_helpers import spec_of

from slm_net.cli.parser import UsageError
from slm_net.cli.settings import ALWAYS, Settings, project_settings, rules_called, selected
from slm_net.rules.pages import rules


@pytest.mark.parametrize(
    ("select", "ignore", "rules"),
    [
        ([], [], set(rules())),
        (["SN101"], [], {"SN101"} | ALWAYS),
        (["unknown-key", "sn3"], ["SN302"], {"SN101", "SN301", "SN303", "SN304"} | ALWAYS),
        ([], ["SN1", "SN003"], {rule for rule in rules() if rule[:3] != "SN1"} | ALWAYS),
    ],
)
def test_selected_rules(select, ignore, rules):
    assert selected(select, ignore) == rules


@pytest.mark.parametrize(("written", "hint"), [("unknow-key", "did you mean 'unknown-key'"), ("SN999", "did you mean")])
def test_a_rule_that_does_not_exist_is_wrong_usage(written, hint):
    with pytest.raises(UsageError, match=hint):
        selected([written], [])
    assert not rules_called("S") and not rules_called("")


def test_on_the_command_line(cli, spec_file):
    spec_file({"a": spec_of(clip_grad=1, rnn_hidden_size=3)}, "a.json")
    assert cli("validate", "a.json", "--ignore", "SN101,SN102").out == "1 file fine\n"
    done = cli("validate", "a.json", "--select", "unused-key")
    assert (done.code, done.out.splitlines()[-1]) == (0, "1 warning")
    assert cli("validate", "a.json", "--select", "SN9").code == 2
    spec_file("{", "b.json")
    assert cli("validate", "b.json", "--ignore", "SN003").code == 1


def test_settings_of_the_project(cli, spec_file, tmp_path):
    (tmp_path / "specs").mkdir()
    spec_file({"a": spec_of(rnn_hidden_size=3)}, "specs/a.json")
    spec_file("{", "specs/old.json")
    table = '[project]\nname = "x"\n[tool.slm-net]\nignore = ["SN101"]\nexclude = ["specs/old*"]\nstrict = true\n'
    (tmp_path / "pyproject.toml").write_text(table)
    done = cli("validate", "specs")
    assert (done.code, done.out.splitlines()[-1]) == (1, "1 error")
    assert cli("validate", "specs", "--ignore", "SN102").out == "1 file fine\n"
    assert cli("validate", "specs", "--select", "SN3").out == "1 file fine\n"
    assert cli("validate", "specs/old.json").code == 1  # named: wanted


def test_the_limit_of_parameters_is_an_option_or_a_setting(cli, spec_file, tmp_path):
    net = {"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"}
    file = spec_file(net)
    arguments = ("validate", file, "--in-dim", "4", "--out-dim", "2")  # 450 parameters
    assert cli(*arguments).code == cli(*arguments, "--max-params", "450").code == 0
    refused = cli(*arguments, "--max-params", "4e2")
    assert refused.code == 1 and "the net would have 450 parameters" in refused.out
    assert "at most 400 are allowed" in refused.out
    (tmp_path / "pyproject.toml").write_text("[tool.slm-net]\nmax-params = 449\n")
    assert cli(*arguments).code == 1
    assert cli(*arguments, "--max-params", "1_000").code == 0


def test_settings_are_those_of_the_nearest_file(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.slm-net]\nselect = ["SN1"]\nstrict-json = true\n')
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert project_settings(below) == Settings(str(tmp_path), select=("SN1",), strict_json=True)
    (tmp_path / "a" / "pyproject.toml").write_text("[project]\nname = 'slm-net-specs'\n")
    assert project_settings(below) == Settings()


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("ignroe = []", "no key 'ignroe', did you mean 'ignore'"),
        ("strict = 1", "strict is 1, expected true or false"),
        ("select = 'SN101'", "expected a list of texts"),
        ("select = [", "pyproject.toml"),
        ("max-params = 1e6", "max-params is 1000000.0, expected a whole number above 0"),
        ("max-params = true", "expected a whole number above 0"),
        ("max-params = 0", "expected a whole number above 0"),
    ],
)
def test_wrong_settings_are_wrong_usage(tmp_path, table, words):
    (tmp_path / "pyproject.toml").write_text(f"[tool.slm-net]\n{table}\n")
    with pytest.raises(UsageError, match=words):
        project_settings(tmp_path)


@pytest.mark.parametrize("table", ["[project\nname = 'slm-net'", "tool = 3 # slm-net", "[tool.other]\nx = 'slm-net'"])
def test_files_that_are_not_about_us_are_left_alone(tmp_path, table):
    (tmp_path / "pyproject.toml").write_text(table)
    assert project_settings(tmp_path) == Settings()


def test_without_a_toml_parser_there_is_a_notice(tmp_path, monkeypatch):
    for name in ("tomllib", "tomli"):
        monkeypatch.setitem(sys.modules, name, None)
    (tmp_path / "pyproject.toml").write_text("[tool.slm-net]\nstrict = true\n")
    assert "TOML needs Python 3.11" in project_settings(tmp_path).notice
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'slm-net'\n")
    assert project_settings(tmp_path) == Settings()


def test_the_slm_lab_of_a_project(cli, spec_file):
    net = {"type": "MLPNet", "hid_layers": [], "hid_layers_activation": "relu"}
    spec_file(net, "a.json")
    spec_file('[tool.slm-net]\nfor = "slm-lab-4"\n', "pyproject.toml")
    assert cli("validate", "a.json").code == 1
    spec_file('[tool.slm-net]\nfor = "slm-lab-3"\n', "pyproject.toml")
    done = cli("validate", "a.json")
    assert done.code == 2 and "for is slm-lab-3, expected slm-lab-4 or slm-lab-5" in done.err
