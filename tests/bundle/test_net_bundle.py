import copy
import math
import warnings

import pytest
import torch
from torch import nn

from slm_net.bundle import NetBundle
from slm_net.training import GradClip, TargetUpdate, build_loss, build_lr_scheduler, build_optimizer


def make_bundle(clip=None, schedule=None, optim=None, **parts):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 2))
    optimizer = build_optimizer(model, optim or {"name": "Adam", "lr": 0.01})
    lr_scheduler = build_lr_scheduler(optimizer, schedule)
    loss_fn = build_loss({"name": "MSELoss"})
    return NetBundle(model, optimizer, loss_fn, clip or GradClip(), lr_scheduler, in_dim=4, out_dim=2, **parts)


def make_loss(bundle, seed=0):
    torch.manual_seed(seed)
    return bundle.loss_fn(bundle.model(torch.randn(16, 4)), torch.randn(16, 2))


def vector(bundle):
    return nn.utils.parameters_to_vector(bundle.model.parameters()).detach().clone()


def test_it_unpacks_into_four():
    bundle = make_bundle()
    model, optimizer, loss_fn, grad_clip = bundle
    assert (model, optimizer, loss_fn, grad_clip) == (
        bundle.model,
        bundle.optimizer,
        bundle.loss_fn,
        bundle.grad_clip,
    )


@pytest.mark.parametrize("name", ["grad_norm", "accumulated", "skips"])
def test_what_training_leaves_there_is_no_argument(name):
    with pytest.raises(TypeError, match=name):
        make_bundle(**{name: None})


@pytest.mark.parametrize("name", ["Adam", "SGD", "RMSprop", "Lookahead"])
@pytest.mark.parametrize("clip", [GradClip(), GradClip(0.05), GradClip(0.01, "value")])
def test_train_step_is_the_loop_written_by_hand(clip, name):
    schedule = {"name": "StepLR", "step_size": 2}
    ours, hand = (make_bundle(clip, schedule, {"name": name, "lr": 0.01}) for _ in range(2))
    scheduler = torch.optim.lr_scheduler.StepLR(hand.optimizer, 2)
    for step in range(6):
        loss = make_loss(ours, step)
        assert torch.equal(ours.train_step(loss), loss)
        hand.optimizer.zero_grad()
        make_loss(hand, step).backward()
        norm = nn.utils.get_total_norm([parameter.grad for parameter in hand.model.parameters()])
        if clip.kind == "value":
            nn.utils.clip_grad_value_(hand.model.parameters(), clip.max_value)
        elif clip.max_value is not None:
            nn.utils.clip_grad_norm_(hand.model.parameters(), clip.max_value)
        hand.optimizer.step()
        scheduler.step()
        assert torch.equal(ours.grad_norm, norm)
        assert torch.equal(vector(ours), vector(hand))
    assert ours.optimizer.param_groups[0]["lr"] == hand.optimizer.param_groups[0]["lr"] == pytest.approx(1e-5)


def test_old_gradients_do_not_add_up():
    once, twice = make_bundle(), make_bundle()
    make_loss(twice).backward()
    once.train_step(make_loss(once))
    twice.train_step(make_loss(twice))
    assert torch.equal(vector(once), vector(twice))


def test_frozen_parameters_stay():
    bundle = make_bundle(GradClip(1.0))
    bundle.model[0].requires_grad_(False)
    before = bundle.model[0].weight.clone()
    bundle.train_step(make_loss(bundle))
    assert torch.equal(bundle.model[0].weight, before)


def not_finite(bundle, how):
    loss = make_loss(bundle)
    if how == "gradient":  # a finite loss whose gradient is not: sqrt at 0
        return loss * 0 + (loss * 0).sqrt()
    return loss * how


@pytest.mark.parametrize("clip", [GradClip(), GradClip(0.5), GradClip(0.5, "value")])
@pytest.mark.parametrize("how", [math.nan, math.inf, "gradient"])
def test_an_update_that_is_not_finite_is_left_out_and_counted(clip, how):
    bundle = make_bundle(clip, {"name": "ExponentialLR", "gamma": 0.5})
    bundle.train_step(make_loss(bundle))
    before, state = vector(bundle), copy.deepcopy(bundle.state_dict())
    with pytest.warns(RuntimeWarning, match=r"not finite .*skipped 1 time: weights unchanged"):
        bundle.train_step(not_finite(bundle, how))
    assert torch.equal(vector(bundle), before)
    assert bundle.state_dict()["lr_scheduler"] == state["lr_scheduler"]
    assert bundle.optimizer.state_dict()["state"][0]["step"] == 1
    assert (bundle.skipped_steps, "skipped steps" in repr(bundle)) == (1, True)
    bundle.train_step(make_loss(bundle))
    assert bundle.skipped_steps == 1
    assert torch.isfinite(vector(bundle)).all()


def test_the_warning_grows_rare():
    bundle = make_bundle()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(25):
            bundle.train_step(not_finite(bundle, math.nan))
    assert bundle.skipped_steps == 25
    assert [str(each.message).split("skipped ")[1] for each in caught] == [
        "1 time: weights unchanged",
        "10 times: weights unchanged",
    ]


def test_frames_move_the_schedule_and_are_asked_for_before_anything_changes():
    bundle = make_bundle(schedule={"name": "LinearToZero", "frame": 1000, "step_on": "frame"})
    before = vector(bundle)
    with pytest.raises(ValueError, match=r"train_step\(loss, frame=\.\.\.\)"):
        bundle.train_step(make_loss(bundle))
    assert torch.equal(vector(bundle), before)
    for frame, rate in ((250, 0.0075), (250, 0.0075), (900, 0.001), (5000, 0)):
        bundle.train_step(make_loss(bundle), frame=frame)
        assert bundle.optimizer.param_groups[0]["lr"] == pytest.approx(rate)


def test_a_frame_is_no_trouble_to_other_schedules():
    bundle = make_bundle()
    bundle.train_step(make_loss(bundle), frame=7)


def test_plateau_gets_the_loss():
    bundle = make_bundle(schedule={"name": "ReduceLROnPlateau", "patience": 0, "factor": 0.5})
    for _ in range(2):
        bundle.train_step(make_loss(bundle) * 0 + 1)
    assert bundle.optimizer.param_groups[0]["lr"] == 0.005


def test_losses_that_cannot_be_trained_on():
    bundle = make_bundle()
    output = bundle.model(torch.ones(3, 4))
    with torch.no_grad():
        without_graph = make_loss(bundle)
    for loss, message in (
        (output, r"scalar loss, not shape \(3, 2\)"),
        (without_graph, "no graph"),
        (make_loss(bundle).detach(), "no graph"),
        (1.5, "not float"),
    ):
        with pytest.raises(ValueError, match=message):
            bundle.train_step(loss)
    bundle.train_step(make_loss(bundle).reshape(1))


def test_a_net_without_optimizer():
    source = make_bundle()
    target = NetBundle(copy.deepcopy(source.model), None, source.loss_fn)
    with pytest.raises(ValueError, match="no optimizer"):
        target.train_step(make_loss(target))
    source.train_step(make_loss(source))
    source.target_update.update(source.model, target.model)
    assert torch.equal(vector(source), vector(target))
    target.load_state_dict(target.state_dict())
    with pytest.raises(ValueError, match="has an optimizer"):
        target.load_state_dict(source.state_dict())
    assert "optimizer      none" in repr(target)


@pytest.mark.parametrize("optim", ["Adam", "SGD", "RMSprop", "Lookahead", "GlobalAdam"])
@pytest.mark.parametrize(
    "schedule",
    [
        None,
        {"name": "MultiStepLR", "milestones": [2, 5]},
        {"name": "LinearToZero", "frame": 100, "step_on": "frame"},
        {"name": "CyclicLR", "base_lr": 0.001, "max_lr": 0.01, "step_size_up": 3},
        {"name": "ReduceLROnPlateau", "patience": 1},
    ],
    ids=str,
)
def test_a_saved_bundle_goes_on_as_if_nothing_happened(optim, schedule, tmp_path):
    make = lambda: make_bundle(GradClip(0.5), schedule, {"name": optim, "lr": 0.01})  # noqa: E731
    first, second = make(), make()
    for step in range(1, 4):
        first.train_step(make_loss(first, step), frame=10 * step)
    with pytest.warns(RuntimeWarning, match="not finite"):
        first.train_step(not_finite(first, math.nan), frame=30)
    torch.save(first.state_dict(), tmp_path / "bundle.pt")
    second.load_state_dict(torch.load(tmp_path / "bundle.pt", weights_only=True))
    for step in range(4, 9):
        for bundle in (first, second):
            bundle.train_step(make_loss(bundle, step), frame=10 * step)
    assert torch.equal(vector(first), vector(second))
    assert second.skipped_steps == first.skipped_steps == 1


def test_a_copy_trains_alone_and_alike():
    bundle = make_bundle(schedule={"name": "StepLR", "step_size": 2})
    bundle.train_step(make_loss(bundle))
    twin = copy.deepcopy(bundle)
    for step in range(4):
        twin.train_step(make_loss(twin, step))
    before = vector(bundle)
    for step in range(4):
        bundle.train_step(make_loss(bundle, step))
    assert not torch.equal(before, vector(twin))
    assert torch.equal(vector(bundle), vector(twin))
    assert twin.optimizer.param_groups[0]["lr"] == bundle.optimizer.param_groups[0]["lr"]


def test_what_is_no_bundles_state_is_refused():
    bundle = make_bundle()
    with pytest.raises(ValueError, match=r"load a net's into \.model"):
        bundle.load_state_dict(bundle.model.state_dict())


def test_repr_and_parameter_count():
    bundle = make_bundle(
        GradClip(0.5),
        {"name": "LinearToZero", "frame": 100, "step_on": "frame"},
        target_update=TargetUpdate("polyak", 4, 0.005),
    )
    assert bundle.parameter_count == 4 * 8 + 8 + 8 * 2 + 2
    assert repr(bundle).splitlines() == [
        "NetBundle(",
        "  net            Sequential, 4 -> 2",
        "  parameters     58 on cpu",
        "  optimizer      Adam, lr 0.01",
        "  loss           MSELoss",
        "  grad clip      global norm 0.5",
        "  lr scheduler   LinearToZero on every frame",
        "  target update  polyak 0.005 every 4 steps",
        ")",
    ]
