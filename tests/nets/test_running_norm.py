"""Observations normalised inside the net: the statistics, what is made of them, and every type with them."""

import copy
import warnings

import numpy as np
import pytest
import torch
from torch import nn

import slm_net
from slm_net.nets import NETS
from slm_net.nets.running_norm import RunningNorm
from slm_net.training import TargetUpdate

PAIR = {
    "modules": {"both": "MergeConcat", "body": {"LazyLinear": {"out_features": 8}}},
    "graph": {"input": ["state", "action"], "modules": {"both": [["state", "action"]], "body": ["both"]}},
}
PAIR["graph"]["output"] = "body"


def build(net_spec, in_dims, kind, **keys):
    torch.manual_seed(0)
    spec = net_spec(kind, **{"normalize_obs": "running", **keys})
    return NETS[kind](spec, in_dims[kind], [2, 1] if kind == "HydraMLPNet" else 2)


def norms_of(net):
    return [module for module in net.modules() if isinstance(module, RunningNorm)]


def flat(xs):
    return [*xs[0]] if isinstance(xs[0], list) else [*xs]


@pytest.mark.parametrize("shape", [(3,), (2, 4, 5), ()])
def test_the_statistics_are_those_of_all_batches_at_once(shape):
    norm, rng = RunningNorm(shape), np.random.default_rng(0)
    batches = [rng.normal(3, 5, (size, *shape)).astype("float32") for size in (7, 1, 32, 3)]
    for batch in batches:
        norm(torch.tensor(batch))
    whole = np.concatenate(batches).astype("float64")
    np.testing.assert_allclose(norm.mean, whole.mean(0), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(norm.var, whole.var(0), rtol=1e-4)
    assert norm.count == len(whole)
    wanted = ((batches[-1] - whole.mean(0)) / np.sqrt(whole.var(0) + 1e-8)).clip(-10, 10)
    np.testing.assert_allclose(norm.eval()(torch.tensor(batches[-1])), wanted, rtol=1e-3, atol=1e-4)


def test_a_large_offset_and_many_samples_keep_their_variance():
    norm, rng = RunningNorm([1]), np.random.default_rng(0)
    batches = rng.normal(1000, 0.5, (400, 64, 1)).astype("float32")
    for batch in batches:
        norm(torch.tensor(batch))
    np.testing.assert_allclose(norm.var, batches.astype("float64").reshape(-1, 1).var(0), rtol=1e-2)


def test_every_dimension_before_the_sample_is_of_the_batch():
    norm, other, x = RunningNorm([3]), RunningNorm([3]), torch.randn(5, 4, 3)
    torch.testing.assert_close(norm(x).flatten(0, 1), other(x.flatten(0, 1)))
    assert norm.count == 20 and torch.equal(norm.mean, other.mean)
    norm(x[0, 0])
    assert norm.count == 21


def test_only_training_mode_moves_the_statistics_whether_gradients_are_wanted_or_not():
    norm = RunningNorm([2])
    with torch.no_grad():
        norm(torch.randn(8, 2))
    assert norm.count == 8
    before = copy.deepcopy(norm.state_dict())
    norm.eval()(torch.randn(8, 2) + 5)
    assert all(map(torch.equal, norm.state_dict().values(), before.values()))


def test_before_the_first_batch_numbers_are_only_clipped():
    torch.testing.assert_close(RunningNorm([2]).eval()(torch.tensor([[0.5, -99.0]])), torch.tensor([[0.5, -10.0]]))


def test_an_empty_batch_changes_nothing():
    norm = RunningNorm([2])
    norm(torch.randn(8, 2))
    mean = norm.mean.clone()
    assert norm(torch.zeros(0, 2)).shape == (0, 2) and torch.equal(norm.mean, mean) and norm.count == 8


def test_the_gradient_of_an_input_goes_through():
    norm = RunningNorm([2])
    x = torch.randn(8, 2, requires_grad=True)
    norm(x).sum().backward()
    torch.testing.assert_close(x.grad, (1 / (norm.var + 1e-8).sqrt()).expand(8, 2))


@pytest.mark.parametrize("to", [torch.float16, torch.bfloat16])
def test_the_statistics_of_a_net_in_16_bits_stay_float32(to):
    norm = RunningNorm([2])
    norm(torch.randn(64, 2) * 1e4)
    var = norm.var.clone()
    assert torch.equal(norm.to(to).var, var) and norm.var.dtype == torch.float32
    assert norm(torch.randn(4, 2, dtype=to)).dtype == to and norm.double().var.dtype == torch.float64


@pytest.mark.parametrize("kind", NETS.names())
def test_every_type_sees_normalised_observations(kind, net_spec, in_dims, arguments):
    net = build(net_spec, in_dims, kind)
    plain = build(net_spec, in_dims, kind, normalize_obs=None)
    assert {name for name in net.state_dict() if "obs_norms" not in name} == plain.state_dict().keys()
    plain.load_state_dict({name: net.state_dict()[name] for name in plain.state_dict()})
    xs, seen = arguments(net, 16), flat(arguments(net, 16))
    net(*xs)
    norms = norms_of(net)
    assert len(norms) == (2 if kind == "HydraMLPNet" else 1)
    seen = [x * 3 + 1 for x in seen]
    wanted = [((x - n.mean) / (n.var + 1e-8).sqrt()).clamp(-10, 10) for x, n in zip(seen, norms, strict=False)]
    wanted += seen[len(norms) :]  # the action
    hydra = kind == "HydraMLPNet"
    got = net.eval()(*([seen] if hydra else seen))
    torch.testing.assert_close(got, plain.eval()(*([wanted] if hydra else wanted)))
    assert all(n.count == (64 if "Recurrent" in kind else 16) for n in norms)


@pytest.mark.parametrize("kind", NETS.names())
def test_the_draws_are_those_of_the_net_without(kind, net_spec, in_dims):
    init = {"name": "orthogonal_"}
    net = build(net_spec, in_dims, kind, init_fn=init)
    plain = build(net_spec, in_dims, kind, init_fn=init, normalize_obs=None)
    assert all(map(torch.equal, net.parameters(), plain.parameters()))


@pytest.mark.parametrize("kind", NETS.names())
def test_every_type_trains_and_is_the_same_after_a_round_trip(kind, net_spec, in_dims, arguments):
    net = build(net_spec, in_dims, kind)
    other = build(net_spec, in_dims, kind)
    optimizer, xs = torch.optim.SGD(net.parameters(), lr=0.1), arguments(net)
    sum(y.square().mean() for y in net(*xs)).backward()
    optimizer.step()
    other.load_state_dict(net.state_dict())
    assert all(map(torch.equal, other.eval()(*xs), net.eval()(*xs)))


def test_bytes_are_divided_by_255_before(net_spec, in_dims):
    net = build(net_spec, in_dims, "ConvNet", normalize=True)
    x = torch.randint(0, 256, (16, *in_dims["ConvNet"]), dtype=torch.uint8)
    net(x)
    torch.testing.assert_close(net.obs_norms[0].mean, (x / 255).mean(0))


def test_of_a_graph_each_observation_is_normalised_and_the_action_of_a_pair_not():
    net = slm_net.build_net({"type": "TorchArcNet", "arc": PAIR, "normalize_obs": "running"}, [3, 2], 1, seed=0).model
    net(torch.randn(8, 3) + 4, torch.randn(8, 2) + 4)
    assert [name for name in net.state_dict() if "obs_norms" in name] == [
        f"obs_norms.0.{name}" for name in ("mean", "var", "count")
    ]
    other = copy.deepcopy(PAIR)
    other["graph"] |= {"input": ["state", "goal"], "modules": {"both": [["state", "goal"]], "body": ["both"]}}
    net = slm_net.build_net({"type": "TorchArcNet", "arc": other, "normalize_obs": "running"}, [3, 2], 1, seed=0).model
    assert [tuple(norm.mean.shape) for norm in norms_of(net)] == [(3,), (2,)]


def test_a_graph_of_observations_in_a_row_has_statistics_of_one():
    body = {"Sequential": ["Flatten", {"LazyLinear": {"out_features": 8}}]}
    arc = {"modules": {"body": body}, "graph": {"input": "x", "modules": {"body": ["x"]}, "output": "body"}}
    block = {"type": "TorchArcNet", "arc": arc, "normalize_obs": "running", "seq_len": 4}
    net = slm_net.build_net(block, (4, 3), 2, seed=0).model
    net(torch.randn(8, 4, 3))
    assert net.obs_norms[0].mean.shape == (3,) and net.obs_norms[0].count == 32


MLP = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "tanh", "normalize_obs": "running"}


@pytest.mark.parametrize("amp", [None, "bf16"])
def test_a_skipped_step_leaves_the_statistics_of_the_last_good_one(amp):
    bundle = slm_net.build_net({**MLP, "amp": amp}, 4, 2, seed=0)
    x = torch.randn(8, 4)
    bundle.train_step(bundle.model(x).square().mean())
    kept = copy.deepcopy(bundle.model.state_dict())
    assert kept["obs_norms.0.mean"].dtype == torch.float32
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        bundle.train_step(bundle.model(torch.full((8, 4), torch.nan)).square().mean())
    assert bundle.skipped_steps == 1
    assert all(map(torch.equal, bundle.model.state_dict().values(), kept.values()))
    assert bundle.model.eval()(x).isfinite().all()


@pytest.mark.parametrize("update", [TargetUpdate(), TargetUpdate("polyak", polyak_coef=0.01)])
def test_a_target_net_sees_observations_as_its_source_does(update):
    source, target = (slm_net.build_net(MLP, 4, 2, seed=seed).model for seed in (0, 1))
    follow, before = update.bind(source, target.eval()), target.model[0].weight.clone()
    source(torch.randn(64, 4) * 100 + 1000)
    follow()
    ours, theirs = source.obs_norms[0].state_dict(), target.obs_norms[0].state_dict()
    assert ours["count"] == 64 and all(map(torch.equal, ours.values(), theirs.values()))
    coef = update.polyak_coef or 1
    torch.testing.assert_close(target.model[0].weight, before.lerp(source.model[0].weight, coef))
    source(torch.full((8, 4), torch.nan))
    with pytest.warns(RuntimeWarning, match="not finite"):
        follow()
    assert target.obs_norms[0].mean.isfinite().all()


def test_it_is_exported_and_is_one_graph_in_eval_mode():
    model = slm_net.build_net(MLP, 4, 2, seed=0).model
    model(torch.randn(64, 4) + 3)
    x = torch.randn(5, 4)
    wanted = model.eval()(x)
    torch.testing.assert_close(torch.export.export(model, (x,)).module()(x), wanted)
    torch.testing.assert_close(torch.compile(model, fullgraph=True, backend="eager")(x), wanted)


def test_the_compiled_step_is_the_same_step():
    eager, compiled = (slm_net.build_net(MLP, 4, 2, seed=0) for _ in range(2))
    step = compiled.compile_step(backend="eager")
    for seed in range(3):
        torch.manual_seed(seed)
        x, y = torch.randn(8, 4) + seed, torch.randn(8, 2)
        eager.train_step(eager.loss_fn(eager.model(x), y))
        step(x, y)
    assert step.eager == ""
    torch.testing.assert_close(dict(compiled.model.state_dict()), dict(eager.model.state_dict()))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        step(torch.full((8, 4), torch.nan), y)
    torch.testing.assert_close(dict(compiled.model.state_dict()), dict(eager.model.state_dict()))


def test_statistics_are_no_parameters():
    plain = slm_net.build_net({**MLP, "normalize_obs": None}, 4, 2)
    normed = slm_net.build_net(MLP, 4, 2)
    assert sum(p.numel() for p in plain.model.parameters()) == sum(p.numel() for p in normed.model.parameters())
    assert slm_net.validate(MLP, in_dim=4, out_dim=2, max_params=58) == []
    assert not any(isinstance(module, nn.ModuleList) for module in plain.model.modules())


@pytest.mark.parametrize(("value", "hint"), [(True, 'write "running"'), (False, "write null"), ("batch", "running")])
def test_what_it_may_be(value, hint):
    [problem] = slm_net.validate({**MLP, "normalize_obs": value})
    assert problem.severity == "error" and hint in problem.hint
