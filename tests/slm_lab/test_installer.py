"""install() and uninstall() on a small package with the module layout of SLM Lab."""

import copy
import functools
import importlib
import multiprocessing
import operator
import pickle
import shutil
import subprocess
import sys
import textwrap
import warnings

import pytest

from slm_net.slm_lab import InstallWarning, install, uninstall, v4, v5

# What SLM Lab has in these files, as far as install() meets it; of a fork's own: fork.py, Extra, only_here, LIMIT.
NET_FILES = {
    "__init__.py": """
        from slm_lab.agent.net.conv import *
        from slm_lab.agent.net.mlp import *
        from slm_lab.agent.net.recurrent import *
        from slm_lab.agent.net.fork import MyNet
    """,
    "base.py": """
        from abc import ABC
        from slm_lab.agent.net import net_util

        class Net(ABC):
            def __init__(self, net_spec, in_dim, out_dim):
                self.built = net_util.build_fc_model([in_dim, out_dim])

            def train_step(self, loss):
                return loss
    """,
    "net_util.py": """
        LIMIT = 5

        def get_optim(net, spec):
            return "original"

        def get_activation_fn(activation):
            return activation

        def build_fc_model(dims, activation=None):
            return dims, get_activation_fn(activation)

        def only_here():
            return 1
    """,
    "conv.py": "from slm_lab.agent.net.base import Net\n\nclass ConvNet(Net):\n    pass",
    "mlp.py": """
        from slm_lab.agent.net.base import Net

        class MLPNet(Net):
            pass

        class DuelingMLPNet(MLPNet):
            pass

        class Extra(Net):
            pass
    """,
    "recurrent.py": "from slm_lab.agent.net.base import Net\n\nclass RecurrentNet(Net):\n    pass",
    "q_net.py": "from slm_lab.agent.net.base import Net\n\nclass QMLPNet(Net):\n    pass",
    "fork.py": "from slm_lab.agent.net.base import Net\n\nclass MyNet(Net):\n    pass",
    "torcharc_net.py": "from slm_lab.agent.net.base import Net\n\nclass TorchArcNet(Net):\n    pass",
}
ALGORITHM = """
    import slm_lab.agent.net as whole
    import slm_lab.agent.net.mlp
    from slm_lab.agent import net
    from slm_lab.agent.net import net_util
    from slm_lab.agent.net.mlp import MLPNet as Dense
    from slm_lab.agent.net.net_util import get_optim

    def dotted():
        return slm_lab.agent.net.mlp.MLPNet
"""
SEARCH = """
    def build_run_trial(base_spec):
        def run_trial(config):
            from slm_lab.agent.net import MLPNet
            return type(MLPNet(base_spec, 4, 2)).__module__
        return run_trial
"""
RNN = {"type": "RecurrentNet", "fc_hid_layers": [], "hid_layers_activation": "relu", "rnn_hidden_size": 5, "seq_len": 3}
ARC = {
    "type": "TorchArcNet",
    "arc": {
        "modules": {"body": {"LazyLinear": {"out_features": 8}}},
        "graph": {"input": "x", "modules": {"body": ["x"]}, "output": "body"},
    },
}
SPEC = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}


@pytest.fixture
def lab(tmp_path, monkeypatch):
    def write(version="4.1.1"):
        files = {
            "slm_lab/__init__.py": f"__version__ = '{version}'" if version else "",
            "slm_lab/agent/__init__.py": "",
            "slm_lab/agent/algorithm/__init__.py": "",
            "slm_lab/agent/algorithm/dqn.py": ALGORITHM,
            "slm_lab/experiment/__init__.py": "",
            "slm_lab/experiment/search.py": SEARCH,
            **{f"slm_lab/agent/net/{name}": text for name, text in NET_FILES.items()},
        }
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(textwrap.dedent(text))
        importlib.invalidate_caches()

    monkeypatch.syspath_prepend(tmp_path)
    yield write
    uninstall()
    for name in [name for name in sys.modules if name.split(".")[0] == "slm_lab"]:
        del sys.modules[name]


def is_ours(dqn, version):
    for cls in (dqn.net.MLPNet, dqn.whole.MLPNet, dqn.Dense, dqn.dotted()):
        net = cls(SPEC, 4, 2)
        assert type(net) is version.net.MLPNet and isinstance(net, cls) and isinstance(net, dqn.net.Net)
    assert type(dqn.net.DuelingMLPNet({**SPEC, "type": "DuelingMLPNet"}, 4, 2)) is version.net.DuelingMLPNet
    assert dqn.get_optim is dqn.net_util.get_optim is version.net_util.get_optim
    assert type(dqn.net.mlp.Extra(SPEC, 4, 2)) is dqn.net.mlp.Extra and dqn.net_util.only_here() == 1


def is_original(dqn):
    assert dqn.get_optim(None, None) == dqn.net_util.get_optim(None, None) == "original"
    assert dqn.net.MLPNet is dqn.whole.MLPNet is dqn.Dense is dqn.dotted()
    assert dqn.Dense.__module__ == "slm_lab.agent.net.mlp"
    net = dqn.Dense(SPEC, 4, 2)
    assert type(net) is dqn.Dense and net.built == ([4, 2], None)


@pytest.mark.parametrize(("written", "version"), [("4.1.1", v4), ("5.3.0", v5)])
@pytest.mark.parametrize("first", ["install", "import"])
def test_install_before_and_after_the_import(lab, written, version, first):
    lab(written)
    if first == "install":
        install()
        dqn = importlib.import_module("slm_lab.agent.algorithm.dqn")
    else:
        dqn = importlib.import_module("slm_lab.agent.algorithm.dqn")
        is_original(dqn)
        originals = dict(vars(dqn))
        install()
    for _ in range(2):
        is_ours(dqn, version)
        install()  # changes nothing
        uninstall()
        is_original(dqn)
        if first == "import":
            assert all(vars(dqn)[key] is value for key, value in originals.items())
        install()


def test_q_nets_belong_to_version_4(lab):
    lab("4.1.1")
    install()
    q_net = importlib.import_module("slm_lab.agent.net.q_net")
    assert type(q_net.QMLPNet({**SPEC, "type": "QMLPNet"}, [4, 2], 1)) is v4.net.QMLPNet


@pytest.mark.parametrize("when", ["before", "after"])
def test_what_slm_lab_has_and_we_lack_stays(lab, when):
    lab("5.3.0")
    if when == "after":
        install()
    net = importlib.import_module("slm_lab.agent.net")
    net.net_util.mine, net.MyOther = len, dict
    if when == "before":
        install()
    arc = importlib.import_module("slm_lab.agent.net.torcharc_net")
    for cls in (net.MyNet, net.Extra):
        assert type(cls(SPEC, 4, 2)) is cls
    if when == "after":
        assert type(arc.TorchArcNet(ARC, 4, 2)) is v5.net.TorchArcNet
    assert (net.net_util.mine, net.MyOther, net.net_util.LIMIT, net.net_util.only_here()) == (len, dict, 5, 1)
    with pytest.raises(AttributeError, match="NoNet"):
        net.NoNet  # noqa: B018
    assert net.DuelingRecurrentNet is v5.net.DuelingRecurrentNet  # registered with us
    uninstall()
    assert not hasattr(net, "DuelingRecurrentNet")


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_users_class_is_slm_labs_own(lab, when):
    lab("5.3.0")
    if when == "after":
        install()
    net = importlib.import_module("slm_lab.agent.net")

    class Mine(net.MLPNet):
        def __init__(self, net_spec, in_dim, out_dim, more=0):
            super().__init__(net_spec, in_dim, out_dim)
            self.more = more

    if when == "before":
        install()
    mine = Mine(SPEC, 4, 2, more=3)
    assert type(mine) is Mine and mine.built == ([4, 2], None) and mine.more == 3


def test_a_lab_that_is_no_folder_of_source_files_is_said_to_stay_its_own(lab, tmp_path, monkeypatch):
    lab("5.3.0")
    archive = shutil.make_archive(str(tmp_path / "lab"), "zip", tmp_path, "slm_lab")
    shutil.rmtree(tmp_path / "slm_lab")
    monkeypatch.syspath_prepend(archive)
    install(version=5)
    with pytest.warns(InstallWarning, match=r"slm_lab\.agent\.net\.mlp comes from no source file"):
        net = importlib.import_module("slm_lab.agent.net")
    assert type(net.MLPNet(SPEC, 4, 2)) is net.MLPNet


def test_instances_of_slm_labs_own_are_copied_as_such(lab):
    lab("5.3.0")
    net = importlib.import_module("slm_lab.agent.net")
    before = net.MLPNet(SPEC, 4, 2)
    install()
    for twin in (copy.deepcopy(before), pickle.loads(pickle.dumps(before))):
        assert type(twin) is net.MLPNet and twin.built == before.built


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_helper_that_was_replaced_takes_the_nets_back(lab, monkeypatch, when):
    lab("5.3.0")
    net = importlib.import_module("slm_lab.agent.net")
    if when == "after":
        install()
    original = net.net_util.get_activation_fn

    @functools.wraps(original)
    def mine(activation):
        return "mine"

    monkeypatch.setattr(net.net_util, "get_activation_fn", mine)
    if when == "before":
        install()
    with pytest.warns(InstallWarning, match=r"net_util\.get_activation_fn was replaced") as caught:
        built = net.MLPNet(SPEC, 4, 2)
    assert type(built) is net.MLPNet and built.built == ([4, 2], "mine")
    assert caught[0].filename == __file__
    with warnings.catch_warnings(action="error"):  # said once
        assert type(net.MLPNet(SPEC, 4, 2)) is net.MLPNet
    monkeypatch.undo()
    assert type(net.MLPNet(SPEC, 4, 2)) is v5.net.MLPNet


@pytest.mark.parametrize(("place", "name"), [("base.Net", "train_step"), ("mlp.MLPNet", "forward")])
def test_a_method_that_was_replaced_takes_its_nets_back(lab, monkeypatch, place, name):
    lab("5.3.0")
    net = importlib.import_module("slm_lab.agent.net")
    install()
    monkeypatch.setattr(operator.attrgetter(place)(net), name, lambda *_: "mine", raising=False)
    with pytest.warns(InstallWarning, match=rf"{place[-3:]}\.{name} was replaced"):
        built = net.MLPNet(SPEC, 4, 2)
    assert getattr(built, name)(None) == "mine"
    if place == "mlp.MLPNet":
        assert type(net.RecurrentNet({**RNN}, 4, 2)) is v5.net.RecurrentNet


CHILD = """
import multiprocessing, sys

def built(spec, found):
    from slm_lab.agent.net import MLPNet
    found.put(type(MLPNet(spec, 4, 2)).__module__)

if __name__ == "__main__":
    from slm_net.slm_lab import install, uninstall
    install()
    context, spec = multiprocessing.get_context(sys.argv[1]), {spec}
    if sys.argv[2] == "uninstalled":
        uninstall()
    found = context.Queue()
    process = context.Process(target=built, args=(spec, found))
    process.start()
    print(found.get(timeout=60))
    process.join()
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("state", "module"), [("installed", "slm_net.slm_lab.v5.net"), ("uninstalled", "slm_lab.agent.net.mlp")]
)
@pytest.mark.parametrize("method", ["spawn", "fork", "forkserver"])
def test_processes_build_what_their_parent_builds(lab, tmp_path, method, state, module):
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"this system has no {method}")
    lab("5.3.0")
    (tmp_path / "launcher.py").write_text(CHILD.replace("{spec}", repr(SPEC)))
    command = [sys.executable, "launcher.py", method, state]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.returncode) == (module, 0), done.stderr


@pytest.mark.parametrize(
    ("written", "where"), [("5.3.0", "slm_net.slm_lab.v5.net"), ("4.1.1", "slm_lab.agent.net.mlp")]
)
def test_a_trial_of_the_search_of_5_installs_in_its_own_process(lab, written, where):
    lab(written)
    install()
    run_trial = importlib.import_module("slm_lab.experiment.search").build_run_trial(SPEC)
    uninstall()  # the worker's process is another one
    assert run_trial({}) == where


@pytest.mark.parametrize("version", [v4, v5])
def test_nets_are_pickled_under_our_name(version):
    spec = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}
    copy = pickle.loads(pickle.dumps(version.net.MLPNet(spec, 4, 2)))
    assert type(copy) is version.net.MLPNet and type(copy).__module__ == f"slm_net.slm_lab.v{version.VERSION}.net"


def test_uninstall_can_be_asked_for_first():
    code = "from slm_net import slm_lab; slm_lab.uninstall(); assert callable(slm_lab.install)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_install_refuses_with_a_reason(lab, tmp_path):
    with pytest.raises(ImportError, match="not installed"):
        install()
    lab("3.2.1")
    with pytest.raises(ValueError, match=r"4 and 5, not version '3.2.1'"):
        install()
    lab("")
    with pytest.raises(ValueError, match="does not say"):
        install()
    (tmp_path / "setup.py").write_text("setup(\n    version='4.1.1',\n)")
    install()
    with pytest.raises(RuntimeError, match="uninstall"):
        install(version="5.3.0")


def test_uninstall_without_install_changes_nothing():
    before = list(sys.meta_path)
    uninstall()
    assert sys.meta_path == before
