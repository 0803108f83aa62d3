"""`slm-net export`: a net that was trained, as one file that runs without slm_net."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import slm_net
from slm_net.cli.build import ASKED, refuse_choices
from slm_net.cli.check import read_input, report_of
from slm_net.cli.parser import OK, UsageError, add_choices, exit_code
from slm_net.problems import COMMAND, SpecError
from slm_net.reporting.progress import waiting
from slm_net.reporting.report import FileReport, by_severity, write_problems
from slm_net.text.folder import is_saved
from slm_net.words import did_you_mean, visible

if TYPE_CHECKING:
    from slm_net.bundle import NetBundle

EPILOG = """\
examples:
  slm-net export runs/ppo policy.onnx
  slm-net export runs/sac critic.pt2 --net q1_net
  slm-net export ppo.json data/ppo_t0_s0_net_model.pt policy.onnx --name ppo

A folder is one that bundle.save or nets.save wrote. With a spec, the second
file is a checkpoint of SLM Lab 3, 4 or 5. The file that is written ends in
.onnx (pip install "slm_net[onnx]") or in .pt2, which torch.export.load reads.

exit codes: 0 fine, 1 the spec has errors, 2 wrong usage, a file that cannot be
  read or written, or something to choose (--name, --net, --env, --in-dim)
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.epilog = EPILOG
    parser.usage = "slm-net export [options] (FOLDER | SPEC CHECKPOINT) TARGET"
    add = parser.add_argument
    add("files", nargs="+", metavar="FILE", help="a saved folder, or a spec and a checkpoint; then what to write")
    add_choices(parser, "--name")
    add("--net", metavar="NET", help="which net of an agent, for example q1_net (default: the one that acts)")
    add("--sequence", action="store_true", help="of a recurrent net: for whole sequences, not step by step")
    add_choices(parser, "--set", "--env", "--in-dim", "--out-dim")


def run(arguments: argparse.Namespace) -> int:
    """Load, export, print one line of what was written; the exit code."""
    *sources, target = arguments.files
    _refuse(sources, arguments)
    try:
        with waiting(f"exporting {visible(target)}"):
            read = _of_slm_lab if len(sources) > 1 else _saved
            said = read(sources, arguments).export(target, sequence=arguments.sequence)
    except SpecError as error:
        return _report(error, sources)
    except ValueError as error:
        raise UsageError(str(error)) from None
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror or error}: {error.filename}") from None
    print(f"{visible(target, 300)}: {_line(said)}, {os.path.getsize(target):,} bytes")
    return OK


def _refuse(sources: Sequence[str], arguments: argparse.Namespace) -> None:
    if not 1 <= len(sources) <= 2:
        raise UsageError("export takes a saved folder, or a spec and a checkpoint, and then the file to write")
    if len(sources) == 1:
        if os.path.isfile(sources[0]) and not is_saved(sources[0]):
            raise UsageError(f"{visible(sources[0], 300)} is no saved folder: of a spec give the checkpoint as well")
        refuse_choices(arguments)


def _saved(sources: Sequence[str], arguments: argparse.Namespace) -> NetBundle:
    """The net of a folder, of an agent's the one of this name, else the one that acts."""
    nets, net = slm_net.load(sources[0], device="cpu"), arguments.net
    if isinstance(nets, slm_net.NetBundle):
        if net not in (None, "net"):
            raise UsageError(f"--net {visible(net)}: the folder has one net alone")
        return nets
    if isinstance(nets, slm_net.Population):
        return _member(nets, net)
    if net is not None and net not in nets:
        raise UsageError(f"--net {visible(net)}: the agent has no such net, {did_you_mean(net, nets)}")
    return nets.actor if net is None else nets[net]


def _member(population: slm_net.Population, number: str | None) -> NetBundle:
    if number is None or not number.isdecimal() or int(number) >= len(population):
        raise UsageError(f"the folder has a population: give --net 0 to {len(population) - 1}")
    return population[int(number)]


def _of_slm_lab(sources: Sequence[str], arguments: argparse.Namespace) -> NetBundle:
    """The net of a spec with the weights of a checkpoint."""
    spec, checkpoint = sources
    dims = arguments.in_dim, arguments.out_dim
    if arguments.net is not None and dims != (None, None):
        raise UsageError("--net takes its sizes from the spec: leave out --in-dim and --out-dim")
    return slm_net.slm_lab.load_checkpoint(
        Path(spec),
        checkpoint,
        *dims,
        name=arguments.name,
        env=arguments.env,
        net=arguments.net,
        variables=dict(arguments.set),
        device="cpu",
    )


def _report(error: SpecError, sources: Sequence[str]) -> int:
    """The problems on standard error; the exit code."""
    problems = tuple(replace(each.said_to(COMMAND), file=each.file or sources[0]) for each in error.problems)
    if len(sources) == 1:
        write_problems(FileReport(sources[0], problems), sys.stderr)
    else:
        write_problems(report_of(read_input(sources[0]).source, problems), sys.stderr)
    return exit_code(by_severity(problems)[0], ASKED)


def _line(said: Mapping[str, Any]) -> str:
    """What goes in and what comes out.

    >>> _line({"inputs": [{"name": "observation", "shape": ["batch", 4]}], "outputs": []})
    'observation (batch, 4) -> '
    """
    sides = said["inputs"], said["outputs"]
    return " -> ".join(", ".join(f"{visible(one['name'])} {_shape(one['shape'])}" for one in side) for side in sides)


def _shape(sizes: Sequence[Any]) -> str:
    return f"({', '.join(map(str, sizes))})"
