"""What a training step does, what it leaves as it was, and what it refuses."""

import copy
import math
import warnings

import pytest
import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode

import slm_net
from slm_net.bundle import NetBundle, step
from slm_net.training import GradClip, build_lr_scheduler, build_optimizer

MLP = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "tanh", "optim_spec": {"name": "Adam", "lr": 0.01}}
CONV = {
    "type": "ConvNet",
    "conv_hid_layers": [[4, 3, 1], [4, 3, 1]],
    "fc_hid_layers": [8],
    "hid_layers_activation": "relu",
    "batch_norm": True,
}
HALVED = {"name": "ExponentialLR", "gamma": 0.5}
ON_FRAMES = {"name": "LinearToZero", "frame": 99, "step_on": "frame"}
CRITIC = {**MLP, "shared": False, "use_same_optim": True}


def build(**keys):
    return slm_net.build_net({**MLP, **keys}, 4, 2, seed=0)


def loss_of(bundle, seed=0, rows=16):
    generator = torch.Generator().manual_seed(seed)
    x, y = torch.randn(rows, 4, generator=generator), torch.randn(rows, 2, generator=generator)
    return bundle.loss_fn(bundle.model(x), y)


def weights(bundle):
    return {name: tensor.clone() for name, tensor in bundle.model.state_dict().items()}


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def skipping(bundle, loss, **keys):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return bundle.train_step(loss, **keys)


def actor_critic():
    spec = {"agent": {"algorithm": {"name": "ActorCritic"}, "net": CRITIC}, "env": {"name": "CartPole-v1"}}
    return slm_net.build_nets(spec, seed=0)


# --- nothing is trained in silence


def test_a_loss_of_another_net_is_refused_and_nothing_moves():
    ours, other = build(lr_scheduler_spec={"name": "StepLR", "step_size": 1}), build()
    before, rate = weights(ours), ours.optimizer.param_groups[0]["lr"]
    with pytest.raises(ValueError, match=r"reaches none of the 4 parameters .*this net's output"):
        ours.train_step(loss_of(other))
    assert same(before, weights(ours)) and ours.optimizer.param_groups[0]["lr"] == rate
    assert all(parameter.grad is None for parameter in other.model.parameters())


def test_a_model_that_was_replaced_is_told_from_a_foreign_loss():
    bundle = build()
    bundle.model = copy.deepcopy(bundle.model)
    with pytest.raises(ValueError, match=r"model was replaced or sharded after the build.*wrap="):
        bundle.train_step(loss_of(bundle))


def test_a_net_with_nothing_to_train_is_told_so():
    bundle = build()
    head = nn.Linear(2, 2)
    bundle.model.requires_grad_(False)
    with pytest.raises(ValueError, match=r"nothing to train: .*requires_grad=False"):
        bundle.train_step(head(bundle.model(torch.ones(3, 4))).mean())


def test_an_accumulated_loss_that_reaches_nothing_is_refused_too():
    ours, other = build(), build()
    ours.train_step(loss_of(ours), accumulate=True)
    with pytest.raises(ValueError, match="reaches none"):
        ours.train_step(loss_of(other), accumulate=True)


def test_the_net_that_a_loss_of_several_leaves_out_is_named():
    nets = actor_critic()
    with pytest.raises(ValueError, match="the optimizer of critic_net updates"):
        nets.train_step(nets["net"].model(torch.ones(8, 4)).mean(), "net", "critic_net")


def test_the_loss_comes_back_without_its_graph():
    bundle = build()
    assert not bundle.train_step(loss_of(bundle)).requires_grad
    assert not bundle.train_step(loss_of(bundle), accumulate=True).requires_grad


@pytest.mark.parametrize("frame", [math.inf, math.nan, "7", True])
@pytest.mark.parametrize("schedule", [None, ON_FRAMES])
def test_a_frame_that_is_no_number_is_refused_before_weights_move(frame, schedule):
    bundle = build(lr_scheduler_spec=schedule)
    before = weights(bundle)
    with pytest.raises(ValueError, match="frame is the number of environment frames"):
        bundle.train_step(loss_of(bundle), frame=frame)
    assert same(before, weights(bundle))


def test_a_net_without_numbers_is_not_trained():
    model = nn.Linear(4, 2, device="meta")
    bundle = NetBundle(model, torch.optim.Adam(model.parameters()), nn.MSELoss())
    with pytest.raises(ValueError, match="meta device"):
        bundle.train_step(model(torch.ones(3, 4, device="meta")).mean())


# --- gradients are those of this loss, for this net


def test_no_other_net_gets_gradients_and_old_ones_are_cleared():
    policy, critic = build(), slm_net.build_net(MLP, 2, 1, seed=1)
    for parameter in policy.model.parameters():
        parameter.grad = torch.full_like(parameter, 1e6)
    twin = copy.deepcopy(policy)
    policy.train_step(critic.model(policy.model(torch.ones(8, 4))).mean())
    assert all(parameter.grad is None for parameter in critic.model.parameters())
    for parameter in twin.model.parameters():
        parameter.grad = None
    twin.train_step(critic.model(twin.model(torch.ones(8, 4))).mean())
    assert same(weights(policy), weights(twin))


@pytest.mark.parametrize("clip", [None, 0.01])
def test_accumulated_losses_make_one_step_like_that_of_the_whole_batch(clip):
    whole, parts = build(clip_grad_val=clip), build(clip_grad_val=clip)
    x, y = torch.randn(12, 4), torch.randn(12, 2)
    for _ in range(3):
        whole.train_step(whole.loss_fn(whole.model(x), y))
        for piece in range(3):
            rows = slice(4 * piece, 4 * piece + 4)
            parts.train_step(parts.loss_fn(parts.model(x[rows]), y[rows]) / 3, accumulate=piece < 2)
    for name, tensor in weights(whole).items():
        assert torch.allclose(tensor, weights(parts)[name], atol=1e-6)
    assert torch.allclose(whole.grad_norm, parts.grad_norm, rtol=1e-4)


def test_accumulating_moves_nothing_and_the_next_step_begins_anew():
    bundle, plain = build(), build()
    before = weights(bundle)
    bundle.train_step(loss_of(bundle, 1), accumulate=True)
    assert same(before, weights(bundle)) and bundle.accumulated is not None
    bundle.train_step(loss_of(bundle, 2))
    assert bundle.accumulated is None
    for seed in (1, 2):
        plain.train_step(loss_of(plain, seed), accumulate=seed == 1)
    bundle.train_step(loss_of(bundle, 3))
    plain.train_step(loss_of(plain, 3))
    assert same(weights(bundle), weights(plain))


def test_the_plateau_sees_the_sum_of_accumulated_losses():
    bundle = build(lr_scheduler_spec={"name": "ReduceLROnPlateau"})
    one, other = loss_of(bundle, 1), loss_of(bundle, 2)
    bundle.train_step(one, accumulate=True)
    bundle.train_step(other)
    assert bundle.lr_scheduler.scheduler.best == pytest.approx((one + other).item())


def test_a_bad_loss_among_accumulated_ones_skips_them_all():
    bundle = build()
    before = weights(bundle)
    bundle.train_step(loss_of(bundle) + math.inf, accumulate=True)
    skipping(bundle, loss_of(bundle))
    assert same(before, weights(bundle)) and bundle.skipped_steps == 1
    bundle.train_step(loss_of(bundle))
    assert not same(before, weights(bundle))


def test_one_loss_steps_several_nets_each_with_its_own_clipping():
    nets = actor_critic()
    nets["critic_net"].grad_clip = GradClip(1e-3)
    before = {name: weights(bundle) for name, bundle in nets.items()}
    outputs = [bundle.model(torch.ones(8, 4)) for bundle in nets.values()]
    nets.train_step(sum(output.square().mean() for output in outputs))
    for name, bundle in nets.items():
        assert not same(before[name], weights(bundle))
    norm = torch.stack([parameter.grad.norm() for parameter in nets["critic_net"].model.parameters()]).norm()
    assert norm <= 1.001e-3 < nets["critic_net"].grad_norm
    assert nets["net"].grad_norm != nets["critic_net"].grad_norm


def test_nets_are_named_rightly_for_one_loss():
    spec = {"agent": {"algorithm": {"name": "DQN"}, "net": MLP}, "env": {"name": "CartPole-v1"}}
    nets = slm_net.build_nets(spec)
    loss = nets["net"].model(torch.ones(8, 4)).mean()
    with pytest.raises(ValueError, match=r"target_net has no optimizer, it follows net"):
        nets.train_step(loss, "target_net")
    with pytest.raises(KeyError, match="no 'critic'"):
        nets.train_step(loss, "critic")
    nets.train_step(loss)


# --- a skip leaves everything as it was


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize("optimizer", ["Adam", "AdamW", "SGD", "RMSprop", "Lookahead"])
@pytest.mark.parametrize("first", [True, False])
def test_training_goes_on_after_a_skip_as_if_it_had_not_been(optimizer, first, fused):
    optim = {"name": optimizer, "lr": 0.01, **({"momentum": 0.9, "dampening": 0.5} if optimizer == "SGD" else {})}
    if optimizer in ("Adam", "AdamW", "SGD"):
        optim["fused"] = fused
    with_skip, without = (
        build(optim_spec=optim, lr_scheduler_spec={"name": "ExponentialLR", "gamma": 0.9}) for _ in "12"
    )
    for seed in range(4):
        if seed == (0 if first else 2):
            skipping(with_skip, loss_of(with_skip) * math.nan)
        with_skip.train_step(loss_of(with_skip, seed))
        without.train_step(loss_of(without, seed))
    assert same(weights(with_skip), weights(without))
    assert with_skip.optimizer.param_groups[0]["lr"] == without.optimizer.param_groups[0]["lr"]


def test_a_finite_gradient_of_a_loss_that_is_not_is_skipped():
    bundle = build()
    before = weights(bundle)
    skipping(bundle, loss_of(bundle) + math.inf)
    assert bundle.grad_norm.isfinite() and bundle.skipped_steps == 1
    assert same(before, weights(bundle))
    assert all(parameter.grad is None for parameter in bundle.model.parameters())


def test_double_precision_is_not_judged_as_float32():
    bundle = build()
    bundle.model.double()
    before = weights(bundle)
    loss = bundle.model(torch.ones(2, 4, dtype=torch.float64)).mean() * 1e60
    bundle.train_step(loss)
    assert bundle.skipped_steps == 0
    assert not same(before, weights(bundle))


@pytest.mark.parametrize("accumulate", [False, True])
def test_batch_statistics_are_those_of_before_the_skip(accumulate):
    bundle = slm_net.build_net(CONV, (1, 12, 12), 2, seed=0)
    bundle.train_step(bundle.model(torch.rand(4, 1, 12, 12)).mean())
    before, bad = weights(bundle), torch.rand(4, 1, 12, 12)
    bad[0, 0, 0, 0] = math.nan
    if accumulate:
        bundle.train_step(bundle.model(torch.rand(4, 1, 12, 12)).mean(), accumulate=True)
    skipping(bundle, bundle.model(bad).mean())
    assert same(before, weights(bundle))
    assert bundle.model.eval()(torch.rand(4, 1, 12, 12)).isfinite().all()


def test_statistics_that_a_pass_without_an_update_has_spoilt_are_mended():
    bundle = slm_net.build_net(CONV, (1, 12, 12), 2, seed=0)
    with torch.no_grad():
        bundle.model(torch.full((4, 1, 12, 12), math.nan))
    skipping(bundle, bundle.model(torch.rand(4, 1, 12, 12)).mean())
    assert bundle.skipped_steps == 1
    bundle.train_step(bundle.model(torch.rand(4, 1, 12, 12)).mean())
    assert all(tensor.isfinite().all() for tensor in weights(bundle).values())


def test_nets_that_share_a_step_skip_together():
    nets = actor_critic()
    before = {name: weights(bundle) for name, bundle in nets.items()}
    values, logits = nets["critic_net"].model(torch.ones(8, 4)), nets["net"].model(torch.ones(8, 4))
    with pytest.warns(RuntimeWarning) as caught:
        nets.train_step((values * math.nan).mean() + logits.mean())
    assert len(caught) == 1
    assert all(same(before[name], weights(bundle)) and bundle.skipped_steps == 1 for name, bundle in nets.items())


def test_too_many_skips_in_a_row_end_in_an_error_with_the_last_norms():
    bundle = build()
    bundle.max_skipped = 3
    for _ in range(2):
        skipping(bundle, loss_of(bundle) + math.inf)
    bundle.train_step(loss_of(bundle))
    for _ in range(2):
        skipping(bundle, loss_of(bundle) + math.inf)
    norm = f"{bundle.grad_norm.item():g}"
    with pytest.raises(FloatingPointError, match=rf"3 updates in a row .*loss inf, last gradient norms .*{norm}"):
        bundle.train_step(loss_of(bundle) + math.inf)
    assert bundle.skipped_steps == 5


@pytest.mark.parametrize(("kind", "steps"), [("value", True), ("norm", True), (None, False)])
def test_gradients_whose_norm_overflows_are_clipped_and_skipped_only_without_clipping(kind, steps):
    bundle = build(
        optim_spec={"name": "SGD", "lr": 0.1}, **({"clip_grad_val": 1.0, "clip_grad_type": kind} if kind else {})
    )
    before = weights(bundle)
    skipping(bundle, loss_of(bundle) * 1e30)
    assert all(tensor.isfinite().all() for tensor in weights(bundle).values())
    assert same(before, weights(bundle)) != steps


# --- decided by the device: here as a CPU does it, and without numbers


@pytest.fixture
def device_decides(monkeypatch):
    monkeypatch.setattr(step, "decides_itself", lambda tensor: True)


@pytest.mark.parametrize(
    "optim", [{"name": "Adam"}, {"name": "AdamW"}, {"name": "SGD", "momentum": 0.9}, {"name": "Adagrad"}]
)
@pytest.mark.parametrize(
    "schedule",
    [None, {"name": "ExponentialLR", "gamma": 0.5}, {"name": "LinearToZero", "frame": 99, "step_on": "frame"}],
)
@pytest.mark.parametrize("bad", [{0}, {2, 3}, {5}])
def test_what_the_device_skips_is_taken_back_by_the_host(device_decides, optim, schedule, bad):
    late, plain = (build(optim_spec={"lr": 0.01, **optim}, lr_scheduler_spec=schedule) for _ in "12")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        for seed in range(6):
            loss = loss_of(late, seed)
            late.train_step(loss * math.nan if seed in bad else loss, frame=seed + 1)
        assert late.skipped_steps == len(bad)
    for seed in sorted(set(range(6)) - bad):
        plain.train_step(loss_of(plain, seed), frame=seed + 1)
    rates = [bundle.optimizer.param_groups[0]["lr"] for bundle in (late, plain)]
    assert rates[0] == pytest.approx(rates[1])
    if schedule is None:  # else the steps after a skip were made with the rate of one step later
        assert same(weights(late), weights(plain))
        assert same_state(late, plain)


def same_state(one, other):
    states = [bundle.state_dict()["optimizer"]["state"] for bundle in (one, other)]
    return all(same(states[0][name], states[1][name]) for name in states[1])


def test_dampening_lets_the_host_decide_the_first_step(device_decides):
    optim = {"name": "SGD", "lr": 0.01, "momentum": 0.9, "dampening": 0.5}
    late, plain = build(optim_spec=optim), build(optim_spec=optim)
    skipping(late, loss_of(late) * math.nan)
    assert late.skips.count == 1  # known at once
    for seed in range(3):
        late.train_step(loss_of(late, seed))
        plain.train_step(loss_of(plain, seed))
    assert same(weights(late), weights(plain))


def test_statistics_are_restored_by_the_device(device_decides):
    bundle = slm_net.build_net(CONV, (1, 12, 12), 2, seed=0)
    bundle.train_step(bundle.model(torch.rand(4, 1, 12, 12)).mean())
    before = weights(bundle)
    bundle.train_step(bundle.model(torch.full((4, 1, 12, 12), math.nan)).mean())
    assert same(before, weights(bundle))


def test_the_host_is_told_late_warns_then_and_raises_in_the_end(device_decides):
    bundle = build()
    bundle.max_skipped = 4
    for _ in range(2):
        bundle.train_step(loss_of(bundle) * math.nan)
    assert bundle.skips.count == 0
    with pytest.warns(RuntimeWarning, match="skipped 1 time"):
        assert bundle.skipped_steps == 2
    for _ in range(2):
        bundle.train_step(loss_of(bundle) * math.nan)
    with pytest.raises(FloatingPointError, match="4 updates in a row"):
        bundle.state_dict()


def test_a_later_step_warns_of_what_has_arrived(device_decides):
    bundle = build()
    bundle.max_skipped = 2
    for _ in range(2):
        bundle.train_step(loss_of(bundle) * math.nan)
    with pytest.warns(RuntimeWarning, match="skipped 1 time"):
        bundle.train_step(loss_of(bundle))


def test_a_plateau_and_other_optimizers_are_decided_by_the_host(device_decides):
    for bundle in (build(lr_scheduler_spec={"name": "ReduceLROnPlateau"}), build(optim_spec={"name": "RMSprop"})):
        skipping(bundle, loss_of(bundle) * math.nan)
        assert bundle.skips.count == 1


@pytest.mark.parametrize("optim", [{"name": "Adam"}, {"name": "AdamW"}, {"name": "SGD", "momentum": 0.9}])
@pytest.mark.parametrize("clip", [GradClip(), GradClip(0.5), GradClip(0.5, "value")])
def test_a_step_asks_no_tensor_for_its_number(optim, clip):
    with FakeTensorMode():  # which refuses item, tolist, bool and numpy
        make = lambda: nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Tanh(), nn.Linear(8, 2))  # noqa: E731
        model, target = make(), make()
        optimizer = build_optimizer(model, optim)
        schedule = build_lr_scheduler(optimizer, {"name": "ExponentialLR", "gamma": 0.9})
        bundle = NetBundle(model, optimizer, nn.MSELoss(), clip, schedule)
        for _ in range(3):
            bundle.train_step(bundle.loss_fn(model(torch.rand(8, 4)), torch.rand(8, 2)))
            bundle.target_update.update(model, target)
        assert bundle.skips.count == 0
    assert optimizer.param_groups[0]["lr"] == pytest.approx(optimizer.defaults["lr"] * 0.9**3)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_step_does_not_wait_for_a_gpu():
    bundle = slm_net.build_net(
        {**MLP, "lr_scheduler_spec": {"name": "ExponentialLR", "gamma": 0.9}}, 4, 2, device="cuda"
    )
    x, y = torch.rand(8, 4, device="cuda"), torch.rand(8, 2, device="cuda")
    bundle.train_step(bundle.loss_fn(bundle.model(x), y))
    torch.cuda.set_sync_debug_mode("error")
    try:
        for _ in range(3):
            bundle.train_step(bundle.loss_fn(bundle.model(x), y))
    finally:
        torch.cuda.set_sync_debug_mode("default")
    assert bundle.skipped_steps == 0


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_step_in_a_cuda_graph_follows_the_schedule():
    optim = {"name": "Adam", "lr": 0.01, "capturable": True}
    spec = {**MLP, "optim_spec": optim, "lr_scheduler_spec": HALVED}
    captured, plain = (slm_net.build_net(spec, 4, 2, device="cuda", seed=0) for _ in "12")
    x, y = torch.rand(8, 4, device="cuda"), torch.rand(8, 2, device="cuda")
    stream = torch.cuda.Stream()
    with torch.cuda.stream(stream):
        for bundle in (captured, plain):
            bundle.train_step(bundle.loss_fn(bundle.model(x), y))
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        captured.train_step(captured.loss_fn(captured.model(x), y))
    for _ in range(5):
        graph.replay()
        captured.lr_scheduler.step()
        plain.train_step(plain.loss_fn(plain.model(x), y))
    for name, tensor in weights(plain).items():
        assert torch.allclose(tensor, weights(captured)[name], atol=1e-6)
