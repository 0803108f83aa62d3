"""Recipes: which nets an algorithm has."""

import pytest

from slm_net.document.algorithms import Part, Recipe


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
