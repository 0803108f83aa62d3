"""What a schema finds wrong with a value: jsonschema-rs says that it is right, jsonschema what is wrong, and where.

jsonschema has keywords of our own: errors at the exact key, and nothing checked twice or in vain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from slm_net.schema.catalogue import BLOCKS, KINDS, Schema, document, lookup
from slm_net.schema.entries import schema_cached

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, ValidationError

#: Where jsonschema-rs takes the documents to be.
HOME = "slm-net:///"


def errors(ref: str, instance: Any) -> Iterator[ValidationError]:
    """Everything that a schema, for example "net.schema.json", finds wrong, each error at the exact key or value."""
    return iter(()) if is_right(ref, instance) else validator(ref).iter_errors(instance)


def is_right(ref: str, instance: Any) -> bool:
    """True if a schema, for example "net.schema.json", has nothing against a value; False also where that is not known.

    The value is one of JSON, as `plain` makes it: jsonschema-rs takes tuples for lists, and Decimals for numbers.
    """
    engine = _engine(ref)
    try:
        return engine is not None and engine.is_valid(instance) is True
    except Exception:  # a type that JSON does not have, half a surrogate pair
        return False


@schema_cached
def _engine(ref: str) -> Any:
    """The validator of one schema, or of a part of one; None where there can be none."""
    if (library := _library()) is None:
        return None
    try:
        options = {"registry": _registry(), "base_uri": HOME, "offline": True}
        return library.Draft202012Validator({"$ref": ref}, **options)
    except Exception:  # a version with other options, a pattern that only Python knows
        return None


@schema_cached
def _registry() -> Any:
    documents: dict[str, Any] = {name: document(name) for name in ("spec", "net", *KINDS, *BLOCKS)}
    documents["arc"] = {"not": {}}  # left to jsonschema: to compile 150 layers takes longer than to check an arc
    return _library().Registry([(f"{HOME}{name}.schema.json", schema) for name, schema in documents.items()])


@cache
def _library() -> Any:
    try:
        import jsonschema_rs
    except Exception:  # not installed, or not for this Python
        return None
    return jsonschema_rs


# --- jsonschema


@schema_cached
def validator(ref: str) -> Draft202012Validator:
    """The validator of one schema, or of a part of one."""
    return validator_of(lookup(ref))


def validator_of(schema: Schema) -> Draft202012Validator:
    """The validator of a schema whose references are absolute."""
    return _validator_class()(schema)


@cache
def _validator_class() -> Any:
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    ours: Any = extend(Draft202012Validator, KEYWORDS)
    ours.descend = _descend
    return ours


def _descend(validator: Any, instance: Any, schema: Schema | bool, path: Any = None, **_: Any) -> Iterator[Any]:
    """The errors of a part, by the same validator: the new one that jsonschema makes for each takes most of the time.

    It would know of another schema and base address; no keyword asks for the first, and our references are absolute.
    """
    if isinstance(schema, bool):
        schema = {} if schema else {"not": {}}
    for keyword, value in schema.items():
        if keyword not in validator.VALIDATORS:
            continue
        for error in validator.VALIDATORS[keyword](validator, value, instance, schema) or ():
            error._set(validator=keyword, validator_value=value, instance=instance, schema=schema)
            error.schema_path.appendleft(keyword)
            if path is not None:
                error.path.appendleft(path)
            yield error


_MOST, _LONGEST = 20_000, 2000


@schema_cached
def _right() -> dict[tuple[int, str], Schema]:
    """(schema, value) pairs known to be right: real spec files repeat the same settings over and over.

    The schema stands here by its `id`, and as a value, which keeps it alive.
    """
    return {}


#: The keywords of a schema that is a link of a chain and nothing else.
LINK = {"if", "then", "else"}


def _ref(validator: Any, ref: str, instance: Any, schema: Schema) -> Iterator[ValidationError]:
    check = validator.descend if "#" in ref else partial(_once, validator)  # a whole file stands for a whole value
    return check(instance, lookup(ref))


def _properties(validator: Any, properties: Schema, instance: Any, schema: Schema) -> Iterator[ValidationError]:
    if isinstance(instance, Mapping):
        for key in instance if len(instance) == 1 else properties:  # one name of a layer, of 200
            if key in instance and key in properties:
                yield from _once(validator, instance[key], properties[key], path=key)


def _once(validator: Any, instance: Any, schema: Schema, path: str | None = None) -> Iterator[ValidationError]:
    """The errors of a value, unless it is known to have none."""
    known, key = _right(), (id(schema), repr(instance))
    if key in known:
        return
    found = False
    for error in validator.descend(instance, schema, path=path):
        found = True
        yield error
    if not found and len(known) < _MOST and len(key[1]) < _LONGEST:
        known[key] = schema


def _unevaluated(validator: Any, allowed: bool, instance: Any, schema: Schema) -> Iterator[ValidationError]:
    """One error for each unknown key, with the key in its path and the known ones as its `validator_value`."""
    from jsonschema import ValidationError

    if allowed or not isinstance(instance, Mapping):
        return
    if all(key in schema.get("properties", ()) for key in instance):
        return
    known = known_keys(validator, schema, instance)
    for key in [key for key in instance if known is not None and key not in known]:
        yield ValidationError(f"{key!r} is not a known key", path=[key], validator_value=known)


def known_keys(validator: Any, schema: Schema | bool, instance: Mapping[str, Any]) -> dict[str, None] | None:
    """The keys that `schema` knows in an object such as `instance`, in its order; None if it allows any."""
    if not isinstance(schema, Mapping):
        return {}
    if schema.get("additionalProperties") is True:
        return None
    known = dict.fromkeys(schema.get("properties", ()))
    for part in _parts(validator, schema, instance):
        more = known_keys(validator, part, instance)
        if more is None:
            return None
        known |= more
    return known


def _parts(validator: Any, schema: Schema, instance: Any) -> Iterator[Schema | bool]:
    if "$ref" in schema:
        yield lookup(schema["$ref"])
    if "if" in schema:
        yield schema.get("then" if _holds(validator, schema["if"], instance) else "else", True)


def _if(validator: Any, condition: Schema, instance: Any, schema: Schema) -> Iterator[ValidationError]:
    """The branch that holds; the links of a chain one after the other, without a validator for each."""
    chosen: Schema | bool = schema
    while chosen is schema or (isinstance(chosen, Mapping) and "if" in chosen and chosen.keys() <= LINK):
        chosen = chosen.get("then" if _holds(validator, chosen["if"], instance) else "else", True)
    yield from validator.descend(instance, chosen)


def _holds(validator: Any, condition: Schema, instance: Any) -> bool:
    """Whether the condition of a branch holds; the links of a chain (is the name "Adam"?) without building an error."""
    if condition.keys() == {"properties", "required"} and isinstance(instance, Mapping):
        (key, test), *others = condition["properties"].items()
        if not others and [key] == condition["required"] and isinstance(value := instance.get(key), str):
            if test.keys() == {"const"}:
                return value == test["const"]
            if test.keys() == {"pattern"}:
                return _matches(test["pattern"], value)
    if condition.keys() == {"type"} and isinstance(condition["type"], str):
        return bool(validator.is_type(instance, condition["type"]))
    return validator.evolve(schema=condition).is_valid(instance)


def _items(validator: Any, items: Schema | bool, instance: Any, schema: Schema) -> Iterator[ValidationError]:
    """The entries of a list; of one that is too long, only the length is wrong, and 100,000 are not looked at."""
    from jsonschema import Draft202012Validator

    if not isinstance(instance, list) or len(instance) <= schema.get("maxItems", len(instance)):
        yield from Draft202012Validator.VALIDATORS["items"](validator, items, instance, schema)


def _unique(validator: Any, unique: bool, instance: Any, schema: Schema) -> Iterator[ValidationError]:
    """One error at each entry that stands in front of it already."""
    from jsonschema import ValidationError

    texts = [repr(entry) for entry in instance] if isinstance(instance, list) else []
    first = {text: index for index, text in reversed([*enumerate(texts)])}
    for index, text in enumerate(texts):
        if first[text] < index:
            yield ValidationError(f"{text} stands there already", path=[index])


def _pattern(validator: Any, pattern: str, instance: Any, schema: Schema) -> Iterator[ValidationError]:
    from jsonschema import ValidationError

    if isinstance(instance, str) and not _matches(pattern, instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _matches(pattern: str, text: str) -> bool:
    return _compiled(pattern).search(text) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """A pattern as JSON Schema reads it: `$` is the end of the text, and not also the line break before it."""
    return re.compile(re.sub(r"(\\.|\[(?:\\.|[^\]\\])*\])|\$", lambda part: part[1] or r"\Z", pattern))


KEYWORDS = {
    "$ref": _ref,
    "properties": _properties,
    "if": _if,
    "items": _items,
    "uniqueItems": _unique,
    "pattern": _pattern,
    "unevaluatedProperties": _unevaluated,
}
