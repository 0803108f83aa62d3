"""`slm-net explain WORD`."""

import json

import pytest


@pytest.mark.parametrize("word", ["hid_layers", "Adam.lr", "SN203", "relu", "ALE/Pong-v5", "SN3"])
def test_a_word(shell, word):
    done = shell("explain", word)
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[0].split(" - ")[0]


def test_all_that_a_word_is_with_titles(cli):
    out = cli("explain", "LayerNorm").out
    assert [line for line in out.splitlines() if " - " in line and not line.startswith(" ")] == [
        "LayerNorm - layer of an arc",
        "layer_norm - key of a net",
    ]


def test_json(cli):
    [topic] = json.loads(cli("explain", "polyak_coef", "--json").out)
    assert topic["facts"]["default"] == "0.0"
    assert topic["example"]["polyak_coef"] == 0.005


def test_without_a_word_it_says_how(cli):
    done = cli("explain")
    assert done.code == 0
    assert "slm-net explain hid_layers" in done.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["adma"], "there is no word 'adma', did you mean 'Adam'?"),
        (["learning_rate"], "did you mean 'lr'?"),
        (["specs/none.json"], "there is no file 'specs/none.json'"),
        (["none.yaml"], "there is no file 'none.yaml'"),
        (["Adam", "lr"], "PATH goes with a spec file"),
        (["Adam", "--env", "x"], "--env goes with a spec file"),
        (["\x1b[2J"], "\\x1b[2J"),
    ],
)
def test_what_is_no_word(cli, arguments, said):
    done = cli("explain", *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert done.err.count("\n") == 1


def test_explain_rule_is_the_same_as_before(cli):
    assert cli("explain-rule", "SN3").out.startswith("# SN301 ")
    assert cli("explain-rule", "--all").out.startswith("# Rules")
