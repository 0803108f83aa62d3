"""What the schema promises, a builder reads: a net is built with a spec that notes which of its keys are asked for."""

from dataclasses import replace

import pytest
import torch

import slm_net
from slm_net import factory
from slm_net.document.nets import defaults
from slm_net.net_types import NET_TYPES
from slm_net.nets import NETS
from slm_net.plan import plan_net
from slm_net.schema import catalogue, entries
from slm_net.schema.files import own_entries, own_file

#: The keys that mean nothing to a single net, as they say how an algorithm's nets are made of one block. The `actor_`
#: and `critic_` forms are no keys of a type: document.nets makes them the key itself before a net is built.
OF_ALGORITHMS = {
    "shared": "whether actor and critic are one net: read by document.nets and agents/",
    "use_same_optim": "whose optimizer the critic takes: read by document.nets",
}
#: What another key is read from before a net is built.
BEFORE = {
    "TorchArcNet": {
        "arc_file": "where the arc is: read by document.arc_files",
        "seq_len": "what in_dim is: read by spaces.inputs",
    }
}
NEEDED = {
    "hid_layers": [4],
    "hid_layers_activation": "tanh",
    "conv_hid_layers": [[2, 2]],
    "fc_hid_layers": [3],
    "rnn_hidden_size": 3,
    "seq_len": 3,
}
ARC = {
    "modules": {"body": {"LazyLinear": {"out_features": 8}}},
    "graph": {"input": "x", "modules": {"body": ["x"]}, "output": "body"},
}
IN_DIMS = {
    "ConvNet": (1, 6, 6),
    "DuelingConvNet": (1, 6, 6),
    "RecurrentNet": (3, 4),
    "DuelingRecurrentNet": (3, 4),
    "HydraMLPNet": [4, 4],
    "QMLPNet": [4, 2],
    "QConvNet": [(1, 6, 6), 2],
    "FiLMQConvNet": [(1, 6, 6), 2],
}
FLAG = {"type": "boolean", "default": False, "description": "Nobody reads this."}


class NotingSpec(dict):
    """A spec that notes which keys are asked for, one by one: a copy of the whole is no reading."""

    def __init__(self, *args):
        super().__init__(*args)
        self.read = set()

    def __getitem__(self, key):
        self.read.add(key)
        return super().__getitem__(key)

    def __contains__(self, key):
        self.read.add(key)
        return super().__contains__(key)

    def get(self, key, default=None):
        self.read.add(key)
        return super().get(key, default)


def block_of(net_type):
    block = {"type": net_type, **{key: NEEDED[key] for key in catalogue.needed_keys(net_type)}}
    if net_type == "TorchArcNet":
        return {**block, "arc": ARC}
    return {**block, "hid_layers": [[[4]], [3], []]} if net_type == "HydraMLPNet" else block


def unread(net_type, monkeypatch):
    """The keys of a type that nothing reads that builds a net of it, with all that trains the net."""
    policy_and_value = net_type in NET_TYPES and not NET_TYPES[net_type].values
    plan = plan_net(block_of(net_type), IN_DIMS.get(net_type, 4), [2, 1] if policy_and_value else 2)
    spec = NotingSpec(plan.spec)
    monkeypatch.setattr(factory, "plain", lambda given: spec)
    factory.build_plan(replace(plan, spec=spec))
    return (
        catalogue.net_properties(net_type).keys() - spec.read - OF_ALGORITHMS.keys() - BEFORE.get(net_type, {}).keys()
    )


@pytest.mark.parametrize("net_type", NETS.names())
def test_every_key_of_a_type_is_read(net_type, monkeypatch):
    assert unread(net_type, monkeypatch) == set(), (
        f'nothing that builds a {net_type} reads these: read them, or write "deprecated" for them into its entry'
    )


def test_keys_of_algorithms_are_keys_of_every_net_and_have_no_default():
    for net_type in NETS.names():
        assert OF_ALGORITHMS.keys() <= catalogue.net_properties(net_type).keys() - defaults(net_type).keys()


# --- that it would be noticed


def forget():
    for cached in (own_entries, entries.own_document):
        cached.cache_clear()
    entries._forget()


@pytest.fixture
def in_the_schema_alone():
    """Adds a key to a file of `schemas/`, as it has been read, until the test is over."""

    def add(place, key):
        patch.setitem(place, key, FLAG)
        forget()

    with pytest.MonkeyPatch.context() as patch:
        yield add
    forget()


@pytest.mark.parametrize("net_type", NETS.names())
def test_a_key_of_every_net_that_nobody_reads_is_noticed(net_type, in_the_schema_alone, monkeypatch):
    in_the_schema_alone(own_file("net")["every"], "made_up")
    assert slm_net.validate({**block_of(net_type), "made_up": True}) == []
    assert unread(net_type, monkeypatch) == {"made_up"}


def test_a_key_of_one_type_that_nobody_reads_is_noticed(in_the_schema_alone, monkeypatch):
    in_the_schema_alone(own_file("net")["entries"]["ConvNet"]["properties"], "made_up")
    assert unread("QConvNet", monkeypatch) == {"made_up"}
    assert unread("MLPNet", monkeypatch) == set()


def test_a_key_of_a_registered_type_that_nobody_reads_is_noticed(monkeypatch):
    @slm_net.register_net("MadeUpNet", schema={"properties": {"made_up": FLAG, "bias": FLAG}})
    def made_up(spec, in_dim, out_dim):
        return torch.nn.Linear(in_dim, out_dim, bias=spec["bias"])

    try:
        found = unread("MadeUpNet", monkeypatch)
    finally:
        slm_net.unregister("net", "MadeUpNet")
    assert "made_up" in found and "bias" not in found
