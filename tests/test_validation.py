"""`validate` on whole files: every shape of file, every kind of text, many mistakes, and never an exception."""

import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slm_net import SpecError, build_net, build_nets, load_spec, validate
from slm_net.document.specs import NOT_A_SPEC, read_document
from slm_net.problems import Problem
from slm_net.rules.blocks import Guesses
from slm_net.schema import catalogue
from slm_net.text.limits import MAX_PROBLEMS
from slm_net.validation import Given, Known, _Pass, examine

NET = {"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"}
BAD_NET = {**NET, "gpu": "yes"}


def v4(net, **more):
    return {
        "agent": [{"name": "A", "algorithm": {"name": "DQN"}, "net": net}],
        "env": [{"name": "CartPole-v1"}],
        **more,
    }


def v5(net, **more):
    return {"agent": {"name": "A", "algorithm": {"name": "DQN"}, "net": net}, "env": {"name": "CartPole-v1"}, **more}


def at(problems):
    return [(problem.pointer, problem.rule_name) for problem in problems]


@pytest.mark.parametrize(
    ("source", "pointer"),
    [
        (BAD_NET, "/gpu"),
        (v4(BAD_NET), "/agent/0/net/gpu"),
        (v5(BAD_NET), "/agent/net/gpu"),
        ({"demo": v4(BAD_NET)}, "/demo/agent/0/net/gpu"),
        ({"demo": v5(BAD_NET)}, "/demo/agent/net/gpu"),
        ({"fine": v5(NET), "d/e~": v5(BAD_NET)}, "/d~1e~0/agent/net/gpu"),
        ({"type": v5(BAD_NET)}, "/type/agent/net/gpu"),
        ({"agent": v5(BAD_NET)}, "/agent/agent/net/gpu"),
        ({"demo": v5(BAD_NET), "$schema": "x.json", "_anchors": {"lr": 1}}, "/demo/agent/net/gpu"),
    ],
)
def test_the_same_mistake_in_every_shape_of_file(source, pointer):
    [problem] = validate(source)
    assert (problem.pointer, problem.line, problem.file) == (pointer, 0, "")
    [in_text] = validate(json.dumps(source, indent=1))
    assert (in_text.pointer, in_text.rule, in_text.message) == (pointer, problem.rule, problem.message)
    assert json.dumps(source, indent=1).splitlines()[in_text.line - 1].strip().startswith('"gpu"')


@pytest.mark.parametrize("source", [NET, v4(NET), v5(NET), {"a": v4(NET), "b": v5(NET)}, v5({}), v4({})])
def test_right_specs_have_no_problems(source):
    assert validate(source) == []


def test_yaml_with_anchors_and_merge_keys():
    text = """
_net: &net
  type: MLPNet
  hid_layers: [64]
  hid_layers_activation: reluu
demo:
  agent:
    algorithm: {name: DQN}
    net:
      <<: *net
      gpu: on
  env: {name: CartPole-v1}
"""
    gpu, activation = sorted(validate(text), key=lambda problem: problem.line, reverse=True)
    assert (gpu.line, gpu.pointer, activation.line) == (11, "/demo/agent/net/gpu", 5)
    assert activation.pointer == "/demo/agent/net/hid_layers_activation"


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_lines_and_columns_do_not_depend_on_line_endings_tabs_or_a_byte_order_mark(tmp_path, ending, bom):
    lines = ["{", '\t"type": "MLPNet",', '\t"hid_layers": [64],', '\t"hid_layers_activation":\t"reluu"', "}"]
    path = tmp_path / "net.json"
    path.write_bytes((bom + ending.join(lines)).encode())
    [problem] = validate(path)
    assert (problem.file, problem.line, problem.column) == (str(path), 4, 27)


@pytest.mark.parametrize(
    ("text", "pointer", "rule"),
    [
        ("{}", "", "not-a-spec"),
        ("[]", "", "not-a-spec"),
        ("[1, 2]", "", "not-a-spec"),
        ('{"$schema": "x"}', "", "not-a-spec"),
        ('{"_anchors": {}}', "", "not-a-spec"),
        ('{"a": 1}', "/a", "wrong-type"),
        ('{"a": {}}', "/a", "missing-key"),
        ('{"a": {"agent": 1}}', "/a/agent", "wrong-type"),
        ('{"a": {"agent": []}}', "/a/agent", "wrong-length"),
        ('{"a": {"agent": [3]}}', "/a/agent/0", "wrong-type"),
        ('{"a": {"agent": {"algorithm": "DQN", "net": {}}}}', "/a/agent/algorithm", "wrong-type"),
        ('{"a": {"agent": {"algorithm": {}, "net": {}}}}', "/a/agent/algorithm", "missing-key"),
        ('{"a": {"agent": {"algorithm": {"name": "DQN"}}}}', "/a/agent", "missing-key"),
        ('{"a": {"agent": {"algorithm": {"name": "DQN"}, "net": []}}}', "/a/agent/net", "wrong-type"),
        (
            '{"a": {"agent": {"algorithm": {"name": "DQN"}, "net": {}}, "spec_params": {"x": 1}}}',
            "/a/spec_params/x",
            "wrong-type",
        ),
        ('{"type": "MLPNet" "}', "", "syntax"),
    ],
)
def test_what_is_no_spec_is_said_once(text, pointer, rule):
    assert [(p.pointer, p.rule_name) for p in validate(text) if p.severity == "error"] == [(pointer, rule)]


def test_a_missing_file_is_a_problem(tmp_path):
    [problem] = validate(tmp_path / "none.json")
    assert problem.rule_name == "file-not-readable"


def test_a_name_picks_the_problems_of_one_spec():
    source = {"good": v5(NET), "bad": v5(BAD_NET), "worse": v5({**BAD_NET, "dropout": 2})}
    assert validate(source, name="good") == []
    assert at(validate(source, name="bad")) == [("/bad/agent/net/gpu", "unknown-name")]
    assert len(validate(source, name="worse")) == 2 and len(validate(source)) == 3
    assert {problem.spec for problem in validate(source)} == {"bad", "worse"}


def test_a_name_that_is_not_there_is_a_problem():
    [problem] = validate({"good": v5(NET), "bad": v5(BAD_NET)}, name="godo")
    assert (problem.rule_name, problem.hint) == ("which-spec", "did you mean 'good'?")
    [problem] = validate(NET, name="x")
    assert (problem.rule_name, problem.hint) == ("which-spec", "leave the name out: this is one net block")
    [problem] = validate({**v5(BAD_NET), "name": "y"}, name="x")
    assert problem.rule_name == "which-spec"
    assert at(validate({"a": 1, "b": v5(NET)}, name="a")) == [("/a", "wrong-type")]
    assert at(validate("{}", name="x")) == [("", "not-a-spec")]


def test_strict_makes_warnings_errors():
    net = {**NET, "normalize": True}
    [problem] = validate(net)
    assert (problem.severity, problem.rule_name) == ("warning", "unused-key")
    [problem] = validate(net, strict=True)
    assert problem.severity == "error"


def test_problems_are_sorted_by_place_and_each_is_there_once():
    text = json.dumps({"b": v5(BAD_NET), "a": v5({**BAD_NET, "typo": 1})}, indent=1)
    problems = validate(text)
    assert problems == sorted(problems) and len(set(problems)) == len(problems) == 3


# --- dims

CONV = {"type": "ConvNet", "conv_hid_layers": [[8, 8, 4]], "fc_hid_layers": [], "hid_layers_activation": "relu"}


@pytest.mark.parametrize(
    ("net", "dims", "pointer", "rule"),
    [
        (NET, {"in_dim": (4, 84, 84)}, "/type", "dims-do-not-fit"),
        (NET, {"in_dim": 0}, "/type", "dims-do-not-fit"),
        (NET, {"in_dim": "four"}, "/type", "dims-do-not-fit"),
        (NET, {"in_dim": True}, "/type", "dims-do-not-fit"),
        (NET, {"in_dim": 4, "out_dim": []}, "/type", "dims-do-not-fit"),
        (NET, {"in_dim": 4, "out_dim": 2.5}, "/type", "dims-do-not-fit"),
        (CONV, {"in_dim": 4}, "/type", "dims-do-not-fit"),
        (CONV, {"in_dim": (84, 84, 4)}, "/type", "dims-do-not-fit"),
        (CONV, {"in_dim": (4, 6, 84)}, "/conv_hid_layers/0", "convolution-does-not-fit"),
        ({**NET, "hid_layers": [10**9, 10**9]}, {"in_dim": 4}, "/hid_layers", "model-too-large"),
        ({**NET, "hid_layers_activation": ["relu", None]}, {}, "/hid_layers_activation", "list-does-not-fit"),
        ({**NET, "out_layer_activation": ["tanh"]}, {"out_dim": 2}, "/out_layer_activation", "list-does-not-fit"),
        ({**NET, "out_layer_activation": ["tanh"]}, {"out_dim": [2, 1]}, "/out_layer_activation", "list-does-not-fit"),
        ({**NET, "log_std_init": 0.0}, {"in_dim": 4, "out_dim": 5}, "/log_std_init", "dims-do-not-fit"),
        ({**NET, "batch_norm": True, "layer_norm": True}, {}, "/layer_norm", "argument-conflict"),
    ],
)
def test_dims_are_checked_where_they_are_given(net, dims, pointer, rule):
    [problem] = validate(net, **dims)
    assert problem.rule_name == rule and problem.pointer.startswith(pointer)
    assert problem.severity == "error" and problem.hint


@pytest.mark.parametrize(
    "dims", [{"in_dim": np.int64(4), "out_dim": np.array([2, 1])}, {"in_dim": 4, "out_dim": (2, 1)}]
)
def test_dims_may_be_numpy_or_tuples(dims):
    assert validate(NET, **dims) == []


def test_the_environment_of_the_spec_gives_dims():
    [problem] = validate(v5({**CONV, "type": "ConvNet"}))
    assert (problem.rule_name, problem.pointer) == ("dims-do-not-fit", "/agent/net/type")
    atari = {**v5({**CONV, "conv_hid_layers": [[8, 90]], "normalize": True}), "env": {"name": "ALE/Pong-v5"}}
    [problem] = validate(atari)
    assert (problem.rule_name, problem.pointer) == ("convolution-does-not-fit", "/agent/net/conv_hid_layers/0")
    assert validate({**v5(CONV), "env": {"name": "NoSuchEnvironment-v0"}}) == []


def test_an_option_that_may_change_the_spaces_is_a_warning_and_sizes_are_not_checked():
    env = {"name": "Ant-v5", "xml_file": "./other.xml"}
    [problem] = validate({**v5({**CONV, "type": "ConvNet"}), "env": env})
    assert (problem.severity, problem.rule_name, problem.pointer) == ("warning", "environment-option", "/env/xml_file")
    assert "sizes are not checked" in problem.message
    assert validate({**v5(NET), "env": env}, in_dim=27, out_dim=[8, 8]) == []  # given dims need no environment
    assert [p.severity for p in validate({**v5(NET), "env": env}, strict=True)] == ["error"]


@pytest.mark.parametrize(("key", "rule"), [("max_fram", "unknown-key"), ("lr", "unused-key")])
def test_of_a_key_of_the_environment_one_thing_is_said(key, rule):
    [problem] = validate({**v5(NET), "env": {"name": "CartPole-v1", key: 1}})
    assert (problem.rule_name, problem.pointer) == (rule, f"/env/{key}")


def test_rules_say_nothing_about_values_that_the_schema_refuses():
    for key, value in [("hid_layers", "x"), ("hid_layers", [[4]]), ("hid_layers", [None]), ("batch_norm", "x")]:
        assert [p.pointer.split("/")[1] for p in validate({**NET, key: value}, in_dim=4, out_dim=2)] == [key]


def test_whole_floats_are_whole_numbers():
    net = {**CONV, "conv_hid_layers": [[8.0, 8.0, 4.0, 0.0, 1.0, 2.0]], "fc_hid_layers": [64.0]}
    assert validate(net, in_dim=(4, 84, 84), out_dim=2) == []
    [problem] = validate({**net, "conv_hid_layers": [[8.0, 90.0]]}, in_dim=(4, 84, 84))
    assert "90x90" in problem.message
    [problem] = validate({**net, "conv_hid_layers": [[8.0, 9.0, 1, 0, 1, 3.0]]}, in_dim=(4, 84, 84))
    assert problem.rule_name == "convolution-does-not-fit"


# --- variables


def test_a_variable_without_a_value_is_a_warning():
    [problem] = validate(v5({**NET, "gpu": "${gpu}"}))
    assert (problem.pointer, problem.rule_name, problem.severity) == ("/agent/net/gpu", "unset-variable", "warning")


def test_values_of_spec_params_are_checked_in_their_places():
    source = v5({**NET, "hid_layers": ["${width}"]}, spec_params={"width": [64, "x", 0]})
    assert at(validate(source)) == [
        ("/spec_params/width/1", "wrong-type"),
        ("/spec_params/width/2", "value-out-of-range"),
    ]
    assert validate(v5({**NET, "hid_layers": ["${width}"]}, spec_params={"width": [64, "32"]})) == []


# --- never an exception

KEYS = [
    *sorted(catalogue.net_keys()),
    "name",
    "lr",
    "agent",
    "env",
    "algorithm",
    "net",
    "spec_params",
    "search",
    "frame_op",
    "a",
    "",
]
NAMES = [
    *catalogue.net_types(),
    "relu",
    "Adam",
    "DQN",
    "PPO",
    "CartPole-v1",
    "ALE/Pong-v5",
    "${x}",
    "${y} z",
    "same",
    "gru",
    "concat",
]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 100),
    st.floats(),
    st.sampled_from(NAMES),
    st.text(max_size=4),
    st.integers(),
)
JSON = st.recursive(
    SCALARS,
    lambda child: st.lists(child, max_size=4) | st.dictionaries(st.sampled_from(KEYS), child, max_size=5),
    max_leaves=25,
)
BLOCKS = st.builds(
    lambda kind, more: {"type": kind, **more},
    st.sampled_from(catalogue.net_types()),
    st.dictionaries(st.sampled_from(sorted(catalogue.net_keys() - {"type"})), JSON, min_size=2, max_size=9),
)
SPECS = st.builds(
    lambda net, algorithm, env, params, lists: {
        "agent": [{"algorithm": algorithm, "net": net}] if lists else {"algorithm": algorithm, "net": net},
        "env": [env] if lists else env,
        "spec_params": params,
    },
    BLOCKS | JSON,
    st.fixed_dictionaries({"name": st.sampled_from(NAMES) | JSON}),
    st.fixed_dictionaries(
        {"name": st.sampled_from(NAMES) | JSON},
        optional={"frame_op": JSON, "frame_op_len": JSON, "image_downsize": JSON},
    ),
    st.dictionaries(st.sampled_from(["x", "y"]), JSON, max_size=2),
    st.booleans(),
)
DIMS = st.none() | st.integers(-1, 100) | st.lists(st.integers(0, 90), max_size=4) | JSON
quick = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def check(source, **options):
    problems = validate(source, **options)
    assert all(isinstance(problem, Problem) and problem.message for problem in problems)
    assert problems == sorted(problems)
    assert len({(p.line, p.column, p.pointer, p.rule, p.message) for p in problems}) == len(problems)
    for problem in problems:
        assert str(problem).isprintable()


@quick
@given(BLOCKS, DIMS, DIMS)
def test_no_net_block_raises(block, in_dim, out_dim):
    check(block, in_dim=in_dim, out_dim=out_dim)


@quick
@given(SPECS, st.booleans())
def test_no_spec_raises(spec, in_file):
    check({"demo": spec, "other": None} if in_file else spec)


@quick
@given(st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), JSON, max_size=4))
def test_no_mapping_raises(data):
    check(data)


@quick
@given(
    st.text()
    | st.text(alphabet='{}[]",:\n \\/*#-&!<>|0123456789.eE+truefalsn', max_size=60).map(lambda text: text + "\n")
)
def test_no_text_raises(text):
    check(text)


@pytest.mark.parametrize("key", [3, None, ("a",), 2.5, b"x"])
def test_keys_that_are_no_text_are_problems(key):
    for source in ({key: {}}, {"a": {key: 1}}, {**NET, key: 1}, v5({**NET, key: 1})):
        assert any(problem.rule_name == "wrong-type" for problem in validate(source))


@pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes", lambda: 0, int, 1j])
def test_python_objects_are_problems(value):
    [problem] = validate({**NET, "dropout": value})
    assert (problem.pointer, problem.rule_name) == ("/dropout", "wrong-type")


def test_a_spec_in_itself_is_a_problem():
    spec = v5(NET)
    spec["meta"] = spec
    assert [problem.rule_name for problem in validate(spec)] == ["nested-too-deep"]


def spec(**net):
    return {"agent": {"algorithm": {"name": "DQN"}, "net": {**NET, **net}}, "env": {"name": "CartPole-v1"}}


def rules(problems):
    return [problem.rule_name for problem in problems]


@pytest.mark.parametrize(
    "source",
    [
        {**NET, **{f"x{n}": 1 for n in range(MAX_PROBLEMS + 1)}},
        {**NET, "hid_layers_activation": ["reluu"] * (MAX_PROBLEMS + 1)},
        {f"s{n}": spec(gpu=3) for n in range(MAX_PROBLEMS + 1)},
        {f"s{n}": None for n in range(MAX_PROBLEMS + 1)} | {"s": spec()},
    ],
    ids=["keys", "entries", "specs", "nulls"],
)
def test_of_very_many_errors_the_first_are_listed(source):
    problems = validate(source)
    assert len(problems) == MAX_PROBLEMS + 1
    assert rules(problems).count("file-too-large") == 1
    assert validate(json.dumps(source))[-1].severity == "error"


def test_as_many_as_are_listed_are_all():
    problems = validate({**NET, **{f"x{n}": 1 for n in range(MAX_PROBLEMS)}})
    assert rules(problems) == ["unknown-key"] * MAX_PROBLEMS


def test_what_combinations_of_values_have_in_common_is_one_mistake():
    unused = {"rnn_hidden_size": 3, "bidirectional": True, "seq_len": 2}
    source = {"a": {**spec(hid_layers=["${x}", "${y}"], **unused), "spec_params": {"x": [8] * 15, "y": [8] * 15}}}
    assert sorted(rules(validate(source))) == ["unused-key"] * 3


def test_errors_of_a_schema_that_are_no_problems_are_not_counted():
    net = {"type": "MLPNet", "hid_layer": [8], "hid_layers_activation": "relu"}  # unknown, and missing
    source = {f"s{n}": v5(net) for n in range(300)}
    assert rules(validate(source)) == ["unknown-key"] * 300


def test_an_error_is_found_behind_any_number_of_warnings():
    source = {f"s{n:03}": spec(seq_len=4, rnn_hidden_size=8) for n in range(300)} | {"z": spec(gpu="x")}
    problems = validate(source)
    assert [problem.pointer for problem in problems if problem.severity == "error"] == ["/z/agent/net/gpu"]
    assert rules(problems).count("unused-key") == MAX_PROBLEMS
    assert rules(problems).count("file-too-large") == 1


def test_the_spec_that_is_asked_for_is_looked_at_behind_any_number_of_others():
    source = {f"s{n:03}": spec(gpu=3) for n in range(MAX_PROBLEMS + 5)} | {"z": spec(dropout="x")}
    assert [problem.pointer for problem in validate(source, name="z")] == ["/z/agent/net/dropout"]
    assert [problem.pointer for problem in validate(json.dumps(source), name="s504")] == ["/s504/agent/net/gpu"]


def test_numbers_of_any_length_are_problems():
    for net in ({"hid_layers": [10**5000]}, {"gpu": 10**5000}, {"x": {"y": 10**5000}}, {"dropout": -(10**400)}):
        assert "number-out-of-range" in rules(validate(spec(**net)))


@pytest.mark.parametrize("source", [None, [1], 3, b"{}", object()])
def test_what_is_no_spec_at_all_is_a_problem(source):
    assert [problem.rule for problem in validate(source)] == [NOT_A_SPEC.id]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("BeamriderNoFrameskip-v4", "BeamRiderNoFrameskip-v4"),
        ("CartPol-v1", "CartPole-v1"),
        ("CartPole-v7", None),  # another version is no slip
        ("MyCity-v0", None),
        ("${env}", None),
    ],
)
def test_an_environment_that_is_one_letter_off_is_a_warning(name, meant):
    net = {"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"}
    spec = {"agent": {"algorithm": {"name": "DQN"}, "net": net}, "env": {"name": name}}
    found = [problem for problem in validate(spec) if problem.pointer == "/env/name" and "${" not in name]
    assert [(problem.severity, problem.hint) for problem in found] == (
        [("warning", f"did you mean {meant!r}?")] if meant else []
    )
    assert all("sizes are not checked" in problem.message for problem in found)


BLOCK = '{"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"'


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # what is certain is judged
        (BLOCK.replace('"', "'") + "}", ["syntax"]),
        (BLOCK.replace('"relu"', "'reluu'") + "}", ["syntax", "unknown-name"]),
        (BLOCK + ', "dropout": None, "lr": 1}', ["syntax", "wrong-type", "unknown-key"]),
        (BLOCK + ' "seq_len": 4, "rnn_hidden_size": 3}', ["syntax", "unused-key", "unused-key"]),
        # what was mended causes nothing: neither at its place, nor by rules, nor where brackets are wrong
        (BLOCK.replace("[8]", "HID") + "}", ["syntax"]),
        (BLOCK.replace("[8]", "") + "}", ["syntax"]),
        (BLOCK.replace("MLPNet", "").replace('""', "nn.MLP()") + "}", ["syntax"]),
        (BLOCK + ', "seq_len": relu, "rnn_hidden_size": 3}', ["syntax"]),
        (BLOCK.replace("[8]", "[8, 8") + "}", ["syntax"]),
        (BLOCK, ["syntax"]),
        (BLOCK.replace("[8],", "[8]},") + "}", ["syntax"]),
    ],
)
def test_a_mended_text_is_judged_as_far_as_it_is_known(text, found):
    problems = validate(text)
    assert sorted(rules(problems)) == sorted(found)
    with pytest.raises(SpecError):
        build_net(text, 4, 2)


def test_a_mistake_of_the_text_in_a_search_is_an_error_for_all():
    text = json.dumps({**spec(), "search": {"agent.net.gpu__choice": [True]}}).replace("[true]", "[True]")
    for build in (build_nets, load_spec):
        with pytest.raises(SpecError, match="True is no JSON value"):
            build(text)


def test_what_is_known_of_the_specs_that_stay_changes_nothing():
    """Edits one after the other, among them such that the schema refuses, in a file of several specs."""
    text = json.dumps({name: v4({**NET, "lrs": 1, "clip_grad_val": i + 1}) for i, name in enumerate("abc")}, indent=1)
    known, seen = Known(), []
    for old, new in [("", ""), ("64", "65"), ("DQN", "PPO"), ("relu", "reluu"), ("reluu", "relu"), ("lrs", "dropout")]:
        text = text.replace(old, new, 1)
        document = read_document(text, "a.json")
        seen.append(examine(document, Given(), known=known).problems)
        assert seen[-1] == examine(document, Given()).problems
    assert len(set(map(tuple, seen))) > 3


def test_specs_that_are_the_same_are_not_examined_again(monkeypatch):
    specs, known, names, find = {name: v4({**NET}) for name in "abc"}, Known(), [], _Pass._of_spec
    monkeypatch.setattr(
        _Pass, "_of_spec", lambda self, spec, *more: (names.append(spec.name), find(self, spec, *more))[1]
    )
    for dropout in (0, 0.5, 0):  # and undone
        specs["a"]["agent"][0]["net"]["dropout"] = dropout
        examine(read_document(json.dumps(specs), "a.json"), Given(), known=known)
    assert names == ["a", "b", "c", "a"]


def test_what_all_specs_take_together_counts_against_the_limits_of_one_document(monkeypatch):
    """Of six words, one document guesses what four were meant to be."""
    monkeypatch.setattr(Guesses.__init__, "__defaults__", (4,))
    document = read_document(json.dumps({name: v4(NET, meta={"max_sesion": 1, "max_trail": 1}) for name in "abc"}))
    found = examine(document, Given(), known=Known()).problems
    assert found == examine(document, Given()).problems
    assert len({problem.hint for problem in found}) > 2


def test_what_is_refused_in_one_spec_hides_nothing_in_another():
    broken = v5({**NET, "hid_layers": 64})
    actor_critic = v5({**NET, "shared": False, "use_same_optim": False})
    actor_critic["agent"]["algorithm"] = {"name": "PPO"}
    image = {"type": "ConvNet", "conv_hid_layers": [[16, 3, 1]], "fc_hid_layers": [64], "hid_layers_activation": "relu"}
    actor_critic["agent"]["critic_net"] = image
    assert at(validate({"a": broken, "b": actor_critic})) == [
        ("/a/agent/net/hid_layers", "wrong-type"),
        ("/b/agent/critic_net/type", "dims-do-not-fit"),
    ]
