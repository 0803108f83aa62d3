"""Random arcs: what `validate` passes builds and trains a step, with the sizes that it said; what not is refused."""

import os
import warnings

import pytest
import torch
from arc_strategies import arcs
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from outputs_of_layers import numbers, outputs_of
from torch import nn

from slm_net import SpecError, build_net, validate
from slm_net.arc.shapes import Shape
from slm_net.document.nets import resolve
from slm_net.net_types import NET_TYPES
from slm_net.net_types.arc import arc_of_net
from slm_net.nets.body import probed

EXAMPLES = int(os.environ.get("SLM_NET_FUZZ", "60"))
quick = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


def batch(in_dim, size):
    return torch.rand(size, *([in_dim] if isinstance(in_dim, int) else in_dim))


@quick
@given(arcs(), st.sampled_from([2, [2, 1]]), st.sampled_from([None, "orthogonal_"]))
def test_what_validates_builds_and_takes_a_step(case, out_dim, init_fn):
    arc, in_dim = case
    spec = {"type": "TorchArcNet", "arc": arc, "init_fn": init_fn}
    errors = [problem for problem in validate(spec, in_dim=in_dim, out_dim=out_dim) if problem.severity == "error"]
    if errors:
        event("refused")
        with pytest.raises(SpecError) as caught:
            build_net(spec, in_dim, out_dim)
        assert {problem.message for problem in errors} <= {problem.message for problem in caught.value.problems}
        return
    event("built")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        bundle = build_net(spec, in_dim, out_dim, seed=0)
        outputs = bundle.model(batch(in_dim, 5))
    outputs = outputs if isinstance(outputs, list) else [outputs]
    assert [tuple(y.shape) for y in outputs] == [(5, n) for n in (out_dim if isinstance(out_dim, list) else [out_dim])]
    loss = sum(y.square().mean() for y in outputs)
    if loss.isfinite():
        bundle.train_step(loss)
    assert bundle.parameter_count == sum(p.numel() for p in bundle.model.parameters())


@quick
@given(arcs())
def test_the_walk_and_the_meta_device_agree(case):
    """Each layer of a walk, run without numbers on the same input, gives what the rule said."""
    arc, in_dim = case
    walked = arc_of_net(arc, in_dim).walk
    for row in walked.rows.values() if walked else ():
        if isinstance(row.output, Shape) and all(isinstance(value, Shape) for value in row.inputs):
            call = row.call if not row.learned else learned(row)
            assert probed(call, row.inputs) == row.output


def learned(row):
    """A lazy layer with what it has learned among its arguments."""
    return type(row.call)(row.call.name, {**row.call.written, **row.learned}, row.call.path)


def layers_of(module):
    """The layers of an arc, each as it is called."""
    for part in module.children():
        yield from layers_of(part) if type(part) is nn.Module or isinstance(part, nn.Sequential) else [part]


@quick
@given(arcs())
def test_activations_are_what_leaves_the_layers(case):
    arc, in_dim = case
    spec = {"type": "TorchArcNet", "arc": arc}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            net = build_net(spec, in_dim, 2).model.eval()
        except SpecError:
            return
        seen = outputs_of([*layers_of(net.body), net.model_tail[0]], lambda: net(batch(in_dim, 2)))
    counts = NET_TYPES["TorchArcNet"].activations(resolve(spec), in_dim, 2)
    assert 2 * sum(counts.values()) == sum(numbers(output) for _, output in seen)
