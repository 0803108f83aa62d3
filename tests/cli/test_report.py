"""The report for people, and the counts."""

import json


def test_statistics(cli, spec_file):
    net = {"type": "MLPNet", "hid_layers": 64, "hid_layers_activation": "relu", "gpu": 3, "clip_grad": 1}
    spec_file(net, "net.json")
    done = cli("validate", "net.json", "--statistics", "-q")
    assert done.out.splitlines()[-2:] == ["    2  SN104  wrong-type", "    1  SN101  unknown-key"]
    done = cli("validate", "net.json", "--statistics", "-o", "json")
    assert json.loads(done.out)["errors"] == 3
    assert "SN104  wrong-type" in done.err
