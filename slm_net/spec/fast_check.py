"""jsonschema-rs, where it is installed: what it finds right is right, and jsonschema is not even imported for it.

It has no say in what is wrong: such values, and those that it cannot judge, go to jsonschema, so that messages do not
depend on it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from slm_net.spec.documents import document
from slm_net.spec.fragments import schema_cached
from slm_net.spec.schema_files import HOME, KINDS


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
