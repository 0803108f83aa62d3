"""A text that is open in an editor: read, judged as `slm-net validate` does, and what is known of it kept."""

from __future__ import annotations

import os
from functools import cached_property
from typing import NamedTuple

from slm_net.document.recognition import looks_like_spec
from slm_net.document.specs import Document, document_of, lacks_its_base, read_document
from slm_net.editing.edits import changes_for
from slm_net.editing.fix import fix, written_for
from slm_net.problems import Problem, UsageError
from slm_net.project.judged import ends_in, problems_in, reported, rules_of
from slm_net.project.settings import Options, Projects, agreed
from slm_net.server.positions import Positions
from slm_net.text.mending import Change
from slm_net.text.source import Source, read_source
from slm_net.validation import Known

BOM = "\ufeff"


class Found(NamedTuple):
    """A problem and the offsets that it reaches from and to.

    One of a file that the text names is at that name, and `elsewhere` is what the file is called from here.
    """

    problem: Problem
    start: int
    end: int
    elsewhere: str = ""

    @property
    def message(self) -> str:
        """What is wrong, and where, if that is in another file."""
        at = f"{self.elsewhere}:{self.problem.line}:{self.problem.column}: " if self.elsewhere else ""
        return at + self.problem.message


class Opened:
    """One version of a text; the next one takes over what is known of the specs that stay the same.

    `file` is its path, or a name that says what it is. The text has no byte order mark, which editors do not count.
    """

    def __init__(self, file: str, text: str, options: Options, known: Known | None = None, encoding: str = "utf-16"):
        self.file, self.text, self.options = file, text.removeprefix(BOM), options
        self.known, self._encoding = known or Known(), encoding

    def changed(self, text: str) -> Opened:
        """The next version."""
        return Opened(self.file, text, self.options, self.known, self._encoding)

    @cached_property
    def source(self) -> Source:
        """The text as data."""
        return read_source(self.text, self.file)

    @cached_property
    def document(self) -> Document:
        """The specs in it."""
        return document_of(self.source)

    @cached_property
    def positions(self) -> Positions:
        """Its lines and characters."""
        return Positions(self.text, self._encoding)

    @property
    def is_spec(self) -> bool:
        """False for JSON of other things, of which nothing is said; what extends a spec is one."""
        return lacks_its_base(self.document) or looks_like_spec(self.document.source, self.text)

    @cached_property
    def _all(self) -> list[Problem]:
        return problems_in(self.document, self.options, self.known) if self.is_spec else []

    @cached_property
    def problems(self) -> list[Found]:
        """What `slm-net validate` reports of it, each with the offsets that it reaches from and to."""
        problems = reported(self._all, self.options)
        ends = dict(ends_in(self.source, problems))
        return [self._placed(problem, ends) for problem in problems]

    def _placed(self, problem: Problem, ends: dict[int, int]) -> Found:
        line, column = problem.line, problem.column
        if other := problem.file != self.source.file:  # nothing is wrong in this text but that it names that file
            line, column = self.source.value_position(self.document.names_file_of(problem.path))
        at = self.positions.at(line, column)
        elsewhere = os.path.relpath(problem.file, os.path.dirname(self.file) or ".") if other else ""
        return Found(problem, *self.positions.culprit(line, column, ends.get(at, at) - at), elsewhere)

    def changes(self, problem: Problem) -> tuple[Change, ...]:
        """The changes of the text that cure a problem, none if there is no cure."""
        return tuple(written_for(problem)) or changes_for(self.source, [problem]).get(problem, ())

    @cached_property
    def fixed(self) -> str:
        """The text with all safe fixes, as `slm-net validate --fix` writes them."""

        def find(text: str, bom: bool) -> tuple[Document, list[Problem]]:
            again = read_document(text, self.file)
            return again, problems_in(again, self.options, self.known)

        rules = rules_of(self.options.select, self.options.ignore)
        return fix(self.document, self._all, find, rules).document.source.text if self._all else self.text


def options_for(file: str) -> tuple[Options, str]:
    """How the project of a file checks it, and what is wrong with its settings, "" if nothing is."""
    try:
        return agreed(Projects().settings(os.path.dirname(os.path.abspath(file)))), ""
    except UsageError as error:
        return Options(), str(error)
