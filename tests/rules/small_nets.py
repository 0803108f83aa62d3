"""A small net of each type, and what validation says of it."""

from slm_net import validate

ACTIVATION = {"hid_layers_activation": "relu"}
MLP = {"hid_layers": [8], **ACTIVATION}
CONV = {"conv_hid_layers": [[8, 3, 2]], "fc_hid_layers": [8], **ACTIVATION}
NETS = {
    "MLPNet": (MLP, 4),
    "ConvNet": (CONV, (3, 24, 24)),
    "DuelingMLPNet": (MLP, 4),
    "DuelingConvNet": (CONV, (3, 24, 24)),
    "HydraMLPNet": ({"hid_layers": [[[7], [6]], [8], []], **ACTIVATION}, [4, 6]),
    "QMLPNet": (MLP, [4, 2]),
    "QConvNet": (CONV, [[3, 24, 24], 2]),
    "FiLMQConvNet": (CONV, [[3, 24, 24], 2]),
}
VALUES = ["DuelingMLPNet", "DuelingConvNet", "QMLPNet", "QConvNet", "FiLMQConvNet"]


def found(kind, in_dim=None, out_dim=2, **changes):
    """What validation says of a small net: (severity, pointer, rule name)."""
    keys, fits = NETS[kind]
    spec = {"type": kind, **keys, **changes}
    problems = validate(spec, in_dim=fits if in_dim is None else in_dim, out_dim=out_dim)
    return [(problem.severity, problem.pointer, problem.rule_name) for problem in problems]
