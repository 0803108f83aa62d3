"""What goes into the nets of a population, and what comes out."""

import pytest
import torch

import slm_net

MLP = {"type": "MLPNet", "hid_layers": [16], "hid_layers_activation": "relu"}


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.uint8])
def test_a_batch_is_for_all_members_or_one_for_each(dtype):
    model = slm_net.build_population(MLP, 4, [3, 1], seeds=range(5)).model
    x = torch.ones(8, 4).to(dtype)
    one, each = model(x), model(x.repeat(5, 1, 1))
    assert [tuple(output.shape) for output in one] == [(5, 8, 3), (5, 8, 1)]
    assert all(torch.equal(*pair) for pair in zip(one, each, strict=True))


def test_members_may_get_what_the_others_share():
    model = slm_net.build_population({**MLP, "type": "QMLPNet"}, (4, 2), 1, seeds=range(5)).model
    states, actions = torch.randn(8, 4), torch.randn(5, 8, 2)
    assert torch.equal(model(states, actions), model(states.expand(5, 8, 4), actions))


@pytest.mark.parametrize("shape", [(4,), (4, 8, 4), (2, 5, 8, 4)])
def test_other_shapes_are_refused(shape):
    model = slm_net.build_population(MLP, 4, 2, seeds=range(5)).model
    with pytest.raises(ValueError, match=r"population of 5 got input of shape .*, expected \(batch, in_dim\) for all"):
        model(torch.zeros(shape))
    with pytest.raises(ValueError, match="input of type NoneType"):
        model(None)
    with pytest.raises(ValueError, match=r"expected \(batch, 4\)"):
        model(torch.zeros(8, 5))
