"""Every mistake in a net block gives one problem, at the exact key or value, with a hint that helps."""

import pytest

from slm_net import SpecError, build_net, validate
from slm_net.wording.schema_problems import MISSING_KEY, schema_problems, with_names

LINES = {
    "MLPNet": ['"hid_layers": [64]', '"hid_layers_activation": "relu"'],
    "ConvNet": ['"conv_hid_layers": [[32, 8, 4]]', '"fc_hid_layers": [64]', '"hid_layers_activation": "relu"'],
    "RecurrentNet": [
        '"fc_hid_layers": []',
        '"hid_layers_activation": null',
        '"rnn_hidden_size": 8',
        '"seq_len": 4',
    ],
}


def text_with(line, net_type="MLPNet"):
    """A net block with `line` at line 3, in place of the right line with the same key."""
    key = line.partition(":")[0]
    rest = [right for right in LINES[net_type] if right.partition(":")[0] != key]
    return "{\n" + ",\n".join([f'"type": "{net_type}"', line, *rest]) + "\n}"


def found_in(text, **options):
    return [(p.pointer, p.line, p.rule_name, p.severity) for p in validate(text, **options)]


UNKNOWN_KEY, UNKNOWN_NAME, WRONG_TYPE = "unknown-key", "unknown-name", "wrong-type"
RANGE, LENGTH, MISSING = "value-out-of-range", "wrong-length", "missing-key"
ROWS = [
    # unknown keys: typos, and the words of other libraries
    ('"batchnorm": true', "/batchnorm", UNKNOWN_KEY, "did you mean 'batch_norm'?"),
    ('"clip_grad": 0.5', "/clip_grad", UNKNOWN_KEY, "did you mean 'clip_grad_val'?"),
    ('"max_grad_norm": 0.5', "/max_grad_norm", UNKNOWN_KEY, "did you mean 'clip_grad_val'?"),
    ('"Out-Layer-Activation": "tanh"', "/Out-Layer-Activation", UNKNOWN_KEY, "'out_layer_activation'"),
    ('"output_activation": "tanh"', "/output_activation", UNKNOWN_KEY, "'out_layer_activation'"),
    ('"tau": 0.01', "/tau", UNKNOWN_KEY, "did you mean 'polyak_coef'?"),
    ('"optim": {"name": "Adam"}', "/optim", UNKNOWN_KEY, "did you mean 'optim_spec'?"),
    ('"loss": {"name": "MSELoss"}', "/loss", UNKNOWN_KEY, "did you mean 'loss_spec'?"),
    ('"device": "cuda"', "/device", UNKNOWN_KEY, 'write "gpu": true'),
    ('"lr": 0.001', "/lr", UNKNOWN_KEY, "it belongs in optim_spec"),
    ('"learning_rate": 0.001', "/learning_rate", UNKNOWN_KEY, "it belongs in optim_spec"),
    ('"step_size": 3', "/step_size", UNKNOWN_KEY, "it belongs in lr_scheduler_spec"),
    ('"hidden_sizes": [3]', "/hidden_sizes", UNKNOWN_KEY, "'hid_layers' is there already"),
    ('"actor_optimspec": {}', "/actor_optimspec", UNKNOWN_KEY, "did you mean 'actor_optim_spec'?"),
    ('"critic_init_sdt": 1', "/critic_init_sdt", UNKNOWN_KEY, "did you mean 'critic_init_std'?"),
    ('"actor_foo": 1', "/actor_foo", UNKNOWN_KEY, "expected out_layer_activation, "),
    ('"a/b~c": 1', "/a~1b~0c", UNKNOWN_KEY, "expected "),
    ('"": 1', "/", UNKNOWN_KEY, "expected "),
    ('"_x": 1', "/_x", UNKNOWN_KEY, "expected "),
    ('"optim_spec": {"name": "Adam", "learning_rate": 1}', "/optim_spec/learning_rate", UNKNOWN_KEY, "'lr'"),
    ('"optim_spec": {"name": "Adam", "momentum": 0.9}', "/optim_spec/momentum", UNKNOWN_KEY, "expected lr, betas"),
    ('"optim_spec": {"type": "Adam"}', "/optim_spec/type", UNKNOWN_KEY, "did you mean 'name'?"),
    ('"optim_spec": {"nmae": "Adam", "lr": 1}', "/optim_spec/nmae", UNKNOWN_KEY, "did you mean 'name'?"),
    ('"optim_spec": {"name": "Lookahead", "betaz": 1}', "/optim_spec/betaz", UNKNOWN_KEY, "did you mean 'betas'?"),
    ('"loss_spec": {"name": "MSELoss", "beta": 1}', "/loss_spec/beta", UNKNOWN_KEY, "expected reduction"),
    (
        '"lr_scheduler_spec": {"name": "StepLR", "stepsize": 3}',
        "/lr_scheduler_spec/stepsize",
        UNKNOWN_KEY,
        "'step_size'",
    ),
    ('"init_fn": {"name": "normal_", "sd": 3}', "/init_fn/sd", UNKNOWN_KEY, "did you mean 'std'?"),
    ('"out_layer_activation": {"nam": "relu"}', "/out_layer_activation/nam", UNKNOWN_KEY, "did you mean 'name'?"),
    # unknown names
    ('"hid_layers_activation": "reluu"', "/hid_layers_activation", UNKNOWN_NAME, "did you mean 'relu'?"),
    ('"hid_layers_activation": "swish"', "/hid_layers_activation", UNKNOWN_NAME, "did you mean 'silu'?"),
    ('"hid_layers_activation": "nn.ReLU"', "/hid_layers_activation", UNKNOWN_NAME, "did you mean 'relu'?"),
    ('"hid_layers_activation": "module"', "/hid_layers_activation", UNKNOWN_NAME, "expected relu, tanh, "),
    ('"out_layer_activation": "none"', "/out_layer_activation", UNKNOWN_NAME, "write null, without quotes"),
    ('"out_layer_activation": "glu"', "/out_layer_activation", UNKNOWN_NAME, "GLU halves the width"),
    ('"out_layer_activation": "threshold"', "/out_layer_activation", UNKNOWN_NAME, '"threshold": ..., "value": ...}'),
    ('"out_layer_activation": ["relu", "tanhh"]', "/out_layer_activation/1", UNKNOWN_NAME, "did you mean 'tanh'?"),
    ('"init_fn": "kaiming_uniform"', "/init_fn", UNKNOWN_NAME, "did you mean 'kaiming_uniform_'?"),
    ('"init_fn": "constant_"', "/init_fn", UNKNOWN_NAME, 'write {"name": "constant_", "val": ...}'),
    ('"loss_spec": {"name": "huber"}', "/loss_spec/name", UNKNOWN_NAME, "did you mean 'HuberLoss'?"),
    ('"loss_spec": {"name": "relu"}', "/loss_spec/name", UNKNOWN_NAME, "expected MSELoss, "),
    ('"loss_spec": {"name": "CTCLoss"}', "/loss_spec/name", UNKNOWN_NAME, "CTCLoss takes the lengths"),
    ('"loss_spec": {"name": "MSELoss", "reduction": "none"}', "/loss_spec/reduction", UNKNOWN_NAME, ""),
    ('"optim_spec": {"name": "adam"}', "/optim_spec/name", UNKNOWN_NAME, "did you mean 'Adam'?"),
    ('"optim_spec": {"name": "Adma"}', "/optim_spec/name", UNKNOWN_NAME, "did you mean 'Adam'?"),
    ('"optim_spec": {"name": "lr_scheduler"}', "/optim_spec/name", UNKNOWN_NAME, "expected Adam, RMSprop"),
    ('"critic_optim_spec": {"name": "LBFGS"}', "/critic_optim_spec/name", UNKNOWN_NAME, "LBFGS needs a closure"),
    (
        '"lr_scheduler_spec": {"name": "linear_to_zero", "frame": 1}',
        "/lr_scheduler_spec/name",
        UNKNOWN_NAME,
        "'LinearToZero'",
    ),
    ('"lr_scheduler_spec": {"name": "LambdaLR"}', "/lr_scheduler_spec/name", UNKNOWN_NAME, "takes a function"),
    ('"update_type": "soft"', "/update_type", UNKNOWN_NAME, "did you mean 'polyak'?"),
    ('"gpu": "true"', "/gpu", UNKNOWN_NAME, "write true, without quotes"),
    ('"gpu": "cuda"', "/gpu", UNKNOWN_NAME, "write true, without quotes"),
    # wrong types
    ('"hid_layers": 64', "/hid_layers", WRONG_TYPE, "write [64]"),
    ('"hid_layers": null', "/hid_layers", WRONG_TYPE, "write [] for none"),
    ('"hid_layers": [64, "32"]', "/hid_layers/1", WRONG_TYPE, "write 32, without quotes"),
    ('"hid_layers": [2.5]', "/hid_layers/0", WRONG_TYPE, 'for example "hid_layers": [64]'),
    ('"hid_layers": [true]', "/hid_layers/0", WRONG_TYPE, 'for example "hid_layers": [64]'),
    ('"hid_layers": [[64]]', "/hid_layers/0", WRONG_TYPE, "write 64, without brackets"),
    ('"critic_hid_layers": [0]', "/critic_hid_layers/0", RANGE, 'for example "critic_hid_layers": [64]'),
    ('"optim_spec": {"name": null}', "/optim_spec/name", WRONG_TYPE, 'for example "Adam"'),
    ('"optim_spec": {"name": "Adam", "lr": [0.1, 0.01]}', "/optim_spec/lr", WRONG_TYPE, "a `search` tries several"),
    ('"gpu": "cuda:1"', "/gpu", UNKNOWN_NAME, 'write true, and "cuda_id": 1'),
    ('"hid_layers_activation": 3', "/hid_layers_activation", WRONG_TYPE, 'for example "relu"'),
    ('"layer_norm": "true"', "/layer_norm", WRONG_TYPE, "write true, without quotes"),
    ('"layer_norm": 0', "/layer_norm", WRONG_TYPE, "write false"),
    ('"layer_norm": null', "/layer_norm", WRONG_TYPE, "leave the key out for its default"),
    ('"clip_grad_val": false', "/clip_grad_val", WRONG_TYPE, "write null for none"),
    ('"clip_grad_val": "none"', "/clip_grad_val", WRONG_TYPE, "write null, without quotes"),
    ('"dropout": "nan"', "/dropout", WRONG_TYPE, "for example 0.1"),
    ('"optim_spec": "Adam"', "/optim_spec", WRONG_TYPE, 'write {"name": "Adam"}'),
    ('"optim_spec": null', "/optim_spec", WRONG_TYPE, 'for example {"name": "Adam"'),
    ('"optim_spec": {"name": "Adam", "lr": "1e-3"}', "/optim_spec/lr", WRONG_TYPE, "write 1e-3, without quotes"),
    ('"optim_spec": {"name": "Adam", "betas": 0.9}', "/optim_spec/betas", WRONG_TYPE, "for example [0.9, 0.999]"),
    ('"cuda_id": "1.5"', "/cuda_id", WRONG_TYPE, "for example 0"),
    ('"gpu": 1', "/gpu", WRONG_TYPE, "write true"),
    # ranges and lengths
    ('"hid_layers": [64, 0]', "/hid_layers/1", RANGE, ""),
    ('"dropout": 1', "/dropout", RANGE, "for example 0.1"),
    ('"clip_grad_val": 0', "/clip_grad_val", RANGE, "write null for no clipping"),
    ('"actor_clip_grad_val": -1', "/actor_clip_grad_val", RANGE, "write null for no clipping"),
    ('"optim_spec": {"name": "Adam", "lr": 0}', "/optim_spec/lr", RANGE, "for example 0.001"),
    ('"optim_spec": {"name": "Adam", "betas": [0.9, 1]}', "/optim_spec/betas/1", RANGE, '"betas": [0.9, 0.999]'),
    ('"optim_spec": {"name": "Adam", "betas": [0.9]}', "/optim_spec/betas", LENGTH, "for example [0.9, 0.999]"),
    ('"polyak_coef": 2', "/polyak_coef", RANGE, "for example 0.005"),
    ('"out_layer_activation": []', "/out_layer_activation", LENGTH, 'for example "relu"'),
    # missing keys stand at the object's own key
    ('"optim_spec": {"lr": 0.1}', "/optim_spec", MISSING, 'add "name", one of Adam, '),
    ('"loss_spec": {}', "/loss_spec", MISSING, 'add "name": "MSELoss"'),
    ('"lr_scheduler_spec": {"frame": 100}', "/lr_scheduler_spec", MISSING, 'add "name", one of LinearToZero'),
    (
        '"lr_scheduler_spec": {"name": "StepLR"}',
        "/lr_scheduler_spec",
        MISSING,
        'add "step_size": 1000',
    ),
]
CONV_ROWS = [
    ('"conv_hid_layers": [32, 8, 4]', "/conv_hid_layers/0", WRONG_TYPE, "write [[32, 8, 4]]"),
    ('"conv_hid_layers": [[32]]', "/conv_hid_layers/0", LENGTH, "for example [32, 8, 4, 0, 1]"),
    ('"conv_hid_layers": [[32, 8, 0]]', "/conv_hid_layers/0/2", RANGE, "for example 1"),
    ('"conv_hid_layers": [[32, "8"]]', "/conv_hid_layers/0/1", WRONG_TYPE, "write 8, without quotes"),
    ('"conv_hid_layers": [[32, 8, null]]', "/conv_hid_layers/0/2", WRONG_TYPE, "for example 1"),
    ('"conv_hid_layers": [[32, 8, 4, "sam"]]', "/conv_hid_layers/0/3", UNKNOWN_NAME, "did you mean 'same'?"),
    ('"conv_hid_layers": [[32, [8, 8, 8, 8]]]', "/conv_hid_layers/0/1", LENGTH, "for example 8"),
    ('"conv_hid_layers": [[32, 8, 1, 0, 1, 1, 1]]', "/conv_hid_layers/0/6", WRONG_TYPE, "write true"),
    ('"fc_hid_layers": 512', "/fc_hid_layers", WRONG_TYPE, "write [512]"),
]
RNN_ROWS = [
    ('"cell_type": "lstmm"', "/cell_type", UNKNOWN_NAME, "did you mean 'LSTM'?"),
    ('"cell_type": null', "/cell_type", WRONG_TYPE, "leave the key out for its default"),
    ('"rnn_num_layers": 0', "/rnn_num_layers", RANGE, "for example 1"),
    ('"seq_len": "4"', "/seq_len", WRONG_TYPE, "write 4, without quotes"),
    ('"bidirectional": "no"', "/bidirectional", WRONG_TYPE, "write false"),
    ('"cell": "GRU"', "/cell", UNKNOWN_KEY, "did you mean 'cell_type'?"),
]
TABLE = [
    *(("MLPNet", *row) for row in ROWS),
    *(("ConvNet", *row) for row in CONV_ROWS),
    *(("RecurrentNet", *row) for row in RNN_ROWS),
]


@pytest.mark.parametrize(("net_type", "line", "pointer", "rule", "hint"), TABLE)
def test_one_mistake_is_one_problem_at_its_place(net_type, line, pointer, rule, hint):
    [problem] = validate(text_with(line, net_type))
    assert (problem.pointer, problem.line, problem.rule_name, problem.severity) == (pointer, 3, rule, "error")
    assert hint in problem.hint
    assert problem.message and "\n" not in str(problem) and len(problem.message) < 400


@pytest.mark.parametrize("net_type", LINES)
def test_the_blocks_of_the_table_are_right_themselves(net_type):
    assert validate(text_with(f'"type": "{net_type}"', net_type).replace(f'"type": "{net_type}",\n', "", 1)) == []


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ('{"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu", "typo": 1}', 73),
        ('{"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu", "gpu": 1}', 80),
        ('{"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu", "loss_spec": {}}', 73),
    ],
)
def test_the_column_is_of_the_key_for_keys_and_of_the_value_for_values(text, column):
    assert [problem.column for problem in validate(text)] == [column]


@pytest.mark.parametrize(
    ("text", "pointers"),
    [
        ('{"type": "MLPNet"}', ["", ""]),
        ('{"type": "MLPNet", "hid_layer": [4], "hid_layers_activation": "relu"}', ["/hid_layer"]),
        ('{"type": "MLPNet", "hid_layer": [4], "activation": "relu"}', ["/hid_layer", "/activation"]),
        ('{"typ": "MLPNet", "hid_layers": [4], "hid_layers_activation": "relu"}', ["/typ"]),
        ('{"type": "MLP", "hidden": [64], "gpu": "x"}', ["", "/type", "/hidden", "/gpu"]),
        ('{"hid_layers": [64], "hid_layers_activation": "relu"}', [""]),
        ('{"name": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"}', ["/name"]),
        ('{"type": 3, "hid_layers": "x", "dropout": "x"}', ["/type", "/dropout"]),
        (
            '{"type": null, "optim_spec": {"name": "Adma", "lr": 0, "x": 1}}',
            ["/type", "/optim_spec/name", "/optim_spec/lr", "/optim_spec/x"],
        ),
    ],
)
def test_several_mistakes_are_each_reported_once_and_in_order(text, pointers):
    assert [problem.pointer for problem in validate(text)] == pointers


def test_a_whole_block_of_mistakes():
    text = """{
      "type": "ConvNet",
      "conv_hid_layers": [[32, 8, 4], [64, "4", 0], []],
      "fc_hid_layers": [512, -1],
      "hid_layers_activation": ["relu", "tanhh"],
      "init_fn": {"name": "orthogonal_", "gian": 2},
      "optim_spec": {"name": "Adam", "lr": -1, "betas": [2, 0.9], "foo": 1},
      "hid_layers": [4],
      "normalise": true
    }"""
    assert found_in(text, in_dim=(4, 84, 84), out_dim=2) == [
        ("/conv_hid_layers/1/1", 3, WRONG_TYPE, "error"),
        ("/conv_hid_layers/1/2", 3, RANGE, "error"),
        ("/conv_hid_layers/2", 3, LENGTH, "error"),
        ("/fc_hid_layers/1", 4, RANGE, "error"),
        ("/hid_layers_activation/1", 5, UNKNOWN_NAME, "error"),
        ("/init_fn/gian", 6, UNKNOWN_KEY, "error"),
        ("/optim_spec/lr", 7, RANGE, "error"),
        ("/optim_spec/betas/0", 7, RANGE, "error"),
        ("/optim_spec/foo", 7, UNKNOWN_KEY, "error"),
        ("/hid_layers", 8, "unused-key", "warning"),
        ("/normalise", 9, UNKNOWN_KEY, "error"),
    ]


def test_entries_of_nested_lists_have_names():
    net = {"type": "HydraMLPNet", "hid_layers": [[[8], [0]], [-1], [[8], 3]], "hid_layers_activation": "relu"}
    messages = [problem.message for problem in validate(net)]
    assert [message.partition(" is ")[0] for message in messages] == [
        "layer 1 of head 2 of hid_layers",
        "layer 1 of the body of hid_layers",
        "tail 2 of hid_layers",
    ]


def test_a_missing_key_of_hydra_is_shown_as_hydra_writes_it():
    [problem] = validate('{"type": "HydraMLPNet", "hid_layers_activation": "relu"}')
    assert problem.hint == 'add "hid_layers": [[[32], [32]], [64], []]'


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        ('{"a": {"agent": {"algorithm": {"name": "DQN"}, "nett": {}}}}', "/a/agent/nett"),
        ('{"a": {"agent": {"algorithm": {"nmae": "DQN"}, "net": {}}}}', "/a/agent/algorithm/nmae"),
        ('{"a": {"agnet": {}, "env": {}}}', "/a/agnet"),
    ],
)
def test_a_misspelt_key_of_an_open_object_is_found_where_it_is_needed(text, pointer):
    [problem] = validate(text)
    assert (problem.pointer, problem.rule_name) == (pointer, UNKNOWN_KEY)


@pytest.mark.parametrize("value", [None, 3, "x", [], True, 1e300, [[[]]], {"type": []}, {"type": {}}, {"a": {"b": {}}}])
@pytest.mark.parametrize("ref", ["net.schema.json", "spec.schema.json", "optimizer.schema.json", "loss.schema.json"])
def test_any_value_can_be_checked(ref, value):
    paths = [mistake.path for mistake in schema_problems(ref, value, at=("here",)) if not mistake.at_key]
    assert len(paths) == len(set(paths))
    assert all(path[0] == "here" for path in paths)


@pytest.mark.parametrize("key", ["conv_hid_layers", "fc_hid_layers"])
def test_of_a_list_that_is_too_long_only_the_length_is_wrong(key):
    spec = {"type": "ConvNet", "conv_hid_layers": [], "fc_hid_layers": [], "hid_layers_activation": "relu"}
    problems = validate({**spec, key: ["wrong"] * 100_000})
    assert [(problem.pointer, problem.rule_name) for problem in problems] == [(f"/{key}", "wrong-length")]


NET = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}


def found_beside(source, **dims):
    return [(problem.pointer, problem.rule_name) for problem in validate(source, **dims)]


@pytest.mark.parametrize(
    ("net", "expected"),
    [
        (
            {**NET, "type": "MLPNett", "hid_layers": ["8"], "normalise": True},
            {("/type", "unknown-name"), ("/hid_layers/0", "wrong-type"), ("/normalise", "unknown-key")},
        ),
        (
            {**NET, "optim_spec": {"name": "adamm", "momentum": 1, "lr": "x"}},
            {
                ("/optim_spec/name", "unknown-name"),
                ("/optim_spec/momentum", "unknown-key"),
                ("/optim_spec/lr", "wrong-type"),
            },
        ),
        (
            {**NET, "lr_scheduler_spec": {"name": "StepLr", "gama": 1}},
            {
                ("/lr_scheduler_spec/name", "unknown-name"),
                ("/lr_scheduler_spec/gama", "unknown-key"),
                ("/lr_scheduler_spec", "missing-key"),
            },
        ),
        (
            {**NET, "hid_layers_activation": {"name": "leakyreluu", "slope": 1}},
            {("/hid_layers_activation/name", "unknown-name"), ("/hid_layers_activation/slope", "unknown-key")},
        ),
        # two misspelt names, one of them only known to be one with the other put right
        (
            {**NET, "type": "MLPNetz", "loss_spec": {"name": "MSEloss_", "reduction": "men"}},
            {("/type", "unknown-name"), ("/loss_spec/name", "unknown-name"), ("/loss_spec/reduction", "unknown-name")},
        ),
        # nothing is near: nothing else is known
        ({**NET, "optim_spec": {"name": "quux", "momentum": "x"}}, {("/optim_spec/name", "unknown-name")}),
    ],
)
def test_what_stands_beside_a_misspelt_name_is_checked(net, expected):
    assert set(found_beside(net)) == expected
    whole = {"a": {"agent": {"algorithm": {"name": "DQN"}, "net": net}, "env": {"name": "CartPole-v1"}}}
    assert set(found_beside(whole)) == {(f"/a/agent/net{pointer}", rule) for pointer, rule in expected}


def test_rules_see_the_name_that_was_meant():
    net = {"type": "ConvNett", "conv_hid_layers": [[8, 9, 1]], "fc_hid_layers": [8], "hid_layers_activation": "relu"}
    assert ("/conv_hid_layers/0", "convolution-does-not-fit") in found_beside(net, in_dim=(1, 8, 8), out_dim=2)


def test_the_data_stay_as_they_are():
    data = {"net": {"type": "x"}, "list": [{"name": "y"}]}
    assert with_names(data, {("list", 0, "name"): "z"}) == {"net": {"type": "x"}, "list": [{"name": "z"}]}
    assert data["list"] == [{"name": "y"}]


CONV = {"type": "ConvNet", "hid_layers_activation": "relu"}
CELL = {"type": "RecurrentNet", "hid_layers_activation": "relu", "rnn_hidden_size": 4, "seq_len": 2}
BOTH = '"conv_hid_layers": [[8, 3]], "fc_hid_layers": [16]'


@pytest.mark.parametrize(
    ("block", "hints"),
    [
        ({**CONV, "conv_hid_layers": [[4, 3]], "hid_layers": [64]}, ["rename 'hid_layers' to 'fc_hid_layers'"]),
        ({**CELL, "hid_layers": [64]}, ["rename 'hid_layers' to 'fc_hid_layers'"]),
        ({**CONV, "type": "MLPNet", "fc_hid_layers": [64]}, ["rename 'fc_hid_layers' to 'hid_layers'"]),
        ({**CONV, "hid_layers": [[[8, 3]], [16]]}, [f"write {BOTH} in the place of 'hid_layers'"] * 2),
        # values that are not those of the needed key
        ({**CONV, "conv_hid_layers": [[4, 3]], "hid_layers": [[64]]}, ['add "fc_hid_layers": [512]']),
    ],
)
def test_a_key_of_another_type_does_not_hide_that_the_own_one_is_missing(block, hints):
    problems = validate(block)
    assert [(problem.rule, problem.hint) for problem in problems] == [(MISSING_KEY.id, hint) for hint in hints]
    with pytest.raises(SpecError, match="has no"):
        build_net(block, in_dim=1, out_dim=1)
    for problem in problems:
        for (name,), action, value, _ in problem.fix:
            new = {value: block[name]} if action == "rename" else value
            assert validate({**{key: block[key] for key in block if key != name}, **new}) == []


def test_a_key_of_another_type_beside_the_own_one_does_nothing():
    problems = validate({**CONV, "type": "MLPNet", "hid_layers": [8], "fc_hid_layers": [64]})
    assert [(problem.rule, problem.pointer) for problem in problems] == [("SN102", "/fc_hid_layers")]
