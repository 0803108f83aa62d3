"""Batch renormalisation against the formulas of the paper, one number at a time."""

import copy
import math

import pytest
import torch

from slm_net.nets.batch_renorm import BatchRenorm1d

SHAPES = [(5, 3), (4, 3, 6), (2, 3, 4, 4)]


def by_hand(layer, x):
    """What a training step must give, and the running statistics after it, in Python floats."""
    share = min(layer.step.item() / max(layer.warmup_steps, 1), 1)
    r_max, d_max = 1 + share * (layer.r_max - 1), share * layer.d_max
    outputs, means, variances = torch.empty_like(x, dtype=torch.float64), [], []
    for channel in range(x.shape[1]):
        numbers = x[:, channel].flatten().tolist()
        mean = math.fsum(numbers) / len(numbers)
        variance = math.fsum((number - mean) ** 2 for number in numbers) / len(numbers)
        running_mean, running_var = layer.running_mean[channel].item(), layer.running_var[channel].item()
        scale, running = math.sqrt(variance + layer.eps), math.sqrt(running_var + layer.eps)
        r = min(max(scale / running, 1 / r_max), r_max)
        d = min(max((mean - running_mean) / running, -d_max), d_max)
        weight, bias = layer.weight[channel].item(), layer.bias[channel].item()
        made = torch.tensor([weight * ((number - mean) / scale * r + d) + bias for number in numbers])
        outputs[:, channel] = made.view(x[:, channel].shape)
        means.append(running_mean + layer.momentum * (mean - running_mean))
        variances.append(running_var + layer.momentum * (variance - running_var))
    return outputs.to(x.dtype), torch.tensor(means), torch.tensor(variances)


def some(shape, seed):
    torch.manual_seed(seed)
    return torch.randn(shape) * (1 + seed) + seed / 2


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("warmup_steps", [0, 4, 10000])
def test_training_steps_are_the_formulas(shape, warmup_steps):
    layer = BatchRenorm1d(3, eps=1e-3, momentum=0.3, r_max=1.5, d_max=0.5, warmup_steps=warmup_steps)
    with torch.no_grad():
        layer.weight.uniform_(0.5, 2)
        layer.bias.normal_()
    for step in range(8):
        output, mean, var = by_hand(layer, x := some(shape, step))
        torch.testing.assert_close(layer(x), output, rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(layer.running_mean, mean)
        torch.testing.assert_close(layer.running_var, var)
        assert layer.step.item() == step + 1 and layer.step.dtype == torch.int64


@pytest.mark.parametrize("shape", SHAPES)
def test_without_correction_it_is_batch_norm(shape):
    ours, theirs = BatchRenorm1d(3, r_max=1, d_max=0), torch.nn.BatchNorm1d(3)
    x = some(shape, 1).flatten(2) if len(shape) > 2 else some(shape, 1)
    one, other = x.clone().requires_grad_(), x.clone().requires_grad_()
    torch.testing.assert_close(ours(one), theirs(other))
    ours(one).square().mul(x).sum().backward()
    theirs(other).square().mul(x).sum().backward()
    torch.testing.assert_close(one.grad, other.grad, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("shape", SHAPES)
def test_eval_uses_the_running_statistics_and_leaves_them(shape):
    layer = BatchRenorm1d(3, momentum=0.5)
    layer(some(shape, 3))
    before = copy.deepcopy(layer.eval().state_dict())
    x = some(shape, 1)
    mean, scale = layer.running_mean, (layer.running_var + layer.eps).sqrt()
    wide = (1, 3, *[1] * (len(shape) - 2))
    assert torch.equal(layer(x), (x - mean.view(wide)) / scale.view(wide))
    assert all(torch.equal(before[key], value) for key, value in layer.state_dict().items())


def test_no_gradient_flows_through_the_correction():
    layer = BatchRenorm1d(3, warmup_steps=0, r_max=100, d_max=100)
    x = some((6, 3), 1).requires_grad_()
    layer(x).sum().backward()  # r and d make the output x itself, were they not constants the gradient would be ones
    assert x.grad.abs().max() < 1e-5


def test_the_state_is_that_of_slm_lab():
    state = BatchRenorm1d(3).state_dict()
    assert list(state) == ["weight", "bias", "running_mean", "running_var", "step"]
    assert [value.tolist() for value in state.values()] == [[1.0] * 3, [0.0] * 3, [0.0] * 3, [1.0] * 3, 0]


def test_it_is_compiled_as_a_whole_and_never_waits_for_a_number(monkeypatch):
    torch._dynamo.reset()
    layer = BatchRenorm1d(3, warmup_steps=3)
    compiled = torch.compile(copy.deepcopy(layer), fullgraph=True, backend="eager")
    for step in range(5):
        assert torch.equal(compiled(some((4, 3), step)), layer(some((4, 3), step)))
    monkeypatch.setattr(torch.Tensor, "item", None)
    monkeypatch.setattr(torch.Tensor, "__bool__", None)
    layer(some((4, 3), 0))


def test_it_works_on_doubles_and_on_the_meta_device():
    assert BatchRenorm1d(3).double()(some((4, 3), 0).double()).dtype == torch.float64
    assert BatchRenorm1d(3).to("meta")(torch.empty(4, 3, device="meta")).shape == (4, 3)
