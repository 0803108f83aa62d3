"""The table of quirks, and the page that lists them."""

import importlib
from pathlib import Path
from types import ModuleType

import pytest

from slm_net.slm_lab import QUIRKS

PAGE = Path(__file__).parents[2] / "docs" / "differences.md"


def test_every_quirk_is_described():
    for name, quirk in QUIRKS.items():
        assert quirk.name == name and set(quirk.versions) <= {4, 5} and quirk.what.endswith(".")


def test_every_quirk_is_on_the_page():
    text = PAGE.read_text(encoding="utf-8")
    assert [name for name in QUIRKS if f"`{name}`" not in text] == []


@pytest.mark.parametrize("where", sorted({quirk.where for quirk in QUIRKS.values()}))
def test_every_quirk_names_code_that_is_there(where):
    parts = where.split(".")
    depth = next(index for index, part in enumerate(parts) if part[0].isupper() or index == len(parts) - 1)
    found = importlib.import_module(".".join(["slm_net.slm_lab", *parts[:depth]]))
    for part in parts[depth:]:
        found = getattr(found, part)
    assert not isinstance(found, ModuleType)
