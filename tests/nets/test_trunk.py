"""The body of a net without its tails."""

import pytest
import torch
from torch import nn

from slm_net import build_net
from slm_net.nets.trunk import Trunk

MLP = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "tanh"}
CONV = {"conv_hid_layers": [[2, 3]], "fc_hid_layers": [8], "hid_layers_activation": "relu", "normalize": True}
ARC = {
    "type": "TorchArcNet",
    "arc": {
        "modules": {"fc": {"LazyLinear": {"out_features": 8}}},
        "graph": {"input": "x", "modules": {"fc": "x"}, "output": "fc"},
    },
}


@pytest.mark.parametrize(
    ("spec", "in_dim", "out_dim"),
    [
        (MLP, 4, 2),
        ({**MLP, "log_std_init": 0.0}, 4, [2, 2, 1]),
        ({**MLP, "type": "DuelingMLPNet"}, 4, 2),
        ({**CONV, "type": "ConvNet"}, (1, 6, 6), [2, 1]),
        ({**CONV, "type": "DuelingConvNet"}, (1, 6, 6), 2),
        (ARC, 4, 2),
    ],
)
def test_a_trunk_gives_the_features_and_has_the_weights_of_the_body_alone(spec, in_dim, out_dim):
    net = build_net(spec, in_dim, out_dim, seed=0).model
    x = torch.rand(3, *(in_dim if isinstance(in_dim, tuple) else (in_dim,)))
    features, tails = net.features(x), build_net({**spec, "freeze": ["tails"]}, in_dim, out_dim).model
    trunk = Trunk(net)
    assert torch.equal(trunk(x), features) and features.shape == (3, trunk.features_dim)
    body = sum(parameter.numel() for parameter in tails.parameters() if parameter.requires_grad)
    assert sum(parameter.numel() for parameter in trunk.parameters()) == body


def test_what_has_no_body_or_several_is_refused():
    with pytest.raises(ValueError, match="Linear is no"):
        Trunk(nn.Linear(2, 2))
    graph = {"input": "x", "modules": {"a": "x", "b": "x"}, "output": {"policy": "a", "value": "b"}}
    arc = {"type": "TorchArcNet", "arc": {"modules": {"a": "Tanh", "b": "ReLU"}, "graph": graph}}
    with pytest.raises(ValueError, match="see 2 outputs"):
        Trunk(build_net(arc, 4, [2, 1]).model)
