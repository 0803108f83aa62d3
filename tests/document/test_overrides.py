import copy

import pytest

from slm_net import SpecError
from slm_net.document.concrete import override

SPEC = {"agent": [{"net": {"hid_layers": [64, 32], "optim_spec": {"name": "Adam"}, "a.b": 1}}], "env": [{"name": "x"}]}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("agent.0.net.hid_layers", [8]),
        ("agent[0].net.hid_layers[1]", 16),
        ("agent.0.net.optim_spec.lr", 1e-4),
        ("agent.0.net.a\\.b", 2),
        ("meta", {"max_session": 1}),
    ],
)
def test_a_value_is_put_at_its_path(path, value):
    import pydash

    spec = copy.deepcopy(SPEC)
    override(spec, path, value)
    assert pydash.get(spec, path) == value


def test_only_that_value_changes_and_it_is_copied():
    spec, value = copy.deepcopy(SPEC), [8]
    override(spec, "agent.0.net.hid_layers", value)
    value.append(4)
    wanted = copy.deepcopy(SPEC)
    wanted["agent"][0]["net"]["hid_layers"] = [8]
    assert spec == wanted


@pytest.mark.parametrize(
    ("path", "pointer", "hint"),
    [
        ("agent.1.net.gpu", "/agent", "entries 0 to 0"),
        ("agent.net.gpu", "/agent", "entries 0 to 0"),
        ("agent.0.nett.gpu", "/agent/0", "did you mean 'net'?"),
        ("agent.0.net.hid_layers.2", "/agent/0/net/hid_layers", "entries 0 to 1"),
        ("agent.0.net.hid_layers.-1", "/agent/0/net/hid_layers", "entries 0 to 1"),
        ("agent.0.net.hid_layers.x", "/agent/0/net/hid_layers", "entries 0 to 1"),
        ("env.0.name.x", "/env/0/name", "a plain value is there"),
        ("env.0.name.x.y", "/env/0/name", "a plain value is there"),
        ("", "", ""),
    ],
)
def test_a_path_that_leads_nowhere(path, pointer, hint):
    spec = copy.deepcopy(SPEC)
    with pytest.raises(SpecError) as error:
        override(spec, path, 1)
    [problem] = error.value.problems
    assert (problem.rule_name, problem.pointer) == ("bad-override", pointer)
    assert hint in problem.hint
    assert spec == SPEC
