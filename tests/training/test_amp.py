import copy
import math
import pickle
import warnings

import pytest
import torch
from torch import nn

import slm_net
from slm_net.schema import catalogue
from slm_net.training.amp import DTYPES, autocast, grad_scaler

MLP = {
    "type": "MLPNet",
    "hid_layers": [32],
    "hid_layers_activation": "relu",
    "optim_spec": {"name": "Adam", "lr": 0.01},
}
CPU = torch.device("cpu")
LINEAR = {"Linear": {"in_features": 4, "out_features": 3}}
BILINEAR = {"in1_features": 3, "in2_features": 3, "out_features": 2}
NEEDED = {"Threshold": {"threshold": 0.1, "value": 0.0}}


def build(amp, out_dim=2, **keys):
    return slm_net.build_net({**MLP, "amp": amp, **keys}, 4, out_dim, seed=0)


class Seen(nn.Module):
    def forward(self, x):
        self.dtype = x.dtype
        return x


@pytest.mark.parametrize(("amp", "dtype"), [(None, torch.float32), ("bf16", torch.bfloat16), ("fp16", torch.float16)])
def test_it_computes_in_16_bits_and_gives_32(amp, dtype):
    bundle = build(amp, [2, 1])
    bundle.model.model.append(seen := Seen())
    outputs = bundle.model(torch.ones(3, 4))
    assert [output.dtype for output in outputs] == [torch.float32, torch.float32]
    assert seen.dtype == dtype
    assert all(parameter.dtype == torch.float32 for parameter in bundle.model.parameters())


@pytest.mark.parametrize("amp", ["bf16", "fp16"])
def test_it_learns_and_is_kept(amp, tmp_path):
    bundle, x = build(amp), torch.rand(64, 4)
    y = torch.stack([x.sum(1), x[:, 0] - x[:, 1]], 1)
    losses = [bundle.train_step(bundle.loss_fn(bundle.model(x), y)).item() for _ in range(150)]
    assert losses[-1] < losses[0] / 20
    torch.save(bundle.state_dict(), tmp_path / "state.pt")
    again = build(amp)
    again.load_state_dict(torch.load(tmp_path / "state.pt", weights_only=True))
    for each in (bundle, again):
        each.train_step(each.loss_fn(each.model(x), y))
    for one, other in zip(bundle.model.parameters(), again.model.parameters(), strict=True):
        assert torch.equal(one, other)
    if amp == "fp16":
        assert bundle.grad_scaler.get_scale() == again.grad_scaler.get_scale() > 1


def test_gradients_are_unscaled_before_they_are_clipped_and_measured():
    scaled, plain = build("fp16", clip_grad_val=0.01), build(None, clip_grad_val=0.01)
    while scaled.grad_norm is None or scaled.grad_norm.isinf():  # until the scale is found
        scaled.train_step(scaled.loss_fn(scaled.model(torch.ones(4, 4)), torch.ones(4, 2)))
    plain.train_step(plain.loss_fn(plain.model(torch.ones(4, 4)), torch.ones(4, 2)))
    assert scaled.grad_norm.item() == pytest.approx(plain.grad_norm.item(), rel=0.01)
    for one, other in zip(scaled.model.parameters(), plain.model.parameters(), strict=True):
        assert torch.allclose(one.grad, other.grad, rtol=0.05, atol=1e-5)


def test_the_scaler_finds_its_scale_in_silence_and_a_bad_loss_is_told():
    bundle = build("fp16")
    scale = bundle.grad_scaler._init_scale
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        bundle.train_step(bundle.model(torch.ones(4, 4)).mean() * 1e35)  # overflows once it is scaled
    assert bundle.skipped_steps == 1 and bundle.grad_scaler.get_scale() == scale / 2
    with pytest.warns(RuntimeWarning, match="not finite"):
        for _ in range(9):
            bundle.train_step(bundle.model(torch.ones(4, 4)).mean() * math.nan)


def test_bf16_needs_no_scaler():
    assert grad_scaler("bf16", CPU) is grad_scaler(None, CPU) is None


class Several(nn.Module):
    def forward(self, x):
        return {"means": (x.half(), [x.argmax()]), "state": None, "name": "a"}


def test_what_is_no_number_with_a_point_comes_out_as_it_is():
    outputs = autocast(Several(), "bf16", CPU)(torch.ones(2))
    (mean, [index]), state, name = outputs.values()
    assert (mean.dtype, index.dtype, state, name) == (torch.float32, torch.int64, None, "a")


def test_copies_are_nets_of_their_own():
    model = autocast(nn.Linear(2, 2), "bf16", CPU)
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        with torch.no_grad():
            twin.weight.zero_()
            twin.bias.zero_()
        assert twin(torch.ones(1, 2)).abs().sum() == 0
        assert model(torch.ones(1, 2)).abs().sum() > 0


def test_a_target_net_computes_as_its_source():
    spec = {"agent": {"algorithm": {"name": "DQN"}, "net": {**MLP, "amp": "bf16"}}, "env": {"name": "CartPole-v1"}}
    nets = slm_net.build_nets(spec, seed=0)
    nets.sync_targets()
    x = torch.rand(5, 4)
    assert torch.equal(nets["net"].model(x), nets["target_net"].model(x))


@pytest.mark.parametrize("amp", ["fp32", "bfloat16", True, 16])
def test_what_it_may_be(amp):
    with pytest.raises(slm_net.SpecError, match="amp"):
        build(amp)


@pytest.mark.parametrize("amp", ["bf16", "fp16"])
@pytest.mark.parametrize("name", [*catalogue.names("activation")])
def test_every_activation_trains_in_16_bits(name, amp):
    size = 3 if name == "Softmax2d" else 4
    bundle = build(amp, hid_layers_activation={"name": name, **NEEDED.get(name, {})}, hid_layers=[size])
    loss = bundle.train_step(bundle.model(torch.rand(3, 4)).pow(2).mean() / 1000)
    assert loss.isfinite()
    assert bundle.skipped_steps == 0


@pytest.mark.parametrize("amp", ["bf16", "fp16"])
def test_a_layer_of_several_inputs_takes_what_16_bits_make(amp):
    arc = {
        "modules": {"one": LINEAR, "two": LINEAR, "both": {"Bilinear": BILINEAR}},
        "graph": {"input": "x", "modules": {"one": ["x"], "two": ["x"], "both": ["one", "two"]}, "output": "both"},
    }
    bundle = slm_net.build_net({"type": "TorchArcNet", "arc": arc, "amp": amp}, 4, 2, seed=0)
    assert bundle.train_step(bundle.model(torch.rand(3, 4)).pow(2).mean()).isfinite()


@pytest.mark.parametrize("amp", ["bf16", "fp16"])
@pytest.mark.parametrize("cell_type", ["LSTM", "GRU", "RNN"])
def test_every_cell_trains_in_16_bits_on_every_cpu(cell_type, amp):
    spec = {**MLP, "type": "RecurrentNet", "cell_type": cell_type, "fc_hid_layers": [], "rnn_hidden_size": 8}
    spec |= {"rnn_num_layers": 2, "bidirectional": False, "seq_len": 3, "amp": amp}
    bundle = slm_net.build_net({key: spec[key] for key in spec if key != "hid_layers"}, (3, 4), 2, seed=0)
    before = [parameter.clone() for parameter in bundle.model.parameters()]
    bundle.train_step(bundle.model(torch.rand(16, 3, 4)).square().mean())
    moved = [not torch.equal(one, other) for one, other in zip(before, bundle.model.parameters(), strict=True)]
    assert all(moved) and bundle.skipped_steps == 0
    if cell_type == "LSTM":  # which only some CPUs have in 16 bits
        with torch.autocast("cpu", DTYPES[amp]):
            assert bundle.model.rnn_model(torch.rand(2, 3, 4))[0].dtype == torch.float32


@pytest.mark.parametrize("amp", ["bf16", "fp16"])
def test_features_are_computed_in_16_bits_too(amp):
    bundle, x = build(amp), torch.rand(16, 4)
    features = bundle.model.features(x)
    assert features.dtype == torch.float32 and torch.equal(features, features.to(DTYPES[amp]).float())
    assert not torch.equal(features, type(bundle.model).features(bundle.model, x))
    torch.testing.assert_close(bundle.model.model_tail(features), bundle.model(x), rtol=0.05, atol=0.02)
