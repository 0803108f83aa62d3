"""docs/reference/, made from the entries."""

import json
import re
from pathlib import Path

import pytest

from slm_net.reference.owners import BLOCKS, NAMED, keys_of, owners
from slm_net.reference.spec_pages import PAGES, anchor, pages
from slm_net.schema.catalogue import net_types

FOLDER = Path(__file__).parents[2] / "docs" / "reference"
MADE = pages()


def test_the_pages_are_up_to_date():
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(MADE)
    for name, text in MADE.items():
        same = (FOLDER / name).read_text(encoding="utf-8") == text
        assert same, f"write {name} anew: python -m slm_net.reference.spec_pages docs/reference"


def test_every_kind_has_a_page():
    kinds = [kind for _, kinds, _ in PAGES.values() for kind in kinds]
    assert sorted([*kinds, "layer", "function"]) == sorted([*NAMED, *BLOCKS])  # those two are in docs/layers.md


def headings(text):
    return re.findall(r"(?m)^###? (.*)$", text)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_every_name_and_key_once(page):
    there = [anchor(heading) for heading in headings(MADE[f"{page}.md"])]
    assert sorted(set(there)) == sorted(there)
    for kind in PAGES[page][1]:
        for owner in owners(kind):
            assert not owner or anchor(owner) in there
            named = {heading.partition("-of-")[0] for heading in there}
            assert {key for key in keys_of(kind, owner) if key.lower() not in named} == set()


def test_what_a_key_is_stands_below_it():
    text = MADE["nets.md"]
    amp = text[text.index("### amp\n") :].split("### ")[1]
    assert "- **default**: `null`" in amp
    assert '```json\n{"amp": "bf16"}\n```' in amp
    assert "slm_net alone" in amp
    init_std = text[text.index("### critic_init_std\n") :].split("### ")[1]
    assert "- **SLM Lab**: 5" in init_std
    conv = text[text.index("### ConvNet\n") :].split("### ")[1]
    assert re.search(r"\[`batch_norm`\]\(#batch_norm[\w-]*\) = `true`", conv)
    dueling = text[text.index("### DuelingConvNet\n") :].split("### ")[1]
    assert re.search(r"\[`batch_norm`\]\(#batch_norm[\w-]*\) = `false`", dueling)
    for name in net_types():
        assert f"### {name}\n" in text


def test_the_index_leads_to_every_key():
    links = re.findall(r"\]\((\w+\.md)#([^)]*)\)", MADE["README.md"])
    assert len(links) == len(set(links)) > 200
    for page, to in links:
        assert to in [anchor(heading) for heading in headings(MADE[page])]


def test_every_example_is_json():
    for text in MADE.values():
        for example in re.findall(r"```json\n(.*?)```", text, re.DOTALL):
            assert json.loads(example)
