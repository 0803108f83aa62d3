"""The surface of SLM Lab 5.3.0: `net` with the classes, `net_util` with the functions."""

from slm_net.slm_lab.v5 import net, net_util

#: The version of SLM Lab that this is.
VERSION = net.Net.version

__all__ = ["VERSION", "net", "net_util"]
