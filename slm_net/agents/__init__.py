"""Whole agents: which nets an algorithm has, and all of them built from one spec."""

from slm_net.agents.build import build_nets
from slm_net.agents.nets import AgentNets, Temperature
from slm_net.document.algorithms import Part, Recipe, register_algorithm

__all__ = ["AgentNets", "Part", "Recipe", "Temperature", "build_nets", "register_algorithm"]
