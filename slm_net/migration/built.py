"""What `slm-net migrate --prove` needs torch for: the nets of two texts built with one seed, weight by weight."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch

from slm_net.agents.build import build_agent
from slm_net.agents.plan import AgentPlan, plan_agent
from slm_net.document.algorithms import RECIPES
from slm_net.document.specs import Document, Spec, algorithm_of
from slm_net.migration.layout import LAB
from slm_net.migration.proof import pairs_of_values
from slm_net.problems import COMMAND, SpecError

SEED = 0


class Built(NamedTuple):
    """The specs whose nets were built, and the first weight that differs, "" if there is none."""

    specs: frozenset[str]
    different: str = ""


def build_both(before: Document, after: Document) -> Built:
    """The nets of two texts, built with one seed and compared; specs that cannot be built are passed over."""
    specs = set[str]()
    built = set[str]()  # most games of a list have nets of the same sizes
    for old, new in zip(before.specs, after.specs, strict=True):
        if algorithm_of(new.agent) not in RECIPES:
            continue
        for was, now in pairs_of_values(old, new):
            try:
                plans = [_plan(before, old, was), _plan(after, new, now)]
            except SpecError:  # its dims are not known, or it was no spec that could be built
                continue
            what = repr([(net and (net.spec, net.dims.in_dim, net.dims.out_dim)) for p in plans for _, net in p.parts])
            if what not in built and (name := _different(*map(_weights, plans))):
                return Built(frozenset(specs), f"{new.name}, {name}")
            built.add(what)
            specs.add(new.name)
    return Built(frozenset(specs))


def _plan(document: Document, spec: Spec, values: Mapping[str, Any]) -> AgentPlan:
    name = spec.name if document.kind == "file" else None
    return plan_agent(document, name=name, variables=values, version=LAB, caller=COMMAND)


def _weights(plan: AgentPlan) -> dict[str, torch.Tensor]:
    torch.manual_seed(SEED)
    nets = build_agent(plan, device="cpu")
    return {f"{part} {key}": value for part, net in nets.items() for key, value in net.model.state_dict().items()}


def _different(was: Mapping[str, torch.Tensor], now: Mapping[str, torch.Tensor]) -> str:
    if was.keys() != now.keys():
        return min(was.keys() ^ now.keys())
    return next((key for key, value in was.items() if not torch.equal(value, now[key])), "")
