"""A document judged as a project asks for: what no comment hides and no setting leaves out, and where it ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import takewhile

from slm_net.document.specs import Document
from slm_net.problems import COMMAND, Problem
from slm_net.project.ignores import MARK, without_ignored
from slm_net.project.selection import selected
from slm_net.project.settings import Options
from slm_net.text.comments import UNUSED_IGNORE, scalars, strict_problems
from slm_net.text.places import Lines
from slm_net.text.source import Source, is_yaml
from slm_net.validation import Given, Known, examine

#: The ids of the rules that count, of a `select` and an `ignore`.
rules_of = cache(selected)


def problems_in(document: Document, options: Options, known: Known | None = None) -> list[Problem]:
    """All problems of a document that no comment hides, sorted: a fix must make none worse, wanted or not.

    `known` is what has been found out of the same document before.
    """
    source = document.source
    given = Given(options.in_dim, options.out_dim, max_params=options.max_params, lab=options.lab)
    problems = examine(document, given, options.name, options.strict, known).problems
    if options.strict_json:
        problems = sorted((*problems, *_beyond_json(source)))
    if MARK in source.text and source.readable:
        found = without_ignored(problems, source, options.strict)
        # a comment may be about another spec of the file, or about what is not looked at in a text with mistakes
        unused = options.name is None and not source.mended
        problems = [problem for problem in found if unused or problem.rule != UNUSED_IGNORE.id]
    return problems


def reported(problems: Sequence[Problem], options: Options) -> list[Problem]:
    """The problems whose rules count, in the words of the command line."""
    rules = rules_of(options.select, options.ignore)
    return [problem.said_to(COMMAND) for problem in problems if problem.rule in rules]


def ends_in(source: Source, problems: Sequence[Problem]) -> tuple[tuple[int, int], ...]:
    """The offsets where values that problems are at begin and end, where these are no words as JSON has them."""
    if not problems or not is_yaml(source.file, source.text):
        return ()
    lines = Lines(source.text)
    own = [problem for problem in problems if problem.file == source.file]
    begins = {(lines.start(problem.line) or 0) + problem.column - 1 for problem in own} or {-1}
    upto = takewhile(lambda scalar: scalar[0] <= max(begins), scalars(source.text))
    return tuple(scalar for scalar in upto if scalar[0] in begins)


def _beyond_json(source: Source) -> Iterator[Problem]:
    """What is not JSON in a file that says to be JSON: not in one called .jsonc, nor in YAML."""
    jsonc = source.file.lower().endswith(".jsonc")
    if source.readable and not source.mended and not jsonc and not is_yaml(source.file, source.text):
        for problem in strict_problems(source.text, source.bom):
            yield replace(problem, file=source.file)
