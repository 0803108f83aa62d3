"""Specs of agents, and what is compared of their nets."""

from types import SimpleNamespace

import torch

MLP = {"type": "MLPNet", "hid_layers": [8, 6], "hid_layers_activation": "relu", "init_fn": "orthogonal_"}
CONV = {
    "type": "ConvNet",
    "conv_hid_layers": [[4, 3], [4, 3]],
    "fc_hid_layers": [8],
    "hid_layers_activation": "relu",
    "batch_norm": False,
}
RNN = {
    "type": "RecurrentNet",
    "fc_hid_layers": [6],
    "hid_layers_activation": "relu",
    "rnn_hidden_size": 5,
    "seq_len": 4,
}
ADAM, SGD = {"name": "Adam", "lr": 0.002}, {"name": "SGD", "lr": 0.007}


def box(*shape):
    return SimpleNamespace(shape=shape, dtype="float32")


def discrete(n):
    return SimpleNamespace(shape=(), n=n)


def multi_discrete(*nvec):
    return SimpleNamespace(shape=(len(nvec),), nvec=list(nvec))


def spec_of(algorithm, version=5, env="CartPole-v1", net=MLP, critic_net=None, settings=None, **keys):
    agent = {"algorithm": {"name": algorithm, **(settings or {})}, "net": {**net, **keys}}
    if critic_net:
        agent["critic_net"] = critic_net
    return {"agent": [agent], "env": [{"name": env}]} if version == 4 else {"agent": agent, "env": {"name": env}}


def dims(nets):
    return {name: (bundle.in_dim, bundle.out_dim) for name, bundle in nets.items()}


def same(one, other):
    return all(torch.equal(a, b) for a, b in zip(one.state_dict().values(), other.state_dict().values(), strict=True))
