"""Where no quirk applies, the drop-in and the native net are the same net."""

import warnings

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from slm_net import build_net
from slm_net.slm_lab import export_state_dict, v4, v5

ACTIVATIONS = st.sampled_from(["relu", "tanh", "selu", "leakyrelu", "PReLU"])
INITS = st.sampled_from([None, "orthogonal_", "xavier_uniform_", "kaiming_normal_", "normal_"])
SIZES = st.integers(1, 12)
WIDTHS = st.lists(SIZES, max_size=3)
OUT_DIMS = st.one_of(SIZES, st.lists(SIZES, min_size=1, max_size=3))
ROWS = st.lists(st.tuples(st.integers(1, 6), st.integers(1, 3)).map(list), min_size=1, max_size=2)


def optional(strategy):
    return st.one_of(st.none(), strategy)


def common(**keys):
    training = {
        "clip_grad_val": optional(st.floats(0.1, 10)),
        "optim_spec": st.sampled_from([{"name": "Adam", "lr": 0.01}, {"name": "SGD", "lr": 0.05, "momentum": 0.9}]),
        "loss_spec": st.sampled_from([{"name": "MSELoss"}, {"name": "SmoothL1Loss"}]),
    }
    return st.fixed_dictionaries({"hid_layers_activation": ACTIVATIONS, "init_fn": INITS, **training, **keys})


@st.composite
def cases(draw, net_type):
    image = (draw(st.integers(1, 3)), 12, 12)
    conv = {"conv_hid_layers": ROWS, "fc_hid_layers": WIDTHS, "normalize": st.booleans(), "batch_norm": st.just(False)}
    dense = {"hid_layers": WIDTHS}
    steps = draw(st.integers(1, 4))
    cell = {
        "fc_hid_layers": WIDTHS,
        "cell_type": st.just("GRU"),
        "rnn_hidden_size": SIZES,
        "rnn_num_layers": st.integers(1, 2),
        "seq_len": st.just(steps),
    }
    hydra = {
        "hid_layers": st.tuples(st.just([[5], [4]]), st.just([6]), st.sampled_from([[], [[6, 3], [6, 2]]])).map(list)
    }
    shapes = {
        "MLPNet": (dense, draw(SIZES), draw(OUT_DIMS)),
        "DuelingMLPNet": (dense, draw(SIZES), draw(SIZES)),
        "QMLPNet": (dense, [draw(SIZES), draw(SIZES)], draw(SIZES)),
        "HydraMLPNet": (hydra, [draw(SIZES), draw(SIZES)], [draw(SIZES), draw(SIZES)]),
        "ConvNet": (conv, image, draw(OUT_DIMS)),
        "DuelingConvNet": (conv, image, draw(SIZES)),
        "QConvNet": (conv, [image, draw(SIZES)], draw(SIZES)),
        "RecurrentNet": (cell, (steps, draw(SIZES)), draw(OUT_DIMS)),
    }
    keys, in_dim, out_dim = shapes[net_type]
    return {"type": net_type, **draw(common(**keys))}, in_dim, out_dim


def inputs(net_type, in_dim):
    if net_type == "HydraMLPNet":
        return ([torch.rand(3, size) for size in in_dim],)
    if net_type.startswith("Q"):
        state, action = in_dim
        return torch.rand(3, *(state if isinstance(state, tuple) else [state])), torch.rand(3, action)
    return (torch.rand(3, *(in_dim if isinstance(in_dim, tuple) else [in_dim])),)


def tensors(outputs):
    return outputs if isinstance(outputs, list) else [outputs]


TYPES = ["MLPNet", "DuelingMLPNet", "HydraMLPNet", "ConvNet", "DuelingConvNet", "RecurrentNet"]
BOTH = [*((v4, kind) for kind in [*TYPES, "QMLPNet", "QConvNet"]), *((v5, kind) for kind in TYPES)]


@pytest.mark.parametrize(("lab", "net_type"), BOTH, ids=lambda value: getattr(value, "VERSION", value))
@settings(deadline=None, max_examples=5)
@given(data=st.data())
def test_same_seed_same_net_and_same_training(lab, net_type, data):
    spec, in_dim, out_dim = data.draw(cases(net_type))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.manual_seed(7)
        theirs = getattr(lab.net, net_type)(spec, in_dim, out_dim)
        after = torch.rand(1)
        torch.manual_seed(7)
        bundle = build_net(spec, in_dim, out_dim)
    assert torch.equal(after, torch.rand(1))
    layout = f"slm-lab-{lab.VERSION}"
    ours, found = export_state_dict(bundle.model, layout), theirs.state_dict()
    assert ours.keys() == found.keys()
    assert all(torch.equal(ours[key], found[key]) for key in ours)

    optim = lab.net_util.get_optim(theirs, theirs.optim_spec)
    xs = inputs(net_type, in_dim)
    for _ in range(2):
        y, z = tensors(theirs(*xs)), tensors(bundle.model(*xs))
        assert len(y) == len(z)
        torch.testing.assert_close(y, z)
        theirs.train_step(sum(theirs.loss_fn(a, torch.ones_like(a)) for a in y), optim)
        bundle.train_step(sum(bundle.loss_fn(b, torch.ones_like(b)) for b in z))
        assume(bundle.skipped_steps == 0)  # of a net that diverges, only build_net's skips the update
    torch.testing.assert_close(tensors(theirs(*xs)), tensors(bundle.model(*xs)))
