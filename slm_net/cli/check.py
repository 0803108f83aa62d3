"""One file judged: read, examined, and fixed if that is asked for; all that a cache spares, in several processes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from slm_net.cli.cache import content_of, key_of
from slm_net.cli.parser import UsageError
from slm_net.document.recognition import looks_like_spec
from slm_net.document.specs import Document, document_of, lacks_its_base, read_document
from slm_net.editing.add_ignore import add_ignores
from slm_net.editing.fix import fix, is_safe
from slm_net.editing.patch import unified_diff
from slm_net.editing.writing import rewrite
from slm_net.problems import Problem, has_errors
from slm_net.project.files import STDIN, Input
from slm_net.project.judged import ends_in, problems_in, reported, rules_of
from slm_net.project.settings import Options
from slm_net.reporting.report import FileReport
from slm_net.schema.catalogue import EXTENDS
from slm_net.text.files import FILE_NOT_READABLE, NOT_UTF8_TEXT, head_of
from slm_net.text.limits import FILE_TOO_LARGE, MAX_BYTES
from slm_net.text.source import Source, read_source

#: A file, and how to check it.
Task = tuple[Input, Options]
#: Problems of files that are not looked at, at least not as a whole.
UNTOLD = {FILE_TOO_LARGE.id, NOT_UTF8_TEXT.id}
#: A forked process starts in milliseconds, with all that has been imported; others import it again, 0.1 to 0.5 s long.
START = "fork" if sys.platform == "linux" else None
#: Files per process at least, so that what they take is more than that; how many it gets at once; most processes.
PER_PROCESS = 150 if START else 400
CHUNK = 20
MOST = 16


def checked(tasks: Sequence[Task], processes: int = 0) -> Iterator[FileReport]:
    """The reports of the files, in their order; the first and standard input are always read in this process."""
    processes = processes or processes_for(len(tasks))
    if processes == 1:
        yield from map(_check, tasks)
        return
    import multiprocessing

    first, others = _check(tasks[0]), tasks[1:]  # what it makes this process import, forked workers have from the start
    try:
        pool = multiprocessing.get_context(START).Pool(processes, _quiet)
    except (ImportError, OSError):  # a place without semaphores, or without another process
        yield from (first, *map(_check, others))
        return
    with pool:
        found = pool.imap(_check, [task for task in others if task[0].path != STDIN], CHUNK)
        yield first
        yield from (_check(task) if task[0].path == STDIN else next(found) for task in others)


def processes_for(files: int) -> int:
    """How many processes to use: more than one when there are files enough to pay for their start."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, MOST, files // PER_PROCESS))


def _quiet() -> None:
    """Ctrl-C ends the workers through the process that started them."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _check(task: Task) -> FileReport:
    return check(*task)


def check(file: Input, options: Options) -> FileReport:
    """What is wrong with one file, after it was fixed if that is asked for."""
    if file.fault:
        return FileReport(file.path, (_unreadable(file.path, file.fault),))
    document, key = _read(file, options)
    source = document.source
    if file.searched and not lacks_its_base(document) and _has_no_spec(source):
        return FileReport(file.path, skipped=True, key=key)
    problems = problems_in(document, options)
    report = _report_of(source, problems, options)._replace(key=key)
    untold = has_errors(problem for problem in problems if problem.rule in UNTOLD)
    return _fixed(document, problems, report, options) if options.fix and source.text and not untold else report


def _read(file: Input, options: Options) -> tuple[Document, str]:
    """The document of a file, and what its report can be found by when the file is the same again."""
    content = None if file.path == STDIN else content_of(file.path)
    if content is None:
        return read_input(file.path, options.stdin_name), ""
    key = key_of(content, file, options)
    document = document_of(read_source(content, file.path)) if file.path else read_input(file.path)
    alone = not (document.included or document.problems or EXTENDS in document.source.text)
    return document, key if alone else ""  # what is in another file may change


def read_input(path: str, stdin_name: str = "<stdin>") -> Document:
    """The document of a file, or of standard input if the path is "-"; what is wrong with it is in its problems."""
    if path != STDIN:
        # as a path for sure: a name may have a line break in it, or begin like JSON
        return read_document(Path(path), path) if path else read_document(path)
    if sys.stdin is None:
        raise UsageError("standard input is closed")
    data = sys.stdin.buffer.read(MAX_BYTES + 1) or b""  # None: nothing there yet, and not willing to wait
    return document_of(read_source(data, stdin_name))


def _report_of(source: Source, problems: Sequence[Problem], options: Options) -> FileReport:
    return report_of(source, reported(problems, options))


def report_of(source: Source, problems: Sequence[Problem]) -> FileReport:
    """The report of problems in a text, with where their values end in YAML."""
    return FileReport(source.file, tuple(problems), source.text if problems else "", ends=ends_in(source, problems))


def _has_no_spec(source: Source) -> bool:
    """Whether a file that was come across is none of ours; one that cannot be read may be."""
    rules = {problem.rule for problem in source.problems}
    text = head_of(source.file) if not source.text and rules & UNTOLD else source.text
    return FILE_NOT_READABLE.id not in rules and not looks_like_spec(source, text)


def _fixed(document: Document, problems: list[Problem], unfixed: FileReport, options: Options) -> FileReport:
    def find(text: str, bom: bool) -> tuple[Document, list[Problem]]:
        again = read_document("\ufeff" * bom + text, document.source.file)
        return again, problems_in(again, options)

    rules, unsafe = rules_of(options.select, options.ignore), 0
    if options.add_ignore is not None:
        fixed = add_ignores(document, problems, find, rules, options.add_ignore)
    else:
        fixed = fix(document, problems, find, rules, unsafe=options.unsafe_fixes)
        if not options.unsafe_fixes and not all(map(is_safe, fixed.problems)):
            unsafe = fix(fixed.document, fixed.problems, find, rules, unsafe=True).fixes
    if not fixed.fixes:
        return unfixed._replace(unsafe=unsafe)
    before, after = document.source, fixed.document.source
    report = _report_of(after, fixed.problems, options)._replace(fixed=fixed.fixes, unsafe=unsafe)
    if options.fix == "diff":
        return report._replace(diff=unified_diff(before, after))
    if fault := rewrite(before, after):
        return unfixed._replace(problems=(_unreadable(before.file, fault), *unfixed.problems))
    return report


def _unreadable(path: str, fault: str) -> Problem:
    return Problem(file=path, rule=FILE_NOT_READABLE.id, message=fault)
