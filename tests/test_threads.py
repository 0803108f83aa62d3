"""Threads that build, validate, register and draw at once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
import torch
from torch import nn

import slm_net
from slm_net.registry import RegistryError

ARC = {
    "modules": {"body": {"LazyLinear": {"out_features": 8}}},
    "graph": {"input": "x", "modules": {"body": ["x"]}, "output": "body"},
}
RELU = {"hid_layers_activation": "relu"}
LSTM = {"cell_type": "LSTM", "rnn_hidden_size": 8, "seq_len": 2, "fc_hid_layers": [8]}
NETS = [
    ({"type": "MLPNet", "hid_layers": [32, 16], **RELU}, 4, 2),
    ({"type": "MLPNet", "hid_layers": [16], "hid_layers_activation": "tanh", "init_fn": "orthogonal_"}, 4, [2, 1]),
    ({"type": "DuelingMLPNet", "hid_layers": [16, 8], "init_fn": "eye_", **RELU}, 4, 2),
    ({"type": "ConvNet", "conv_hid_layers": [[4, 3, 1, 0, 1]], "fc_hid_layers": [8], **RELU}, (1, 8, 8), 3),
    ({"type": "RecurrentNet", **LSTM, **RELU}, (2, 4), 2),
    ({"type": "TorchArcNet", "arc": ARC}, 4, 2),
]
ACTIVATION = {"properties": {"much": {"type": "number", "description": "How much.", "default": 1.0}}}


def built(number):
    spec, in_dim, out_dim = NETS[number % len(NETS)]
    return slm_net.build_net(spec, in_dim, out_dim, seed=number).model.state_dict()


def differing(ours, theirs):
    return [key for key in theirs if not torch.equal(ours[key], theirs[key])]


@pytest.mark.parametrize("count", [96, pytest.param(480, marks=pytest.mark.slow)])
def test_eight_threads_build_what_one_builds(count):
    alone = [built(number) for number in range(count)]
    torch.manual_seed(1)
    before = torch.get_rng_state()
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(built, range(count)))
    assert [number for number in range(count) if differing(together[number], alone[number])] == []
    assert torch.equal(torch.get_rng_state(), before)


def run_all(*works):
    """Run works at once, each in a thread of its own, and raise what one of them raises."""
    start = threading.Barrier(len(works))

    def run(work):
        start.wait()
        work()

    with ThreadPoolExecutor(len(works)) as threads:
        for future in [threads.submit(run, work) for work in works]:
            future.result()


def of_activation(name):
    return {"type": "MLPNet", "hid_layers": [4], "hid_layers_activation": name}


class Much(nn.Module):
    def __init__(self, much=1.0):
        super().__init__()

    def forward(self, x):
        return x


def test_names_come_and_go_while_others_validate_and_build():
    """Who registers a name finds it at once, and does not find it when it is gone, whatever others do meanwhile."""

    def own(number):
        for turn in range(4):
            name = f"Much{number}x{turn}"
            slm_net.register_activation(name, schema=ACTIVATION)(Much)
            assert slm_net.validate(of_activation(name)) == []
            assert isinstance(slm_net.build_net(of_activation(name), 4, 2).model.model[1], Much)
            slm_net.unregister("activation", name)
            assert [problem.severity for problem in slm_net.validate(of_activation(name))] == ["error"]
            with pytest.raises(slm_net.SpecError):
                slm_net.build_net(of_activation(name), 4, 2)

    def others():
        for number in range(12):
            assert slm_net.validate(NETS[number % len(NETS)][0]) == []
            assert slm_net.validate(of_activation("relux"))[0].hint
            built(number)

    run_all(*(lambda number=number: own(number) for number in range(3)), others)


def test_one_of_those_who_register_the_same_name_has_it():
    outcomes = []

    def register(turn, number):
        try:
            slm_net.register_activation(f"Same{turn}", schema=ACTIVATION)(type(f"Much{number}", (Much,), {}))
            outcomes.append((turn, True))
        except RegistryError:
            outcomes.append((turn, False))

    for turn in range(10):
        run_all(*(lambda number=number, turn=turn: register(turn, number) for number in range(4)))
        slm_net.unregister("activation", f"Same{turn}")
    assert sorted(outcomes) == sorted((turn, number == 0) for turn in range(10) for number in range(4))


def test_a_name_that_is_taken_and_freed_by_many_is_whole_or_gone():
    """A schema without its class, or a class without its schema, would stay if two changes could mix."""

    def change():
        for _ in range(40):
            with suppress(RegistryError):
                slm_net.register_activation("Shared", schema=ACTIVATION)(Much)
            with suppress(RegistryError):
                slm_net.unregister("activation", "Shared")

    run_all(change, change, change, change)
    with suppress(RegistryError):
        slm_net.unregister("activation", "Shared")
    slm_net.register_activation("Shared", schema=ACTIVATION)(Much)
    slm_net.unregister("activation", "Shared")
