"""The keywords of our own: patterns as JSON Schema reads them, and values that are checked once."""

import pytest

from slm_net import validate
from slm_net.schema.catalogue import lookup
from slm_net.schema.fragments import add_fragment, remove_fragment
from slm_net.schema.keywords import SpecValidator

NET = {"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"}


@pytest.mark.parametrize(
    ("pattern", "right", "wrong"),
    [
        ("^a$", ["a"], ["a\n", "a\na", "b"]),
        ("^(?:a|b$)", ["a\n", "b"], ["b\n"]),
        (r"^\$[$]$", ["$$"], ["$$\n", "$"]),
        (r"^[\]$]$", ["]", "$"], ["$\n"]),
        ("a", ["ba\n"], ["b"]),
    ],
)
def test_the_end_of_a_pattern_is_the_end_of_the_text(pattern, right, wrong):
    validator = SpecValidator({"pattern": pattern})
    assert [text for text in (*right, *wrong) if validator.is_valid(text)] == right


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"hid_layers_activation": "relu\n"}, "/hid_layers_activation"),
        ({"hid_layers_activation": {"name": "relu\n"}}, "/hid_layers_activation/name"),
        ({"init_fn": "orthogonal_\n"}, "/init_fn"),
        ({"loss_spec": {"name": "MSELoss\n"}}, "/loss_spec/name"),
    ],
)
def test_a_name_with_a_line_break_is_not_known(change, pointer):
    assert [(p.pointer, p.rule_name) for p in validate({**NET, **change})] == [(pointer, "unknown-name")]


def test_values_that_were_right_are_told_from_those_that_look_like_them():
    validator = SpecValidator(lookup("net.schema.json"))
    for _ in range(2):
        assert validator.is_valid({**NET, "normalize": True, "dropout": 0})
        assert not validator.is_valid({**NET, "dropout": True})
        assert not validator.is_valid({**NET, "dropout": "0"})
        assert not validator.is_valid({**NET, "hid_layers": ["64"]})


def test_what_was_right_is_forgotten_with_the_schema():
    spec = {"type": "OnceNet", "width": 3}
    for least in (1, 4):
        width = {"type": "integer", "minimum": least, "description": "Units.", "examples": [8]}
        add_fragment("net", "OnceNet", {"properties": {"width": width}, "required": ["width"]}, "a test")
        try:
            assert SpecValidator(lookup("net.schema.json")).is_valid(spec) == (least <= 3)
        finally:
            remove_fragment("net", "OnceNet")
