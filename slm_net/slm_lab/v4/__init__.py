"""The surface of SLM Lab 4.1.1: `net` with the classes, `net_util` with the functions."""

from slm_net.slm_lab.v4 import net, net_util

#: The version of SLM Lab that this is.
VERSION = net.Net.version

__all__ = ["VERSION", "net", "net_util"]
