"""`build_net`: what comes out of every kind of spec, and what stops it."""

import copy
import json
import random
import warnings
from types import SimpleNamespace

import numpy as np
import pytest
import torch

import slm_net
from slm_net import NetBundle, SpecError, build_net, validate
from slm_net.nets import NETS
from slm_net.problems import SpecWarning
from slm_net.schema import catalogue

NET = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}
SPEC = {"agent": [{"algorithm": {"name": "DQN"}, "net": NET}], "env": [{"name": "CartPole-v1"}]}


def weights(bundle):
    return torch.nn.utils.parameters_to_vector(bundle.model.parameters()).detach()


def refusal(*args, **options):
    with pytest.raises(SpecError) as error:
        build_net(*args, **options)
    return error.value.problems


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "spec.json"
    path.write_text(json.dumps({"demo": SPEC, "other": SPEC}, indent=1))
    return path


def test_every_kind_of_source_gives_the_same_net(path):
    bundles = [
        build_net(path, name="demo", seed=0),
        build_net(str(path), name="other", seed=0),
        build_net(path.read_text(), name="demo", seed=0),
        build_net(SPEC, seed=0),
        build_net({"demo": SPEC}, seed=0),
        build_net(NET, 4, 2, seed=0),
        build_net(json.dumps(NET), in_dim=np.int64(4), out_dim=2, seed=0),
        build_net({**NET, "hid_layers": (np.int64(8),)}, in_dim=4, out_dim=2, seed=0),
        build_net(NET, env="CartPole-v1", seed=0),
        build_net(SPEC, env="CartPole-v0", seed=0),
    ]
    for bundle in bundles:
        assert isinstance(bundle, NetBundle)
        assert (bundle.in_dim, bundle.out_dim) == (4, 2)
        assert torch.equal(weights(bundle), weights(bundles[0]))
        assert bundle.spec == bundles[0].spec


def test_it_unpacks_and_trains():
    model, optimizer, loss_fn, grad_clip = bundle = build_net({**NET, "clip_grad_val": 0.5}, 4, 2, seed=0)
    x, before = torch.randn(16, 4), weights(bundle)
    loss = loss_fn(model(x), torch.ones(16, 2))
    assert torch.equal(bundle.train_step(loss), loss)
    assert not torch.equal(before, weights(bundle))
    assert isinstance(optimizer, torch.optim.Adam) and isinstance(loss_fn, torch.nn.MSELoss)
    assert grad_clip.max_value == 0.5 and bundle.device == torch.device("cpu")


@pytest.mark.parametrize("seed", ["0", 1.5, True, -1, 2**70])
def test_what_is_no_seed_is_told_before_anything_else(seed):
    for build in (build_net, slm_net.build_nets):
        with pytest.raises(ValueError, match=r"seed must be a whole number from 0 to .*, or None, not "):
            build("there-is-no-such-file.json", seed=seed)


def test_a_seed_reaches_the_draws_of_a_users_net_and_nothing_global():
    @slm_net.register_net("DrawingNet", schema={"properties": {}})
    def drawing_net(spec, in_dim, out_dim):
        net = torch.nn.Sequential(torch.nn.Linear(in_dim, 8), torch.nn.Dropout(), torch.nn.Linear(8, out_dim))
        net.register_buffer("noise", net(torch.randn(3, in_dim)).detach() + torch.rand_like(torch.ones(3, out_dim)))
        return net

    try:
        torch.manual_seed(3)
        expected = build_net({"type": "DrawingNet"}, 4, 2).model.state_dict()
        before = torch.get_rng_state(), np.random.get_state()[1].copy()
        found = build_net({"type": "DrawingNet"}, 4, 2, seed=3).model.state_dict()
    finally:
        slm_net.unregister("net", "DrawingNet")
    assert all(torch.equal(found[key], expected[key]) for key in expected)
    assert torch.equal(torch.get_rng_state(), before[0])
    assert (np.random.get_state()[1] == before[1]).all()


@pytest.mark.parametrize("kind", ["norm", "value"])
def test_gradients_are_clipped_as_the_spec_says(kind):
    bundle = build_net({**NET, "clip_grad_val": 0.5, "clip_grad_type": kind}, 4, 2, seed=0)
    bundle.train_step(bundle.model(torch.ones(16, 4)).sum())
    grads = torch.cat([parameter.grad.flatten() for parameter in bundle.model.parameters()])
    assert grads.abs().max() <= 0.5
    assert bool(grads.norm() <= 0.5001) == (kind == "norm")


def test_a_seed_fixes_the_weights_and_no_seed_draws_on():
    assert torch.equal(weights(build_net(NET, 4, 2, seed=3)), weights(build_net(NET, 4, 2, seed=3)))
    assert not torch.equal(weights(build_net(NET, 4, 2, seed=3)), weights(build_net(NET, 4, 2, seed=4)))
    assert not torch.equal(weights(build_net(NET, 4, 2)), weights(build_net(NET, 4, 2)))
    torch.manual_seed(3)
    assert torch.equal(weights(build_net(NET, 4, 2)), weights(build_net(NET, 4, 2, seed=3)))


def test_a_device_wins_over_the_spec():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        bundle = build_net({**NET, "gpu": True}, 4, 2, device="cpu")
    assert bundle.device.type == "cpu" == next(bundle.model.parameters()).device.type
    with pytest.raises(SpecError):
        build_net(NET, 4, 2, device="nonsense")


def everything(bundle):
    """All tensors of a bundle."""
    modules = bundle.model, bundle.loss_fn
    return [tensor for module in modules for tensor in (*module.parameters(), *module.buffers())]


def test_on_the_meta_device_nothing_is_allocated():
    huge = {**NET, "hid_layers": [60_000, 60_000, 30_000], "batch_norm": True, "init_fn": "orthogonal_"}
    bundle = build_net({**huge, "loss_spec": {"name": "CrossEntropyLoss", "weight": [1, 2]}}, 4, 2, device="meta")
    assert bundle.parameter_count > 5 * 10**9 and len(everything(bundle)) > len(list(bundle.model.parameters())) + 6
    assert {tensor.device for tensor in everything(bundle)} == {bundle.device} == {torch.device("meta")}
    loss = bundle.loss_fn(bundle.model(torch.empty(8, 4, device="meta")), torch.zeros(8, 2, device="meta"))
    loss.backward()
    bundle.optimizer.step()
    kept = [value for state in bundle.optimizer.state.values() for value in state.values()]
    assert {tensor.device.type for tensor in kept if tensor.ndim} == {"meta"}


@pytest.mark.parametrize("init_fn", [*catalogue.names("init")])
def test_every_init_function_passes_the_meta_device(init_fn):
    arguments = {"constant_": {"val": 1.0}, "sparse_": {"sparsity": 0.1}}.get(init_fn, {})
    net = {"type": "ConvNet", "conv_hid_layers": [[8, 3]], "fc_hid_layers": [8], "hid_layers_activation": "relu"}
    spec = {**net, "normalize": True, "init_fn": {"name": init_fn, **arguments}}
    on_meta, on_cpu = build_net(spec, (4, 9, 9), 2, device="meta"), build_net(spec, (4, 9, 9), 2, device="cpu")
    shapes = [{name: (t.shape, t.dtype) for name, t in b.model.state_dict().items()} for b in (on_meta, on_cpu)]
    assert shapes[0] == shapes[1]
    assert {tensor.device.type for tensor in everything(on_meta)} == {"meta"}


def test_an_environment_is_an_id_an_object_or_a_pair_of_spaces():
    spaces = SimpleNamespace(shape=(6,), dtype="float32"), SimpleNamespace(n=3, shape=())
    env = SimpleNamespace(observation_space=spaces[0], action_space=spaces[1])
    for given in (env, spaces):
        bundle = build_net(SPEC, env=given)
        assert (bundle.in_dim, bundle.out_dim) == (6, 3)
        assert build_net(SPEC, in_dim=5, env=given).in_dim == 5


def test_the_first_net_of_an_actor_critic_is_the_actors():
    net = {
        **NET,
        "actor_hid_layers": [3],
        "critic_hid_layers": [5],
        "shared": False,
        "actor_optim_spec": {"name": "SGD"},
    }
    del net["hid_layers"]
    bundle = build_net({**SPEC, "agent": [{"algorithm": {"name": "PPO"}, "net": net}]})
    assert bundle.spec["hid_layers"] == [3] and isinstance(bundle.optimizer, torch.optim.SGD)


# --- what stops it


def test_all_problems_come_at_once(path):
    problems = refusal({**NET, "gpu": "yes", "typo": 1}, 4, 2)
    assert [(problem.pointer, problem.rule_name) for problem in problems] == [
        ("/gpu", "unknown-name"),
        ("/typo", "unknown-key"),
    ]
    [problem] = refusal(path)
    assert problem.rule_name == "which-spec"


@pytest.mark.parametrize(
    ("args", "rule", "hint"),
    [
        ((NET,), "dims-unknown", 'env="CartPole-v1"'),
        ((NET, 4), "dims-unknown", "out_dim="),
        ((NET, (4, 84, 84), 2), "dims-do-not-fit", "ConvNet takes (4, 84, 84)"),
        ((NET, 0, 2), "dims-do-not-fit", ""),
        ((NET, 4, [2, 0]), "dims-do-not-fit", ""),
        (({},), "not-a-spec", ""),
        (("no/such/file.json",), "file-not-readable", ""),
        (({**SPEC, "env": [{"name": "NoSuchEnvironment-v0"}]},), "dims-unknown", ""),
    ],
)
def test_dims_that_are_missing_or_wrong(args, rule, hint):
    problems = refusal(*args)
    assert problems[0].rule_name == rule and hint in problems[0].hint


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"optim_spec": {"name": "SGD", "nesterov": True}}, "/optim_spec/nesterov"),
        ({"optim_spec": {"name": "Lookahead", "optimizer": "SGD", "nesterov": True}}, "/optim_spec/nesterov"),
        ({"optim_spec": {"name": "Adam", "foreach": True, "fused": True}}, "/optim_spec/fused"),
        ({"lr_scheduler_spec": {"name": "OneCycleLR", "max_lr": 1}}, "/lr_scheduler_spec/max_lr"),
        ({"lr_scheduler_spec": {"name": "CyclicLR", "base_lr": 0.2, "max_lr": 0.1}}, "/lr_scheduler_spec/base_lr"),
        ({"out_layer_activation": ["tanh", {"name": "hardtanh", "min_val": 2}]}, "/out_layer_activation/1/min_val"),
        ({"init_fn": {"name": "trunc_normal_", "b": -3}}, "/init_fn"),
        ({"init_fn": "dirac_"}, "/init_fn"),
        ({"hid_layers_activation": {"name": "RReLU", "lower": 2, "upper": 1}}, "/hid_layers_activation/lower"),
    ],
)
def test_what_torch_refuses_is_an_error_at_the_part(change, pointer):
    [problem] = refusal({**NET, **change}, 4, [2, 1])
    assert problem.rule_name == "argument-conflict"
    assert problem.pointer.startswith(pointer)
    assert "\n" not in problem.message


@pytest.fixture(params=[ZeroDivisionError, OverflowError, ValueError, RuntimeError, AssertionError])
def refusing(request):
    """A scheduler whose constructor refuses what its schema allows."""

    class Refusing(torch.optim.lr_scheduler.ExponentialLR):
        def __init__(self, optimizer):
            raise request.param("no such schedule\nfor you")

    slm_net.register_lr_scheduler("Refusing", schema={"properties": {}})(Refusing)
    yield "Refusing"
    slm_net.unregister("lr_scheduler", "Refusing")


def test_what_only_the_builder_refuses_has_its_place_in_the_file(tmp_path, refusing):
    net = {**NET, "lr_scheduler_spec": {"name": refusing}}
    path = tmp_path / "net.json"
    path.write_text(json.dumps(net, indent=1))
    [problem] = refusal(path, 4, 2)
    assert (problem.file, problem.line) == (
        str(path),
        path.read_text().splitlines().index(' "lr_scheduler_spec": {') + 1,
    )
    assert problem.rule_name == "argument-conflict" and problem.message.endswith("built: no such schedule")


def test_warnings_are_spec_warnings_at_the_callers_line():
    with pytest.warns(SpecWarning, match="normalize is not used by MLPNet") as caught:
        build_net({**NET, "normalize": True}, 4, 2)
    assert caught[0].filename == __file__
    assert caught[0].message.problem.rule_name == "unused-key"


# --- plans are cached, and nothing leaks


def test_the_callers_dict_is_not_changed():
    spec = copy.deepcopy(SPEC)
    build_net(spec)
    assert spec == SPEC


def test_changing_a_bundle_does_not_change_a_later_build():
    first = build_net(NET, 4, [2, 1])
    first.spec["hid_layers"].append(99)
    first.spec["optim_spec"]["lr"] = 99
    first.out_dim.append(7)
    second = build_net(NET, 4, [2, 1])
    assert (
        second.spec["hid_layers"] == [8] and second.spec["optim_spec"] == {"name": "Adam"} and second.out_dim == [2, 1]
    )


def test_changing_the_dict_changes_the_next_build():
    spec = copy.deepcopy(SPEC)
    build_net(spec)
    spec["agent"][0]["net"]["hid_layers"][0] = 5
    assert build_net(spec).spec["hid_layers"] == [5]


def test_a_file_that_changes_is_read_again(path):
    build_net(path, name="demo")
    path.write_text(path.read_text().replace("8", "9"))
    assert build_net(path, name="demo").spec["hid_layers"] == [9]


def test_equal_numbers_of_another_type_are_no_cache_hit():
    build_net(NET, 1, 1)
    assert refusal(NET, True, 1)[0].rule_name == "dims-do-not-fit"
    build_net({**NET, "layer_norm": True}, 4, 2)
    assert refusal({**NET, "layer_norm": 1}, 4, 2)[0].rule_name == "wrong-type"


def test_a_refusal_is_not_remembered_as_a_plan():
    for _ in range(2):
        assert refusal({**NET, "gpu": "yes"}, 4, 2)


# --- any valid spec builds

DIMS = {
    "MLPNet": (4, [2, [2, 1], [3]]),
    "ConvNet": ((2, 12, 12), [3, [2, 2]]),
    "RecurrentNet": ((3, 5), [2, [2, 1]]),
    "DuelingMLPNet": (4, [3]),
    "DuelingConvNet": ((2, 12, 12), [3]),
    "DuelingRecurrentNet": ((3, 5), [3]),
    "HydraMLPNet": ([3, 4], [[2, 2]]),
    "QMLPNet": ([4, 2], [1]),
    "QConvNet": ([(2, 12, 12), 2], [1]),
    "FiLMQConvNet": ([(2, 12, 12), 2], [1]),
    "TorchArcNet": (4, [2, [2, 1], [3]]),
}
VALUES = {
    "hid_layers": [[], [8], [8, 4]],
    "conv_hid_layers": [
        [],
        [[4, 3, 2]],
        [[4, 3], [2, [3, 5], 1, "same"]],
        [[4, 3, 1, 1, 2, 2, False, "reflect"]],
        [[3, 9], [3, 9]],
    ],
    "fc_hid_layers": [[], [8], [8, 4]],
    "hid_layers_activation": [
        "relu",
        None,
        "SELU",
        "softmax",
        {"name": "leakyrelu", "negative_slope": 0.2},
        ["tanh", None],
    ],
    "out_layer_activation": [None, "tanh", ["sigmoid", None]],
    "init_fn": [None, "orthogonal_", "kaiming_normal_", {"name": "constant_", "val": 0.1}, "xavier_uniform_", "eye_"],
    "dropout": [0, 0.5],
    "log_std_init": [None, -0.5],
    "actor_init_std": [None, 0.01],
    "critic_init_std": [None, 1],
    "clip_grad_val": [None, 0.5],
    "clip_grad_type": ["norm", "value"],
    "loss_spec": [{"name": "MSELoss"}, {"name": "smoothl1loss", "beta": 0.5}, {"name": "HuberLoss"}],
    "optim_spec": [
        {"name": "Adam", "lr": 0.01, "betas": [0, 0.9]},
        {"name": "SGD", "momentum": 0.9, "nesterov": True},
        {"name": "Lookahead", "optimizer": "RMSprop", "k": 2.0, "alpha": 1},
        *({"name": name} for name in ("RAdam", "GlobalAdam", "Rprop", "Adafactor", "Adagrad")),
    ],
    "lr_scheduler_spec": [
        None,
        {},
        {"name": "LinearToZero", "frame": 1e3},
        {"name": "CyclicLR", "base_lr": 0.001, "max_lr": 0.01},
        {"name": "OneCycleLR", "max_lr": 0.1, "total_steps": 9},
        {"name": "ReduceLROnPlateau"},
    ],
    "cell_type": ["GRU", "lstm", "Rnn"],
    "rnn_hidden_size": [4, 4.0],
    "rnn_num_layers": [1, 2],
    "seq_len": [3],
    "update_frequency": [1, 10.0],
    "gpu": [False],
    "cuda_id": [None],
    "arc": [
        {
            "modules": {"body": {"Sequential": [{"LazyLinear": {"out_features": 8}}, "ReLU"]}},
            "graph": {"input": "x", "modules": {"body": ["x"]}, "output": "body"},
        }
    ],
    "arc_file": ["beside_an_arc.yaml"],
    "tails": [True],
}
HYDRA_WIDTHS = [[[[4], [4]], [4], []], [[[4]], [], []], [[[4], []], [4, 4], [[2], []]], [[[4]], [4], [[4, 2]]]]


def some_spec(net_type, rng):
    block = {"type": net_type}
    for key, part in catalogue.net_properties(net_type).items():
        if key in ("type", "shared", "use_same_optim") or (
            key not in (*catalogue.needed_keys(net_type), "arc") and rng.random() < 0.6
        ):
            continue
        values = VALUES.get(key) or [part.get("default"), *([True, False] if part.get("type") == "boolean" else [])]
        block[key] = rng.choice(HYDRA_WIDTHS if (net_type, key) == ("HydraMLPNet", "hid_layers") else values)
    return block


def inputs(in_dim):
    if isinstance(in_dim, list):
        return [torch.randn(6, *([size] if isinstance(size, int) else size)) for size in in_dim]
    return torch.randn(6, *([in_dim] if isinstance(in_dim, int) else in_dim))


def run(bundle):
    x = inputs(bundle.in_dim)
    out = bundle.model(*x) if bundle.spec["type"].startswith(("Q", "FiLMQ")) else bundle.model(x)
    return out if isinstance(out, list) else [out]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("net_type", NETS.names())
def test_what_validates_builds_runs_and_trains(net_type):
    rng, built = random.Random(net_type), 0
    for _ in range(40):
        spec, (in_dim, outs) = some_spec(net_type, rng), DIMS[net_type]
        out_dim = rng.choice(outs)
        errors = [problem for problem in validate(spec, in_dim=in_dim, out_dim=out_dim) if problem.severity == "error"]
        if errors:
            assert refusal(spec, in_dim, out_dim)
            continue
        try:
            bundle = build_net(spec, in_dim, out_dim, seed=0)
        except SpecError as error:  # torch's own last word, which has a rule and a place
            assert "init_fn eye_ is defined for none" in str(error), spec
            continue
        built += 1
        outputs = run(bundle)
        assert [tuple(y.shape) for y in outputs] == [
            (6, n) for n in ([out_dim] if isinstance(out_dim, int) else out_dim)
        ]
        loss = sum(bundle.loss_fn(y, torch.ones_like(y)) for y in outputs)
        bundle.train_step(loss, frame=100)
        assert all(torch.isfinite(y).all() for y in run(bundle)), spec
    assert built >= 8
