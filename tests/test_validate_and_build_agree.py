"""What `validate` refuses, `build_net` and `build_nets` refuse in the same words; what it passes trains a step.

Every net type with each key dropped, each key of another type added or put in its place, and each key with values of
every kind; and every algorithm with every net type. The quick test takes one change in `SHARE`, the slow one all.
"""

import json
import warnings
import zlib

import pytest
from test_validated_specs_build import outputs

from slm_net import SpecError, build_net, build_nets, validate
from slm_net.document.algorithms import RECIPES
from slm_net.schema import catalogue

SHARE = 40
ACT = {"hid_layers_activation": "relu"}
DENSE, RECURRENT = {"hid_layers": [8]}, {"fc_hid_layers": [8], "rnn_hidden_size": 4, "seq_len": 3, "cell_type": "GRU"}
CONV = {"conv_hid_layers": [[4, 3]], "fc_hid_layers": [8]}
ARC = {
    "modules": {"body": {"Sequential": [{"LazyLinear": {"out_features": 8}}, "ReLU"]}},
    "graph": {"input": "x", "modules": {"body": ["x"]}, "output": "body"},
}
#: The needed keys of each type, what goes in and what comes out.
BASES = {
    "MLPNet": (DENSE, 4, 2),
    "ConvNet": (CONV, (2, 9, 9), 2),
    "RecurrentNet": (RECURRENT, 4, 2),
    "DuelingMLPNet": (DENSE, 4, 2),
    "DuelingConvNet": (CONV, (2, 9, 9), 2),
    "DuelingRecurrentNet": (RECURRENT, 4, 2),
    "HydraMLPNet": ({"hid_layers": [[[8], [4]], [8], [[], []]]}, [3, 4], [2, 3]),
    "QMLPNet": (DENSE, [4, 2], 1),
    "QConvNet": (CONV, [(2, 9, 9), 2], 1),
    "FiLMQConvNet": (CONV, [(2, 9, 9), 2], 1),
    "TorchArcNet": ({"arc": ARC}, 4, 2),
}
VALUES = [None, True, 0, -1, 2, 1.5, 1e9, "relu", "", [], [8], [[4, 3]], {}, {"name": "Adam"}, {"name": "nope"}]
ENVS = ("CartPole-v1", "Pendulum-v1", "ALE/Pong-v5")


def changed(kind):
    """A valid block of a net type, and that block with one change."""
    base = {"type": kind, **ACT, **BASES[kind][0]}
    others = sorted(catalogue.net_keys() - base.keys() - {"$schema"})
    yield base
    for key, value in base.items():
        rest = {name: value for name, value in base.items() if name != key}
        yield rest
        yield from ({**rest, other: value} for other in others if key != "type")
    yield from ({**base, other: 8} for other in others)
    for key in dict.fromkeys((*base, *catalogue.net_properties(kind))):
        yield from ({**base, key: value} for value in VALUES)


def agents(algorithm):
    """A spec of an algorithm in the form of each SLM Lab, with each net type in each environment."""
    of_one_env = {kind: own for kind, (own, _, _) in BASES.items()} | {"HydraMLPNet": {"hid_layers": [[[8]], [8], []]}}
    for kind, own in of_one_env.items():
        for env in ENVS:
            agent = {"algorithm": {"name": algorithm}, "net": {"type": kind, **ACT, **own, "shared": False}}
            yield {"agent": agent, "env": {"name": env}}
            yield {"agent": [agent], "env": [{"name": env}]}


def errors(problems):
    return sorted((p.pointer, p.rule, p.message) for p in problems if p.severity == "error")


def check(spec, build, *dims):
    """One spec, judged and built."""
    refused = errors(validate(spec, **dict(zip(("in_dim", "out_dim"), dims, strict=False))))
    try:
        built = build(spec, *dims, seed=0)
    except SpecError as error:
        assert errors(error.problems) == refused, json.dumps(spec)
        return
    assert refused == [], json.dumps(spec)
    for bundle in [built] if dims else built.values():
        if bundle.optimizer is not None:
            bundle.train_step(sum(y.pow(2).mean() for y in outputs(bundle)), 1)


def some(specs, share):
    return (spec for spec in specs if zlib.crc32(json.dumps(spec).encode()) % share == 0)


@pytest.mark.parametrize("share", [SHARE, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("kind", BASES)
def test_one_net(kind, share):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for spec in some(changed(kind), share):
            check(spec, build_net, *BASES[kind][1:])


@pytest.mark.parametrize("share", [SHARE, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("algorithm", RECIPES)
def test_all_nets_of_an_agent(algorithm, share):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for spec in some(agents(algorithm), share):
            check(spec, build_nets)


def test_every_net_type_is_here():
    assert BASES.keys() == set(catalogue.net_types()) - catalogue.left_out("net").keys()
