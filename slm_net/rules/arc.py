"""Rules about arcs: whether the graph connects, whether every layer gets what it is made for, what nothing uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from slm_net.arc.graph import ARC_GRAPH, ARC_UNUSED, Arc, read_arc
from slm_net.arc.modules import Call, calls_of
from slm_net.arc.shapes import Shape, Value
from slm_net.arc.walk import ARC_BATCH, ARC_SHAPE, Row, Walk, walk
from slm_net.document.nets import NetView
from slm_net.document.variables import UNSET_VARIABLE
from slm_net.net_types.arc import OBSERVATIONS, cause, inputs_of, number_of_tails, tails_of
from slm_net.problems import WARNING, Edit, Path, Problem
from slm_net.rules.dims import MODEL_TOO_LARGE, counted
from slm_net.rules.keys import UNUSED_KEY
from slm_net.spaces.values import DIMS_DO_NOT_FIT
from slm_net.wording.schema_problems import MISSING_KEY, schema_problems
from slm_net.words import listing, visible

#: The most numbers that may leave a layer for one sample: 4 GB.
MAX_ACTIVATIONS = 10**9
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
    data, at = net.spec.get("arc") if net.kind.takes is OBSERVATIONS else None, net.at("arc")
    if not isinstance(data, Mapping):
        return
    arc, problems = read_arc(data, at, net.refused)
    if arc is not None and (wrong := list(_compact_values(arc))):
        yield from wrong
        arc, problems = read_arc(data, at, net.refused | {problem.path for problem in wrong})
    yield from (*problems, *_sizes_as_variables(data, at))
    if arc is None:
        return
    try:
        inputs = inputs_of(arc.inputs, net.in_dim)
    except ValueError as error:
        hint = "name them as the observation space does, or give in_dim one size for each"
        yield DIMS_DO_NOT_FIT.at((*at, "graph", "input"), str(error), hint)
        return
    walked = walk(arc, inputs)
    yield from walked.problems
    yield from _large_outputs(walked, net)
    yield from _batches_taken_for_time(walked)
    yield from _outputs(walked, net)


def _sizes_as_variables(data: Any, at: Path) -> Iterator[Problem]:
    """Where `${in_dim}` stands for a size: no variable has it, and the lazy layers need none."""
    rows = data.items() if isinstance(data, Mapping) else enumerate(data) if isinstance(data, list) else ()
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
            if not call.places or not call.name:
                continue
            for problem in schema_problems(f"layer.schema.json#/$defs/{call.name}", call.written, call.path):
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


def _large_outputs(walked: Walk, net: NetView) -> Iterator[Problem]:
    """The first layer whose output is more than a sample can be."""
    for row in walked.rows.values():
        if row.weights > net.max_params:
            return  # said by model_fits_into_memory
        if isinstance(row.output, Shape) and row.output.features > MAX_ACTIVATIONS:
            message = f"{counted(row.output.features)} numbers leave {row.call.name} for each sample"
            hint = f"at most {counted(MAX_ACTIVATIONS)} are allowed"
            yield MODEL_TOO_LARGE.at(cause(row), message, hint)
            return


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
    arc, at = walked.arc, (*walked.arc.path, "graph", "output")
    names = list(arc.output) if isinstance(arc.output, Mapping) else []
    for index, slot in enumerate(arc.output_slots):
        path: Path = at if isinstance(arc.output, int) else (*at, names[index] if names else index)
        if index and not names:
            hint = 'give the outputs names, for example {"policy": ..., "value": ...}: each has tails of its own then'
            yield ARC_UNUSED.at(
                path, f"no tail sees {visible(arc.name_of(slot))!r}, only the first output", hint, WARNING
            )
            continue
        if slot < len(arc.inputs):
            yield ARC_UNUSED.at(path, "the output is an input: the tails see it as it is", severity=WARNING)
        made_by = (*arc.path, "modules", arc.name_of(slot).partition("~")[0]) if slot >= len(arc.inputs) else path
        if problem := _wrong_output(walked.values[slot], arc.name_of(slot), made_by):
            yield problem
    if len(names) > 1 and net.outputs:
        tails = number_of_tails(net.out_dim, net.spec.get("log_std_init"))
        try:
            tails_of(names, tails)
        except ValueError:
            message = f"the outputs {listing(names)} for {tails} tail{'s' * (tails > 1)}"
            hint = "give as many as the net has tails, or policy and value" if tails > 1 else "name one output"
            yield ARC_GRAPH.at(at, message, hint)


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
