"""The settings of a project."""

import json
import os
import sys

import pytest
from cli_helpers import spec_of

from slm_net.problems import UsageError
from slm_net.project.settings import Projects, Settings


def settings_of(folder):
    return Projects().settings(str(folder))


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
    assert "at most 400 are allowed; --max-params of validate and show allows more" in refused.out
    (tmp_path / "pyproject.toml").write_text("[tool.slm-net]\nmax-params = 449\n")
    assert cli(*arguments).code == 1
    assert cli(*arguments, "--max-params", "1_000").code == 0


def test_settings_are_those_of_the_nearest_file(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.slm-net]\nselect = ["SN1"]\nstrict-json = true\n')
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert settings_of(below) == Settings(str(tmp_path), select=("SN1",), strict_json=True)
    (tmp_path / "a" / "pyproject.toml").write_text("[project]\nname = 'slm-net-specs'\n")
    assert settings_of(below) == Settings()


def test_each_file_has_the_settings_nearest_to_it(cli, spec_file, tmp_path):
    for folder, table in (("", 'exclude = ["old*"]'), ("a", 'ignore = ["SN102"]'), ("b", "strict = true"), ("c", None)):
        (tmp_path / folder).mkdir(exist_ok=True)
        text = "[project]" if table is None else f"[tool.slm-net]\n{table}\n"
        (tmp_path / folder / "pyproject.toml").write_text(text)
        spec_file({"a": spec_of(rnn_hidden_size=3)}, f"{folder}/spec.json" if folder else "spec.json")
        spec_file({"a": spec_of(rnn_hidden_size=3)}, f"{folder}/old.json" if folder else "old.json")
    done = cli("validate", ".")
    heads = [line.split(": ")[:2] for line in done.out.splitlines() if line[0] != " " and ".json" in line]
    assert [(head[0].split(":")[0], head[1].split()[0]) for head in heads] == [
        *(("b/old.json", "error"), ("b/spec.json", "error")),
        *(("c/old.json", "warning"), ("c/spec.json", "warning")),
        ("spec.json", "warning"),
    ]
    assert cli("validate", "a/spec.json", "b/spec.json", "--ignore", "SN102").code == 0
    assert cli("validate", tmp_path / "b" / "spec.json").code == 1
    stdin = json.dumps({"a": spec_of(rnn_hidden_size=3)})
    assert [cli("validate", "-", "--stdin-filename", f"{at}/x.json", stdin=stdin).code for at in "abc"] == [0, 1, 0]


def test_a_table_with_a_slip_in_its_name_is_wrong_usage(cli, spec_file, tmp_path):
    spec_file({"a": spec_of()}, "a.json")
    for name in ("slm_net", "slmnet", "SLM-Net", '"slm_net"', "slm-nets", "slm_net.x"):
        (tmp_path / "pyproject.toml").write_text(f"[project]\nname = 'slm_net'\n[tool.{name}]\nstrict = true\n")
        done = cli("validate", "a.json")
        assert (done.code, "is not read, did you mean [tool.slm-net]?" in done.err) == (2, True), name
    (tmp_path / "pyproject.toml").write_text("[tool.slm]\n[tool.net]\n[tool.hatch.slm_net]\n[tool.slm-net]\n")
    assert cli("validate", "a.json").code == 0


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
        settings_of(tmp_path)


HOSTILE = {
    "[" * 100_000: "nested deeper than 100 levels",
    "{a=" * 100_000: "nested deeper than 100 levels",
    "1\n" + "a." * 900_000 + "a = 1": "nested deeper than 100 levels",
    "1\nb = {" + "'a' . " * 300_000 + "a = 1}": "nested deeper than 100 levels",
    "1" * 2_000_000: "larger than 2 MB",
    json.dumps([f"old{n}/*" for n in range(20_000)]): "exclude has 20,000 texts, expected at most 1,000",
    json.dumps(["*" * 2_000]): "a text of more than 1,000 characters",
    "1 # " + "a" * 1_900_000: "exclude is 1, expected a list",
    "1 # " + ("a." * 99 + "b ") * 9_000: "exclude is 1, expected a list",
    "1" + "\n" * 1_900_000: "exclude is 1, expected a list",
}


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_settings_have_the_limits_of_specs(cli, spec_file, value):
    spec_file({"a": spec_of()}, "a.json")
    spec_file(f"[tool.slm-net]\nexclude = {value}", "pyproject.toml")
    done = cli("validate", "a.json")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert done.err.startswith("slm-net: error: ") and HOSTILE[value] in done.err


def test_deep_settings_of_others_are_their_own(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.other]\nx = 'slm-net'\ny = " + "[" * 10_000)
    assert settings_of(tmp_path) == Settings()


def test_settings_may_have_a_byte_order_mark(tmp_path):
    (tmp_path / "pyproject.toml").write_text("\ufeff[tool.slm-net]\nstrict = true\n", encoding="utf-8")
    assert settings_of(tmp_path).strict


@pytest.mark.skipif(os.name == "nt", reason="pipes and devices of POSIX")
@pytest.mark.parametrize(
    ("name", "options"),
    [("pyproject.toml", []), (".gitignore", []), ("base.json", ["--baseline", "base.json"])],
)
@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_what_is_no_file_is_no_settings(cli, spec_file, tmp_path, name, options, kind):
    spec_file({"a": spec_of()}, "a.json")
    if kind == "pipe":
        os.mkfifo(tmp_path / name)
    else:
        (tmp_path / name).symlink_to("/dev/zero")
    done = cli("validate", ".", *options)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert name in done.err and "no regular file but a pipe or a device" in done.err


def test_settings_that_are_not_utf8_are_not_passed_over(tmp_path):
    (tmp_path / "pyproject.toml").write_bytes("[tool.slm-net]\nstrict = true".encode("utf-16"))
    with pytest.raises(UsageError, match="UTF-16"):
        settings_of(tmp_path)
    (tmp_path / "pyproject.toml").unlink()
    (tmp_path / "pyproject.toml").mkdir()  # that is none, and no fault
    assert settings_of(tmp_path) == Settings()


@pytest.mark.parametrize("table", ["[project\nname = 'slm-net'", "tool = 3 # slm-net", "[tool.other]\nx = 'slm-net'"])
def test_files_that_are_not_about_us_are_left_alone(tmp_path, table):
    (tmp_path / "pyproject.toml").write_text(table)
    assert settings_of(tmp_path) == Settings()


def test_without_a_toml_parser_there_is_a_notice(tmp_path, monkeypatch):
    for name in ("tomllib", "tomli"):
        monkeypatch.setitem(sys.modules, name, None)
    (tmp_path / "pyproject.toml").write_text("[tool.slm-net]\nstrict = true\n")
    assert "TOML needs Python 3.11" in settings_of(tmp_path).notice
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'slm-net'\n")
    assert settings_of(tmp_path) == Settings()


def test_the_slm_lab_of_a_project(cli, spec_file):
    net = {"type": "MLPNet", "hid_layers": [], "hid_layers_activation": "relu"}
    spec_file(net, "a.json")
    spec_file('[tool.slm-net]\nfor = "slm-lab-4"\n', "pyproject.toml")
    assert cli("validate", "a.json").code == 1
    spec_file('[tool.slm-net]\nfor = "slm-lab-3"\n', "pyproject.toml")
    done = cli("validate", "a.json")
    assert done.code == 2 and "for is slm-lab-3, expected slm-lab-4 or slm-lab-5" in done.err
