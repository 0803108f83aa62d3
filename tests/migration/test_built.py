"""Weights of both texts, drawn with one seed."""

from old_specs import FOUR, YAML, migrate

from slm_net.document.specs import read_document
from slm_net.migration.built import build_both


def test_the_same_weights():
    for text, file in ((FOUR, "a.json"), (YAML, "a.yaml")):
        found = build_both(read_document(text, file), read_document(migrate(text, file)[0], file))
        assert (len(found.specs), found.different) == (1, "")


def test_other_weights_are_found():
    after = migrate(FOUR)[0].replace('"relu"', '"relu", "init_fn": "orthogonal_"')
    found = build_both(read_document(FOUR), read_document(after))
    assert found.different == "ppo_pong, net conv_model.0.weight"
