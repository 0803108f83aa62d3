"""`slm-net server` where its package is missing; what it does is in tests/server."""

import importlib.util


def test_without_pygls_it_says_what_to_install(cli, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr("slm_net.extras.find_spec", lambda name: None if name == "pygls" else find(name))
    done = cli("server")
    assert (done.code, done.out) == (2, "")
    assert 'pip install "slm_net[server]"' in done.err
    assert done.err.count("\n") == 1
