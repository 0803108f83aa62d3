"""A net with everything that trains it: the bundle, its training step, its state, and the step as one graph."""

from slm_net.bundle.net_bundle import NetBundle

__all__ = ["NetBundle"]
