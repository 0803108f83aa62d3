"""The drop-in's classes: each deviation of SLM Lab's nets, their attributes, and one update."""

import math
import warnings

import pytest
import torch
from torch import nn

from slm_net import SpecWarning, nets
from slm_net.slm_lab import v4, v5
from slm_net.slm_lab.nets import Convolutions, lab_class

RNN = {"type": "RecurrentNet", "fc_hid_layers": [], "hid_layers_activation": "relu", "rnn_hidden_size": 5, "seq_len": 3}
CONV = {"conv_hid_layers": [[4, 3], [4, 3]], "fc_hid_layers": [6], "hid_layers_activation": "relu"}
MLP = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}


def build(lab, spec, in_dim, out_dim):
    return build_class(getattr(lab.net, spec["type"]), spec, in_dim, out_dim)


def build_class(cls, spec, in_dim, out_dim):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return cls(spec, in_dim, out_dim)


@pytest.mark.parametrize("lab", [v4, v5])
@pytest.mark.parametrize("cell", ["GRU", "LSTM", "RNN"])
def test_a_bidirectional_net_reads_the_backward_direction(lab, cell):
    net = build(lab, {**RNN, "cell_type": cell, "bidirectional": True}, (3, 4), 2)
    x = torch.rand(2, 3, 4)
    _, hidden = net.rnn_model(x)
    hidden = hidden[0] if cell == "LSTM" else hidden
    assert torch.equal(net(x), net.outputs(hidden[1]))
    net(x).sum().backward()
    assert net.rnn_model.weight_ih_l0.grad.eq(0).all() and net.rnn_model.weight_ih_l0_reverse.grad.ne(0).any()


def test_a_lowercase_lstm_returns_the_cell_state():
    net = build(v4, {**RNN, "cell_type": "lstm", "rnn_num_layers": 2}, (3, 4), 7)
    assert net(torch.rand(6, 3, 4)).shape == (2, 6, 7)


def test_other_sequence_lengths_are_cut_anew():
    net = build(v4, RNN, (6, 4), 2)
    assert net(torch.rand(2, 6, 4)).shape == (4, 2)
    assert net.in_dim == 4 and net.rnn_input_dim == 4


@pytest.mark.parametrize("in_dim", [4, (9, 4)])
def test_a_net_of_5_sees_a_state_seq_len_times(in_dim):
    net = build(v5, {**RNN, "fc_hid_layers": [6]}, in_dim, [2, 1])
    x = torch.rand(7, 4)
    for once, repeated in zip(net(x), net(x[:, None].expand(7, 3, 4).contiguous()), strict=True):
        assert torch.equal(once, repeated) and once.shape[0] == 7
    assert net.in_dim == 4 and net.rnn_input_dim == 6
    with pytest.raises(RuntimeError, match="invalid for input"):
        net(torch.rand(7, 6, 4))


def test_the_recurrent_net_of_5_has_no_init_stds():
    torch.manual_seed(0)
    plain = build(v5, RNN, 4, [2, 1])
    torch.manual_seed(0)
    with pytest.warns(SpecWarning, match="actor_init_std does nothing"):
        written = v5.net.RecurrentNet({**RNN, "actor_init_std": 0.01}, 4, [2, 1])
    assert torch.equal(plain.tails[0][0].weight, written.tails[0][0].weight)


@pytest.mark.parametrize("lab", [v4, v5])
@pytest.mark.parametrize("spec", [{**RNN}, {"type": "ConvNet", **CONV, "fc_hid_layers": []}], ids=["rnn", "conv"])
def test_without_dense_layers_there_is_no_fc_model(lab, spec):
    net = build(lab, spec, (3, 4) if "seq_len" in spec else (1, 9, 9), 2)
    assert hasattr(net, "fc_model") == (lab is v5) and getattr(net, "fc_model", None) is None
    assert net(torch.rand(2, *((3, 4) if "seq_len" in spec else (1, 9, 9)))).shape == (2, 2)


@pytest.mark.parametrize("lab", [v4, v5])
def test_images_with_their_channels_last_are_an_error(lab):
    net = build(lab, {"type": "ConvNet", **CONV}, (3, 9, 9), 2)
    with pytest.raises(RuntimeError, match="view"):
        net(torch.rand(2, 9, 9, 3).permute(0, 3, 1, 2))


@pytest.mark.parametrize("lab", [v4, v5])
def test_a_users_convolutions_take_the_place_of_ours(lab):
    class Pooled(lab.net.ConvNet):
        def build_conv_layers(self, conv_hid_layers):
            assert self.hid_layers_activation == "relu" and self.in_dim[0] == 3
            return nn.Sequential(nn.Conv2d(self.in_dim[0], 5, 3), nn.AvgPool2d(2))

    # rows that would not fit: what is built is the user's
    net = build_class(Pooled, {"type": "Pooled", **CONV, "conv_hid_layers": [[4, 30]]}, (3, 8, 8), 2)
    assert [type(layer).__name__ for layer in net.conv_model] == ["Conv2d", "AvgPool2d"]
    assert net.conv_out_dim == net.fc_model[0].in_features == 45 and net(torch.rand(2, 3, 8, 8)).shape == (2, 2)

    class Narrow(lab.net.ConvNet):
        def build_conv_layers(self, conv_hid_layers):
            return super().build_conv_layers(conv_hid_layers[:1])

        def get_conv_output_size(self):
            return super().get_conv_output_size()

    net = build_class(Narrow, {"type": "Narrow", **CONV}, (3, 8, 8), 2)
    assert net.conv_out_dim == 4 * 6 * 6 and net(torch.rand(2, 3, 8, 8)).shape == (2, 2)


@pytest.mark.parametrize("lab", [v4, v5])
def test_a_users_heads_and_tails_take_the_place_of_ours(lab):
    class Split(lab.net.HydraMLPNet):
        def build_model_heads(self, in_dim):
            heads = super().build_model_heads(in_dim)
            return nn.ModuleList(
                nn.Sequential(nn.LayerNorm(size), head) for size, head in zip(in_dim, heads, strict=True)
            )

        def build_model_tails(self, out_dim, out_layer_activation):
            return super().build_model_tails([size + 1 for size in out_dim], out_layer_activation)

    net = build_class(Split, {**MLP, "type": "Split", "hid_layers": [[[8]], [6], []]}, [3, 4], [2, 1])
    assert isinstance(net.model_heads[0][0], nn.LayerNorm) and not hasattr(net, "_spec")
    assert [y.shape[1] for y in net([torch.rand(7, 3), torch.rand(7, 4)])] == [3, 2]


@pytest.mark.parametrize("cell", ["LSTM", "RNN"])
def test_init_fn_does_not_reach_lstm_and_rnn(cell):
    torch.manual_seed(0)
    plain = build(v4, {**RNN, "cell_type": cell}, (3, 4), 2)
    torch.manual_seed(0)
    filled = build(v4, {**RNN, "cell_type": cell, "init_fn": "orthogonal_"}, (3, 4), 2)
    assert torch.equal(plain.rnn_model.weight_ih_l0, filled.rnn_model.weight_ih_l0)
    assert not torch.equal(plain.model_tail[0].weight, filled.model_tail[0].weight)


@pytest.mark.parametrize("lab", [v4, v5])
def test_the_size_probe_touches_batch_norm(lab):
    net = build(lab, {"type": "ConvNet", **CONV}, (1, 9, 9), 2)
    assert net.conv_model[4].num_batches_tracked == 1
    torch.testing.assert_close(net.conv_model[4].running_var, torch.full((4,), 0.9), rtol=1e-2, atol=1e-2)


@pytest.mark.parametrize("lab", [v4, v5])
def test_dueling_ignores_out_layer_activation(lab):
    spec = {**MLP, "type": "DuelingMLPNet", "out_layer_activation": "sigmoid"}
    net = build(lab, spec, 4, 3)
    with torch.no_grad():
        net.adv.weight.mul_(100)
    assert net(torch.rand(64, 4)).abs().max() > 1


def test_film_has_sigmoids():
    spec = {"type": "FiLMQConvNet", **CONV, "batch_norm": False}
    net = build(v4, spec, ((1, 9, 9), 2), 1)
    assert [type(layer).__name__ for layer in net.state_fc_model] == ["Linear", "Sigmoid"]
    assert [type(layer).__name__ for layer in net.conv_model] == ["Conv2d", "ReLU", "Conv2d", "ReLU"]
    assert [type(layer).__name__ for layer in net.action_fc_scale] == ["Linear", "Sigmoid"]


def test_one_hydra_tail_for_all_outputs():
    spec = {**MLP, "type": "HydraMLPNet", "hid_layers": [[[8]], [6], [[6, 5]]]}
    net = build(v4, spec, [3, 4], [2, 1])
    assert [y.shape for y in net([torch.rand(7, 3), torch.rand(7, 4)])] == [(7, 2), (7, 1)]
    assert net.tail_hid_layers == [[6, 5], [6, 5]] and net.body_hid_layers == [6]


@pytest.mark.parametrize(("out_dim", "there"), [([2, 2], True), ([3, 1], False), (2, False), ([2, 2, 1], False)])
def test_log_std_is_for_pairs_in_5(out_dim, there):
    net = build(v5, {**MLP, "log_std_init": -0.5}, 4, out_dim)
    assert (net.log_std is not None) == there == ("log_std" in net.state_dict())
    if there:
        mean, log_std = net(torch.rand(3, 4))
        assert mean.shape == log_std.shape == (3, 2) and log_std.eq(-0.5).all()


def test_init_stds_reach_the_first_and_the_last_tail_in_5():
    torch.manual_seed(0)
    net = build(v5, {**MLP, "actor_init_std": 0.01, "critic_init_std": 3.0}, 4, [2, 2, 5])
    assert net.tails[0][0].weight.norm(dim=1).allclose(torch.full((2,), 0.01))
    assert net.tails[1][0].bias.ne(0).any()
    assert net.tails[2][0].weight.norm(dim=1).allclose(torch.full((5,), 3.0))
    assert build(v5, {**MLP, "actor_init_std": 0.01}, 4, 2).tails[0].weight.abs().max() > 0.1


def test_the_attributes_that_algorithms_read():
    spec = {**MLP, "shared": True, "clip_grad_val": 0.5, "update_frequency": 10, "polyak_coef": 0.1, "cuda_id": 0}
    net = build(v4, spec, 4, [2, 1])
    assert net.net_spec is spec and (net.in_dim, net.out_dim, net.device) == (4, [2, 1], "cpu")
    assert (net.hid_layers, net.hid_layers_activation, net.out_layer_activation) == ([8], "relu", [None, None])
    assert (net.clip_grad_val, net.update_type, net.update_frequency, net.polyak_coef) == (0.5, "replace", 10, 0.1)
    assert net.optim_spec == {"name": "Adam"} and net.lr_scheduler_spec is None and net.shared is True
    assert isinstance(net.loss_fn, torch.nn.MSELoss) and net.grad_norms is None and net.training


@pytest.mark.parametrize("lab", [v4, v5])
def test_a_registered_type_is_known(lab):
    NetClass = getattr(lab.net, "DuelingRecurrentNet")  # noqa: B009
    assert NetClass is lab.net.DuelingRecurrentNet
    net = NetClass({**RNN, "type": "DuelingRecurrentNet"}, (3, 4), 2)
    optim = lab.net_util.get_optim(net, net.optim_spec)
    assert net.train_step(net(torch.rand(5, 3, 4)).sum(), optim).isfinite() and net.rnn_hidden_size == 5
    with pytest.raises(AttributeError, match="NoSuchNet"):
        lab.net.NoSuchNet  # noqa: B018


def test_quirks_belong_to_slm_labs_types():
    assert issubclass(v4.net.ConvNet, Convolutions)
    assert not issubclass(lab_class(v4.net.Net, nets.ConvNet, name="MyConvNet"), Convolutions)


def test_q_nets_are_version_4s():
    assert not hasattr(v5.net, "QMLPNet") and hasattr(v4.net, "QMLPNet")


class TestTrainStep:
    @pytest.fixture(autouse=True)
    def nothing_set(self, monkeypatch):
        for name in ("PY_ENV", "lab_mode"):
            monkeypatch.delenv(name, raising=False)

    def test_a_loss_that_is_not_finite(self):
        for lab, finite in ((v4, False), (v5, True)):
            net = lab.net.MLPNet(MLP, 4, 2)
            optim = lab.net_util.get_optim(net, net.optim_spec)
            loss = net.train_step(net(torch.ones(1, 4)).sum() * math.nan, optim)
            assert all(p.isfinite().all() == finite for p in net.parameters())
            assert loss.isfinite() == finite

    @pytest.mark.parametrize("value", [0, False])
    def test_clip_of_zero_freezes(self, value):
        net = v4.net.MLPNet({**MLP, "clip_grad_val": value, "optim_spec": {"name": "SGD", "lr": 1.0}}, 4, 2)
        before = net.model[0].weight.clone()
        net.train_step(net(torch.ones(1, 4)).sum(), v4.net_util.get_optim(net, net.optim_spec))
        assert torch.equal(before, net.model[0].weight)

    def test_plateau_gets_the_loss_in_4(self):
        net = v4.net.MLPNet(MLP, 4, 2)
        optim = v4.net_util.get_optim(net, {"name": "SGD", "lr": 0.5})
        spec = {"name": "ReduceLROnPlateau", "patience": 0, "factor": 0.5}
        scheduler = v4.net_util.get_lr_scheduler(optim, spec)
        for _ in range(2):
            net.train_step(net(torch.ones(1, 4)).sum() * 0 + 1, optim, scheduler)
        assert optim.param_groups[0]["lr"] == 0.25
