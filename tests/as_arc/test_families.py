"""Each net and its arc: they have the same sizes, weights and outputs, and under one seed the same draws."""

import json
import os
import re
import warnings
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, assume, event, given, settings
from spec_strategies import cases

from slm_net import SpecError, build_net, to_arc, validate
from slm_net.as_arc.families import FAMILIES
from slm_net.net_types import NET_TYPES
from slm_net.schema.catalogue import net_properties

pytestmark = pytest.mark.filterwarnings("ignore::slm_net.SpecWarning")
TANH = {"hid_layers_activation": "tanh"}
MLP = {**TANH, "hid_layers": [12, 9]}
CONV = {**TANH, "conv_hid_layers": [[6, 3, 2], [8, 3, 1, 1]], "fc_hid_layers": [10], "batch_norm": False}
RNN = {**TANH, "fc_hid_layers": [7], "rnn_hidden_size": 6, "seq_len": 4}
Q = {**CONV, "type": "QConvNet", "normalize": True}
IMAGE = (2, 9, 11)
TUNED = {"layer_norm": True, "dropout": 0.2, "weight_norm": True}
#: Nets by what they show, with their dims; `init_fn` is drawn in the same order in the net and in its arc.
NETS = {
    "mlp": ({**MLP, "type": "MLPNet"}, 5, 3),
    "linear": ({**TANH, "type": "MLPNet", "hid_layers": []}, 5, 3),
    "mlp-outputs": ({**MLP, "type": "MLPNet", "out_layer_activation": ["tanh", None]}, 5, [3, 1]),
    "mlp-policy": ({**MLP, "type": "MLPNet", "log_std_init": -0.5, "actor_init_std": 0.01}, 5, [2, 2]),
    "mlp-options": ({**MLP, **TUNED, "type": "MLPNet"}, 5, 3),
    "mlp-batch-norm": ({**MLP, "type": "MLPNet", "batch_norm": True}, 5, 3),
    "mlp-activations": ({**MLP, "type": "MLPNet", "hid_layers_activation": ["prelu", "softmax"]}, 5, 3),
    "conv": ({**CONV, "type": "ConvNet", "normalize": True}, IMAGE, 3),
    "conv-batch-norm": ({**CONV, "type": "ConvNet", "batch_norm": True}, IMAGE, 3),
    "conv-alone": ({**CONV, "type": "ConvNet", "fc_hid_layers": []}, IMAGE, [3, 1]),
    "conv-none": ({**CONV, "type": "ConvNet", "conv_hid_layers": []}, IMAGE, 3),
    "conv-1d": ({**CONV, "type": "ConvNet", "hid_layers_activation": ["relu", None, "softmax"]}, (2, 9), 3),
    "conv-3d": ({**CONV, "type": "ConvNet", "conv_hid_layers": [[4, [2, 3, 2], 2, 1, 1, 2, False]]}, (2, 5, 6, 7), 3),
    "gru": ({**RNN, "type": "RecurrentNet"}, (4, 5), 3),
    "lstm": ({**RNN, "type": "RecurrentNet", "cell_type": "LSTM", "fc_hid_layers": []}, (4, 5), [3, 1]),
    "rnn": ({**RNN, **TUNED, "type": "RecurrentNet", "cell_type": "rnn", "rnn_num_layers": 2}, (4, 5), 3),
    "bidirectional": ({**RNN, "type": "RecurrentNet", "bidirectional": True, "rnn_num_layers": 2}, (4, 5), 3),
    "hydra": ({**TANH, "type": "HydraMLPNet", "hid_layers": [[[7], []], [8], []]}, [4, 6], [2, 3]),
    "hydra-one-head": ({**TANH, **TUNED, "type": "HydraMLPNet", "hid_layers": [[[7, 6]], [8], []]}, [4, 6, 5], 2),
    "hydra-one-input": ({**TANH, "type": "HydraMLPNet", "hid_layers": [[[]], [], []]}, [4], [2, 3]),
    "hydra-one-tail": ({**TANH, "type": "HydraMLPNet", "hid_layers": [[[7]], [8], [[5]]]}, [4, 6], 3),
    "q-mlp": ({**MLP, "type": "QMLPNet", "critic_init_std": 0.5}, (5, 3), 1),
    "q-mlp-values": ({**MLP, "type": "QMLPNet", "critic_init_std": 0.5}, (5, 3), 2),
    "q-conv": (Q, (IMAGE, 3), 1),
    "q-conv-alone": ({**Q, "normalize": False, "fc_hid_layers": []}, (IMAGE, 3), 2),
    "film": ({**Q, "type": "FiLMQConvNet"}, (IMAGE, 3), 2),
    "film-alone": ({**Q, "type": "FiLMQConvNet", "fc_hid_layers": []}, (IMAGE, 3), 1),
    "dueling-mlp": ({**MLP, "type": "DuelingMLPNet", "out_layer_activation": "prelu"}, 5, 3),
    "dueling-one": ({**MLP, "type": "DuelingMLPNet"}, 5, 1),
    "dueling-conv": ({**CONV, "type": "DuelingConvNet", "normalize": True}, IMAGE, 3),
    "dueling-recurrent": ({**RNN, "type": "DuelingRecurrentNet", "bidirectional": True}, (4, 5), 3),
}
#: Nets whose output layers are drawn between the hidden layers of their tails, and not behind all of these.
TAILS = {
    "hydra-tails": ({**TANH, "type": "HydraMLPNet", "hid_layers": [[[7], [6]], [8], [[5, 4], [4]]]}, [4, 6], [2, 3]),
    "hydra-one-hidden": ({**TANH, "type": "HydraMLPNet", "hid_layers": [[[7]], [], [[], [4]]]}, [4, 6], [2, 3]),
}
SPECS = Path(__file__).parent.parent.parent / "specs"
#: All but those that have an arc already, or no net.
FILES = sorted(path for path in SPECS.iterdir() if not path.name.startswith(("arc_", "random_")))
#: Files without an environment that says their dims, and those of several inputs.
DIMS = {
    "film_q_conv.json": ([(4, 84, 84), 6], 1),
    "hydra_mlp.json": ([4, 8], [2, 3]),
    "q_conv.json": ([(4, 84, 84), 6], 1),
    "q_mlp.json": ([11, 3], 1),
}
#: Names of weights in a net as in its arc, the first that is there.
RENAMED = (
    (r"^", "body."),
    (r"^(.*)\.(bias|parametrizations\..*)$", r"body.\1._linear.\2"),
    (r"^(.*)\.(bias|parametrizations\..*)$", r"body.\1.linear.\2"),
    (r"^(log_std|obs_norms)", r"\1"),
    (r"^(model_tails?|out_activation)", "tails"),
    (r"^model_tail(?:s(\.\d+))?\.\d+\.(0\.)", r"tails\1.\2"),
    (r"^(action_fc_\w+)\.0", r"body.\1"),
)


def renamed(net, arc):
    """The state of a net under the names of its arc."""
    known, state = arc.state_dict(), {}
    for name, value in net.state_dict().items():
        if name.startswith("model_tails") and hasattr(net, "adv"):
            continue  # the value and the advantages once more
        options = (re.sub(pattern, to, name) for pattern, to in RENAMED if re.search(pattern, name))
        state[next(option for option in options if option in known)] = value
    return state | {name: value for name, value in known.items() if name == "body.offsets.index"}


def built(block, in_dim, out_dim):
    """The model of a net and that of its arc, under one seed, and the block of the arc."""
    arc = to_arc(block, in_dim, out_dim)
    return build_net(block, in_dim, out_dim, seed=0), build_net(arc, in_dim, out_dim, seed=0), arc


def outputs(bundle, net):
    """What a net, or its arc, gives for a batch of four."""
    several = net.spec["type"].startswith(("Hydra", "Q", "FiLM"))
    torch.manual_seed(1)
    dims = net.in_dim if several else [net.in_dim]
    xs = [torch.randn(4, *([dim] if isinstance(dim, int) else dim)) for dim in dims]
    torch.manual_seed(2)  # for dropout
    y = bundle.model(xs) if type(bundle.model).__name__ == "HydraMLPNet" else bundle.model(*xs)
    return y if isinstance(y, list) else [y]


def check_same(net, arc):
    """As many parameters; with the weights of the net the same outputs, in training and outside of it."""
    assert sum(p.numel() for p in net.model.parameters()) == sum(p.numel() for p in arc.model.parameters())
    arc.model.load_state_dict(renamed(net.model, arc.model))
    near = {"rtol": 0.1, "atol": 0.05} if net.spec["amp"] else {"rtol": 1e-4, "atol": 1e-6}  # 16 bits round otherwise
    for training in (True, False):
        ys, zs = (outputs(bundle, net) for bundle in (net, arc) if bundle.model.train(training))
        assert [y.shape for y in ys] == [z.shape for z in zs]
        torch.testing.assert_close(ys, zs, **near, equal_nan=True)


def check_equal_states(net, arc):
    """The same numbers were drawn, and are in the same places."""
    torch.testing.assert_close(renamed(net.model, arc.model), dict(arc.model.state_dict()), rtol=1e-6, atol=0)


@pytest.mark.parametrize("name", [*NETS, *TAILS])
def test_the_arc_is_right_and_the_same_net(name):
    block, in_dim, out_dim = (NETS | TAILS)[name]
    net, arc, written = built(block, in_dim, out_dim)
    assert validate(written, in_dim=in_dim, out_dim=out_dim, strict=True) == []
    assert json.loads(json.dumps(written)) == written
    check_same(net, arc)


@pytest.mark.parametrize("name", NETS)
def test_one_seed_gives_the_same_weights(name):
    net, arc, _ = built(*NETS[name])
    check_equal_states(net, arc)


@pytest.mark.parametrize(
    "init_fn", ["orthogonal_", "kaiming_normal_", "uniform_", {"name": "xavier_normal_", "gain": 2}]
)
@pytest.mark.parametrize(
    "name", [name for name in NETS if not name.startswith("dueling") and name != "mlp-activations"]
)
def test_so_does_an_init_function(name, init_fn):
    block, in_dim, out_dim = NETS[name]
    given = block["hid_layers_activation"]
    activation = {"hid_layers_activation": "tanh"} if isinstance(given, list) else {}
    net, arc, _ = built({**block, **activation, "init_fn": init_fn}, in_dim, out_dim)
    check_equal_states(net, arc)


@pytest.mark.parametrize("name", ["dueling-mlp", "dueling-conv", "dueling-recurrent"])
def test_a_dueling_net_fills_its_outputs_twice_and_its_arc_once(name):
    block, in_dim, out_dim = NETS[name]
    net, arc, _ = built({**block, "init_fn": "orthogonal_"}, in_dim, out_dim)
    drawn, state = arc.model.state_dict(), renamed(net.model, arc.model)
    differ = {key for key, value in state.items() if not torch.equal(value, drawn[key])}
    assert differ == {"body.v.weight", "body.adv.weight"}
    check_same(net, arc)


@pytest.mark.parametrize("name", TAILS)
def test_a_hydra_with_hidden_layers_in_its_tails_draws_them_before_all_outputs(name):
    net, arc, _ = built(*TAILS[name])
    drawn, state = arc.model.state_dict(), renamed(net.model, arc.model)
    same = {key for key, value in state.items() if torch.equal(value, drawn[key])}
    assert {key for key in state if "tails" not in key} <= same != set(state)


@pytest.mark.parametrize("name", ["mlp", "conv", "lstm", "hydra", "q-mlp", "q-conv", "film", "dueling-recurrent"])
def test_observations_are_normalised_as_in_the_net(name):
    block, in_dim, out_dim = NETS[name]
    net, arc, written = built({**block, "normalize_obs": "running"}, in_dim, out_dim)
    assert written["normalize_obs"] == "running"
    check_same(net, arc)
    assert {"obs_norms.0.count"} < {*net.model.state_dict()} & {*arc.model.state_dict()}
    check_equal_states(net, arc)


def test_the_arc_learns_as_the_net_does():
    net, arc, _ = built({**NETS["conv"][0], "optim_spec": {"name": "SGD", "lr": 0.1}}, *NETS["conv"][1:])
    for bundle in (net, arc):
        bundle.train_step(sum(y.square().mean() for y in outputs(bundle, net)))
    check_equal_states(net, arc)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_specs(path):
    dims = DIMS.get(path.name, ())
    arc = to_arc(path, *dims)
    net = build_net(path, *dims, seed=0)
    dims = net.in_dim, net.out_dim
    assert validate(arc, in_dim=dims[0], out_dim=dims[1], strict=True) == []
    check_same(net, build_net(arc, *dims, seed=0))


def test_the_last_step_of_both_directions():
    block, in_dim, out_dim = NETS["bidirectional"]
    arc = to_arc(block, in_dim, out_dim)["arc"]
    assert arc["modules"]["rnn_model"] == {
        "GRU": {"input_size": 7, "hidden_size": 6, "batch_first": True, "num_layers": 2, "bidirectional": True}
    }
    assert arc["graph"]["modules"] == {
        "fc_model": ["x"],
        "rnn_model": ["fc_model"],
        "steps": ["rnn_model"],
        "last": ["steps"],
        "first": ["steps"],
        "both": [["last", "first"]],
    }


def test_the_action_is_not_divided_by_255():
    block, in_dim, out_dim = NETS["q-conv"]
    net, arc, written = built(block, in_dim, out_dim)
    assert written["normalize"] is True
    arc.model.load_state_dict(renamed(net.model, arc.model))
    pair = torch.rand(4, *in_dim[0]) * 255, torch.rand(4, in_dim[1])
    torch.testing.assert_close(arc.model(*pair), net.model(*pair))


def test_a_tail_of_a_hydra_is_an_output_of_the_arc_with_a_tail_of_the_net_behind_it():
    block, in_dim, out_dim = TAILS["hydra-one-hidden"]
    written = to_arc(block, in_dim, out_dim)
    assert written["arc"]["graph"]["output"] == {"out0": "joined", "out1": "model_tails.1"} and "tails" not in written


def test_every_type_has_its_arc():
    types = set(NET_TYPES) - {"TorchArcNet"}
    assert FAMILIES.keys() == types, "put a new type into FAMILIES of as_arc/families.py"
    assert {block["type"] for block, *_ in NETS.values()} == types, "put a new type into NETS of this file"


def test_every_option_of_dense_layers_is_in_a_net_above():
    there = {key for block, *_ in NETS.values() for key in block}
    known = net_properties("MLPNet").items()
    options = {key for key, part in known if part.get("type") == "boolean" and "default" in part}  # others: algorithms'
    assert options - there == set(), "put it into TUNED: the arc has to build it, or to_arc to refuse it"


#: SLM_NET_FUZZ=4000 looks longer.
QUICK, MANY = 60, int(os.environ.get("SLM_NET_FUZZ", "1200"))


def check(case):
    """What validates as a net does so as an arc, and is the same net; or it is said what an arc cannot say."""
    block, in_dim, out_dim = case
    problems = validate(block, in_dim=in_dim, out_dim=out_dim)
    assume(block["type"] in FAMILIES and not any(problem.severity == "error" for problem in problems))
    try:
        net, arc, written = built(block, in_dim, out_dim)
    except SpecError as error:
        [problem] = error.problems
        assert problem.path[0] in ("init_fn", "critic_init_std", "hid_layers_activation", "freeze", "lr_scale")
        event(f"refused for {problem.path[0]}")
        return
    event(block["type"])
    told = {(problem.rule, problem.message) for problem in problems}
    found = {(problem.rule, problem.message) for problem in validate(written, in_dim=in_dim, out_dim=out_dim)}
    assert found <= told
    check_same(net, arc)


@given(cases())
@settings(max_examples=QUICK, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_right_as_a_net_is_right_as_an_arc(case):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check(case)


@pytest.mark.slow
@given(cases())
@settings(max_examples=MANY, deadline=None, suppress_health_check=list(HealthCheck))
def test_much_that_is_right_as_a_net_is_right_as_an_arc(case):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check(case)
