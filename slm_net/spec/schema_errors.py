"""What a schema finds wrong with a value; jsonschema is imported when it is first asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from slm_net.spec.fast_check import is_right
from slm_net.spec.fragments import schema_cached
from slm_net.spec.schema import lookup

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, ValidationError


def errors(ref: str, instance: Any) -> Iterator[ValidationError]:
    """Everything that a schema, for example "net.schema.json", finds wrong, each error at the exact key or value."""
    return iter(()) if is_right(ref, instance) else validator(ref).iter_errors(instance)


@schema_cached
def validator(ref: str) -> Draft202012Validator:
    """The validator of one schema, or of a part of one."""
    from slm_net.spec.schema_validator import SpecValidator

    return SpecValidator(lookup(ref))
