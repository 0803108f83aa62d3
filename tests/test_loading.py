"""What was saved comes back: the nets, their training, and an error for everything that is something else."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from gymnasium.spaces import Box, Discrete, MultiDiscrete, Tuple

import slm_net
from slm_net import AgentNets, NetBundle, SpecError
from slm_net.text.folder import CONFIG, MODEL, POINTER

SPECS = Path(__file__).parent.parent / "specs"
MLP = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu", "optim_spec": {"name": "Adam", "lr": 0.01}}
#: One spec of each kind of agent and of net.
WHOLE = [
    *("dqn_cartpole.json", "ppo_cartpole.json", "sac_pendulum.json", "crossq_hopper.json", "ppo_sil_acrobot.json"),
    *("hydra_dqn_cartpole_acrobot.json", "random_pendulum.json", "arc_mlp.yaml", "sac_lunarlander.json"),
]
BARE = {
    "arc_fusion.yaml": ({"image": (3, 32, 32), "speed": 4}, 3),
    "arc_recurrent.yaml": ((4, 8), 3),
    "hydra_mlp.json": ([4, 8], [2, 3]),
    "q_mlp.json": ([11, 3], 1),
    "q_conv.json": ([(4, 36, 36), 6], 1),
}
RNN = {
    "type": "RecurrentNet",
    "fc_hid_layers": [8],
    "hid_layers_activation": "tanh",
    "rnn_hidden_size": 5,
    "seq_len": 3,
}
TYPES = {
    "DuelingMLPNet": ({**MLP, "type": "DuelingMLPNet"}, 4, 2),
    "RecurrentNet": (
        {**MLP, "type": "RecurrentNet", "hid_layers": None, "fc_hid_layers": [8], "rnn_hidden_size": 5, "seq_len": 3},
        (3, 4),
        2,
    ),
    "batch norm": ({**MLP, "batch_norm": True}, 4, [2, 1]),
    "log_std": ({**MLP, "log_std_init": -0.5}, 4, [2, 2]),
    "lookahead": ({**MLP, "optim_spec": {"name": "Lookahead", "lr": 0.01}}, 4, 2),
    "schedule": ({**MLP, "lr_scheduler_spec": {"name": "ReduceLROnPlateau", "patience": 1}}, 4, 2),
    "fp16": ({**MLP, "amp": "fp16"}, 4, 2),
}


def inputs(bundle, generator):
    dims = bundle.in_dim if isinstance(bundle.in_dim, list) or type(bundle.model).__name__.startswith("Q") else None
    several = (
        dims if dims is not None else bundle.in_dim.values() if isinstance(bundle.in_dim, dict) else [bundle.in_dim]
    )
    made = [torch.rand(4, *((dim,) if isinstance(dim, int) else dim), generator=generator) for dim in several]
    return (made,) if type(bundle.model).__name__ == "HydraMLPNet" else made


def train(nets, steps, seed):
    """Some updates of every net that is trained, and of the targets."""
    bundles, generator = nets.all_bundles() if isinstance(nets, AgentNets) else {"net": nets}, torch.Generator()
    generator.manual_seed(seed)
    for step in range(steps):
        for name, bundle in bundles.items():
            if bundle.optimizer is not None:
                outputs = bundle.model(*inputs(bundle, generator)) if name != "log_alpha" else bundle.model()
                outputs = outputs if isinstance(outputs, list) else [outputs]
                bundle.train_step(sum((y - 1).square().mean() for y in outputs), frame=100 * seed + step)
        if isinstance(nets, AgentNets):
            nets.update_targets()
    return nets


def flat(state, path=()):
    if isinstance(state, dict):
        return {k: v for key, value in state.items() for k, v in flat(value, (*path, key)).items()}
    if isinstance(state, (list, tuple)):
        return {k: v for index, value in enumerate(state) for k, v in flat(value, (*path, index)).items()}
    return {path: state.tolist() if isinstance(state, torch.Tensor) else state}


def acting(bundle):
    exploration = None if bundle.exploration is None else repr(bundle.exploration)  # which may have nan
    dims = bundle.in_dim, bundle.out_dim
    return (*dims, bundle.action, bundle.action_pdtype, bundle.observation, bundle.gives, exploration)


def goes_on(nets, folder):
    """Saved after some updates and loaded, the nets are what they were, and train on bit by bit alike."""
    train(nets, 3, 0).save(folder)
    again = slm_net.load(folder)
    assert type(again) is type(nets)
    assert repr(again) == repr(nets)
    assert again.seed == nets.seed
    assert flat(again.state_dict()) == flat(nets.state_dict())
    for each in (nets, again):
        train(each, 3, 1)
    assert flat(again.state_dict()) == flat(nets.state_dict())
    pairs = zip(nets.values(), again.values(), strict=True) if isinstance(nets, AgentNets) else [(nets, again)]
    for one, other in pairs:
        assert one.spec == other.spec
        assert acting(one) == acting(other)
        assert one.model.training == other.model.training
        assert [p.requires_grad for p in one.model.parameters()] == [p.requires_grad for p in other.model.parameters()]
    return again


@pytest.mark.parametrize("file", WHOLE)
def test_an_agent_goes_on_as_it_was(file, tmp_path):
    nets = slm_net.build_nets(SPECS / file, seed=1)
    again = goes_on(nets, tmp_path)
    assert again.sources == nets.sources
    assert slm_net.load_spec(tmp_path) == nets.spec == slm_net.load_spec(SPECS / file)
    assert slm_net.load(tmp_path, SPECS / file).algorithm == nets.algorithm


@pytest.mark.parametrize("file", BARE)
def test_a_net_of_a_file_goes_on_as_it_was(file, tmp_path):
    goes_on(slm_net.build_net(SPECS / file, *BARE[file], seed=1), tmp_path)
    assert isinstance(slm_net.load(tmp_path, SPECS / file), NetBundle)


@pytest.mark.parametrize("name", TYPES)
def test_every_part_of_a_net_goes_on_as_it_was(name, tmp_path):
    block, in_dim, out_dim = TYPES[name]
    goes_on(slm_net.build_net(block, in_dim, out_dim), tmp_path)


def test_spaces_that_no_spec_tells_are_kept(tmp_path):
    spaces = Box(-1, 1, (7,), np.float32), Discrete(3)
    nets = slm_net.build_nets(SPECS / "dqn_cartpole.json", env=spaces)
    nets.save(tmp_path)
    again = slm_net.load(tmp_path)
    assert again["net"].action == nets["net"].action
    assert slm_net.load(tmp_path, SPECS / "dqn_cartpole.json", env=spaces)["net"].in_dim == 7
    with pytest.raises(SpecError, match="in_dim is 4 by the spec and 7 in the folder"):
        slm_net.load(tmp_path, SPECS / "dqn_cartpole.json")


def test_a_population_goes_on_as_it_was(tmp_path):
    rates = [{"optim_spec.lr": lr} for lr in (0.1, 0.01, 0.001)]
    population = slm_net.build_population(MLP, 4, 2, seeds=[5, 6, 7], overrides=rates)

    def trained(nets, seed):
        generator = torch.Generator().manual_seed(seed)
        for _ in range(3):
            x, y = (torch.rand(8, size, generator=generator) for size in (4, 2))
            losses = nets.loss_fn(nets.model(x), y.expand(3, 8, 2))
            nets.train_step(losses * torch.tensor([1, torch.nan, 1]))
        return nets

    with pytest.warns(RuntimeWarning, match="member 1"):
        trained(population, 0).save(tmp_path)
    again = slm_net.load(tmp_path)
    assert (again.seeds, again.skipped_steps, again.specs) == ([5, 6, 7], [0, 3, 0], population.specs)
    assert flat(trained(again, 1).state_dict()) == flat(trained(population, 1).state_dict())
    assert slm_net.load_spec(tmp_path)["type"] == "MLPNet"
    with pytest.raises(SpecError, match=r"lr is 0\.5 in the spec and 0\.1 in the folder"):
        slm_net.load(tmp_path, {**MLP, "optim_spec": {"name": "Adam", "lr": 0.5}})


def test_spaces_of_several_parts_are_kept(tmp_path):
    both = Tuple((Discrete(3, start=2), MultiDiscrete([2, 4]))), Tuple((Discrete(2, start=5), Discrete(3)))
    hydra = {"type": "HydraMLPNet", "hid_layers": [[[4]], [8], []], "hid_layers_activation": "relu"}
    bundle = slm_net.build_net(hydra, env=both)
    bundle.save(tmp_path)
    again = slm_net.load(tmp_path)
    assert acting(again) == acting(bundle)
    torch.manual_seed(0)
    action = bundle.act((3, np.array([1, 2])))
    torch.manual_seed(0)
    assert again.act((3, np.array([1, 2]))) == action
    assert both[1].contains(action)


def test_another_spec_is_refused_at_its_keys(tmp_path):
    slm_net.build_nets(SPECS / "dqn_cartpole.json").save(tmp_path)
    changes = {"agent.0.net.optim_spec.lr": 0.5, "agent.0.net.hid_layers": [3]}
    with pytest.raises(SpecError) as caught:
        slm_net.load(tmp_path, SPECS / "dqn_cartpole.json", overrides=changes)
    messages = {(problem.rule, problem.message) for problem in caught.value.problems}
    assert messages == {
        ("SN112", "lr is 0.5 in the spec and 0.0005 in the folder"),
        ("SN112", "hid_layers is [3] in the spec and [128, 128] in the folder"),
    }
    assert all(problem.line > 1 for problem in caught.value.problems)
    with pytest.raises(SpecError, match="the spec has net, critic_net, and in the folder there are net"):
        slm_net.load(tmp_path, SPECS / "ppo_cartpole.json")


def test_the_settings_of_the_state_win_in_silence(tmp_path, recwarn):
    bundle = slm_net.build_net(MLP, 4, 2)
    bundle.optimizer.param_groups[0]["lr"] = 0.5
    bundle.save(tmp_path)
    assert slm_net.load(tmp_path).optimizer.param_groups[0]["lr"] == 0.5
    assert not recwarn.list


def test_a_target_update_of_ones_own_is_kept(tmp_path):
    nets = slm_net.build_nets(SPECS / "dqn_cartpole.json")
    nets["target_net"].target_update = slm_net.training.TargetUpdate("polyak", 3, 0.25)
    nets.save(tmp_path)
    assert slm_net.load(tmp_path)["target_net"].target_update == nets["target_net"].target_update


def test_loading_draws_no_random_numbers_and_needs_no_name(tmp_path):
    slm_net.build_net(MLP, 4, 2).save(tmp_path)
    before = torch.get_rng_state()
    model = slm_net.load(tmp_path / "step-1", wrap=lambda net: torch.compile(net, backend="eager")).model
    assert type(model).__name__ == "OptimizedModule"
    assert torch.equal(torch.get_rng_state(), before)


def test_an_error_of_the_callers_own_stays_as_it_is(tmp_path):
    def broken(model):
        raise RuntimeError("my own")

    slm_net.build_net(MLP, 4, 2).save(tmp_path / "net")
    with pytest.raises(RuntimeError, match="my own"):
        slm_net.load(tmp_path / "net", wrap=broken)
    slm_net.build_population(MLP, 4, 2, seeds=[1]).save(tmp_path / "population")
    with pytest.raises(ValueError, match="takes no wrap="):
        slm_net.load(tmp_path / "population", wrap=broken)


def test_a_spec_of_a_folder_is_read_without_torch(tmp_path):
    slm_net.build_nets(SPECS / "dqn_cartpole.json").save(tmp_path)
    code = f"import slm_net, sys; slm_net.load_spec({str(tmp_path)!r}); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert slm_net.validate(tmp_path) == []
    assert repr(slm_net.build_nets(tmp_path, seed=2)) == repr(slm_net.build_nets(SPECS / "dqn_cartpole.json", seed=2))


def test_safetensors_reads_the_weights_by_their_names(tmp_path):
    from safetensors.torch import load_file

    bundle = slm_net.build_net(TYPES["DuelingMLPNet"][0], 4, 2)
    bundle.save(tmp_path)
    found = load_file(tmp_path / "step-1" / MODEL)
    assert found.keys() == bundle.model.state_dict().keys()
    assert torch.equal(found["model_tails.1.weight"], bundle.model.adv.weight)
    again = slm_net.load(tmp_path)
    assert again.model.model_tails[1] is again.model.adv


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda config: config.pop("slm_net"), "is no config of slm_net"),
        (lambda config: config["slm_net"].update(format=9, version="7.0"), "it is of slm_net 7.0"),
        (lambda config: config.pop("nets"), "is no config of slm_net"),
        (lambda config: config["nets"]["net"]["spec"].update(type="Pickle"), "SN103|unknown-name"),
        (lambda config: config["nets"]["net"].update(in_dim=-4), "in_dim"),
        (lambda config: config["nets"]["net"].update(in_dim=5), "is \\(8, 5\\) here and \\(8, 4\\) in the state"),
        (lambda config: config["nets"]["net"]["spec"].update(hid_layers=[10**12]), "hid_layers"),
        (lambda config: config["nets"]["net"].update(action={"kind": "x", "evil": 1}), "does not fit"),
        (lambda config: config["nets"]["net"].update(target_update=["x", 1, 1]), "no update_type"),
    ],
)
def test_a_config_that_somebody_wrote_is_one_clear_error(change, message, tmp_path):
    from bundle.test_saving import forge

    slm_net.build_net(MLP, 4, 2).save(tmp_path)
    step = slm_net.text.folder.last_step(tmp_path)
    config = step.read_json(CONFIG)
    change(config)
    forge(step, CONFIG, json.dumps(config).encode())
    with pytest.raises(SpecError, match=message) as caught:
        slm_net.load(step.path)
    assert caught.value.problems[0].file.startswith(str(tmp_path))


def test_a_folder_of_something_else_is_one_clear_error(tmp_path):
    with pytest.raises(SpecError, match=f"holds no {POINTER}"):
        slm_net.load(tmp_path)
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(SpecError, match=f"holds no {POINTER}"):
        slm_net.load(tmp_path)
    assert os.listdir(tmp_path) == ["config.json"]
