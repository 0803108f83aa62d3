"""A bundle as one file that runs without slm_net: ONNX, or a program of `torch.export`."""

from __future__ import annotations

import io
import json
import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from torch.export import Dim, ExportedProgram, export, save

from slm_net.bundle.deployed import Deployed, contract
from slm_net.extras import require
from slm_net.text.writing import check_target, write_whole
from slm_net.words import visible

if TYPE_CHECKING:
    from slm_net.bundle.net_bundle import NetBundle

#: Where a file has what its inputs and outputs mean: in the metadata of ONNX, in the extra files of torch.
CONTRACT = "slm_net.json"
SUFFIXES = (".onnx", ".pt2")
#: What one file of protobuf can hold.
MOST_BYTES = 2**31 - 1


def export_bundle(bundle: NetBundle, path: str | os.PathLike[str], sequence: bool = False) -> dict[str, Any]:
    """Write a net as one file; see `NetBundle.export`. Returns what it says of inputs and outputs.

    Raises:
        ValueError: the file is to have another form, or the net cannot be exported.
        ImportError: a package is missing.
        OSError: the file cannot be written.
    """
    path = os.fspath(path)
    suffix = os.path.splitext(path)[1].lower()
    if suffix not in SUFFIXES:
        raise ValueError(f"{visible(path, 300)}: give it a name that ends in {' or '.join(SUFFIXES)}, for its form")
    check_target(path)
    if suffix == ".onnx":
        require("onnx", "ONNX, instead of a .pt2,")
    with torch.no_grad(), _quietly():
        deployed = Deployed(bundle, sequence)
        said = contract(deployed, bundle)
        program = traced(deployed)
        extra = json.dumps(said, allow_nan=False)
        data = onnx_bytes(program, said, extra) if suffix == ".onnx" else torch_bytes(program, extra)
    write_whole(path, data)
    return said


def traced(deployed: Deployed) -> ExportedProgram:
    """The net as torch's graph, for batches of any size.

    Raises:
        ValueError: torch cannot trace it; its reason.
    """
    batch = Dim("batch")
    shapes = {name: {axis: batch} for name, axis in deployed.batch_axes().items()}
    try:
        return export(deployed, (deployed.example(),), dynamic_shapes=(shapes,), strict=False)
    except Exception as error:
        raise _refused(type(deployed.net).__name__, error) from error


def torch_bytes(program: ExportedProgram, extra: str) -> bytes:
    """A program as `torch.export.load` reads it."""
    file = io.BytesIO()
    save(program, file, extra_files={CONTRACT: extra})
    return file.getvalue()


def onnx_bytes(program: ExportedProgram, said: dict[str, Any], extra: str) -> bytes:
    """A program as ONNX.

    Raises:
        ValueError: it has a layer that ONNX has not, or it is too large for one file.
    """
    inputs, outputs = ([one["name"] for one in said[side]] for side in ("inputs", "outputs"))
    size = sum(tensor.nbytes for tensor in program.state_dict.values())
    if size > MOST_BYTES:
        raise ValueError(f"an ONNX file holds at most 2 GB, and the weights are {size / 1e9:.1f} GB: write .pt2")
    try:
        made = torch.onnx.export(program, dynamo=True, verbose=False, input_names=inputs, output_names=outputs)
    except Exception as error:
        raise _refused(said["net"], error) from error
    model = made.model_proto  # type: ignore[union-attr]
    model.metadata_props.add(key=CONTRACT, value=extra)
    return model.SerializeToString()


def _refused(kind: str, error: Exception) -> ValueError:
    reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
    return ValueError(f"torch cannot export this {kind}: {visible(reason, 300)}")


@contextmanager
def _quietly() -> Iterator[None]:
    """Without what torch's exporter says of itself: torchvision is not there, a class of its own is deprecated."""
    log = logging.getLogger("torch.onnx")
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(before)
