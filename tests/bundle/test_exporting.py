"""A file of ONNX or of torch.export gives what the bundle gives, for every type of net and any size of batch."""

import functools
import json
import os
import sys

import pytest
import torch
from exported_nets import MLP, NETS, RNN, TORQUE, compare, of
from torch import nn

from slm_net import nets, register_net, unregister
from slm_net.bundle import exporting

onnxruntime = pytest.importorskip("onnxruntime")
pytest.importorskip("onnxscript")


@pytest.fixture(scope="module", autouse=True)
def operators():
    """Torch collects the operators of ONNX at every export, which takes a second."""
    registration = pytest.importorskip("torch.onnx._internal.exporter._registration")
    collected = functools.cache(registration.ONNXRegistry.from_torchlib.__func__)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registration.ONNXRegistry, "from_torchlib", classmethod(collected))
        yield


def onnx_file(path):
    """A file of ONNX as a function on tensors by name, and what it says of itself."""
    session = onnxruntime.InferenceSession(path)
    names = [one.name for one in session.get_outputs()]
    said = json.loads(session.get_modelmeta().custom_metadata_map["slm_net.json"])
    assert [one.name for one in session.get_inputs()] == [one["name"] for one in said["inputs"]]

    def run(inputs):
        outputs = session.run(None, {name: one.numpy() for name, one in inputs.items()})
        return dict(zip(names, map(torch.from_numpy, outputs), strict=True))

    return said, run


def torch_file(path):
    """A file of torch.export likewise."""
    extra = {"slm_net.json": ""}
    program = torch.export.load(path, extra_files=extra)
    return json.loads(extra["slm_net.json"]), program.module()


@pytest.mark.parametrize(
    ("net", "file", "read"),
    [
        ("MLPNet", "policy.onnx", onnx_file),
        ("MLPNet", "policy.PT2", torch_file),
        ("RecurrentNet, LSTM", "policy.pt2", torch_file),
        pytest.param("RecurrentNet, LSTM", "policy.onnx", onnx_file, marks=pytest.mark.slow),
    ],
)
def test_a_file_gives_what_the_bundle_gives_and_says_what_it_is(net, file, read, tmp_path):
    bundle = NETS[net]()
    said = bundle.export(tmp_path / file)
    written, run = read(str(tmp_path / file))
    assert written == said and os.listdir(tmp_path) == [file]
    compare(bundle, said, run)


#: Those that are tested above, or whose graph is that of another.
SEEN = ("MLPNet", "MLPNet, its Q", "RecurrentNet, LSTM")


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in NETS if name not in SEEN])
def test_every_type_gives_in_onnx_what_the_bundle_gives(name, tmp_path):
    bundle = NETS[name]()
    said = bundle.export(tmp_path / "a.onnx")
    compare(bundle, said, onnx_file(str(tmp_path / "a.onnx"))[1])


def test_every_type_is_among_them():
    assert {name.partition(",")[0] for name in NETS} == set(nets.NETS)


@pytest.mark.slow
def test_steps_in_onnx_are_the_sequence_in_onnx(tmp_path):
    bundle = of({**RNN, "cell_type": "LSTM"}, does=TORQUE)
    steps, whole = (bundle.export(tmp_path / f"{each}.onnx", sequence=each) for each in (False, True))
    (_, step), (_, sequence) = (onnx_file(str(tmp_path / f"{each}.onnx")) for each in (False, True))
    assert [one["name"] for one in whole["inputs"]] == ["observation"] and whole["state"] == []
    xs = torch.randn(5, 3, 4)
    state = {one["input"]: torch.full((1, 5, 5), one["initial"]) for one in steps["state"]}
    for index in range(3):
        got = step({"observation": xs[:, index], **state})
        state = {one["input"]: got[one["output"]] for one in steps["state"]}
    want = sequence({"observation": xs})
    for name, one in want.items():
        torch.testing.assert_close(got[name], one, rtol=1e-5, atol=1e-5)


def test_what_cannot_be_written_is_said_before_anything_is_done(tmp_path, monkeypatch):
    bundle = of(MLP)
    monkeypatch.setattr(exporting, "Deployed", None)
    for name in ("policy.pth", "policy"):
        with pytest.raises(ValueError, match=r"ends in \.onnx or \.pt2"):
            bundle.export(tmp_path / name)
    with pytest.raises(FileNotFoundError, match="there is no such folder"):
        bundle.export(tmp_path / "gone" / "policy.pt2")
    with pytest.raises(OSError, match="no regular file"):
        (tmp_path / "folder.pt2").mkdir()
        bundle.export(tmp_path / "folder.pt2")
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    with pytest.raises(ImportError, match=r'needs onnxscript: pip install "slm_net\[onnx\]"'):
        bundle.export(tmp_path / "policy.onnx")
    assert os.listdir(tmp_path) == ["folder.pt2"]


class Unexportable(nn.Module):
    """A net whose graph depends on its numbers."""

    def __init__(self, spec, in_dim, out_dim):
        super().__init__()
        self.fc = nn.Linear(in_dim, out_dim)

    def forward(self, x):
        return self.fc(x) if x.sum() > 0 else -self.fc(x)


def test_what_torch_refuses_is_said_and_the_file_before_stays(tmp_path, monkeypatch):
    register_net("Unexportable", schema={"properties": {}})(Unexportable)
    try:
        bundle = of({"type": "Unexportable"})
    finally:
        unregister("net", "Unexportable")
    (tmp_path / "a.pt2").write_bytes(b"before")
    with pytest.raises(ValueError, match="torch cannot export this Unexportable: "):
        bundle.export(tmp_path / "a.pt2")
    monkeypatch.setattr(exporting, "MOST_BYTES", 100)
    with pytest.raises(ValueError, match=r"at most 2 GB, and the weights are 0\.0 GB: write \.pt2"):
        of(MLP).export(tmp_path / "a.onnx")
    assert (tmp_path / "a.pt2").read_bytes() == b"before"
    assert os.listdir(tmp_path) == ["a.pt2"]
