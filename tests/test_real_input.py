"""The main job on real observations: transitions of CartPole and frames of Pong, collected by gymnasium."""

from __future__ import annotations

from pathlib import Path

import gymnasium
import numpy as np
import pytest
import torch

import slm_net

SPECS = Path(__file__).parent.parent / "specs"


def cartpole_transitions(count: int) -> tuple[torch.Tensor, ...]:
    """States, actions, rewards, next states and ends of random play, `count` of each."""
    env = gymnasium.make("CartPole-v1")
    env.action_space.seed(0)
    state, _ = env.reset(seed=0)
    rows = []
    while len(rows) < count:
        action = env.action_space.sample()
        next_state, reward, done, cut, _ = env.step(action)
        rows.append((state, action, reward, next_state, done))
        state = env.reset()[0] if done or cut else next_state
    return tuple(torch.as_tensor(np.array(column)) for column in zip(*rows, strict=True))


def test_fifty_steps_on_real_cartpole_transitions_lower_the_loss():
    states, actions, rewards, next_states, ends = cartpole_transitions(64)
    bundle = slm_net.build_net(SPECS / "mlp_page.json", seed=0)
    model, _, loss_fn, _ = bundle
    with torch.no_grad():
        targets = (rewards + 0.99 * model(next_states).max(1).values * ~ends).float()
    losses = []
    for _ in range(50):
        values = model(states).gather(1, actions[:, None])[:, 0]
        losses.append(bundle.train_step(loss_fn(values, targets)).item())
    assert losses[-1] < 0.1 * losses[0]
    assert bundle.skipped_steps == 0


@pytest.fixture(scope="module")
def pong_frames() -> torch.Tensor:
    """Eight stacks of four grey 84x84 frames of real play, (8, 4, 84, 84) uint8."""
    ale_py = pytest.importorskip("ale_py")
    gymnasium.register_envs(ale_py)
    env = gymnasium.make("ALE/Pong-v5", obs_type="grayscale")
    env.action_space.seed(0)
    env.reset(seed=0)
    frames = np.stack([env.step(env.action_space.sample())[0] for _ in range(43)])
    small = torch.nn.functional.interpolate(torch.as_tensor(frames)[:, None].float(), (84, 84), mode="area")
    return small[:, 0].unfold(0, 4, 1)[-8:].permute(0, 3, 1, 2).round().to(torch.uint8).contiguous()


def test_the_conv_net_takes_real_pong_frames_as_bytes(pong_frames):
    assert pong_frames.shape == (8, 4, 84, 84)
    assert pong_frames.dtype == torch.uint8
    assert pong_frames.float().std() > 10
    bundle = slm_net.build_net(SPECS / "cnn_page.json", seed=0)
    values = bundle.model(pong_frames)
    assert values.shape == (8, 6)
    before = [parameter.detach().clone() for parameter in bundle.model.parameters()]
    bundle.train_step(bundle.loss_fn(values, torch.zeros_like(values)))
    assert bundle.grad_norm > 0
    moved = [not torch.equal(a, b) for a, b in zip(before, bundle.model.parameters(), strict=True)]
    assert all(moved)


def test_the_conv_net_takes_frames_in_the_layout_of_a_transposed_view(pong_frames):
    bundle = slm_net.build_net(SPECS / "cnn_page.json", seed=0)
    channel_last = pong_frames.permute(0, 2, 3, 1).contiguous()  # (8, 84, 84, 4), as many wrappers give them
    torch.testing.assert_close(bundle.model(channel_last.permute(0, 3, 1, 2)), bundle.model(pong_frames))


def test_the_made_environment_says_the_same_dims_as_its_id():
    by_id = slm_net.build_net(SPECS / "mlp_page.json")
    made = slm_net.build_net(SPECS / "mlp_page.json", env=gymnasium.make("CartPole-v1"))
    assert (by_id.in_dim, by_id.out_dim) == (made.in_dim, made.out_dim) == (4, 2)
