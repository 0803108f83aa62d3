"""`--fix`: what is safe, and nothing else in the file changes."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from cli_helpers import spec_of
from hypothesis import given, settings
from hypothesis import strategies as st

from slm_net.cli.check import check
from slm_net.project.files import Input
from slm_net.project.settings import Options

NET = """{ // a net
  "type" : "MLPNet",\r
  "hid_layer": [64],   /* "hid_layer" */
  "hid_layers_activation": "reluu",
  "optim_spec": {"name": "adam", "lrr": 1e-3, "betass": [0.9, 0.99]}
}"""
FIXED = NET.replace('"hid_layer":', '"hid_layers":').replace("reluu", "relu").replace("adam", "Adam")
FIXED = FIXED.replace("lrr", "lr").replace("betass", "betas")


def fixed(path, text, rules=(), **options):
    """The report, and the text afterwards."""
    path.write_bytes(text.encode())
    report = check(Input(str(path)), Options(tuple(rules), fix=options.pop("fix", "write"), **options))
    return report, path.read_bytes().decode()


def test_typos_and_case_are_fixed_and_everything_else_stays(tmp_path):
    report, text = fixed(tmp_path / "a.json", NET)
    assert text == FIXED
    assert (report.fixed, report.problems) == (5, ())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "type: mlpnet\nhid_layers: [4] # x\nhid_layers_activation: 'Reluu'\n",
            "type: MLPNet\nhid_layers: [4] # x\nhid_layers_activation: 'relu'\n",
        ),
        (
            '"type": MLPNet\nhid_layer: [4]\n"hid_layers_activatoin": null\n',
            '"type": MLPNet\nhid_layers: [4]\n"hid_layers_activation": null\n',
        ),
    ],
)
def test_yaml(tmp_path, old, new):
    report, text = fixed(tmp_path / "a.yaml", old)
    assert text == new
    assert report.problems == ()


@pytest.mark.parametrize(
    "change",
    [
        '"hid_layers_activation": "swish"',  # a word of another library
        '"hid_layers_activation": "relu", "tau": 0.005',  # means the opposite
        '"hid_layers_activation": "relu", "loss_spec": {"name": "L2Loss"}',  # another digit is another name
        '"hid_layers_activation": "geglu"',  # a name of its own
        '"hid_layers_activation": "relu", "loss_spec": {"name": "MAELoss"}',
        '"hid_layers_activation": "relu", "optim_spec": {"name": "SGDW"}',
        '"hid_layers_activation": "jelu"',  # one slip from two names
        '"hid_layers_activation": "tranformer"',
    ],
)
def test_what_may_mean_something_else_is_left(tmp_path, change):
    text = f'{{"type": "MLPNet", "hid_layers": [4], {change}}}'
    report, after = fixed(tmp_path / "a.json", text)
    assert after == text
    assert report.fixed == 0 and report.problems


def test_a_fix_that_makes_a_key_double_is_left_out(tmp_path):
    text = '{"type": "MLPNet", "hid_layers": [4], "hid_layers_activation": "relu", "gpuu": false, "ggpu": true}'
    report, after = fixed(tmp_path / "a.json", text)
    assert report.fixed == 1
    assert after.count('"gpu"') == 1
    assert len(report.problems) == 1


def test_a_fix_may_bring_to_light_what_stood_below(tmp_path):
    text = '{"type": "MLPNet", "hid_layers": [4], "hid_layers_activation": "relu", "optm_spec": {"name": "adma"}}'
    report, after = fixed(tmp_path / "a.json", text)
    assert after == text.replace("optm_spec", "optim_spec").replace("adma", "Adam")
    assert (report.fixed, report.problems) == (2, ())


def test_a_line_with_a_comment_that_ignores_it_stays(tmp_path):
    text = '{"type": "MLPNet", "hid_layers": [4], "hid_layers_activation": "relu",\n"gpuu": true // slm-net: ignore\n}'
    report, after = fixed(tmp_path / "a.json", text)
    assert after == text and report.fixed == 0


def test_strict_json(tmp_path):
    text = '\ufeff{"type": "MLPNet", "hid_layers": [4, 5,\n], // why\n "hid_layers_activation": "relu",}\n'
    report, after = fixed(tmp_path / "a.json", text, strict_json=True)
    assert after == '{"type": "MLPNet", "hid_layers": [4, 5\n], // why\n "hid_layers_activation": "relu"}\n'
    assert report.fixed == 3
    assert [problem.message for problem in report.problems] == ["a comment is not JSON"]
    assert fixed(tmp_path / "a.json", text)[1] == text


def test_only_selected_rules_are_fixed(tmp_path):
    text = NET.replace("lrr", "lr").replace("betass", "betas")
    after = fixed(tmp_path / "a.json", text, rules=["SN105"])[1]
    assert after == text.replace("reluu", "relu").replace("adam", "Adam")


def test_what_a_fix_brings_to_light_and_cannot_be_fixed_stays_hidden(tmp_path):
    text = '{"type": "MLPNet", "hid_layers": [4], "hid_layers_activation": "relu",'
    text += ' "optm_spec": {"name": "Adam", "lr": "x", "nesterov": 3}}'
    report, after = fixed(tmp_path / "a.json", text)
    assert (report.fixed, after) == (0, text)


BLOCK = '{"type": "MLPNet", "hid_layers": [4], "hid_layers_activation": "relu"}\n'


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (BLOCK.replace('"', "'"), BLOCK),
        (BLOCK.replace(",", ";").replace(":", " ="), BLOCK.replace(":", " :")),
        (BLOCK.replace('"relu"', "reluu # c\n"), BLOCK.replace('"relu"', '"relu" // c\n')),
        (f"```json\n{BLOCK}```\n", BLOCK),
        (f"spec = {BLOCK}", BLOCK),
        (BLOCK.replace("[4]", "(4, 4)").replace('"type"', "'type'"), BLOCK.replace("[4]", "[4, 4]")),
        # words that are no names, and what else is not certain, stay; the rest is cured
        (BLOCK.replace("[4]", "HID").replace('"type"', "type"), BLOCK.replace("[4]", "HID")),
        (BLOCK.replace("[4]", "[4, 4").replace('"type"', "type"), BLOCK.replace("[4]", "[4, 4")),
        (BLOCK.replace("[4]", "[007]"), BLOCK.replace("[4]", "[007]")),
        (BLOCK + BLOCK, BLOCK + BLOCK),
        (BLOCK.replace("}", ""), BLOCK.replace("}", "")),
        ("type: MLPNet\n", "type: MLPNet\n"),
    ],
)
def test_mistakes_of_a_text_are_cured_where_it_is_certain_what_was_meant(tmp_path, old, new):
    report, text = fixed(tmp_path / "a.json", old)
    assert text == new
    assert bool(report.fixed) == (old != new)
    assert fixed(tmp_path / "a.json", text)[1] == text


def test_mistakes_of_yaml(tmp_path):
    old = "type: MLPNet,\nhid_layers: [4], # c\nhid_layers_activation = reluu\n"
    report, text = fixed(tmp_path / "a.yaml", old)
    assert text == "type: MLPNet\nhid_layers: [4] # c\nhid_layers_activation: relu\n"
    assert report.problems == ()


def test_a_mistake_that_a_comment_is_about_is_still_one(tmp_path):
    text = BLOCK.replace('"relu"', "nn.ReLU() // slm-net: ignore\n")
    report, after = fixed(tmp_path / "a.json", text)
    assert after == text and [problem.rule for problem in report.problems] == ["SN003"]


def test_a_patch_may_change_the_number_of_lines(cli, spec_file, tmp_path):
    lines = [f'  "x{n}": {n},\n' for n in range(20)]
    path = spec_file("".join(["```json\n", BLOCK[:-2], ",\n", *lines, "'a': 1}\n", "```\n", "\n"]), "a.json")
    done = cli("validate", "a.json", "--diff")
    assert done.out.count("@@ -") == 2
    (tmp_path / "the.patch").write_text(done.out)
    if os.path.exists("/usr/bin/patch"):
        subprocess.run(["patch", "-p0", "-i", "the.patch"], cwd=tmp_path, check=True, capture_output=True)
        patched = path.read_text()
        path.write_text("".join(["```json\n", BLOCK[:-2], ",\n", *lines, "'a': 1}\n", "```\n", "\n"]))
        cli("validate", "a.json", "--fix")
        assert path.read_text() == patched


@pytest.mark.skipif(os.name == "nt", reason="permissions and links of POSIX")
def test_permissions_and_links_stay(tmp_path):
    real = tmp_path / "real.json"
    real.write_text(NET)
    real.chmod(0o640)
    os.symlink("real.json", tmp_path / "link.json")
    check(Input(str(tmp_path / "link.json")), Options(fix="write"))
    assert (tmp_path / "link.json").is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert '"Adam"' in real.read_text()
    assert sorted(os.listdir(tmp_path)) == ["link.json", "real.json"]


def test_a_folder_that_takes_no_files_is_a_problem(tmp_path, monkeypatch):
    def refuse(*arguments, **options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    report, after = fixed(tmp_path / "a.json", NET)
    assert after == NET
    assert report.problems[0].rule == "SN001" and len(report.problems) == 1 + 5


def test_diff_shows_a_patch_and_writes_nothing(cli, spec_file, tmp_path):
    path = spec_file(NET, "a.json")
    before = path.read_bytes()
    done = cli("validate", "a.json", "--fix", "--diff")
    assert done.code == 1
    assert path.read_bytes() == before
    assert done.err == "slm-net: 5 problems can be fixed, 0 left\n"
    (tmp_path / "the.patch").write_bytes(done.out.encode())
    if os.path.exists("/usr/bin/patch"):
        subprocess.run(["patch", "--binary", "-p0", "-i", "the.patch"], cwd=tmp_path, check=True, capture_output=True)
        assert '"Adam"' in path.read_text()


def test_on_the_command_line(cli, spec_file):
    path = spec_file({"a": spec_of(hid_layers_activation="Rleu", clip_grad=1)}, "a.json")
    done = cli("validate", "a.json", "--fix")
    assert done.code == 1
    assert done.err == "slm-net: 1 problem fixed, 1 more with --unsafe-fixes\n"
    assert done.out.splitlines()[-1] == "1 error"
    assert '"relu"' in path.read_text()
    assert cli("validate", "-", "--fix", stdin="{}").code == 2
    assert '+{"type": "MLPNet"' in cli("validate", "-", "--diff", stdin='{"type": "mlpnet", "hid_layers": [1]}').out


SPECS = sorted((Path(__file__).parents[2] / "specs").glob("*.json"))


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_swapped_letters_are_put_right_or_left_as_they_are(tmp_path_factory, data):
    text = data.draw(st.sampled_from(SPECS)).read_text(encoding="utf-8")
    key = data.draw(st.sampled_from(list(re.finditer(r'"(\w{4,})": ', text))))
    at = data.draw(st.integers(key.start(1), key.end(1) - 2))
    damaged = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    report, after = fixed(tmp_path_factory.mktemp("swapped") / "a.json", damaged)
    assert after in (text, damaged)
    assert bool(report.fixed) == (after != damaged)


UNSAFE = (
    '{"type": "MLPNet", "hid_layers": [4], "hid_layers_activation": "swish",\n "tau": 0.1, "update_type": "polayk",'
)
UNSAFE += '\n "rnn_hidden_size": 3, "clip_grad_val": "0.5"}\n'


def test_unsafe_fixes_are_counted_and_made_only_when_asked_for(cli, spec_file):
    path = spec_file(UNSAFE, "a.json")
    done = cli("validate", "a.json", "--fix")
    safe = UNSAFE.replace("polayk", "polyak").replace('"0.5"', "0.5")
    assert (done.code, path.read_text()) == (1, safe)
    assert done.err == "slm-net: 2 problems fixed, 3 more with --unsafe-fixes\n"
    shown = cli("validate", "a.json", "--diff", "--unsafe-fixes")
    assert (shown.code, shown.err) == (1, "slm-net: 3 problems can be fixed, 0 left\n")
    assert path.read_text() == safe
    done = cli("validate", "a.json", "--fix", "--unsafe-fixes")
    assert (done.code, done.err) == (0, "slm-net: 3 problems fixed\n")
    cured = safe.replace("swish", "silu").replace("tau", "polyak_coef").replace('"rnn_hidden_size": 3, ', "")
    assert path.read_text() == cured
    assert cli("validate", "a.json", "--strict").code == 0


def test_unsafe_fixes_alone_are_counted_too(cli, spec_file):
    spec_file({"a": spec_of(rnn_hidden_size=3)}, "a.json")
    assert cli("validate", "a.json", "--fix").err == "slm-net: 0 problems fixed, 1 more with --unsafe-fixes\n"
    assert (
        cli("validate", "a.json", "--diff").err
        == "slm-net: 0 problems can be fixed, 1 more with --unsafe-fixes, 1 left\n"
    )
    done = cli("validate", "a.json", "--unsafe-fixes")
    assert done.code == 2 and "--unsafe-fixes goes with --fix" in done.err


def test_a_patch_that_takes_lines_away(cli, spec_file, tmp_path):
    path = spec_file(UNSAFE.replace(", ", ",\n"), "a.json")
    done = cli("validate", "a.json", "--diff", "--unsafe-fixes")
    (tmp_path / "the.patch").write_text(done.out)
    if os.path.exists("/usr/bin/patch"):
        subprocess.run(["patch", "-p0", "-i", "the.patch"], cwd=tmp_path, check=True, capture_output=True)
        assert cli("validate", "a.json", "--strict").code == 0
        assert len(path.read_text().splitlines()) == len(UNSAFE.replace(", ", ",\n").splitlines()) - 1
