"""What is shown of a net against the net itself, and against torch's own count of what it computes."""

import warnings
from xml.dom import minidom

import pytest
from arc_strategies import arcs
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from spec_strategies import cases
from test_specs import DIMS, FILES
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from slm_net import SpecError
from slm_net.agents.plan import plan_agent
from slm_net.document.specs import read_document
from slm_net.drawing.facts import net_facts, told_by
from slm_net.drawing.record import INPUT, OUTPUT
from slm_net.drawing.svg import net_svg
from slm_net.factory import build_plan
from slm_net.plan import plan_net
from slm_net.summary import LOOK, example_inputs, layer_table


def plans_of(path):
    if path.name in DIMS:
        return [plan_net(path, *DIMS[path.name])]
    return [net for _, net in plan_agent(read_document(path)).parts if net]


def check(plan, device="meta"):
    """The rows of a plan are those of the built net: its names, its shapes, its parameters, and no others."""
    facts, model = net_facts("net", told_by(plan), look=LOOK), build_plan(plan, device).model
    left = {row.name: row for row in layer_table(model, plan.dims.in_dim)}
    for layer in facts.layers:
        own = [left.pop(name) for name in list(left) if f"{name}.".startswith(f"{layer.name}.")]
        assert sum(row.parameters for row in own) == layer.parameters, layer
        whole = next((row for row in own if row.name == layer.name), None)
        assert own and (whole is None or whole.output_shape == layer.output), layer
    assert not [row for row in left.values() if row.parameters]
    assert facts.parameters == sum(p.numel() for p in model.parameters())
    check_blocks(facts)
    return facts


def check_blocks(facts):
    """Everything leads from an input to an output, and only there."""
    behind = {place: [end for start, end in facts.arrows if start == place] for place in range(len(facts.blocks))}
    assert all(start < end for start, end in facts.arrows)
    for place, block in enumerate(facts.blocks):
        assert bool(behind[place]) == (block.kind != OUTPUT), block
        assert (block.kind == INPUT) <= (place not in {end for _, end in facts.arrows})


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_it_is_the_net_that_is_built(path):
    for plan in plans_of(path):
        check(plan)


@given(cases())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_it_is_the_net_that_is_built_of_any_spec(case):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            plan = plan_net(*case)
        except SpecError:
            assume(False)
        check(plan, "cpu")  # the meta device knows no 16 bits


#: torch does not count what recurrent layers do, which are one call.
COUNTED = [path for path in FILES if not {"recurrent", "rnn"} & {*path.stem.split("_")}]


@pytest.mark.parametrize("path", COUNTED, ids=lambda path: path.name)
def test_multiply_adds_are_those_that_torch_counts(path):
    for plan in plans_of(path):
        facts, model = net_facts("net", told_by(plan)), build_plan(plan, "meta").model.train()
        norms = sum(layer.multiply_adds for layer in facts.layers if "Norm" in layer.kind or "Merge" in layer.kind)
        encoders = [layer for layer in facts.layers if layer.kind == "TransformerEncoderLayer"]
        norms += sum(4 * layer.activations for layer in encoders)  # two in each, of two for a number
        with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
            model(*example_inputs(model, plan.dims.in_dim, 2))
        assert counter.get_total_flops() == 2 * 2 * (facts.multiply_adds - norms)


@given(arcs(), st.sampled_from([2, [2, 1]]))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_it_is_the_net_that_is_built_of_any_arc(case, out_dim):
    (arc, in_dim) = case
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            plan = plan_net({"type": "TorchArcNet", "arc": arc}, in_dim, out_dim)
        except SpecError:
            assume(False)
        minidom.parseString(net_svg(check(plan)))
