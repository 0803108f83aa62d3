"""The ids of all rules by their names, as the tests write them."""

from slm_net.rules.pages import rules

RULE_IDS = {rule.name: rule.id for rule in rules().values()}
