"""The table of environments, compared with the simulators that are installed, and ids that are not in it."""

import inspect
import itertools
import subprocess
import sys

import pytest

from slm_net.problems import COMMAND, SpecError
from slm_net.spaces import Action, environments, given_spaces, known_environments, spaces_of
from slm_net.spaces.environments import ATARI_FRAME

KNOWN = known_environments()
OPTIONS = {name: tuple(known.options) for name, known in environments._known().items() if known.options}
GAMES = sorted({name for name, spaces in KNOWN.items() if spaces.atari})
CLASSIC = ("CartPole", "MountainCar", "Pendulum", "Acrobot", "FrozenLake", "CliffWalking", "Taxi")
BOX2D = ("LunarLander", "BipedalWalker", "CarRacing")


def between(low, high, components):
    return Action("continuous", (components,), low=(low,), high=(high,))


def refused(name, **options):
    with pytest.raises(SpecError) as caught:
        spaces_of(name, options, ("env", "name"))
    (problem,) = caught.value.problems
    assert problem.rule_name == ("environment-option" if options else "dims-unknown")
    assert problem.path == ("env", next(iter(options), "name"))
    assert "in_dim=" in problem.hint
    return problem


@pytest.fixture(autouse=True)
def away(tmp_path, monkeypatch):
    """MuJoCo writes a log where it runs."""
    monkeypatch.chdir(tmp_path)


def registered(name):
    """The entry of gymnasium's registry, or a skip if this version has no such id or lacks its simulator."""
    gymnasium = pytest.importorskip("gymnasium")
    if name not in gymnasium.registry:
        pytest.skip(f"gymnasium {gymnasium.__version__} has no {name}")
    if not name.startswith(CLASSIC):
        pytest.importorskip("Box2D" if name.startswith(BOX2D) else "mujoco", reason="the simulator is not installed")
        if name.endswith(("-v2", "-v3")) and not name.startswith(BOX2D):
            pytest.skip("MuJoCo v2 and v3 need gymnasium-robotics and mujoco-py")
    return gymnasium.registry[name]


def made(name, **options):
    """The spaces as gymnasium has them, or a skip."""
    try:
        env = registered(name).make(**options)
    except ImportError as error:  # Pusher-v4 wants a MuJoCo before 3
        pytest.skip(str(error))
    try:
        return given_spaces(env)
    finally:
        env.close()


#: Those of the first source of the table, which are gymnasium's.
TABLE = [name for row in environments._table()["environments"][0]["rows"] for name in row["ids"]]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", TABLE)
def test_the_table_agrees_with_gymnasium(name):
    spaces = made(name)
    assert spaces.observation._replace(dtype="float32") == KNOWN[name].observation._replace(dtype="float32")
    assert spaces.action == KNOWN[name].action


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", [name for name in OPTIONS if name in TABLE])
def test_what_options_change_agrees_with_gymnasium(name):
    for values in itertools.product((True, False), repeat=len(OPTIONS[name])):
        options = dict(zip(OPTIONS[name], values, strict=True))
        theirs, ours = made(name, **options), spaces_of(name, options)
        assert (theirs.observation.shape, theirs.action) == (ours.observation.shape, ours.action), options


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", TABLE)
def test_options_that_keep_the_spaces_do_so_in_gymnasium(name):
    from gymnasium.envs.registration import load_env_creator

    creator = load_env_creator(registered(name).entry_point)
    parameters = {key: p.default for key, p in inspect.signature(creator).parameters.items() if key != "kwargs"}
    kept = {key: value for key, value in parameters.items() if key in environments._keeps()}
    unsure = set(parameters) - set(kept) - set(OPTIONS.get(name, ()))
    assert unsure <= {"xml_file", "desc", "map_name"}
    others = {
        key: not value if isinstance(value, bool) else 2 * value for key, value in kept.items() if is_number(value)
    }
    spaces = made(
        name, **{key: value for key, value in others.items() if key not in ("lap_complete_percent", "gravity")}
    )
    assert (spaces.observation.shape, spaces.action) == (KNOWN[name].observation.shape, KNOWN[name].action)


def is_number(value):
    return isinstance(value, int | float)


def test_options_of_no_effect_on_the_spaces():
    assert spaces_of("CartPole-v1", {"render_mode": "human", "num_envs": 8, "max_t": 3}) == KNOWN["CartPole-v1"]


@pytest.mark.parametrize(
    ("name", "option", "value", "cure"),
    [
        ("CartPole-v1", "frame_op", "concat", "remove it"),
        ("CartPole-v1", "continuous", True, "remove it"),
        ("Ant-v5", "xml_file", "ant.xml", "remove it"),
        ("Ant-v5", "include_cfrc_ext_in_observation", None, "write true or false"),
        ("Ant-v5", "include_cfrc_ext_in_observaton", False, "did you mean 'include_cfrc_ext_in_observation'?"),
        ("Ant-v2", "exclude_current_positions_from_observation", False, "remove it"),
        ("ALE/Pong-v5", "stack_num", 2, "remove it"),
        ("NoSuch-v0", "size", 3, "remove it"),
    ],
)
def test_an_option_of_unknown_effect_is_no_guess(name, option, value, cure):
    problem = refused(name, **{option: value})
    assert cure in problem.hint
    assert "is not known" in problem.message


def test_an_option_may_be_a_variable():
    with pytest.raises(SpecError) as caught:
        spaces_of("LunarLander-v3", {"continuous": "${continuous}"}, ("env", "name"))
    [problem] = caught.value.problems
    assert (problem.rule_name, problem.pointer) == ("dims-unknown", "/env/continuous")
    assert "set it" in problem.hint


@pytest.mark.parametrize("option", [{"full_action_space": True}, {"continuous": True}, {"mode": 1}, {"frameskip": 2}])
def test_options_of_games_agree_with_ale_py(arcade, option):
    assert made_game(**option).action == spaces_of("ALE/Pong-v5", option).action


def made_game(**options):
    import gymnasium

    env = gymnasium.make("ALE/Pong-v5", **options)
    try:
        return given_spaces(env)
    finally:
        env.close()


@pytest.mark.parametrize(
    ("name", "maker"),
    [
        ("Unity3DBall-v0", "Unity builds of SLM Lab 4"),
        ("gridworld", "Unity builds of SLM Lab 1"),
        ("RoboschoolHumanoid-v9", "Roboschool"),
        ("KukaBulletEnv-v0", "PyBullet"),
        ("playground/Go1Getup", "MuJoCo Playground"),
    ],
)
def test_what_others_make_is_called_so(name, maker):
    problem = refused(name)
    assert maker in problem.message
    guess = "did you mean 'RoboschoolHumanoid-v1'? Else " if "v9" in name else ""
    assert problem.hint == f"{guess}pass a made environment as env=, or pass in_dim= and out_dim="
    assert problem.said_to(COMMAND).hint == f"{guess}pass --in-dim and --out-dim"


@pytest.mark.parametrize(
    ("name", "shape", "action"),
    [
        ("RoboschoolAnt-v1", (28,), between(-1.0, 1.0, 8)),
        ("AntBulletEnv-v0", (28,), between(-1.0, 1.0, 8)),
        ("playground/HumanoidWalk", (67,), between(-1.0, 1.0, 21)),
        ("Thrower-v2", (23,), Action("continuous", (7,))),
        ("Striker-v2", (23,), between(-3.0, 3.0, 7)),
        ("FrozenLake-v0", (16,), Action("discrete", (4,))),
        ("Breakout-ram-v0", (128,), Action("discrete", (4,))),
    ],
)
def test_environments_that_gymnasium_does_not_have(name, shape, action):
    assert (KNOWN[name].observation.shape, KNOWN[name].action) == (shape, action)


@pytest.fixture(scope="module")
def arcade():
    gymnasium = pytest.importorskip("gymnasium")
    gymnasium.register_envs(pytest.importorskip("ale_py"))
    return {name for name, entry in gymnasium.registry.items() if str(entry.entry_point) == "ale_py.env:AtariEnv"}


def test_every_atari_id_of_ale_py_is_known(arcade):
    assert arcade <= set(GAMES)
    assert {name for name in GAMES if "Deterministic" not in name} <= arcade


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", [name for name in GAMES if name.startswith("ALE/")])
def test_the_action_sets_agree_with_ale_py(arcade, name):
    from ale_py import Action as Joystick
    from ale_py import ALEInterface, LoggerMode, roms

    game = "".join(f"_{char.lower()}" if char.isupper() else char for char in name[4:-3]).lstrip("_")
    path = roms.get_rom_path({"tic_tac_toe3_d": "tic_tac_toe_3d"}.get(game, game))
    ALEInterface.setLoggerMode(LoggerMode.Error)
    ale = ALEInterface()
    ale.loadROM(path)
    assert KNOWN[name].action.sizes == (len(ale.getMinimalActionSet()),)
    assert spaces_of(name, {"full_action_space": True}).action.sizes == (len(Joystick.__members__),)


@pytest.mark.parametrize("spelling", ["ALE/{}-v5", "{}-v0", "{}-v4", "{}NoFrameskip-v4", "{}Deterministic-v4"])
@pytest.mark.parametrize(("game", "actions"), [("Pong", 6), ("Breakout", 4), ("Seaquest", 18), ("Freeway", 3)])
def test_a_game_is_the_same_in_every_spelling(spelling, game, actions):
    spaces = spaces_of(spelling.format(game))
    assert (spaces.observation, spaces.action) == (ATARI_FRAME, Action("discrete", (actions,)))
    assert spaces.atari


def test_games_that_came_with_v5_have_no_old_ids():
    assert "ALE/Tetris-v5" in KNOWN
    assert "TetrisNoFrameskip-v4" not in KNOWN


@pytest.mark.parametrize(
    "name", ["Ant-v1", "Reacher-v3", "CartPole-v2", "RoboschoolAnt-v2", "Unity3DBall-v0", "gridworld"]
)
def test_what_does_not_exist_is_not_in_the_table(name):
    assert name not in KNOWN
    refused(name)


@pytest.mark.parametrize(
    ("name", "continuous", "action"),
    [
        ("LunarLander-v3", True, between(-1.0, 1.0, 2)),
        ("LunarLander-v3", False, Action("discrete", (4,))),
        ("LunarLanderContinuous-v3", False, Action("discrete", (4,))),
        ("CarRacing-v3", False, Action("discrete", (5,))),
        ("ALE/Pong-v5", True, Action("continuous", (3,), low=(0.0, -3.1415927, 0.0), high=(1.0, 3.1415927, 1.0))),
    ],
)
def test_the_option_continuous_chooses_the_action_space(name, continuous, action):
    assert spaces_of(name, {"continuous": continuous}).action == action


def test_an_id_that_only_gymnasium_knows():
    gymnasium = pytest.importorskip("gymnasium")
    gymnasium.register("slm-net/Lake-v0", gymnasium.registry["FrozenLake-v1"].entry_point, kwargs={"map_name": "4x4"})
    try:
        spaces = spaces_of("slm-net/Lake-v0", {"max_frame": 10})
        assert spaces.observation.shape == (16,)
        assert spaces.observation.one_hot
        assert spaces.action == Action("discrete", (4,))
        assert "map_name" in refused("slm-net/Lake-v0", map_name="8x8").message
    finally:
        del gymnasium.registry["slm-net/Lake-v0"]
    several = refused("Blackjack-v1")
    assert "Blackjack-v1: a Tuple space" in several.message
    assert "pass --in-dim" in several.said_to(COMMAND).hint  # in the words of the command line too


def test_an_unknown_id_gives_the_reason_of_gymnasium_and_the_nearest_id():
    pytest.importorskip("gymnasium")
    problem = refused("CartPole-v7")
    assert problem.message.startswith("gymnasium cannot make 'CartPole-v7': ")
    assert not problem.message.endswith(".")
    assert "\n" not in problem.message
    assert "did you mean 'CartPole-v" in problem.hint
    assert "env=" in problem.hint


def test_without_gymnasium_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "gymnasium", None)
    assert spaces_of("CartPole-v1").observation.shape == (4,)
    problem = refused("Blackjack-v1")
    assert "gymnasium is not installed" in problem.message
    assert 'pip install "slm_net[env]"' in problem.hint


def test_a_package_that_the_environment_needs_is_named():
    gymnasium = pytest.importorskip("gymnasium")

    def broken():
        raise ImportError("install the\nsimulator 'x'")

    gymnasium.register("slm-net/NeedsSimulator-v0", entry_point=broken)
    try:
        problem = refused("slm-net/NeedsSimulator-v0")
    finally:
        del gymnasium.registry["slm-net/NeedsSimulator-v0"]
    assert problem.message.endswith("install the simulator 'x'")
    assert "install what it needs" in problem.hint


def test_a_spec_cannot_import_a_module():
    problem = refused("antigravity:Env-v0")
    assert "import" in problem.message
    assert "env=" in problem.hint
    assert "antigravity" not in sys.modules


@pytest.mark.parametrize("name", ["", None, 3, ["CartPole-v1"], "a b", "x" * 201, "env\x1b[2J-v0", "${env}"])
def test_what_is_no_id_is_refused(name):
    assert "\x1b" not in str(refused(name))


def test_an_unset_variable_says_how_to_set_it():
    problem = refused("${env}")
    assert "variable" in problem.message
    assert all(word in problem.hint for word in ("variables=", "--set", "spec_params"))


def test_importing_the_room_is_cheap():
    code = "import sys, slm_net.spaces as s; s.known_environments(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "numpy", "gymnasium", "ale_py", "yaml"} & set(done.stdout.split())
