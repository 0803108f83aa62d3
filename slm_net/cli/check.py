"""One file checked as the options say: read, validated, suppressed, fixed. Runs in this process or a worker."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from slm_net.cli.inputs import Input, read_input
from slm_net.cli.report import FileReport
from slm_net.cli.selection import MARK
from slm_net.document.specs import Document, read_document
from slm_net.problems import ERROR, Problem
from slm_net.rules.pages import rules
from slm_net.text.comments import UNUSED_IGNORE
from slm_net.text.files import FILE_NOT_READABLE, NOT_UTF8_TEXT, head_of
from slm_net.text.limits import FILE_TOO_LARGE, MAX_PARAMETERS
from slm_net.text.source import Source, is_yaml

#: Problems of files that are not looked at, at least not as a whole.
UNTOLD = {FILE_TOO_LARGE.id, NOT_UTF8_TEXT.id}


class Options(NamedTuple):
    """How to check; `rules` are the ids that count, `fix` is "", "write" or "diff"."""

    rules: frozenset[str]
    name: str | None = None
    in_dim: Any = None
    out_dim: Any = None
    strict: bool = False
    strict_json: bool = False
    max_params: int = MAX_PARAMETERS
    stdin_name: str = "<stdin>"
    fix: str = ""


def check(file: Input, options: Options) -> FileReport:
    """What is wrong with one file, after it was fixed if that is asked for."""
    if file.fault:
        return FileReport(file.path, (_unreadable(file.path, file.fault),))
    document = read_input(file.path, options.stdin_name)
    source = document.source
    if file.searched and not _looks_like_spec(_text_of(file, source)):
        return FileReport(file.path, skipped=True)
    # fixes must not make anything worse, wanted or not
    problems = problems_in(document, options._replace(rules=frozenset(rules())) if options.fix else options)
    if options.fix and source.text and not any(p.rule in UNTOLD and p.severity == ERROR for p in problems):
        return _fixed(file.path, document, problems, options)
    wanted = tuple(problem for problem in problems if problem.rule in options.rules)
    return FileReport(source.file, wanted, source.text if wanted else "")


def _text_of(file: Input, source: Source) -> str:
    """The text of a file that was come across, or what can be seen of one that is too large or in another encoding."""
    if source.text or not {problem.rule for problem in source.problems} & UNTOLD:
        return source.text
    return head_of(file.path)


def _looks_like_spec(text: str) -> bool:
    from slm_net.document.specs import looks_like_spec

    return looks_like_spec(text)


def problems_in(document: Document, options: Options) -> list[Problem]:
    """The problems of a document that count, sorted."""
    from slm_net.validation import Given, examine

    source = document.source
    given = Given(options.in_dim, options.out_dim, max_params=options.max_params)
    problems = examine(document, given, options.name, options.strict).problems
    if options.strict_json:
        problems = sorted((*problems, *_beyond_json(source)))
    if MARK in source.text and source.readable:
        from slm_net.cli.ignores import without_ignored

        yaml = is_yaml(source.file, source.text)
        unused = options.name is None  # a comment may be about another spec of the file
        found = without_ignored(problems, source.text, yaml, source.file, options.strict)
        problems = [problem for problem in found if unused or problem.rule != UNUSED_IGNORE.id]
    return [problem for problem in problems if problem.rule in options.rules]


def _beyond_json(source: Source) -> Iterator[Problem]:
    """What is not JSON in a file that says to be JSON: not in one called .jsonc, nor in YAML."""
    from slm_net.text.comments import strict_problems

    jsonc = source.file.lower().endswith(".jsonc")
    if source.readable and not jsonc and not is_yaml(source.file, source.text):
        for problem in strict_problems(source.text, source.bom):
            yield replace(problem, file=source.file)


def _fixed(path: str, document: Document, problems: list[Problem], options: Options) -> FileReport:
    from slm_net.cli.fix import fix
    from slm_net.cli.rewrite import rewrite, unified_diff

    def find(text: str, bom: bool) -> tuple[Document, list[Problem]]:
        again = read_document("\ufeff" * bom + text, document.source.file)
        return again, problems_in(again, options._replace(rules=frozenset(rules())))

    fixed = fix(document, problems, find, options.rules)
    before, after = document.source, fixed.document.source
    left = tuple(problem for problem in fixed.problems if problem.rule in options.rules)
    report = FileReport(before.file, left, after.text, fixed=fixed.count)
    if not fixed.count:
        return report
    if options.fix == "diff":
        return report._replace(diff=unified_diff(before, after))
    if fault := rewrite(path, before, after):
        unfixed = (problem for problem in problems if problem.rule in options.rules)
        return FileReport(path, (_unreadable(path, fault), *unfixed), before.text)
    return report


def _unreadable(path: str, fault: str) -> Problem:
    return Problem(file=path, rule=FILE_NOT_READABLE.id, message=fault)
