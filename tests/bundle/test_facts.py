"""`summary()` of bundles: of what a spec builds, of models of somebody else, and of what was changed since."""

import copy

import pytest
import torch
from torch import nn

import slm_net
from slm_net import NetBundle, build_net

NET = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}


class Odd(nn.Module):
    """Does not run on tensors."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(3, 2)

    def forward(self, game):
        return self.layer(game.board)


def test_a_summary_is_text_data_and_a_picture():
    summary = build_net(NET, 4, 2).summary(batch=16)
    assert str(summary) == repr(summary)
    assert "net: MLPNet, 4 → 2" in str(summary)
    assert summary.data["nets"][0]["batch"] == 16
    assert summary.svg.startswith("<svg ")
    assert "<svg " in summary._repr_html_() and "model_tail.0" in summary._repr_html_()
    assert "<svg " in build_net(NET, 4, 2)._repr_html_()


@pytest.mark.parametrize("batch", [0, -1, 2.5, "3", None, True])
def test_a_batch_that_is_none(batch):
    with pytest.raises(ValueError, match="batch must be a whole number above 0, not "):
        build_net(NET, 4, 2).summary(batch)


def test_the_model_is_not_run_and_not_changed():
    bundle = build_net({**NET, "batch_norm": True, "normalize_obs": "running", "log_std_init": 0.0}, 4, [2, 2])
    before, random = copy.deepcopy(bundle.model.state_dict()), torch.get_rng_state()
    bundle.model.register_forward_hook(lambda *_: (_ for _ in ()).throw(AssertionError("it was run")))
    bundle.summary()
    assert all(torch.equal(value, before[name]) for name, value in bundle.model.state_dict().items())
    assert torch.equal(torch.get_rng_state(), random)


def test_a_model_that_was_changed_is_looked_at():
    bundle = build_net(NET, 4, 2)
    bundle.model.extra = nn.Linear(5, 5)
    assert bundle.summary().facts.parameters == bundle.parameter_count


def test_models_of_somebody_else():
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
    bundle = NetBundle(model, torch.optim.SGD(model.parameters(), lr=0.1), nn.MSELoss(), in_dim=4, out_dim=2)
    facts = bundle.summary().facts
    assert [(layer.name, layer.output) for layer in facts.nets[0].layers] == [("0", (8,)), ("1", (8,)), ("2", (2,))]
    model = Odd()
    bundle = NetBundle(model, torch.optim.SGD(model.parameters(), lr=0.1), nn.MSELoss())
    assert bundle.summary().facts.parameters == 8
    assert bundle.summary()._repr_html_()


def test_a_registered_type_is_looked_at_without_numbers():
    @slm_net.register_net("Shown", schema={"properties": {"width": {"description": "Units.", "default": 8}}})
    class Shown(nn.Module):
        def __init__(self, spec, in_dim, out_dim):
            super().__init__()
            self.body = nn.Linear(in_dim, spec["width"])
            self.head = nn.Linear(spec["width"], out_dim)

        def forward(self, x):
            return self.head(self.body(x))

    try:
        facts = build_net({"type": "Shown"}, 4, 2).summary().facts
        assert [(layer.name, layer.output, layer.parameters) for layer in facts.nets[0].layers] == [
            ("body", (8,), 40),
            ("head", (2,), 18),
        ]
        assert facts.nets[0].multiply_adds is None
    finally:
        slm_net.unregister("net", "Shown")


def test_all_nets_of_an_agent():
    nets = slm_net.build_nets("specs/sac_pendulum.json")
    facts = nets.summary(batch=8).facts
    assert [net.name for net in facts.nets] == list(nets)
    assert facts.parameters == sum(net.parameter_count for net in nets.values())
    assert {net.name: net.copies for net in facts.nets if net.copies} == nets.sources
    assert facts.others[0][0] == "log_alpha"
    assert "<svg " in nets._repr_html_()
    assert slm_net.build_nets("specs/random_pendulum.json")._repr_html_()
