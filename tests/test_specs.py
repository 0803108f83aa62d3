"""Every file in specs/ is right, builds, and trains a step."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

import slm_net
from slm_net.document.algorithms import RECIPES
from slm_net.document.specs import read_document

SPECS = Path(__file__).parent.parent / "specs"
FILES = sorted(SPECS.iterdir())
#: What a net block alone is built with: no algorithm and environment say it.
DIMS = {
    "film_q_conv.json": ([(4, 84, 84), 6], 1),
    "hydra_mlp.json": ([4, 8], [2, 3]),
    "q_conv.json": ([(4, 84, 84), 6], 1),
    "q_mlp.json": ([11, 3], 1),
    "arc_fusion.yaml": ({"image": (3, 32, 32), "speed": 4}, 3),
    "arc_recurrent.yaml": ((4, 8), 3),
    "arc_residual_mlp.yaml": (12, [3, 3]),
    "arc_transformer.yaml": ((8, 6), 3),
}
WHOLE = [path for path in FILES if path.name not in DIMS]
AGENTS = {
    "arc_mlp": (5, "PPO", ["net", "critic_net"], 2),
    "arc_nature_cnn": (5, "DQN", ["net", "target_net"], 6),
    "a2c_halfcheetah": (4, "ActorCritic", ["net", "critic_net"], [6, 6]),
    "a3c_pong": (4, "ActorCritic", ["net"], [6, 1]),
    "crossq_hopper": (5, "CrossQ", ["net", "q1_net", "q2_net"], [3, 3]),
    "double_dqn_lunarlander": (5, "DoubleDQN", ["net", "target_net"], 4),
    "dqn_cartpole": (4, "DQN", ["net", "target_net"], 2),
    "hydra_dqn_cartpole_acrobot": (4, "HydraDQN", ["net", "target_net"], [2, 3]),
    "ppo_acrobot": (5, "PPO", ["net", "critic_net"], 3),
    "ppo_cartpole": (5, "PPO", ["net", "critic_net"], 2),
    "ppo_lunarlander": (5, "PPO", ["net", "critic_net"], 4),
    "ppo_recurrent_cartpole": (5, "PPO", ["net"], [2, 1]),
    "ppo_sil_acrobot": (4, "PPOSIL", ["net", "critic_net", "old_net"], 3),
    "random_pendulum": (5, "Random", [], None),
    "reinforce_cartpole": (4, "Reinforce", ["net"], 2),
    "reinforce_search": (5, "Reinforce", ["net"], 2),
    "sac_bipedalwalker": (4, "SoftActorCritic", ["net", "q1_net", "target_q1_net", "q2_net", "target_q2_net"], [4, 4]),
    "sac_lunarlander": (5, "SoftActorCritic", ["net", "q1_net", "target_q1_net", "q2_net", "target_q2_net"], 4),
    "sac_pendulum": (5, "SoftActorCritic", ["net", "q1_net", "target_q1_net", "q2_net", "target_q2_net"], 2),
    "sarsa_cartpole": (4, "SARSA", ["net"], 2),
    "sil_cartpole": (4, "SIL", ["net"], [2, 1]),
    "vanilla_dqn_cartpole": (5, "VanillaDQN", ["net"], 2),
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_it_has_no_problem_not_even_a_warning(path):
    assert slm_net.validate(path, strict=True) == []


def weights(built):
    bundles = built.values() if isinstance(built, slm_net.AgentNets) else [built]
    return [tensor for bundle in bundles for tensor in bundle.model.state_dict().values()]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_seed_draws_what_it_draws_as_the_global_one(path):
    def build(**seed):
        if path.name in DIMS:
            in_dim, out_dim = DIMS[path.name]
            return slm_net.build_net(path, in_dim=in_dim, out_dim=out_dim, **seed)
        return slm_net.build_nets(path, **seed)

    torch.manual_seed(3)
    expected = weights(build())
    torch.manual_seed(5)
    before = torch.get_rng_state()
    for ours, theirs in zip(weights(build(seed=3)), expected, strict=True):
        assert torch.equal(ours, theirs)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("path", WHOLE, ids=lambda path: path.name)
def test_a_whole_spec_builds_all_nets_of_its_agent(path):
    nets = slm_net.build_nets(path, seed=0)
    assert bool(nets) == (nets.algorithm != "Random")
    for name, bundle in nets.items():
        outputs = outputs_of(bundle)
        widths = [out.shape[-1] for out in outputs] if isinstance(outputs, list) else outputs.shape[-1]
        assert widths == bundle.out_dim
        assert (bundle.optimizer is None) == (name in nets.sources)


@pytest.mark.parametrize("file", DIMS)
def test_a_net_block_builds_with_dims(file):
    in_dim, out_dim = DIMS[file]
    bundle = slm_net.build_net(SPECS / file, in_dim=in_dim, out_dim=out_dim, seed=0)
    outputs = outputs_of(bundle)
    if isinstance(out_dim, list):
        assert [out.shape for out in outputs] == [(2, width) for width in out_dim]
    else:
        assert outputs.shape == (2, out_dim)


@pytest.mark.parametrize("name", AGENTS)
def test_a_familys_spec_has_the_nets_of_its_algorithm(name):
    version, algorithm, names, out_dim = AGENTS[name]
    path = SPECS / f"{name}.{'yaml' if name.startswith('arc') else 'json'}"
    nets = slm_net.build_nets(path)
    assert (nets.algorithm, list(nets)) == (algorithm, names)
    assert not names or nets["net"].out_dim == out_dim
    assert isinstance(slm_net.load_spec(path)["agent"], list) == (version == 4)


def test_every_algorithm_has_a_spec():
    assert {algorithm for _, algorithm, _, _ in AGENTS.values()} == {name for name in RECIPES if name != "DQNBase"}


def outputs_of(bundle):
    """What the net puts out for a batch of two."""
    sizes = [*bundle.in_dim.values()] if isinstance(bundle.in_dim, dict) else bundle.in_dim
    several = sizes if isinstance(sizes, list) else [sizes]
    inputs = [torch.rand(2, *(dim if isinstance(dim, tuple) else (dim,))) for dim in several]
    return bundle.model(inputs) if type(bundle.model).__name__.startswith("Hydra") else bundle.model(*inputs)


def test_the_pages_build_what_they_say():
    sizes = {name: slm_net.build_net(SPECS / f"{name}.json") for name in ("cnn_page", "mlp_page", "rnn_page")}
    assert {name: (bundle.in_dim, bundle.out_dim) for name, bundle in sizes.items()} == {
        "cnn_page": ((4, 84, 84), 6),
        "mlp_page": (4, 2),
        "rnn_page": ((4, 4), 2),
    }
    convolutions = [layer for layer in sizes["cnn_page"].model.modules() if isinstance(layer, torch.nn.Conv2d)]
    assert [layer.out_channels for layer in convolutions] == [32, 64, 32]
    dense = [layer for layer in sizes["mlp_page"].model.modules() if isinstance(layer, torch.nn.Linear)]
    assert [layer.out_features for layer in dense] == [256, 128, 64, 2]
    cells = [layer for layer in sizes["rnn_page"].model.modules() if isinstance(layer, torch.nn.GRU)]
    assert [(cell.input_size, cell.hidden_size) for cell in cells] == [(128, 64)]


@pytest.mark.parametrize("name", ["cnn_page", "mlp_page", "rnn_page"])
def test_a_page_trains_a_step(name):
    bundle = slm_net.build_net(SPECS / f"{name}.json", seed=0)
    shape = bundle.in_dim if isinstance(bundle.in_dim, tuple) else (bundle.in_dim,)
    values = bundle.model(torch.rand(8, *shape))
    before = [parameter.detach().clone() for parameter in bundle.model.parameters()]
    bundle.train_step(bundle.loss_fn(values, torch.ones_like(values)))
    assert all(not torch.equal(a, b) for a, b in zip(before, bundle.model.parameters(), strict=True))


def test_the_annotated_page_is_the_same_network():
    plain, annotated = (SPECS / name for name in ("cnn_page.json", "cnn_page_annotated.jsonc"))
    assert read_document(plain).source.data == read_document(annotated).source.data
    with pytest.raises(json.JSONDecodeError):  # its comments are real ones
        json.loads(annotated.read_text())
    one, other = (slm_net.build_net(path, seed=0) for path in (plain, annotated))
    assert one.spec == other.spec
    assert all(torch.equal(a, b) for a, b in zip(one.model.parameters(), other.model.parameters(), strict=True))
