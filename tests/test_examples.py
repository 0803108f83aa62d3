"""The examples learn, quicker and with less to show than when they are run in full: see examples/README.md."""

from __future__ import annotations

import importlib
import re
import sys
from functools import partial
from itertools import chain
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import torch

import slm_net

pytest.importorskip("gymnasium")
ROOT = Path(__file__).parent.parent
#: Each example that trains, and a spec of it.
EXAMPLES = {"dqn_cartpole": "dqn", "ppo_cartpole": "ppo", "sac_pendulum": "sac_pendulum"}
#: Frames, settings that go with so few, and a return that no random policy has.
SHORT = {
    "dqn_cartpole": (12_000, {"agent.0.algorithm.explore_var_spec.end_step": 6_000}, 140),
    "ppo_cartpole": (24 * 1024, {}, 250),
    "sac_pendulum": (5_000, {}, -700),
}


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def example(monkeypatch):
    """A module of the folder, by name."""
    monkeypatch.syspath_prepend(ROOT / "examples")
    yield importlib.import_module
    trained = "ddp_ppo", "fusion_cartpole", "recurrent_ppo", "population_cartpole"
    others = ("common", *trained, "learning", "picture", "search_objective")
    for name in (*others, *EXAMPLES.values()):
        sys.modules.pop(name, None)


@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_learns(name, example):
    frames, overrides, least = SHORT[name]
    module, common = example(EXAMPLES[name]), example("common")
    spec = slm_net.load_spec(ROOT / "specs" / f"{name}.json", overrides=overrides)
    make = partial(module.make, spec)
    untrained = common.evaluate(make, slm_net.build_nets(spec, seed=0), episodes=20)
    nets, _ = module.train(spec, frames, seed=0)
    returns = common.evaluate(make, nets, episodes=20)
    assert untrained.mean() < least < returns.mean()
    assert all(bundle.skipped_steps == 0 for bundle in nets.values())


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_training_is_the_same_again_with_its_seed(name, example):
    module, spec = example(EXAMPLES[name]), slm_net.load_spec(ROOT / "specs" / f"{name}.json")
    agent, _ = example("common").settings(spec)
    agent["algorithm"] |= {"training_start_step": 150, "training_epoch": 1}
    runs = [module.train(spec, 250, seed=seed) for seed in (3, 3, 4)]
    ends = [episodes.returns for _, episodes in runs]
    weights = [torch.cat([p.flatten() for p in nets["net"].model.parameters()]) for nets, _ in runs]
    assert ends[0] == ends[1] != ends[2]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_an_objective_of_a_search_reports_and_gives_a_number(example):
    """As `slm-net search` calls it, for a few frames."""
    steps, spec = [], slm_net.load_spec(ROOT / "specs" / "reinforce_search.json", overrides={"env.max_frame": 150})
    results = [example("search_objective").run(spec, lambda step, value: steps.append(step)) for _ in range(2)]
    assert results[0] == results[1] > 5 and steps[: len(steps) // 2] == sorted(steps[: len(steps) // 2])
    assert steps[-1] >= 150


def test_the_policy_may_be_an_arc(example, capsys, monkeypatch, tmp_path):
    module, file = example("ppo"), str(ROOT / "specs" / "arc_mlp.yaml")
    flags = ["--spec", file, "--frames", "1100", "--out", str(tmp_path / "curve.png")]
    monkeypatch.setattr(sys, "argv", ["ppo.py", *flags])
    example("common").main(module.train, module.make, "ppo_cartpole")
    assert "mean return over 100 evaluation episodes" in " ".join(capsys.readouterr().out.split())
    nets, _ = module.train(slm_net.load_spec(file), 1100, seed=0)
    assert type(nets["net"].model).__name__ == "TorchArcNet" and nets["net"].skipped_steps == 0


@pytest.mark.parametrize("task", ["ppo_acrobot", "ppo_lunarlander", "double_dqn_lunarlander"])
def test_the_environment_is_that_of_the_spec(task, example):
    if "lunar" in task:
        pytest.importorskip("Box2D")
    module = example(example("learning").TASKS[task])
    spec = slm_net.load_spec(ROOT / "specs" / f"{task}.json", overrides={"env.max_t": 40})
    nets, episodes = module.train(spec, 250, seed=0)
    assert len(episodes.returns) >= 6 and all(bundle.skipped_steps == 0 for bundle in nets.values())
    assert module.make(spec).spec.id == example("common").settings(spec)[1]["name"]


@pytest.mark.parametrize(
    ("override", "value", "said"),
    [
        ("agent.memory", {"name": "PrioritizedReplay", "batch_size": 32, "max_size": 100}, "'PrioritizedReplay'"),
        ("agent.algorithm.name", "HydraDQN", "'DQN' and 'DoubleDQN' alone"),
        ("agent.algorithm.training_batch_iter", 3, "training_batch_iter is 3"),
        ("agent.algorithm.action_policy", "boltzmann", "'epsilon_greedy' alone"),
        ("agent.algorithm.explore_var_spec.name", "rate_decay", "'linear_decay' alone"),
        ("env.normalize_obs", True, "normalize_obs is True"),
        ("env.name", "ALE/Breakout-v5", "the examples are for vectors"),
    ],
)
def test_a_setting_without_code_is_refused(override, value, said, example):
    pytest.importorskip("Box2D")
    spec = slm_net.load_spec(ROOT / "specs" / "double_dqn_lunarlander.json", overrides={override: value})
    with pytest.raises(ValueError, match=said):
        example("dqn").train(spec, 10)


@pytest.mark.parametrize("name", ["dqn_cartpole", "sac_pendulum"])
def test_as_many_environments_are_collected_from_as_the_spec_says(name, example, monkeypatch):
    spec = slm_net.load_spec(ROOT / "specs" / f"{name}.json")
    agent, env = example("common").settings(spec)
    env |= {"num_envs": 3, "max_t": 20}
    agent["algorithm"] |= {"training_start_step": 60, "training_frequency": 4, "training_iter": 1}
    module, learned = example(EXAMPLES[name]), []
    monkeypatch.setattr(module, "learn", lambda nets, batch, gamma, frame: learned.append(frame))
    _, episodes = module.train(spec, 150, seed=0)
    assert episodes.ends and all(end % 3 == 0 for end in episodes.ends)
    assert learned == [frame for frame in range(60, 151, 3) if frame % 4 < 3]
    assert name == "dqn_cartpole" or episodes.ends == [60, 60, 60, 120, 120, 120]


def test_an_episode_ends_in_the_state_in_which_it_ends(example):
    common = example("common")
    envs = common.side_by_side(common.make, {"agent": {}, "env": {"name": "CartPole-v1", "num_envs": 2, "max_t": 3}})
    states, _ = envs.reset(seed=0)
    episodes = common.Episodes("", 6, show=False)
    for frame in (2, 4, 6):
        moved = common.move(envs, np.array([0, 1]))
        episodes.add(frame, moved.rewards, moved.ended)
        assert np.abs(moved.next_states - states).max() > 0
        states = moved.states
    assert moved.ended.all() and not moved.terminated.any()
    assert np.abs(moved.next_states[:, 1]).min() > 0.5 and np.abs(moved.states).max() <= 0.05
    assert (episodes.ends, episodes.returns, episodes.totals.tolist()) == ([6, 6], [3.0, 3.0], [0.0, 0.0])


@pytest.mark.parametrize("algorithm", ["DQN", "DoubleDQN"])
def test_double_dqn_asks_the_online_net_which_action_is_best(algorithm, example):
    overrides = {"agent.algorithm.name": algorithm, "agent.name": algorithm}
    spec = slm_net.load_spec(ROOT / "specs" / "double_dqn_lunarlander.json", overrides=overrides)
    ours, theirs = (slm_net.build_nets(spec, seed=1) for _ in range(2))
    random = torch.Generator().manual_seed(0)
    states, next_states = torch.randn(2, 64, 8, generator=random)
    actions, rewards = torch.arange(64) % 4, torch.randn(64, generator=random)
    going = (torch.arange(64) % 3 > 0).float()
    example("dqn").learn(ours, [states, actions, rewards, next_states, going], gamma=0.9, frame=1)
    with torch.no_grad():
        online, target = (theirs[name].model(next_states) for name in ("net", "target_net"))
    assert (online.argmax(-1) != target.argmax(-1)).any()
    best = (online if algorithm == "DoubleDQN" else target).argmax(-1)
    goals = rewards + 0.9 * going * target[range(64), best]
    theirs["net"].train_step(theirs["net"].loss_fn(theirs["net"].model(states)[range(64), actions], goals), 1)
    for one, other in zip(ours["net"].model.parameters(), theirs["net"].model.parameters(), strict=True):
        torch.testing.assert_close(one, other)


def test_a_run_of_the_learning_table_is_kept_until_it_is_another(example, tmp_path, monkeypatch):
    learning = example("learning")
    first = learning.run("ppo_cartpole", 0, 1024, tmp_path)
    written = (tmp_path / "ppo_cartpole_0.json").stat().st_mtime_ns
    assert learning.run("ppo_cartpole", 0, 1024, tmp_path) == first
    assert (tmp_path / "ppo_cartpole_0.json").stat().st_mtime_ns == written
    longer = learning.run("ppo_cartpole", 0, 2048, tmp_path)
    assert longer["returns"][: len(first["returns"])] == first["returns"]
    assert learning.run("ppo_cartpole", 0, 1024, tmp_path)["returns"] == first["returns"]


def test_the_learning_table_says_which_goals_were_reached(example, tmp_path):
    pytest.importorskip("matplotlib").use("agg")
    learning = example("learning")
    run = learning.run("ppo_cartpole", 0, 1024, tmp_path) | {"mean": 500.0}
    (tmp_path / "images").mkdir()
    page = tmp_path / "learning.md"
    page.write_text(f"Before\n{learning.BEGIN}old\n{learning.END}After\n")
    learning.write([[run, run], [run, run | {"mean": 499.9}]], tmp_path)
    rows = [line for line in page.read_text().splitlines() if line.startswith("| CartPole-v1")]
    assert [row.split(" | ")[-3:] for row in rows] == [
        ["500.0, 500.0", "500", "yes |"],
        ["500.0, 499.9", "500", "by 1 of 2 |"],
    ]
    assert page.read_text().startswith("Before\n") and page.read_text().endswith("After\n")
    assert (tmp_path / "images" / "learning_ppo_cartpole.png").exists()


@pytest.mark.slow
def test_an_image_and_a_vector_are_trained_together(example):
    pytest.importorskip("pygame")
    module = example("fusion_cartpole")
    bundle, lengths = module.train(updates=2)
    before, _ = module.train(updates=0)
    assert len(lengths) == 2 and bundle.skipped_steps == 0
    pairs = zip(before.model.parameters(), bundle.model.parameters(), strict=True)
    assert all(not torch.equal(*pair) for pair in pairs)


def test_a_net_that_remembers_is_trained(example):
    module, common = example("recurrent_ppo"), example("common")
    small = {"agent.net.seq_len": 8, "agent.algorithm.time_horizon": 32, "agent.algorithm.minibatch_size": 64}
    spec = slm_net.load_spec(ROOT / "specs" / "ppo_recurrent_cartpole.json", overrides={**small, "env.num_envs": 4})
    nets, episodes = module.train(spec, 3 * 32 * 4, seed=0)
    before = slm_net.build_nets(spec, env=module.make(spec), seed=0)["net"]
    assert len(episodes.returns) > 3 and nets["net"].in_dim == (8, 2) and nets["net"].skipped_steps == 0
    pairs = zip(before.model.parameters(), nets["net"].model.parameters(), strict=True)
    assert all(not torch.equal(*pair) for pair in pairs)
    assert common.evaluate(partial(module.make, spec), nets, episodes=3).min() > 0


def test_what_is_learned_from_is_what_the_net_remembered(example):
    module = example("recurrent_ppo")
    spec = slm_net.load_spec(ROOT / "specs" / "ppo_recurrent_cartpole.json")
    net = slm_net.build_nets(spec, env=module.make(spec), seed=0)["net"]
    states, starts = torch.rand(5, 3, 2), torch.zeros(5, 3, dtype=torch.bool)
    starts[0], starts[3, 1] = True, True
    memory = torch.rand(3, 1, 64)
    policy, _ = module.unrolled(net, module.Steps(states, starts, None, None, None, memory[None]))
    state = memory.transpose(0, 1).contiguous()
    for step in range(5):
        actions, state = net.act(states[step], state, starts=starts[step], deterministic=True)
        assert actions.tolist() == policy.probs[step].argmax(dim=-1).tolist()


def test_a_population_trains_its_seeds_side_by_side(example, tmp_path):
    module, overrides = example("population_cartpole"), {"agent.0.algorithm.training_start_step": 350}
    spec = slm_net.load_spec(ROOT / "specs" / "dqn_cartpole.json", overrides=overrides)
    runs = [module.train(spec, range(first, first + 3), 400) for first in (0, 0, 1)]
    curves = [curve for _, curve in runs]
    assert curves[0].shape == (2, 3) and np.array_equal(curves[0], curves[1])
    assert not np.array_equal(curves[0], curves[2]) and (curves[0] > 0).all()
    population, _ = runs[0]
    assert population.seeds == [0, 1, 2] and population.skipped_steps == [0, 0, 0]
    for seed, member in enumerate(population):
        first = slm_net.build_net(spec, seed=seed).model
        assert not any(torch.equal(*pair) for pair in zip(first.parameters(), member.model.parameters(), strict=True))
    pytest.importorskip("matplotlib").use("agg")
    module.save_curves(curves[0], tmp_path / "curve.png")
    assert (tmp_path / "curve.png").stat().st_size > 10_000


def test_linear_decay_stays_at_its_ends(example):
    schedule = {"start_val": 1.0, "end_val": 0.2, "start_step": 100, "end_step": 200}
    values = [example("common").linear_decay(schedule, frame) for frame in (0, 100, 150, 200, 10_000)]
    assert values == pytest.approx([1.0, 1.0, 0.6, 0.2, 0.2])


def test_the_replay_memory_keeps_the_last(example):
    replay = example("common").Replay(max_size=4, seed=0)
    for number in range(10):
        replay.add(np.full(3, float(number)), number, 0.5 * number)
    states, actions, rewards = replay.sample(200)
    assert set(actions.tolist()) == {6, 7, 8, 9}
    assert torch.equal(states, actions[:, None].expand(-1, 3).float())
    assert torch.equal(rewards, 0.5 * actions)


def test_advantages_are_those_worked_out_by_hand(example):
    nets = slm_net.build_nets(ROOT / "specs" / "ppo_cartpole.json", seed=0)
    critic, ppo = nets["critic_net"].model, example("ppo")
    with torch.no_grad():
        for parameter in critic.parameters():
            parameter.zero_()
        [*critic.parameters()][-1].fill_(10)  # every state is worth 10
    states, going = torch.zeros(3, 1, 4), torch.tensor([[False], [False], [False]])
    ended, rewards = torch.tensor([[False], [True], [False]]), torch.ones(3, 1)
    for terminated, second in ((ended, 1 - 10.0), (going, 1 + 5 - 10.0)):  # an end, or only the time limit
        rollout = ppo.Step(states, torch.zeros(3, 1), rewards, states, terminated, ended)
        gains, returns = ppo.advantages(nets, rollout, gamma=0.5, lam=0.8)
        assert gains[:, 0].tolist() == pytest.approx([-4 + 0.4 * second, second, -4])
        assert torch.equal(returns, gains + 10)


def as_process(module, monkeypatch, rank, world):
    monkeypatch.setattr(module, "RANK", rank)
    monkeypatch.setattr(module, "WORLD", world)


@pytest.mark.parametrize("world", [2, 4, 8])
def test_the_minibatches_of_all_processes_are_those_of_one(world, example, monkeypatch):
    ddp = example("ddp_ppo")

    def steps(rank, world):
        """The time and the environment of each row, by minibatch."""
        as_process(ddp, monkeypatch, rank, world)
        parts, own = ddp.minibatches(16, 8, 32, torch.Generator().manual_seed(0)), 8 // world
        return [[(row // own, rank + world * (row % own)) for row in part.tolist()] for part in parts]

    one = steps(0, 1)
    together = [chain(*parts) for parts in zip(*(steps(rank, world) for rank in range(world)), strict=True)]
    assert list(map(sorted, together)) == list(map(sorted, one))
    assert sorted(chain(*one)) == [(time, environment) for time in range(16) for environment in range(8)]


def test_an_environment_is_the_same_in_each_process(example, monkeypatch):
    ddp, rollouts = example("ddp_ppo"), {}
    spec = slm_net.load_spec(ROOT / "specs" / "ppo_cartpole.json")
    nets = slm_net.build_nets(spec, seed=0)
    for rank, world in ((0, 1), (0, 2), (1, 2)):
        as_process(ddp, monkeypatch, rank, world)
        rollouts[rank, world], returns = ddp.Players(spec, 4, seed=5).play(nets, 40)
        assert returns and max(returns) <= 40
    for column, *parts in zip(rollouts[0, 1], rollouts[0, 2], rollouts[1, 2], strict=True):
        for rank, part in enumerate(parts):
            torch.testing.assert_close(part, column[:, rank::2])


def test_advantages_are_normalised(example):
    gains = torch.rand(50, generator=torch.Generator().manual_seed(0)) * 7 + 100
    torch.testing.assert_close(example("ddp_ppo").normalised(gains), (gains - gains.mean()) / gains.std())


def test_the_picture_of_the_readme_shows_the_spec_its_policy_and_every_seed(example):
    spec = slm_net.load_spec(ROOT / "specs" / "ppo_cartpole.json")
    run = {"spec": spec, "frames": 3000, "env": "CartPole-v1", "algorithm": "PPO"}
    runs = [
        run | {"ends": list(range(0, 3000, 10)), "returns": [float(at + seed) for at in range(300)]}
        for seed in range(3)
    ]
    drawn = example("picture").picture("ppo_cartpole", runs)
    words = "".join(ElementTree.fromstring(drawn).itertext()).replace("\xa0", " ")
    for shown in ("specs/ppo_cartpole.json", '"hid_layers": [64, 64],', "4,610 parameters", "solved at 500", "3 seeds"):
        assert shown in words
    assert drawn.count("<polyline") == 3


@pytest.mark.parametrize("plots", [True, False])
def test_an_example_runs_from_the_command_line(plots, example, tmp_path, monkeypatch, capsys):
    if plots:
        pytest.importorskip("matplotlib").use("agg")
    else:
        monkeypatch.setitem(sys.modules, "matplotlib", None)
    module, file = example("ppo"), tmp_path / "new" / "curve.png"
    monkeypatch.setattr(sys, "argv", ["ppo.py", "--seed", "1", "--frames", "1000", "--out", str(file)])
    example("common").main(module.train, module.make, "ppo_cartpole")
    out = " ".join(capsys.readouterr().out.split())
    assert re.search(r"seed 1, \d+ episodes in 0\.\d minutes, mean return over 100 evaluation episodes: \d+\.\d", out)
    assert file.exists() == plots
    assert plots or "pip install" in out
