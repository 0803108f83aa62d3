import json
import os
from pathlib import Path

import pytest
from cli_helpers import OPTIONS, found, spec_of

from slm_net.cli.check import MOST, check, checked, processes_for
from slm_net.project.files import Input, find_files


def test_fine_files(cli, spec_file):
    spec_file({"a": spec_of()}, "a.json")
    spec_file({"b": spec_of()}, "b.jsonc")
    done = cli("validate", "a.json", "b.jsonc")
    assert (done.code, done.out, done.err) == (0, "2 files fine\n", "")


def test_a_mistake_with_its_line_a_caret_and_a_hint(cli, spec_file):
    spec_file('{\n  "type": "MLPNet",\n  "hid_layers": [64],\n  "hid_layers_activation": "reluu"\n}', "net.json")
    done = cli("validate", "net.json")
    assert done.code == 1
    assert done.out.splitlines() == [
        'net.json:4:28: error SN105 [unknown-name] "reluu" is not a known activation',
        '  4 |   "hid_layers_activation": "reluu"',
        "    |                            ^^^^^^^",
        "    hint: did you mean 'relu'?",
        "1 error",
    ]


def test_a_hint_names_the_options_of_the_command(cli, spec_file):
    [agent], env = spec_of()["agent"], {"name": "CartPole-v1", "pole_length": 0.7}
    spec_file({"a": {"agent": agent, "env": env}}, "a.json")
    assert "hint: remove it, or pass --in-dim and --out-dim" in cli("validate", "a.json").out


def test_all_problems_of_all_files_sorted_by_file_and_line(cli, spec_file):
    spec_file({"b": spec_of(clip_grad=1, hid_layers_activation="reluu")}, "b.json")
    spec_file({"a": spec_of(rnn_hidden_size=3)}, "a.json")
    spec_file({"c": spec_of()}, "c.json")
    done = cli("validate", "c.json", "b.json", "a.json")
    heads = [line.split(": ")[0] for line in done.out.splitlines() if line.startswith(("a.", "b.", "c."))]
    assert [head.split(":")[0] for head in heads] == ["a.json", "b.json", "b.json"]
    assert heads == sorted(heads)
    assert done.out.splitlines()[-1] == "2 errors, 1 warning in 2 of 3 files"
    assert done.code == 1


def test_warnings_alone_are_fine_unless_strict(cli, spec_file):
    spec_file({"a": spec_of(rnn_hidden_size=3)}, "a.json")
    loose, strict = cli("validate", "a.json"), cli("validate", "a.json", "--strict", "-q")
    assert (loose.code, loose.out.splitlines()[-1]) == (0, "1 warning")
    assert (strict.code, "error SN102" in strict.out) == (1, True)
    assert "1 error" not in strict.out


def test_an_unreadable_file_outweighs_errors(cli, spec_file):
    spec_file({"a": spec_of(clip_grad=1)}, "a.json")
    done = cli("validate", "a.json", "missing.json")
    assert done.code == 2
    assert "missing.json: error SN001 [file-not-readable] there is no such file" in done.out
    assert "SN101" in done.out


def test_json(cli, spec_file):
    spec_file({"a": spec_of(clip_grad=1, rnn_hidden_size=3)}, "a.json")
    done = cli("validate", "a.json", "missing.json", "-o", "json")
    report = json.loads(done.out)
    assert done.code == 2
    assert {key: value for key, value in report.items() if key != "problems"} == {
        "version": "0.1.0", "files": 2, "skipped": 0, "errors": 2, "warnings": 1,
    }  # fmt: skip
    first = report["problems"][0]
    assert (first["file"], first["pointer"], first["rule_name"]) == (
        "a.json",
        "/a/agent/0/net/clip_grad",
        "unknown-key",
    )
    assert first["line"] > 1


@pytest.mark.parametrize(("name", "code"), [("good", 0), ("bad", 1), ("god", 2)])
def test_one_spec_by_name(cli, spec_file, name, code):
    spec_file({"good": spec_of(), "bad": spec_of(clip_grad=1)})
    done = cli("validate", "specs.json", "--name", name)
    assert done.code == code
    if name == "god":
        assert "hint: did you mean 'good'?" in done.out


@pytest.mark.parametrize(("in_dim", "code"), [("4,84,84", 0), ("4,20,20", 1), ("(4, 84, 84)", 0)])
def test_sizes_are_checked_with_given_dims(cli, spec_file, in_dim, code):
    rows = [[32, 8, 4], [64, 4, 2], [32, 3, 1]]
    net = {"type": "ConvNet", "conv_hid_layers": rows, "fc_hid_layers": [], "hid_layers_activation": "relu"}
    spec_file(net, "net.json")
    done = cli("validate", "net.json", "--in-dim", in_dim, "--out-dim", "6")
    assert done.code == code, done.out


@pytest.mark.parametrize(
    ("in_dim", "code", "said"),
    [
        ("image=3,32,32,speed=4", 0, ""),
        ("speed=4, image=(3,32,32)", 0, ""),
        ("image=3,32,32", 1, "SN202 [dims-do-not-fit] in_dim names image, and the graph image, speed"),
        ("image=3,8,8,speed=4", 1, "SN230 [layer-does-not-fit] LazyConv2d gets 2x2, and has a kernel of 3x3"),
        ("4", 1, "SN202 [dims-do-not-fit] in_dim is one size, and the graph has the inputs image, speed"),
        ("image=,speed=4", 2, "expected 4, 4,84,84, or image=4,84,84,speed=3"),
        ("image=4,image=5", 2, "is no size"),
        ("4,image=5", 2, "is no size"),
        ("=5", 2, "is no size"),
    ],
)
def test_inputs_of_a_graph_have_dims_by_name(cli, in_dim, code, said):
    file = Path(__file__).parents[2] / "specs" / "arc_fusion.yaml"
    done = cli("validate", str(file), "--no-cache", "--in-dim", in_dim, "--out-dim", "2")
    assert done.code == code, done.out
    assert said in done.out + done.err


@pytest.mark.parametrize("text", ['{"type": "MLPNet", "hid_layers": 64}', "type: MLPNet\nhid_layers: 64\n"])
def test_standard_input(cli, text):
    done = cli("validate", "-", stdin=text)
    assert done.code == 1
    assert "<stdin>:" in done.out
    assert "SN104" in done.out


def test_standard_input_with_a_name(cli):
    done = cli("validate", "-", "--stdin-filename", "x/net.yaml", stdin="type: MLPNet\nhid_layers: 64\n")
    assert "x/net.yaml:2:13: error SN104" in done.out


@pytest.mark.parametrize("data", [b"\xff\xfe{\x00}\x00", b"{" * 200, b"", b"\x80\x04", b"[" * 20_000_000])
def test_hostile_standard_input_is_a_problem(cli, data):
    done = cli("validate", "-", stdin=data)
    assert done.code == 1
    assert done.out.startswith("<stdin>")
    assert done.err == ""


def test_a_directory_is_searched(cli, spec_file, tmp_path):
    (tmp_path / "deep" / ".hidden").mkdir(parents=True)
    spec_file({"a": spec_of()}, "deep/a.json")
    spec_file("b:\n  agent: {net: {}}\n", "deep/b.YML")
    spec_file("{", "deep/notes.txt")
    spec_file("{", "deep/.hidden/c.json")
    done = cli("validate", "deep", "deep/a.json")
    assert done.code == 1
    assert done.out.splitlines()[-1].endswith("in 1 of 2 files")


def test_a_directory_without_specs_exits_2(cli, tmp_path):
    (tmp_path / "empty").mkdir()
    done = cli("validate", "empty")
    assert (done.code, done.out) == (2, "")
    assert done.err == "slm-net: error: no spec files (*.json, *.jsonc, *.yaml, *.yml) in empty\n"


def test_a_pattern_that_the_shell_left_alone(cli, spec_file):
    spec_file({"a": spec_of()}, "a1.json")
    spec_file({"a": spec_of()}, "a2.json")
    assert cli("validate", "a?.json").out == "2 files fine\n"
    assert cli("validate", "b?.json").code == 2


def test_control_characters_and_surrogates_never_reach_the_terminal(shell, spec_file):
    spec_file('{"s\\u001b[31m": {"agent": "\\ud800", "\x7f\u202e": "\x1b[2J"}}')
    for env in ({"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}, {"PYTHONIOENCODING": "utf-8"}):
        done = shell("validate", "specs.json", **env)
        assert done.code == 1
        assert not {"\x1b", "\x7f", "\u202e"} & set(done.out)
        assert done.err == ""


@pytest.mark.skipif(os.name == "nt", reason="file names are text there")
def test_a_file_name_that_is_no_text(cli, tmp_path):
    name = os.fsencode(tmp_path) + b"/\xff\x1b.json"
    try:
        with open(name, "w") as file:
            file.write("{")
    except OSError:
        pytest.skip("the file system refuses such names")
    done = cli("validate", os.fsdecode(name))
    assert done.code == 1
    assert "\x1b" not in done.out


def test_colour_only_on_a_terminal(on_terminal, spec_file):
    spec_file({"a": spec_of(clip_grad=1)})
    painted = on_terminal("validate", "specs.json")
    assert "\x1b[1;31merror\x1b[0m" in painted
    assert "\x1b" not in on_terminal("validate", "specs.json", NO_COLOR="1")
    assert "\x1b" not in on_terminal("validate", "specs.json", TERM="dumb")


def test_files_without_a_spec_are_counted_in_a_search_and_refused_by_name(cli, spec_file):
    spec_file({"a": spec_of()}, "a.json")
    spec_file({"name": "app", "type": "module"}, "package.json")
    done = cli("validate", ".")
    assert (done.code, done.out) == (0, "1 file fine (1 file without a spec skipped)\n")
    report = json.loads(cli("validate", ".", "-o", "json").out)
    assert (report["files"], report["skipped"]) == (1, 1)
    assert cli("validate", "package.json").code == 1


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_links_that_lead_in_circles(tree, cli):
    os.symlink("loop.json", tree / "loop.json")
    os.symlink("..", tree / "sub" / "up")
    done = cli("validate", ".")
    assert done.code == 2
    assert "loop.json: error SN001" in done.out
    assert done.out.splitlines()[-1] == "1 error in 1 of 7 files"
    assert cli("validate", "sub/**/*.json*").out == "1 file fine\n"


def test_a_file_that_is_gone_and_a_folder_that_could_not_be_read(tree):
    reports = [check(file, OPTIONS) for file in (Input("gone.json", True), Input("dir", True, "cannot be read"))]
    assert [(p.rule, p.file) for report in reports for p in report.problems] == [
        ("SN001", "gone.json"),
        ("SN001", "dir"),
    ]


def test_worker_processes_find_the_same_in_the_same_order(tree):
    (tree / "bad.json").write_text('{"type": "MLPNet", "hid_layers": 4}')
    files = [*find_files(["."]), Input("gone.json")]
    assert list(checked([(file, OPTIONS) for file in files], 2)) == [check(file, OPTIONS) for file in files]


@pytest.mark.parametrize(("files", "fewest", "most"), [(0, 1, 1), (100, 1, 1), (10**6, 1, MOST)])
def test_processes_are_used_only_for_many_files(files, fewest, most):
    assert fewest <= processes_for(files) <= most


def test_strict_json_finds_each_at_its_place(tmp_path):
    text = '\ufeff{\n  "type": "MLPNet", // a net\n  "hid_layers": [64,],\n  "hid_layers_activation": "relu"\n}'
    places = [("SN011", 1), ("SN011", 2), ("SN011", 3)]
    for name, expected in (("a.json", places), ("a.jsonc", [])):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        report = check(Input(str(path)), OPTIONS._replace(strict_json=True))
        assert [(p.rule, p.line) for p in report.problems] == expected
    assert found("type: MLPNet # yaml\nhid_layers: [1]\nhid_layers_activation: relu\n", "a.yml", strict_json=True) == []
    assert found(text) == []


@pytest.mark.parametrize(("most", "code"), [("1", 1), ("0", 1), ("2", 0), ("3", 0)])
def test_more_warnings_than_allowed(cli, spec_file, most, code):
    spec_file({"a": spec_of(rnn_hidden_size=3), "b": spec_of(rnn_hidden_size=3)}, "a.json")
    done = cli("validate", "a.json", "--max-warnings", most)
    assert (done.code, done.err) == (code, f"slm-net: 2 warnings, at most {most} allowed\n" if code else "")
    assert cli("validate", "a.json", "--max-warnings", "-1").code == 2
    assert cli("validate", "a.json", "missing.json", "--max-warnings", "0").code == 2


def test_for_an_slm_lab(cli, spec_file):
    spec_file(json.dumps({"a": spec_of(dropout=0.5)}), "a.json")
    assert cli("validate", "a.json").code == 0
    done = cli("validate", "a.json", "--for", "slm-lab-5", "-o", "json")
    assert {"SN501", "SN502"} <= {problem["rule"] for problem in json.loads(done.out)["problems"]}
    wrong = cli("validate", "a.json", "--for", "slm-lab-6")
    assert wrong.code == 2 and "expected slm-lab-4 or slm-lab-5" in wrong.err


def test_files_and_options_in_any_order(cli, spec_file):
    path = spec_file({"one": spec_of()})
    assert cli("validate", path, "--strict", "missing.json").code == 2
    assert "missing.json" in cli("validate", path, "--strict", "missing.json").out


def test_a_configuration_of_eslint_that_extends_is_no_spec(cli, tmp_path):
    for name, env in (("eslint.json", {"browser": True}), ("own.json", {"name": "Acrobot-v1"})):
        (tmp_path / name).write_text(json.dumps({"extends": "./missing.json", "env": env}))
    done = cli("validate", ".")
    assert "own.json" in done.out and "eslint.json" not in done.out


@pytest.mark.parametrize(
    "data",
    [
        {"name": "a-package", "version": "1.0.0", "eslintConfig": {"extends": "./eslint.json"}},
        {"$schema": "https://json.schemastore.org/tsconfig", "extends": "./tsconfig.base.json", "files": []},
        {"extends": ["config:recommended"], "packageRules": [{"extends": "./more.json"}]},
        {"extends": "stylelint-config-standard"},
        {"root": True, "env": {"node": True}, "overrides": {"extends": "./rules.yaml", "env": {"es6": True}}},
    ],
)
def test_files_of_other_programs_that_extend_are_no_specs(cli, tmp_path, data):
    (tmp_path / "other.json").write_text(json.dumps(data))
    assert cli("validate", ".").out == "0 files fine (1 file without a spec skipped)\n"


def test_a_file_of_specs_whose_bases_are_missing_is_one(cli, tmp_path):
    file = {"$schema": "slm_net.schema.json", "dqn": {"extends": "gone.json"}, "ppo": {"extends": "gone.json"}}
    (tmp_path / "own.json").write_text(json.dumps(file))
    done = cli("validate", ".")
    assert done.code == 1 and "2 errors" in done.out
