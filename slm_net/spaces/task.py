"""What decides the dims of a net: its spec, the algorithm, the environment; and the dims themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from slm_net.arc.graph import input_names
from slm_net.document.specs import Block, Spec
from slm_net.net_types import net_type
from slm_net.net_types.arc import OBSERVATIONS
from slm_net.net_types.base import NetType
from slm_net.problems import Path
from slm_net.spaces.values import Action, Observation

Shape = tuple[int, ...]
#: What a net of one input is shown, a net of several, and a graph of several by their names.
Observations = Observation | list[Observation] | dict[str, Observation]


@dataclass(frozen=True)
class Dims:
    """What goes into a net and what comes out.

    `in_dim`: int (vector), (c, h, w) (image), (seq_len, dim) (recurrent); a list of these for nets of several inputs,
    by the names of the inputs for a graph that has several.
    `out_dim`: int (one tensor) or a list of ints (a list of tensors). `why_in` and `why_out` say how each was found,
    `remarks` what else is to be known of observations.
    """

    in_dim: int | Shape | list[int | Shape] | dict[str, int | Shape]
    out_dim: int | list[int]
    why_in: str = "given"
    why_out: str = "given"
    remarks: tuple[str, ...] = ()
    #: The actions that out_dim comes from; None if it was given.
    action: Action | None = field(default=None, compare=False)
    #: What the environment shows, of each input in the form of in_dim; None if in_dim was given.
    observation: Observations | None = field(default=None, compare=False)
    #: The environment of which the net sees images of bytes, from 0 to 255; "" if it sees something else.
    bytes_of: str = field(default="", compare=False)

    @property
    def notes(self) -> tuple[str, ...]:
        """How the dims were found, in lines for people."""
        return f"in_dim {self.in_dim}: {self.why_in}", *self.remarks, f"out_dim {self.out_dim}: {self.why_out}"


class Task(NamedTuple):
    """What a spec says about its first agent in one of its environments; blocks that it lacks are empty.

    `part` is true while one of several inputs is looked at.
    """

    spec: Spec
    net: Block
    algorithm: Block
    env: Block
    part: bool = False

    @property
    def version(self) -> int:
        """The SLM Lab that the spec is for, 4 or 5; 0 for a bare net block."""
        return self.spec.version

    @property
    def net_type(self) -> str:
        """The name of the net type, "" if the spec has none."""
        return str(self.net.data.get("type") or "")

    @property
    def kind(self) -> NetType:
        """What is known of the net type."""
        return net_type(self.net_type)

    @property
    def options(self) -> Mapping[str, Any]:
        """The keys of the env block that SLM Lab hands to what makes the environment: 5 to gymnasium, 4 none."""
        is_gymnasium = self.version == 5 and not str(self.env.data.get("name")).startswith("playground/")
        return self.env.data if is_gymnasium else {}

    @property
    def algorithm_name(self) -> str:
        """The name of the algorithm, "" for a bare net block."""
        return str(self.algorithm.data.get("name") or "")

    @property
    def input_names(self) -> tuple[str, ...]:
        """The inputs of the graph of a TorchArcNet that acts; none for other types."""
        return input_names(self.net.data.get(self.arc_key)) if self.kind.takes is OBSERVATIONS else ()

    @property
    def arc_key(self) -> str:
        """The key of the arc of the net that acts."""
        return "actor_arc" if "actor_arc" in self.net.data else "arc"

    def type_path(self) -> Path:
        """Where the net type stands."""
        return (*self.net.path, "type")


def task_of(spec: Spec) -> Task:
    """The deciding parts of a spec, of SLM Lab 4 or 5, or of a bare net block.

    >>> task = task_of(Spec("", (), {"agent": [{"algorithm": {"name": "DQN"}, "net": {"type": "MLPNet"}}], "env": []}))
    >>> task.algorithm_name, task.net_type, task.version, task.type_path()
    ('DQN', 'MLPNet', 4, ('agent', 0, 'net', 'type'))
    """
    if spec.bare:
        return Task(spec, Block(spec.path, spec.data), Block(spec.path), spec.envs[0])
    return Task(spec, spec.agent.block("net"), spec.agent.block("algorithm"), spec.envs[0])


def spec_of(data: Mapping[str, Any]) -> Spec:
    """A whole spec or a bare net block that stands in no document."""
    return Spec("", (), data, bare="agent" not in data)
