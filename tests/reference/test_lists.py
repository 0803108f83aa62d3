"""The lists of names."""

import pytest

import slm_net
from slm_net.reference.lists import LISTS, rows
from slm_net.reference.topics import words


@pytest.mark.parametrize("what", LISTS)
def test_every_name_has_a_line_and_a_topic(what):
    found = rows(what)
    assert found
    assert len(dict(found)) == len(found)
    for name, about in found:
        assert about, name
        assert "\n" not in about
        assert name.partition(" ")[0] in words(), name


def test_what_is_registered_is_listed():
    slm_net.register_loss("MyLoss", schema={"description": "Mine.", "properties": {}})(lambda: None)
    try:
        assert ("MyLoss", "Mine.") in rows("losses")
    finally:
        slm_net.unregister("loss", "MyLoss")
