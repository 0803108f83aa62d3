"""Frozen parts stay as they are, and scaled ones have their rate, whatever the schedule."""

import copy

import pytest
import torch
from torch import nn

import slm_net
from slm_net.net_types import net_type
from slm_net.net_types.parts import TAILS, in_part
from slm_net.nets import NETS
from slm_net.training import OPTIMIZERS
from slm_net.training.parts import freeze, trained_parameters

MLP = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu", "batch_norm": True}
X = torch.rand(16, 4)


def build(**keys):
    return slm_net.build_net({**MLP, **keys}, 4, 2, seed=0)


def trained(bundle, steps=3):
    for step in range(steps):
        bundle.train_step(bundle.loss_fn(bundle.model(X), torch.ones(16, 2)), frame=step)
    return {name: value.clone() for name, value in bundle.model.state_dict().items()}


@pytest.mark.parametrize("parts", [["body"], ["model"], ["tails"]])
def test_what_is_frozen_stays_statistics_too_and_the_rest_learns(parts):
    bundle = build(freeze=parts)
    before = {name: value.clone() for name, value in bundle.model.state_dict().items()}
    bundle.model.eval().train()
    after = trained(bundle)
    for name, value in before.items():
        assert torch.equal(value, after[name]) == in_part(name, parts), name
    assert bundle.model.training


def test_a_copy_of_a_frozen_net_is_frozen_by_itself():
    model = build(freeze=["body"]).model
    twin = copy.deepcopy(model).train()
    assert not twin.model.training
    model.eval()
    assert twin.training


def test_the_frozen_part_is_in_no_optimizer_and_in_no_norm():
    bundle = build(freeze=["body"], clip_grad_val=1e-9)
    assert [tuple(p.shape) for p in bundle.optimizer.param_groups[0]["params"]] == [(2, 8), (2,)]
    trained(bundle)
    assert bundle.model.model[0].weight.grad is None


@pytest.mark.parametrize("schedule", [
    {"name": "StepLR", "step_size": 1, "gamma": 0.5},
    {"name": "LinearToZero", "frame": 10},
    {"name": "OneCycleLR", "max_lr": 0.1, "total_steps": 9},
    {"name": "CyclicLR", "base_lr": 0.01, "max_lr": 0.1},
    {"name": "CosineAnnealingLR", "T_max": 10},
    {"name": "ReduceLROnPlateau", "patience": 0},
    None,
])  # fmt: skip
@pytest.mark.parametrize("name", ["Adam", "SGD", "Lookahead", "GlobalRMSprop"])
def test_a_scaled_part_has_its_rate_at_every_step(name, schedule):
    bundle = build(optim_spec={"name": name, "lr": 0.01}, lr_scheduler_spec=schedule, lr_scale={"body": 0.1})
    for _ in range(6):
        rest, body = sorted(group["lr"] for group in bundle.optimizer.param_groups)[::-1]
        assert body == pytest.approx(rest * 0.1)
        trained(bundle, 1)


def test_a_scale_of_one_changes_nothing():
    for one, other in zip(trained(build(lr_scale={"tails": 1})).values(), trained(build()).values(), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("name", OPTIMIZERS.names())
def test_a_scaled_net_goes_on_from_its_state(name):
    keys = {"optim_spec": {"name": name, "lr": 0.01}, "lr_scale": {"body": 0.1, "model": 0.3}, "freeze": []}
    first, second = build(**keys), build(**keys)
    trained(first)
    second.load_state_dict(first.state_dict())
    for one, other in zip(trained(first).values(), trained(second).values(), strict=True):
        assert torch.equal(one, other)
    assert {group["lr_scale"] for group in second.optimizer.param_groups} == {1.0, 0.3}


def test_the_nearest_part_has_the_say():
    model = build().model
    groups = trained_parameters(model, {"body": 0.1, "model": 0.5, "tails": 2})
    assert {group["lr_scale"]: len(group["params"]) for group in groups} == {0.5: 4, 2.0: 2}


def test_nothing_left_to_train_is_an_error():
    model = build().model
    freeze(model, ["body", "tails"])
    with pytest.raises(ValueError, match="nothing is left to train"):
        trained_parameters(model, {})
    assert trained_parameters(nn.Identity(), {}) == []


SMALL = {
    "MLPNet": (4, 2), "RecurrentNet": ((3, 4), 2), "ConvNet": ((1, 8, 8), 2), "DuelingMLPNet": (4, 2),
    "DuelingConvNet": ((1, 8, 8), 2), "DuelingRecurrentNet": ((3, 4), 2), "HydraMLPNet": ([4, 3], [2, 3]),
    "QMLPNet": ([4, 2], 1), "QConvNet": ([(1, 8, 8), 2], 1), "FiLMQConvNet": ([(1, 8, 8), 2], 1),
}  # fmt: skip
LAYERS = {
    "hid_layers": [5], "fc_hid_layers": [5], "conv_hid_layers": [[2, 3]], "rnn_hidden_size": 5, "seq_len": 3,
}  # fmt: skip


@pytest.mark.parametrize("kind", SMALL)
def test_the_parts_of_a_type_are_its_modules(kind):
    from slm_net.schema.catalogue import net_properties

    block = {"type": kind, **{key: value for key, value in LAYERS.items() if key in net_properties(kind)}}
    block |= {"hid_layers_activation": "relu", **({"hid_layers": [[[5]], [5], []]} if kind == "HydraMLPNet" else {})}
    model = slm_net.build_net(block, *SMALL[kind]).model
    children = {name for name, child in model.named_children() if any(True for _ in child.parameters())}
    assert children - TAILS == {*net_type(kind).body}
    assert children & TAILS


def test_every_type_is_looked_at():
    assert {*SMALL, "TorchArcNet"} == {*NETS.names()}, "put a new type into SMALL"


def test_a_compiled_step_leaves_frozen_parts_alone():
    bundle = build(freeze=["body"], lr_scale={"tails": 0.5})
    step = bundle.compile_step(backend="eager")
    before = {name: value.clone() for name, value in bundle.model.state_dict().items()}
    step(X, torch.ones(16, 2))
    assert step.eager is None or not step.eager
    eager = build(freeze=["body"], lr_scale={"tails": 0.5})
    expected = trained(eager, 1)
    for name, value in bundle.model.state_dict().items():
        assert torch.allclose(value, expected[name], atol=1e-6)
        assert torch.equal(value, before[name]) == in_part(name, ["body"])


@pytest.mark.parametrize(
    "keys", [{"freeze": ["modle"]}, {"lr_scale": {"modle": 0.1}}, {"init_from": {"folder": "run", "parts": ["modle"]}}]
)
def test_a_part_that_a_registered_type_has_not_is_an_error(keys, tmp_path):
    @slm_net.register_net("PartsNet", schema={"properties": {}})
    class PartsNet(nn.Module):
        def __init__(self, spec, in_dim, out_dim):
            super().__init__()
            self.model = nn.Linear(in_dim, out_dim)

    block = {"type": "PartsNet", "hid_layers_activation": None}
    try:
        slm_net.build_net(block, 4, 2).save(tmp_path / "run")
        with pytest.raises(slm_net.SpecError, match="PartsNet has no part 'modle': did you mean 'model'") as caught:
            slm_net.build_net({**block, **keys}, 4, 2, root=tmp_path)
        assert caught.value.problems[0].pointer == f"/{next(iter(keys))}"
    finally:
        slm_net.unregister("net", "PartsNet")
