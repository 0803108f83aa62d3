"""in_dim and out_dim from environment and algorithm: every rule, every refusal with its cure."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm_net import spaces, validate
from slm_net.document.algorithms import RECIPES
from slm_net.plan import plan_net
from slm_net.problems import SpecError
from slm_net.schema import catalogue
from slm_net.spaces import Dims, known_environments

MLP, CONV = {"type": "MLPNet"}, {"type": "ConvNet"}
RNN = {"type": "RecurrentNet", "seq_len": 4}


def infer_dims(spec, *arguments, **options):
    return spaces.infer_dims(spaces.spec_of(spec), *arguments, **options)


def box(*shape, dtype="float32"):
    return SimpleNamespace(shape=shape, dtype=dtype)


def discrete(n):
    return SimpleNamespace(shape=(), n=n, start=0)


def multi_discrete(*nvec):
    return SimpleNamespace(shape=(len(nvec),), nvec=list(nvec))


def multi_binary(n):
    return SimpleNamespace(shape=(n,), n=n)


def v4(algorithm, net, env=None, **settings):
    agent = {"name": "A", "algorithm": {"name": algorithm, **settings}, "net": net}
    return {"agent": [agent], "env": [{"name": env} if isinstance(env, str) else env] if env else []}


def v5(algorithm, net, env=None, **settings):
    agent = {"name": "A", "algorithm": {"name": algorithm, **settings}, "net": net}
    return {"agent": agent, **({"env": {"name": env} if isinstance(env, str) else env} if env else {})}


def refused(rule, *args, **kwargs):
    with pytest.raises(SpecError) as caught:
        infer_dims(*args, **kwargs)
    (problem,) = caught.value.problems
    assert problem.rule_name == rule
    assert problem.hint
    return problem


def unplanned(spec, **dims):
    """Why there is no plan of a net with the keys that it needs."""
    needed = {"hid_layers": [8], "conv_hid_layers": [[8, 2]], "fc_hid_layers": [], "rnn_hidden_size": 8}

    def filled(block):
        own = catalogue.needed_keys(block["type"])
        keys = {key: value for key, value in needed.items() if key in own}
        return {**keys, "hid_layers_activation": "relu", **block, "shared": False}

    if "agent" not in spec:
        spec = filled(spec)
    elif isinstance(spec["agent"], list):
        spec = {**spec, "agent": [{**spec["agent"][0], "net": filled(spec["agent"][0]["net"])}]}
    else:
        spec = {**spec, "agent": {**spec["agent"], "net": filled(spec["agent"]["net"])}}
    with pytest.raises(SpecError) as caught:
        plan_net(spec, **dims)
    [problem] = [problem for problem in caught.value.problems if problem.rule_name == "dims-do-not-fit"]
    return problem


# in_dim


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
        (CONV, "PongNoFrameskip-v4", (4, 84, 84)),
        (
            CONV,
            {"name": "QbertNoFrameskip-v4", "frame_op": "concat", "frame_op_len": 4, "image_downsize": [64, 64]},
            (4, 64, 64),
        ),
        (CONV, "CarRacing-v2", (3, 96, 96)),
        (
            CONV,
            {"name": "CarRacing-v2", "frame_op": "concat", "frame_op_len": 2, "image_downsize": [48, 48]},
            (6, 48, 48),
        ),
        ({"type": "TorchArcNet"}, "CartPole-v0", 4),
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
        (CONV, {"name": "ALE/Pong-v5", "frame_op": "concat", "frame_op_len": 2}, (4, 84, 84)),
    ],
)
def test_in_dim_of_a_v5_spec(net, env, in_dim):
    assert infer_dims(v5("Reinforce", net, env)).in_dim == in_dim


def test_a_setting_without_effect_is_named():
    env = {"name": "ALE/Pong-v5", "frame_op": "concat", "frame_op_len": 2}
    assert any("frame_op is a key of SLM Lab 4" in note for note in infer_dims(v5("DQN", CONV, env)).notes)
    dims = infer_dims(v4("DQN", CONV, {**env, "image_downsize": [64, 64]}), env=(box(4, 84, 84), discrete(6)))
    assert dims.in_dim == (4, 84, 84)
    assert sum("taken as done by the given environment" in note for note in dims.notes) == 2


def test_the_assumed_frames_are_named():
    assert "no frame_op: 4 frames are assumed" in infer_dims(v4("DQN", CONV, "Pong-v4")).notes[1]


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
        ({"type": "TorchArcNet", "seq_len": 3}, box(8), (3, 8)),
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


@pytest.mark.parametrize("algorithm", ["PPO", "Reinforce", "SoftActorCritic"])
@pytest.mark.parametrize("key", ["log_std_init", "actor_log_std_init"])
def test_discrete_actions_have_no_standard_deviation(algorithm, key):
    spec = v5(algorithm, {**MLP, key: 0.0}, "CartPole-v1")
    assert refused("dims-do-not-fit", spec).pointer == f"/agent/net/{key}"
    infer_dims(v5(algorithm, {**MLP, key: 0.0}, "Pendulum-v1"))
    infer_dims(v5(algorithm, {**MLP, key: None}, "CartPole-v1"))


def test_validate_says_so_too():
    net = {**MLP, "hid_layers": [8], "hid_layers_activation": "relu", "log_std_init": 0.0}
    [problem] = validate(v5("Reinforce", net, "CartPole-v1"))
    assert (problem.pointer, problem.rule_name) == ("/agent/net/log_std_init", "dims-do-not-fit")


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


# out_dim


@pytest.mark.parametrize("algorithm", [name for name in RECIPES if RECIPES[name].gives in ("policy", "actor")])
@pytest.mark.parametrize(
    ("action", "out_dim", "heads"),
    [
        (discrete(4), 4, [4, 1]),
        (multi_discrete(3, 2), [3, 2], [3, 2, 1]),
        (multi_binary(5), 5, [5, 1]),
        (box(1), 2, [2, 1]),
        (box(), 2, [2, 1]),
        (box(3), [3, 3], [3, 3, 1]),
        (box(2, 3), [6, 6], [6, 6, 1]),
    ],
)
def test_out_dim_of_a_policy(algorithm, action, out_dim, heads):
    env = SimpleNamespace(observation_space=box(8), action_space=action)
    for spec in (v4, v5):
        shared = infer_dims(spec(algorithm, {**MLP, "shared": True}), env=env)
        assert infer_dims(spec(algorithm, {**MLP, "shared": False}), env=env).out_dim == out_dim
        assert shared.out_dim == (heads if RECIPES[algorithm].gives == "actor" else out_dim)
    assert infer_dims(MLP, env=env).out_dim == out_dim


@pytest.mark.parametrize("algorithm", [name for name in RECIPES if RECIPES[name].gives == "q"])
def test_out_dim_of_q_values(algorithm):
    assert infer_dims(v4(algorithm, {**MLP, "shared": True}, "CartPole-v0")).out_dim == 2
    for action in (box(1), multi_discrete(3, 2), multi_binary(2)):
        problem = refused("dims-do-not-fit", v4(algorithm, MLP), env=(box(8), action))
        assert problem.pointer == "/agent/0/algorithm/name"
        assert "PPO" in problem.hint and "SoftActorCritic" in problem.hint


@pytest.mark.parametrize(
    "pdtype", ["default", "Normal", "Beta", "Argmax", "Categorical", "MultiCategorical", "Bernoulli"]
)
def test_a_distribution_that_cannot_act_is_refused(pdtype):
    for env, wrong in (("Pendulum-v1", "ArgmaxMultiCategoricalBernoulli"), ("CartPole-v1", "NormalBeta")):
        spec = v5("PPO", MLP, env, action_pdtype=pdtype)
        if pdtype in wrong:
            problem = refused("dims-do-not-fit", spec)
            assert problem.pointer == "/agent/algorithm/action_pdtype"
            assert '"default"' in problem.hint
        else:
            assert infer_dims(spec).out_dim == 2


# which environment, which dims are given


def test_the_notes_say_how_each_was_found():
    dims = infer_dims(v4("DQN", CONV, {"name": "PongNoFrameskip-v4", "frame_op": "concat", "frame_op_len": 4}))
    assert dims == Dims(
        (4, 84, 84),
        6,
        (
            "in_dim (4, 84, 84): PongNoFrameskip-v4 is an Atari game, 4 stacked 84x84 grey frames",
            "out_dim 6: one Q-value per action of PongNoFrameskip-v4 (DQN)",
        ),
    )


@pytest.mark.parametrize("spec", [v4, v5])
def test_the_argument_wins_over_the_environment_of_the_spec(spec):
    whole = spec("DQN", MLP, "CartPole-v1")
    assert infer_dims(whole, env="Acrobot-v1").in_dim == 6
    assert infer_dims(whole, env=(box(9), discrete(5))).out_dim == 5


def test_the_preprocessing_of_the_spec_comes_on_top_of_an_id():
    spec = v4("DQN", MLP, {"name": "CartPole-v1", "frame_op": "concat", "frame_op_len": 2})
    assert infer_dims(spec, env="Acrobot-v1").in_dim == 12


def test_a_vector_environment_counts_as_one_of_its_environments():
    env = SimpleNamespace(
        observation_space=box(16, 4),
        action_space=multi_discrete(*[2] * 16),
        single_observation_space=box(4),
        single_action_space=discrete(2),
    )
    assert infer_dims(MLP, env=env).in_dim == 4
    assert infer_dims(MLP, env=env).out_dim == 2


def test_given_dims_win():
    spec = v4("DQN", MLP, "CartPole-v0")
    assert infer_dims(spec, in_dim=7, out_dim=5) == Dims(7, 5, ("in_dim 7: given", "out_dim 5: given"))
    assert infer_dims(spec, in_dim=7).notes == (
        "in_dim 7: given",
        "out_dim 2: one Q-value per action of CartPole-v0 (DQN)",
    )
    assert infer_dims(spec, out_dim=5).in_dim == 4
    assert infer_dims({"type": "Mine"}, in_dim=[2, 3, 4, 5, 6], out_dim=[3]).in_dim == (2, 3, 4, 5, 6)
    assert infer_dims(v4("Random", {}, "${env}"), in_dim=3, out_dim=(4, 1)).out_dim == [4, 1]


@pytest.mark.parametrize(
    ("net", "in_dim", "expected"),
    [
        (CONV, [4, 84, 84], (4, 84, 84)),
        (RNN, [4, 8], (4, 8)),
        ({"type": "HydraMLPNet"}, [4, 6], [4, 6]),
        ({"type": "QConvNet"}, [[3, 24, 24], 2], [(3, 24, 24), 2]),
    ],
)
def test_given_dims_take_the_form_of_the_net(net, in_dim, expected):
    assert infer_dims(net, in_dim=in_dim, out_dim=2).in_dim == expected


def test_numbers_of_numpy_become_ints():
    np = pytest.importorskip("numpy")
    block = {"type": "MLPNet", "hid_layers": [], "hid_layers_activation": None}
    dims = plan_net(block, np.int64(4), np.array([2, 3])).dims
    assert type(dims.in_dim) is int
    assert [type(size) for size in dims.out_dim] == [int, int]
    spaces = (box(np.int32(3)), SimpleNamespace(shape=(2, 2), nvec=np.array([[2, 3], [4, 5]])))
    assert infer_dims(MLP, env=spaces).out_dim == [2, 3, 4, 5]
    assert infer_dims(MLP, env=(box(3), discrete(np.int64(2)))).out_dim == 2


@pytest.mark.parametrize("bad", [0, -1, True, 1.5, "4", [], [4, 0], [4, None], {}, float("nan"), float("inf")])
def test_given_dims_that_are_no_sizes(bad):
    assert "in_dim" in refused("dims-do-not-fit", {"type": "Mine"}, in_dim=bad, out_dim=2).message
    assert "out_dim" in refused("dims-do-not-fit", {"type": "Mine"}, in_dim=2, out_dim=bad).message


# refusals


@pytest.mark.parametrize(
    ("net", "in_dim", "cure"),
    [
        (MLP, (4, 84, 84), "ConvNet takes"),
        ({"type": "DuelingMLPNet"}, (4, 8), "DuelingRecurrentNet takes"),
        (CONV, 8, "MLPNet takes"),
        ({"type": "DuelingConvNet"}, (2,), "(channels, height, width)"),
        (CONV, (1, 2, 3, 4, 5), "(channels, height, width)"),
        (RNN, (4, 84, 84), "ConvNet takes"),
        (RNN, 8, "MLPNet takes 8"),
        (RNN, (3, 8), "write 3"),
    ],
)
def test_dims_that_do_not_fit_the_net(net, in_dim, cure):
    for spec, pointer in ((net, "/type"), (v4("PPO", net), "/agent/0/net/type"), (v5("PPO", net), "/agent/net/type")):
        given = unplanned(spec, in_dim=in_dim, out_dim=2)
        assert given.pointer in (pointer, pointer.replace("type", "seq_len"))
        assert cure in given.hint


@pytest.mark.parametrize(("net", "env"), [(MLP, "ALE/Pong-v5"), (CONV, "CartPole-v1"), (RNN, "ALE/Pong-v5")])
def test_environments_that_do_not_fit_the_net_are_refused_in_the_words_of_given_dims(net, env):
    problem = unplanned(v5("PPO", net, env))
    dims = infer_dims(v5("PPO", net, env))
    given = unplanned(v5("PPO", net), in_dim=dims.in_dim, out_dim=dims.out_dim)
    assert (problem.message, problem.hint, problem.pointer) == (given.message, given.hint, given.pointer)


@pytest.mark.parametrize(
    ("spec", "message", "pointer"),
    [
        (MLP, "no environment", ""),
        (v4("DQN", MLP), "no environment", "/env"),
        (v5("DQN", MLP), "no environment", "/env"),
        (v5("DQN", MLP, {"max_t": None}), "no environment", "/env"),
        (v4("DQN", MLP, "${env}"), "variable", "/env/0/name"),
        (v5("DQN", MLP, "os:Env-v0"), "import", "/env/name"),
        (v5("DQN", MLP, {"name": 3}), "'3', not an id", "/env/name"),
        (v4("Random", {}, "CartPole-v0"), "Random agent has no net", "/agent/0/net"),
        (v4("Random", MLP, "CartPole-v0"), "Random agent has no net", "/agent/0/net"),
        (v5("DQN", {}, "CartPole-v1"), "DQN agent has no net", "/agent/net"),
        ({"agent": [], "env": [{"name": "CartPole-v0"}]}, "no net", "/agent/net"),
        ({"agent": [{"net": MLP}] * 2, "env": []}, "2 agents", "/agent"),
        ({"agent": [{"net": MLP}], "env": [{"name": "CartPole-v0"}] * 2}, "2 environments", "/env"),
        (v4("DQN", {"type": "RecurrentNet"}, "CartPole-v0"), "length of its sequences", "/agent/0/net"),
        (v4("HydraDQN", {"type": "HydraMLPNet"}, "CartPole-v0"), "list of observation", "/agent/0/net/type"),
        ({"agent": {"net": MLP}, "env": {"name": "CartPole-v0"}}, "no algorithm", "/agent/algorithm"),
        (v5("SAC", MLP, "CartPole-v1"), "'SAC'", "/agent/algorithm/name"),
    ],
)
def test_what_is_not_known(spec, message, pointer):
    problem = refused("dims-unknown", spec)
    assert message in problem.message
    assert problem.pointer == pointer
    assert any(cure in problem.hint for cure in ("in_dim=", "out_dim=", "seq_len"))


def test_a_misnamed_algorithm_gets_the_right_name():
    assert "did you mean 'SoftActorCritic'?" in refused("dims-unknown", v5("SAC", MLP, "CartPole-v1")).hint


@pytest.mark.parametrize("out_dim", [None, 2])
@pytest.mark.parametrize("net_type", ["HydraMLPNet", "QMLPNet", "QConvNet", "FiLMQConvNet"])
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
        ({"frame_op": "stack", "frame_op_len": 4}, "dims-do-not-fit", '"concat"'),
        ({"image_downsize": 64}, "dims-unknown", "[84, 84]"),
        ({"image_downsize": [64, "64"]}, "dims-unknown", "[84, 84]"),
    ],
)
def test_wrong_frame_settings(frame, rule, cure):
    problem = refused(rule, v4("DQN", CONV, {"name": "PongNoFrameskip-v4", **frame}))
    assert cure in problem.hint
    assert problem.pointer.startswith("/env/0")


@pytest.mark.parametrize(
    "env",
    [
        3,
        object(),
        SimpleNamespace(observation_space=box(3)),
        (box(3),),
        (SimpleNamespace(spaces={"a": box(3)}), discrete(2)),
        (box(3), SimpleNamespace(spaces=(discrete(2), discrete(3)))),
        (SimpleNamespace(shape=None), discrete(2)),
        (box(0), discrete(2)),
        (box(3), discrete("2")),
        (box(3), multi_discrete(2, 0)),
    ],
)
def test_environments_without_usable_spaces(env):
    assert "in_dim=" in refused("dims-unknown", MLP, env=env).hint


def test_dict_spaces_are_for_hydra():
    gymnasium = pytest.importorskip("gymnasium")
    spaces = gymnasium.spaces
    problem = refused("dims-unknown", MLP, env=(spaces.Dict(a=spaces.Discrete(2)), spaces.Discrete(2)))
    assert "Dict" in problem.message
    assert "HydraMLPNet" in problem.hint


# properties

sizes = st.integers(1, 50)
observations = st.one_of(
    st.builds(box, sizes), st.builds(box, sizes, sizes), st.builds(box, sizes, sizes, sizes), st.builds(discrete, sizes)
)
actions = st.one_of(
    st.builds(discrete, sizes),
    st.builds(multi_binary, sizes),
    st.builds(box, sizes),
    st.lists(sizes, min_size=1, max_size=5).map(lambda nvec: multi_discrete(*nvec)),
)


@given(observations, actions, st.booleans(), st.sampled_from(["Reinforce", "PPO", "SoftActorCritic"]))
def test_any_spaces_give_dims_of_as_many_numbers(observation, action, shared, algorithm):
    net = {"type": "MLPNet" if len(observation.shape) < 2 else "ConvNet", "shared": shared}
    dims = infer_dims(v5(algorithm, net), env=(observation, action))
    shape = (dims.in_dim,) if isinstance(dims.in_dim, int) else dims.in_dim
    assert sorted(shape) == sorted(observation.shape or (observation.n,))
    heads = dims.out_dim if isinstance(dims.out_dim, list) else [dims.out_dim]
    assert all(type(size) is int and size > 0 for size in (*shape, *heads))
    critic = shared and algorithm == "PPO"
    numbers = sum(action.nvec) if hasattr(action, "nvec") else getattr(action, "n", None) or 2 * action.shape[0]
    assert sum(heads) == numbers + critic
    assert len(dims.notes) >= 2


@given(st.sampled_from(sorted(known_environments())), st.sampled_from([v4, v5]))
def test_every_known_environment_gives_dims_to_its_net(name, spec):
    net = CONV if len(known_environments()[name].observation.shape) == 3 else MLP
    dims = infer_dims(spec("PPO", {**net, "shared": True}, name))
    assert dims.out_dim[-1] == 1
    assert all(name in note for note in (dims.notes[0], dims.notes[-1]))
