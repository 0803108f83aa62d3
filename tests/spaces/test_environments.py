"""The table of environments, compared with the simulators that are installed, and ids that are not in it."""

import subprocess
import sys

import pytest

from slm_net.problems import SpecError
from slm_net.spaces import Action, given_spaces, known_environments, spaces_of
from slm_net.spaces.environments import ATARI_FRAME

KNOWN = known_environments()
GAMES = sorted({name for name, spaces in KNOWN.items() if spaces.atari})
CLASSIC = ("CartPole", "MountainCar", "Pendulum", "Acrobot")
BOX2D = ("LunarLander", "BipedalWalker", "CarRacing")


def refused(name, **options):
    with pytest.raises(SpecError) as caught:
        spaces_of(name, options, ("env", "name"))
    (problem,) = caught.value.problems
    assert problem.rule_name == "dims-unknown"
    assert problem.path == ("env", "name")
    assert "in_dim=" in problem.hint
    return problem


def made(name):
    """The spaces as gymnasium has them, or a skip if this version has no such id or lacks its simulator."""
    gymnasium = pytest.importorskip("gymnasium")
    if name not in gymnasium.registry:
        pytest.skip(f"gymnasium {gymnasium.__version__} has no {name}")
    env = gymnasium.make(name)
    try:
        return given_spaces(env)
    finally:
        env.close()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", [name for name, spaces in KNOWN.items() if not spaces.atari])
def test_the_table_agrees_with_gymnasium(name):
    if not name.startswith(CLASSIC):
        pytest.importorskip("Box2D" if name.startswith(BOX2D) else "mujoco", reason="the simulator is not installed")
        if name.endswith(("-v2", "-v3")) and not name.startswith(BOX2D):
            pytest.skip("MuJoCo v2 and v3 need gymnasium-robotics and mujoco-py")
    spaces = made(name)
    assert spaces.observation.shape == KNOWN[name].observation.shape
    assert spaces.action == KNOWN[name].action


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
    "name", ["Ant-v1", "Reacher-v3", "CartPole-v2", "RoboschoolAnt-v1", "Unity3DBall-v0", "gridworld"]
)
def test_what_does_not_exist_is_not_in_the_table(name):
    assert name not in KNOWN
    refused(name)


@pytest.mark.parametrize(
    ("name", "continuous", "action"),
    [
        ("LunarLander-v3", True, Action("continuous", (2,))),
        ("LunarLander-v3", False, Action("discrete", (4,))),
        ("LunarLander-v3", [1], Action("discrete", (4,))),
        ("CarRacing-v3", False, Action("discrete", (5,))),
        ("Pendulum-v1", False, Action("continuous", (1,))),
    ],
)
def test_the_option_continuous_chooses_the_action_space(name, continuous, action):
    assert spaces_of(name, {"continuous": continuous}).action == action


def test_an_id_that_only_gymnasium_knows():
    pytest.importorskip("gymnasium")
    spaces = spaces_of("FrozenLake-v1")
    assert spaces.observation.shape == (16,)
    assert spaces.observation.one_hot
    assert spaces.action == Action("discrete", (4,))
    assert "Blackjack-v1: a Tuple space" in refused("Blackjack-v1").message


def test_an_unknown_id_gives_the_reason_of_gymnasium_and_the_nearest_id():
    pytest.importorskip("gymnasium")
    problem = refused("CartPole-v7")
    assert problem.message.startswith("gymnasium cannot make 'CartPole-v7': ")
    assert "\n" not in problem.message
    assert "did you mean 'CartPole-v" in problem.hint
    assert "env=" in problem.hint


def test_without_gymnasium_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "gymnasium", None)
    assert spaces_of("CartPole-v1").observation.shape == (4,)
    problem = refused("FrozenLake-v1")
    assert "gymnasium is not installed" in problem.message
    assert "pip install 'slm_net[env]'" in problem.hint


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
