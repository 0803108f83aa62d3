"""The page: nothing of a spec is markup in it, it needs nothing from elsewhere, and each known key has help."""

import json
from html.parser import HTMLParser

import pytest
from agents_shown import HOSTILE, hostile_arc, hostile_facts, shown
from test_specs import FILES

from slm_net.document.specs import read_document
from slm_net.drawing.page import as_page, as_part

VOID = {"meta", "link"}


class Reader(HTMLParser):
    """Tags in order, which must close each other, and the text outside of scripts and styles."""

    def __init__(self, page):
        super().__init__()
        self.open, self.tags, self.text, self.ids, self.described = [], [], [], [], []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.ids += [value for key, value in attrs if key == "id"]
        self.described += [value for key, value in attrs if key == "aria-describedby"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("script", "style"):
            self.text.append(data)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_it_is_a_page_that_shows_the_spec_as_it_stands(path):
    document = read_document(path)
    read = Reader(as_page(shown(path), document))
    assert document.source.text.strip() in "".join(read.text)
    assert len(read.ids) == len(set(read.ids))
    assert {*read.described} <= {*read.ids}
    assert len(read.described) > 5
    links = [value for _, attrs in read.tags for key, value in attrs.items() if key in ("src", "href")]
    assert links == ["data:,"]


def test_hostile_texts_are_text():
    text = (
        json.dumps(hostile_arc(), ensure_ascii=False, indent=1) + "\n// \x1b[2J </code></pre><script>alert(1)</script>"
    )
    for page in (as_page(hostile_facts(), read_document(text)), as_part(hostile_facts())):
        read = Reader(page)
        assert [tag for tag, _ in read.tags].count("script") == page.startswith("<!doctype")
        assert not {"img", "b", "l", "a"} & {tag for tag, _ in read.tags}
        assert not [key for _, attrs in read.tags for key in attrs if key.startswith("on")]
        assert {*HOSTILE} <= {*read.text}
        assert "\x1b" not in page


def test_the_only_script_is_the_one_that_the_policy_names():
    page = as_page(hostile_facts(), read_document('{"type": "MLPNet"}'))
    assert "default-src 'none'" in page
    assert page.count("<script>") == 1
