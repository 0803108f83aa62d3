"""The `modules` of an arc: each a layer, or layers one after the other, with the place of every part in the file."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from slm_net.problems import WARNING, Path, Problem, Rule
from slm_net.schema.catalogue import canonical_arguments
from slm_net.schema.validator import errors
from slm_net.words import visible

ARC_COMPACT = Rule(
    "SN332",
    "compact-does-not-match",
    what=(
        "An entry of `args` of a `compact` has another number of values than there are `keys`. With too few the last "
        "arguments take their defaults, which is a warning."
    ),
    why="a value too many would be dropped, and one too few is hardly meant.",
    wrong=(
        '{"type": "TorchArcNet", "arc": {"modules": {"body": {"compact": {"layer": {"type": "LazyLinear", "keys": '
        '["out_features"], "args": [[64, 32]]}}}}, "graph": {"input": "x", "modules": {"body": "x"}, "output": '
        '"body"}}}\n'
    ),
    right=(
        '{"type": "TorchArcNet", "arc": {"modules": {"body": {"compact": {"layer": {"type": "LazyLinear", "keys": '
        '["out_features"], "args": [64, 32]}}}}, "graph": {"input": "x", "modules": {"body": "x"}, "output": '
        '"body"}}}\n'
    ),
)


@dataclass(frozen=True)
class Call:
    """One layer as it is written; of a `wrong` one nothing is known. `places` has arguments that stand elsewhere."""

    name: str
    written: Mapping[str, Any] = field(repr=False)
    path: Path
    places: Mapping[str, Path] = field(default_factory=dict, repr=False)
    wrong: bool = field(default=False, repr=False)
    #: How many layers it is.
    count: ClassVar[int] = 1

    @property
    def given(self) -> dict[str, Any]:
        """The written arguments, each number of the kind that the layer takes."""
        arguments = self.arguments
        return {key: arguments[key] for key in self.written}

    @cached_property
    def arguments(self) -> dict[str, Any]:
        """All arguments, those that are not written at their defaults."""
        return canonical_arguments("layer", self.name, self.written)

    def at(self, argument: str = "", entry: int | None = None) -> Path:
        """The path of an argument, and of an entry of its list; of the layer if it is not written."""
        if argument not in self.written:
            return self.path
        place = self.places.get(argument, (*self.path, argument))
        return place if entry is None or not isinstance(self.written[argument], list) else (*place, entry)


@dataclass(frozen=True)
class Stack:
    """Parts one after the other, so many times with weights of their own; a residual one adds what went in."""

    parts: tuple[Part, ...]
    path: Path
    times: int = 1
    residual: bool = False

    @property
    def count(self) -> int:
        """How many layers it has; nothing is written out to count them."""
        return self.times * sum(part.count for part in self.parts)


Part = Call | Stack
#: Where a layer is: its module, and its place in each stack around it.
Key = tuple[str | int, ...]
#: The forms of a module that are no layer.
FORMS = ("Sequential", "Residual", "Repeat", "compact")


class Reader:
    """Reads modules; `problems` are those that a schema does not see.

    What the schema refused, at the paths `refused`, is read as a layer that is wrong.

    >>> Reader().part({"Sequential": [{"LazyLinear": {"out_features": 8}}, "ReLU"]}, ()).parts[1]
    Call(name='ReLU', path=('Sequential', 1))
    """

    def __init__(self, refused: Collection[Path] = ()):
        self.problems: list[Problem] = []
        self._refused = refused

    def part(self, data: Any, at: Path) -> Part:
        """The module or layer that stands at a path."""
        if isinstance(data, str):
            return Call(data, {}, at, wrong=at in self._refused)
        if at in self._refused or not isinstance(data, Mapping) or len(data) != 1:
            return Call("", {}, at, wrong=True)
        [(name, inside)] = data.items()
        path = (*at, str(name))
        if name == "compact":
            return self._compact(inside, path)
        if name in FORMS:
            return self._stack(str(name), inside, path)
        return Call(str(name), inside if isinstance(inside, Mapping) else {}, path, wrong=self._is_refused(path))

    def _is_refused(self, path: Path) -> bool:
        """Whether something at the path or below it was refused."""
        return any(place[: len(path)] == path for place in self._refused)

    def _parts(self, layers: Any, at: Path) -> tuple[Part, ...]:
        return tuple(self.part(layer, (*at, index)) for index, layer in enumerate(layers or ()))

    def _stack(self, form: str, inside: Any, path: Path) -> Part:
        times: Any = 1
        layers, place = inside, path
        if form == "Repeat" and isinstance(inside, Mapping):
            times, layers, place = inside.get("times"), inside.get("layers"), (*path, "layers")
        if not isinstance(layers, list) or not isinstance(times, int | float) or (*path, "times") in self._refused:
            return Call("", {}, path, wrong=True)
        return Stack(self._parts(layers, place), path, int(times), residual=form == "Residual")

    def _compact(self, inside: Any, path: Path) -> Part:
        """A compact written out: for each entry of `args` the layers before, the layer, the layers behind."""
        needed = (path, (*path, "layer"), *((*path, "layer", key) for key in ("type", "keys", "args")))
        keys = (place[: len(path) + 2] for place in self._refused if place[: len(path)] == path)
        if any(place in self._refused for place in needed) or (*path, "layer", "keys") in keys:
            return Call("", {}, path, wrong=True)
        parts: list[Part] = []
        for index, entry in enumerate(inside["layer"]["args"]):
            parts += self._parts(inside.get("prelayer"), (*path, "prelayer"))
            parts.append(self._compact_call(inside["layer"], entry, (*path, "layer", "args", index)))
            parts += self._parts(inside.get("postlayer"), (*path, "postlayer"))
        return Stack(tuple(parts), path)

    def _compact_call(self, layer: Mapping[str, Any], entry: Any, path: Path) -> Call:
        """One layer of a compact: a value for each key, alone if there is one key."""
        keys, values = layer["keys"], entry if isinstance(entry, list) else [entry]
        message = f"{len(values)} value{'s' * (len(values) != 1)} for {len(keys)} key{'s' * (len(keys) != 1)}"
        if len(values) < len(keys):
            rest = visible(", ".join(map(str, keys[len(values) :])))
            hint, message = "give one value a key", f"{message}: {rest} is left at its default"
            self.problems.append(ARC_COMPACT.at(path, message, hint, WARNING))
        elif len(values) > len(keys):
            nested = f"write {[entry]} for a value that is a list" if len(keys) == 1 else "give one value a key"
            self.problems.append(ARC_COMPACT.at(path, message, visible(nested, 160)))
        places = {key: (*path, i) if isinstance(entry, list) else path for i, key in enumerate(keys[: len(values)])}
        written = dict(zip(keys, values, strict=False))
        wrong = self._is_refused(path) or any(errors(arguments_ref(layer["type"]), written))
        return Call(layer["type"], written, path, places, wrong)


def arguments_ref(layer: str) -> str:
    """The reference to the schema of a layer's arguments."""
    return f"layer.schema.json#/$defs/{layer}"


def calls_of(part: Part) -> Iterator[Call]:
    """Every layer of a part, as written: once, however often it is repeated."""
    if isinstance(part, Call):
        yield part
        return
    for inner in part.parts:
        yield from calls_of(inner)


def repeated(stack: Stack) -> Iterator[Part]:
    """The parts of a stack, over and over as often as it says."""
    for _ in range(stack.times):
        yield from stack.parts


def instances(key: Key, part: Part) -> Iterator[tuple[Key, Call]]:
    """Every layer that has weights of its own, and where it is."""
    if isinstance(part, Call):
        yield key, part
        return
    for index, inner in enumerate(repeated(part)):
        yield from instances((*key, index), inner)
