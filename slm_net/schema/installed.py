"""The fragments of installed plugins, filed when a schema is first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from slm_net import plugins
from slm_net.registry import RegistryError
from slm_net.schema.fragments import FRAGMENTS, add_fragment
from slm_net.words import did_you_mean, visible

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

#: What a fragment file calls each kind: "nets", "activations", ...
KEYS = {group.removeprefix("slm_net."): kind for kind, group in plugins.GROUPS.items()}
#: Holds "started" from the start of loading on: a plugin that asks for a schema meanwhile gets what there is.
_STATE: set[str] = set()


def load_installed() -> None:
    """File the fragments of all installed plugins, once.

    Those in the group `slm_net.schemas` come first. What has no fragment there is loaded from its own entry point,
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
        elif point.group.removeprefix("slm_net.") in KEYS:
            _file_itself(KEYS[point.group.removeprefix("slm_net.")], point)
        elif point.group != plugins.SCHEMAS:
            plugins.fail(point, f"no group {point.group}: {did_you_mean(point.group, plugins.GROUPS.values())}")


def _file_all(point: EntryPoint) -> None:
    """File what a `slm_net.schemas` entry point holds: a dict, or a function that gives one."""
    found = plugins.load(point)
    if found is None:
        return
    try:
        parts = {KEYS[key]: dict(part) for key, part in (found() if callable(found) else found).items()}
    except Exception as error:
        expected = f"expected {{{', '.join(f'{key!r}: ...' for key in KEYS)}}}, each with {{name: schema}}"
        plugins.fail(point, f"{plugins.reason_of(error)} ({expected})")
        return
    for kind, fragments in parts.items():
        for name, schema in fragments.items():
            _file(point, kind, name, schema)


def _file(point: EntryPoint, kind: str, name: str, schema: Mapping[str, Any]) -> None:
    try:
        add_fragment(kind, name, schema, f"the plugin {plugins.plugin_of(point)}")
    except (RegistryError, ValueError) as error:
        plugins.fail(point, str(error), plugins.GROUPS[kind], str(name))


def _file_itself(kind: str, point: EntryPoint) -> None:
    """Load an entry point without a fragment, which has to register itself."""
    if point.name in FRAGMENTS[kind] or plugins.failure_of(point.group, point.name):
        return
    if plugins.load(point) is not None and point.name not in FRAGMENTS[kind]:
        reason = f"it has no schema: give it one with a decorator of slm_net, or in the group {plugins.SCHEMAS}"
        plugins.fail(point, plugins.why_no_schemas(point) or reason)
