"""`slm-net new`: a commented spec that trains, for an algorithm and an environment."""

from __future__ import annotations

import argparse
import os

from slm_net.cli.output import write_output
from slm_net.cli.parser import OK, UsageError, one_of
from slm_net.starters.settings import Starter
from slm_net.starters.starter import TYPES, NoStarter, algorithm_called, starter
from slm_net.starters.writing import jsonc, yaml
from slm_net.words import visible

EPILOG = """\
examples:
  slm-net new --algorithm PPO --env LunarLander-v3 -o ppo_lunar.jsonc
  slm-net new --algorithm DQN --env ALE/Pong-v5 --net DuelingConvNet
  slm-net new --algorithm PPO --env CartPole-v1 --recurrent
  slm-net new --algorithm SAC --env Hopper-v5 --format yaml -o sac_hopper.yaml

The layers come from what the environment shows: dense ones for numbers, those
of the Nature DQN for images. Settings are those of the project's own specs
where they have learned the environment, else what is usual; the first line says
which. Comments are what the schema says of a key. SLM Lab itself reads none in
JSON: for it write YAML.

exit codes: 0 fine, 2 there is no such algorithm, environment or net type, they
  do not go together, or the file is there already
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.epilog = EPILOG
    add = parser.add_argument
    add("--algorithm", metavar="NAME", required=True, help="PPO, DQN, SoftActorCritic, ...")
    add("--env", metavar="ID", required=True, help="LunarLander-v3, ALE/Pong-v5, ...")
    add("--net", type=one_of("net type to start with", *TYPES), metavar="TYPE", help="the net type")
    add("--recurrent", action="store_true", help="a RecurrentNet, which sees the last observations")
    add("--slm-lab", type=one_of("SLM Lab", "4", "5"), default="5", metavar="4|5", help="its layout (default: 5)")
    formats = one_of("format", "jsonc", "yaml")
    add("--format", type=formats, metavar="FORMAT", help="jsonc, yaml (default: by the name of the file, else jsonc)")
    add("-o", "--output", metavar="FILE", help="write it there, in place of printing it")
    add("--force", action="store_true", help="write over a file that is there")


def run(arguments: argparse.Namespace) -> int:
    """Make the spec, print or write it; the exit code."""
    if arguments.recurrent and arguments.net not in (None, "RecurrentNet", "DuelingRecurrentNet"):
        raise UsageError(f"--recurrent is a RecurrentNet, and --net says {arguments.net}")
    try:
        algorithm = algorithm_called(arguments.algorithm)
        net = arguments.net or ""
        recurrent = arguments.recurrent or "Recurrent" in net
        data, made = starter(algorithm, arguments.env, net=net, recurrent=recurrent, lab=int(arguments.slm_lab))
    except NoStarter as why:
        raise UsageError(str(why)) from None
    written = (yaml if _is_yaml(arguments) else jsonc)(data, _heading(arguments, algorithm, made))
    if arguments.output is None:
        print(written, end="")
        return OK
    if os.path.lexists(arguments.output) and not arguments.force:
        raise UsageError(f"{visible(arguments.output, 300)} is there already; --force writes over it")
    write_output(arguments.output, written)
    return OK


def _is_yaml(arguments: argparse.Namespace) -> bool:
    if arguments.format is None:
        return str(arguments.output).lower().endswith((".yaml", ".yml"))
    return arguments.format == "yaml"


def _heading(arguments: argparse.Namespace, algorithm: str, made: Starter) -> str:
    first = f"{algorithm} on {visible(arguments.env)}"
    if made.learned and not arguments.net and not arguments.recurrent:
        return f"{first}: the settings of specs/{made.learned}.json, which learns it (docs/learning.md)."
    return f"{first}: settings that are usual; nobody has trained exactly these yet."
