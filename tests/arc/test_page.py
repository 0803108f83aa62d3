"""docs/layers.md, made from the entries and the rules."""

from pathlib import Path

from slm_net.arc.layers import LAYERS
from slm_net.arc.page import page

PAGE = Path(__file__).parents[2] / "docs" / "layers.md"


def test_the_page_is_up_to_date():
    same = PAGE.read_text(encoding="utf-8") == page()
    assert same, "write it anew: python -m slm_net.arc.page > docs/layers.md"


def test_every_layer_and_every_row_is_there():
    rows = [line for line in page().splitlines() if line.startswith(("| `", "| **`"))]
    assert all(any(line.startswith(f"| `{name}` |") for line in rows) for name in LAYERS)
    assert all(line.replace("\\|", "").count("|") in (3, 4, 5) for line in rows)
