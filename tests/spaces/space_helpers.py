"""Spaces, specs, and the dims that come of them."""

from types import SimpleNamespace

import pytest

from slm_net import spaces
from slm_net.plan import plan_net
from slm_net.problems import SpecError
from slm_net.schema import catalogue

MLP, CONV = {"type": "MLPNet"}, {"type": "ConvNet"}
RNN = {"type": "RecurrentNet", "seq_len": 4}


def infer_dims(spec, *arguments, **options):
    return spaces.infer_dims(spaces.spec_of(spec), *arguments, **options)


def box(*shape, dtype="float32"):
    return SimpleNamespace(shape=shape, dtype=dtype)


def discrete(n):
    return SimpleNamespace(shape=(), n=n, start=0)


def multi_discrete(*nvec):
    return SimpleNamespace(shape=(len(nvec),), nvec=list(nvec))


def multi_binary(n):
    return SimpleNamespace(shape=(n,), n=n)


def v4(algorithm, net, env=None, **settings):
    agent = {"name": "A", "algorithm": {"name": algorithm, **settings}, "net": net}
    return {"agent": [agent], "env": [{"name": env} if isinstance(env, str) else env] if env else []}


def v5(algorithm, net, env=None, **settings):
    agent = {"name": "A", "algorithm": {"name": algorithm, **settings}, "net": net}
    return {"agent": agent, **({"env": {"name": env} if isinstance(env, str) else env} if env else {})}


def refused(rule, *args, **kwargs):
    with pytest.raises(SpecError) as caught:
        infer_dims(*args, **kwargs)
    (problem,) = caught.value.problems
    assert problem.rule_name == rule
    assert problem.hint
    return problem


def unplanned(spec, **dims):
    """Why there is no plan of a net with the keys that it needs."""
    needed = {"hid_layers": [8], "conv_hid_layers": [[8, 2]], "fc_hid_layers": [], "rnn_hidden_size": 8}

    def filled(block):
        own = catalogue.needed_keys(block["type"])
        keys = {key: value for key, value in needed.items() if key in own}
        return {**keys, "hid_layers_activation": "relu", **block, "shared": False}

    if "agent" not in spec:
        spec = filled(spec)
    elif isinstance(spec["agent"], list):
        spec = {**spec, "agent": [{**spec["agent"][0], "net": filled(spec["agent"][0]["net"])}]}
    else:
        spec = {**spec, "agent": {**spec["agent"], "net": filled(spec["agent"]["net"])}}
    with pytest.raises(SpecError) as caught:
        plan_net(spec, **dims)
    [problem] = [problem for problem in caught.value.problems if problem.rule_name == "dims-do-not-fit"]
    return problem
