"""Where the values of a JSON text stand, and which stood there before."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slm_net.text.json_places import JsonPlaces
from slm_net.text.jsonc import parse_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=20,
)


def paths(data, path=()):
    yield path, data
    for step, part in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        yield from paths(part, (*path, step))


@settings(max_examples=100, deadline=None)
@given(VALUES, st.sampled_from([None, 2]))
def test_every_value_stands_where_it_is_found(value, indent):
    text = json.dumps(value, indent=indent)
    places = JsonPlaces(text)
    for path, part in paths(value):
        place = places.find(path)
        assert json.JSONDecoder().raw_decode(text, place.start)[0] == part
        if path and isinstance(path[-1], str):
            assert json.JSONDecoder().raw_decode(text, place.key)[0] == path[-1]
        else:
            assert place.key == place.start


@pytest.mark.parametrize(
    ("path", "start"),
    [(("a", 2), 6), (("a", -1), 6), (("a", "b"), 6), ((0,), 1), (("x", "y"), 1), (("c", 0), 18), (("c", "d", "e"), 24)],
)
def test_what_is_not_there_is_at_its_nearest_ancestor(path, start):
    assert JsonPlaces(' {"a":[1, 2], "c":{"d": 3}}').find(path).start == start


def test_of_a_key_that_is_there_twice_the_last_counts():
    text = '{"a": 1, "b": {"a": 2}, "a": {"c": 3}, // c\n}'
    assert parse_json(text).places.find(("a", "c")).start == text.index("3")
    assert parse_json(text).places.find(("a",)).key == text.index('"a": {"c"')


def test_nothing_but_the_way_is_looked_into():
    text = '{"deep": ' + '{"a": ' * 90 + "[" + "1, " * 200_000 + "2]" + "}" * 90 + ', "last": 3}'
    places = JsonPlaces(text)
    path = ("deep", *["a"] * 90, 200_000)
    assert text[places.find(path).start] == "2"  # each of the 90 levels is one dict of one key, not 600 kB of text
    assert text[places.find(("last",)).start] == "3"


def test_threads_look_up_places_of_one_text():
    text = json.dumps({f"key{number}": [number] for number in range(300)})
    paths = [(f"key{number}", 0) for number in range(300)]
    expected, switching = [JsonPlaces(text).find(path) for path in paths], sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(5):
            places = JsonPlaces(text)
            with ThreadPoolExecutor(8) as threads:
                assert list(threads.map(places.find, paths)) == expected
    finally:
        sys.setswitchinterval(switching)
