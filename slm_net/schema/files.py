"""The files in `schemas/`: found and read, and their entries as a plugin would write them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from slm_net.plugins import GROUPS

Schema = Mapping[str, Any]

PACKAGE = Path(__file__).resolve().parent.parent
#: In a wheel the folder lies inside the package, in a source tree or an editable install beside it.
FOLDERS = (PACKAGE / "schemas", PACKAGE.parent / "schemas")
#: What plugins call each kind: "nets", "activations", ...
PLURALS = {kind: group.removeprefix("slm_net.") for kind, group in GROUPS.items()}
#: The file of each kind is called so too; that of the functions that TorchFn calls has no group: they are ours alone.
FILES = {**PLURALS, "function": "functions"}
#: Kinds of names.
KINDS = ("activation", "init", "loss", "optimizer", "lr_scheduler")
#: The documents of which an arc is made: itself, its modules, and the functions that they may name.
ARC = ("arc", "layer", "function")
#: Kinds with all entries of another kind among theirs: every activation is a layer.
TAKES_IN = {"layer": "activation"}
#: The blocks around the nets of which the settings are known; other ones may be there.
BLOCKS = ("algorithm", "memory", "env", "meta")
OURS = "slm_net"


@dataclass(frozen=True)
class Entry:
    """A net type with its own keys, or a name with its arguments, and who registered it.

    The schema has a `description`, the `properties`, and in `required` those without a default. `around` is the
    argument that names another entry of the kind, whose arguments stand beside its own. What a net type `takes`, and
    the `count` of its parameters, are what its author says of it; slm_net's own types say it in `net_types`. Of an
    `open` one not all arguments are known.
    """

    schema: Schema
    by: str = OURS
    around: str = ""
    takes: str | Callable[[Any], object] = ""
    count: Callable[..., int] | None = None
    open: bool = False


@cache
def folder() -> Path:
    """Where the schema files are.

    Raises:
        FileNotFoundError: the installation is incomplete.
    """
    for path in FOLDERS:
        if (path / "nets.json").is_file():
            return path
    raise FileNotFoundError(f"no nets.json in {' or '.join(map(str, FOLDERS))}; install slm_net again")


@cache
def own_file(name: str) -> dict[str, Any]:
    """What `schemas/` says of a kind, for example "net", or of what stands around nets: "spec", "env"."""
    text = (folder() / f"{FILES.get(name, name)}.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


@cache
def own_entries(kind: str) -> Mapping[str, Entry]:
    """The entries of slm_net's own file of a kind, written out; none where it is a document as it stands."""
    file = own_file(kind)
    entries = {name: _written_out(kind, name, file) for name in file.get("entries", ())}
    return {name: Entry(schema, around=file["entries"][name].get("around", "")) for name, schema in entries.items()}


def _written_out(kind: str, name: str, file: Schema) -> Schema:
    """An entry with the keys of the one that it is `like`, and the arguments that the kind's entries share.

    A value that is no schema is the default of such a key or argument; those that it is `without` are not taken over.
    """
    entry = file["entries"][name]
    like, without = entry.get("like", ""), entry.get("without", ())
    model = _written_out(kind, like, file) if like else {"properties": {}, "required": []}
    keys = [key for key in model["properties"] if key not in without]
    known = {**file.get("shared", {}), **model["properties"]}
    own = {key: _schema(key, part, known) for key, part in entry.get("properties", {}).items()}
    taken = {key: {"$ref": f"{kind}.schema.json#/$defs/{like}/properties/{key}"} for key in keys}
    required = entry.get("required", [key for key in model["required"] if key not in without])
    return {"description": entry["description"], "properties": {**taken, **own}, "required": required}


def _schema(key: str, part: Any, known: Schema) -> Schema:
    if not isinstance(part, Mapping):
        return {**known[key], "default": part}
    _, shared, name = part.get("$ref", "").partition("#/shared/")
    return {**known[name], **{key: value for key, value in part.items() if key != "$ref"}} if shared else part


def part_of(document: Schema, fragment: str) -> Any:
    """The subschema at the part of a reference behind its "#".

    Raises:
        KeyError: there is none.
    """
    node: Any = document
    for part in fragment.split("/")[1:]:
        node = node[part.replace("~1", "/").replace("~0", "~")]
    return node


def split(ref: str) -> tuple[str, str]:
    """The document and the part of it that a reference leads to.

    >>> split("net.schema.json#/properties/dropout")
    ('net', '/properties/dropout')
    """
    file, _, fragment = ref.partition("#")
    return file.removesuffix(".schema.json"), fragment
