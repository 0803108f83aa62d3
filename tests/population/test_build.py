"""Which populations there are, and what is said of the others."""

import warnings

import pytest
import torch

import slm_net
from slm_net import SpecError

MLP = {"type": "MLPNet", "hid_layers": [16], "hid_layers_activation": "relu"}


def build(overrides=None, seeds=range(2), **keys):
    return slm_net.build_population({**MLP, **keys}, 4, 2, seeds=seeds, overrides=overrides)


@pytest.mark.parametrize(
    ("keys", "pointer", "why"),
    [
        ({"batch_norm": True}, "/batch_norm", "no batch norm"),
        ({"dropout": 0.5}, "/dropout", "no random numbers"),
        ({"amp": "bf16"}, "/amp", "float32"),
        ({"normalize_obs": "running"}, "/normalize_obs", "no normalize_obs"),
        ({"freeze": ["body"]}, "/freeze", "no freeze"),
        ({"lr_scale": {"body": 0.1}}, "/lr_scale", "no lr_scale"),
        ({"init_from": {"folder": "x"}}, "/init_from", "no init_from"),
        ({"optim_spec": {"name": "RMSprop"}}, "/optim_spec", "by Adam, AdamW, SGD, not RMSprop"),
        ({"optim_spec": {"name": "SGD", "momentum": 0.9, "dampening": 0.1}}, "/optim_spec", "no dampening"),
        ({"hid_layers_activation": "rrelu"}, "/hid_layers_activation", "no random numbers, as RReLU"),
        (
            {"hid_layers_activation": {"name": "prelu", "num_parameters": 16}},
            "/hid_layers_activation",
            "cannot have PReLU",
        ),
    ],
)
def test_what_a_population_cannot_have_is_refused_at_its_key(keys, pointer, why):
    with pytest.raises(SpecError) as raised:
        build(**keys)
    (problem,) = raised.value.problems
    assert problem.pointer == pointer and why in problem.message


def test_other_types_are_refused_by_name():
    net = {
        "type": "RecurrentNet",
        "fc_hid_layers": [],
        "hid_layers_activation": "tanh",
        "rnn_hidden_size": 4,
        "seq_len": 2,
    }
    with pytest.raises(SpecError, match="MLPNet, DuelingMLPNet, HydraMLPNet, QMLPNet, not RecurrentNet"):
        slm_net.build_population(net, (2, 4), 2, seeds=range(2))


def test_nothing_is_built_before_all_is_looked_at():
    state = torch.get_rng_state()
    with pytest.raises(SpecError):
        build([{}, {"dropout": 0.5}], seeds=None)
    assert torch.equal(state, torch.get_rng_state())


@pytest.mark.parametrize(
    ("override", "pointer", "why"),
    [
        ({"hid_layers": [8]}, "/hid_layers", "it is [8] in member 1 and [16] in member 0"),
        ({"type": "DuelingMLPNet"}, "/type", "it is 'DuelingMLPNet' in member 1 and 'MLPNet' in member 0"),
        ({"loss_spec.name": "HuberLoss"}, "/loss_spec", "'HuberLoss'"),
        ({"optim_spec.name": "AdamW"}, "/optim_spec", "name is 'AdamW' in member 1 and 'Adam' in member 0"),
        ({"optim_spec.amsgrad": True}, "/optim_spec", "amsgrad is True in member 1"),
    ],
)
def test_members_that_do_not_go_together_are_named_with_the_key(override, pointer, why):
    with pytest.raises(SpecError) as raised:
        build([{}, override], optim_spec={"name": "Adam"}, loss_spec={"name": "MSELoss"})
    (problem,) = raised.value.problems
    assert problem.pointer == pointer and why in problem.message


def test_all_overrides_that_are_wrong_are_told_with_their_place_in_the_list():
    with pytest.raises(SpecError) as raised:
        build([{"optim_spec.lrr": 1}, {"optim_spec.lr": -1}])
    places = [problem.file for problem in raised.value.problems]
    assert places == ["overrides[0]['optim_spec.lrr']", "overrides[1]['optim_spec.lr']"]


def test_what_is_wrong_for_all_is_told_once():
    with pytest.raises(SpecError) as raised:
        build([{"optim_spec.lr": 0.1}, {"optim_spec.lr": 0.2}], hid_layers=16)
    assert len(raised.value.problems) == 1
    with pytest.warns(slm_net.SpecWarning) as warned:
        build([{"optim_spec.lr": 0.1}, {"optim_spec.lr": 0.2}], polyak_coef=0.1)
    assert len(warned) == 1


@pytest.mark.parametrize(
    ("seeds", "overrides", "why"),
    [
        (None, None, "Give seeds=range\\(32\\), or overrides="),
        (None, {"clip_grad_val": 0.5}, "Give seeds="),
        (3, None, "one seed for each member.*not 3"),
        ([1.5], None, "seed must be a whole number"),
        (range(3), [{}], "3 seeds and 1 overrides"),
        ([], None, "at least one member"),
    ],
)
def test_how_many_members_there_are_is_to_be_said(seeds, overrides, why):
    with pytest.raises(ValueError, match=why):
        build(overrides, seeds)


def test_overrides_may_be_for_all_and_seeds_left_out():
    assert [spec["clip_grad_val"] for spec in build({"clip_grad_val": 0.5}).specs] == [0.5, 0.5]
    torch.manual_seed(3)
    population = build([{"clip_grad_val": 0.5}, {}], seeds=None)
    torch.manual_seed(3)
    alone = [slm_net.build_net(MLP, 4, 2) for _ in "12"]
    assert population.seeds == [None, None] and [spec["clip_grad_val"] for spec in population.specs] == [0.5, None]
    for member, net in zip(population, alone, strict=True):
        assert torch.equal(member.model.model[0].weight, net.model.model[0].weight)


def test_whole_specs_environments_and_warnings_are_those_of_build_net():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        spec = {
            "agent": {"algorithm": {"name": "DQN"}, "memory": {"name": "Replay"}, "net": MLP},
            "env": {"name": "CartPole-v1"},
        }
        rates = [{"agent.net.optim_spec.lr": rate} for rate in (0.1, 0.2)]
        population = slm_net.build_population(spec, env="Acrobot-v1", overrides=rates, device="cpu")
    assert (population.in_dim, population.out_dim, population.device.type) == (6, 3, "cpu")
