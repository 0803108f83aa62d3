"""Wrong values in words: what was found, what was expected, what to write instead."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from functools import cache
from itertools import islice
from typing import Any, NamedTuple

from slm_net.document.arc_files import KEYS as ARC_FILES
from slm_net.problems import Edit, Path, Problem
from slm_net.schema import catalogue
from slm_net.schema.catalogue import Schema
from slm_net.schema.compose import without_role
from slm_net.schema.entries import KIND_WORDS
from slm_net.schema.validator import validator_of
from slm_net.text.paths import value_at
from slm_net.wording.aliases import NAMES
from slm_net.wording.slips import is_typo_of
from slm_net.words import listing, nearest, visible


class Cure(NamedTuple):
    """What to write instead: for people, and as data."""

    hint: str
    fix: tuple[Edit, ...] = ()


#: What the entries of a row of conv_hid_layers are.
COLUMNS = ("out_channels", "kernel_size", "stride", "padding", "dilation", "groups", "bias", "padding_mode")


def what(path: Path) -> str:
    """The thing at `path`, as a message names it.

    >>> what(("dqn", "agent", 0, "net")), what(("betas", 1)), what(())
    ('net', 'entry 2 of betas', 'the net')
    >>> what(("conv_hid_layers", 0, 3)), what(("hid_layers", 2, 1, 0))
    ('padding of row 1 of conv_hid_layers', 'layer 1 of tail 2 of hid_layers')
    """
    if not path:
        return "the net"
    if isinstance(path[-1], str):
        return visible(path[-1], 40)
    return _entry(path) or f"entry {path[-1] + 1} of {what(path[:-1])}"


def _entry(path: Path) -> str:
    """An entry of a list whose entries have names: a convolution, or the heads, body and tails of a HydraMLPNet."""
    at = max((at for at, step in enumerate(path) if isinstance(step, str)), default=0)
    key = visible(str(path[at]), 40)
    match without_role(key), *path[at + 1 :]:
        case "conv_hid_layers", int(row):
            return f"row {row + 1} of {key}"
        case "conv_hid_layers", int(), int(column) if column < len(COLUMNS):
            return f"{COLUMNS[column]} of {what(path[:-1])}"
        case "hid_layers", 1, int(layer):
            return f"layer {layer + 1} of the body of {key}"
        case "hid_layers", (0 | 2) as part, int(index):
            return f"{'tail' if part else 'head'} {index + 1} of {key}"
        case "hid_layers", (0 | 2), int(), int(layer):
            return f"layer {layer + 1} of {what(path[:-1])}"
    return ""


TYPE_WORDS = {
    "integer": "a whole number",
    "number": "a number",
    "string": "a name",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
BOUNDS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "above {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "below {}",
}
#: How the last key of a path tells what kind of name stands there; other keys hold no name of a registry.
KIND_OF_NAME = {
    **catalogue.KIND_OF_KEY,
    "type": "net_type",
    "cell_type": "cell_type",
    "optimizer": "optimizer",
    "action_pdtype": "distribution",
    "action_policy": "action policy",
    "explore_var_spec": "schedule",
    "entropy_coef_spec": "schedule",
    "clip_eps_spec": "schedule",
}
#: The keys that hold an arc, in which other names stand.
ARCS = tuple(ARC_FILES.values())
_encoder = json.JSONEncoder(default=str)


def shown(value: Any) -> str:
    """A value as it stands in the file, short and safe to print.

    >>> shown([1, None]), shown("re\\x1blu")
    ('[1, null]', '"re\\\\x1blu"')
    """
    if isinstance(value, str):
        return f'"{visible(value, 40)}"'
    if isinstance(value, Mapping):
        return "an object"
    return visible("".join(islice(_encoder.iterencode(value), 40)), 40)  # a list may have 100,000 entries


def named(path: Path, schema: Schema) -> str:
    """The value at `path` by the title that its schema gives to an entry of a list.

    >>> named(("hid_layers", 2), {"title": "tails"})
    'tails of hid_layers'
    """
    if path and isinstance(path[-1], int) and schema.get("title", "").islower():
        return f"{schema['title']} of {what(path[:-1])}"
    return what(path)


def expected(schema: Schema) -> str:
    """What a schema asks for, in words.

    >>> expected({"type": ["number", "null"], "exclusiveMinimum": 0})
    'a number above 0, or null'
    >>> expected({"type": "array", "items": {"type": "integer", "minimum": 1}})
    'a list'
    """
    if "enum" in schema:
        return "one of " + listing(choices_of(schema))
    kinds = types_of(schema) or ["object"]
    words = [TYPE_WORDS[kind] for kind in kinds]
    numeric = next((i for i, kind in enumerate(kinds) if kind in ("number", "integer")), None)
    bounds = " and ".join(text.format(schema[key]) for key, text in BOUNDS.items() if key in schema)
    if numeric is not None and bounds:
        words[numeric] += (" of " if bounds.startswith("at ") else " ") + bounds
    if "string" in kinds and (choices := choices_of(schema)):
        words[kinds.index("string")] = "one of " + listing(choices)
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + ", or " + words[-1]


def types_of(schema: Schema) -> list[str]:
    """The JSON types that a schema lists, null at the end.

    >>> types_of({"type": ["null", "integer"]})
    ['integer', 'null']
    """
    types = schema.get("type", [])
    return sorted([types] if isinstance(types, str) else types, key=lambda kind: kind == "null")


def choices_of(schema: Schema) -> list[str]:
    """The names that a schema allows: those of its enum, or of its pattern, as its examples spell them.

    >>> choices_of({"pattern": "^(?:[gG][rR][uU]|same)$", "examples": ["GRU"]})
    ['GRU', 'same']
    """
    if "enum" in schema:
        return [json.dumps(choice) if not isinstance(choice, str) else choice for choice in schema["enum"]]
    if "pattern" not in schema:
        return []
    spelled = {name.casefold(): name for name in schema.get("examples", ()) if isinstance(name, str)}
    return [spelled.get(word.casefold(), word) for word in _words_of(schema["pattern"])]


@cache
def _words_of(pattern: str) -> list[str]:
    words = pattern.removeprefix("^(?:").removesuffix(")$").split("|")
    return [re.sub(r"\[(.).\]", r"\1", word) for word in words]


def allows_null(schema: Schema) -> bool:
    """True if null is a right value; a schema without types allows every one."""
    return None in schema["enum"] if "enum" in schema else "null" in (types_of(schema) or ["null"])


def kind_of_name(path: Path) -> str:
    """Which kind of name stands at `path`: "optimizer", "activation", "net_type", ...; "" for a plain choice.

    >>> kind_of_name(("critic_optim_spec", "name")), kind_of_name(("hid_layers_activation", 0)), kind_of_name(("type",))
    ('optimizer', 'activation', 'net_type')
    >>> kind_of_name(("optim_spec", "lr"))
    ''
    """
    if "conv_hid_layers" in path:
        return ""
    if any(step in ARCS for step in path):
        of_compact = path[-3:-2] == ("compact",) and path[-1] == "type"
        return "layer" if of_compact else "function" if path[-2:] == ("TorchFn", "name") else ""
    keys = [part for part in path if isinstance(part, str) and part != "name"]
    last = without_role(keys[-1]) if keys else ""
    return KIND_OF_NAME.get(last, "")


def kind_words(kind: str) -> str:
    """A kind of name as a message says it.

    >>> kind_words("lr_scheduler"), kind_words("init")
    ('lr scheduler', 'init function')
    """
    return KIND_WORDS.get(kind, kind.replace("_", " "))


NULL_WORDS = {"none", "null", "nil", "no", "false", "off", ""}
TRUE_WORDS, FALSE_WORDS = {"true", "yes", "on", "cuda", "gpu"}, {"false", "no", "off", "cpu"}
#: Words that YAML 1.1 reads as true or false; YAML 1.2, and so slm_net, does not.
YAML_WORDS = {"yes", "no", "on", "off"}
_variable = re.compile(r"\$\{?\s*(\w+)\s*\}?|\{+\s*(\w+)\s*\}+").fullmatch
_device = re.compile(r"cuda:(\d+)", re.IGNORECASE).fullmatch


def value_cure(value: Any, path: Path, schema: Schema) -> Cure:
    """What to write instead of a value of the wrong type, which is right if it is said in full."""
    cure = _value_cure(value, path, schema)
    wrong = any(edit.action == "replace" and not _may_be(edit.value, schema) for edit in cure.fix)
    return Cure(example(schema) or _object(schema)) if wrong else cure


def _may_be(value: Any, schema: Schema) -> bool:
    return (isinstance(value, str) and catalogue.VARIABLE.search(value) is not None) or is_valid(value, schema)


def _value_cure(value: Any, path: Path, schema: Schema) -> Cure:
    types, in_list = types_of(schema), bool(path) and isinstance(path[-1], int)
    if isinstance(value, str):
        return _text_cure(value, path, schema)
    if isinstance(value, list) and "array" not in types and value:
        return _list_cure(value, path, schema, in_list)
    one = value[0] if isinstance(value, list) and len(value) == 1 else value
    if isinstance(one, Mapping) and (both := _of_both_nets(one, path, schema)):
        return both
    if isinstance(value, Mapping) and value.get("name") in choices_of(schema):
        return written(path, value["name"], safe=len(value) == 1)
    if isinstance(value, int | float) and value in (0, 1) and value is not bool(value) and _allows_booleans(schema):
        return written(path, bool(value))
    if isinstance(value, int | float) and not isinstance(value, bool) and _lists_numbers(schema):
        return written(path, [value])
    if value is True and len(names := choices_of(schema)) == 2 and allows_null(schema):
        return written(path, next(name for name in names if name != "null"), safe=False)
    if value is False and allows_null(schema):
        return written(path, None, " for none", safe=False)
    if value is None and types == ["array"] and not schema.get("minItems"):
        return written(path, [], " for none")
    if types == ["array"] and isinstance(value, int | float) and not schema.keys() & {"items", "prefixItems"}:
        return written(path, [value])
    if value is None and "default" in schema and not in_list:
        return Cure("leave the key out for its default", (Edit(path, "remove"),))
    return Cure(example(schema) or _object(schema))


#: What other libraries call the two nets of an actor-critic in one object.
ACTOR, CRITIC = ("pi", "actor", "policy"), ("vf", "qf", "critic", "value")


def _of_both_nets(value: Mapping[str, Any], path: Path, schema: Schema) -> Cure | None:
    """The cure of one object with the values of the actor's and the critic's net."""
    actor, critic = (next((part for part in parts if part in value), "") for parts in (ACTOR, CRITIC))
    if not (actor and critic and path and isinstance(path[-1], str)):
        return None
    both = {f"actor_{path[-1]}": value[actor], f"critic_{path[-1]}": value[critic]}
    fix = (Edit(path, "split", both),) if all(is_valid(part, schema) for part in both.values()) else ()
    return Cure(f"write 'actor_{path[-1]}' and 'critic_{path[-1]}', one for each net", fix)


def written(path: Path, value: Any, more: str = "", *, safe: bool = True) -> Cure:
    """That another value is to be written."""
    return Cure(f"write {visible(json.dumps(value), 160)}{more}", (Edit(path, "replace", value, safe),))


def is_valid(value: Any, schema: Schema) -> bool:
    """True if a schema, or a part of one, has nothing against a value."""
    return next(validator_of(schema).iter_errors(value), None) is None


def _list_cure(value: list[Any], path: Path, schema: Schema, in_list: bool) -> Cure:
    """What to write for a list where one value is wanted."""
    choices = choices_of(schema)
    scalars = types_of(schema) != ["object"] and all(isinstance(entry, str | int | float) for entry in value)
    if in_list and scalars and not choices:
        hint = "write " + ", ".join(map(shown, value[:4])) + (", ..." if len(value) > 4 else "") + ", without brackets"
        return Cure(hint, (Edit(path, "replace", value[0], safe=True),) if len(value) == 1 else ())
    if len(value) == 1 and isinstance(value[0], Mapping) and "object" in types_of(schema):
        return Cure("write it without the brackets", (Edit(path, "replace", value[0], safe=True),))
    if len(value) == 1 and scalars:
        return written(path, value[0])
    if scalars and not in_list:
        return Cure("write one value; a `search` tries several")
    return Cure(example(schema))


def _text_cure(value: str, path: Path, schema: Schema) -> Cure:
    types = types_of(schema)
    if cure := other_form(value, path, schema):
        return cure
    bare = value.strip().rstrip(",;")
    number = _number(bare.replace("_", ""))
    if number is not None and ("number" in types or ("integer" in types and number.is_integer())):
        plain = bare.replace("_", "")
        hint = f"write {plain}, without quotes" if plain == value.strip() else f"write {plain}"
        return Cure(hint, (Edit(path, "replace", json.loads(plain), safe=True),))
    if "object" in types and _takes_a_name(schema):
        return _named_object(value, path, schema)
    if "array" in types and (numbers := _listed(value)):
        return written(path, [json.loads(number) for number in numbers])
    if types == ["array"] and not schema.keys() & {"items", "prefixItems"}:
        return written(path, [value])
    return Cure(example(schema) or _object(schema))


def _named_object(value: str, path: Path, schema: Schema) -> Cure:
    """The object with a name that a name alone stands for, with an example of each argument that it needs."""
    kind = kind_of_name(path)
    if kind not in catalogue.KINDS:
        return written(path, {"name": value})
    if not (name := nearest(value, catalogue.names(kind), NAMES)):
        return Cure(example(schema))
    known = catalogue.arguments(kind, name)
    needed = {key: (values_of(known[key]) or [None])[0] for key in catalogue.needed(kind, name)}
    cure = written(path, {"name": name, **needed}, safe=is_typo_of(value, name))
    return cure if not needed else cure._replace(fix=())


def other_form(value: str, path: Path, schema: Schema) -> Cure | None:
    """The cure of a text that stands for a variable, null, true or false."""
    word = value.strip().casefold()
    if match := _variable(value.strip()):
        name = "${" + next(filter(None, match.groups())) + "}"
        return written(path, name, " for a variable", safe=False)
    quotes = "" if word in YAML_WORDS else ", without quotes"
    if word in NULL_WORDS and allows_null(schema):
        return written(path, None, ", without quotes")
    if word in TRUE_WORDS | FALSE_WORDS and _allows_booleans(schema):
        return written(path, word in TRUE_WORDS, quotes)
    if (match := _device(word)) and _allows_booleans(schema):
        device = {"gpu": True, "cuda_id": int(match[1])}
        fix = (Edit(path, "split", device),) if path[-1:] == ("gpu",) else ()
        return Cure(f'write true, and "cuda_id": {match[1]}', fix)
    return None


def example(schema: Schema) -> str:
    """One right value, if the schema has an example or a default."""
    return f"for example {json.dumps(values[0])}" if (values := values_of(schema)) else ""


def values_of(schema: Schema) -> list[Any]:
    """The examples and the default of a schema but null."""
    return [value for value in (*schema.get("examples", ()), schema.get("default")) if value is not None]


def _object(schema: Schema) -> str:
    needed = schema.get("required", ()) if types_of(schema) == ["object"] else ()
    return "write {" + ", ".join(f'"{key}": ...' for key in needed) + "}" if needed else ""


def _takes_a_name(schema: Schema) -> bool:
    named = (value for value in schema.get("examples", ()) if isinstance(value, Mapping) and "name" in value)
    return "name" in schema.get("required", ()) or any(True for _ in named)


def _allows_booleans(schema: Schema) -> bool:
    return "boolean" in types_of(schema) or any(choice is True for choice in schema.get("enum", ()))


def _lists_numbers(schema: Schema) -> bool:
    items = schema.get("items", {})
    of_numbers = isinstance(items, Mapping) and not {"integer", "number"}.isdisjoint(types_of(items))
    return "array" in types_of(schema) and of_numbers


def _listed(text: str) -> list[str]:
    """The numbers of a list that was written as a text."""
    parts = re.split(r"[\s,;x]+", text.strip("[]() "))
    return parts if len(parts) < 20 and all(_number(part) is not None for part in parts) else []


def _number(text: str) -> float | None:
    """The number that a text would be without its quotes."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if is_number else None


def list_cure(problem: Problem, instance: Any, depth: int) -> Cure | None:
    """The cure of an entry of a list in `instance`, whose own path has that many steps, if it has no better one."""
    path = problem.path
    if len(path) <= depth or not isinstance(path[-1], int) or problem.at_key:
        return None
    at = max((at for at in range(depth, len(path)) if isinstance(path[at], str)), default=-1)
    if at < 0:
        return None
    key, owner = str(path[at]), value_at(instance, path[depth:at])
    rows = owner.get(key) if isinstance(owner, Mapping) else None
    if key.endswith("conv_hid_layers") and path[at + 1 :] == (0,) and isinstance(rows, list) and _all_numbers(rows):
        return written(path[: at + 1], [rows])
    if problem.hint or not isinstance(owner, Mapping):
        return None
    values = values_of(schema_of_key(owner, key, kind_of_name(path[:at])))
    return Cure(f'for example "{key}": {json.dumps(values[0])}') if values else None


def _all_numbers(rows: list[Any]) -> bool:
    return len(rows) <= 8 and all(isinstance(row, int) and not isinstance(row, bool) for row in rows)


def schema_of_key(owner: Mapping[str, Any], key: str, kind: str) -> Schema:
    """The schema of a key of a net block, or of an argument of the part of this kind that `owner` is."""
    if kind not in catalogue.KINDS:
        known = catalogue.net_properties_of(owner)
        return known.get(key) or known.get(without_role(key), {})
    name = owner.get("name")
    return catalogue.arguments(kind, name).get(key, {}) if name in catalogue.names(kind) else {}
