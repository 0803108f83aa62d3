"""`slm-net diff`: what differs between two specs, in terms of the nets that they build."""

from __future__ import annotations

import argparse
import os
import sys
import textwrap
from dataclasses import replace

from slm_net.cli.check import read_input, report_of
from slm_net.cli.parser import OK, SPEC_ERROR, USAGE, UsageError, add_choices, one_of
from slm_net.diff.report import FORMATS
from slm_net.diff.revisions import NoRevision, file_at
from slm_net.diff.specs import Given, compared_documents
from slm_net.document.specs import Document, document_of
from slm_net.problems import COMMAND, SpecError
from slm_net.reporting.report import write_problems
from slm_net.reporting.terminal import is_terminal, say, width
from slm_net.text.source import read_source
from slm_net.words import visible

EPILOG = """\
examples:
  slm-net diff old.json new.json
  slm-net diff --git HEAD~1 specs/ppo.json
  slm-net diff --git origin/main specs/ppo.json --format markdown
  slm-net diff a.json b.yaml --name ppo_pong
  slm-net diff net.json wider.json --in-dim 4 --out-dim 2

Compared are the nets as they are built: a default that is written out is no
difference, nor is the layout of SLM Lab 4 or 5 as such. A saved folder is a
spec too. Files with several specs are compared name by name, one spec with one
spec whatever their names. Where the environment is not known, sizes are not
compared, unless they are given.

exit codes: 0 the same, 1 they differ, 2 wrong usage, an unreadable file, no
  such revision, or errors in a spec (which slm-net validate lists too)
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.epilog = EPILOG
    add = parser.add_argument
    add("files", nargs="+", metavar="FILE", help='two spec files, or one with --git; "-" for standard input')
    add("--git", metavar="REV", help="compare the file with itself at a revision of git, which comes first")
    add("--name", metavar="SPEC", help="only this spec of files with several")
    formats = tuple(FORMATS)
    add("--format", type=one_of("format", *formats), default="text", metavar="FORMAT", help=", ".join(formats))
    add_choices(parser, "--env", "--in-dim", "--out-dim", "--set")


def run(arguments: argparse.Namespace) -> int:
    """Compare, print; the exit code."""
    was, now = _documents(arguments.files, arguments.git)
    given = Given(arguments.in_dim, arguments.out_dim, arguments.env, dict(arguments.set))
    try:
        found = compared_documents(was, now, given, arguments.name)
    except SpecError as error:
        _report(error, was, now)
        return USAGE
    written = FORMATS[arguments.format](found)
    say(_wrapped(written) if arguments.format == "text" and is_terminal(sys.stdout) else written, sys.stdout)
    return SPEC_ERROR if found.differs else OK


def _wrapped(lines: str) -> str:
    """Lines that are no wider than the terminal, the rest of one further to the right than its beginning."""
    wide = width(sys.stdout)
    return "\n".join(
        textwrap.fill(line, wide, subsequent_indent=" " * (len(line) - len(line.lstrip()) + 4), break_on_hyphens=False)
        for line in lines.splitlines()
    )


def _documents(files: list[str], revision: str | None) -> tuple[Document, Document]:
    if len(files) != (2 if revision is None else 1):
        wanted = "two files" if revision is None else "one file beside --git"
        raise UsageError(f"diff compares {wanted}, not {len(files)}")
    if revision is None:
        return read_input(files[0]), read_input(files[1])
    path = files[0]
    if os.path.isdir(path):
        raise UsageError(f"--git compares a file, and {visible(path, 300)} is a folder")
    try:
        data = file_at(revision, path)
    except NoRevision as error:
        raise UsageError(str(error)) from None
    before = document_of(read_source(data, path))
    source = before.source
    if before.included or before.replaced:
        told = "the files that it extends, and those of its arcs, are read as they are now"
        say(f"slm-net: note: {visible(path, 300)} at {revision}: {told}", sys.stderr)
    called = f"{path} ({revision})"
    return _called(before, called) if source.readable else before, read_input(path)


def _called(document: Document, name: str) -> Document:
    """The document under another name, which says of what revision it is."""
    return replace(document, source=replace(document.source, file=name))


def _report(error: SpecError, *documents: Document) -> None:
    problems = [problem.said_to(COMMAND) for problem in error.problems]
    for document in documents:
        own = [problem for problem in problems if problem.file == document.source.file]
        write_problems(report_of(document.source, own), sys.stderr)
        problems = [problem for problem in problems if problem not in own]
    for problem in problems:
        say(str(problem), sys.stderr)
