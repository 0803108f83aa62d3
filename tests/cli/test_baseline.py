"""`--write-baseline` and `--baseline`: what is wrong already does not count, what is new does."""

import json
import os

import pytest
from cli_helpers import spec_of

WRONG = {"a": spec_of(clip_grad=0.5, rnn_hidden_size=3), "b": spec_of(hid_layers=["x", 0], optim_spec={"lr": 1})}


@pytest.fixture
def known(cli, spec_file):
    """A file with five problems, and its baseline."""
    path = spec_file(WRONG, "a.json")
    done = cli("validate", "a.json", "--write-baseline", "base.json")
    assert (done.code, done.out, done.err) == (0, "", "slm-net: 5 problems written to base.json\n")
    return path


def test_what_is_known_does_not_count(cli, known):
    assert cli("validate", "a.json").code == 1
    done = cli("validate", "a.json", "--baseline", "base.json")
    assert (done.code, done.out) == (0, "1 file fine\n")
    assert done.err == "slm-net: 5 problems known from base.json\n"
    assert cli("validate", "a.json", "--baseline", "base.json", "--strict", "-q") == (0, "", "")


def test_lines_do_not_matter(cli, known):
    known.write_text("// why\n" * 20 + known.read_text().replace('"gpu"', '\n\n"gpu"'))
    assert cli("validate", "a.json", "--baseline", "base.json").code == 0


@pytest.mark.parametrize(
    ("old", "new", "pointer"),
    [
        ('"clip_grad": 0.5', '"clip_grad": 0.7', "/a/agent/0/net/clip_grad"),
        ('"clip_grad": 0.5', '"clip_grad": 0.5, "gpuu": true', "/a/agent/0/net/gpuu"),
        ('"x"', '"y"', "/b/agent/0/net/hid_layers/0"),
        ('"algorithm": {', '"algorithm": {"lr": 1, ', "/a/agent/0/algorithm/lr"),
    ],
)
def test_one_new_mistake_is_found(cli, known, old, new, pointer):
    known.write_text(known.read_text().replace(old, new, 1))
    done = cli("validate", "a.json", "--baseline", "base.json", "-o", "json")
    assert [problem["pointer"] for problem in json.loads(done.out)["problems"]] == [pointer]


def test_a_second_one_of_the_same_kind_at_the_same_place_is_new(cli, known):
    known.write_text(known.read_text().replace('"hid_layers_activation": "relu",', "", 1))
    both = known.read_text()
    assert cli("validate", "a.json", "--write-baseline", "base.json").code == 0
    known.write_text(both.replace('"hid_layers": [', '"layers_hid__": ['))
    assert cli("validate", "a.json", "--baseline", "base.json").code == 1


def test_entries_that_are_gone_are_told(cli, known):
    known.write_text(known.read_text().replace('"clip_grad": 0.5', '"clip_grad_val": 0.5'))
    done = cli("validate", "a.json", "--baseline", "base.json")
    assert done.code == 0
    gone = "slm-net: 1 entry is gone from the files, --write-baseline forgets them: "
    assert f"{gone}a.json /a/agent/0/net/clip_grad SN101\n" in done.err
    os.remove(known)
    assert (
        "5 entries are gone" in cli("validate", "-", "--baseline", "base.json", stdin=json.dumps({"a": spec_of()})).err
    )


def test_what_was_not_looked_at_is_not_gone(cli, known, spec_file):
    spec_file({"c": spec_of()}, "c.json")
    for options in (["c.json"], ["a.json", "--name", "b"], ["a.json", "--ignore", "SN1"]):
        assert "gone" not in cli("validate", *options, "--baseline", "base.json").err
    known.write_text(known.read_text() + "{")
    done = cli("validate", "a.json", "--baseline", "base.json")
    assert done.code == 1 and "gone" not in done.err


def test_a_file_that_cannot_be_read_as_data_is_known_by_its_line(cli, spec_file):
    path = spec_file('{"type": "MLPNet"\n "hid_layers": [8]}', "a.json")
    cli("validate", "a.json", "--write-baseline", "base.json")
    path.write_text("\n\n" + path.read_text())
    assert cli("validate", "a.json", "--baseline", "base.json").code == 0
    path.write_text(path.read_text().replace('"type":', '"type"'))
    assert cli("validate", "a.json", "--baseline", "base.json").code == 1


def test_paths_are_those_from_the_baseline(cli, tree):
    wrong = '{"type": "MLPNet", "hid_layers": [4], "hid_layers_activation": "relu", "gpuu": 1}'
    (tree / "sub" / "deep" / "c.jsonc").write_text(wrong)
    cli("validate", "sub", "--write-baseline", "sub/base.json")
    written = (tree / "sub" / "base.json").read_text()
    assert list(json.loads(written)["files"]) == ["deep/c.jsonc"]
    os.chdir(tree / "sub" / "deep")
    assert cli("validate", os.path.join("..", ".."), "--baseline", "../base.json").code in (0, 2)
    os.chdir(tree)
    for path in ("sub", ".", "sub/deep/c.jsonc", str(tree / "sub")):
        done = cli("validate", path, "--baseline", "sub/base.json")
        assert done.code == 0 and "known from" in done.err and "gone" not in done.err


def test_a_baseline_is_sorted_and_the_same_for_the_same_files(cli, known, spec_file, tmp_path):
    spec_file({"z": spec_of(gpuu=1), "b": spec_of(gpuu={"any": ["object"]}, hid_layers=["x" * 200])}, "Z.json")
    cli("validate", ".", "--write-baseline", "one.json")
    cli("validate", "Z.json", "a.json", "./a.json", "--write-baseline", "two.json")
    one, two = ((tmp_path / name).read_text() for name in ("one.json", "two.json"))
    assert one == two and one.endswith("}\n")
    rows = json.loads(one)["files"]
    assert list(rows) == ["Z.json", "a.json"]
    values = {row["pointer"].rpartition("/")[2]: row["value"] for row in rows["Z.json"]}
    assert values["gpuu"] in (None, 1) and values["0"].startswith("sha256:")


def test_what_makes_a_check_impossible_is_in_no_baseline(cli, known):
    done = cli("validate", "a.json", "gone.json", "--write-baseline", "base.json")
    assert done.code == 2 and "gone.json" in done.out
    assert "gone.json" not in json.loads((known.parent / "base.json").read_text())["files"]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"slm_net_baseline": 2, "files": {}}', '{"slm_net_baseline": 1, "files": []}', "[" * 10**5]
    + [json.dumps({"slm_net_baseline": 1, "files": {"a.json": rows}}) for rows in ([{}], [1], 1, [{"pointer": 1}])],
)
def test_a_damaged_baseline_is_an_error_of_usage(cli, known, spec_file, text):
    spec_file(text, "base.json")
    done = cli("validate", "a.json", "--baseline", "base.json")
    assert done.code == 2
    assert done.err.startswith("slm-net: error: the baseline base.json is damaged: ") and done.err.count("\n") == 1


def test_wrong_usage(cli, known):
    missing = cli("validate", "a.json", "--baseline", "none.json")
    assert missing.code == 2 and "none.json cannot be read: there is no such file" in missing.err
    assert cli("validate", "a.json", "--baseline", "base.json", "--write-baseline", "base.json").code == 2
    assert cli("validate", "a.json", "--write-baseline", "no/such/base.json").code == 2
    assert sorted(name for name in os.listdir(known.parent) if name[0] != ".") == ["a.json", "base.json"]
