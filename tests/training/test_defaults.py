"""The parts that take keys of the net block: their own defaults and names are those of the schema."""

import inspect

import pytest

from slm_net.schema import catalogue
from slm_net.training import GradClip, TargetUpdate, choose_device
from slm_net.training.grad_clip import KINDS
from slm_net.training.targets import UPDATE_TYPES

KEYS = {
    (GradClip, "max_value"): "clip_grad_val",
    (GradClip, "kind"): "clip_grad_type",
    (TargetUpdate, "update_type"): "update_type",
    (TargetUpdate, "update_frequency"): "update_frequency",
    (TargetUpdate, "polyak_coef"): "polyak_coef",
    (choose_device, "gpu"): "gpu",
    (choose_device, "cuda_id"): "cuda_id",
}


@pytest.mark.parametrize(("part", "argument"), KEYS, ids=[f"{part.__name__}-{argument}" for part, argument in KEYS])
def test_a_default_is_that_of_the_schema(part, argument):
    default = inspect.signature(part).parameters[argument].default
    assert default == catalogue.net_properties("MLPNet")[KEYS[part, argument]]["default"]


def test_the_names_are_those_of_the_schema():
    properties = catalogue.net_properties("MLPNet")
    assert list(UPDATE_TYPES) == properties["update_type"]["enum"]
    assert list(KINDS) == properties["clip_grad_type"]["enum"]
