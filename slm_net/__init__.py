"""slm_net: spec text goes in at one end, a network ready for training comes out at the other."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from slm_net import slm_lab as slm_lab
    from slm_net.agents.build import build_nets
    from slm_net.agents.nets import AgentNets
    from slm_net.as_arc.block import to_arc
    from slm_net.bundle import NetBundle
    from slm_net.document.algorithms import register_algorithm
    from slm_net.factory import build_net
    from slm_net.loading import load
    from slm_net.plan import load_spec
    from slm_net.population.build import build_population
    from slm_net.population.population import Population
    from slm_net.problems import Problem, SpecError, SpecWarning
    from slm_net.registration import (
        register_activation,
        register_init,
        register_layer,
        register_loss,
        register_lr_scheduler,
        register_net,
        register_optimizer,
        unregister,
    )
    from slm_net.searching import apply, search_space
    from slm_net.validation import validate

__version__ = "0.1.0"

#: Where each public name lives; a module is imported when its name is first used, so that validating imports no torch.
_HOME = {
    "AgentNets": "slm_net.agents.nets",
    "NetBundle": "slm_net.bundle",
    "Population": "slm_net.population.population",
    "Problem": "slm_net.problems",
    "SpecError": "slm_net.problems",
    "SpecWarning": "slm_net.problems",
    "apply": "slm_net.searching",
    "build_net": "slm_net.factory",
    "build_nets": "slm_net.agents.build",
    "build_population": "slm_net.population.build",
    "load": "slm_net.loading",
    "load_spec": "slm_net.plan",
    "register_algorithm": "slm_net.document.algorithms",
    "register_activation": "slm_net.registration",
    "register_init": "slm_net.registration",
    "register_layer": "slm_net.registration",
    "register_loss": "slm_net.registration",
    "register_lr_scheduler": "slm_net.registration",
    "register_net": "slm_net.registration",
    "register_optimizer": "slm_net.registration",
    "search_space": "slm_net.searching",
    "to_arc": "slm_net.as_arc.block",
    "unregister": "slm_net.registration",
    "validate": "slm_net.validation",
}
__all__ = [
    "AgentNets",
    "NetBundle",
    "Population",
    "Problem",
    "SpecError",
    "SpecWarning",
    "apply",
    "build_net",
    "build_nets",
    "build_population",
    "load",
    "load_spec",
    "register_activation",
    "register_algorithm",
    "register_init",
    "register_layer",
    "register_loss",
    "register_lr_scheduler",
    "register_net",
    "register_optimizer",
    "search_space",
    "to_arc",
    "unregister",
    "validate",
]


if not TYPE_CHECKING:  # a type checker is to see a name that is not there

    def __getattr__(name: str) -> Any:
        if name == "slm_lab":
            return importlib.import_module("slm_net.slm_lab")
        if name not in _HOME:
            raise AttributeError(f"module 'slm_net' has no attribute {name!r}")
        value = getattr(importlib.import_module(_HOME[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
