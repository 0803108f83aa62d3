"""Files that are fixed are those that were checked."""

import os

from slm_net.editing.writing import rewrite
from slm_net.text.source import read_source


def test_a_file_that_changed_while_it_was_checked_stays_as_it_is(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{"a": 1}')
    before, after = read_source(path), read_source('{"a": 2}', str(path))
    path.write_text('{"a": 3}')
    assert "changed while it was checked" in rewrite(before, after)
    assert path.read_text() == '{"a": 3}'
    path.write_text('{"a": 1}')
    assert rewrite(before, after) == ""
    assert path.read_text() == '{"a": 2}'
    path.unlink()
    assert rewrite(before, after) == "there is no such file"
    assert os.listdir(tmp_path) == []
