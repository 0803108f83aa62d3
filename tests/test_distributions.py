"""Outputs to distributions: shapes, the formulas by hand, refusals."""

import math

import pytest
import torch
from torch.distributions import Bernoulli, Categorical, Independent, Normal, TransformedDistribution

from slm_net import build_net
from slm_net.bundle import NetBundle
from slm_net.distributions import (
    DISTRIBUTIONS,
    MultiCategorical,
    PolicyParams,
    action_distribution,
    likeliest,
    policy_params,
)
from slm_net.spaces import Action

BATCH = 5


def outputs(*widths, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(BATCH, width, generator=generator, requires_grad=True) for width in widths]


@pytest.mark.parametrize(
    ("action", "widths", "kind", "event"),
    [
        (Action("discrete", (4,)), [4], Categorical, ()),
        (Action("multi-discrete", (3, 2)), [3, 2], MultiCategorical, (2,)),
        (Action("multi-discrete", (3,)), [3], MultiCategorical, (1,)),
        (Action("multi-binary", (6,)), [6], Independent, (6,)),
        (Action("continuous", (1,)), [2], Independent, (1,)),
        (Action("continuous", (3,)), [3, 3], Independent, (3,)),
    ],
)
def test_each_action_space_has_its_distribution(action, widths, kind, event):
    policy = outputs(*widths)
    for given in (policy, [*policy, torch.zeros(BATCH, 1)], policy[0] if len(policy) == 1 else policy):
        distribution = action_distribution(given, action)
        assert isinstance(distribution, kind)
        sample = distribution.sample()
        assert sample.shape == (BATCH, *event)
        assert distribution.sample((7,)).shape == (7, BATCH, *event)
        assert distribution.log_prob(sample).shape == distribution.entropy().shape == (BATCH,)
        assert distribution.mode.shape == (BATCH, *event)
        distribution.log_prob(sample).sum().backward()
    assert all(tensor.grad is not None and tensor.grad.abs().sum() > 0 for tensor in policy)


def test_choices_are_independent():
    first, second = outputs(3, 2)
    both = action_distribution([first, second], Action("multi-discrete", (3, 2)))
    parts = Categorical(logits=first), Categorical(logits=second)
    sample = both.sample()
    by_hand = parts[0].log_prob(sample[:, 0]) + parts[1].log_prob(sample[:, 1])
    assert torch.allclose(both.log_prob(sample), by_hand)
    assert torch.allclose(both.entropy(), parts[0].entropy() + parts[1].entropy())
    assert torch.equal(both.mode, torch.stack([first.argmax(-1), second.argmax(-1)], dim=-1))


def test_a_normal_has_the_mean_and_the_clamped_deviation():
    mean = torch.tensor([[0.5, -1.0, 2.0]])
    log_std = torch.tensor([[-100.0, 0.3, 100.0]])
    base = action_distribution([mean, log_std], Action("continuous", (3,))).base_dist
    assert isinstance(base, Normal)
    assert torch.equal(base.loc, mean)
    assert base.scale.log().tolist()[0] == pytest.approx([-20.0, 0.3, 2.0])
    one = action_distribution(torch.tensor([[0.5, 0.3]]), Action("continuous", (1,)))
    assert (one.base_dist.loc.item(), one.base_dist.scale.item()) == pytest.approx((0.5, math.exp(0.3)))
    values = torch.tensor([[0.1, 0.2, 0.3]])
    full = action_distribution([mean, log_std * 0], Action("continuous", (3,)), "MultivariateNormal")
    diagonal = action_distribution([mean, log_std * 0], Action("continuous", (3,)))
    assert torch.allclose(full.log_prob(values), diagonal.log_prob(values))


def test_a_squashed_normal_is_the_formula():
    torch.manual_seed(0)  # some draws are so far out that their tanh is 1
    mean, log_std = outputs(3, 3)
    policy = action_distribution([mean, log_std], Action("continuous", (3,)), "NormalTanh")
    assert isinstance(policy, TransformedDistribution)
    sample = policy.rsample()
    assert sample.abs().max() < 1
    before = sample.detach().atanh()
    by_hand = (Normal(mean, log_std.exp()).log_prob(before) - (1 - sample.detach() ** 2).log()).sum(-1)
    assert torch.allclose(policy.log_prob(sample.detach()), by_hand, atol=1e-4)
    far = action_distribution([torch.full((2, 3), 50.0), torch.zeros(2, 3)], Action("continuous", (3,)), "NormalTanh")
    assert torch.isfinite(far.log_prob(far.rsample())).all()


def test_the_distributions_that_a_spec_names():
    values = torch.tensor([[1.0, 3.0, 2.0]])
    greedy = action_distribution(values, Action("discrete", (3,)), "Argmax")
    assert greedy.sample().item() == 1 and greedy.entropy().item() == pytest.approx(0, abs=1e-5)
    both = action_distribution([values, -values], Action("multi-discrete", (3, 3)), "Argmax")
    assert both.sample().tolist() == [[1, 0]] and torch.isfinite(both.entropy()).all()
    relaxed = action_distribution(values, Action("discrete", (3,)), "GumbelSoftmax").rsample()
    assert relaxed.shape == (1, 3) and relaxed.sum().item() == pytest.approx(1)
    switches = action_distribution(values, Action("multi-binary", (3,)))
    assert isinstance(switches.base_dist, Bernoulli)


@pytest.mark.parametrize("value", [False, True])
@pytest.mark.parametrize(
    ("action", "widths"),
    [
        (Action("discrete", (4,)), [4]),
        (Action("multi-discrete", (3, 2)), [3, 2]),
        (Action("multi-binary", (6,)), [6]),
        (Action("continuous", (1,)), [2]),
        (Action("continuous", (3,)), [3, 3]),
    ],
)
def test_the_parameters_of_each_width(action, widths, value):
    policy, critic = outputs(*widths), torch.ones(BATCH, 1)
    found = policy_params([*policy, critic] if value else policy, action)
    assert found.value is (critic if value else None)
    if action.kind != "continuous":
        assert (found.loc, found.scale) == (None, None)
        assert found.logits == policy if action.kind == "multi-discrete" else found.logits is policy[0]
        return
    loc, log_std = policy if len(policy) == 2 else policy[0].split(1, dim=-1)
    assert torch.equal(found.loc, loc) and torch.allclose(found.scale, log_std.exp())
    assert found.logits is None
    if widths == [2] and not value:
        assert torch.equal(policy_params(policy[0], action).loc, loc)


def test_the_parameters_of_a_bundle():
    net = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "tanh"}
    bundle = build_net(net, env="BipedalWalker-v3", seed=0)
    found = bundle.policy_params(bundle.model(torch.ones(BATCH, 24)))
    assert isinstance(found, PolicyParams) and found.loc.shape == found.scale.shape == (BATCH, 4)
    wide = policy_params([torch.zeros(1, 2), torch.full((1, 2), 99.0)], Action("continuous", (2,)))
    assert wide.scale[0].tolist() == pytest.approx([math.exp(2)] * 2)
    with pytest.raises(ValueError, match="env="):
        policy_params(torch.zeros(1, 2), None)


@pytest.mark.parametrize(
    ("values", "action", "pdtype", "best"),
    [
        ([[1.0, 3.0]], Action("discrete", (2,)), "default", [1]),
        ([[1.0, 3.0]], Action("discrete", (2,)), "GumbelSoftmax", [1]),
        ([[1.0, -3.0, 0.0]], Action("multi-binary", (3,)), "default", [[1, 0, 0]]),
        ([[0.5, -1.0]], Action("continuous", (1,)), "default", [[0.5]]),
        ([[0.5, -1.0]], Action("continuous", (1,)), "NormalTanh", [[math.tanh(0.5)]]),
    ],
)
def test_the_likeliest_sample(values, action, pdtype, best):
    assert likeliest(torch.tensor(values), action, pdtype).tolist() == [pytest.approx(row) for row in best]
    both = likeliest([torch.tensor([[1.0, 3.0]]), torch.tensor([[9.0, 3.0, 4.0]])], Action("multi-discrete", (2, 3)))
    assert both.tolist() == [[1, 0]]


@pytest.mark.parametrize(
    ("widths", "action", "pdtype", "words"),
    [
        ([3], Action("discrete", (4,)), "default", "sizes 4, not .3."),
        ([4, 2], Action("discrete", (4,)), "default", "discrete actions"),
        ([3], Action("continuous", (3,)), "default", "sizes 3, 3"),
        ([4], Action("discrete", (4,)), "Beta", "use default, Categorical"),
        ([2], Action("continuous", (1,)), "Categorical", "NormalTanh"),
        ([2], None, "default", "env="),
    ],
)
def test_outputs_that_are_no_policy(widths, action, pdtype, words):
    with pytest.raises(ValueError, match=words):
        action_distribution(outputs(*widths), action, pdtype)


def test_a_bundle_knows_its_actions_from_its_environment():
    net = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "tanh"}
    bundle = build_net(net, env="Pendulum-v1", seed=0)
    assert bundle.action == Action("continuous", (1,), low=(-2.0,), high=(2.0,))
    assert bundle.distribution(bundle.model(torch.ones(BATCH, 3))).sample().shape == (BATCH, 1)
    blind = build_net(net, in_dim=3, out_dim=2)
    with pytest.raises(ValueError, match=r"bundle\.action"):
        blind.distribution(blind.model(torch.ones(BATCH, 3)))
    blind.action = Action("discrete", (2,))
    assert blind.distribution(blind.model(torch.ones(BATCH, 3))).sample().shape == (BATCH,)
    assert NetBundle(torch.nn.Linear(1, 1), None, torch.nn.MSELoss()).action is None


SIZES = {"discrete": (3,), "multi-discrete": (3, 2), "multi-binary": (4,), "continuous": (3,)}


@pytest.mark.parametrize(("kind", "pdtype"), [(kind, name) for kind, named in DISTRIBUTIONS.items() for name in named])
def test_what_is_not_validated_draws_the_same(kind, pdtype, monkeypatch):
    monkeypatch.setattr(
        torch.distributions.Distribution, "_validate_args", True
    )  # as torch has it, until skrl is there
    widths = (3, 3) if kind == "continuous" else SIZES[kind]
    outputs, action = [torch.randn(50, width) for width in widths], Action(kind, SIZES[kind])
    drawn = []
    for validate in (None, False):
        torch.manual_seed(0)
        drawn.append(action_distribution(outputs, action, pdtype, validate).sample())
    assert torch.equal(*drawn)
    if pdtype not in ("Argmax", "GumbelSoftmax"):  # torch looks at the logits of the latter in any case
        nothing = [torch.full_like(one, torch.nan) for one in outputs]
        action_distribution(nothing, action, pdtype, validate=False)
        with pytest.raises(ValueError):
            action_distribution(nothing, action, pdtype)
