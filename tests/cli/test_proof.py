"""Weights of both texts, drawn with one seed."""

from old_specs import FOUR, YAML, migrate

from slm_net.cli.proof import different_weights
from slm_net.document.specs import read_document


def test_the_same_weights():
    for text, file in ((FOUR, "a.json"), (YAML, "a.yaml")):
        assert different_weights(read_document(text, file), read_document(migrate(text, file)[0], file)) == ""


def test_other_weights_are_found():
    after = migrate(FOUR)[0].replace('"relu"', '"relu", "init_fn": "orthogonal_"')
    assert different_weights(read_document(FOUR), read_document(after)) == "ppo_pong, net conv_model.0.weight"
