"""The schema files in `schemas/`: found and read, with every reference absolute."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

Schema = Mapping[str, Any]

PACKAGE = Path(__file__).resolve().parent.parent
#: In a wheel the folder lies inside the package, in a source tree or an editable install beside it.
FOLDERS = (PACKAGE / "schemas", PACKAGE.parent / "schemas")
#: Kinds of names with a schema file of their own.
KINDS = ("activation", "init", "loss", "optimizer", "lr_scheduler")
#: Where the files have their `$id`.
HOME = "https://slm-net.readthedocs.io/schemas/"


@cache
def folder() -> Path:
    """Where the schema files are.

    Raises:
        FileNotFoundError: the installation is incomplete.
    """
    for path in FOLDERS:
        if (path / "net.schema.json").is_file():
            return path
    raise FileNotFoundError(f"no net.schema.json in {' or '.join(map(str, FOLDERS))}; install slm_net again")


@cache
def own_document(name: str) -> dict[str, Any]:
    """The schema file `name`, for example "net", with every `$ref` made absolute ("net.schema.json#/...")."""
    file = f"{name}.schema.json"
    schema = json.loads((folder() / file).read_text(encoding="utf-8"))
    # jsonschema would go back to its own validator class at a nested "$schema"
    return _absolute({key: part for key, part in schema.items() if key not in ("$schema", "$id")}, file)


def _absolute(node: Any, file: str) -> Any:
    if isinstance(node, list):
        return [_absolute(child, file) for child in node]
    if not isinstance(node, dict):
        return node
    absolute = {key: _absolute(child, file) for key, child in node.items()}
    ref = absolute.get("$ref")
    if isinstance(ref, str) and ref.startswith("#"):
        absolute["$ref"] = file + ref
    return absolute


def part_of(document: Schema, fragment: str) -> Any:
    """The subschema at the part of a reference behind its "#".

    Raises:
        KeyError: there is none.
    """
    node: Any = document
    for part in fragment.split("/")[1:]:
        node = node[part.replace("~1", "/").replace("~0", "~")]
    return node


def names_in(document: Schema) -> list[str]:
    """The names that the document of a kind of names allows."""
    listed = document["$defs"].get("object", document)["properties"]["name"]
    return list(listed.get("enum") or listed["examples"])
