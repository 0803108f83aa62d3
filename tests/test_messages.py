"""Messages are for people, data is for programs: with nonsense in every message and hint, all that is done is the same.

Fixes, searches, exit codes and refusals are compared with those of the real words: whoever reads a message or a hint
back to find out what to do is found here.
"""

import contextlib
import io
import json
import random
from copy import deepcopy

import pytest
from damages import DAMAGES, FILES, TEXT_DAMAGES, net_of

from slm_net import SpecError, build_net, build_nets, load_spec, validate
from slm_net.cli.main import main
from slm_net.problems import Problem
from slm_net.text.source import read_source

#: The warnings have their words from the problems too.
pytestmark = pytest.mark.filterwarnings("ignore")
NET = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}
CONV = {"type": "ConvNet", "conv_hid_layers": [[4, 3]], "fc_hid_layers": [8], "hid_layers_activation": "relu"}
ARC = {
    "modules": {"body": {"Sequential": [{"LazyLinear": {"out_features": 8}}, "ReLU"]}},
    "graph": {"input": "x", "modules": {"body": ["x"]}, "output": "body"},
}
HYDRA = {"type": "HydraMLPNet", "hid_layers": [[[8]], [8], []], "hid_layers_activation": "relu"}
RNN = {"type": "RecurrentNet", "fc_hid_layers": [8], "rnn_hidden_size": 8, "hid_layers_activation": "relu"}


def without(key):
    return {name: value for name, value in NET.items() if name != key}


def spec(net=None, algorithm="DQN", env="CartPole-v1", **others):
    """A whole spec of SLM Lab 5; `net` is a block, or keys beside the usual ones."""
    net = net if net and "type" in net else {**NET, **(net or {})}
    return {"agent": {"algorithm": {"name": algorithm}, "net": net}, "env": {"name": env}, **others}


NETS = {
    "right": NET,
    "key with a typo": {**NET, "gpuu": True},
    "keys with typos": {**without("hid_layers"), "hid_layer": [8], "clip-grad-val": 1, "los_spec": {"name": "MSELoss"}},
    "key typed twice": {**NET, "gpuu": True, "ggpu": False},
    "key beside the right one": {**NET, "hid_layer": [4]},
    "key of another library": {**NET, "tau": 0.005, "learning_rate": 0.001},
    "key of SLM Lab 3": {**NET, "clip_grad": 0.5, "lr_decay_frequency": 3},
    "key of another type": {**NET, "rnn_hidden_size": 3},
    "key in the wrong part": {**NET, "betas": [0.9, 0.99], "optim_spec": {"name": "Adam", "reduction": "mean"}},
    "key that is missing": without("hid_layers_activation"),
    "typo in a key of an open object": {**NET, "optm_spec": {"name": "adma", "lrr": 0.1}},
    "type with a typo": {**NET, "type": "MPLNet"},
    "type in lower case": {**NET, "type": "mlpnet", "optim_spec": {"name": "adam", "betass": [0.9, 0.99]}},
    "type of another library": {**NET, "type": "MLP"},
    "activation with a typo": {**NET, "hid_layers_activation": "reluu"},
    "activation of another library": {**NET, "hid_layers_activation": "swish"},
    "activations with typos": {
        **NET,
        "hid_layers": [8, 8],
        "hid_layers_activation": ["rlu", {"name": "leakyrelu"}],
    },
    "names that are near two": {**NET, "hid_layers_activation": "jelu", "loss_spec": {"name": "CELoss"}},
    "names with typos": {**NET, "init_fn": "orthoganal_", "loss_spec": {"name": "MESLoss", "reduction": "men"}},
    "module path": {**NET, "optim_spec": {"name": "torch.optim.Adam"}, "hid_layers_activation": "nn.ReLU"},
    "name for an object": {**NET, "optim_spec": "Adam", "lr_scheduler_spec": ["StepLR", 3]},
    "number in quotes": {**NET, "optim_spec": {"name": "Adam", "lr": "1e-3"}, "clip_grad_val": "0.5"},
    "words for booleans and null": {
        **NET,
        "gpu": "yes",
        "batch_norm": 1,
        "init_fn": "None",
        "clip_grad_val": False,
    },
    "number for a list": {**NET, "hid_layers": 64},
    "text for a list": {**NET, "hid_layers": "64, 32"},
    "list in a list": {**NET, "hid_layers": [[64], 32]},
    "list for a number": {**NET, "optim_spec": {"name": "Adam", "lr": [0.1]}},
    "null for a number": {**NET, "update_frequency": None, "hid_layers": [None]},
    "numbers out of range": {**NET, "hid_layers": [0], "dropout": 1.5, "optim_spec": {"name": "SGD", "lr": -1}},
    "hardly meant": {**NET, "optim_spec": {"name": "Adam", "lr": 1e3}, "update_type": "polyak"},
    "arguments in conflict": {
        **NET,
        "optim_spec": {"name": "SGD", "nesterov": True},
        "init_fn": "xavier_uniform_",
    },
    "too many activations": {**NET, "hid_layers_activation": ["relu", "tanh"]},
    "too large": {**NET, "hid_layers": [10**7, 10**7]},
    "convolution that does not fit": {**CONV, "conv_hid_layers": [[4, 3], [8, 99, 1]]},
    "row of three sizes": {**CONV, "conv_hid_layers": [[4, [3, 3, 3]], [4]]},
    "hydra of one list": {**HYDRA, "hid_layers": [8, 8], "rnn_hidden_siz": 3},
    "recurrent without its length": RNN,
    "arc that does not connect": {"type": "TorchArcNet", "arc": {**ARC, "graph": {**ARC["graph"], "output": "bdy"}}},
    "arc with slips": {"type": "TorchArcNet", "arc": {**ARC, "modules": {"body": {"LazyLinaer": {"units": 8}}}}},
    "arc of two keys": {
        "type": "TorchArcNet",
        "arc": {**ARC, "modules": {"body": {"LazyLinear": None, "out_features": 8}}},
    },
    "arc with wrong sizes": {
        "type": "TorchArcNet",
        "arc": {**ARC, "modules": {"body": {"Linear": {"in_features": 9, "out_features": "8"}}}},
    },
    "actor and critic": {**NET, "actr_hid_layers": [8], "critic_hid_layer": [4], "actor_gpu": "no"},
}
SPECS = {
    **{f"net: {name}": spec(net) for name, net in NETS.items()},
    "agent and env with typos": {"agnet": spec()["agent"], "enviroment": spec()["env"]},
    "blocks with typos": spec(meat={}, serch={}),
    "key of the net in the algorithm": {**spec(), "agent": {"algorithm": {"name": "DQN", "lr": 1}, "net": NET}},
    "algorithm of another library": spec(algorithm="SAC"),
    "algorithm with a typo": spec(algorithm="DoubelDQN"),
    "shared is not said": spec(algorithm="PPO"),
    "type of Q-values for a policy": spec({**NET, "type": "DuelingMLPNet"}, "Reinforce"),
    "target of nothing": spec({"update_frequency": 10, "polyak_coef": 0.1}, "VanillaDQN"),
    "continuous actions": spec(env="Pendulum-v1"),
    "images into a dense net": spec(env="ALE/Pong-v5"),
    "vectors into a convolution": spec(CONV),
    "sequences of no length": spec(RNN, "Reinforce"),
    "environment with a typo": spec(env="CartPol-v1"),
    "environment of a module": spec(env="os:Env-v0"),
    "half of SLM Lab 4": {"agent": [spec()["agent"]], "env": {"name": "CartPole-v1"}},
    "variable that is unset": spec({"optim_spec": {"name": "Adam", "lr": "${lr}"}}, env="${env}"),
    "variable with a wrong value": spec({"dropout": "${p}"}, spec_params={"p": [0.1, 2, "x"]}),
    "variable without braces": spec({"dropout": "$p"}),
    "several specs": {"a": spec(), "b": spec({"gpuu": 1})},
    "no spec": {"name": "app", "scripts": {}},
}
SEARCHES = {
    "right": {"agent.net.hid_layers__choice": [[16], [32, 16]], "agent.net.dropout__uniform": [0, 0.5]},
    "nested": {"agent": {"net": {"hid_layers__choice": [[16], 32], "optim_spec": {"lrr__uniform": [0.1, 0.2]}}}},
    "path of SLM Lab 4": {"agent.0.net.hid_layers__choice": [[8]]},
    "paths that are not there": {"agents.net.gpu__choice": [True], "net.hid_layers__choice": [[8]], "zzz__choice": [1]},
    "slips in keys": {"agent.net.hid_layer__choice": [[8]], "agent.net.optim_spec.learning_rate__choice": [0.1]},
    "key beside the right one": {"agent.net.hid_layers_": 1, "agent.net.hid_layerss__choice": [[8]]},
    "keys that are varied to no effect": {"agent.net.clip_grad__choice": [1], "agent.net.lr__choice": [0.1]},
    "keys of parts": {"agent.net.betas__choice": [[0.9, 0.99]], "agent.net.step_size__choice": [10]},
    "keys of nothing": {"agent.net.quux__choice": [1], "agent.memory.size__choice": [9]},
    "keys of other types": {"agent.net.rnn_hidden_size__choice": [8], "agent.net.conv_hid_layers__choice": [[[4, 3]]]},
    "no distribution": {"agent.net.optim_spec.lr": [0.1, 0.2], "agent.net.dropout_uniform": [0, 0.1]},
    "distributions with typos": {"agent.net.dropout__unifrom": [0, 0.1], "agent.net.dropout__log_uniform": [1, 2]},
    "wrong ranges": {"agent.net.dropout__uniform": [0.5, 0.1], "agent.net.polyak_coef__loguniform": [0, 1]},
    "ends that are not drawn": {"agent.net.dropout__uniform": [0, 1], "agent.net.optim_spec.lr__uniform": [-0.01, 0]},
    "names": {"agent.net.hid_layers_activation__choice": ["relu", "reluu", "swish", {"name": "elu", "alph": 1}]},
    "whole objects": {"agent.net.optim_spec__choice": [{"name": "SDG"}, {"name": "SGD", "lrr": 0.1}, "Adam"]},
    "whole nets": {"agent.net__choice": [NET, {**NET, "gpuu": 1}, {**CONV, "conv_hid_layers": [[4, 99]]}, 3]},
    "types": {"agent.net.type__choice": ["ConvNet", "MPLNet", "HydraMLPNet", "DuelingMLPNet"]},
    "what breaks a rule": {
        "agent.net.hid_layers_activation__choice": [["relu"], ["relu", "tanh"]],
        "agent.net.init_fn__choice": ["orthogonal_", "dirac_"],
        "agent.net.update_type__choice": ["polyak", "replace"],
    },
    "single entries": {"agent.net.hid_layers.0__choice": [16, "a"], "agent.net.hid_layers.7__choice": [16]},
}
TEXTS = {
    "a.json": '{"type": "mlpnet", "hid_layer": [64,], // why\n "hid_layers_activation": "Rleu", "gpuu": true,}',
    "bom.json": '\ufeff{"type": "MLPNet", "hid_layers": [4], /* one */ "hid_layers_activation": "relu"}',
    "yaml.yaml": "type: mlpnet\nhid_layers: [4] # x\nhid_layers_activation: 'Reluu'\noptim_spec: {name: adma}\n",
    "keys.yml": '"type": MLPNet\nhid_layer: [4]\n"hid_layers_activatoin": null\ngpu: on\n',
    "ignored.json": '{"type": "MLPNet", "hid_layers": [4], "hid_layers_activation": "relu",\n'
    '"gpuu": true, // slm-net: ignore SN101\n"ggpu": 1 // slm-net: ignore SN105, no-rule\n}',
    "double.json": '{"type": "MLPNet", "type": "ConvNet", "hid_layers": [4], "hid_layers_activation": "relu"}',
    "nan.json": '{"type": "MLPNet", "hid_layers": [NaN], "hid_layers_activation": "relu", "dropout": 1e999}',
    "cut.json": '{"type": "MLPNet", "hid_layers": [4',
    "quotes.json": "{'type': 'MLPNet', 'hid_layers': [4]}",
    "tabs.yaml": "type: MLPNet\n\thid_layers: [4]\n",
    "list.json": "[1, 2]",
    "empty.json": "",
}


@contextlib.contextmanager
def nonsense():
    """No problem has a message or a hint that says anything, whoever makes or changes it."""
    made = Problem.__init__

    def said(hint):
        return "plugh" if hint else ""

    def make(problem, *arguments, **fields):
        made(problem, *arguments, **fields)
        others = {"message": "xyzzy", "hint": said(problem.hint), "hints": tuple(map(said, problem.hints))}
        for name, words in others.items():
            object.__setattr__(problem, name, words)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Problem, "__init__", make)
        yield


def the_same(do, *arguments):
    """What `do` gives back, with the real words and, as must be, with nonsense."""
    found = do(*arguments)
    with nonsense():
        assert do(*arguments) == found
    return found


def kinds(problems):
    """What a program may use: where, which rule, how bad. As a set, as two problems may differ in their words alone."""
    return {(problem.path, problem.rule, problem.severity) for problem in problems}


def refused(build, source, **options):
    """What is wrong for one who builds; nothing if it is built."""
    try:
        build(source, **options)
    except SpecError as error:
        return kinds(error.problems)
    return set()


def command(*arguments):
    """The exit code of the command."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return main([str(argument) for argument in arguments])


def fixed(folder, texts, *options):
    """The exit code of `validate --fix` over files with these texts, and what stands in them afterwards."""
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    code = command("validate", "--fix", *options, *(folder / name for name in texts))
    return code, {name: (folder / name).read_text(encoding="utf-8") for name in texts}


def damaged(kind):
    """The files in specs/ that a damage of this kind can be done to, damaged."""
    for file in FILES:
        rng = random.Random(f"{file.name} {kind}")
        data = deepcopy(json.loads(file.read_text()))
        net, _ = net_of(data)
        if net and DAMAGES[kind](net, rng) is not None:
            yield file.name, data


def name_of(source):
    """The first spec of a file, if there are several."""
    return None if "type" in source or "agent" in source else next(iter(source))


def test_every_message_and_hint_is_nonsense():
    with nonsense():
        found = [problem for source in (*NETS.values(), *SPECS.values()) for problem in validate(source)]
        found += [problem for search in SEARCHES.values() for problem in validate(spec(search=search))]
        with pytest.raises(SpecError) as caught:
            build_nets(SPECS["shared is not said"])
    words = {(problem.message, problem.hint, *problem.hints) for problem in (*found, *caught.value.problems)}
    assert {word for said in words for word in said} == {"xyzzy", "plugh", ""}
    assert "plugh" not in str(validate(SPECS["shared is not said"]))


@pytest.mark.parametrize("kind", DAMAGES)
def test_damaged_files_are_fixed_and_refused_alike(kind, tmp_path):
    texts = {name: json.dumps(data, indent=2) for name, data in damaged(kind)}
    code, after = the_same(fixed, tmp_path, texts)
    assert code == 0 or after
    for name, data in damaged(kind):
        assert the_same(lambda data=data: kinds(validate(data))) or kind == "kernel larger than the image", name
        the_same(refused, build_net if "type" in data else build_nets, data)


@pytest.mark.parametrize("kind", TEXT_DAMAGES)
def test_damaged_texts_are_fixed_and_refused_alike(kind, tmp_path):
    right = {file.name: json.loads(file.read_text()) for file in FILES}
    texts = {name: TEXT_DAMAGES[kind](json.dumps(data, indent=2), 0) for name, data in right.items()}
    code, after = the_same(fixed, tmp_path, texts)
    assert code == 0 and after != texts
    assert {name: read_source(text, name).data for name, text in after.items()} == right
    assert not any(read_source(text, name).problems for name, text in after.items())


@pytest.mark.parametrize("options", [(), ("--strict",), ("--strict-json",), ("--select", "SN1"), ("--diff",)])
def test_written_files_are_fixed_alike(options, tmp_path):
    texts = {f"{index}.json": json.dumps(source) for index, source in enumerate((*NETS.values(), *SPECS.values()))}
    before = {**TEXTS, **texts}
    _, after = the_same(fixed, tmp_path, before, *options)
    changed = [name for name in before if after[name] != before[name]]
    assert (len(changed) >= 20) == ("--diff" not in options)


@pytest.mark.parametrize("search", SEARCHES)
def test_a_search_is_judged_alike(search):
    for net in (NET, {**NET, "optim_spec": {"name": "Adam", "lr": 0.1}}, HYDRA, {**NET, "gpuu": 1}):
        the_same(lambda net=net: kinds(validate(spec(net, search=SEARCHES[search]))))
    found = the_same(lambda: kinds(validate(spec(search=SEARCHES[search]))))
    assert bool(found) == (search != "right")


@pytest.mark.parametrize("case", SPECS)
def test_a_spec_is_judged_alike(case, tmp_path):
    source, file = SPECS[case], tmp_path / "a.json"
    file.write_text(json.dumps(source))
    the_same(lambda: kinds(validate(source)))
    for options in ((), ("--strict",), ("--name", "a")):
        the_same(command, "validate", file, *options)
    for options in (("--name", name_of(source) or ""), ("--set", "lr=x"), ("--override", "agent.net.gpu=3"), ()):
        the_same(command, "build", "--no-step", file, *options)
    for build in (build_net, build_nets, load_spec):
        the_same(lambda build=build: refused(build, source, name=name_of(source)))
    for build in (build_nets, load_spec):
        the_same(lambda build=build: refused(build, source, variables={"lr": 0.1, "env": "CartPole-v1", "p": 2}))
    the_same(lambda: refused(load_spec, source, overrides={"agent.net.gpu": 3, "agent.net.nothing.there": 1}))


@pytest.mark.parametrize("case", NETS)
def test_a_net_block_is_judged_alike(case):
    for in_dim, out_dim in ((None, None), (4, 2), ((3, 9, 9), [2, 2]), ("4", 0)):
        the_same(lambda dims=(in_dim, out_dim): kinds(validate(NETS[case], in_dim=dims[0], out_dim=dims[1])))
        the_same(lambda dims=(in_dim, out_dim): refused(build_net, NETS[case], in_dim=dims[0], out_dim=dims[1]))
    the_same(lambda: refused(build_net, NETS[case], env="CartPole-v1"))
    the_same(lambda: refused(build_net, NETS[case], env="NoSuchGame-v0"))


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_is_judged_alike(name, tmp_path):
    file = tmp_path / name
    file.write_text(TEXTS[name], encoding="utf-8")
    for options in ((), ("--strict",), ("--strict-json",), ("--ignore", "unknown-key")):
        the_same(command, "validate", file, *options)
    the_same(command, "build", "--no-step", file)
    the_same(lambda: kinds(validate(file)))


def test_commands_over_what_is_no_file_exit_alike(tmp_path):
    for arguments in (("validate", "gone.json"), ("build", "gone.json"), ("validate", tmp_path), ("build", tmp_path)):
        assert the_same(command, *arguments) == 2
