"""Observations of all kinds as what a net takes."""

import numpy as np
import pytest
import torch

from slm_net import build_net, build_nets

spaces = pytest.importorskip("gymnasium").spaces

LINEAR = {"type": "MLPNet", "hid_layers": [], "hid_layers_activation": None}
BODY = {"conv_hid_layers": [[2, 3, 1]], "fc_hid_layers": [], "hid_layers_activation": "relu"}
CONV = {"type": "ConvNet", "normalize": False, **BODY}
RNN = {"type": "RecurrentNet", "fc_hid_layers": [], "hid_layers_activation": None, "rnn_hidden_size": 5, "seq_len": 3}
HYDRA = {"type": "HydraMLPNet", "hid_layers": [[[4]], [4], []], "hid_layers_activation": "relu"}
FUSION = {
    "type": "TorchArcNet",
    "arc": {
        "modules": {"image_fc": "Flatten", "merge": "MergeConcat"},
        "graph": {
            "input": ["image", "speed"],
            "modules": {"image_fc": ["image"], "merge": [["image_fc", "speed"]]},
            "output": "merge",
        },
    },
}
TWO = spaces.Discrete(2)


def seen(net, space, obs, **options):
    bundle = build_net(net, env=(space, TWO))
    x = bundle.observe(obs, **options)
    bundle.model(x)
    return x


@pytest.mark.parametrize(
    "obs", [np.zeros(4), np.zeros(4, np.float32), [0.0] * 4, (0, 0, 0, 0), torch.zeros(4), torch.zeros(4).double()]
)
def test_one_observation_becomes_a_batch_of_floats(obs):
    x = seen(LINEAR, spaces.Box(-1, 1, (4,)), obs)
    assert x.shape == (1, 4) and x.dtype == torch.float32


@pytest.mark.parametrize("obs", [np.zeros((3, 4)), [[0] * 4] * 3, torch.zeros(3, 4), [np.zeros(4)] * 3])
def test_a_batch_stays_one(obs):
    assert seen(LINEAR, spaces.Box(-1, 1, (4,)), obs).shape == (3, 4)


@pytest.mark.parametrize("copy", [np.zeros(4, np.float32), np.zeros((2, 4), np.float32)])
def test_what_the_environment_writes_over_later_stays(copy):
    x = build_net(LINEAR, 4, 2).observe(copy)
    copy += 1
    assert not x.any()


@pytest.mark.parametrize("odd", [np.zeros(4)[::-1], np.zeros(4, ">f8"), np.broadcast_to(np.float32(0), (4,))])
def test_arrays_of_any_layout_are_read(odd):
    bundle = build_net(LINEAR, env="CartPole-v1")
    assert bundle.observe(odd).shape == (1, 4)
    bundle.act(odd)


@pytest.mark.parametrize(
    ("space", "obs", "ones"),
    [
        (spaces.Discrete(4, start=2), 3, [[1]]),
        (spaces.Discrete(4, start=2), np.int64(5), [[3]]),
        (spaces.Discrete(4), [0, 3], [[0], [3]]),
        (spaces.Discrete(4), torch.tensor([0, 3]), [[0], [3]]),
        (spaces.MultiDiscrete([2, 3]), [1, 2], [[1, 4]]),
        (spaces.MultiDiscrete([2, 3], start=[5, -1]), np.array([[5, 1], [6, -1]]), [[0, 4], [1, 2]]),
        (spaces.MultiDiscrete(np.array([[2, 2], [3, 2]])), np.array([[1, 0], [2, 1]]), [[1, 2, 6, 8]]),
    ],
)
def test_integers_become_a_code(space, obs, ones):
    x = seen(LINEAR, space, obs)
    assert [row.nonzero().flatten().tolist() for row in x] == ones
    assert x.dtype == torch.float32


@pytest.mark.parametrize("obs", [4, -1, [0, 4]])
def test_integers_that_are_none_of_the_choices_are_refused(obs):
    with pytest.raises(ValueError, match=r"MLPNet got integers .* expected 0\.\.3"):
        seen(LINEAR, spaces.Discrete(4), obs)


def test_a_code_is_taken_as_it_is():
    code = np.eye(4, dtype=np.float32)
    assert torch.equal(seen(LINEAR, spaces.Discrete(4), code), torch.eye(4))
    assert seen(LINEAR, spaces.Discrete(4), code[0]).shape == (1, 4)


@pytest.mark.parametrize(
    ("shape", "obs", "want"),
    [
        ((12, 12, 3), (12, 12, 3), (1, 3, 12, 12)),
        ((12, 12, 3), (5, 12, 12, 3), (5, 3, 12, 12)),
        ((12, 12, 3), (3, 12, 12), (1, 3, 12, 12)),
        ((3, 12, 12), (5, 3, 12, 12), (5, 3, 12, 12)),
        ((12, 12), (12, 12), (1, 1, 12, 12)),
        ((12, 12), (1, 12, 12), (1, 1, 12, 12)),
        ((12, 12), (5, 12, 12), (5, 1, 12, 12)),
    ],
)
def test_images_get_their_channels_first(shape, obs, want):
    pixels = np.random.default_rng(0).integers(0, 255, obs, np.uint8)
    bundle = build_net(CONV, env=(spaces.Box(0, 255, shape, np.uint8), TWO))
    x = bundle.observe(pixels)
    assert x.shape == want and x.dtype == torch.uint8
    assert torch.equal(bundle.model(x), bundle.model(x.float()))
    if obs[-1] == 3:
        assert torch.equal(x[0, 1], torch.from_numpy(pixels.reshape(-1, 12, 12, 3)[0, ..., 1]))


def test_one_grey_image_of_a_vector_environment_is_a_batch():
    bundle = build_net(CONV, env=(spaces.Box(0, 255, (12, 12), np.uint8), TWO))
    assert bundle.act(np.zeros((1, 12, 12), np.uint8)).shape == (1,)
    assert bundle.act(np.zeros((12, 12), np.uint8)).shape == ()


def test_frames_of_a_game_are_taken_as_they_are_fed():
    bundle = build_net({**CONV, "normalize": True}, env="ALE/Pong-v5")
    assert bundle.in_dim == (4, 84, 84)
    assert bundle.observe(np.zeros((4, 84, 84), np.uint8)).shape == (1, 4, 84, 84)
    assert bundle.observe(np.zeros((8, 84, 84, 4), np.uint8)).shape == (8, 4, 84, 84)
    with pytest.raises(ValueError, match=r"shape \(210, 160, 3\), expected \(4, 84, 84\).*preprocessed and stacked"):
        bundle.observe(np.zeros((210, 160, 3), np.uint8))


def test_numbers_without_a_shape():
    assert seen(LINEAR, spaces.Box(0, 1, ()), 0.5).tolist() == [[0.5]]
    assert seen(LINEAR, spaces.Box(0, 1, ()), [0.5]).tolist() == [[0.5]]
    assert seen(LINEAR, spaces.Box(0, 1, ()), [0.5, 0.25]).tolist() == [[0.5], [0.25]]


def test_sequences_and_single_steps():
    box = spaces.Box(-1, 1, (4,))
    assert seen(RNN, box, np.zeros((3, 4))).shape == (1, 3, 4)
    assert seen(RNN, box, np.zeros((2, 3, 4))).shape == (2, 3, 4)
    bundle = build_net(RNN, env=(box, TWO))
    assert bundle.observe(np.zeros(4)).shape == (1, 1, 4)
    assert bundle.observe(np.zeros((5, 4))).shape == (5, 1, 4)
    assert bundle.observe(np.zeros((3, 4)), steps=True).shape == (3, 1, 4)
    codes = build_net(RNN, env=(spaces.Discrete(6), TWO))
    assert codes.observe(2, steps=True).shape == (1, 1, 6)
    assert codes.observe([1, 2, 3]).shape == (1, 3, 6)
    with pytest.raises(ValueError, match=r"RecurrentNet got an observation of shape \(5,\), expected \(4,\), or a seq"):
        bundle.observe(np.zeros(5))


def test_several_inputs_come_from_their_places():
    space = spaces.Dict(b=spaces.Discrete(3), a=spaces.Tuple([spaces.Box(-1, 1, (2,)), spaces.Box(-1, 1, ())]))
    obs = {"b": 2, "a": (np.array([1.0, 2.0]), 3.0)}
    assert [x.tolist() for x in seen(HYDRA, space, obs)] == [[[0.0, 0.0, 1.0]], [[1.0, 2.0]], [[3.0]]]
    batch = [x.shape[0] for x in seen(HYDRA, space, {"b": np.zeros(5, int), "a": (np.zeros((5, 2)), np.zeros(5))})]
    assert batch == [5, 5, 5]


def test_the_inputs_of_a_graph_come_by_name():
    space = spaces.Dict(image=spaces.Box(0, 1, (3, 8, 8)), speed=spaces.Box(-1, 1, (2,)), more=spaces.Discrete(2))
    obs = {"image": np.zeros((3, 8, 8)), "speed": np.zeros(2), "more": 1}
    x = seen(FUSION, space, obs)
    assert {key: tuple(value.shape) for key, value in x.items()} == {"image": (1, 3, 8, 8), "speed": (1, 2)}
    assert seen(FUSION, space, [obs, obs, obs])["speed"].shape == (3, 2)
    assert seen(FUSION, space, (obs["image"], obs["speed"]))["speed"].shape == (1, 2)


def test_several_inputs_of_given_dims():
    bundle = build_net(HYDRA, [4, 2], 3)
    assert [x.shape for x in bundle.observe([np.zeros(4), np.zeros(2)])] == [(1, 4), (1, 2)]
    assert [x.shape for x in bundle.observe({"x": np.zeros((6, 4)), "y": np.zeros((6, 2))})] == [(6, 4), (6, 2)]
    graph = build_net(FUSION, {"image": (3, 8, 8), "speed": 2}, 3)
    assert graph.observe([np.zeros((3, 8, 8)), np.zeros(2)])["speed"].shape == (1, 2)


@pytest.mark.parametrize(
    ("net", "dims", "obs", "says"),
    [
        (
            LINEAR,
            (4, 2),
            np.zeros(5),
            r"MLPNet got an observation of shape \(5,\), expected \(4,\) or a batch \(n, 4\)",
        ),
        (LINEAR, (4, 2), np.zeros((2, 2, 4)), r"shape \(2, 2, 4\)"),
        (LINEAR, (4, 2), "four", "MLPNet got a str of other things than numbers"),
        (LINEAR, (4, 2), [[1.0, 2.0], [3.0]], "MLPNet got a list"),
        (LINEAR, (4, 2), {"a": 1}, "MLPNet got a dict"),
        (CONV, ((3, 12, 12), 2), np.zeros((3, 12, 13)), r"expected \(3, 12, 12\) or a batch \(n, 3, 12, 12\)"),
        (HYDRA, ([4, 2], 3), [np.zeros(4), np.zeros((3, 2))], "a batch for some inputs"),
        (HYDRA, ([4, 2], 3), [np.zeros(4)], "nothing at 1"),
        (HYDRA, ([4, 2], 3), [np.zeros(4), np.zeros(3)], r"HydraMLPNet input 1 got an observation of shape \(3,\)"),
        (FUSION, ({"image": (3, 8, 8), "speed": 2}, 3), {"image": np.zeros((3, 8, 8))}, "nothing at 'speed'"),
        ({**LINEAR, "type": "QMLPNet", "hid_layers": [4]}, ([4, 2], 1), np.zeros(4), r"model\(state, action\)"),
    ],
)
def test_what_does_not_fit_is_one_error(net, dims, obs, says):
    with pytest.raises(ValueError, match=says):
        build_net(net, *dims).observe(obs)


def test_all_nets_of_an_agent_know_what_is_shown():
    agent = {"algorithm": {"name": "PPO"}, "net": {**LINEAR, "shared": False, "use_same_optim": True}}
    nets = build_nets({"agent": agent, "env": {"name": "FrozenLake-v1"}})
    assert torch.equal(nets.observe([3, 4]), nets["critic_net"].observe([3, 4]))
    assert nets.act([3, 4]).shape == (2,)
