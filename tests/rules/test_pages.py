"""Every rule has a page, its examples are true, and the documentation has what the command prints."""

import argparse
from pathlib import Path

import pytest
from rule_ids import RULE_IDS

from slm_net.cli import validate
from slm_net.cli.check import check
from slm_net.project.files import Input
from slm_net.project.settings import Settings
from slm_net.rules.pages import all_pages, examples, page, rules, summary

ROOT = Path(__file__).parents[2]
#: Rules about files, packages and the command line; their pages say why there is no example.
WITHOUT_EXAMPLE = {
    RULE_IDS[name]
    for name in (
        *("file-not-readable", "not-utf8-text", "no-value", "nested-too-deep", "file-too-large", "missing-package"),
        *("bad-override", "dims-unknown", "arc-file-not-readable", "saved-otherwise", "not-in-the-library"),
    )
}
RULES = rules()
EXAMPLES = [(rule.id, example) for rule in RULES.values() for example in examples(rule)]


def rules_of(example, folder):
    """The rules that an example breaks, checked with its options."""
    path = folder / f"example.{example.format}"
    path.write_text(example.text, encoding="utf-8")
    parser = argparse.ArgumentParser()
    validate.configure(parser)
    options = validate.options_of(parser.parse_args([*example.options, str(path)]), Settings())
    return {problem.rule for problem in check(Input(str(path)), options).problems}


@pytest.mark.parametrize("rule", RULES)
def test_a_page_says_what_and_why_and_shows_both_or_says_why_not(rule):
    text = page(RULES[rule])
    assert text.startswith(RULES[rule].what) and "\n\nWhy: " in text
    assert summary(RULES[rule]) and "\n" not in summary(RULES[rule])
    assert [example.right for example in examples(RULES[rule])] == ([] if rule in WITHOUT_EXAMPLE else [False, True])
    assert ("No example: " in text) == (rule in WITHOUT_EXAMPLE)


@pytest.mark.parametrize(("rule", "example"), EXAMPLES, ids=[f"{rule}-{e.right}" for rule, e in EXAMPLES])
def test_the_wrong_example_breaks_the_rule_and_the_right_one_none(rule, example, tmp_path):
    assert rules_of(example, tmp_path) == (set() if example.right else {rule}), (
        "the wrong example breaks this rule alone, the right one none: is the check in CHECKS of rules/__init__.py?"
    )


def test_the_documentation_is_up_to_date():
    same = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8") == all_pages()
    assert same, "write it anew: slm-net explain-rule --all > docs/rules.md"
