"""The schema documents that everything asks: those of `schemas/`, with the fragments of plugins woven in."""

from __future__ import annotations

from typing import Any

from slm_net.spec.fragments import FRAGMENTS, schema_cached
from slm_net.spec.installed import load_installed
from slm_net.spec.schema_files import own_document
from slm_net.spec.weaving import woven


@schema_cached
def document(name: str) -> dict[str, Any]:
    """The schema document `name`, for example "net", with every `$ref` absolute ("net.schema.json#/...")."""
    load_installed()
    known = FRAGMENTS.get(name, ())
    return woven(name, own_document(name), {key: FRAGMENTS[name][key].schema for key in known})
