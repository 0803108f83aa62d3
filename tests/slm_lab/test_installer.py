"""install() and uninstall() on a small package with the module layout of SLM Lab."""

import importlib
import pickle
import subprocess
import sys
import textwrap

import pytest
from torch import nn

from slm_net.slm_lab import install, uninstall, v4, v5

NET_FILES = {
    "__init__.py": """
        from slm_lab.agent.net import net_util
        from slm_lab.agent.net.conv import ConvNet
        from slm_lab.agent.net.mlp import *
        from slm_lab.agent.net.recurrent import RecurrentNet
    """,
    "base.py": "class Net:\n    pass",
    "net_util.py": "def get_optim(net, spec):\n    return 'original'\n\ndef only_here():\n    return 1",
    "conv.py": "from slm_lab.agent.net.base import Net\n\nclass ConvNet(Net):\n    pass",
    "mlp.py": "from slm_lab.agent.net.base import Net\n\nclass MLPNet(Net):\n    pass",
    "recurrent.py": "class RecurrentNet:\n    pass",
    "q_net.py": "class QMLPNet:\n    pass",
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


@pytest.fixture
def lab(tmp_path, monkeypatch):
    def write(version="4.1.1"):
        files = {
            "slm_lab/__init__.py": f"__version__ = '{version}'" if version else "",
            "slm_lab/agent/__init__.py": "",
            "slm_lab/agent/algorithm/__init__.py": "",
            "slm_lab/agent/algorithm/dqn.py": ALGORITHM,
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
    assert dqn.net.MLPNet is dqn.whole.MLPNet is dqn.Dense is dqn.dotted() is version.net.MLPNet
    assert dqn.net_util is sys.modules["slm_lab.agent.net.net_util"] is dqn.net.net_util
    assert dqn.get_optim is dqn.net_util.get_optim is version.net_util.get_optim
    assert issubclass(dqn.net.ConvNet, nn.Module) and dqn.net.base.Net is version.net.Net


def is_original(dqn):
    assert dqn.get_optim(None, None) == dqn.net_util.get_optim(None, None) == "original"
    assert dqn.net.MLPNet is dqn.whole.MLPNet is dqn.Dense is dqn.dotted()
    assert dqn.Dense.__module__ == dqn.net.MLPNet.__module__ == "slm_lab.agent.net.mlp"
    assert sys.modules["slm_lab.agent.net"] is sys.modules["slm_lab.agent"].net is dqn.net


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
    is_ours(dqn, version)
    net = dqn.net.MLPNet({"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}, 4, 2)
    assert net.model[0].out_features == 8
    install()
    uninstall()
    is_original(dqn)
    if first == "import":
        assert all(vars(dqn)[key] is value for key, value in originals.items())
    importlib.import_module("slm_lab.agent.net.conv")


def test_q_nets_belong_to_version_4(lab):
    lab("4.1.1")
    install()
    assert importlib.import_module("slm_lab.agent.net.q_net").QMLPNet is v4.net.QMLPNet


@pytest.mark.parametrize(("written", "version"), [("4.1.1", v4), ("5.3.0", v5)])
def test_each_file_has_the_classes_that_slm_lab_has_there(lab, written, version):
    lab(written)
    install()
    net, ours = importlib.import_module("slm_lab.agent.net"), {*version.net.__all__}
    found = {name: sorted(ours & {*vars(getattr(net, name))}) for name in ("conv", "mlp", "recurrent")}
    assert found == {
        "conv": ["ConvNet", "DuelingConvNet"],
        "mlp": ["DuelingMLPNet", "HydraMLPNet", "MLPNet"],
        "recurrent": ["RecurrentNet"],
    }
    assert ours <= {*vars(net)} and {*version.net_util.__all__} <= {*vars(net.net_util)}
    assert net.conv.Net is net.base.Net is version.net.Net


@pytest.mark.parametrize("version", [v4, v5])
def test_nets_are_pickled_under_our_name(version):
    spec = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}
    copy = pickle.loads(pickle.dumps(version.net.MLPNet(spec, 4, 2)))
    assert type(copy) is version.net.MLPNet and type(copy).__module__ == f"slm_net.slm_lab.v{version.VERSION}.net"


def test_uninstall_can_be_asked_for_first():
    code = "from slm_net import slm_lab; slm_lab.uninstall(); assert callable(slm_lab.install)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_what_is_not_ours_stays_and_imports_our_base(lab):
    lab("5.3.0")
    install()
    net = importlib.import_module("slm_lab.agent.net")
    assert issubclass(net.TorchArcNet, v5.net.Net)
    with pytest.raises(AttributeError, match="NoNet"):
        net.NoNet  # noqa: B018


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
