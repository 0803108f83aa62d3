import os
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
OWN = ("NO_COLOR", "COLUMNS", "LINES", "SLM_NET_DEBUG")


class Done(NamedTuple):
    code: int
    out: str
    err: str


def environment(**more):
    """The variables of this process without those that change what the command prints."""
    kept = {key: value for key, value in os.environ.items() if key not in OWN}
    return {**kept, "PYTHONPATH": str(ROOT), **more}


def spec_of(**net):
    """A whole DQN spec whose net block has these keys beside the usual ones."""
    block = {"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu", **net}
    agent = {"name": "DQN", "algorithm": {"name": "DQN"}, "net": block}
    return {"agent": [agent], "env": [{"name": "CartPole-v1"}], "meta": {}}
