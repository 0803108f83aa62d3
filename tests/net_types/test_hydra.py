import pytest

from slm_net.document.nets import defaults
from slm_net.net_types import NET_TYPES
from slm_net.net_types.hydra import hydra_widths


@pytest.mark.parametrize(
    ("hid_layers", "heads", "body", "tails"),
    [
        ([[[7], [6]], [8], []], [[7], [6]], [8], []),
        ([[[7, 5]], [8], []], [[7, 5], [7, 5]], [8], []),
        ([[[], []], [], []], [[], []], [], []),
        ([[[7]], [8], [[5]]], [[7], [7]], [8], [[5], [5]]),
        ([[[7]], [8], [[8, 5]]], [[7], [7]], [8], [[5], [5]]),
        # each entry is a layer
        ([[[7]], [8], [[5], [4]]], [[7], [7]], [8], [[5], [4]]),
        ([[[7]], [8], [[8], [8]]], [[7], [7]], [8], [[8], [8]]),
        ([[[7]], [8], [[8, 5], [4]]], [[7], [7]], [8], [[8, 5], [4]]),
        ([[[7]], [8], [[8, 5], []]], [[7], [7]], [8], [[8, 5], []]),
        ([[[7]], [], [[14, 5], [14, 4]]], [[7], [7]], [], [[14, 5], [14, 4]]),
        # SLM Lab's notation: every tail begins with the body's width and goes on
        ([[[7]], [9, 8], [[8, 5], [8, 4, 3]]], [[7], [7]], [9, 8], [[5], [4, 3]]),
        ([[[7]], [8], [[8, 8, 5], [8, 8]]], [[7], [7]], [8], [[8, 5], [8]]),
    ],
)
def test_widths(hid_layers, heads, body, tails):
    before = repr(hid_layers)
    assert hydra_widths(hid_layers, inputs=2, outputs=2) == (heads, body, tails)
    assert repr(hid_layers) == before


@pytest.mark.parametrize(
    ("hid_layers", "message"),
    [
        ([[], [8], []], "0 heads for 2 inputs"),
        ([[[7]] * 3, [8], []], "3 heads for 2 inputs"),
        ([[[7]], [8], [[5]] * 3], "3 tails for 2 outputs"),
    ],
)
def test_numbers_that_do_not_fit(hid_layers, message):
    with pytest.raises(ValueError, match=message):
        hydra_widths(hid_layers, inputs=2, outputs=2)


def test_hydra_counts_by_part():
    spec = defaults("HydraMLPNet") | {"hid_layers": [[[16]], [20], [[20, 8], [20, 6]]]}
    assert NET_TYPES["HydraMLPNet"].parameters(spec, [4, 6], [2, 3]) == {
        ("hid_layers", 0, 0): 4 * 16 + 16 + 6 * 16 + 16,
        ("hid_layers", 1): 32 * 20 + 20,
        ("hid_layers", 2): 20 * 8 + 8 + 20 * 6 + 6,
        ("out_dim",): 8 * 2 + 2 + 6 * 3 + 3,
    }
