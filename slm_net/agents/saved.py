"""The nets of a folder that was saved in, as plans: no torch, and no weights are read."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slm_net.agents.plan import AgentPlan
from slm_net.document.algorithms import Part
from slm_net.document.specs import read_document
from slm_net.plan import NetPlan, plan_net
from slm_net.spaces.values import Action
from slm_net.text.folder import CONFIG, last_step, refused


def saved_nets(folder: str) -> tuple[str, AgentPlan | NetPlan]:
    """What a folder is called, and the plan of what was saved in it.

    Raises:
        SpecError: it is damaged, or was not written by slm_net.
    """
    step = last_step(folder)
    config, name = step.read_json(CONFIG), os.path.basename(os.path.realpath(folder))
    try:
        head, nets = config["slm_net"], config["nets"]
        sources = dict(head.get("sources", {}))
        plans = {key: _plan(net, head["spec"]) for key, net in nets.items() if "type" in net["spec"]}
        if head["kind"] != "agent":
            return name, next(iter(plans.values()))
        if not plans.keys() - sources.keys() >= set(sources.values()):
            raise LookupError("a net follows one that is not there")
        parts = ((_part(key, sources), None if key in sources else plan) for key, plan in plans.items())
        return name, AgentPlan(str(head["algorithm"]), tuple(parts), spec=head["spec"])
    except (LookupError, TypeError, ValueError, AttributeError, StopIteration):
        raise refused(os.path.join(step.path, CONFIG), "is no config of nets", "was it saved by slm_net?") from None


def _part(name: str, sources: Mapping[str, str]) -> Part:
    return Part(name, copies=sources[name]) if name in sources else Part(name, "policy")


def _plan(net: Mapping[str, Any], spec: Mapping[str, Any]) -> NetPlan:
    """The plan of a net that was saved: validated as any other spec."""
    plan, action = plan_net(net["spec"], net["in_dim"], net["out_dim"]), net["action"]
    known = action and Action(str(action["kind"]), (int(action["sizes"][0]), *map(int, action["sizes"][1:])))
    learned = read_document(spec).specs
    batch = learned[0].net_blocks()[0].batch_size if learned and not learned[0].bare else None
    source = plan.source._replace(block=replace(plan.source.block, batch_size=batch))
    return replace(plan, action=known, gives=str(net["gives"]), source=source)
