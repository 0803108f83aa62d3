import math

import pytest

from slm_net import build_net
from slm_net.cli.trial import NoTrial, Trial, try_step
from slm_net.schema import catalogue

LOSSES = [name for name in catalogue.document("loss")["$defs"] if name not in ("left_out", "object")]
MLP = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "tanh"}


@pytest.mark.filterwarnings("ignore:reduction")  # torch's wish for KLDivLoss
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("out_dim", [3, [3, 2]])
def test_every_loss_has_targets_that_it_accepts(loss, out_dim):
    bundle = build_net({**MLP, "loss_spec": {"name": loss}}, 4, out_dim, seed=0)
    trial = try_step(bundle, 0)
    assert math.isfinite(trial.loss)
    assert trial.grad_norm > 0
    assert trial.weights_moved == trial.weights == (4 if out_dim == 3 else 6)


@pytest.mark.parametrize(
    ("spec", "in_dim"),
    [
        (MLP, 4),
        ({"type": "ConvNet", "conv_hid_layers": [[4, 3]], "fc_hid_layers": [], "normalize": True}, (2, 9, 9)),
        ({"type": "RecurrentNet", "fc_hid_layers": [8], "rnn_hidden_size": 8, "seq_len": 3}, (3, 4)),
    ],
)
def test_every_net_type_takes_a_step(spec, in_dim):
    bundle = build_net({"hid_layers_activation": "relu", **spec}, in_dim, 2, seed=0)
    trial = try_step(bundle, 0)
    assert trial.weights_moved > 0
    assert trial.largest_change > 0


@pytest.mark.parametrize("step_on", ["update", "frame"])
def test_a_schedule_of_either_unit_is_stepped(step_on):
    schedule = {"name": "LinearToZero", "frame": 1000, "step_on": step_on}
    bundle = build_net({**MLP, "lr_scheduler_spec": schedule}, 4, 2, seed=0)
    try_step(bundle, 0)
    assert bundle.optimizer.param_groups[0]["lr"] < 0.001


def test_norms_before_and_after_clipping():
    trial = try_step(build_net({**MLP, "clip_grad_val": 0.001}, 4, 2, seed=0), 0)
    assert isinstance(trial, Trial)
    assert trial.grad_norm > 0.001
    assert trial.grad_norm_clipped == pytest.approx(0.001, rel=1e-2)


def test_a_step_that_is_not_finite_is_told():
    bundle = build_net(MLP, 4, 2, seed=0)
    bundle.model.model_tail[0].weight.data.fill_(math.inf)
    with pytest.warns(RuntimeWarning, match="not finite"):
        trial = try_step(bundle, 0)
    assert (trial.skipped, trial.weights_moved) == (True, 0)


def test_no_targets_for_a_loss_of_somebody_else():
    bundle = build_net(MLP, 4, 2)
    bundle.spec["loss_spec"] = {"name": "MyLoss"}
    with pytest.raises(NoTrial, match="MyLoss"):
        try_step(bundle, 0)
