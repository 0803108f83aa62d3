from collections import OrderedDict
from decimal import Decimal
from enum import Enum, IntEnum
from fractions import Fraction

import numpy as np
import pytest
import torch

from slm_net.text.mapping import plain


class Activation(Enum):
    RELU = "relu"
    WITH_ARGUMENTS = ("leakyrelu", 0.1)


class Width(IntEnum):
    WIDE = 64


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ((64, (3, 3)), [64, [3, 3]]),
        (np.int64(4), 4),
        (np.bool_(True), True),
        (np.array([[8, 4], [3, 1]]), [[8, 4], [3, 1]]),
        (torch.tensor(0.5), 0.5),
        (torch.tensor([1, 2]), [1, 2]),
        (OrderedDict(a=(1,)), {"a": [1]}),
        ({"a": 1, 3: 4}, {"a": 1}),
        (Decimal("0.5"), 0.5),
        (Fraction(1, 4), 0.25),
        (1j, "1j"),
        (Activation.RELU, "relu"),
        (Activation.WITH_ARGUMENTS, ["leakyrelu", 0.1]),
        (Width.WIDE, 64),
        (None, None),
        (True, True),
    ],
)
def test_values_as_json_has_them(value, wanted):
    found = plain(value)
    assert found == wanted and type(found) is type(wanted)


def test_it_is_a_deep_copy():
    value = {"a": [[1]]}
    copy = plain(value)
    copy["a"][0].append(2)
    assert value == {"a": [[1]]}


def test_what_json_cannot_say_stays_for_the_schema_to_refuse():
    thing = object()
    assert plain([thing]) == [thing]
