"""`slm-net list KIND`."""

import json

import pytest

from slm_net.reference.lists import LISTS


@pytest.mark.parametrize("kind", LISTS)
def test_columns_of_80(cli, kind):
    done = cli("list", kind)
    assert (done.code, done.err) == (0, "")
    assert max(map(len, done.out.splitlines())) <= 80


def test_json(shell):
    done = shell("list", "losses", "--json")
    assert json.loads(done.out)[0] == {"name": "MSELoss", "about": "Mean squared error."}


def test_a_kind_that_is_none(cli):
    done = cli("list", "netz")
    assert (done.code, done.out) == (2, "")
    assert "did you mean 'nets'?" in done.err
