"""`extends`: what a file takes over from another, where that stands, and what cannot be built on."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rule_ids import RULE_IDS

import slm_net
from slm_net.document.specs import read_document
from slm_net.text.paths import value_at

NET = {
    "type": "MLPNet",
    "hid_layers": [64, 64],
    "hid_layers_activation": "tanh",
    "optim_spec": {"name": "Adam", "lr": 0.001, "betas": [0.9, 0.99]},
}
AGENT = {"name": "DQN", "algorithm": {"name": "DQN", "gamma": 0.99}, "net": NET}
BASE = {"dqn": {"agent": AGENT, "env": {"name": "CartPole-v1", "max_frame": 1000}, "meta": {"max_trial": 1}}}


@pytest.fixture
def project(tmp_path):
    """Writes files of a project, the first of which is read."""
    (tmp_path / "pyproject.toml").touch()

    def written(**files):
        for name, data in files.items():
            path = tmp_path / name.replace("__", "/")
            path = path.with_suffix(".yaml" if isinstance(data, str) else ".json")
            path.parent.mkdir(exist_ok=True)
            path.write_text(data if isinstance(data, str) else json.dumps(data, indent=1))
        return tmp_path / f"{next(iter(files)).replace('__', '/')}.json"

    return written


def own(**more):
    return {"dqn": {"extends": "base.json", **more}}


def test_objects_are_merged_key_by_key_and_all_else_is_replaced(project):
    net = {"hid_layers": [32], "optim_spec": {"lr": 0.1}}
    path = project(pong=own(agent={"net": net}, env={"name": "Acrobot-v1"}), base=BASE)
    spec = slm_net.load_spec(path)
    assert spec["agent"] == {
        **AGENT,
        "net": {**NET, "hid_layers": [32], "optim_spec": {**NET["optim_spec"], "lr": 0.1}},
    }
    assert spec["env"] == {"name": "Acrobot-v1", "max_frame": 1000} and "extends" not in spec
    bundle = slm_net.build_net(path)
    assert (bundle.in_dim, bundle.out_dim, bundle.optimizer.param_groups[0]["lr"]) == (6, 3, 0.1)


@pytest.mark.parametrize("key", ["optim_spec", "actor_optim_spec"])
def test_an_optimizer_of_another_name_has_no_arguments_of_the_base(project, key):
    base = {"dqn": {**BASE["dqn"], "agent": {**AGENT, "net": {**NET, key: NET["optim_spec"]}}}}
    path = project(pong=own(agent={"net": {key: {"name": "SGD", "lr": 0.1}}}), base=base)
    document = read_document(path)
    assert value_at(document.source.data, ("dqn", "agent", "net", key)) == {"name": "SGD", "lr": 0.1}
    first, before = document.history(("dqn", "agent", "net", key, "lr"))
    assert (first.value, before.value, before.replaced) == (0.1, 0.001, True)


def test_agents_and_environments_in_lists_are_merged_one_by_one(project):
    lists = {"dqn": {**BASE["dqn"], "agent": [AGENT], "env": [BASE["dqn"]["env"]]}}
    path = project(pong=own(agent=[{"net": {"hid_layers": [8]}}], env=[{"max_frame": 5}]), base=lists)
    spec = slm_net.load_spec(path)
    assert spec["agent"] == [{**AGENT, "net": {**NET, "hid_layers": [8]}}]
    assert spec["env"] == [{"name": "CartPole-v1", "max_frame": 5}]
    several = project(pong=own(env=[{"name": "a"}, {"name": "b"}]), base=lists)
    assert slm_net.load_spec(several)["env"] == [{"name": "a"}, {"name": "b"}]


def test_a_whole_file_a_spec_alone_and_a_bare_net_extend_too(project):
    assert slm_net.load_spec(project(pong={"extends": "base.json", "dqn": {"env": {"max_frame": 5}}}, base=BASE)) == {
        "name": "dqn",
        **BASE["dqn"],
        "env": {"name": "CartPole-v1", "max_frame": 5},
    }
    alone = slm_net.load_spec(project(pong={"extends": "base.json", "env": {"max_frame": 5}}, base=BASE))
    assert alone["env"]["max_frame"] == 5 and alone["agent"] == AGENT
    bare = project(pong={"extends": "net.json", "hid_layers": [8]}, net=NET)
    assert slm_net.build_net(bare, 4, 2).spec["hid_layers"] == [8]


def test_a_chain_of_files_in_several_formats(project):
    middle = 'dqn: {extends: "deep/base.json#other", agent: {net: {hid_layers: [16]}}}\n'
    path = project(
        pong={"dqn": {"extends": "middle.yaml", "env": {"max_frame": 5}}},
        middle=middle,
        deep__base={"other": BASE["dqn"]},
    )
    document = read_document(path)
    assert slm_net.load_spec(path)["agent"]["net"] == {**NET, "hid_layers": [16]}
    told = [
        (o.how, o.value, o.place.rpartition("/")[2], o.replaced)
        for o in document.history(("dqn", "agent", "net", "hid_layers", 0))
    ]
    assert told == [
        ("written", 16, "middle.yaml:1:67", False),
        ("extends", 16, "pong.json:3:14", False),
        ("written", 64, "base.json:12:6", True),
    ]
    deep = document.history(("dqn", "agent", "algorithm", "gamma"))
    assert [(o.how, o.place.rpartition("/")[2].partition(":")[0]) for o in deep] == [
        ("written", "base.json"),
        ("extends", "middle.yaml"),
        ("extends", "pong.json"),
    ]


def test_what_is_wrong_stands_in_the_file_where_it_is_written(project):
    wrong = {
        "dqn": {
            **BASE["dqn"],
            "agent": {**AGENT, "net": {**NET, "hid_layers": [64, "x"], "optim_spec": {"name": "Adam", "lr": -1}}},
        }
    }
    path = project(pong=own(agent={"net": {"hid_layers": [0]}}), base=wrong)
    found = {
        (p.file.rpartition("/")[2], p.pointer, bool(p.line), p.fix)
        for p in slm_net.validate(path)
        if p.severity == "error"
    }
    assert found == {
        ("pong.json", "/dqn/agent/net/hid_layers/0", True, ()),
        ("base.json", "/dqn/agent/net/optim_spec/lr", True, ()),
    }


@pytest.mark.parametrize(
    ("extends", "message"),
    [
        ("../outside.json", "not inside of the project"),
        ("/etc/passwd.json", "not inside of the project"),
        ("a\0b.json", "not inside of the project"),
        ("\ud800.json", "not inside of the project"),
        ("#dqn", "names no file"),
        ("missing.json", "no file missing.json"),
        ("pong.json", "extends itself"),
        ("circle.json", "extends this file"),
        ("two.json#three", "holds no spec 'three'"),
        ("two.json", "holds 2 specs"),
        ("net.json#dqn", "holds no spec 'dqn'"),
        ("list.json", "holds no spec"),
        ("link.json", "not inside of the project"),
        (["base.json"], "names no file"),
    ],
)
def test_what_cannot_be_built_on(project, tmp_path, extends, message):
    two = {"one": BASE["dqn"], "two": BASE["dqn"]}
    circle = {"dqn": {"extends": "pong.json", "env": {"max_frame": 2}}}
    files = {"base": BASE, "two": two, "circle": circle, "net": NET, "list": [1, 2]}
    path = project(pong={"dqn": {"extends": extends, "agent": {}}, "fine": BASE["dqn"]}, **files)
    outside = tmp_path.parent / f"{tmp_path.name}-outside.json"
    outside.write_text("{}")
    (tmp_path / "link.json").symlink_to(outside)
    found = [problem for problem in slm_net.validate(path) if problem.severity == "error"]
    assert [p.rule for p in found] == [RULE_IDS["cannot-extend"]]
    assert message in found[0].message and found[0].line and (found[0].pointer == "/dqn/extends")
    with pytest.raises(slm_net.SpecError, match="cannot-extend"):
        slm_net.build_net(path, name="dqn")
    assert slm_net.build_net(path, name="fine").out_dim == 2


def test_a_spec_and_its_file_extend_one_each(project):
    rows = {"two": {"extends": "base.json#dqn", "env": {"name": "Acrobot-v1"}}}
    path = project(pong={"extends": "base.json", **rows}, base={**BASE, "two": {"meta": {"max_session": 4}}})
    spec = slm_net.load_spec(path, "two")
    assert (spec["env"]["name"], spec["meta"]) == ("Acrobot-v1", {"max_trial": 1, "max_session": 4})
    assert slm_net.load_spec(path, "dqn")["agent"] == AGENT
    missing = project(pong={"extends": "base.json", "two": {"extends": "no.json", "env": {}}}, base=BASE)
    assert [problem.pointer for problem in slm_net.validate(missing)] == ["/two/extends"]


def test_an_arc_file_takes_the_place_of_the_arc_of_the_base(project):
    def arc(units):
        return {"modules": {"a": {"Linear": {"in_features": 4, "out_features": units}}}, "graph": {
            "input": "x", "modules": {"a": ["x"]}, "output": "a"}}  # fmt: skip

    net = {"type": "TorchArcNet", "arc_file": "arc.json"}
    base = {"dqn": {**BASE["dqn"], "agent": {**AGENT, "net": net}}}
    path = project(pong=own(agent={"net": {"arc_file": "mine.json"}}), base=base, arc=arc(8), mine=arc(16))
    assert not [problem for problem in slm_net.validate(path) if "arc" in problem.message]
    assert slm_net.load_spec(path)["agent"]["net"]["arc"] == arc(16)


def test_long_chains_and_large_ones_are_refused(project):
    links = {f"f{n}": {"extends": f"f{n + 1}.json", "dqn": {"env": {"max_frame": n + 1}}} for n in range(20)}
    [problem] = slm_net.validate(project(**links, f20=BASE))
    assert "10 files extend each other" in problem.message
    large = {"dqn": {**BASE["dqn"], "meta": {f"k{n}": [0] * 1000 for n in range(20)}}}
    many = {f"spec{n}": {"extends": "large.json", "env": {"max_frame": n}} for n in range(50)}
    assert [problem.rule for problem in slm_net.validate(project(many=many, large=large))] == [
        RULE_IDS["file-too-large"]
    ]


def test_a_file_that_is_reached_by_many_ways_is_read_once(project, monkeypatch):
    from slm_net.document import extends

    levels = {
        f"f{level}_{n}": {f"s{m}": {"extends": f"f{level + 1}_{m}.json#s0", "env": {"max_frame": 7}} for m in range(3)}
        for level in range(8)
        for n in range(3)
    }
    last = {f"f8_{n}": {"s0": BASE["dqn"]} for n in range(3)}
    path, read, names = project(**levels, **last), extends.read_source, []

    def counted(source, file):
        names.append(file)
        return read(source, file)

    monkeypatch.setattr(extends, "read_source", counted)
    assert [problem for problem in slm_net.validate(path) if problem.severity == "error"] == []
    assert len(names) == len(set(names)) == 24  # by every way it would be thousands


def test_files_of_other_programs_are_none_of_ours(project):
    path = project(tsconfig={"extends": "@tsconfig/node16", "compilerOptions": {}})
    assert RULE_IDS["cannot-extend"] not in {problem.rule for problem in slm_net.validate(path)}


@pytest.mark.parametrize(
    "data", [{"extends": "base.jso"}, {"dqn": {"extends": "base.jso"}}, {**NET, "extends": "base"}]
)
def test_a_slip_in_the_name_is_said_where_nothing_else_would_be_read(project, data):
    [problem] = slm_net.validate(project(own=data, base=BASE))
    assert problem.rule == RULE_IDS["cannot-extend"] and "there is no file base" in problem.message


@pytest.mark.parametrize("place", ["agent", "agent/net", "agent/net/optim_spec", "agent/algorithm", "env"])
def test_where_it_may_stand_is_said_elsewhere(place):
    spec = json.loads(json.dumps(BASE["dqn"]))
    value_at(spec, tuple(place.split("/")))["extends"] = "base.json"
    [problem] = [one for one in slm_net.validate({"dqn": spec}) if one.path[-1] == "extends"]
    assert problem.path == ("dqn", *place.split("/"), "extends")
    assert "in the spec, beside agent, or the top of a file" in problem.hint.replace("into", "in")


def test_a_part_of_a_net_is_no_spec_that_extends():
    [problem] = slm_net.validate({**NET, "optim_spec": {**NET["optim_spec"], "extends": "base.json"}})
    assert (problem.pointer, problem.rule_name) == ("/optim_spec/extends", "unknown-key")


def test_a_dict_extends_a_file_in_the_working_directory(project, monkeypatch):
    monkeypatch.chdir(project(base=BASE).parent)
    assert slm_net.load_spec(own(env={"max_frame": 3}))["env"]["max_frame"] == 3


VALUES = st.recursive(
    st.integers(0, 9),
    lambda inner: st.dictionaries(st.sampled_from("abcd"), inner, max_size=3) | st.lists(inner, max_size=2),
    max_leaves=12,
)


def merged(mine, base):
    if not (isinstance(mine, dict) and isinstance(base, dict)):
        return mine
    return {
        key: merged(mine[key], base[key]) if key in mine and key in base else {**base, **mine}[key]
        for key in {**base, **mine}
    }


def leaves(data, path=()):
    rows = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    yield from ([leaf for key, value in rows for leaf in leaves(value, (*path, key))] if rows else [(path, data)])


@settings(max_examples=60, deadline=None)
@given(mine=st.dictionaries(st.sampled_from("abcd"), VALUES), base=st.dictionaries(st.sampled_from("abcd"), VALUES))
def test_every_value_is_found_where_it_is_written(tmp_path_factory, mine, base):
    folder = tmp_path_factory.mktemp("project")
    (folder / "base.json").write_text(json.dumps({"dqn": {**BASE["dqn"], "search": base}}))
    (folder / "own.json").write_text(json.dumps({"dqn": {"extends": "base.json", "search": mine}}))
    document = read_document(folder / "own.json")
    expected = merged(mine, base)
    assert document.source.data["dqn"]["search"] == expected
    for path, value in leaves(expected):
        first, *_ = document.history(("dqn", "search", *path))
        text = Path(first.file).read_text()
        assert json.JSONDecoder().raw_decode(text, first.column - 1)[0] == value == first.value
