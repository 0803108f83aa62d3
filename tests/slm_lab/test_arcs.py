"""The quirks of arcs in the drop-in, each beside what slm_net makes of the same arc."""

import pytest
import torch

from slm_net import SpecError, SpecWarning, build_net
from slm_net.slm_lab import v5

SEQUENTIAL = {"Sequential": [{"LazyLinear": {"out_features": 6}}, "Tanh"]}


def spec_of(modules, nodes=None, output="body", **keys):
    graph = {"input": "x", "modules": nodes or {"body": "x"}, "output": output}
    return {
        "type": "TorchArcNet",
        "arc": {"modules": modules, "graph": graph},
        "loss_spec": {"name": "MSELoss"},
        **keys,
    }


def lab_net(spec, in_dim=4):
    torch.manual_seed(0)
    return v5.net.TorchArcNet(spec, in_dim, 2)


def native(spec, in_dim=4):
    return build_net(spec, in_dim, 2, seed=0).model


def test_a_module_that_is_not_called_draws_from_the_seed():
    alone = spec_of({"body": SEQUENTIAL})
    beside = spec_of({"side": {"Linear": {"in_features": 3, "out_features": 3}}, "body": SEQUENTIAL})
    with pytest.warns(SpecWarning, match="no node calls"):
        lab, ours = [[next(net(spec).parameters()) for spec in (alone, beside)] for net in (lab_net, native)]
    assert not torch.equal(*lab)
    assert torch.equal(*ours)


@pytest.mark.filterwarnings("ignore:Implicit dimension choice")
def test_a_softmax_without_dim_guesses_it():
    x = torch.randn(5, 3, 4)
    guessed, last = (net(spec_of({"body": "Softmax"}), (3, 4)).body(x) for net in (lab_net, native))
    assert torch.allclose(guessed, x.softmax(0))
    assert torch.allclose(last, x.softmax(-1))


def test_of_several_outputs_the_first_has_the_tails():
    modules = {"body": SEQUENTIAL, "more": {"LazyLinear": {"out_features": 3}}}
    spec = spec_of(modules, {"body": "x", "more": "body"}, ["more", "body"])
    with pytest.warns(SpecWarning, match="first"):
        net = lab_net(spec)
    assert net.tails[0].in_features == 3
    assert net(torch.randn(5, 4)).shape == (5, 2)


def test_what_a_gru_leaves_is_in_another_order_than_a_view_takes():
    spec, x = spec_of({"body": {"GRU": {"hidden_size": 5, "input_size": 4, "batch_first": True}}}), torch.randn(2, 3, 4)
    with pytest.raises(RuntimeError, match="view size"):
        lab_net(spec, (3, 4))(x)
    assert native(spec, (3, 4))(x).shape == (2, 2)


def test_init_std_of_the_tails_is_dropped():
    spec = spec_of({"body": SEQUENTIAL}, actor_init_std=0.01)
    assert native(spec).tails[0].weight.std() < 0.05 < lab_net(spec).tails[0].weight.std()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"output": {"a": "body"}}, "one input"),
        ({"input": ["x", "y"], "modules": {"body": "x", "other": "y"}}, "one input"),
        ({"output": "bdy"}, "no node or input 'bdy'"),
    ],
)
def test_what_slm_lab_cannot_build_is_refused(change, words):
    spec = spec_of({"body": SEQUENTIAL, "other": "ReLU"})
    spec["arc"]["graph"] |= change
    with pytest.raises(SpecError, match=words):
        lab_net(spec, {"x": 4, "y": 4} if "input" in change else 4)
