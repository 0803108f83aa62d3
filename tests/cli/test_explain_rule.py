"""`slm-net explain-rule`: the list, and the pages of rules."""

import pytest

from slm_net.cli.main import main
from slm_net.rules.pages import rules, title

RULES = rules()


@pytest.mark.parametrize("written", ["SN101", "sn101", "unknown-key"])
def test_one_page(capsys, written):
    assert main(["explain-rule", written]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("# SN101 unknown-key\n")
    assert "Wrong:" in printed


def test_the_list_and_several_pages(capsys):
    assert main(["explain-rule"]) == 0
    assert capsys.readouterr().out.splitlines() == [*map(title, RULES.values())]
    assert main(["explain-rule", "SN3", "SN401"]) == 0
    headings = [line for line in capsys.readouterr().out.splitlines() if line.startswith("# ")]
    assert [line[2:7] for line in headings] == [rule for rule in RULES if rule[:3] == "SN3" or rule == "SN401"]


@pytest.mark.parametrize(
    ("written", "hint"), [("unknown-kye", "did you mean 'unknown-key'?"), ("SN11l", "did you mean")]
)
def test_a_rule_that_does_not_exist(capsys, written, hint):
    assert main(["explain-rule", written]) == 2
    assert hint in capsys.readouterr().err
