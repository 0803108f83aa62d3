"""Names that a module of an arc can have."""

import pytest
from torch import nn

from slm_net.arc.names import ATTRIBUTES, LONGEST_NAME, name_fault


def test_the_attributes_are_those_of_torch():
    assert {name for name in dir(nn.Module()) if not name.startswith("_")} <= ATTRIBUTES


@pytest.mark.parametrize("name", ["body", "in", "class", "enc.l1", "conv 1", "1", "é", "x" * LONGEST_NAME, "weight"])
def test_a_name_that_can_be(name):
    assert name_fault(name) is None
    if "." not in name:
        nn.Module().add_module(name, nn.Identity())


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a.",
        ".a",
        "a..b",
        "x" * (LONGEST_NAME + 1),
        "a\nb",
        "a\x1bb",
        "a~1",
        "forward",
        "train",
        "_modules",
        "a.train",
    ],
)
def test_a_name_that_cannot_be_comes_with_another(name):
    message, hint = name_fault(name)
    assert message and hint
    if hint.startswith("write ") and " " not in hint[6:]:
        assert name_fault(hint[6:]) is None
