"""Examples: a spec that learns in each known environment."""

from slm_net import validate
from slm_net.reference.examples import environment, right, values_for
from slm_net.spaces.environments import known_environments


def test_every_environment_has_a_right_spec():
    assert [name for name in known_environments() if validate(environment(name))] == []


def test_what_is_wrong_is_no_example():
    wrong, fine = {"type": "MLPNet"}, {"type": "MLPNet", "hid_layers": [1], "hid_layers_activation": "relu"}
    assert right([wrong, fine]) == fine
    assert right([wrong]) is None


def test_values_say_more_than_the_default_first():
    assert values_for({"type": "boolean", "default": True})[0] is False
    assert values_for({"type": "number", "default": 3})[0] == 3
    assert values_for({"enum": [None, "a", "b"], "default": "a"})[0] == "b"
