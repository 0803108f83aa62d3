"""Walking a path through data."""

from types import MappingProxyType

import pytest

from slm_net.text.paths import value_at, walk, with_value

DATA = MappingProxyType({"net": {"hid_layers": [64, (32, 16)], "lr": None}, "name": "dqn"})


@pytest.mark.parametrize(
    ("path", "depth", "found"),
    [
        ((), 0, DATA),
        (("name",), 1, "dqn"),
        (("net", "hid_layers", 1, 0), 4, 32),
        (("net", "lr", "decay"), 2, None),
        (("net", "hid_layers", 2), 2, [64, (32, 16)]),
        (("net", "hid_layers", -1), 2, [64, (32, 16)]),
        (("net", "hid_layers", "0"), 2, [64, (32, 16)]),
        (("net", 0), 1, DATA["net"]),
        (("name", 0), 1, "dqn"),
    ],
)
def test_a_walk_ends_where_the_path_does_or_where_the_data_do(path, depth, found):
    assert walk(DATA, path) == (depth, found)
    assert value_at(DATA, path, "missing") == (found if depth == len(path) else "missing")


def test_a_value_of_none_is_not_a_missing_one():
    assert value_at(DATA, ("net", "lr"), "missing") is None
    assert value_at(DATA, ("net", "decay")) is None


def test_another_value_leaves_the_data_as_they_were():
    data = {"net": {"hid_layers": [64, 32], "optim": {"lr": 1}}, "rest": [1]}
    changed = with_value(data, ("net", "hid_layers", 0), 8)
    assert changed == {"net": {"hid_layers": [8, 32], "optim": {"lr": 1}}, "rest": [1]}
    assert data["net"]["hid_layers"] == [64, 32]
    assert changed["rest"] is data["rest"]
    assert changed["net"]["optim"] is data["net"]["optim"]


def test_another_value_of_everything_is_that_value():
    assert with_value(DATA, (), 1) == 1


def test_the_last_step_may_be_new_and_no_other():
    assert with_value({"net": {}}, ("net", "lr"), 1) == {"net": {"lr": 1}}
    with pytest.raises(KeyError):
        with_value({}, ("net", "lr"), 1)


def test_mappings_and_tuples_come_back_as_dicts_and_lists():
    assert with_value(DATA, ("net", "hid_layers", 1, 0), 1) == {
        "net": {"hid_layers": [64, [1, 16]], "lr": None},
        "name": "dqn",
    }
