"""`slm-net schema` prints one document that needs no other, and that agrees with `validate`."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from slm_net.cli.main import main

SPECS = sorted((Path(__file__).parents[2] / "specs").glob("*.json"))
GOOD = {"type": "MLPNet", "hid_layers": [4], "hid_layers_activation": "relu"}


def printed(capsys, *arguments):
    assert main(["schema", *arguments]) == 0
    schema = json.loads(capsys.readouterr().out)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("options", [[], ["--with-plugins"]])
def test_the_schema_takes_what_is_right_and_nothing_else(capsys, options):
    validator = printed(capsys, *options)
    for path in SPECS:
        validator.validate(json.loads(path.read_text(encoding="utf-8")))
    assert validator.is_valid(GOOD)
    assert not validator.is_valid({**GOOD, "hid_layers": 4})
    assert not validator.is_valid({**GOOD, "clip_grad": 4})


def test_one_type(capsys):
    validator = printed(capsys, "--type", "MLPNet")
    assert validator.is_valid(GOOD)
    assert not validator.is_valid({**GOOD, "type": "ConvNet"})


def test_no_such_type(capsys):
    assert main(["schema", "--type", "MLPnet"]) == 2
    assert "did you mean 'MLPNet'?" in capsys.readouterr().err
