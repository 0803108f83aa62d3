"""The parts of one concrete spec that decide its dims: net, algorithm, environment, SLM Lab version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from slm_net.problems import pointer


class Task(NamedTuple):
    """What a spec says about one agent in one environment; blocks that it lacks are empty.

    `version` is the SLM Lab version whose shape the spec has (4: lists, 5: objects), None for a bare net block. `part`
    is true while one of several inputs is looked at.
    """

    net: Mapping[str, Any]
    agent_path: tuple[str | int, ...] = ()
    algorithm: Mapping[str, Any] = {}
    env: Mapping[str, Any] = {}
    env_path: tuple[str | int, ...] = ()
    version: int | None = None
    agents: int = 1
    envs: tuple[Mapping[str, Any], ...] = ()
    part: bool = False

    @property
    def net_type(self) -> str:
        """The name of the net type, "" if the spec has none."""
        return str(self.net.get("type") or "")

    @property
    def algorithm_name(self) -> str:
        """The name of the algorithm, "" for a bare net block."""
        return str(self.algorithm.get("name") or "")

    def net_pointer(self, *keys: str) -> str:
        """The pointer of a key of the net block, from the root of the spec."""
        return pointer(keys) if self.version is None else pointer((*self.agent_path, "net", *keys))

    def algorithm_pointer(self, *keys: str) -> str:
        """The pointer of a key of the algorithm block, from the root of the spec."""
        return pointer((*self.agent_path, "algorithm", *keys))

    def env_pointer(self, *keys: str) -> str:
        """The pointer of a key of the env block, from the root of the spec."""
        return pointer((*self.env_path, *keys))


def read_task(spec: Mapping[str, Any]) -> Task:
    """The deciding parts of a whole spec (v4 or v5) or of a bare net block.

    >>> task = read_task({"agent": [{"algorithm": {"name": "DQN"}, "net": {"type": "MLPNet"}}], "env": []})
    >>> task.algorithm_name, task.net_type, task.version, task.net_pointer("type")
    ('DQN', 'MLPNet', 4, '/agent/0/net/type')
    """
    if "agent" not in spec:
        return Task(net=spec)
    agent, agent_path = _first(spec, "agent")
    env, env_path = _first(spec, "env")
    return Task(
        net=_block(agent.get("net")),
        agent_path=agent_path,
        algorithm=_block(agent.get("algorithm")),
        env=env,
        env_path=env_path,
        version=4 if isinstance(spec["agent"], list) else 5,
        agents=len(spec["agent"]) if isinstance(spec["agent"], list) else 1,
        envs=tuple(map(_block, spec["env"])) if isinstance(spec.get("env"), list) else (env,),
    )


def _first(spec: Mapping[str, Any], key: str) -> tuple[Mapping[str, Any], tuple[str | int, ...]]:
    value = spec.get(key)
    if isinstance(value, list):
        return (_block(value[0]), (key, 0)) if value else ({}, (key,))
    return _block(value), (key,)


def _block(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
