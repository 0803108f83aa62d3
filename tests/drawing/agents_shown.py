"""The specs of `specs/`, and others, as what is shown of them."""

import json

from test_specs import DIMS, FILES

from slm_net.agents.plan import plan_agent
from slm_net.cli.show import agent_facts
from slm_net.document.specs import read_document
from slm_net.plan import plan_net

#: What means something to a terminal, HTML, XML, Markdown or mermaid, as names of modules; dots are no part of names.
HOSTILE = (
    *("<script>alert(1)</script>", "a\"b'c", "p|q`r", "%%{init: x}%%", "]]>", "x --> y", "&amp;<b>", "end", "漢字"),
    *('"]; click n0 href "javascript:alert(1)"', "a#quot;b", "**bold** [l](javascript:x)", "::error::x", "##[debug]x"),
)
IMAGE = "<img src=x onerror=alert(1)>"


def shown(path):
    """What is shown of a file of `specs/`."""
    if path.name in DIMS:
        return agent_facts(path.stem, plan_net(path, *DIMS[path.name]))
    return agent_facts(path.stem, plan_agent(read_document(path)))


def named(stem):
    return shown(next(path for path in FILES if path.stem == stem))


def hostile_arc(layers=({"LazyLinear": {"out_features": 4}}, "ReLU")):
    """A net block whose modules have hostile names, one after the other."""
    graph = {name: [before] for before, name in zip((IMAGE, *HOSTILE), HOSTILE, strict=False)}
    modules = {name: {"Sequential": list(layers)} for name in HOSTILE}
    return {
        "type": "TorchArcNet",
        "arc": {"modules": modules, "graph": {"input": IMAGE, "modules": graph, "output": HOSTILE[-1]}},
    }


def hostile_facts():
    return agent_facts("<title>\x1b[2J", plan_net(json.dumps(hostile_arc()), 4, 2))
