"""The nets of an agent in use: targets that follow, acting, saving."""

import copy

import pytest
import torch
from agent_helpers import same, spec_of

from slm_net import build_nets

# targets


def shift(model):
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(1.0)


def test_targets_follow_by_replacement_when_due():
    nets = build_nets(spec_of("DQN", update_frequency=3))
    assert [nets.update_targets() for _ in range(6)] == [[], [], ["target_net"]] * 2
    shift(nets["net"].model)
    assert nets.update_targets(step=7) == [] and not same(nets["net"].model, nets["target_net"].model)
    assert nets.update_targets(step=9) == ["target_net"] and same(nets["net"].model, nets["target_net"].model)


def test_targets_follow_by_polyak():
    nets = build_nets(spec_of("SoftActorCritic", update_type="polyak", polyak_coef=0.25))
    shift(nets["q1_net"].model)
    before = copy.deepcopy(nets["target_q1_net"].model)
    assert nets.update_targets() == ["target_q1_net", "target_q2_net"]
    for old, new in zip(before.parameters(), nets["target_q1_net"].model.parameters(), strict=True):
        assert torch.allclose(new, old + 0.25)
    assert same(nets["target_q2_net"].model, nets["q2_net"].model)


def test_the_old_net_of_ppo_is_a_copy_that_follows():
    nets = build_nets(spec_of("PPO", 4, shared=True), seed=0)
    assert same(nets["old_net"].model, nets["net"].model)
    assert nets["old_net"].model is not nets["net"].model
    shift(nets["net"].model)
    assert nets.update_targets() == ["old_net"] and same(nets["old_net"].model, nets["net"].model)


# acting, saving, what is wrong


@pytest.mark.parametrize(
    ("algorithm", "env", "shape"),
    [("PPO", "CartPole-v1", ()), ("SoftActorCritic", "Pendulum-v1", (1,)), ("DQN", "CartPole-v1", ())],
)
def test_a_policy_acts_in_three_lines(algorithm, env, shape):
    gymnasium = pytest.importorskip("gymnasium")
    world = gymnasium.make(env)
    keys = {"shared": True} if algorithm == "PPO" else {}
    net = build_nets(spec_of(algorithm, env=env, **keys), seed=0)["net"]
    observation = torch.as_tensor(world.reset(seed=0)[0])
    action = net.distribution(net.model(observation)).sample()
    world.step(action.numpy())
    world.close()
    assert action.shape == shape
    assert algorithm != "SoftActorCritic" or action.abs().item() < 1


def test_a_net_that_does_not_act_has_no_distribution():
    nets = build_nets(spec_of("PPO", shared=False))
    with pytest.raises(ValueError, match="Only a net that acts"):
        nets["critic_net"].distribution(torch.zeros(5, 1))


def test_an_agent_is_saved_and_loaded(tmp_path):
    first, second = (build_nets(spec_of("SoftActorCritic"), seed=seed) for seed in (0, 1))
    first.update_targets()
    first.temperature.train_step(-first.log_alpha.sum())
    torch.save(first.state_dict(), tmp_path / "agent.pt")
    second.load_state_dict(torch.load(tmp_path / "agent.pt", weights_only=True))
    assert all(same(first[name].model, second[name].model) for name in first)
    assert torch.equal(first.log_alpha, second.log_alpha) and second.steps == 1
    with pytest.raises(ValueError, match="this agent has net"):
        build_nets(spec_of("Reinforce")).load_state_dict(first.state_dict())


def test_a_missing_net_is_named_with_those_that_are_there():
    with pytest.raises(KeyError, match="this PPO agent has net"):
        build_nets(spec_of("PPO", shared=True))["critic_net"]
    assert "critic_net" not in build_nets(spec_of("PPO", shared=True))


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("net", ': the nets are entries, write nets["net"]'),
        ("critic_net", ': the nets are entries, write nets["critic_net"]'),
        ("critc_net", ': the nets are entries, write nets["critic_net"]'),
        ("critic", ': the nets are entries, write nets["critic_net"]'),
        ("policies", ""),
        ("_net", ""),
    ],
)
def test_a_net_is_an_entry_and_no_attribute(name, more):
    nets = build_nets(spec_of("PPO", shared=False))
    with pytest.raises(AttributeError) as caught:
        getattr(nets, name)
    assert str(caught.value) == f"'AgentNets' object has no attribute {name!r}{more}"
    assert not hasattr(nets, name) and copy.copy(nets).keys() == nets.keys()


def test_the_first_net_acts():
    nets = build_nets(spec_of("DQN"), seed=0)
    seen = [0.1, 0.2, 0.3, 0.4]
    assert torch.equal(nets.observe(seen), nets["net"].observe(seen))
    assert nets.act(seen) == nets["net"].act(seen) == nets["net"].model(nets.observe(seen)).argmax()
    assert nets["target_net"].act(seen, deterministic=True) == nets["target_net"].model(nets.observe(seen)).argmax()
    with pytest.raises(KeyError, match="has no nets"):
        build_nets(spec_of("Random")).act(seen)
