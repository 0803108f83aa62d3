"""in_dim: what a net is fed, from one environment or several."""

from types import SimpleNamespace

import pytest
from space_helpers import (
    CONV,
    MLP,
    RNN,
    box,
    discrete,
    infer_dims,
    multi_binary,
    multi_discrete,
    refused,
    v4,
    v5,
)

from slm_net import validate
from slm_net.problems import SpecError
from slm_net.spaces import Action


@pytest.mark.parametrize(
    ("net", "env", "in_dim"),
    [
        (MLP, "CartPole-v0", 4),
        (MLP, "BipedalWalker-v2", 24),
        (RNN, "CartPole-v0", (4, 4)),
        (RNN, {"name": "CartPole-v0", "frame_op": "concat", "frame_op_len": 2}, (4, 4)),
        (MLP, {"name": "LunarLander-v2", "frame_op": "concat", "frame_op_len": 4}, 32),
        (MLP, {"name": "LunarLander-v2", "frame_op": None, "frame_op_len": 4}, 8),
        (CONV, {"name": "LunarLander-v2", "frame_op": "stack", "frame_op_len": 4}, (4, 8)),
        (CONV, {"name": "PongNoFrameskip-v4", "frame_op": "concat", "frame_op_len": 4}, (4, 84, 84)),
        (CONV, {"name": "PongNoFrameskip-v4", "frame_op": "concat", "frame_op_len": 2}, (2, 84, 84)),
        (CONV, {"name": "PongNoFrameskip-v4", "frame_op": None}, (1, 84, 84)),
        (CONV, {"name": "PongNoFrameskip-v4", "frame_op": None, "frame_op_len": 4}, (4, 84, 84)),
        (CONV, {"name": "PongNoFrameskip-v4", "frame_op": None, "frame_op_len": 4, "num_envs": 8}, (1, 84, 84)),
        (CONV, {"name": "PongNoFrameskip-v4", "frame_op": "stack", "frame_op_len": 4}, (4, 84, 84)),
        (CONV, {"name": "PongNoFrameskip-v4", "image_downsize": None}, (1, 84, 84)),
        (CONV, "PongNoFrameskip-v4", (1, 84, 84)),
        (CONV, "Pong-v0", (1, 84, 84)),
        (CONV, "ALE/Pong-v5", (1, 84, 84)),
        (MLP, "Pong-ram-v0", 128),
        (MLP, "RoboschoolHumanoid-v1", 44),
        (
            CONV,
            {"name": "QbertNoFrameskip-v4", "frame_op": "concat", "frame_op_len": 4, "image_downsize": [64, 64]},
            (4, 64, 64),
        ),
        (CONV, "CarRacing-v2", (1, 84, 84)),
        (CONV, {"name": "CarRacing-v0", "frame_op": "concat", "frame_op_len": 4}, (4, 84, 84)),
        (
            CONV,
            {"name": "CarRacing-v2", "frame_op": "concat", "frame_op_len": 2, "image_downsize": [48, 48]},
            (2, 48, 48),
        ),
        ({"type": "TorchArcNet"}, "CartPole-v0", 4),
        ({"type": "TorchArcNet", "seq_len": 3}, "CartPole-v0", (3, 4)),
    ],
)
def test_in_dim_of_a_v4_spec(net, env, in_dim):
    assert infer_dims(v4("Reinforce", net, env)).in_dim == in_dim


@pytest.mark.parametrize(
    ("net", "env", "in_dim"),
    [
        (MLP, "Ant-v5", 105),
        (RNN, "Hopper-v5", (4, 11)),
        (CONV, "ALE/Pong-v5", (4, 84, 84)),
        (CONV, {"name": "ALE/Pong-v5", "num_envs": 16, "life_loss_info": True}, (4, 84, 84)),
        (CONV, "PongNoFrameskip-v4", (3, 210, 160)),
        (CONV, "CarRacing-v3", (3, 96, 96)),
        (MLP, {"name": "Ant-v5", "include_cfrc_ext_in_observation": False, "render_mode": "human"}, 27),
        (MLP, {"name": "playground/CartpoleBalance", "num_envs": 1024, "impl": "warp"}, 5),
    ],
)
def test_in_dim_of_a_v5_spec(net, env, in_dim):
    assert infer_dims(v5("Reinforce", net, env)).in_dim == in_dim


def test_a_setting_without_effect_is_named():
    env = {"name": "ALE/Pong-v5", "frame_op": "concat", "frame_op_len": 2}
    dims = infer_dims(v4("DQN", CONV, {**env, "image_downsize": [64, 64]}), env=(box(4, 84, 84), discrete(6)))
    assert dims.in_dim == (4, 84, 84)
    assert sum("taken as done by the given environment" in note for note in dims.notes) == 2


def test_settings_of_slm_lab_4_are_no_options_of_an_environment():
    env = {"name": "Ant-v3", "frame_op": "concat", "frame_op_len": 2, "exclude_current_positions_from_observation": 0}
    assert infer_dims(v4("Reinforce", MLP, env)).in_dim == 222  # SLM Lab 4 makes it by its id alone
    problem = refused("environment-option", v5("Reinforce", MLP, env))
    assert problem.pointer == "/env/frame_op"


def test_a_bare_block_sees_a_game_as_published():
    assert (
        infer_dims(CONV, env="PongNoFrameskip-v4").in_dim == infer_dims(CONV, env="ALE/Pong-v5").in_dim == (4, 84, 84)
    )


def test_slm_lab_5_leaves_games_of_the_old_ids_raw():
    dims = infer_dims(v5("DQN", CONV, "PongNoFrameskip-v4"))
    assert any("name it ALE/...-v5" in note for note in dims.notes)


GREY = box(84, 60, dtype="uint8")


def test_bytes_of_two_dimensions_are_a_grey_image():
    np = pytest.importorskip("numpy")
    dims = infer_dims(CONV, env=(GREY, discrete(4)))
    assert dims.in_dim == (1, 84, 60)
    assert any("obs[..., None, :, :]" in note for note in dims.notes)
    assert np.zeros((5, 84, 60))[..., None, :, :].shape == (5, *dims.in_dim)
    assert infer_dims(CONV, env=(box(84, 60), discrete(4))).in_dim == (84, 60)  # channels of a signal
    assert infer_dims({**RNN, "seq_len": 84}, env=(GREY, discrete(4))).in_dim == (84, 60)  # a sequence of bytes


ATARI_4 = {"name": "PongNoFrameskip-v4"}


@pytest.mark.parametrize(
    ("spec", "env", "bytes_of"),
    [
        (v4("DQN", CONV, ATARI_4), None, "PongNoFrameskip-v4"),
        (v4("DQN", CONV, {**ATARI_4, "normalize_state": True}), None, "PongNoFrameskip-v4"),
        (v4("PPO", CONV, "CarRacing-v0"), None, "CarRacing-v0"),
        (v4("PPO", CONV, {"name": "CarRacing-v0", "normalize_state": True}), None, ""),
        (v4("DQN", MLP, "CartPole-v0"), None, ""),
        (v4("DQN", MLP, "Pong-ram-v0"), None, ""),
        (v5("DQN", CONV, "ALE/Pong-v5"), None, "ALE/Pong-v5"),
        (v5("DQN", CONV, {"name": "ALE/Pong-v5", "normalize_obs": True}), None, ""),
        (CONV, (GREY, discrete(4)), "the environment"),
        (CONV, (box(4, 84, 84), discrete(4)), ""),
    ],
)
def test_images_of_bytes_are_known(spec, env, bytes_of):
    assert infer_dims(spec, env=env).bytes_of == bytes_of


def test_images_of_given_dims_may_be_anything():
    assert infer_dims(v4("DQN", CONV, ATARI_4), in_dim=(4, 84, 84)).bytes_of == ""


@pytest.mark.parametrize(
    ("net", "observation", "in_dim"),
    [
        (MLP, box(8), 8),
        (MLP, box(), 1),
        (MLP, discrete(16), 16),
        (MLP, multi_discrete(3, 2), 5),
        (MLP, multi_binary(7), 7),
        (CONV, box(4, 84, 84), (4, 84, 84)),
        (CONV, box(84, 84, 4, dtype="uint8"), (4, 84, 84)),
        (CONV, box(96, 96, 3), (3, 96, 96)),
        (CONV, box(1, 20, 3), (1, 20, 3)),
        (CONV, box(5, 30), (5, 30)),
        (CONV, box(2, 8, 16, 16), (2, 8, 16, 16)),
        (RNN, box(8), (4, 8)),
        (RNN, box(4, 8), (4, 8)),
        (RNN, discrete(16), (4, 16)),
    ],
)
def test_in_dim_of_given_spaces(net, observation, in_dim):
    assert infer_dims(net, env=(observation, discrete(2))).in_dim == in_dim


def test_channel_last_images_come_with_their_permutation():
    np = pytest.importorskip("numpy")
    dims = infer_dims(CONV, env=(box(84, 60, 3), discrete(2)))
    (note,) = [note for note in dims.notes if "transpose" in note]
    assert "obs.transpose(2, 0, 1)" in note
    assert np.zeros((84, 60, 3)).transpose(2, 0, 1).shape == dims.in_dim


@pytest.mark.parametrize(
    ("shape", "in_dim"),
    [
        ((84, 84, 12), (12, 84, 84)),
        ((7, 7, 3), (3, 7, 7)),
        ((8, 8, 2), (2, 8, 8)),
        ((6, 7, 1), (1, 6, 7)),
        ((4, 84, 84), (4, 84, 84)),
        ((16, 9, 9), (16, 9, 9)),
        ((3, 5, 7), (3, 5, 7)),
    ],
)
def test_images_are_read_as_the_rule_about_dims_reads_them(shape, in_dim):
    assert infer_dims(CONV, env=(box(*shape), discrete(2))).in_dim == in_dim
    spec = {**CONV, "conv_hid_layers": [], "fc_hid_layers": [], "hid_layers_activation": None}
    assert not [problem for problem in validate(spec, in_dim=in_dim) if problem.rule_name == "dims-do-not-fit"]


def test_a_wrong_frame_op_is_one_problem():
    net = {**CONV, "conv_hid_layers": [[8, 4, 2]], "fc_hid_layers": [], "hid_layers_activation": "relu"}
    problems = validate(v4("DQN", net, {"name": "PongNoFrameskip-v4", "frame_op": "stacked"}))
    assert [problem.pointer for problem in problems if problem.severity == "error"] == ["/env/0/frame_op"]


def test_raw_atari_frames_say_how_to_get_stacked_ones():
    dims = infer_dims(CONV, env=(box(210, 160, 3), discrete(6)))
    assert dims.in_dim == (3, 210, 160)
    assert any("FrameStackObservation" in note for note in dims.notes)


def test_integer_observations_are_fed_one_hot():
    assert "one-hot" in infer_dims(MLP, env=(discrete(16), discrete(4))).notes[0]


def test_the_preprocessing_of_the_spec_comes_on_top_of_an_id():
    spec = v4("DQN", MLP, {"name": "CartPole-v1", "frame_op": "concat", "frame_op_len": 2})
    assert infer_dims(spec, env="Acrobot-v1").in_dim == 12


def test_one_environment_is_a_list_of_one():
    assert infer_dims(hydra_spec("CartPole-v0")).in_dim == [4]
    assert infer_dims(HYDRA, env="CartPole-v1").in_dim == [4]


@pytest.mark.parametrize("out_dim", [None, 2])
@pytest.mark.parametrize("net_type", ["QMLPNet", "QConvNet", "FiLMQConvNet"])
def test_nets_of_several_inputs_want_their_dims(net_type, out_dim):
    problem = refused("dims-unknown", {"type": net_type}, env="CartPole-v1", out_dim=out_dim)
    assert "in_dim=" in problem.hint
    refused("dims-unknown", {"type": net_type}, env="CartPole-v1", in_dim=[4, 2])


@pytest.mark.parametrize(
    ("frame", "rule", "cure"),
    [
        ({"frame_op": "concatt", "frame_op_len": 4}, "dims-unknown", "'concat'"),
        ({"frame_op": ["concat"], "frame_op_len": 4}, "dims-unknown", "concat"),
        ({"frame_op": "concat"}, "dims-unknown", '"frame_op_len": 4'),
        ({"frame_op": "concat", "frame_op_len": 0}, "dims-unknown", '"frame_op_len": 4'),
        ({"frame_op": "stack", "frame_op_len": 4, "num_envs": 4}, "dims-do-not-fit", '"concat"'),
        ({"image_downsize": 64}, "dims-unknown", "[84, 84]"),
        ({"image_downsize": [64, "64"]}, "dims-unknown", "[84, 84]"),
    ],
)
def test_wrong_frame_settings(frame, rule, cure):
    problem = refused(rule, v4("DQN", CONV, {"name": "PongNoFrameskip-v4", **frame}))
    assert cure in problem.hint
    assert problem.pointer.startswith("/env/0")


def test_dict_spaces_are_for_hydra():
    gymnasium = pytest.importorskip("gymnasium")
    spaces = gymnasium.spaces
    problem = refused("dims-unknown", MLP, env=(spaces.Dict(a=spaces.Discrete(2)), spaces.Discrete(2)))
    assert "Dict" in problem.message
    assert "HydraMLPNet" in problem.hint


HYDRA = {"type": "HydraMLPNet"}


def parts(**spaces):
    return SimpleNamespace(spaces=spaces)


def hydra_spec(*names, **frames):
    agent = {"algorithm": {"name": "HydraDQN"}, "net": HYDRA}
    return {"agent": [agent], "env": [{"name": name, **frames} for name in names]}


def test_one_input_and_output_per_environment():
    dims = infer_dims(hydra_spec("CartPole-v0", "LunarLander-v2"))
    assert (dims.in_dim, dims.out_dim) == ([4, 8], [2, 4])
    parts = Action("discrete", (2,), path=(0,)), Action("discrete", (4,), path=(1,))
    assert dims.action == Action("multi-discrete", (2, 4), parts=parts)
    assert [one.path for one in dims.observation] == [(0,), (1,)]
    assert dims.notes[0] == "in_dim [4, 8]: 2 observations of CartPole-v0, LunarLander-v2"
    stacked = infer_dims(hydra_spec("CartPole-v0", "CartPole-v0", frame_op="concat", frame_op_len=3))
    assert (stacked.in_dim, stacked.out_dim) == ([12, 12], [2, 2])


def test_environments_of_the_argument():
    made = SimpleNamespace(observation_space=box(5), action_space=discrete(3))
    dims = infer_dims(hydra_spec("CartPole-v0"), env=[made, "Acrobot-v1", made])
    assert (dims.in_dim, dims.out_dim) == ([5, 6, 5], [3, 3, 3])


def test_the_parts_of_an_observation():
    nested = parts(a=box(3), b=SimpleNamespace(spaces=(discrete(4), box(2))))
    dims = infer_dims(HYDRA, env=(nested, discrete(6)))
    assert (dims.in_dim, dims.out_dim) == ([3, 4, 2], 6)
    assert [one.path for one in dims.observation] == [("a",), ("b", 0), ("b", 1)]
    assert infer_dims(HYDRA, env=(nested, box(2))).out_dim == [2, 2]
    two = infer_dims(hydra_spec("CartPole-v0"), env=(nested, SimpleNamespace(spaces=(discrete(2), discrete(3)))))
    assert two.out_dim == [2, 3]
    agent = {"algorithm": {"name": "PPO"}, "net": {**HYDRA, "shared": True}}
    assert infer_dims({"agent": agent}, env=(nested, discrete(6))).out_dim == [6, 1]


def test_spaces_of_gymnasium():
    gymnasium = pytest.importorskip("gymnasium")
    spaces = gymnasium.spaces
    observation = spaces.Dict(position=spaces.Box(-1, 1, (3,)), door=spaces.Discrete(2))
    dims = infer_dims(HYDRA, env=(observation, spaces.MultiDiscrete([2, 3])))
    assert dims.in_dim == [sum(space.shape) or space.n for space in observation.spaces.values()]
    assert dims.out_dim == [2, 3]
    if "Blackjack-v1" in gymnasium.registry:  # an id whose observation is a Tuple
        assert infer_dims(HYDRA, env="Blackjack-v1").in_dim == [32, 11, 2]


@pytest.mark.parametrize(
    ("spec", "env", "words"),
    [
        (hydra_spec("CartPole-v0", "${env}"), None, "a variable without a value"),
        (hydra_spec("CartPole-v0", "Pendulum-v0"), None, "not all discrete"),
        (HYDRA, 3, "without observation_space"),
        (HYDRA, None, "has no environment"),
        ({"agent": [{"algorithm": {"name": "DQN"}, "net": HYDRA}], "env": [{}, {}]}, None, "no environment"),
    ],
)
def test_inputs_that_do_not_go_together(spec, env, words):
    with pytest.raises(SpecError) as caught:
        infer_dims(spec, env)
    assert words in caught.value.problems[0].message
    assert caught.value.problems[0].hint


def test_a_problem_stands_at_its_environment():
    with pytest.raises(SpecError) as caught:
        infer_dims(hydra_spec("CartPole-v0", "${env}"))
    assert caught.value.problems[0].pointer == "/env/1/name"
