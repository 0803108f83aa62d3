import os

import pytest

from slm_net.cli.output import write_output
from slm_net.problems import UsageError


@pytest.mark.skipif(os.name == "nt", reason="links need a right of their own there")
def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "there.json").write_text("old")
    (tmp_path / "link.json").symlink_to(tmp_path / "there.json")
    write_output(str(tmp_path / "link.json"), "new")
    assert (tmp_path / "link.json").is_symlink() and (tmp_path / "there.json").read_text() == "new"


def test_what_cannot_be_written_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"the list .*a\.json cannot be written: there is no such folder"):
        write_output(str(tmp_path / "gone" / "a.json"), "", "the list ")
