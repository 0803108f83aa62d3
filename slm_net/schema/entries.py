"""The entries that are known: slm_net's own, those that decorators register, those of installed plugins."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache, lru_cache, wraps
from typing import TYPE_CHECKING, Any, TypeVar

from slm_net import plugins
from slm_net.registry import CHANGING, Registry, RegistryError
from slm_net.schema.compose import ROLES, compose
from slm_net.schema.files import BLOCKS, OURS, PLURALS, TAKES_IN, Entry, Schema, own_entries, own_file, part_of, split
from slm_net.words import did_you_mean, visible

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

F = TypeVar("F", bound=Callable[..., Any])

KIND_WORDS = {"net": "net type", "init": "init function", "lr_scheduler": "lr scheduler"}
#: The entries that are not slm_net's own, by kind.
ENTRIES: dict[str, Registry[Entry]] = {kind: Registry(f"entry of {KIND_WORDS.get(kind, kind)}") for kind in PLURALS}
#: What has to be forgotten when an entry comes or goes.
_FORGET: list[Callable[[], object]] = []
#: How often entries have come or gone.
_CHANGES = [0]


def schema_cached(function: F, most: int | None = None) -> F:
    """`functools.lru_cache` for what follows from the schemas: forgotten when an entry comes or goes.

    What is computed while that happens, maybe of the old entries, is computed again, as the cache would keep it.
    """

    @wraps(function)
    def settled(*given: Any) -> Any:
        while True:
            changes, found = _CHANGES[0], function(*given)
            if changes == _CHANGES[0]:
                return found

    cached = lru_cache(most)(settled)
    _FORGET.append(cached.cache_clear)
    return cached  # type: ignore[return-value]


def _forget() -> None:
    with CHANGING:
        _CHANGES[0] += 1
        for forgets in _FORGET:
            forgets()


@cache
def own_document(name: str) -> dict[str, Any]:
    """The schema document `name`, for example "net", of slm_net's own entries alone."""
    entries = _entries(name, own_entries)
    return compose(name, entries) if entries else own_file(name)


@schema_cached
def document(name: str) -> dict[str, Any]:
    """The schema document `name`, for example "net", with every `$ref` absolute ("net.schema.json#/...")."""
    load_installed()
    others = _entries(name, _registered)
    return compose(name, {**_entries(name, own_entries), **others}) if others else own_document(name)


def _entries(name: str, of: Callable[[str], Mapping[str, Entry]]) -> dict[str, Entry]:
    """The entries of a kind, and those of the kind that it takes in."""
    return {**of(name), **(of(TAKES_IN[name]) if name in TAKES_IN else {})}


def _registered(kind: str) -> Mapping[str, Entry]:
    return {name: ENTRIES[kind][name] for name in ENTRIES.get(kind, ())}


def add_entry(kind: str, name: str, schema: Mapping[str, Any], by: str, *, open: bool = False) -> None:
    """File the schema of a name; to file the same one again does nothing. An `open` one is not all that is to know.

    Raises:
        RegistryError: there is no such kind, or the name is taken.
        FragmentError: with everything that is wrong with the schema.
    """
    file_entry(kind, name, read_entry(kind, name, schema, by, open=open))


def read_entry(kind: str, name: str, schema: Mapping[str, Any], by: str, *, open: bool = False) -> Entry:
    """The entry that the schema of a name makes, to be filed; it may load plugins.

    Raises:
        RegistryError: there is no such kind, or the name is taken.
        FragmentError: with everything that is wrong with the schema.
    """
    if kind not in ENTRIES:
        raise RegistryError(f"there is no kind {visible(kind)!r}: {did_you_mean(kind, ENTRIES)}")
    words = _words(kind, name)
    facts = {key: schema[key] for key in NET_FACTS if kind == "net" and isinstance(schema, Mapping) and key in schema}
    copied = _copied(name, {key: part for key, part in schema.items() if key not in facts} if facts else schema, words)
    entry = Entry(copied, by, takes=facts.get("in_dim", ""), count=facts.get("count"), open=open)
    if _is_filed(kind, name, entry):
        return entry
    if wrong := [*_shape(name, copied), *_facts(facts)] or [*_keys(kind, copied), *_values(copied)]:
        raise FragmentError(f"the schema of {words} is wrong: {'; '.join(wrong)}")
    return entry


def file_entry(kind: str, name: str, entry: Entry) -> None:
    """File what `read_entry` made of the schema of a name.

    Raises:
        RegistryError: the name is taken.
    """
    with CHANGING:
        if not _is_filed(kind, name, entry):
            ENTRIES[kind].register(name)(entry)
            _forget()


def _is_filed(kind: str, name: str, entry: Entry) -> bool:
    """Whether the same entry is there already.

    Raises:
        RegistryError: another one is.
    """
    known = ENTRIES[kind]
    if name in known and replace(known[name], by=entry.by) == entry:
        return True
    if owner := owner_of(kind, name):
        more = "" if owner == OURS else f" (slm_net.unregister({kind!r}, {name!r}) frees it)"
        raise RegistryError(f"{_words(kind, name)} is taken, by {owner}{more}")
    return False


def _words(kind: str, name: object) -> str:
    return f"{KIND_WORDS.get(kind, kind)} {visible(str(name))!r}"


def remove_entry(kind: str, name: str) -> None:
    """Forget the schema of a name.

    Raises:
        RegistryError: none has been registered for it.
    """
    with CHANGING:
        ENTRIES[kind].unregister(name)
        _forget()


def owner_of(kind: str, name: str) -> str:
    """Who has a name already, "" if nobody has; activations and losses are found in any case."""
    return next(filter(None, (_owner_of(other, name) for other in (kind, *_KINDRED.get(kind, ())))), "")


#: Kinds whose names an entry of another kind cannot have either.
_KINDRED = {kind: (other,) for pair in TAKES_IN.items() for kind, other in (pair, pair[::-1])}


def _owner_of(kind: str, name: str) -> str:
    own = own_document(kind)["$defs"]
    reserved = {*own, *own_file(kind).get("left_out", ())}
    fold = str.casefold if own_file(kind).get("any_case") else str
    if fold(str(name)) in map(fold, reserved):
        return OURS
    same = (known for known in ENTRIES[kind] if fold(known) == fold(str(name)))
    return next((ENTRIES[kind][known].by for known in same), "")


# --- what the schema of an entry must be: all that is wrong with it at once, in the words of its author


class FragmentError(ValueError):
    """A schema fragment that cannot be used."""


PARTS = ("description", "properties", "required")
#: What the entry of a net type may say beside its schema, and the names of what it may take.
NET_FACTS, IN_DIMS = ("in_dim", "count"), ("vector", "image", "sequence")
#: Keywords that tell of a value; the others say what it must be.
ANNOTATIONS = ("title", "description", "default", "examples")
#: The keywords whose errors can be told in words, at the exact place.
KEYWORDS = (
    *ANNOTATIONS,
    *("$ref", "type", "enum", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    *("items", "prefixItems", "minItems", "maxItems", "properties", "required", "unevaluatedProperties"),
)


def _copied(name: str, schema: Mapping[str, Any], words: str) -> Any:
    """A deep copy, with a `description` and `required` there.

    Raises:
        FragmentError: it cannot be written as JSON.
    """
    try:
        copied = json.loads(json.dumps(schema))
    except (TypeError, ValueError) as error:
        raise FragmentError(f"the schema of {words} is no JSON: {error}") from None
    return {"description": f"{name}.", "required": [], **copied} if isinstance(copied, dict) else copied


def _shape(name: str, schema: Any) -> Iterator[str]:
    if not (isinstance(name, str) and name.isascii() and name.isidentifier()) or name.startswith("needs_"):
        yield "the name must be an identifier, for example MyNet"
    if not isinstance(schema, Mapping) or not isinstance(schema.get("properties"), Mapping):
        yield 'it needs "properties": {key: schema, ...}'
        return
    for key in schema.keys() - set(PARTS):
        yield f"it has {visible(key)!r}: {did_you_mean(key, PARTS)}"
    for key, part in schema["properties"].items():
        wrong = [] if isinstance(part, Mapping) else ["needs a schema, an object"]
        yield from (f"{visible(key)!r} {text}" for text in (*wrong, *_unusable(part)))
    if invalid := _invalid({"type": "object", **schema}):
        yield invalid


def _facts(facts: Mapping[str, Any]) -> Iterator[str]:
    """Whether a net type says of itself what it can."""
    takes, count = facts.get("in_dim", IN_DIMS[0]), facts.get("count")
    if not callable(takes) and takes not in IN_DIMS:
        hint = did_you_mean(takes, IN_DIMS) if isinstance(takes, str) else f"expected {', '.join(IN_DIMS)}"
        yield f"its in_dim is {visible(repr(takes))}: {hint}, or a function that says whether an in_dim fits"
    if count is not None and not callable(count):
        yield f"its count is {visible(repr(count))}, expected a function (spec, in_dim, out_dim)"


def _unusable(part: Any) -> Iterator[str]:
    """The keywords and references in a schema that cannot be used."""
    if not isinstance(part, Mapping):
        return
    for keyword in [keyword for keyword in part if keyword not in KEYWORDS]:
        yield f"uses {visible(keyword)!r}, not one of {', '.join(KEYWORDS)}"
    if "$ref" in part:
        try:
            _target(part["$ref"])
        except (KeyError, IndexError, TypeError):
            yield f"refers to {visible(part['$ref'])!r}; only slm_net's own schemas can be referred to"
    for child in (part.get("items"), *part.get("prefixItems", ()), *part.get("properties", {}).values()):
        yield from _unusable(child)


def _target(ref: str) -> Any:
    name, fragment = split(ref)
    if name not in ENTRIES:
        raise KeyError(ref)
    return part_of(own_document(name), fragment)


def _invalid(schema: Schema) -> str:
    """What the meta-schema of draft 2020-12 says against it."""
    from jsonschema import Draft202012Validator, SchemaError

    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        where = "/".join(map(str, error.absolute_path))
        return f"{visible(where)}: {visible(error.message, 200)}"
    return ""


def _keys(kind: str, schema: Schema) -> Iterator[str]:
    """Which keys there are, and which of them a spec must have."""
    required, properties = schema.get("required", ()), schema["properties"]
    if kind in BLOCKS:  # settings may be left out, and have no roles
        yield from (f"{visible(key)!r} must be an identifier" for key in properties if not key.isidentifier())
        yield from ['"required" is for nets and their parts'] if required else []
        return
    shared = own_document("net")["properties"] if kind == "net" else {} if kind == "layer" else {"name": {}}
    for key, part in properties.items():
        if not key.isascii() or not key.isidentifier() or key.startswith(ROLES):
            yield f"{visible(key)!r} must be an identifier without {' or '.join(ROLES)} in front"
        if key in shared:
            yield f"{key!r} is a key of every {'net' if kind == 'net' else kind}: leave it out"
        elif ("default" in _followed(part)) == (key in required):
            yield f'{visible(key)!r} needs a default, or a place in "required"; not both'
        if kind == "net" and not _means_the_same(key, part):
            yield f"{key!r} is a key of slm_net's own types, and means something else there"
    without = {key for key, part in shared.items() if "default" not in part} if kind == "net" else set()
    for key in set(required) - set(properties) - without:
        yield f'{visible(key)!r} is in "required", but not in "properties"'


def _means_the_same(key: str, part: Schema) -> bool:
    """A key that slm_net's own types have, too, is used by rules that must be able to rely on it."""
    own = (entry.schema["properties"] for entry in own_entries("net").values())
    first = next((properties[key] for properties in own if key in properties), part)
    return _checks(_followed(part)) == _checks(_followed(first))


def _followed(part: Schema) -> Schema:
    return {**_followed(_target(part["$ref"])), **part} if "$ref" in part else part


def _checks(part: Schema) -> dict[str, Any]:
    return {key: value for key, value in part.items() if key not in (*ANNOTATIONS, "$ref")}


def _values(schema: Schema) -> Iterator[str]:
    """Whether a key is described, and its default and examples are right."""
    for key, part in schema["properties"].items():
        if "description" not in _followed(part):
            yield f"{visible(key)!r} needs a description"
        for value in (*part.get("examples", ()), *([part["default"]] if "default" in part else [])):
            if not _allows(part, value):
                yield f"{visible(key)!r} does not allow its own {json.dumps(value)}"


def _allows(part: Schema, value: Any) -> bool:
    from jsonschema import Draft202012Validator
    from referencing import Registry as Resources
    from referencing.jsonschema import DRAFT202012

    resources: Any = Resources(retrieve=lambda ref: DRAFT202012.create_resource(document(split(ref)[0])))  # type: ignore[call-arg]
    return bool(Draft202012Validator(part, registry=resources).is_valid(value))


# --- installed plugins: filed when a schema is first asked for

#: What a plugin calls each kind: "nets", "activations", ...
KIND_OF = {plural: kind for kind, plural in PLURALS.items()}
#: Holds "started" from the start of loading on: a plugin that asks for a schema meanwhile gets what there is.
_STATE: set[str] = set()


def load_installed() -> None:
    """File the entries of all installed plugins, once.

    Those in the group `slm_net.schemas` come first. What has no schema there is loaded from its own entry point,
    which registers it, and may import torch. A plugin that fails is warned of, and left out.
    """
    with plugins.LOCK:
        if "started" not in _STATE:
            _STATE.add("started")
            _load_all()


def _load_all() -> None:
    points = plugins.entry_points()
    for point in points:
        if point.group == plugins.SCHEMAS:
            _file_all(point)
    taken: dict[tuple[str, str], EntryPoint] = {}
    for point in points:
        first = taken.setdefault((point.group, point.name), point)
        if first is not point and point.group != plugins.SCHEMAS:
            plugins.fail(point, f"{visible(point.name)!r} is taken, by {plugins.plugin_of(first)}")
        elif point.group.removeprefix("slm_net.") in KIND_OF:
            _file_itself(KIND_OF[point.group.removeprefix("slm_net.")], point)
        elif point.group != plugins.SCHEMAS:
            plugins.fail(point, f"no group {point.group}: {did_you_mean(point.group, plugins.GROUPS.values())}")


def _file_all(point: EntryPoint) -> None:
    """File what a `slm_net.schemas` entry point holds: a dict, or a function that gives one."""
    found = plugins.load(point)
    if found is None:
        return
    try:
        parts = {KIND_OF[plural]: dict(part) for plural, part in (found() if callable(found) else found).items()}
    except Exception as error:
        expected = f"expected {{{', '.join(f'{plural!r}: ...' for plural in KIND_OF)}}}, each with {{name: schema}}"
        plugins.fail(point, f"{plugins.reason_of(error)} ({expected})")
        return
    for kind, schemas in parts.items():
        for name, schema in schemas.items():
            _file(point, kind, name, schema)


def _file(point: EntryPoint, kind: str, name: str, schema: Mapping[str, Any]) -> None:
    try:
        add_entry(kind, name, schema, f"the plugin {plugins.plugin_of(point)}")
    except (RegistryError, ValueError) as error:
        plugins.fail(point, str(error), plugins.GROUPS[kind], str(name))


def _file_itself(kind: str, point: EntryPoint) -> None:
    """Load an entry point without a schema, which has to register itself."""
    if point.name in ENTRIES[kind] or plugins.failure_of(point.group, point.name):
        return
    if plugins.load(point) is not None and point.name not in ENTRIES[kind]:
        reason = f"it has no schema: give it one with a decorator of slm_net, or in the group {plugins.SCHEMAS}"
        plugins.fail(point, plugins.why_no_schemas(point) or reason)
