"""States go from bundle to bundle by the names of parameters, whole or not at all."""

import copy
import math
import warnings

import pytest
import torch
from torch import nn

import slm_net
from slm_net.training import OPTIMIZERS

MLP = {"type": "MLPNet", "hid_layers": [8, 8], "hid_layers_activation": "relu"}
SCHEDULES = [
    None,
    {"name": "StepLR", "step_size": 2},
    {"name": "ReduceLROnPlateau", "patience": 1},
    {"name": "CosineAnnealingWarmRestarts", "T_0": 3},
    {"name": "OneCycleLR", "max_lr": 0.02, "total_steps": 20},
    {"name": "LinearToZero", "frame": 100, "step_on": "frame"},
]
#: What takes a state: a plain net, a compiled one, one in float64 that is not.
ADAM = {"name": "Adam", "lr": 0.01}


def build(seed=0, wrap=None, **keys):
    return slm_net.build_net({**MLP, "optim_spec": ADAM, **keys}, 4, 2, seed=seed, wrap=wrap)


def train(bundle, *seeds):
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed)
        x, y = torch.randn(8, 4, generator=generator), torch.randn(8, 2, generator=generator)
        bundle.train_step(bundle.loss_fn(bundle.model(x), y), frame=seed)


def flat(state, path=()):
    """Every value of a nested state by its path, tensors as lists."""
    if isinstance(state, dict):
        return {k: v for key, value in state.items() for k, v in flat(value, (*path, key)).items()}
    if isinstance(state, (list, tuple)):
        return {k: v for index, value in enumerate(state) for k, v in flat(value, (*path, index)).items()}
    return {path: state.tolist() if isinstance(state, torch.Tensor) else state}


def compile_in_place(model):
    model.compile(backend="eager")


WRAPPERS = {
    "plain": None,
    "in place": compile_in_place,
    "compiled": lambda model: torch.compile(model, backend="eager"),
}


@pytest.mark.parametrize("steps", [0, 3])
@pytest.mark.parametrize("schedule", SCHEDULES, ids=str)
@pytest.mark.parametrize("name", OPTIMIZERS.names())
def test_every_optimizer_and_schedule_goes_on_as_it_was(name, schedule, steps, tmp_path):
    keys = {"optim_spec": {"name": name, "lr": 0.01}, "lr_scheduler_spec": schedule}
    first, second = build(0, **keys), build(1, **keys)
    train(first, *range(1, steps + 1))
    before = flat(first.state_dict())
    assert flat(first.state_dict()) == before  # asking changes nothing
    torch.save(first.state_dict(), tmp_path / "state.pt")
    second.load_state_dict(torch.load(tmp_path / "state.pt", weights_only=True))
    for bundle in (first, second):
        train(bundle, 5, 6, 7)
    assert flat(first.state_dict()) == flat(second.state_dict())


@pytest.mark.parametrize("source", WRAPPERS)
@pytest.mark.parametrize("target", WRAPPERS)
def test_wrappers_change_no_name(source, target):
    first, second = build(0, WRAPPERS[source]), build(1, WRAPPERS[target])
    train(first, 1, 2)
    second.load_state_dict(first.state_dict())
    for bundle in (first, second):
        train(bundle, 3)
    assert flat(first.state_dict()) == flat(second.state_dict())
    assert "model.0.weight" in second.state_dict()["optimizer"]["state"]


def test_what_is_loaded_is_not_shared():
    first, second = build(0), build(1)
    train(first, 1)
    second.load_state_dict(first.state_dict())
    before = flat(first.state_dict())
    train(second, 2)
    assert flat(first.state_dict()) == before


@pytest.mark.parametrize("other", OPTIMIZERS.names())
def test_a_state_of_another_optimizer_is_refused_and_changes_nothing(other):
    if other == "Adam":
        pytest.skip("is the optimizer itself")
    first, second = build(0, optim_spec={"name": other, "lr": 0.01}), build(1)
    train(first, 1)
    train(second, 1)
    before = flat(second.state_dict())
    with pytest.raises(ValueError, match=rf"state is that of {other}, and the optimizer here is Adam"):
        second.load_state_dict(first.state_dict())
    assert flat(second.state_dict()) == before


def broken(state, how):
    state = copy.deepcopy(state)
    how(state)
    return state


def with_nan(state):
    state["model"]["model.0.weight"][0, 0] = math.nan


def with_nan_moment(state):
    state["optimizer"]["state"]["model.0.weight"]["exp_avg"][0, 0] = math.inf


def with_wide_moment(state):
    state["optimizer"]["state"]["model.0.weight"]["exp_avg"] = torch.zeros(3, 3)


def without_moment(state):
    del state["optimizer"]["state"]["model.0.weight"]["exp_avg_sq"]


def with_other_shape(state):
    state["model"]["model.0.weight"] = torch.zeros(8, 5)


def with_other_dtype(state):
    state["model"]["model.0.weight"] = state["model"]["model.0.weight"].double()


def without_weight(state):
    del state["model"]["model.0.weight"]


def with_more_weights(state):
    state["model"]["more"] = torch.zeros(1)


def with_sparse(state):
    state["model"]["model.0.weight"] = state["model"]["model.0.weight"].to_sparse()


def with_text(state):
    state["model"]["model.0.weight"] = "0.5"


def with_foreign_parameter(state):
    state["optimizer"]["state"]["elsewhere"] = state["optimizer"]["state"].pop("model.0.weight")


def with_fewer_parameters(state):
    state["optimizer"]["param_groups"][0]["params"].pop()


def with_more_groups(state):
    state["optimizer"]["param_groups"] *= 2


def without_groups(state):
    del state["optimizer"]["param_groups"]


def without_betas(state):
    del state["optimizer"]["param_groups"][0]["betas"]


def with_other_schedule(state):
    state["lr_scheduler"]["name"] = "ExponentialLR"


def with_half_a_schedule(state):
    del state["lr_scheduler"]["last_epoch"]


def with_text_in_the_schedule(state):
    state["lr_scheduler"]["last_epoch"] = "3"


def with_odd_count(state):
    state["skipped_steps"] = -1


def with_no_schedule(state):
    state["lr_scheduler"] = {}


def with_another_key(state):
    state["more"] = 1


def without_optimizer(state):
    state["optimizer"] = None


def as_list(state):
    state["optimizer"] = [1, 2]


BREAKS = [
    *(with_nan, with_nan_moment, with_wide_moment, without_moment, with_other_shape, with_other_dtype, without_weight),
    *(with_more_weights, with_sparse, with_text, with_foreign_parameter, with_fewer_parameters, with_more_groups),
    *(without_groups, without_betas, with_other_schedule, with_half_a_schedule, with_text_in_the_schedule),
    *(with_odd_count, with_no_schedule, with_another_key, without_optimizer, as_list),
]


@pytest.mark.parametrize("how", BREAKS, ids=lambda how: how.__name__)
def test_a_broken_state_is_refused_in_words_and_changes_nothing(how):
    schedule = {"name": "StepLR", "step_size": 2}
    first, second = build(0, lr_scheduler_spec=schedule), build(1, lr_scheduler_spec=schedule)
    for bundle in (first, second):
        train(bundle, 1)
    before = flat(second.state_dict())
    with pytest.raises(ValueError, match=r"\w"):
        second.load_state_dict(broken(first.state_dict(), how))
    assert flat(second.state_dict()) == before


@pytest.mark.parametrize("state", [None, [], "state", 3, {"model": {}}])
def test_what_is_no_state_at_all_is_refused(state):
    with pytest.raises(ValueError, match="not a bundle's state"):
        build().load_state_dict(state)


def test_an_agent_loads_all_its_nets_or_none():
    net = {**MLP, "shared": False, "use_same_optim": False}
    spec = {"agent": {"algorithm": {"name": "ActorCritic"}, "net": net}, "env": {"name": "CartPole-v1"}}
    first, second = slm_net.build_nets(spec, seed=0), slm_net.build_nets(spec, seed=1)
    state, before = first.state_dict(), flat(second.state_dict())
    wrong = copy.deepcopy(state)
    wrong["bundles"]["critic_net"]["model"]["model.0.weight"][0, 0] = math.nan
    with pytest.raises(ValueError, match=r"critic_net: model\.0\.weight has numbers .* not finite"):
        second.load_state_dict(wrong)
    for odd in ({}, None, {**state, "steps": "3"}, {"bundles": {"net": 1}, "steps": 0}):
        with pytest.raises(ValueError, match=r"state"):
            second.load_state_dict(odd)
    assert flat(second.state_dict()) == before
    second.load_state_dict(state)
    assert flat(second.state_dict()) == flat(state)


def test_a_mask_that_is_not_finite_in_the_net_itself_is_loaded():
    model = nn.Linear(2, 2)
    model.register_buffer("mask", torch.tensor([0.0, -math.inf]))
    bundle = slm_net.NetBundle(model, torch.optim.Adam(model.parameters()), nn.MSELoss())
    bundle.load_state_dict(bundle.state_dict())
    poisoned = bundle.state_dict()
    poisoned["model"]["mask"] = torch.tensor([-math.inf, -math.inf])
    with pytest.raises(ValueError, match="mask has numbers"):
        bundle.load_state_dict(poisoned)


def test_the_settings_of_the_state_win_and_those_that_give_way_are_told():
    first, second = build(0), build(1, optim_spec={"name": "Adam", "lr": 0.5, "eps": 1e-5})
    with pytest.warns(RuntimeWarning, match=r"settings of the state: .*lr 0\.5 -> 0\.01"):
        second.load_state_dict(first.state_dict())
    assert second.optimizer.param_groups[0]["lr"] == 0.01 and second.optimizer.param_groups[0]["eps"] == 1e-8


def test_a_schedule_under_way_is_no_other_setting():
    schedule = {"name": "StepLR", "step_size": 1}
    first, second = build(0, lr_scheduler_spec=schedule), build(1, lr_scheduler_spec=schedule)
    train(first, 1, 2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        second.load_state_dict(first.state_dict())


def test_how_the_optimizer_computes_stays_as_it_was_built():
    first, second = build(0), build(1, optim_spec={**ADAM, "fused": False})
    train(first, 1)
    second.load_state_dict(first.state_dict())
    assert first.optimizer.param_groups[0]["fused"] and not second.optimizer.param_groups[0]["fused"]
    train(second, 2)


def test_loading_forgets_gradients_that_wait_and_keeps_statistics():
    norm = {"batch_norm": True}
    first, second = build(0, **norm), build(1, **norm)
    train(first, 1)
    second.train_step(second.model(torch.ones(4, 4)).mean(), accumulate=True)
    second.load_state_dict(first.state_dict())
    assert second.accumulated is None
    with pytest.warns(RuntimeWarning, match="not finite"):
        second.train_step(second.model(torch.full((4, 4), math.nan)).mean())
    assert flat(second.state_dict()["model"]) == flat(first.state_dict()["model"])


def test_the_scale_of_an_fp16_net_goes_on():
    first, second = build(0, amp="fp16"), build(1, amp="fp16")
    first.grad_scaler.load_state_dict({**first.grad_scaler.state_dict(), "scale": 8.0, "_growth_tracker": 5})
    second.load_state_dict(first.state_dict())
    assert second.grad_scaler.state_dict() == first.grad_scaler.state_dict()
    second.load_state_dict(build(2).state_dict())  # of a net without a scaler
    assert second.grad_scaler.get_scale() == 8.0
    with pytest.raises(ValueError, match="grad_scaler has the keys"):
        second.load_state_dict({**first.state_dict(), "grad_scaler": {"scale": 8.0}})
