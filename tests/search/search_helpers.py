"""Specs with a search, and what validation says of it."""

import json

import slm_net

NET = {
    "type": "MLPNet",
    "hid_layers": [64],
    "hid_layers_activation": "relu",
    "optim_spec": {"name": "Adam", "lr": 0.01},
    "lr_scheduler_spec": {"name": "StepLR", "step_size": 100},
}
CONV = {
    "type": "ConvNet",
    "conv_hid_layers": [[8, 8, 4]],
    "fc_hid_layers": [],
    "hid_layers_activation": "relu",
    "normalize": True,
}


def problems_of(search, net=NET, version=4, algorithm="DQN", env="CartPole-v1"):
    agent = {"algorithm": {"name": algorithm, "gamma": 0.99}, "memory": {"name": "Replay"}, "net": net}
    env = {"name": env, "num_envs": 4}
    spec = {"agent": agent, "env": env, "meta": {"max_trial": 4}, "search": search}
    if version == 4:
        spec |= {"agent": [agent], "env": [env]}
    return slm_net.validate(json.dumps({"demo": spec}))


def found(search, net=NET, version=4, **others):
    problems = problems_of(search, net, version, **others)
    return [(p.severity, p.pointer.removeprefix("/demo/search"), p.rule_name) for p in problems]


def of_net(**varied):
    return {"agent": [{"net": varied}]}


def nested(path, value):
    """The nested form of a dotted path; entries of lists that are not searched are empty."""
    step, _, rest = path.partition(".")
    below = nested(rest, value) if rest else value
    return [{}] * int(step) + [below] if step.isdigit() else {step: below}
