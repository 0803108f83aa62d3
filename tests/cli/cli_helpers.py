import os
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from slm_net.document.specs import read_document
from slm_net.project.judged import problems_in
from slm_net.project.settings import Options

ROOT = Path(__file__).parents[2]
#: All rules, and nothing else asked for.
OPTIONS = Options()
OWN = ("NO_COLOR", "COLUMNS", "LINES", "SLM_NET_DEBUG")


class Done(NamedTuple):
    code: int
    out: str
    err: str


def environment(**more):
    """The variables of this process without those that change what the command prints."""
    kept = {key: value for key, value in os.environ.items() if key not in OWN}
    return {**kept, "PYTHONPATH": str(ROOT), **more}


#: root may do all, so that tests of what is forbidden are run as somebody else.
NOBODY = 65534


@contextmanager
def as_nobody(folder):
    """Without the rights of root, but with a way to a folder."""
    own = os.geteuid()
    closed = [
        (above, above.stat().st_mode) for above in folder.parents if own == 0 and above.stat().st_mode & 0o11 != 0o11
    ]
    for above, mode in closed:
        above.chmod(mode | 0o11)
    if own == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(own)
        for above, mode in closed:
            above.chmod(mode)


def spec_of(**net):
    """A whole DQN spec whose net block has these keys beside the usual ones."""
    block = {"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu", **net}
    agent = {"name": "DQN", "algorithm": {"name": "DQN"}, "net": block}
    return {"agent": [agent], "env": [{"name": "CartPole-v1"}], "meta": {}}


def found(text, file="a.json", **options):
    """The rule and line of each problem."""
    document = read_document(text, file)
    return [(p.rule, p.line) for p in problems_in(document, OPTIONS._replace(**options))]
