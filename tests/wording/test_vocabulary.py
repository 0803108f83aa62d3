"""The page about other libraries is made from the tables, and nothing on it is without an answer."""

from pathlib import Path

import pytest

from slm_net.wording.vocabulary import LIBRARIES, meaning_of, page

PAGE = Path(__file__).parents[2] / "docs" / "from_other_libraries.md"


def test_the_page_is_that_of_the_tables():
    same = PAGE.read_text(encoding="utf-8") == page()
    assert same, "write it anew: python -m slm_net.wording.vocabulary > docs/from_other_libraries.md"


@pytest.mark.parametrize("library", LIBRARIES)
def test_every_word_has_a_meaning(library):
    words = (*LIBRARIES[library].words.split(), *LIBRARIES[library].by_value)
    assert len(set(map(str, words))) == len(words)
    assert [word for word in words if not meaning_of(word)] == []
