"""Rules about arcs: whether the graph connects, whether every layer gets what it is made for, what nothing uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from slm_net.arc.graph import ARC_GRAPH, ARC_UNUSED, Arc
from slm_net.arc.modules import Call, arguments_ref, calls_of
from slm_net.arc.shapes import Shape, Value
from slm_net.arc.walk import ARC_BATCH, ARC_SHAPE, Row, Walk
from slm_net.document.nets import NetView
from slm_net.document.variables import UNSET_VARIABLE
from slm_net.net_types.arc import (
    OBSERVATIONS,
    ArcOfNet,
    OutputName,
    names_of_outputs,
    tail_widths,
    tails_of,
    widths_of_outputs,
)
from slm_net.problems import WARNING, Edit, Path, Problem
from slm_net.rules.keys import UNUSED_KEY
from slm_net.spaces.values import DIMS_DO_NOT_FIT
from slm_net.wording.schema_problems import MISSING_KEY, schema_problems
from slm_net.words import visible

#: What is written by those who look for the sizes of the net.
SIZES = ("${in_dim}", "${out_dim}", "${state_dim}", "${action_dim}", "${obs_dim}")


def arc_is_there(net: NetView) -> Iterator[Problem]:
    """A TorchArcNet has an arc, or a file with one; of both the arc counts."""
    if net.kind.takes is not OBSERVATIONS:
        return
    if "arc" not in net.written and "arc_file" not in net.written:
        hint = 'add "arc": {"modules": ..., "graph": ...}, or "arc_file" with the path of a file with it'
        yield MISSING_KEY.at(net.path, "'arc' is missing", hint)
    elif "arc" in net.written and "arc_file" in net.written:
        yield UNUSED_KEY.superfluous(net.at("arc_file"), "arc_file is not read, as there is an arc", WARNING)


def arc_fits(net: NetView) -> Iterator[Problem]:
    """The graph connects, and every layer gets what it is made for."""
    if net.arc is not None:
        place = net.at("arc")
        yield from (problem.at((*place, *problem.path)) for problem in _of_arc(net.spec["arc"], net.arc, net))


def _of_arc(data: Mapping[str, Any], found: ArcOfNet, net: NetView) -> Iterator[Problem]:
    """What is wrong with an arc, at paths below it."""
    yield from _sizes_as_variables(data)
    yield from found.problems
    yield from _compact_values(found.arc) if found.arc else ()
    if found.mismatch:
        hint = "name them as the observation space does, or give in_dim one size for each"
        yield DIMS_DO_NOT_FIT.at(("graph", "input"), found.mismatch, hint)
    if found.walk:
        yield from found.walk.problems
        yield from _batches_taken_for_time(found.walk)
        yield from _outputs(found.walk, net)


def _sizes_as_variables(data: Any, at: Path = ()) -> Iterator[Problem]:
    """Where `${in_dim}` stands for a size: no variable has it, and the lazy layers need none."""
    rows = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in rows:
        if isinstance(value, str) and value in SIZES:
            hint = "leave it to a lazy layer: LazyLinear takes the size of what comes in, and the tails that of out_dim"
            yield UNSET_VARIABLE.at((*at, key), f"no variable {value} is known in an arc", hint)
        else:
            yield from _sizes_as_variables(value, (*at, key))


def _compact_values(arc: Arc) -> Iterator[Problem]:
    """What the schema of its layer says against the values of a compact."""
    told = set[Path]()
    for part in arc.modules.values():
        for call in calls_of(part):
            if not call.places or not call.wrong:
                continue
            for problem in schema_problems(arguments_ref(call.name), call.written, call.path):
                place = _place_in_compact(call, problem)
                if place not in told:
                    told.add(place)
                    yield problem.at(place)


def _place_in_compact(call: Call, problem: Problem) -> Path:
    """Where the argument of a problem stands: the value, its key if that is wrong, the layer if it is missing."""
    inside, layer = problem.path[len(call.path) :], call.path[:-2]
    if not inside:
        return layer
    if problem.at_key:
        return (*layer, "keys", list(call.places).index(str(inside[0])))
    return (*call.places[str(inside[0])], *inside[1:])


def _batches_taken_for_time(walked: Walk) -> Iterator[Problem]:
    """A warning for each layer whose `batch_first` is false, so that it goes through the samples as if through time."""
    told = set[Path]()
    for row in walked.rows.values():
        first = row.inputs[0] if row.inputs else None
        is_false = row.call.arguments.get("batch_first") is False
        if (
            is_false
            and isinstance(first, Shape)
            and (len(first.sizes), first.batch) == (3, 0)
            and row.call.path not in told
        ):
            told.add(row.call.path)
            message = f"{row.call.name} takes the batch for time, as its batch_first is false"
            hint = 'write "batch_first": true'
            yield ARC_BATCH.at(row.call.at("batch_first"), message, hint, WARNING, fix=_batch_first(row))


def _batch_first(row: Row) -> tuple[Edit, ...]:
    """The edit that sets it, beside the last argument that is written."""
    call = row.call
    if "batch_first" in call.written:
        return (Edit(call.at("batch_first"), "replace", True),)
    if call.places or not call.written:
        return ()
    last = list(call.written)[-1]
    return (Edit(call.at(last), "split", {last: call.written[last], "batch_first": True}),)


def _outputs(walked: Walk, net: NetView) -> Iterator[Problem]:
    """What the tails see is there, has a batch and features, and is all that there is."""
    arc, at, tails = walked.arc, ("graph", "output"), net.spec["tails"] is not False
    names = names_of_outputs(arc, tails)
    for index, slot in enumerate(arc.output_slots):
        path: Path = at if isinstance(arc.output, int) else (*at, names[index] if len(names) > 1 else index)
        if index >= len(names):
            hint = 'give the outputs names, for example {"policy": ..., "value": ...}: each has tails of its own then'
            yield ARC_UNUSED.at(
                path, f"no tail sees {visible(arc.name_of(slot))!r}, only the first output", hint, WARNING
            )
            continue
        if slot < len(arc.inputs):
            yield ARC_UNUSED.at(path, "the output is an input: the tails see it as it is", severity=WARNING)
        made_by = ("modules", arc.name_of(slot).partition("~")[0]) if slot >= len(arc.inputs) else path
        if problem := _wrong_output(walked.values[slot], arc.name_of(slot), made_by):
            yield problem
    if net.outputs:
        yield from _tails(names, widths_of_outputs(walked, tails), net)


def _tails(names: list[OutputName], widths: list[int], net: NetView) -> Iterator[Problem]:
    """Each tail has an output to see; without tails of its own the arc gives what `out_dim` says."""
    at, wanted = ("graph", "output"), tail_widths(net.out_dim, net.spec.get("log_std_init"))
    try:
        seen = tails_of(names, len(wanted))
    except ValueError as error:
        hint = "give as many as the net has outputs, or policy and value" if len(wanted) > 1 else "name one output"
        yield ARC_GRAPH.at(at, str(error), hint)
        return
    for index, width in enumerate(wanted) if net.spec["tails"] is False else ():
        if widths[seen[index]] not in (0, width):
            message = f"the arc gives {widths[seen[index]]} features where out_dim has {width}"
            hint = 'let its last layer give as many, or leave out "tails": false'
            yield DIMS_DO_NOT_FIT.at((*at, names[seen[index]]) if len(names) > 1 else at, message, hint)


def tails_are_filled(net: NetView) -> Iterator[Problem]:
    """An arc that ends in the outputs has no tails to fill."""
    if net.kind.takes is OBSERVATIONS and net.spec["tails"] is False:
        for key in ("actor_init_std", "critic_init_std"):
            if net.has(key) and net.spec[key] is not None:
                yield UNUSED_KEY.superfluous(net.at(key), f"{key} has no output layer to fill, as tails is false")


def _wrong_output(value: Value, name: str, path: Path) -> Problem | None:
    """What is wrong with a tensor that tails are to see."""
    first = value[0] if value and not isinstance(value, Shape) else value
    if not isinstance(first, Shape):
        return None
    if first.batch != 0:
        message = f"{visible(name)!r} gives {first}, without the samples of the batch in front"
        return ARC_BATCH.at(path, message, "let it end with a layer that keeps dimension 0", at_key=True)
    if len(first.sizes) < 2:
        message = f"{visible(name)!r} gives {first}, one number for each sample and no features"
        hint = 'put a layer behind it that makes features, for example {"TorchFn": {"name": "unsqueeze", "dim": 1}}'
        return ARC_SHAPE.at(path, message, hint, at_key=True)
    if first.integer:
        return ARC_SHAPE.at(path, f"{visible(name)!r} gives integers", "put an Embedding behind it", at_key=True)
    return None
