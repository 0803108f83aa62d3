"""Every key of a spec as pages, made of the entries: `python -m slm_net.reference.spec_pages docs/reference`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from slm_net.reference.owners import BLOCKS, NAMED, PARTS, keys_of, needed_of, owners
from slm_net.reference.pages import pretty
from slm_net.reference.topics import Topic, key_of, named, taken
from slm_net.schema.catalogue import Schema, document, expanded
from slm_net.schema.labs import is_ours

WIDTH = 96
#: The keys under which stands what has a page of its own.
WITH_A_PAGE = (*PARTS, "out_layer_activation", "arc")
#: More names than any list of a page has.
ALL = 1000
#: The page of each kind, its title, and what stands below that.
PAGES = {
    "nets": (
        "The net",
        ("net",),
        "The `net` block of a spec. Each type lists its own keys; all others are those of every type.",
    ),
    "optimizers": ("Optimizers", ("optimizer",), "What stands in [`optim_spec`](nets.md#optim_spec)."),
    "losses": ("Losses", ("loss",), "What stands in [`loss_spec`](nets.md#loss_spec)."),
    "schedulers": (
        "Learning-rate schedulers",
        ("lr_scheduler",),
        "What stands in [`lr_scheduler_spec`](nets.md#lr_scheduler_spec).",
    ),
    "activations": (
        "Activations",
        ("activation",),
        "What stands in [`hid_layers_activation`](nets.md#hid_layers_activation) and "
        "[`out_layer_activation`](nets.md#out_layer_activation): a name in any case, or an object with arguments.",
    ),
    "inits": (
        "Init functions",
        ("init",),
        "What stands in [`init_fn`](nets.md#init_fn): a name, or an object with arguments.",
    ),
    "algorithms": ("Algorithms", ("algorithm",), "The `algorithm` block of an agent, which says what nets it has."),
    "memories": ("Memories", ("memory",), "The `memory` block of an agent."),
    "around": ("Around the nets", tuple(BLOCKS), "A spec, and its blocks `agent`, `env` and `meta`."),
}
INDEX = """\
# The spec, key by key

Spec files are JSON with comments and trailing commas, or YAML 1.2 (extra `yaml`): SLM Lab 4 files (`agent` and `env`
are lists), SLM Lab 5 files (objects), or a net block alone; [the gallery](../gallery.md) has working ones, and
[one that is explained key by key](../../specs/cnn_page_annotated.jsonc). A spec can say only what is different from
another file, [`"extends": "base.json"`](../building_on_specs.md).

Keys of another net type are a warning, as real specs carry them; any other unknown key is an error. Specs are untrusted
input: names reach only closed registries, and files, nesting and parameter counts are bounded before anything is
allocated.

These pages are made from the entries of `schemas/`; `slm-net explain KEY` and editors show the same. Each key has what
it takes, its default, who uses and needs it, which SLM Lab reads it (4 is release 4.1.1, 5 is 5.3.0), and an example
that is right. The layers of an arc have [a page of their own](../layers.md), and `slm-net list environments` says of
which environments the sizes are known.

"""


class Section(NamedTuple):
    """A key on a page, under a heading that no other has there."""

    heading: str
    kind: str
    names: list[str]
    topic: Topic


def pages() -> dict[str, str]:
    """The text of each file of docs/reference/ by its name."""
    made = {name: [part for kind in kinds for part in _sections(kind)] for name, (_, kinds, _) in PAGES.items()}
    made = {name: _with_headings(sections) for name, sections in made.items()}
    texts = {f"{name}.md": _page(name, sections) for name, sections in made.items()}
    return {"README.md": _index(made), **texts}


def _index(made: Mapping[str, list[Section]]) -> str:
    files = (f"- [{title}]({name}.md): {_names_of(kinds)}" for name, (title, kinds, _) in PAGES.items())
    listed = sorted(((part, name) for name in made for part in made[name]), key=lambda pair: pair[0].topic.name)
    keys = (f"| [`{part.topic.name}`]({name}.md#{anchor(part.heading)}) | {part.topic.kind} |" for part, name in listed)
    parts = [
        INDEX + "\n".join(files),
        "## All keys",
        _table(("key", "of"), keys),
    ]
    return "\n\n".join(parts) + "\n"


def _names_of(kinds: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for kind in kinds for name in (_names(kind) if kind in NAMED else [kind]))


def _names(kind: str) -> list[str]:
    """The names of a kind that come with slm_net."""
    return [name for name in owners(kind) if not name or is_ours(kind, name)]


def anchor(heading: str) -> str:
    """What leads to a heading, on the site and on GitHub.

    >>> anchor("hid_layers of HydraMLPNet")
    'hid_layers-of-hydramlpnet'
    """
    return heading.lower().replace(",", "").replace(" ", "-")


def _sections(kind: str) -> Iterator[Section]:
    """Each key of a kind, once for all names that have the same under it."""
    found: dict[tuple[str, str], list[str]] = {}
    for name in _names(kind):
        for key, part in keys_of(kind, name).items():
            found.setdefault((key, f"{part.get('description')}\n{taken(part)}"), []).append(name)
    for (key, _), names in sorted(found.items(), key=lambda item: (-len(item[1]), item[0])):
        yield Section(key, kind, names, key_of(kind, key, names, ALL))


def _with_headings(sections: list[Section]) -> list[Section]:
    """The sections; where another heading would lead to the same place, with whose key it is."""
    there = {anchor(name) for part in sections for name in part.names}
    found = []
    for part in sections:
        found.append(part._replace(heading=_of(part)) if anchor(part.heading) in there else part)
        there.add(anchor(part.heading))
    return found


def _of(part: Section) -> str:
    return f"{part.topic.name} of {', '.join(part.names) if part.kind in NAMED else part.kind}"


def _page(name: str, sections: list[Section]) -> str:
    title, kinds, about = PAGES[name]
    parts = [f"# {title}", about]
    for kind in kinds:
        own = [part for part in sections if part.kind == kind]
        if kind not in NAMED:
            parts += [f"## The {BLOCKS[kind]}", _about_block(kind)]
        else:
            parts += ["## Names", *_overview(kind)]
            parts += [text for each in _names(kind) for text in _name(kind, each, own)]
            parts += [f"## {NAMED[kind][1].capitalize()}s"] if own else []
        parts += [text for part in own for text in _key(part)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _about_block(kind: str) -> str:
    in_spec = document("spec")["$defs"]
    return str((in_spec[kind] if kind in in_spec else document(kind))["description"])


def _overview(kind: str) -> Iterator[str]:
    listed = (f"| [`{name}`](#{anchor(name)}) | {_text(named(kind, name).about)} |" for name in _names(kind))
    yield _table(("name", "what it is"), listed)


def _name(kind: str, name: str, sections: list[Section]) -> Iterator[str]:
    topic = named(kind, name)
    of_it = [part for part in sections if name in part.names]
    own = [part for part in of_it if len(part.names) < len(_names(kind)) or len(_names(kind)) == 1]
    yield f"### {name}"
    yield _text(topic.about)
    whose, needed = NAMED[kind][1], needed_of(kind, name)
    lists = {
        f"needed {whose}s": [_link(kind, name, part) for part in own if part.topic.name in needed],
        f"{whose}s": [_link(kind, name, part) for part in own if part.topic.name not in needed],
    }
    yield _listed([*topic.facts, *((what, ", ".join(links)) for what, links in lists.items() if links)])
    if topic.example is not None:
        yield _code(_part_of_example(kind, "", topic.example))


def _link(kind: str, name: str, part: Section) -> str:
    schema = keys_of(kind, name)[part.topic.name]
    default = f" = `{_default(schema)}`" if "default" in schema else ""
    return f"[`{part.topic.name}`](#{anchor(part.heading)}){default}"


def _default(schema: Schema) -> str:
    return json.dumps(schema["default"])


def _key(part: Section) -> Iterator[str]:
    topic, schema = part.topic, keys_of(part.kind, part.names[0])[part.topic.name]
    yield f"### {part.heading}"
    yield _text(topic.about)
    yield _listed([_fact(name, value) for name, value in topic.facts])
    yield from _inside(schema) if topic.name not in WITH_A_PAGE else ()
    if topic.name in PARTS:
        page = next(page for page, (_, kinds, _) in PAGES.items() if PARTS[topic.name] in kinds)
        yield f"Its names and their arguments: [{PAGES[page][0].lower()}]({page}.md)."
    if topic.example is not None:
        yield _code(_part_of_example(part.kind, topic.name, topic.example))


def _fact(name: str, value: str) -> tuple[str, str]:
    return ("takes" if name == "type" else name), (f"`{value}`" if name == "default" else _text(value))


def _inside(schema: Schema) -> Iterator[str]:
    """The keys of an object, or the entries of a list where each has a name."""
    parts: Mapping[str, Schema] = schema.get("properties", {})
    items = schema.get("items", {})
    entries = schema.get("prefixItems") or expanded(items if isinstance(items, Mapping) else {}).get("prefixItems")
    if entries:
        parts = {part.get("title", str(number)): part for number, part in enumerate(entries, 1)}
    known = {key: expanded(part) for key, part in parts.items()}
    listed = (
        f"| `{key}` | {_cell(taken(part))} | {f'`{_default(part)}`' if 'default' in part else ''} "
        f"| {_cell(part.get('description', ''))} |"
        for key, part in known.items()
    )
    if known:
        yield _table(("in it" if "properties" in schema else "entry", "takes", "default", "what it is"), listed)


def _part_of_example(kind: str, key: str, example: Mapping[str, Any]) -> Any:
    """What an example shows of a kind: the net, the key that a part stands under, or the block around the nets."""
    if kind == "net":
        return {key: example[key]} if key else example
    if kind in PARTS.values():
        return {name: example[name] for name, part in PARTS.items() if part == kind}
    spec = next(iter(example.values()))
    if kind in ("spec", "meta"):
        return {key: spec[key]} if kind == "spec" else {"meta": spec["meta"]}
    agent, env = (spec[part][0] if isinstance(spec[part], list) else spec[part] for part in ("agent", "env"))
    return {"env": env} if kind == "env" else {key: agent[key]} if kind == "agent" else {kind: agent[kind]}


def _code(value: Any) -> str:
    return f"```json\n{pretty(value, WIDTH)}\n```"


def _listed(facts: list[tuple[str, str]]) -> str:
    return "\n".join(f"- **{name}**: {value}" for name, value in facts)


def _table(head: tuple[str, ...], listed: Iterator[str]) -> str:
    return "\n".join([f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *listed])


def _text(text: str) -> str:
    return text.replace("<", "&lt;").replace(" * ", " \\* ")


def _cell(text: str) -> str:
    return _text(text).replace("|", "\\|")


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in pages().items():
        (folder / file).write_text(text, encoding="utf-8")
