"""`slm-net`: the table of commands, and the edge where every error becomes one line and an exit code."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from slm_net.cli.parser import BROKEN_PIPE, INTERNAL, INTERRUPTED, OK, USAGE, Parser, UsageError, spelled_out
from slm_net.cli.versions import versions
from slm_net.extras import MissingExtra
from slm_net.reporting.terminal import say
from slm_net.words import did_you_mean, listing, visible

#: Command → what it does. Each is a module of `slm_net.cli` with `configure(parser)` and `run(arguments)`, - being _;
#: modules are imported when they are needed, so that a command costs what it uses.
COMMANDS = {
    "validate": "find every problem in spec files",
    "build": "build the net of a spec and take one training step",
    "show": "show what a spec builds: layers, parameters, memory, as a table or a picture",
    "explain": "say what a word of a spec is, or where the values of a spec are from",
    "list": "list nets, layers, optimizers, environments and all other names",
    "new": "write a spec that trains, to start from",
    "diff": "say what differs between two specs, in terms of their nets",
    "migrate": "rewrite specs of older SLM Labs for SLM Lab 5",
    "flatten": "write a spec with all that it extends in it, as SLM Lab reads it",
    "search": "try what the search of a spec varies, by Optuna or Ray Tune",
    "export": "write a trained net as ONNX, or for torch.export",
    "server": "serve an editor: problems as you type, fixes, explanations, completion",
    "schema": "print the JSON schema of specs, for editors",
    "explain-rule": "say what a rule is about, with a wrong and a right example",
}
#: Commands with parts that are not always needed; their `run` is given the function that imports a module of the room:
#: what needs torch, and what finds out again what is known.
IN_PARTS = ("build", "explain", "migrate", "search", "server", "show", "validate")
EPILOG = """\
examples:
  slm-net validate specs/              every problem in all files of a directory
  slm-net build specs/cnn_page.json    the net's layers, and one training step
  slm-net show specs/cnn_page.json     the same net as a table, or as a picture
  slm-net explain hid_layers           what a word of a spec is
  slm-net COMMAND --help               all options of a command

exit codes: 0 fine, 1 a spec has errors, 2 wrong usage or an unreadable file,
  70 a bug of slm-net (SLM_NET_DEBUG=1 shows its traceback)
NO_COLOR=1 turns colours off.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # what the terminal cannot show is escaped: printing never fails
            stream.reconfigure(errors="backslashreplace")
    return _at_the_edge(lambda: _run(spelled_out(sys.argv[1:] if argv is None else argv)))


def _run(argv: list[str]) -> int:
    if "--version" in argv and {*argv} <= {"--version", "--verbose"}:
        print(versions("--verbose" in argv))
        return OK
    parser, command = _parser(argv)
    if not argv:
        parser.print_help()
        return USAGE
    arguments, extras = parser.parse_known_args(argv)
    if not all(extra.startswith("-") for extra in extras):  # argparse takes all files in a row, unless it is asked
        again, extras = command.parse_known_intermixed_args(argv[argv.index(arguments.command) + 1 :])
        arguments = argparse.Namespace(**{**vars(arguments), **vars(again)})
    if "command" not in arguments or arguments.command is None:
        parser.refuse_extras(extras)
        parser.error("a command is missing: " + listing(list(COMMANDS)))
    command.refuse_extras(extras)
    if arguments.verbose:
        parser.error("--verbose goes with --version")
    run = _module(arguments.command).run
    return run(arguments, _module) if arguments.command in IN_PARTS else run(arguments)


def _parser(argv: Sequence[str]) -> tuple[Parser, Parser]:
    """The parser, and the one of the command in `argv`: only that one is set up, so that only its module is loaded."""
    parser = Parser(prog="slm-net", description="JSON specs in, checked and trainable networks out.", epilog=EPILOG)
    parser.add_argument("--version", action="version", version=versions(False), help="print the version, and exit")
    parser.add_argument("--verbose", action="store_true", help="with --version: also of torch, engines and plugins")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    chosen = next((word for word in argv if not word.startswith("-")), "")
    if chosen and chosen not in COMMANDS:
        parser.error(f"unknown command {chosen!r}, {did_you_mean(chosen, COMMANDS)}")
    by_name: dict[str, Parser] = {}
    for name, summary in COMMANDS.items():
        by_name[name] = commands.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
    if chosen:
        _module(chosen).configure(by_name[chosen])
    return parser, by_name.get(chosen, parser)


def _module(name: str) -> Any:
    """The module of a command or of a part of one; of another room if that is named."""
    return importlib.import_module(f"slm_net.{name if '.' in name else 'cli.' + name.replace('-', '_')}")


def _at_the_edge(run: Callable[[], int]) -> int:
    """What `run` returns; whatever it raises as one line and an exit code."""
    try:
        code = run()
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except SystemExit as ended:  # argparse, after --help and for wrong arguments
        return ended.code if isinstance(ended.code, int) else OK
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _silence(sys.stdout)
        return BROKEN_PIPE
    except UsageError as error:
        return _line(f"error: {visible(str(error), 1000)}", USAGE)
    except MissingExtra as error:
        return _line(f"error: {error}", USAGE)
    except OSError as error:
        _silence(sys.stdout)
        return _line(f"error: {visible(str(error), 1000)}", USAGE)
    except Exception as error:
        if os.environ.get("SLM_NET_DEBUG"):
            raise
        what = visible(" ".join(f"{type(error).__name__}: {error}".split()), 300)
        return _line(f"internal error: {what}; please report it (SLM_NET_DEBUG=1 shows the traceback)", INTERNAL)


def _line(text: str, code: int) -> int:
    say(f"slm-net: {text}", sys.stderr)
    return code


def _silence(stream: Any) -> None:
    """Python flushes the streams once more at its end: into nothing, as there is nobody to read."""
    if stream is None:
        return
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, stream.fileno())
    os.close(nothing)
