"""What a schema finds wrong with a value: jsonschema says it, unless jsonschema-rs has found nothing."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from slm_net.schema.catalogue import lookup
from slm_net.schema.compose import document
from slm_net.schema.files import HOME, KINDS
from slm_net.schema.fragments import schema_cached

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, ValidationError


def is_right(ref: str, instance: Any) -> bool:
    """True if a schema, for example "net.schema.json", has nothing against a value; False also where that is not known.

    The value is one of JSON, as `plain` makes it: jsonschema-rs takes tuples for lists, and Decimals for numbers.
    """
    validator = _validator(ref)
    try:
        return validator is not None and validator.is_valid(instance) is True
    except Exception:  # a type that JSON does not have, half a surrogate pair
        return False


@schema_cached
def _validator(ref: str) -> Any:
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
    documents = {name: document(name) for name in ("spec", "net", *KINDS)}
    return _library().Registry([(f"{HOME}{name}.schema.json", schema) for name, schema in documents.items()])


@cache
def _library() -> Any:
    try:
        import jsonschema_rs
    except Exception:  # not installed, or not for this Python
        return None
    return jsonschema_rs


def errors(ref: str, instance: Any) -> Iterator[ValidationError]:
    """Everything that a schema, for example "net.schema.json", finds wrong, each error at the exact key or value."""
    return iter(()) if is_right(ref, instance) else validator(ref).iter_errors(instance)


@schema_cached
def validator(ref: str) -> Draft202012Validator:
    """The validator of one schema, or of a part of one."""
    from slm_net.schema.keywords import SpecValidator

    return SpecValidator(lookup(ref))
