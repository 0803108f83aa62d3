import pytest

from slm_net.registry import Registry, RegistryError


@pytest.fixture
def cells():
    registry = Registry("cell type")
    registry.register("GRU")(1)
    registry.register("LSTM")(2)
    return registry


def test_it_is_read_like_a_mapping(cells):
    assert (cells["GRU"], len(cells), list(cells), cells.names()) == (1, 2, ["GRU", "LSTM"], ["GRU", "LSTM"])
    assert "GRU" in cells and "RNN" not in cells and 3 not in cells


def test_the_decorator_gives_back_what_it_files(cells):
    @cells.register("RNN")
    class Cell: ...

    assert cells["RNN"] is Cell and isinstance(Cell, type)


def test_a_name_is_taken_once(cells):
    with pytest.raises(RegistryError, match="cell type 'GRU' is registered already, as 1"):
        cells.register("GRU")(3)
    assert cells["GRU"] == 1


@pytest.mark.parametrize(
    ("name", "hint"),
    [("gru", "did you mean 'GRU'\\?"), ("LTSM", "did you mean 'LSTM'\\?"), ("xyz", "expected GRU, LSTM")],
)
def test_a_miss_names_the_nearest_or_all(cells, name, hint):
    with pytest.raises(RegistryError, match=f"no cell type '{name}': {hint}"):
        cells[name]


def test_a_miss_is_a_lookup_error_and_safe_to_print(cells):
    with pytest.raises(LookupError) as error:
        cells["re\x1b[31m" + "x" * 20_000]
    assert "\x1b" not in str(error.value) and len(str(error.value)) < 200


def test_names_can_be_freed(cells):
    cells.unregister("GRU")
    cells.register("GRU")(4)
    assert cells["GRU"] == 4
    with pytest.raises(RegistryError):
        cells.unregister("RNN")
