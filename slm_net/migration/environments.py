"""The environment that stands today for one of an older gym: another id, the same observations and actions."""

from __future__ import annotations

import re

from slm_net.migration.words import MADE
from slm_net.spaces import Spaces, known_environments

#: The games that SLM Lab 4 shows as SLM Lab 5 shows all of them.
_OF_ATARI = re.compile(r"([A-Za-z0-9]+)NoFrameskip-v[04]")
_BASE = re.compile(r"(?:Roboschool)?([A-Za-z0-9]+?)(?:BulletEnv)?-v[0-9]+")


def environment_of_today(name: str) -> str:
    """The id that gymnasium has for the same environment; the name itself if there is none, or it is that.

    >>> environment_of_today("CartPole-v0"), environment_of_today("PongNoFrameskip-v4")
    ('CartPole-v1', 'ALE/Pong-v5')
    >>> environment_of_today("HalfCheetah-v2"), environment_of_today("Ant-v2"), environment_of_today("Ant-v4")
    ('HalfCheetah-v5', 'Ant-v2', 'Ant-v4')
    """
    known = known_environments()
    if name not in known:
        return name
    if known[name].atari:
        game = _OF_ATARI.fullmatch(name)
        return f"ALE/{game[1]}-v5" if game and f"ALE/{game[1]}-v5" in known else name
    for other in _made(name):
        if _same(known[other], known[name]):
            return other
    return name


def nearest_of_today(name: str) -> str:
    """What comes nearest to an environment that is gone and has no equal, "" if nothing does or it is not gone.

    >>> nearest_of_today("RoboschoolHopper-v1"), nearest_of_today("Ant-v2"), nearest_of_today("CartPole-v1")
    ('Hopper-v5', 'Ant-v5', '')
    """
    made = _made(name)
    return "" if name in made or not made or environment_of_today(name) != name else made[0]


def _made(name: str) -> list[str]:
    base = _BASE.fullmatch(name)
    return [f"{base[1]}-{version}" for version in MADE.get(base[1], ())] if base else []


def _same(one: Spaces, other: Spaces) -> bool:
    return (one.observation, one.action) == (other.observation, other.action)
