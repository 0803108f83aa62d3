"""A spec file as what it holds: named specs of SLM Lab 4 or 5, one whole spec, or a bare net block."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal

from slm_net.problems import Problem, Rule, SpecError
from slm_net.schema import catalogue
from slm_net.schema.catalogue import net_keys, net_types
from slm_net.text.mapping import usable
from slm_net.text.places import Path
from slm_net.text.source import Source, read_source
from slm_net.words import did_you_mean, visible

NOT_A_SPEC = Rule(
    "SN100",
    "not-a-spec",
    what="The file holds no spec: no named specs, no single spec, no net block.",
    why=(
        "the wrong file was named, or the level with the spec's name is missing. In a directory, files without "
        "anything of a spec are passed over and counted."
    ),
    wrong='["relu", "tanh"]\n',
    right='{"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"}\n',
)


WHICH_SPEC = Rule(
    "SN108",
    "which-spec",
    what="The file has no spec of the name that was asked for, or several and none was asked for.",
    why="another spec than the intended one would be used.",
    wrong="""\
{"dqn": {
  "agent": {
    "algorithm": {"name": "DQN"},
    "net": {"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"}
  },
  "env": {"name": "CartPole-v1"}
}}
""",
    right="""\
{"dqn": {
  "agent": {
    "algorithm": {"name": "DQN"},
    "net": {"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"}
  },
  "env": {"name": "CartPole-v1"}
}}
""",
    options="--name ppo",
    right_options="--name dqn",
)


SpecSource = str | os.PathLike[str] | Mapping[str, Any]
Kind = Literal["file", "spec", "net", ""]
#: The schema of each kind of document.
SCHEMAS = {"file": "spec.schema.json", "spec": "spec.schema.json#/$defs/spec", "net": "net.schema.json"}
SPEC_KEYS = {"agent", "env", "meta", "body", "search", "spec_params"}


@dataclass(frozen=True)
class NetBlock:
    """One net block, where it stands, and the algorithm that it is for ("" in a bare block)."""

    path: Path
    data: Mapping[str, Any]
    algorithm: str = ""


@dataclass(frozen=True)
class Spec:
    """One named spec of a document; `path` is empty when the document is this one spec."""

    name: str
    path: Path
    data: Mapping[str, Any]

    @property
    def max_frame(self) -> Any:
        """How many frames the (first) environment is trained in, or the variable that says it; None if nothing does."""
        env = self.data.get("env")
        env = env[0] if isinstance(env, list) and env else env
        return env.get("max_frame") if isinstance(env, Mapping) else None

    def net_blocks(self) -> Iterator[NetBlock]:
        """The net blocks of all agents, empty ones (as of the Random agent) left out."""
        for path, agent in agents_of(self):
            algorithm = agent.get("algorithm")
            name = algorithm.get("name") if isinstance(algorithm, Mapping) else None
            for key in ("net", "critic_net"):
                if isinstance(net := agent.get(key), Mapping) and net:
                    yield NetBlock((*path, key), net, name if isinstance(name, str) else "")


@dataclass(frozen=True)
class Document:
    """A source and the specs in it. `kind` is "" when there is no spec."""

    source: Source
    kind: Kind
    specs: tuple[Spec, ...] = ()

    def net_blocks(self, spec: Spec) -> Iterator[NetBlock]:
        """The net blocks of one spec, or the document itself where it is a net block."""
        return iter([NetBlock((), spec.data)]) if self.kind == "net" else spec.net_blocks()

    def only(self, name: str) -> Document:
        """The document as if the spec called `name` stood in it alone; itself if it holds no such spec."""
        spec = next((spec for spec in self.specs if spec.name == name and self.kind == "file"), None)
        return self if spec is None else Document(replace(self.source, data={name: spec.data}), "file", (spec,))

    def choose(self, name: str | None = None) -> Spec:
        """The spec called `name`, or the only one.

        Raises:
            SpecError: there is none, or several and no name.
        """
        names = [spec.name for spec in self.specs]
        if name is None and len(self.specs) == 1:
            return self.specs[0]
        if name is not None and name in names:
            return self.specs[names.index(name)]
        if name is None and names:
            listed = ", ".join(visible(name) for name in names[:20])
            raise self._which(f"there are {len(names)} specs here", f"choose one by name: {listed}")
        if self.kind in ("net", "spec"):
            hint = f"leave the name out: this is one {'spec' if self.kind == 'spec' else 'net block'}"
        else:
            hint = did_you_mean(name or "", names) if names else 'add one: {"name": {"agent": ..., "env": ...}}'
        raise self._which(f"there is no spec {visible(name)!r}" if name else "there is no spec here", hint)

    def _which(self, message: str, hint: str) -> SpecError:
        return SpecError([replace(WHICH_SPEC.at((), message, hint), file=self.source.file)])

    def placed(self, problem: Problem) -> Problem:
        """A problem with its file, line, column and spec."""
        path = problem.path
        line, column = (self.source.key_position if problem.at_key else self.source.value_position)(path)
        spec = path[0] if self.kind == "file" and path else self.specs[0].name if self.specs else ""
        return replace(problem, file=self.source.file, line=line, column=column, spec=str(spec))


def read_document(source: SpecSource, file: str | None = None) -> Document:
    """The specs in a path, a text or a dict, told apart by their shape; kind "" when there is none."""
    read = read_source(source, file)
    if isinstance(source, Mapping) and read.readable:
        read = replace(read, data=usable(read.data, read.problems))
    return document_of(read)


def document_of(source: Source) -> Document:
    """The specs in a source that has been read."""
    data = source.data
    if not isinstance(data, Mapping) or not any(map(is_spec_name, data)):
        return Document(source, "")
    kind = _kind(data)
    if kind == "file":
        entries = ((name, spec) for name, spec in data.items() if is_spec_name(name))
        specs = (Spec(name, (name,), spec) for name, spec in entries if isinstance(spec, Mapping))
        return Document(source, kind, tuple(specs))
    name = data.get("name")
    return Document(source, kind, (Spec(name if kind == "spec" and isinstance(name, str) else "", (), data),))


def is_spec_name(key: str) -> bool:
    """True unless a top-level key holds YAML anchors ("_defaults") or the editor's "$schema"."""
    return not key.startswith("_") and key != "$schema"


def _kind(data: Mapping[str, Any]) -> Kind:
    entries = {key: value for key, value in data.items() if is_spec_name(key)}
    agent = entries.get("agent")
    if isinstance(agent, list) or (isinstance(agent, Mapping) and not SPEC_KEYS & agent.keys()):
        return "spec"
    if any(isinstance(value, Mapping) and (SPEC_KEYS - {"body"}) & value.keys() for value in entries.values()):
        return "file"
    return "net" if catalogue.net_keys() & entries.keys() else "file"


def agents_of(spec: Spec) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """The agents of a spec that are objects, and where they stand."""
    agents = spec.data.get("agent")
    listed = agents if isinstance(agents, list) else [agents]
    for index, agent in enumerate(listed):
        if isinstance(agent, Mapping):
            yield (*spec.path, "agent", *([index] if isinstance(agents, list) else [])), agent


#: Keys of net blocks that other files have too.
COMMON = frozenset(("$schema", "type", "name", "gpu", "normalize", "dropout", "actor_type", "critic_type"))
OF_SPECS = ("agent", "algorithm", "critic_net", "memory", "spec_params", "max_frame", "max_trial")


@cache
def _of_a_spec() -> re.Pattern[str]:
    keys = "|".join(map(re.escape, sorted({*net_keys() - COMMON, *OF_SPECS})))
    types = "|".join(map(re.escape, net_types()))
    return re.compile(rf"(?<![\w.-])(?:{keys})[\"']?\s*:|(?<![\w.-])(?:{types})(?![\w.-])")


def looks_like_spec(text: str) -> bool:
    """True if the text has a key of specs, or the name of a net type; true for an empty one, which may become one.

    >>> looks_like_spec('{"name": "app", "type": "module", "dependencies": {"agent-base": "^7"}}')
    False
    >>> looks_like_spec('{"ppo": {"agent": ')
    True
    """
    return not text.strip() or _of_a_spec().search(text) is not None
