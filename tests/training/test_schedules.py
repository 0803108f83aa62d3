import inspect

import pytest
import torch
from torch import nn
from torch.optim import lr_scheduler

from slm_net.registry import RegistryError
from slm_net.training import SCHEDULERS, build_lr_scheduler, build_optimizer

LEFT_OUT = {
    "LambdaLR": "needs a function",
    "MultiplicativeLR": "needs a function",
    "SequentialLR": "needs schedulers",
    "ChainedScheduler": "needs schedulers",
}
SPECS = [
    {"name": "StepLR", "step_size": 7, "gamma": 0.5},
    {"name": "MultiStepLR", "milestones": [3, 3, 20], "gamma": 0.1},
    {"name": "ConstantLR", "factor": 0.5, "total_iters": 9},
    {"name": "LinearLR", "start_factor": 0.1, "total_iters": 30},
    {"name": "ExponentialLR", "gamma": 0.97},
    {"name": "PolynomialLR", "total_iters": 25, "power": 2.0},
    {"name": "CosineAnnealingLR", "T_max": 10, "eta_min": 0.001},
    {"name": "CosineAnnealingWarmRestarts", "T_0": 7},
    {"name": "CosineAnnealingWarmRestarts", "T_0": 3, "T_mult": 2},
    {"name": "CyclicLR", "base_lr": 0.01, "max_lr": 0.2, "step_size_up": 5, "mode": "triangular2"},
    {"name": "CyclicLR", "base_lr": 0.01, "max_lr": 0.2, "step_size_up": 4, "mode": "exp_range", "gamma": 0.9},
    {"name": "OneCycleLR", "max_lr": 0.3, "total_steps": 60},
    {"name": "LinearToZero", "frame": 40},
    {"name": "LinearToMin", "frame": 40, "min_factor": 0.1},
    {"name": "ReduceLROnPlateau", "patience": 2},
]
NAMES = [f"{index}-{spec['name']}" for index, spec in enumerate(SPECS)]
ON_FRAMES = [spec for spec in SPECS if spec["name"] != "ReduceLROnPlateau"]


def make_optimizer(name="SGD", **args):
    optimizer = build_optimizer(nn.Linear(2, 1), {"name": name, "lr": 0.1, **args})
    for parameter in optimizer.param_groups[0]["params"]:
        parameter.grad = torch.zeros_like(parameter)
    return optimizer


def rates(spec, frames, optimizer=None):
    optimizer = optimizer or make_optimizer(momentum=0.9)
    schedule = build_lr_scheduler(optimizer, spec)
    group, seen = optimizer.param_groups[0], []
    for frame in frames:
        optimizer.step()
        schedule.step(1.0, frame)
        seen.append([group["lr"], group["momentum"]])
    return seen


def test_every_torch_scheduler_is_registered_or_left_out_for_a_reason():
    names = {name for name in lr_scheduler.__all__ if inspect.isclass(vars(lr_scheduler)[name])} - {"LRScheduler"}
    assert names - set(LEFT_OUT) == set(SCHEDULERS) - {"LinearToZero", "LinearToMin"}
    assert {spec["name"] for spec in SPECS} == set(SCHEDULERS)


@pytest.mark.parametrize("spec", SPECS, ids=NAMES)
def test_on_update_it_is_the_scheduler_stepped_by_hand(spec):
    optimizer = make_optimizer(momentum=0.9)
    scheduler = SCHEDULERS[spec["name"]](optimizer, **{key: spec[key] for key in spec if key != "name"})
    want = []
    for _ in range(50):
        optimizer.step()
        scheduler.step(*([1.0] if spec["name"] == "ReduceLROnPlateau" else []))
        want.append([optimizer.param_groups[0]["lr"], optimizer.param_groups[0]["momentum"]])
    assert rates({**spec, "step_on": "update"}, [None] * 50) == want
    assert rates({**spec, "step_on": "update"}, range(0, 5000, 100)) == want


@pytest.mark.parametrize("jump", [1, 2, 7, 13])
@pytest.mark.parametrize("spec", ON_FRAMES, ids=lambda spec: spec["name"])
def test_on_frame_a_jump_is_as_many_steps(spec, jump):
    frames = [0, *range(3, 60, jump)]
    every = rates({**spec, "step_on": "update"}, [None] * 60)
    jumped = rates({**spec, "step_on": "frame"}, frames)
    for frame, got in list(zip(frames, jumped, strict=True))[1:]:
        assert got == pytest.approx(every[frame - 1], rel=1e-9, abs=1e-12), frame


@pytest.mark.parametrize("spec", ON_FRAMES, ids=lambda spec: spec["name"])
def test_on_frame_millions_of_frames_take_no_time(spec):
    spec = {**spec, "step_on": "frame"}
    assert all(0 <= lr <= 0.3 for lr, _ in rates(spec, range(0, 50_000_000, 1_000_000)))


def test_a_scheduler_without_a_shortcut_is_stepped_one_by_one():
    @SCHEDULERS.register("HalfLR")
    class HalfLR(lr_scheduler.LRScheduler):
        def get_lr(self):
            return [group["lr"] / (2 if self.last_epoch else 1) for group in self.optimizer.param_groups]

    try:
        assert [lr for lr, _ in rates({"name": "HalfLR", "step_on": "frame"}, [1, 4, 4])] == [0.05, 0.00625, 0.00625]
    finally:
        SCHEDULERS.unregister("HalfLR")


def test_the_linear_ones_count_frames_unless_told_otherwise_and_the_others_updates():
    """Their argument is called frame and real specs give it millions; on updates they would hardly move."""
    units = {spec["name"]: build_lr_scheduler(make_optimizer(momentum=0.9), spec).step_on for spec in SPECS}
    assert {name for name, unit in units.items() if unit == "frame"} == {"LinearToZero", "LinearToMin"}


def test_the_linear_ones_never_leave_their_ends():
    spec = {"name": "LinearToZero", "frame": 4, "step_on": "update"}
    assert [lr for lr, _ in rates(spec, range(6))] == pytest.approx([0.075, 0.05, 0.025, 0, 0, 0])
    spec = {"name": "LinearToMin", "frame": 2, "min_factor": 0.5, "step_on": "update"}
    assert [lr for lr, _ in rates(spec, range(3))] == pytest.approx([0.075, 0.05, 0.05])


@pytest.mark.parametrize("changes", [{}, {"anneal_strategy": "linear"}, {"pct_start": 1.0}, {"total_steps": 1}])
@pytest.mark.parametrize("step_on", ["update", "frame"])
def test_one_cycle_stays_at_its_end(step_on, changes):
    """torch goes one step beyond its end, below 0 if the way down is a line, and then raises."""
    spec = {"name": "OneCycleLR", "max_lr": 0.3, "total_steps": 10, "step_on": step_on, **changes}
    seen = rates(spec, range(1, 30))
    optimizer = make_optimizer(momentum=0.9)
    last = SCHEDULERS["OneCycleLR"](optimizer, **{key: spec[key] for key in ("max_lr", "total_steps", *changes)})
    for _ in range(spec["total_steps"] - 1):
        optimizer.step()
        last.step()
    end = optimizer.param_groups[0]
    assert seen[9:] == [[end["lr"], end["momentum"]]] * 20
    assert end["lr"] > 0


@pytest.mark.parametrize("step_on", ["update", "frame"])
def test_a_cycle_that_halves_its_height_goes_on_for_ever(step_on):
    """torch raises OverflowError after 1,024 cycles."""
    spec = {"name": "CyclicLR", "base_lr": 0.01, "max_lr": 0.2, "step_size_up": 1, "mode": "triangular2"}
    seen = rates({**spec, "step_on": step_on}, range(3000))
    assert seen[-1][0] == pytest.approx(0.01)


@pytest.mark.parametrize("frames", [[None], [10, 9]])
def test_a_frame_that_cannot_be_is_an_error(frames):
    with pytest.raises(ValueError, match=r"frame"):
        rates({"name": "LinearToZero", "frame": 100, "step_on": "frame"}, frames)


def test_plateau_sees_the_loss_and_counts_updates():
    optimizer = make_optimizer()
    schedule = build_lr_scheduler(optimizer, {"name": "ReduceLROnPlateau", "patience": 1, "factor": 0.5})
    for loss in (3.0, 2.0, torch.tensor(2.0), 2.0):
        schedule.step(loss)
    assert optimizer.param_groups[0]["lr"] == 0.05
    with pytest.raises(ValueError, match=r"step\(loss\)"):
        schedule.step()
    with pytest.raises(ValueError, match="every update"):
        build_lr_scheduler(optimizer, {"name": "ReduceLROnPlateau", "step_on": "frame"})


CYCLES = [
    {"name": "CyclicLR", "base_lr": 0.01, "max_lr": 0.1, "step_size_up": 4},
    {"name": "OneCycleLR", "max_lr": 0.1, "total_steps": 20},
]


@pytest.mark.parametrize("spec", CYCLES, ids=lambda spec: spec["name"])
def test_momentum_is_cycled_where_there_is_one(spec):
    for name in ("Adagrad", "Adadelta", "Rprop", "ASGD"):
        optimizer = make_optimizer(name)
        assert not build_lr_scheduler(optimizer, spec).scheduler.cycle_momentum
        with pytest.raises(ValueError, match=f"{name} has no momentum"):
            build_lr_scheduler(make_optimizer(name), {**spec, "cycle_momentum": True})
    for name in ("Adam", "SGD", "RMSprop", "GlobalRMSprop", "Lookahead"):
        optimizer = make_optimizer(name)
        schedule = build_lr_scheduler(optimizer, spec)
        assert schedule.scheduler.cycle_momentum
        for _ in range(3):
            optimizer.step()
            schedule.step(0.0)
        assert not build_lr_scheduler(make_optimizer(name), {**spec, "cycle_momentum": False}).scheduler.cycle_momentum


@pytest.mark.parametrize("step_on", ["update", "frame"])
@pytest.mark.parametrize("spec", ON_FRAMES, ids=lambda spec: spec["name"])
def test_progress_is_plain_and_loads(spec, step_on, tmp_path):
    spec = {**spec, "step_on": step_on}
    first, second = make_optimizer(momentum=0.9), make_optimizer(momentum=0.9)
    one, two = build_lr_scheduler(first, spec), build_lr_scheduler(second, spec)
    for frame in range(1, 9):
        first.step()
        one.step(1.0, frame)
    torch.save([first.state_dict(), one.state_dict()], tmp_path / "state.pt")
    optimizer_state, schedule_state = torch.load(tmp_path / "state.pt", weights_only=True)
    second.load_state_dict(optimizer_state)
    two.load_state_dict(schedule_state)
    for frame in range(9, 40):
        for optimizer, schedule in ((first, one), (second, two)):
            optimizer.step()
            schedule.step(1.0, frame)
        assert first.param_groups[0]["lr"] == second.param_groups[0]["lr"]


def test_state_of_another_scheduler_is_refused():
    step = build_lr_scheduler(make_optimizer(), {"name": "StepLR", "step_size": 2})
    constant = build_lr_scheduler(make_optimizer(), None)
    zero = build_lr_scheduler(make_optimizer(), {"name": "LinearToZero", "frame": 2, "step_on": "update"})
    for schedule, state, message in (
        (zero, step.state_dict(), "of StepLR, not of LinearToZero"),
        (zero, constant.state_dict(), "a constant learning rate, not of LinearToZero"),
        (constant, step.state_dict(), "of StepLR, but .* constant"),
    ):
        with pytest.raises(ValueError, match=message):
            schedule.load_state_dict(state)
    constant.load_state_dict(constant.state_dict())


def test_none_is_constant():
    assert rates(None, [None, 5, 3]) == [[0.1, 0.9]] * 3
    assert build_lr_scheduler(make_optimizer(), None).scheduler is None


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"name": "LinearToZero", "frame": 0}, "above 0"),
        ({"name": "LinearToZero", "frame": -5}, "above 0"),
        ({"name": "LinearToMin", "frame": 5, "min_factor": 1.5}, "between 0 and 1"),
        ({"name": "StepLR", "step_size": 1, "step_on": "frames"}, "did you mean 'frame'"),
    ],
)
def test_bad_arguments(spec, message):
    with pytest.raises(ValueError, match=message):
        build_lr_scheduler(make_optimizer(), spec)


def test_only_registered_names_are_taken():
    with pytest.raises(RegistryError, match="did you mean 'StepLR'"):
        build_lr_scheduler(make_optimizer(), {"name": "StepLr"})
    with pytest.raises(RegistryError):
        build_lr_scheduler(make_optimizer(), {"name": "LambdaLR"})


def test_a_loop_of_ones_own_needs_no_loss():
    optimizer = make_optimizer()
    schedule = build_lr_scheduler(optimizer, {"name": "ExponentialLR", "gamma": 0.5})
    for _ in range(2):
        optimizer.step()
        schedule.step()
    assert optimizer.param_groups[0]["lr"] == 0.025


def test_str():
    assert str(build_lr_scheduler(make_optimizer(), None)) == "constant"
    spec = {"name": "LinearToZero", "frame": 5, "step_on": "frame"}
    assert str(build_lr_scheduler(make_optimizer(), spec)) == "LinearToZero on every frame"
