"""The `graph` of an arc: which module gets what, as steps in an order in which each can run."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import Any

from slm_net.arc.layers import LAYERS
from slm_net.arc.modules import Call, Part, Reader
from slm_net.arc.names import name_fault
from slm_net.problems import WARNING, Edit, Path, Problem, Rule
from slm_net.text.paths import value_at
from slm_net.words import did_you_mean, listing, visible


def arc_example(
    graph: str, modules: str = '"body": {"Sequential": [{"LazyLinear": {"out_features": 64}}, "ReLU"]}'
) -> str:
    """The text of a TorchArcNet with this graph, for the page of a rule."""
    return f'{{"type": "TorchArcNet", "arc": {{\n  "modules": {{{modules}}},\n  "graph": {{{graph}}}\n}}}}\n'


GRAPH = '"input": "x", "modules": {"body": ["x"]}, "output": "body"'
ARC_GRAPH = Rule(
    "SN330",
    "graph-does-not-connect",
    what=(
        "The graph of an arc names what is not there, calls a module with inputs that it does not have or without one "
        "that it needs, goes round in a circle, or a name cannot be that of a module."
    ),
    why="the net cannot be put together.",
    wrong=arc_example(GRAPH.replace('"output": "body"', '"output": "bdy"')),
    right=arc_example(GRAPH),
)
ARC_UNUSED = Rule(
    "SN331",
    "unused-in-the-graph",
    what=(
        "A module that the graph does not call, a node or an input that leads to no output, or an output that is not "
        "used. This is a warning."
    ),
    why="it would run in every step, or not be built at all, and never learn anything.",
    wrong=arc_example(
        '"input": "x", "modules": {"body": ["x"]}, "output": "body"',
        '"body": {"LazyLinear": {"out_features": 64}}, "side": {"LazyLinear": {"out_features": 64}}',
    ),
    right=arc_example(GRAPH),
)
#: The layers of one arc, and how often layers are called in it.
MAX_LAYERS = 10_000
#: The place of a value: inputs first, then what leaves each step; a tuple of them is a list of tensors.
Slot = int
Source = Slot | tuple[Slot, ...]


@dataclass(frozen=True)
class Step:
    """One call of a module: its inputs in order, and those that are given by name."""

    node: str
    inputs: tuple[Source, ...]
    named: Mapping[str, Source]
    path: Path
    bare: bool = False
    #: Whether its module can be called with what it is given.
    fits: bool = True

    @property
    def module(self) -> str:
        """The module that is called: `conv~left` and `conv~right` are calls of one."""
        return self.node.partition("~")[0]

    @property
    def sources(self) -> tuple[Source, ...]:
        """All that goes in."""
        return (*self.inputs, *self.named.values())

    def at(self, source: int, entry: int | None = None) -> Path:
        """The path of one of its sources, and of an entry of a list."""
        inside = () if entry is None else (entry,)
        if source < len(self.inputs):
            return self.path if self.bare else (*self.path, source, *inside)
        return (*self.path, list(self.named)[source - len(self.inputs)], *inside)


@dataclass(frozen=True)
class Arc:
    """A network as data: `output` is a slot, a tuple of them, or slots by name; `outputs` are the places of these."""

    inputs: tuple[str, ...]
    modules: Mapping[str, Part]
    steps: tuple[Step, ...]
    output: Slot | tuple[Slot, ...] | Mapping[str, Slot]

    @property
    def output_slots(self) -> tuple[Slot, ...]:
        """The slots of the output, in order."""
        if isinstance(self.output, int):
            return (self.output,)
        return tuple(self.output.values() if isinstance(self.output, Mapping) else self.output)

    def name_of(self, slot: Slot) -> str:
        """What a value is called in the graph."""
        return self.inputs[slot] if slot < len(self.inputs) else self.steps[slot - len(self.inputs)].node


def read_arc(data: Mapping[str, Any], refused: Collection[Path] = ()) -> tuple[Arc | None, list[Problem]]:
    """An arc, and what is wrong with it, at paths below it; None if its graph cannot be followed.

    The schema has looked at it already, and refused what stands at the paths `refused`: nothing is said of that.

    >>> graph = {"input": "x", "modules": {"fc": "x"}, "output": "fc"}
    >>> arc, problems = read_arc({"modules": {"fc": "ReLU"}, "graph": graph})
    >>> arc.steps[0].node, arc.steps[0].inputs, problems
    ('fc', (0,), [])
    """
    reader = _Graph(data, refused)
    arc = reader.read()
    return arc, reader.problems


def input_names(arc: Any) -> tuple[str, ...]:
    """The inputs that a graph names; none if there is no such graph.

    >>> input_names({"graph": {"input": "x"}}), input_names({"graph": {"input": ["state", "action"]}})
    (('x',), ('state', 'action'))
    """
    written = value_at(arc, ("graph", "input"))
    names = written if isinstance(written, list) else [written]
    return tuple(names) if all(isinstance(name, str) for name in names) else ()


@dataclass
class _Node:
    """A node of the graph as it is written; `sources` are the names that it refers to, with their places."""

    name: str
    path: Path
    inputs: list[Any] = field(default_factory=list)
    named: dict[str, Any] = field(default_factory=dict)
    bare: bool = False
    fits: bool = True

    @property
    def entries(self) -> Iterator[tuple[Path, Any]]:
        """All that goes in, a name or a list of them, each behind its place."""
        yield from ((self.path if self.bare else (*self.path, index), entry) for index, entry in enumerate(self.inputs))
        yield from (((*self.path, key), entry) for key, entry in self.named.items())

    @property
    def sources(self) -> Iterator[tuple[str, Path]]:
        """Every name with its place."""
        for path, entry in self.entries:
            if isinstance(entry, list):
                yield from ((name, (*path, index)) for index, name in enumerate(entry))
            else:
                yield entry, path


class _Graph:
    """Reads one arc; what cannot be followed is left out, so that the rest can be looked at."""

    def __init__(self, data: Mapping[str, Any], refused: Collection[Path]):
        self.data, self.refused = data, frozenset(refused)
        self.reader = Reader(refused)
        self.problems = self.reader.problems

    def read(self) -> Arc | None:
        modules, graph = self.data.get("modules"), self.data.get("graph")
        needed = ((), ("modules",), ("graph",))
        if not isinstance(modules, Mapping) or not isinstance(graph, Mapping) or self.refused.intersection(needed):
            return None
        parts = {str(name): self.reader.part(part, ("modules", name)) for name, part in modules.items()}
        self._check_names(parts)
        keys = ("input", "modules", "output")  # one that is not there has been refused under the name that it has
        if self._is_too_long(parts, graph) or any(key not in graph or self._is_refused(key) for key in keys):
            return None
        written = graph["input"]
        inputs = tuple([written] if isinstance(written, str) else written)
        if not self._inputs_are_right(inputs):
            return None
        nodes = [self._node(name, entry) for name, entry in graph["modules"].items()]
        nodes = [node for node in nodes if self._has_module(node, parts)]
        self._check_calls(nodes, parts)
        steps, slots = self._in_order(nodes, inputs)
        output = self._output(graph["output"], slots)
        if output is None or len(steps) < len(graph["modules"]):
            return None
        arc = Arc(inputs, parts, tuple(steps), output)
        self.problems += unused(arc)
        return arc

    def _is_refused(self, *place: str) -> bool:
        path = ("graph", *place)
        return any(other[: len(path)] == path or path[: len(other)] == other for other in self.refused)

    def _wrong(
        self, path: Path, message: str, hint: str = "", *, at_key: bool = False, fix: tuple[Edit, ...] = ()
    ) -> None:
        self.problems.append(ARC_GRAPH.at(path, message, hint, at_key=at_key, fix=fix))

    def _is_too_long(self, parts: Mapping[str, Part], graph: Mapping[str, Any]) -> bool:
        """Whether there are more layers, or calls of them, than any net has."""
        for part in parts.values():
            if part.count > MAX_LAYERS:
                self._wrong(part.path, f"more than {MAX_LAYERS:,} layers", "are two Repeats inside of each other?")
                return True
        if sum(part.count for part in parts.values()) > MAX_LAYERS:
            self._wrong(("modules",), f"more than {MAX_LAYERS:,} layers in all")
            return True
        nodes = graph["modules"] if isinstance(graph.get("modules"), Mapping) else ()
        called = (parts.get(str(node).partition("~")[0]) for node in nodes)
        if sum(part.count if part else 1 for part in called) > MAX_LAYERS:
            self._wrong(("graph", "modules"), f"more than {MAX_LAYERS:,} calls of layers")
            return True
        return False

    # --- names

    def _check_names(self, parts: Mapping[str, Part]) -> None:
        for name in parts:
            if fault := name_fault(name):
                self._wrong(("modules", name), *fault, at_key=True)

    def _inputs_are_right(self, inputs: tuple[str, ...]) -> bool:
        twice = next((i for i, name in enumerate(inputs) if name in inputs[:i]), None)
        if twice is not None:
            self._wrong(("graph", "input", twice), f"the input {visible(inputs[twice])!r} is there already")
        return twice is None

    def _has_module(self, node: _Node, parts: Mapping[str, Part]) -> bool:
        module, tilde, rest = node.name.partition("~")
        if "~" in rest:
            self._wrong(node.path, f"{visible(node.name)!r} has two ~", "write one: MODULE~SUFFIX", at_key=True)
        elif node.name in parts and tilde:
            return False  # the name of the module is wrong already
        elif module not in parts:
            self._wrong(node.path, f"there is no module {visible(module)!r}", did_you_mean(module, parts), at_key=True)
        else:
            return True
        return False

    # --- calls

    def _node(self, name: str, entry: Any) -> _Node:
        path = ("graph", "modules", name)
        if isinstance(entry, Mapping):
            return _Node(name, path, named=dict(entry))
        bare = isinstance(entry, str)
        return _Node(name, path, [entry] if bare else list(entry), bare=bare)

    def _check_calls(self, nodes: list[_Node], parts: Mapping[str, Part]) -> None:
        for node in nodes:
            part = parts[node.name.partition("~")[0]]
            if (takes := taken_by(part)) is not None:
                before = len(self.problems)
                self._check_call(node, *takes)
                node.fits = len(self.problems) == before

    def _check_call(self, node: _Node, called: str, inputs: tuple[str, ...], optional: int, listed: bool) -> None:
        """Whether a node gives its layer what that takes."""
        if (other := next((key for key in node.named if key not in inputs), None)) is not None:
            message, hint = f"{called} has no input {visible(other)!r}", did_you_mean(other, inputs)
            self._wrong((*node.path, other), message, hint, at_key=True)
            return
        if len(node.inputs) > len(inputs) or (not node.named and listed and len(node.inputs) > 1):
            self._too_many(node, called, inputs, listed)
            return
        given = {*inputs[: len(node.inputs)], *node.named}
        if missing := [name for name in inputs[: len(inputs) - optional] if name not in given]:
            first, hint = next(node.sources, ("x", ()))[0], f"add {listing(missing)}"
            if node.inputs or not node.named:
                hint = f"write [{', '.join([visible(first)] * (len(inputs) - optional))}]"
            self._wrong(node.path, f"{called} needs {listing(missing)}", hint)
            return
        for path, entry in node.entries:
            if isinstance(entry, list) and not listed:
                hint, fix = f"write {visible(entry[0])}", (Edit(path, "replace", entry[0], safe=True),)
                self._wrong(path, f"{called} takes a tensor, not a list", hint, fix=fix if len(entry) == 1 else ())
            elif not isinstance(entry, list) and listed:
                fix = (Edit(path, "replace", [entry] if path != node.path else [[entry]], safe=True),)
                self._wrong(path, f"{called} takes a list of tensors", "write a list in the list: [[a, b]]", fix=fix)

    def _too_many(self, node: _Node, called: str, inputs: tuple[str, ...], listed: bool) -> None:
        names = [entry for entry in node.inputs if isinstance(entry, str)]
        if listed and len(names) == len(node.inputs):
            hint, fix = f"write [[{visible(', '.join(names), 60)}]]", (Edit(node.path, "replace", [names], safe=True),)
            self._wrong(node.path, f"{called} takes one list of tensors, and gets {len(names)} inputs", hint, fix=fix)
            return
        plural = "s" * (len(inputs) != 1)
        self._wrong(
            (*node.path, len(inputs)),
            f"{called} takes {len(inputs)} input{plural} ({listing(inputs)}), and gets {len(node.inputs)}",
            "leave the others out",
        )

    # --- order

    def _in_order(self, nodes: list[_Node], inputs: tuple[str, ...]) -> tuple[list[Step], dict[str, Slot]]:
        """The nodes as steps, each behind those that it needs, else as they are written; and the slot of every name.

        A name is that of a node above, of an input, of a node below, whichever comes first: a node may take over the
        name of an input.
        """
        index = {node.name: i for i, node in enumerate(nodes)}
        needs: list[set[int]] = [set() for _ in nodes]
        for i, node in enumerate(nodes):
            for name, path in node.sources:
                j = index.get(name)
                if j is not None and (j < i or name not in inputs):
                    needs[i].add(j)
                elif name not in inputs:
                    self._unknown(name, path, [*inputs, *index])
                    needs[i].add(-1)
        order = _sorted(needs)
        self._check_circles(nodes, needs, set(order))
        place = {i: len(inputs) + slot for slot, i in enumerate(order)}

        def slot(i: int, name: str) -> Slot:
            j = index.get(name)
            return place[j] if j is not None and (j < i or name not in inputs) else inputs.index(name)

        def source(i: int, entry: Any) -> Source:
            return tuple(slot(i, name) for name in entry) if isinstance(entry, list) else slot(i, entry)

        def step(i: int, node: _Node) -> Step:
            given = tuple(source(i, entry) for entry in node.inputs)
            named = {key: source(i, entry) for key, entry in node.named.items()}
            return Step(node.name, given, named, node.path, node.bare, node.fits)

        steps = [step(i, nodes[i]) for i in order]
        names = {**{name: i for i, name in enumerate(inputs)}, **{nodes[i].name: place[i] for i in order}}
        return steps, names

    def _check_circles(self, nodes: list[_Node], needs: list[set[int]], done: set[int]) -> None:
        """One problem for a circle of nodes that wait for each other."""
        waiting = [i for i, need in enumerate(needs) if i not in done and -1 not in need]
        if not waiting or any(-1 in need for need in needs):
            return
        way = [waiting[0]]
        while (following := next(j for j in sorted(needs[way[-1]]) if j not in done)) not in way:
            way.append(following)
        circle = way[way.index(following) :]
        circle = circle[circle.index(min(circle)) :] + circle[: circle.index(min(circle))]
        names = " needs ".join(visible(nodes[i].name, 40) for i in (*circle[:8], circle[0]))
        first = nodes[circle[0]]
        path = next(path for name, path in first.sources if name == nodes[circle[1 % len(circle)]].name)
        self._wrong(path, f"the graph goes round in a circle: {names}", "let the first of them read an input")

    # --- output

    def _output(self, written: Any, slots: Mapping[str, Slot]) -> Any:
        at = ("graph", "output")
        if isinstance(written, str):
            return self._slot(written, at, slots)
        rows = written.items() if isinstance(written, Mapping) else enumerate(written)
        found = {key: self._slot(name, (*at, key), slots) for key, name in rows}
        if None in found.values() or not found:
            return None
        return found if isinstance(written, Mapping) else tuple(found.values())

    def _slot(self, name: str, path: Path, slots: Mapping[str, Slot]) -> Slot | None:
        if name not in slots:
            self._unknown(name, path, slots)
        return slots.get(name)

    def _unknown(self, name: str, path: Path, known: Collection[str]) -> None:
        """There is nothing of this name; of a node that is wrong itself, that has been said."""
        if name not in self.data["graph"]["modules"]:
            self._wrong(path, f"there is no node or input {visible(name)!r}", did_you_mean(name, known))


def _sorted(needs: list[set[int]]) -> list[int]:
    """The nodes in an order in which each comes behind what it needs; else the first as they are written."""
    left = [len(need) for need in needs]
    needed_by: list[list[int]] = [[] for _ in needs]
    for i, need in enumerate(needs):
        for j in need:
            if j >= 0:
                needed_by[j].append(i)
    ready = [i for i, count in enumerate(left) if count == 0]
    heapify(ready)
    order: list[int] = []
    while ready:
        order.append(i := heappop(ready))
        for other in needed_by[i]:
            left[other] -= 1
            if left[other] == 0:
                heappush(ready, other)
    return order


def taken_by(part: Part) -> tuple[str, tuple[str, ...], int, bool] | None:
    """The layer that a module begins with, and its inputs; None if that is not known. Several layers take one input."""
    first: Part | None = part
    while first is not None and not isinstance(first, Call):
        first = first.parts[0] if first.parts and not first.residual else None
    if first is None:
        return "the module", ("input",), 0, False
    if first.wrong or first.name not in LAYERS:
        return None
    layer = LAYERS[first.name]
    if isinstance(part, Call) or layer.listed:
        return first.name, layer.inputs, layer.optional, layer.listed
    return first.name, ("input",), 0, False


def unused(arc: Arc) -> Iterator[Problem]:
    """What leads to no output; an output beyond the first of a list, which has no tail."""
    read = set(arc.output_slots)
    for slot in range(len(arc.inputs) + len(arc.steps) - 1, len(arc.inputs) - 1, -1):
        if slot in read:
            for source in arc.steps[slot - len(arc.inputs)].sources:
                read.update(source if isinstance(source, tuple) else (source,))
    called = {step.module for step in arc.steps}
    for name in (name for name in arc.modules if name not in called):
        message = f"no node calls the module {visible(name)!r}"
        yield ARC_UNUSED.superfluous(("modules", name), message, WARNING)
    for slot, step in enumerate(arc.steps, len(arc.inputs)):
        if slot not in read:
            message = f"nothing reads the node {visible(step.node)!r}: it runs in each step and never learns"
            yield ARC_UNUSED.superfluous(step.path, message, WARNING)
    for slot, name in enumerate(arc.inputs):
        if slot not in read:
            place = ("graph", "input")
            yield ARC_UNUSED.at(place, f"nothing reads the input {visible(name)!r}", severity=WARNING)
