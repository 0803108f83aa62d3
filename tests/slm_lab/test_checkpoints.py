"""Nets and optimizers from files that SLM Lab saved, and back."""

import os

import pytest
import torch

from slm_net import SpecError
from slm_net.slm_lab import load_checkpoint, v4, v5
from slm_net.slm_lab.checkpoints import optimizer_file
from slm_net.weights.layouts import layout_of

MLP = {
    "type": "MLPNet",
    "hid_layers": [8, 6],
    "hid_layers_activation": "tanh",
    "optim_spec": {"name": "Adam", "lr": 0.1},
}
CONV = {
    "type": "ConvNet",
    "conv_hid_layers": [[4, 3, 2], [6, 3, 1]],
    "fc_hid_layers": [10],
    "hid_layers_activation": "relu",
}
DUELING = {**MLP, "type": "DuelingMLPNet"}
RNN = {
    "type": "RecurrentNet",
    "fc_hid_layers": [5],
    "hid_layers_activation": "relu",
    "rnn_hidden_size": 7,
    "seq_len": 3,
    "bidirectional": True,
}
NETS = [
    (MLP, 4, 2, (4,)),
    (MLP, 4, [2, 1], (4,)),
    (CONV, (1, 12, 12), 3, (1, 12, 12)),
    (DUELING, 4, 3, (4,)),
    (RNN, (3, 4), [2, 2], (3, 4)),
]


def trained(lab, spec, in_dim, out_dim, shape):
    net = getattr(lab.net, spec["type"])(spec, in_dim, out_dim)
    optim = lab.net_util.get_optim(net, net.optim_spec)
    for _ in range(2):
        y = net(torch.rand(8, *shape))
        net.train_step(sum(part.square().mean() for part in (y if isinstance(y, list) else [y])), optim)
    return net.eval(), optim


@pytest.mark.parametrize("lab", [v4, v5])
@pytest.mark.parametrize(("spec", "in_dim", "out_dim", "shape"), NETS)
def test_a_saved_net_goes_on_as_it_was(tmp_path, lab, spec, in_dim, out_dim, shape):
    net, optim = trained(lab, spec, in_dim, out_dim, shape)
    path = tmp_path / "data" / "dqn_t0_s0_net_model.pt"
    lab.net_util.save(net, path)
    lab.net_util.save(optim, tmp_path / "data" / "dqn_t0_s0_net_optim.pt")
    bundle = load_checkpoint(spec, path, in_dim, out_dim)
    x = torch.rand(5, *shape)
    torch.testing.assert_close(bundle.model.eval()(x), net(x))
    state = bundle.optimizer.state_dict()["state"]
    assert state[0]["step"] == 2 and torch.equal(state[0]["exp_avg"], optim.state_dict()["state"][0]["exp_avg"])
    assert list(bundle.model.state_dict()) == list(net.state_dict())


AGENT = {"agent": {"algorithm": {"name": "PPO"}, "net": {**MLP, "shared": False, "use_same_optim": True}}}
PPO, ENV = {**AGENT, "env": {"name": "CartPole-v1"}}, {"env": "CartPole-v1"}


def test_the_checkpoint_of_a_critic(tmp_path):
    critic = v5.net.MLPNet(MLP, 4, 1)
    v5.net_util.save(critic, tmp_path / "ppo_t0_s0_critic_net_model.pt")
    given = {"path": tmp_path / "ppo_t0_s0_critic_net_model.pt", "net": "critic_net"}
    for bundle in (
        load_checkpoint(PPO, **given),
        load_checkpoint({**PPO, "env": {"name": "${env}"}}, **given, variables=ENV),
    ):
        assert bundle.gives == "value" and bundle.out_dim == 1
        assert torch.equal(bundle.model(torch.ones(1, 4)), critic(torch.ones(1, 4)))
    with pytest.raises(ValueError, match="this PPO agent has no net 'critc_net', did you mean 'critic_net'"):
        load_checkpoint(PPO, given["path"], net="critc_net")


def test_a_recurrent_net_acts_on_sequences_and_is_exported_for_them(tmp_path):
    net = v5.net.RecurrentNet(RNN, (3, 4), 2)
    v5.net_util.save(net, tmp_path / "a_net_model.pt")
    bundle, seen = load_checkpoint(RNN, tmp_path / "a_net_model.pt", env="CartPole-v1"), torch.randn(5, 3, 4)
    action, state = bundle.act(seen, deterministic=True)
    assert state is None and torch.equal(torch.from_numpy(action), net(seen).argmax(-1))
    said = bundle.export(tmp_path / "a.pt2")
    exported = torch.export.load(tmp_path / "a.pt2").module()({"observation": seen})
    assert said["state"] == [] and torch.equal(exported["action"], torch.from_numpy(action))


def test_a_net_of_slm_lab_3(tmp_path):
    net = v4.net.MLPNet(MLP, 4, [2, 1])
    state = {key.replace(".0.weight", ".weight").replace(".0.bias", ".bias") if "tails" in key else key: value
             for key, value in net.state_dict().items()}  # fmt: skip
    state["model_tails.0.weight"] = net.model_tails[0][0].weight.detach()
    state["model_tails.0.bias"] = net.model_tails[0][0].bias.detach()
    state = {key: value for key, value in state.items() if "tails.w" not in key and "tails.b" not in key}
    assert layout_of(state) == "slm-lab-3"
    torch.save(state, tmp_path / "a_model_net.pth")
    x = torch.rand(3, 4)
    torch.testing.assert_close(load_checkpoint(MLP, tmp_path / "a_model_net.pth", 4, [2, 1]).model(x), net(x))


@pytest.mark.parametrize("optim_spec", [{"name": "RAdam", "lr": 0.1}, {"name": "Lookahead", "lr": 0.1}])
def test_the_optimizers_of_4(tmp_path, optim_spec):
    spec = {**MLP, "optim_spec": optim_spec}
    net, optim = trained(v4, spec, 4, 2, (4,))
    v4.net_util.save(net, tmp_path / "a_net_model.pt")
    v4.net_util.save(optim, tmp_path / "a_optim.pt")
    assert optimizer_file(tmp_path / "a_net_model.pt") == tmp_path / "a_optim.pt"
    bundle = load_checkpoint(spec, tmp_path / "a_net_model.pt", 4, 2)
    assert type(bundle.optimizer) is type(optim)
    (first, *_), (again, *_) = bundle.optimizer.state.values(), optim.state.values()
    assert all(torch.equal(first[key], again[key]) for key in again)


def test_a_mismatch_is_told_in_terms_of_the_spec(tmp_path):
    path = tmp_path / "a_net_model.pt"
    torch.save(v4.net.ConvNet(CONV, (1, 12, 12), 3).state_dict(), path)
    spec = {**CONV, "conv_hid_layers": [[4, 3, 2], [8, 3, 1]], "fc_hid_layers": [10, 10]}
    with pytest.raises(SpecError) as caught:
        load_checkpoint(spec, path, (1, 12, 12), 3)
    found = {problem.pointer: problem for problem in caught.value.problems}
    assert set(found) == {"/conv_hid_layers", "", "/fc_hid_layers"}  # batch_norm is not written
    conv = found["/conv_hid_layers"]
    assert "[8, 4, 3, 3] in the net of the spec, and [6, 4, 3, 3] in the checkpoint" in conv.message
    assert conv.hint == "it has 6 units" and conv.file == os.fspath(path)
    assert "has no dense layer" in str(caught.value) and "unexpected key" not in str(caught.value).lower()
    with pytest.raises(SpecError, match="look at the layer before it, or at in_dim"):
        load_checkpoint({**CONV, "fc_hid_layers": [10]}, path, (1, 16, 16), 3)
    with pytest.raises(SpecError, match="output"):
        load_checkpoint(CONV, path, (1, 12, 12), [3, 1])


def test_the_state_of_another_optimizer(tmp_path):
    torch.save(v4.net.MLPNet(MLP, 4, 2).state_dict(), tmp_path / "a_net_model.pt")
    torch.save({"state": {}, "param_groups": []}, tmp_path / "a_net_optim.pt")
    with pytest.raises(SpecError, match="not that of this net's Adam") as caught:
        load_checkpoint(MLP, tmp_path / "a_net_model.pt", 4, 2)
    assert caught.value.problems[0].pointer == "/optim_spec"


@pytest.mark.parametrize("other", ["SGD", "RMSprop", "Adagrad"])
def test_a_state_that_would_fail_in_the_next_step_is_refused_before(tmp_path, other):
    net, _ = trained(v4, MLP, 4, 2, (4,))
    optim = getattr(torch.optim, other)(net.parameters(), lr=0.1)
    optim.step()
    torch.save(net.state_dict(), tmp_path / "a_net_model.pt")
    torch.save(optim.state_dict(), tmp_path / "a_net_optim.pt")
    with pytest.raises(SpecError, match="not that of this net's Adam"):
        load_checkpoint(MLP, tmp_path / "a_net_model.pt", 4, 2)


def test_weights_that_are_not_finite_are_refused(tmp_path):
    state = v4.net.MLPNet(MLP, 4, 2).state_dict()
    state["model.0.bias"][0] = torch.nan
    torch.save(state, tmp_path / "a_net_model.pt")
    with pytest.raises(SpecError, match=r"model\.0\.bias in the checkpoint has numbers that are not finite"):
        load_checkpoint(MLP, tmp_path / "a_net_model.pt", 4, 2)


def test_the_schedule_is_that_of_the_optimizer(tmp_path):
    path = tmp_path / "a_net_model.pt"
    spec = {**MLP, "lr_scheduler_spec": {"name": "LinearToZero", "frame": 10}}
    net, _ = trained(v4, spec, 4, 2, (4,))
    v4.net_util.save(net, path)
    bundle = load_checkpoint(spec, path, 4, 2)
    bundle.train_step(bundle.model(torch.rand(3, 4)).sum(), frame=1)
    assert bundle.optimizer.param_groups[0]["lr"] == pytest.approx(0.09)


def test_a_whole_spec(tmp_path):
    path = tmp_path / "a_net_model.pt"
    torch.save(v4.net.MLPNet(MLP, 4, 2).state_dict(), path)
    net = {**MLP, "hid_layers": [8, 7]}
    agent = {"name": "A", "algorithm": {"name": "DQN"}, "memory": {"name": "Replay"}, "net": net}
    spec = {"demo": {"agent": [agent], "env": [{"name": "CartPole-v0"}]}}
    with pytest.raises(SpecError) as caught:
        load_checkpoint(spec, path)
    assert {problem.pointer for problem in caught.value.problems} == {
        "/demo/agent/0/net/hid_layers",
        "/demo/agent/0/net",
    }


def test_versions(tmp_path):
    path = tmp_path / "a_net_model.pt"
    torch.save(v4.net.MLPNet(MLP, 4, 2).state_dict(), path)
    assert hasattr(load_checkpoint(MLP, path, 4, 2, version=5).model, "tails")
    with pytest.raises(ValueError, match="version"):
        load_checkpoint(MLP, path, 4, 2, version=6)
