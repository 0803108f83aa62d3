"""Which rules count."""

import pytest

from slm_net.problems import UsageError
from slm_net.project.selection import ALWAYS, rules_called, selected
from slm_net.rules.pages import rules


@pytest.mark.parametrize(
    ("select", "ignore", "rules"),
    [
        ([], [], set(rules())),
        (["SN101"], [], {"SN101"} | ALWAYS),
        (
            ["unknown-key", "sn3"],
            ["SN302"],
            {"SN101", "SN301", "SN303", *(f"SN30{n}" for n in (4, 5, 6)), *(f"SN33{n}" for n in range(5))} | ALWAYS,
        ),
        ([], ["SN1", "SN003"], {rule for rule in rules() if rule[:3] != "SN1"} | ALWAYS),
    ],
)
def test_selected_rules(select, ignore, rules):
    assert selected(select, ignore) == rules


@pytest.mark.parametrize(("written", "hint"), [("unknow-key", "did you mean 'unknown-key'"), ("SN999", "did you mean")])
def test_a_rule_that_does_not_exist_is_wrong_usage(written, hint):
    with pytest.raises(UsageError, match=hint):
        selected([written], [])
    assert not rules_called("S") and not rules_called("")
