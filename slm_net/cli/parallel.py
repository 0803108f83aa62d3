"""Many files at once: in worker processes when there are enough of them to pay for the start of these."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from functools import partial

from slm_net.cli.check import Options, check
from slm_net.cli.inputs import STDIN, Input
from slm_net.cli.report import FileReport

#: A forked process starts in milliseconds, with all that has been imported; others import it again, 0.1 to 0.5 s long.
START = "fork" if sys.platform == "linux" else None
#: Files per process at least, so that what they take is more than that.
PER_PROCESS = 150 if START else 400
CHUNK = 20
MOST = 16


def processes_for(files: int) -> int:
    """How many processes to use."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, MOST, files // PER_PROCESS))


def checked(files: Sequence[Input], options: Options, processes: int) -> Iterator[FileReport]:
    """The reports of the files, in their order; the first and standard input are read here."""
    import multiprocessing

    # what the first file makes this process import and read, forked workers have from the start
    here = {file: check(file, options) for file in files if file == files[0] or file.path == STDIN}
    others = [file for file in files if file not in here]
    try:
        pool = multiprocessing.get_context(START).Pool(processes, _quiet)
    except (ImportError, OSError):  # a place without semaphores, or without another process
        yield from (here[file] if file in here else check(file, options) for file in files)
        return
    with pool:
        found = pool.imap(partial(check, options=options), others, CHUNK)
        for file in files:
            yield here[file] if file in here else next(found)


def _quiet() -> None:
    """Ctrl-C ends the workers through the process that started them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
