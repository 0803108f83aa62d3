"""Environments of older gyms: what stands for them today shows the same, or nothing does."""

import pytest

from slm_net.migration.environments import environment_of_today, nearest_of_today
from slm_net.spaces import known_environments


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("CartPole-v0", "CartPole-v1"),
        ("Pendulum-v0", "Pendulum-v1"),
        ("LunarLander-v2", "LunarLander-v3"),
        ("LunarLanderContinuous-v2", "LunarLanderContinuous-v3"),
        ("BipedalWalker-v2", "BipedalWalker-v3"),
        ("HalfCheetah-v2", "HalfCheetah-v5"),
        ("Reacher-v2", "Reacher-v4"),
        ("SpaceInvadersNoFrameskip-v4", "ALE/SpaceInvaders-v5"),
        ("SpaceInvaders-v4", "SpaceInvaders-v4"),  # another image than SLM Lab shows of the game
        ("Humanoid-v2", "Humanoid-v4"),
        ("Mystery-v0", "Mystery-v0"),
    ],
)
def test_names(old, new):
    assert environment_of_today(old) == new


def test_what_stands_for_another_shows_the_same():
    known = known_environments()
    for name in known:
        new = environment_of_today(name)
        assert environment_of_today(new) == new
        assert (known[new].observation, known[new].action) == (known[name].observation, known[name].action)


def test_what_is_gone_has_a_neighbour():
    assert nearest_of_today("RoboschoolWalker2d-v1") == "Walker2d-v5"
    assert nearest_of_today("Walker2DBulletEnv-v0") == ""
    assert nearest_of_today("CartPole-v0") == ""
