"""A spec as commented text: read back, it is the data."""

import pytest

from slm_net.document.specs import read_document
from slm_net.rules.lab_files import text_runs_in_the_lab
from slm_net.starters.starter import starter
from slm_net.starters.writing import jsonc, yaml
from slm_net.validation import validate

CASES = [
    ("PPO", "CartPole-v1", 5),
    ("CrossQ", "Pendulum-v1", 5),
    ("SIL", "ALE/Pong-v5", 4),
    ("Random", "CartPole-v1", 5),
]


@pytest.mark.parametrize(("algorithm", "env", "lab"), CASES)
def test_the_text_is_the_data(algorithm, env, lab):
    data, _ = starter(algorithm, env, lab=lab)
    for write, file in ((jsonc, "a.jsonc"), (yaml, "a.yaml")):
        document = read_document(write(data, "one\ntwo"), file)
        assert document.source.problems == ()
        assert document.source.data == data
        assert validate(write(data, "one")) == []


def test_comments_are_those_of_the_schema():
    data, _ = starter("PPO", "CartPole-v1")
    written = jsonc(data, "PPO\non CartPole")
    lines = [line.strip() for line in written.splitlines()]
    assert lines[:2] == ["// PPO", "// on CartPole"]
    assert '"gamma": 0.99,  // Discount factor' in lines
    assert '"env": {  // The environment and how it is preprocessed' in lines
    assert all(line.count("(") == line.count(")") for line in lines if "//" in line)


def test_slm_lab_reads_the_yaml():
    data, _ = starter("SoftActorCritic", "Hopper-v5")
    assert list(text_runs_in_the_lab(read_document(yaml(data, "x"), "a.yaml"), 5)) == []
