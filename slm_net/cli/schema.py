"""`slm-net schema`: the JSON schema of specs as one document, for editors, other engines and code generators."""

from __future__ import annotations

import argparse
import json

from slm_net.cli.parser import OK, UsageError
from slm_net.registry import RegistryError
from slm_net.schema.for_editors import composed

EPILOG = """\
examples:
  slm-net schema > spec.schema.json
  slm-net schema --type ConvNet
  slm-net schema --with-plugins > spec.schema.json

Without --type it is for all that slm-net validate takes: spec files, one spec,
a net block. With --type it is flat: all keys in one place, anyOf for each
choice, as generators of code want it. It needs no other file.

exit codes: 0 fine, 2 no such net type
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.epilog = EPILOG
    parser.add_argument("--type", metavar="TYPE", help="for a net block of this type alone")
    parser.add_argument("--with-plugins", action="store_true", help="with what installed plugins add")


def run(arguments: argparse.Namespace) -> int:
    """Print the schema; the exit code."""
    try:
        schema = composed(arguments.type, with_plugins=arguments.with_plugins)
    except RegistryError as error:
        raise UsageError(f"--type: {error}") from None
    print(json.dumps(schema, indent=2))
    return OK
