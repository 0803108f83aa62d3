"""What SLM Lab's laxness accepted builds here with a warning; what nothing builds is one readable error."""

import warnings

import pytest
import torch

from slm_net import SpecError, SpecWarning
from slm_net.slm_lab import v4, v5

MLP = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}
CONV = {"type": "ConvNet", "conv_hid_layers": [[4, 3]], "fc_hid_layers": [8], "hid_layers_activation": "relu"}


def warned(lab, spec, in_dim=4, out_dim=2):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        net = getattr(lab.net, spec["type"])(spec, in_dim, out_dim)
    return net, [entry.message.problem for entry in caught if isinstance(entry.message, SpecWarning)]


@pytest.mark.parametrize(
    ("keys", "pointer", "hint"),
    [
        ({"clip_grad": 0.5}, "/clip_grad", "clip_grad_val"),
        ({"gpu": "false"}, "/gpu", "write false"),
        ({"clip_grad_val": 0}, "/clip_grad_val", ""),
        ({"update_type": "polyakk"}, "/update_type", "polyak"),
        ({"update_frequency": 0}, "/update_frequency", ""),
        ({"dropout": 0.5}, "/dropout", "build_net"),
        ({"weight_norm": True}, "/weight_norm", "build_net"),
    ],
)
@pytest.mark.parametrize("lab", [v4, v5])
def test_an_error_is_a_warning_with_pointer_and_hint(lab, keys, pointer, hint):
    net, problems = warned(lab, {**MLP, **keys})
    (problem,) = problems
    assert (problem.pointer, problem.severity, problem.file) == (pointer, "warning", "")
    assert hint in problem.hint
    assert isinstance(net(torch.ones(1, 4)), torch.Tensor)


def test_a_spec_is_warned_of_once():
    spec = {**MLP, "hid_layers": [9], "nothing": 1}
    assert [problem.pointer for problem in warned(v4, spec)[1]] == ["/nothing"]
    assert warned(v4, spec, 4, 1)[1] == []
    assert warned(v5, spec)[1] != []


def test_keys_that_the_class_does_not_read_do_nothing():
    spec = {**MLP, "batch_norm": True, "normalize": True, "log_std_init": 0.0, "actor_init_std": 0.01}
    net, problems = warned(v4, spec, 4, [2, 2])
    assert list(net.state_dict())[:2] == ["model.0.weight", "model.0.bias"] and len(net.state_dict()) == 6
    assert {problem.pointer for problem in problems} == {
        "/batch_norm",
        "/normalize",
        "/log_std_init",
        "/actor_init_std",
    }
    assert "log_std" in warned(v5, {**MLP, "log_std_init": 0.0}, 4, [2, 2])[0].state_dict()


def test_a_channel_last_image_builds_as_it_did():
    net, problems = warned(v4, {**CONV, "batch_norm": False}, (9, 9, 3))
    assert net.conv_model[0].in_channels == 9
    assert any("looks like" in problem.message for problem in problems)


def test_truthy_flags_count():
    net, _ = warned(v4, {**CONV, "conv_hid_layers": [[4, 3], [4, 3]], "batch_norm": "yes", "normalize": 1}, (1, 9, 9))
    assert "conv_model.4.running_var" in net.state_dict() and net.normalize


def test_batch_norm_wins_over_layer_norm_in_5():
    net, problems = warned(v5, {**MLP, "layer_norm": True, "batch_norm": True})
    assert isinstance(net.model[1], torch.nn.BatchNorm1d)
    assert [problem.pointer for problem in problems] == ["/layer_norm"]


@pytest.mark.parametrize(
    ("keys", "pointer", "hint"),
    [
        ({"hid_layers_activation": "reluu"}, "/hid_layers_activation", "did you mean 'ReLU'?"),
        ({"hid_layers_activation": "module"}, "/hid_layers_activation", ""),
        ({"out_layer_activation": ["tanh", "tahn"]}, "/out_layer_activation/1", "did you mean 'Tanh'?"),
        ({"init_fn": "orthogonal"}, "/init_fn", "did you mean 'orthogonal_'?"),
        ({"init_fn": "__import__"}, "/init_fn", ""),
        ({"loss_spec": {"name": "MSE"}}, "/loss_spec/name", "did you mean 'MSELoss'?"),
        ({"loss_spec": {"name": "relu"}}, "/loss_spec/name", ""),
    ],
)
def test_an_unknown_name_is_an_error(keys, pointer, hint):
    with pytest.raises(SpecError) as caught:
        warned(v4, {**MLP, **keys}, 4, [1, 1])
    (problem,) = caught.value.problems
    assert problem.pointer == pointer and hint in problem.hint


@pytest.mark.parametrize("name", ["adam", "lr_scheduler", "Optimizer", "__class__", 5, None])
def test_an_unknown_optimizer_or_scheduler_is_an_error(name):
    net = v4.net.MLPNet(MLP, 4, 2)
    for lab in (v4, v5):
        with pytest.raises(SpecError, match="not a known optimizer"):
            lab.net_util.get_optim(net, {"name": name})
        with pytest.raises(SpecError, match="not a known lr scheduler"):
            lab.net_util.get_lr_scheduler(torch.optim.SGD(net.parameters(), 0.1), {"name": name})


@pytest.mark.parametrize(
    ("spec", "dims", "pointer"),
    [
        ({"type": "MLPNet", "hid_layers_activation": "relu"}, (4, 2), ""),
        ({**MLP, "hid_layers": "64"}, (4, 2), "/hid_layers"),
        ({**CONV, "conv_hid_layers": [[4, 30]]}, ((1, 9, 9), 2), "/conv_hid_layers/0"),
        ({**MLP, "hid_layers": [10**6, 10**6]}, (4, 2), "/hid_layers"),
        ({**CONV, "conv_hid_layers": [[4, 3, 1, 20_000], [4, 3, 40_000]]}, ((1, 9, 9), 2), "/conv_hid_layers/0"),
    ],
)
def test_what_nothing_builds_is_an_error(spec, dims, pointer):
    with pytest.raises(SpecError) as caught:
        warned(v4, spec, *dims)
    assert [problem.pointer for problem in caught.value.problems][:1] == [pointer]


@pytest.mark.parametrize("lab", [v4, v5])
def test_the_drop_in_does_not_normalise_observations(lab):
    spec = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu", "normalize_obs": "running"}
    with pytest.warns(SpecWarning, match="normalize_obs does nothing"):
        net = lab.net.MLPNet(spec, 4, 2)
    assert not list(net.buffers())
