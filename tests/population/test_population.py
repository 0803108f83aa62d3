"""A member of a population is trained as the same net alone."""

import math
import warnings

import pytest
import torch

import slm_net

MLP = {"type": "MLPNet", "hid_layers": [16, 16], "hid_layers_activation": "tanh"}
SGD = {"name": "SGD", "lr": 0.01}
HALVED = {"name": "StepLR", "step_size": 10, "gamma": 0.5}
ON_FRAMES = {"name": "LinearToZero", "frame": 500, "step_on": "frame"}


def batch(count, step=0, in_dim=4, out_dim=2, rows=8):
    generator = torch.Generator().manual_seed(step)
    return (torch.randn(count, rows, width, generator=generator) for width in (in_dim, out_dim))


def both(count=3, overrides=None, **keys):
    """A population, and its members built alone."""
    spec, changes = {**MLP, **keys}, overrides or [{}] * count
    population = slm_net.build_population(spec, 4, 2, seeds=range(len(changes)), overrides=changes)
    alone = [slm_net.build_net(spec, 4, 2, seed=seed, overrides=change) for seed, change in enumerate(changes)]
    return population, alone


def train(population, alone, steps=100, bad=(), frames=0, step=None):
    """Train on the same data; `bad` has steps and members whose observations are not finite."""
    for number in range(steps):
        x, y = batch(len(alone), number)
        for _, member in (each for each in bad if each[0] == number):
            x[member, 0] = math.nan
        frame = number * frames if frames else None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore" if any(each[0] == number for each in bad) else "error", RuntimeWarning)
            if step is None:
                losses = population.train_step(population.loss_fn(population.model(x), y), frame)
            else:
                losses = step(x, y, frame=frame)
            for loss, net, inputs, labels in zip(losses, alone, x, y, strict=True):
                other = net.train_step(net.loss_fn(net.model(inputs), labels), frame)
                assert torch.allclose(loss, other, atol=1e-5, equal_nan=True)
    assert not losses.requires_grad


def assert_alike(one, other, atol=1e-5):
    """The states of two bundles are the same up to rounding."""
    one, other = one.state_dict(), other.state_dict()
    for name, tensor in one["model"].items():
        assert torch.allclose(tensor, other["model"][name], atol=atol), name
    assert one["optimizer"]["state"].keys() == other["optimizer"]["state"].keys()
    for name, kept in one["optimizer"]["state"].items():
        for key, value in kept.items():
            assert torch.allclose(value, other["optimizer"]["state"][name][key], atol=atol), (name, key)
    assert one["optimizer"]["param_groups"] == other["optimizer"]["param_groups"]
    assert one["lr_scheduler"] == other["lr_scheduler"]
    assert one["skipped_steps"] == other["skipped_steps"]


def equal(one, other):
    return all(torch.equal(*pair) for pair in zip(one.parameters(), other.parameters(), strict=True))


@pytest.mark.parametrize("keys", [{}, {"init_fn": "orthogonal_"}, {"weight_norm": True, "layer_norm": True}])
def test_each_begins_as_the_net_that_its_seed_builds(keys):
    population, alone = both(4, **keys)
    assert len(population) == 4 and population.seeds == [0, 1, 2, 3]
    assert all(equal(member.model, net.model) for member, net in zip(population, alone, strict=True))
    x = torch.randn(5, 4)
    for output, net in zip(population.model(x), alone, strict=True):
        assert torch.allclose(output, net.model(x), atol=1e-6)


RATES = [{"optim_spec.lr": 0.02}, {"optim_spec.lr": 0.001}, {"optim_spec.lr": 0.005}]
VARIANTS = {
    "Adam": ({}, RATES),
    "AMSGrad": ({"optim_spec": {"name": "Adam", "amsgrad": True, "weight_decay": 0.1}}, None),
    "betas": ({}, [{"optim_spec.betas": [0.5, 0.9], "optim_spec.eps": 1e-4}, {}, {"optim_spec.weight_decay": 0.1}]),
    "AdamW": ({"optim_spec": {"name": "AdamW"}}, [*RATES[:2], {"optim_spec.weight_decay": 0.5}]),
    "SGD": ({"optim_spec": SGD}, RATES),
    "momentum": (
        {"optim_spec": SGD},
        [{"optim_spec.momentum": 0.9}, {}, {"optim_spec.momentum": 0.5, "optim_spec.weight_decay": 0.1}],
    ),
    "nesterov": ({"optim_spec": {**SGD, "momentum": 0.9, "nesterov": True, "maximize": True}}, None),
    "clip": ({}, [{"clip_grad_val": 0.01}, {}, {"clip_grad_val": 0.01, "clip_grad_type": "value"}]),
    "schedule": (
        {},
        [{"lr_scheduler_spec": HALVED}, {}, {"lr_scheduler_spec": {"name": "ExponentialLR", "gamma": 0.9}}],
    ),
    "momentum that cycles": (
        {"optim_spec": SGD},
        [
            {"lr_scheduler_spec": {"name": "OneCycleLR", "max_lr": 0.1, "total_steps": 80}, "optim_spec.momentum": 0.9},
            {},
        ],
    ),
}


SLOW = pytest.mark.slow
QUICK = ("Adam", "AdamW", "momentum")


@pytest.mark.parametrize("name", [each if each in QUICK else pytest.param(each, marks=SLOW) for each in VARIANTS])
def test_each_is_trained_as_alone(name):
    keys, overrides = VARIANTS[name]
    population, alone = both(overrides=overrides, **keys)
    train(population, alone)
    for member, net in zip(population, alone, strict=True):
        assert_alike(member, net)


OTHERS = [
    ({**MLP, "hid_layers_activation": "prelu"}, 4, [2, 1]),
    ({**MLP, "log_std_init": -0.5}, 4, [2, 2, 1]),
    ({**MLP, "layer_norm": True, "weight_norm": True}, 4, 2),
    ({**MLP, "type": "DuelingMLPNet"}, 4, 3),
    ({**MLP, "type": "QMLPNet"}, (4, 2), 1),
    ({**MLP, "type": "HydraMLPNet", "hid_layers": [[[8]], [8], [[8]]]}, (4, 3), [2, 3]),
]


@pytest.mark.parametrize(("spec", "in_dim", "out_dim"), OTHERS)
def test_so_are_the_other_types(spec, in_dim, out_dim):
    population = slm_net.build_population(spec, in_dim, out_dim, seeds=range(3))
    alone = [slm_net.build_net(spec, in_dim, out_dim, seed=seed) for seed in range(3)]

    def outputs(model, xs):
        found = model(*xs) if spec["type"] == "QMLPNet" else model(xs) if len(xs) > 1 else model(xs[0])
        return found if isinstance(found, list) else [found]

    for step in range(30):
        xs = list(batch(3, step, *in_dim) if isinstance(in_dim, tuple) else [next(batch(3, step))])
        losses = sum(output.square().mean((1, 2)) for output in outputs(population.model, xs))
        population.train_step(losses)
        for number, net in enumerate(alone):
            loss = sum(output.square().mean() for output in outputs(net.model, [x[number] for x in xs]))
            net.train_step(loss)
    for member, net in zip(population, alone, strict=True):
        assert_alike(member, net)


def test_schedules_follow_frames_and_losses():
    schedules = [
        {"lr_scheduler_spec": ON_FRAMES},
        {},
        {"lr_scheduler_spec": {"name": "ReduceLROnPlateau", "patience": 0}},
    ]
    population, alone = both(overrides=schedules)
    train(population, alone, steps=20, frames=10)
    rates = [member.optimizer.param_groups[0]["lr"] for member in population.members]
    assert rates == [net.optimizer.param_groups[0]["lr"] for net in alone]
    assert rates[0] < 0.001 and rates[1] == 0.001 and rates[2] < 0.001
    x, y = batch(3)
    with pytest.raises(ValueError, match="call train_step\\(loss, frame="):
        population.train_step(population.loss_fn(population.model(x), y))


# --- skips


def test_a_member_that_is_not_finite_is_left_out_and_the_others_go_on():
    population, alone = both(optim_spec={"name": "Adam", "lr": 0.01}, lr_scheduler_spec=HALVED, clip_grad_val=0.1)
    train(population, alone, steps=40, bad=[(0, 1), (9, 2), (10, 2), (39, 0)])
    assert population.skipped_steps == [1, 1, 2]
    for member, net in zip(population, alone, strict=True):
        assert_alike(member, net)


def test_who_was_left_out_is_said_and_the_last_in_a_row_is_an_error():
    population, _ = both()
    population.max_skipped = 2
    x, _ = batch(3)
    with pytest.warns(RuntimeWarning, match="^member 1: update not finite.*skipped 1 time"):
        population.train_step(population.model(x).mean((1, 2)) * torch.tensor([1.0, math.inf, 1.0]))
    assert population.grad_norm.isfinite().tolist() == [True, False, True]
    before = [member.model.state_dict() for member in population]
    with pytest.raises(FloatingPointError, match=r"^member 1: 2 updates in a row"):
        population.train_step(population.model(x).mean((1, 2)) * torch.tensor([1.0, math.nan, 1.0]))
    moved = [
        not torch.equal(old["model.0.weight"], new.model.state_dict()["model.0.weight"])
        for old, new in zip(before, population, strict=True)
    ]
    assert moved == [True, False, True]


def test_what_an_accelerator_decides_is_heard_of_later(monkeypatch):
    """The same on a CPU, whose numbers are taken for those of a device that nobody waits for."""
    monkeypatch.setattr("slm_net.population.step.decides_itself", lambda tensor: True)
    monkeypatch.setattr("slm_net.population.population.at_hand", lambda tensor: False)
    population, alone = both(lr_scheduler_spec=HALVED)
    for number in range(25):
        x, y = batch(3, number)
        x[number % 3, 0] = math.nan if number in (4, 5) else 1.0
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            population.train_step(population.loss_fn(population.model(x), y))
            for net, inputs, labels in zip(alone, x, y, strict=True):
                net.train_step(net.loss_fn(net.model(inputs), labels))
        if number in (4, 5):
            assert population.members[number % 3].skips.count == 0
            with pytest.warns(RuntimeWarning, match=f"member {number % 3}: update not finite"):
                assert population.skipped_steps[number % 3] == 1
    for member, net in zip(population, alone, strict=True):
        assert_alike(member, net)


def test_other_gradients_stay_as_they_are():
    population, _ = both()
    x, _ = batch(3)
    scale = torch.nn.Parameter(torch.ones(()))
    population.train_step((population.model(x) * scale).mean((1, 2)))
    assert scale.grad is None and all(parameter.grad is None for parameter in population.model.parameters())


@pytest.mark.parametrize(
    ("losses", "why"),
    [
        (lambda outputs: outputs.mean(), "the loss of each member, a tensor of shape \\(3,\\), not of shape \\(\\)"),
        (lambda outputs: 1.0, "not of type float"),
        (lambda outputs: outputs.mean((1, 2)).detach(), "have no graph"),
        (lambda outputs: torch.ones(3, requires_grad=True), "reach no parameter"),
    ],
)
def test_what_trains_nothing_is_an_error(losses, why):
    population, _ = both()
    with pytest.raises(ValueError, match=why):
        population.train_step(losses(population.model(torch.ones(8, 4))))


# --- members and states


@pytest.mark.parametrize("optimizer", ["Adam", "SGD"])
def test_a_member_is_a_copy_that_trains_on_alone(optimizer):
    keys = {"optim_spec": {"name": optimizer, "lr": 0.01}, "lr_scheduler_spec": HALVED}
    population, alone = both(**keys)
    train(population, alone, steps=15)
    copy = population[-1]
    before = population.state_dict()
    for step in range(15):
        x, y = batch(1, step)
        for net in (copy, alone[-1]):
            net.train_step(net.loss_fn(net.model(x[0]), y[0]))
    assert_alike(copy, alone[-1])
    assert same(before, population.state_dict())
    with pytest.raises(IndexError):
        population[3]


def same(one, other):
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return torch.equal(one, other) if isinstance(one, torch.Tensor) else one == other


def test_a_state_is_saved_and_goes_on(tmp_path):
    overrides = [{"optim_spec": {**SGD, "momentum": 0.9}}, {"optim_spec": SGD, "lr_scheduler_spec": HALVED}]
    population, alone = both(overrides=overrides)
    train(population, alone, steps=15, bad=[(3, 1)])
    torch.save(population.state_dict(), tmp_path / "state.pt")
    fresh = slm_net.build_population(MLP, 4, 2, seeds=[7, 8], overrides=overrides)
    fresh.load_state_dict(torch.load(tmp_path / "state.pt", weights_only=True))
    assert fresh.skipped_steps == [0, 1]
    assert same(fresh.state_dict(), population.state_dict())
    train(fresh, alone, steps=15)
    for member, net in zip(fresh, alone, strict=True):
        assert_alike(member, net)


def test_a_state_is_loaded_whole_or_not_at_all():
    population, _ = both()
    before, state = population.state_dict(), both()[0].state_dict()
    state["members"]["0"]["model"]["model.0.bias"] += 1
    del state["members"]["2"]["model"]["model.0.bias"]
    with pytest.raises(ValueError, match=r"member 2: the state has no model\.0\.bias"):
        population.load_state_dict(state)
    for other in ({}, {"members": {"0": {}}}, None, both(2)[0].state_dict()):
        with pytest.raises(ValueError, match="not the state of a population of 3"):
            population.load_state_dict(other)
    train(*both(), steps=1)
    state = population.state_dict()
    state["members"]["1"]["optimizer"]["state"]["model.0.bias"]["step"] += 1
    with pytest.raises(ValueError, match="member 1: its parameters have made different numbers of steps"):
        population.load_state_dict(state)
    assert same(before, population.state_dict())


def test_bundles_and_populations_load_each_others_states():
    population, alone = both()
    train(population, alone, steps=5)
    fresh, _ = both()
    fresh.load_state_dict({"members": {str(number): net.state_dict() for number, net in enumerate(alone)}})
    for member, net in zip(fresh, alone, strict=True):
        assert_alike(member, net, atol=0)


def test_specs_rebuild_a_population():
    population, _ = both(overrides=RATES)
    keys = [{key: spec[key] for key in ("optim_spec", "lr_scheduler_spec")} for spec in population.specs]
    again = slm_net.build_population(
        population.specs[0], population.in_dim, population.out_dim, seeds=population.seeds, overrides=keys
    )
    assert again.specs == population.specs and same(again.state_dict(), population.state_dict())


def test_a_rate_that_is_set_counts_at_once():
    population, alone = both()
    for net in (population.members[1], alone[1]):
        net.optimizer.param_groups[0]["lr"] = 0.05
    train(population, alone, steps=5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert population[1].optimizer.param_groups[0]["lr"] == 0.05
    assert_alike(population[1], alone[1])


# --- targets


@pytest.mark.parametrize("keys", [{}, {"update_type": "polyak", "polyak_coef": 0.1}])
def test_a_target_follows(keys):
    population, alone = both(**keys, weight_norm=True)
    target = population.target()
    assert not any(parameter.requires_grad for parameter in target.parameters()) and not target.training
    targets = [slm_net.build_net({**MLP, **keys, "weight_norm": True}, 4, 2, seed=seed).model for seed in range(3)]
    train(population, alone, steps=3)
    x = torch.randn(8, 4)
    assert not torch.allclose(target(x), population.model(x))
    population.target_update.bind(population.model, target)()
    for output, net, own in zip(target(x), alone, targets, strict=True):
        net.target_update.update(net.model, own)
        assert torch.allclose(output, own(x), atol=1e-6)
