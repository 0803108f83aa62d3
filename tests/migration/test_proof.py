"""The proof that both texts have the same nets finds every difference."""

from old_specs import FOUR, YAML, migrate

from slm_net.document.specs import read_document
from slm_net.migration.proof import proof


def proved(before, after, file="a.json"):
    return proof(read_document(before, file), read_document(after, file))


def test_a_migration_leaves_the_nets():
    for text, file, name in ((FOUR, "a.json", "ppo_pong"), (YAML, "a.yaml", "sac")):
        found = proved(text, migrate(text, file)[0], file)
        assert (found.equal, found.differ.specs, found.unknown) == ((name,), (), ())


def test_another_layer_or_environment_is_found():
    after = migrate(FOUR)[0]
    for old, new in (("[16]", "[17]"), ("ALE/Pong-v5", "ALE/Breakout-v5"), ('"shared": true', '"shared": false')):
        assert old in after
        found = proved(FOUR, after.replace(old, new))
        assert [spec.name for spec in found.differ.specs] == ["ppo_pong"], new
        assert found.equal == ()


def test_what_could_not_be_built_is_not_known():
    found = proved(FOUR.replace('"relu"', '"reluu"'), migrate(FOUR)[0])
    assert [name for name, _ in found.unknown] == ["ppo_pong"]
    assert "reluu" in found.unknown[0][1]


def test_what_can_no_longer_be_built_differs():
    found = proved(FOUR, migrate(FOUR)[0].replace('"relu"', '"reluu"'))
    assert [spec.name for spec in found.differ.specs] == ["ppo_pong"] and found.unknown == ()
