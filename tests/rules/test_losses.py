"""Weights of losses against the outputs of the net."""

import pytest
import torch

from slm_net import validate
from slm_net.training import build_loss

NET = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}


def found(loss_spec, out_dim):
    problems = validate({**NET, "loss_spec": loss_spec}, in_dim=4, out_dim=out_dim)
    return [(problem.pointer, problem.rule_name, problem.severity) for problem in problems]


@pytest.mark.parametrize("name", ["CrossEntropyLoss", "NLLLoss", "MultiMarginLoss"])
@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_one_weight_per_class(name, count):
    loss_spec = {"name": name, "weight": [1.0] * count}
    fits = count == 3
    assert found(loss_spec, 3) == ([] if fits else [("/loss_spec/weight", "list-does-not-fit", "error")])
    try:
        build_loss(loss_spec)(torch.rand(5, 3), torch.zeros(5, dtype=torch.long))
    except RuntimeError:
        assert not fits
    else:
        assert fits


@pytest.mark.parametrize("key", ["weight", "pos_weight"])
def test_weights_that_are_spread_over_a_batch_may_be_for_its_samples(key):
    for count, expected in ((1, []), (3, []), (2, [(f"/loss_spec/{key}", "list-does-not-fit", "warning")])):
        assert found({"name": "BCEWithLogitsLoss", key: [1.0] * count}, 3) == expected


def test_several_outputs_and_unknown_ones():
    loss_spec = {"name": "CrossEntropyLoss", "weight": [1.0, 2.0]}
    assert found(loss_spec, [3, 2]) == []
    assert found(loss_spec, [3, 4]) != []
    assert found(loss_spec, None) == []
    assert found({"name": "CrossEntropyLoss", "weight": None}, 3) == []
