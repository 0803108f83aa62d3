"""Recipes: which nets an algorithm has."""

import pytest

from slm_net.document.algorithms import RECIPES, Part, Recipe, register_algorithm
from slm_net.registration import unregister
from slm_net.registry import RegistryError
from slm_net.schema import catalogue
from slm_net.schema.entries import FragmentError


@pytest.mark.parametrize(
    "parts",
    [
        [("net", "policies")],
        [("net", "")],
        [("net", "value")],
        [("net", "q"), ("net", "q")],
        [("net", "q"), ("target", "", "other")],
        [("net", "q"), ("target", "", "net", "twice")],
    ],
)
def test_a_recipe_that_makes_no_sense_is_refused(parts):
    with pytest.raises(ValueError, match=r"net|start|gives"):
        Recipe(tuple(Part(*part) for part in parts))


def test_an_algorithm_takes_over_the_nets_and_settings_of_another():
    made = register_algorithm("MyDQN", "DQN", Part("old_net", copies="net"), keys=["hats"])
    again = register_algorithm("MyOtherDQN", "MyDQN", keys={"gloves": {"description": "Gloves."}})
    try:
        assert [part.name for part in made.parts] == ["net", "target_net", "old_net"]
        assert made == again == RECIPES["MyDQN"] == RECIPES["MyOtherDQN"]
        assert {"gamma", "hats"} < catalogue.block_keys("algorithm", "MyDQN").keys()
        assert {"gamma", "hats", "gloves"} < catalogue.block_keys("algorithm", "MyOtherDQN").keys()
    finally:
        unregister("algorithm", "MyDQN")
        unregister("algorithm", "MyOtherDQN")
    assert "MyDQN" not in RECIPES and "MyDQN" not in catalogue.names("algorithm")


def test_without_nets_nothing_is_claimed_about_them():
    assert register_algorithm("MyDQN", keys=["hats"]).parts == ()
    assert "MyDQN" in catalogue.names("algorithm") and "MyDQN" not in RECIPES
    unregister("algorithm", "MyDQN")


def test_a_name_is_taken_once_and_a_wrong_schema_leaves_nothing_behind():
    with pytest.raises(RegistryError, match="'DQN' is registered already"):
        register_algorithm("DQN", "DQN")
    with pytest.raises(RegistryError, match="'DQN' is taken, by slm_net"):
        register_algorithm("DQN", keys=["hats"])
    with pytest.raises(FragmentError, match="'hats' needs a description"):
        register_algorithm("MyDQN", "DQN", keys={"hats": {"type": "integer"}})
    assert "MyDQN" not in RECIPES and "MyDQN" not in catalogue.names("algorithm")
    register_algorithm("MyDQN", "DQN")
    with pytest.raises(RegistryError, match="registered already"):
        register_algorithm("MyDQN", "PPO")
    unregister("algorithm", "MyDQN")
