import math

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch import nn

from slm_net.training import GradClip

NUMBERS = st.floats(-1e4, 1e4, width=32)


def parameters(*gradients):
    found = []
    for gradient in gradients:
        parameter = nn.Parameter(torch.zeros(len(gradient or [0.0])))
        parameter.grad = None if gradient is None else torch.tensor(gradient)
        found.append(parameter)
    return found


@settings(deadline=None)
@given(st.lists(st.lists(NUMBERS, min_size=1, max_size=5), min_size=1, max_size=4), st.floats(1e-3, 1e3))
@example([[0.5]], 1.0)  # below the limit: nothing is scaled up
def test_norm_is_torchs_clip_grad_norm(gradients, limit):
    ours, theirs = parameters(*gradients, None), parameters(*gradients, None)
    norm = GradClip(limit)(ours)
    assert torch.equal(norm, nn.utils.clip_grad_norm_(theirs, limit))
    for mine, reference in zip(ours[:-1], theirs[:-1], strict=True):
        assert torch.equal(mine.grad, reference.grad)


@settings(deadline=None)
@given(st.lists(st.lists(NUMBERS, min_size=1, max_size=5), min_size=1, max_size=4), st.floats(1e-3, 1e3))
def test_value_limits_every_element_and_returns_the_norm_before(gradients, limit):
    ours = parameters(*gradients)
    norm = GradClip(limit, "value")(ours)
    flat = [number for gradient in gradients for number in gradient]
    assert norm.item() == pytest.approx(math.hypot(*flat), rel=1e-5)
    got = torch.cat([parameter.grad for parameter in ours])
    assert torch.equal(got, torch.tensor(flat).clamp(-limit, limit))


def test_none_only_measures():
    ours = parameters([3.0], [4.0], None)
    assert GradClip()(ours).item() == 5.0
    assert [parameter.grad.item() for parameter in ours[:2]] == [3.0, 4.0]


@pytest.mark.parametrize("clip", [GradClip(), GradClip(1.0), GradClip(1.0, "value")])
def test_without_gradients_the_norm_is_0(clip):
    assert clip(parameters(None, None)).item() == 0
    assert clip([]).item() == 0
    assert clip(parameter for parameter in parameters(None)).item() == 0


def test_one_tensor_and_a_generator():
    (parameter,) = parameters([6.0, 8.0])
    assert GradClip(5.0)(parameter).item() == 10.0
    assert GradClip()(each for each in [parameter]).item() == pytest.approx(5.0)


def test_mixed_precision():
    double = nn.Parameter(torch.zeros(1, dtype=torch.float64))
    double.grad = torch.tensor([4.0], dtype=torch.float64)
    mixed = [*parameters([3.0]), double]
    assert GradClip(1.0)(mixed).item() == 5.0
    assert GradClip()(mixed).item() == pytest.approx(1.0, abs=1e-5)


def test_non_finite_gradients_show_in_the_norm():
    assert math.isnan(GradClip(1.0)(parameters([1.0], [math.nan])).item())
    assert math.isinf(GradClip()(parameters([1.0], [math.inf])).item())


@pytest.mark.parametrize("value", [0, 0.0, -1, -0.5, True, False, math.nan, math.inf, "0.5", [1.0]])
def test_what_is_no_limit_is_refused_with_what_to_write(value):
    with pytest.raises(ValueError, match="write null for no clipping"):
        GradClip(value)


def test_it_stays_as_it_was_checked():
    with pytest.raises(AttributeError):
        GradClip(1.0).max_value = -1.0


def test_an_unknown_kind_names_the_nearest():
    with pytest.raises(ValueError, match="did you mean 'norm'"):
        GradClip(1.0, "norms")


def test_str():
    assert [str(clip) for clip in (GradClip(), GradClip(0.5), GradClip(1, "value"))] == [
        "none",
        "global norm 0.5",
        "value 1",
    ]
