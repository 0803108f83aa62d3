import pytest
import torch
from torch import Tensor, nn

from slm_net import build_net
from slm_net.summary import LayerRow, example_inputs, layer_table

RELU = {"hid_layers_activation": "relu"}


def names_with_parameters(table):
    return {row.name for row in table if row.parameters}


@pytest.mark.parametrize(
    ("spec", "in_dim", "out_dim"),
    [
        ({"type": "MLPNet", "hid_layers": [8, 8]}, 4, 2),
        ({"type": "MLPNet", "hid_layers": []}, 4, [2, 1]),
        ({"type": "MLPNet", "hid_layers": [8], "log_std_init": 0.0}, 4, [3, 3, 1]),
        ({"type": "ConvNet", "conv_hid_layers": [[4, 3], [4, 3]], "fc_hid_layers": [8]}, (2, 9, 9), 3),
        ({"type": "ConvNet", "conv_hid_layers": [], "fc_hid_layers": []}, (2, 9), 3),
        (
            {"type": "RecurrentNet", "fc_hid_layers": [8], "rnn_hidden_size": 8, "seq_len": 3, "cell_type": "LSTM"},
            (3, 4),
            2,
        ),
    ],
)
def test_every_parameter_is_in_one_row_named_as_in_the_state_dict(spec, in_dim, out_dim):
    model = build_net({**RELU, **spec}, in_dim, out_dim).model
    table = layer_table(model, in_dim)
    assert sum(row.parameters for row in table) == sum(p.numel() for p in model.parameters())
    owners = {name if name == "log_std" else name.rpartition(".")[0] for name, _ in model.named_parameters()}
    assert names_with_parameters(table) == owners
    assert all(row.output_shape is not None for row in table)


def test_shapes_are_without_the_batch():
    spec = {"type": "ConvNet", "conv_hid_layers": [[4, 3]], "fc_hid_layers": [], "batch_norm": False, **RELU}
    assert layer_table(build_net(spec, (2, 9, 9), 3).model, (2, 9, 9)) == [
        LayerRow("conv_model.0", "Conv2d", (4, 7, 7), 76),
        LayerRow("conv_model.1", "ReLU", (4, 7, 7), 0),
        LayerRow("model_tail.0", "Linear", (3,), 591),
    ]


def test_a_parametrized_layer_is_one_row():
    model = nn.Sequential(nn.utils.parametrizations.spectral_norm(nn.Linear(4, 8)), nn.Tanh())
    assert layer_table(model, 4) == [
        LayerRow("0", "ParametrizedLinear", (8,), 40),
        LayerRow("1", "Tanh", (8,), 0),
    ]


def test_the_model_is_as_before():
    spec = {"type": "ConvNet", "conv_hid_layers": [[4, 3], [4, 3]], "fc_hid_layers": [8], "dropout": 0.5, **RELU}
    model = build_net(spec, (2, 9, 9), 3, seed=0).model
    model.conv_model[0].eval()
    flags = [module.training for module in model.modules()]
    state = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    random = torch.get_rng_state()
    layer_table(model, (2, 9, 9))
    assert [module.training for module in model.modules()] == flags
    assert all(torch.equal(tensor, state[name]) for name, tensor in model.state_dict().items())
    assert torch.equal(torch.get_rng_state(), random)
    assert not any(module._forward_hooks for module in model.modules())


class Counting(nn.Module):
    """Changes a buffer and draws random numbers even in eval mode, then fails if asked to."""

    def __init__(self, fails=False):
        super().__init__()
        self.register_buffer("calls", torch.zeros(1))
        self.fails = fails

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 1
        if self.fails:
            raise ValueError("no")
        return x + torch.rand_like(x)


@pytest.mark.parametrize("fails", [False, True])
def test_a_model_of_somebody_else_is_as_before_too(fails):
    model, random = nn.Sequential(Counting(fails)), torch.get_rng_state()
    if fails:
        with pytest.raises(ValueError, match="no"):
            layer_table(model, 4)
    else:
        assert layer_table(model, 4) == [LayerRow("0", "Counting", (4,), 0)]
    assert model[0].calls == 0
    assert model.training
    assert torch.equal(torch.get_rng_state(), random)
    assert not model[0]._forward_hooks


class Hydra(nn.Module):
    """One head per input, one list as the argument; the last head is the first once more."""

    def __init__(self):
        super().__init__()
        self.heads = nn.ModuleList([nn.Linear(4, 5), nn.Linear(3, 5)])
        self.again = self.heads[0]
        self.unused = nn.Linear(1, 1)

    def forward(self, xs: list[Tensor]) -> list[Tensor]:
        return [head(x) for head, x in zip(self.heads, xs, strict=True)]


class Critic(nn.Module):
    """Q(state, action), with an option."""

    def __init__(self):
        super().__init__()
        self.body = nn.Linear(9, 1)

    def forward(self, state: Tensor, action: Tensor, scale: float = 1.0) -> Tensor:
        return scale * self.body(torch.cat([state.flatten(1), action], dim=1))


def test_several_inputs_as_one_list_and_modules_under_two_names():
    assert layer_table(Hydra(), [4, 3]) == [
        LayerRow("heads.0", "Linear", (5,), 25),
        LayerRow("heads.1", "Linear", (5,), 20),
        LayerRow("unused", "Linear", None, 2),
    ]


def test_several_inputs_as_several_arguments():
    assert layer_table(Critic(), [(2, 3), 3]) == [LayerRow("body", "Linear", (1,), 10)]


def test_a_state_and_an_action_that_may_be_left_out():
    model = build_net({"type": "QMLPNet", "hid_layers": [8], **RELU}, [4, 3], 1).model
    assert [row.output_shape for row in layer_table(model, [4, 3])] == [(8,), (8,), (1,)]


def test_a_parameter_under_two_names_counts_once():
    model = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4))
    model[1].weight = model[0].weight
    assert [row.parameters for row in layer_table(model, 4)] == [20, 4]


def test_example_inputs_follow_the_model():
    model = nn.Linear(4, 2, dtype=torch.float64, device="meta")
    (x,) = example_inputs(model, 4, 32)
    assert (x.shape, x.dtype, x.device.type) == ((32, 4), torch.float64, "meta")


def test_a_model_without_parameters():
    assert layer_table(nn.Flatten(), (2, 3)) == [LayerRow("", "Flatten", (6,), 0)]


def test_a_changed_model_of_as_many_parameters_is_shown_as_it_is():
    bundle = build_net({"type": "MLPNet", "hid_layers": [8, 8], **RELU}, 4, 2)
    assert [layer["activation"] for layer in bundle.summary().data["nets"][0]["layers"]] == ["ReLU", "ReLU", ""]
    bundle.model.model[1] = nn.Tanh()
    assert "Tanh" in [layer["kind"] for layer in bundle.summary().data["nets"][0]["layers"]]
    bundle = build_net({"type": "MLPNet", "hid_layers": [8, 8], **RELU}, 4, 2)
    bundle.model.model = nn.Sequential(*bundle.model.model[2:], *bundle.model.model[:2])
    assert "model.2" in [layer["name"] for layer in bundle.summary().data["nets"][0]["layers"]]
    names = [layer["parameters"] for layer in bundle.summary().data["nets"][0]["layers"]]
    assert names == [72, 0, 40, 0, 18]


@pytest.mark.parametrize("amp", [None, "bf16"])
@pytest.mark.parametrize(
    "spec", [{"type": "HydraMLPNet", "hid_layers": [[[4]], [4], []]}, {"type": "QMLPNet", "hid_layers": [4]}]
)
def test_the_inputs_of_a_net_in_16_bits_are_those_in_32(spec, amp):
    model = build_net({**RELU, **spec, "amp": amp}, [3, 2], 1).model
    assert all(row.output_shape is not None for row in layer_table(model, [3, 2]))
