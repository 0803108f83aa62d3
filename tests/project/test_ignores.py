"""Comments that hide problems, and what is wrong with such comments."""

import json

import pytest
from cli_helpers import found, spec_of

NET = '{\n  "type": "MLPNet",\n  "hid_layers": [64],%s\n  "hid_layers_activation": "relu",\n  "rnn_hidden_size": 3%s\n}'


@pytest.mark.parametrize(
    ("above", "behind", "left"),
    [
        ("", "", ["SN102"]),
        ("", " // slm-net: ignore SN102", []),
        ("", " /* slm-net: ignore unused-key, SN101 -- from the lab */", ["SN012"]),
        ("", " // slm-net: ignore", []),
        ("", " // slm-net: ignore SN2", ["SN012", "SN102"]),
        ("", " // slm-net: ignore SN1O2", ["SN012", "SN102"]),
        ("", " // slm-net: ignroe SN102", ["SN012", "SN102"]),
        ("", " // slm-net: ignore SN003", ["SN012", "SN102"]),
        (" // slm-net: ignore", "", ["SN012", "SN102"]),
        ("\n // slm-net: ignore SN102", "", ["SN012", "SN102"]),
    ],
)
def test_comments_in_json(above, behind, left):
    assert sorted(rule for rule, _ in found(NET % (above, behind))) == left


def test_a_comment_alone_is_about_the_next_line_and_comments_below_each_other_about_what_follows():
    text = '{\n// slm-net: ignore SN101\n// slm-net: ignore SN104\n"gpv": 1, "gpu": 7, "type": "MLPNet",\n'
    text += '"hid_layers": [1], "hid_layers_activation": null}'
    assert found(text) == []


def test_comments_in_yaml():
    text = "type: MLPNet\nhid_layers: [64]\nhid_layers_activation: relu\nrnn_hidden_size: 3  # slm-net: ignore SN102\n"
    assert found(text, "a.yaml") == []
    assert [rule for rule, _ in found(text + 'gpu: "# slm-net: ignore"\n', "a.yaml")] == ["SN105"]


def test_a_comment_about_another_spec_is_not_called_unused():
    text = json.dumps({"a": spec_of(), "b": spec_of(clip_grad=1)}, indent=1)
    text = text.replace('"clip_grad": 1', '"clip_grad": 1 // slm-net: ignore SN101')
    assert found(text) == found(text, name="a") == found(text, name="b") == []


def test_strict_makes_unused_comments_errors(cli, spec_file):
    spec_file(NET % ("// slm-net: ignore SN104", "// slm-net: ignore"), "a.json")
    assert cli("validate", "a.json").code == 0
    assert cli("validate", "a.json", "--strict").code == 1
