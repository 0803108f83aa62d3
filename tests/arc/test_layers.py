"""The rules of all layers against torch: the same sizes, the same weights, or both refuse."""

import os

import pytest
from against_torch import compare
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from layer_strategies import FUNCTION_NAMES, NAMES, functions, layers

EXAMPLES = int(os.environ.get("SLM_NET_FUZZ", "40"))
quick = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("name", NAMES)
@quick
@given(data=st.data())
def test_a_layer_does_what_torch_does(name, data):
    compare(name, *data.draw(layers(name)))


@pytest.mark.parametrize("name", FUNCTION_NAMES)
@quick
@given(data=st.data())
def test_a_function_does_what_torch_does(name, data):
    compare("TorchFn", *data.draw(functions(name)))
