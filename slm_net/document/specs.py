"""A spec file as what it holds: named specs of SLM Lab 4 or 5, one whole spec, or a bare net block."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, NamedTuple

from slm_net.document.arc_files import KEYS as ARC_FILES
from slm_net.document.arc_files import with_arc_files
from slm_net.document.extends import Base, Chain, extended
from slm_net.document.recognition import is_for_anchors, is_spec_with_base, names_of_specs, without_comments
from slm_net.problems import Hint, Path, Problem, Rule, SpecError, spec_example
from slm_net.schema import catalogue
from slm_net.schema.catalogue import EXTENDS, NAMED_SPEC_KEYS, SPEC_KEYS
from slm_net.schema.compose import without_role
from slm_net.text.history import Origin
from slm_net.text.mapping import usable
from slm_net.text.paths import walk
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
    what=(
        "The file has no spec of the name that was asked for, or several and none was asked for; or the spec has no "
        "variable of a name that a value is given for."
    ),
    why="another spec than the intended one would be used.",
    wrong=spec_example(),
    right=spec_example(),
    options="--name ppo",
    right_options="--name dqn",
)


SpecSource = str | os.PathLike[str] | Mapping[str, Any]
Kind = Literal["file", "spec", "net", ""]
#: The schema of each kind of document.
SCHEMAS = {"file": "spec.schema.json", "spec": "spec.schema.json#/$defs/spec", "net": "net.schema.json"}


@dataclass(frozen=True)
class NetBlock:
    """One net block, where it stands, and the algorithm that it is for ("" in a bare block).

    `batch_size` is how many observations it learns from at once, or the variable that says it; None if nothing does.
    """

    path: Path
    data: Mapping[str, Any]
    algorithm: str = ""
    batch_size: Any = None


class Block(NamedTuple):
    """An object of a spec and where it stands; empty where there is none."""

    path: Path
    data: Mapping[str, Any] = {}

    def block(self, key: str) -> Block:
        """The object under a key of this one."""
        value = self.data.get(key)
        return Block((*self.path, key), value if isinstance(value, Mapping) else {})


def normalised_by(env: Mapping[str, Any], version: int) -> str:
    """The key by which a block of an environment asks SLM Lab to normalise observations, "" if it does not.

    SLM Lab 4 leaves its own key out for the games that it wraps.

    >>> normalised_by({"name": "Ant-v5", "normalize_obs": True}, 5), normalised_by({"normalize_obs": True}, 4)
    ('normalize_obs', '')
    """
    keys = {4: "" if "NoFrameskip" in str(env.get("name")) else "normalize_state", 5: "normalize_obs"}
    return key if env.get(key := keys.get(version, "")) else ""


@dataclass(frozen=True)
class Spec:
    """One spec of a document, in the form of SLM Lab 4 (lists of agents and environments) or 5 (one object each).

    `path` is empty when the document is this one spec; a `bare` one is a net block.
    """

    name: str
    path: Path
    data: Mapping[str, Any]
    bare: bool = False

    def form(self, key: str) -> int:
        """The SLM Lab whose form the value of "agent" or "env" has: 4 for a list, 5 for an object, 0 for neither.

        >>> Spec("", (), {"agent": [{}], "env": {}}).form("agent"), Spec("", (), {}).form("env")
        (4, 0)
        """
        value = self.data.get(key)
        return 4 if isinstance(value, list) else 5 if isinstance(value, Mapping) else 0

    @property
    def version(self) -> int:
        """The SLM Lab that the spec is for, 4 or 5; 0 for a bare net block."""
        return 0 if self.bare else 4 if self.form("agent") == 4 else 5

    @cached_property
    def agents(self) -> list[Block]:
        """The agents that are objects."""
        return list(self._blocks("agent"))

    @cached_property
    def envs(self) -> list[Block]:
        """The environments, at least one, which is empty where there is none."""
        listed = self.data.get("env") if self.form("env") == 4 else []
        path = self.path if self.bare else (*self.path, "env")
        whole = Block(path, self.data["env"]) if self.form("env") == 5 else Block(path)
        return [Block((*path, i), e if isinstance(e, Mapping) else {}) for i, e in enumerate(listed or ())] or [whole]

    @property
    def agent(self) -> Block:
        """The first agent."""
        path = (*self.path, "agent", *([0] if self.data.get("agent") and self.form("agent") == 4 else []))
        return next((agent for agent in self.agents if agent.path == path), Block(path))

    @property
    def max_frame(self) -> Any:
        """How many frames the (first) environment is trained in, or the variable that says it; None if nothing does."""
        return self.envs[0].data.get("max_frame")

    @property
    def normalised_by(self) -> str:
        """The key by which one of the environments normalises what it shows, "" if none does."""
        return next(filter(None, (normalised_by(env.data, self.version) for env in self.envs)), "")

    @property
    def deciding(self) -> Spec:
        """The spec with nothing but what its dims depend on."""
        return replace(self, data={key: self.data[key] for key in ("agent", "env") if key in self.data})

    def net_blocks(self) -> list[NetBlock]:
        """The net blocks of all agents, empty ones (as of the Random agent) left out; or the bare one."""
        if self.bare:
            return [NetBlock(self.path, self.data)]
        found = ((agent.block(key), agent) for agent in self.agents for key in ("net", "critic_net"))
        return [NetBlock(*net, algorithm_of(agent), batch_size_of(agent)) for net, agent in found if net.data]

    def _blocks(self, key: str) -> Iterator[Block]:
        value = self.data.get(key)
        if isinstance(value, Mapping):
            yield Block((*self.path, key), value)
        for index, entry in enumerate(value if isinstance(value, list) else ()):
            if isinstance(entry, Mapping):
                yield Block((*self.path, key, index), entry)


def algorithm_of(agent: Block) -> str:
    """The name of an agent's algorithm, "" if it has none."""
    name = agent.block("algorithm").data.get("name")
    return name if isinstance(name, str) else ""


def batch_size_of(agent: Block) -> Any:
    """The batch that an agent's memory gives, else the one that its algorithm takes from it."""
    return agent.block("memory").data.get("batch_size", agent.block("algorithm").data.get("minibatch_size"))


@dataclass(frozen=True)
class Document:
    """A source and the specs in it. `kind` is "" when there is no spec.

    `included` is what comes from other files, by the paths that it has in the data, `replaced` what other files have
    at paths where this one has a value of its own, and `problems` is what is wrong with these files. `broken` are
    specs by their paths, the whole document among them, that extend what cannot be read: nothing can be said of them.
    """

    source: Source
    kind: Kind
    specs: tuple[Spec, ...] = ()
    included: Mapping[Path, Base] = field(default_factory=dict)
    replaced: Mapping[Path, Base] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    broken: Mapping[Path, Any] = field(default_factory=dict)

    def only(self, name: str) -> Document:
        """The document as if the spec called `name` stood in it alone; itself if it holds no such spec."""
        spec = next((spec for spec in self.specs if spec.name == name and self.kind == "file"), None)
        alone = replace(self.source, data={name: spec.data} if spec else {})
        return self if spec is None else replace(self, source=alone, specs=(spec,))

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
            raise self._which(
                f"there are {len(names)} specs here",
                lambda to: f"choose one {'with --name' if to.is_command else 'by name'}: {listed}",
            )
        if self.kind in ("net", "spec"):
            hint = f"leave the name out: this is one {'spec' if self.kind == 'spec' else 'net block'}"
        else:
            hint = did_you_mean(name or "", names) if names else 'add one: {"name": {"agent": ..., "env": ...}}'
        raise self._which(f"there is no spec {visible(name)!r}" if name else "there is no spec here", hint)

    def _which(self, message: str, hint: Hint) -> SpecError:
        return SpecError([replace(WHICH_SPEC.at((), message, hint), file=self.source.file)])

    def placed(self, problem: Problem) -> Problem:
        """A problem with its file, line, column and spec."""
        path = problem.path
        spec = path[0] if self.kind == "file" and path else self.specs[0].name if self.specs else ""
        home, inside = self.home(path)
        source = home.source
        line, column = (source.key_position if problem.at_key else source.position)(inside)
        fix = problem.fix if home is self else ()
        return replace(problem, file=source.file, line=line, column=column, spec=str(spec), fix=fix)

    def home(self, path: Path) -> tuple[Document, Path]:
        """The document in whose text the value at a path stands, and its path there."""
        if found := _nearest(self.included, path):
            base, rest = found
            return base.document.home((*base.path, *rest))
        return self, path

    def names_file_of(self, path: Path) -> Path:
        """The path of the key in this text that names the other file, for a path of which that file is to blame."""
        if found := _nearest(self.included, path):
            return found[0].by
        arcs = [number for number, key in enumerate(path) if f"{key}_file" in ARC_FILES]
        if arcs:
            return (*path[: arcs[0]], f"{path[arcs[0]]}_file")
        return next(((*broken, EXTENDS) for broken in sorted(self.broken)), ())

    def history(self, path: Path) -> tuple[Origin, ...]:
        """Where the value at `path` comes from, or its nearest ancestor that exists, and what it replaced."""
        value = walk(self.source.data, path)[1]
        if found := _nearest(self.included, path):
            base, rest = found
            here = Origin(without_role(str(base.by[-1])), value, self.source.file, *self.source.value_position(base.by))
            there = base.document.history((*base.path, *rest))
            count = sum(not origin.replaced for origin in there)
            return (*there[:count], here, *there[count:])
        if found := _nearest(self.replaced, path):
            base, rest = found
            before = (*base.path, *rest)
            if walk(base.document.source.data, before)[0] == len(before):
                older = (origin._replace(replaced=True) for origin in base.document.history(before))
                return (*self.source.history(path), *older)
        return self.source.history(path)

    def told(self) -> tuple[Problem, ...]:
        """What is wrong with the texts of the document and of the files in it."""
        return (*self.source.problems, *self.problems)

    def placed_unless(self, problem: Problem) -> Problem:
        """A problem with its place, unless it has one already, in another file."""
        return problem if problem.file else self.placed(problem)


def lacks_its_base(document: Document) -> bool:
    """Whether a spec extends what cannot be read, and not something in a file of another program."""
    return any(is_spec_with_base(own, document.source.data if path else None) for path, own in document.broken.items())


def read_document(source: SpecSource, file: str | None = None) -> Document:
    """The specs in a path, a text or a dict, told apart by their shape; kind "" when there is none."""
    read = read_source(source, file)
    if isinstance(source, Mapping) and read.readable:
        read = replace(read, data=usable(read.data, read.problems))
    return document_of(read)


def document_of(source: Source, extended_by: Chain | None = None) -> Document:
    """The specs in a source that has been read, whose data is from now on without comments and blocks of anchors.

    What it extends is below its own data, and a file that an `arc_file` names stands in the place of `arc`.
    """
    text = source.text
    if text and EXTENDS not in text:
        document = _document_of(source)
    else:
        whole = extended(source, extended_by or Chain((), {}), document_of)
        document = replace(
            _document_of(replace(source, data=whole.data)),
            included=whole.over,
            replaced=whole.replaced,
            broken=whole.failed,
        )
        document = replace(document, problems=tuple(map(document.placed_unless, whole.problems)))
    return document if text and "arc_file" not in text else _with_arcs(document)


def _with_arcs(document: Document) -> Document:
    nets = [block.path for spec in document.specs for block in spec.net_blocks()]
    data, sources, problems = with_arc_files(document.source.data, nets, document.source.file)
    if not sources and not problems:
        return document
    arcs = {path: Base(Document(found, ""), (), (*path[:-1], f"{path[-1]}_file")) for path, found in sources.items()}
    anew = _document_of(replace(document.source, data=data))
    anew = replace(document, source=anew.source, specs=anew.specs, included={**document.included, **arcs})
    return replace(anew, problems=(*document.problems, *map(anew.placed_unless, problems)))


def _nearest(bases: Mapping[Path, Base], path: Path) -> tuple[Base, Path] | None:
    """What is noted of a path or of the nearest of its ancestors, and the rest of the path."""
    for length in range(len(path) if bases else 0, -1, -1):
        if path[:length] in bases:
            return bases[path[:length]], path[length:]
    return None


def _document_of(source: Source) -> Document:
    data = source.data
    if not isinstance(data, Mapping):
        return Document(source, "")
    if not source.text or "//" in source.text or "comment" in source.text:
        data = without_comments(data)
    named = {key: value for key, value in data.items() if key != "$schema" and not is_for_anchors(key)}
    kind = _kind(named)
    if kind == "file":
        aside = data.keys() - {"$schema", *names_of_specs(named, source.anchored)}
    else:  # beside the keys of one spec or net, "_lr" without an anchor is a slip
        aside = set(filter(is_for_anchors, source.anchored))
    data = {key: value for key, value in data.items() if key not in aside}
    source = replace(source, data=data)
    if kind == "file":
        entries = ((name, spec) for name, spec in data.items() if name != "$schema" and isinstance(spec, Mapping))
        return Document(source, kind, tuple(Spec(name, (name,), spec) for name, spec in entries))
    if kind == "":
        return Document(source, kind)
    name = data.get("name")
    name = name if kind == "spec" and isinstance(name, str) else ""
    return Document(source, kind, (Spec(name, (), data, bare=kind == "net"),))


def _kind(entries: Mapping[str, Any]) -> Kind:
    if not entries:
        return ""
    agent = entries.get("agent")
    if isinstance(agent, list) or (isinstance(agent, Mapping) and agent.keys().isdisjoint(SPEC_KEYS)):
        return "spec"
    if isinstance(kind := entries.get("type"), str) and kind in catalogue.net_types():
        return "net"  # whatever the keys in it are called: an arc may have a module "agent"
    if any(isinstance(value, Mapping) and not value.keys().isdisjoint(NAMED_SPEC_KEYS) for value in entries.values()):
        return "file"
    return "net" if catalogue.net_keys() & entries.keys() else "file"
