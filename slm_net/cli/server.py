"""`slm-net server`: a language server for editors, over standard input and output."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from types import ModuleType

from slm_net.cli.parser import OK
from slm_net.extras import require

EPILOG = """\
examples:
  slm-net server          what an editor starts; docs/editors.md has the set-up

It tells what slm-net validate finds while a spec is typed, offers its fixes,
explains the key or value under the mouse, and completes both. It reads the
[tool.slm-net] of the pyproject.toml that is nearest to a file. It needs the
package pygls: pip install "slm_net[server]".

exit codes: 0 fine, 2 pygls is missing
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.epilog = EPILOG
    parser.add_argument("--stdio", action="store_true", help="as always; some editors add it")


def run(arguments: argparse.Namespace, part: Callable[[str], ModuleType]) -> int:
    """Serve until the editor ends it; `part` imports the server."""
    require("server", "the server")
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as out, redirect_stdout(sys.stderr):  # what plugins print
        part("server.language_server").server.start_io(stdout=out)
    return OK
