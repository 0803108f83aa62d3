"""Edits as changes of a text: where a key and its value stand in JSON and YAML, and what is written there instead."""

from __future__ import annotations

import json
import re
from bisect import bisect
from collections.abc import Collection, Iterable, Mapping
from json import JSONDecoder
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any, NamedTuple

from slm_net.problems import Edit, Path, Problem
from slm_net.text.comments import without_comments, without_trailing_commas
from slm_net.text.mending import Change
from slm_net.text.paths import value_at
from slm_net.text.places import Lines, Position
from slm_net.text.source import Source, is_yaml


def changes_for(source: Source, problems: Iterable[Problem]) -> dict[Problem, tuple[Change, ...]]:
    """The changes that cure problems; of two that touch the same part of the text, or write the same key, the first."""
    problems = [problem for problem in problems if problem.fix and problem.line]
    problems = [problem for problem in problems if all(edit.action != "write" for edit in problem.fix)]
    leaving = {edit.path for problem in problems for edit in problem.fix if edit.action in ("remove", "move")}
    text = (_Yaml if is_yaml(source.file, source.text) else _Json)(source, leaving)
    found: dict[Problem, tuple[Change, ...]] = {}
    keys, spans = set[Path](), list[Change]()
    for problem in problems:
        try:
            changes = tuple(change for edit in problem.fix for change in text.changes(edit))
        except _NotPossible:
            continue
        new_keys = {key for edit in problem.fix for key in _new_keys(edit)}
        if changes in found.values():
            found[problem] = changes
        elif not (new_keys & keys or any(_touches(spans, change) for change in changes)):
            found[problem], keys = changes, keys | new_keys
            for change in changes:
                spans.insert(bisect(spans, change), change)
    return found


def _new_keys(edit: Edit) -> list[Path]:
    """The paths of the keys that an edit brings."""
    beside = edit.path[:-1]
    if edit.action == "rename":
        return [(*beside, edit.value)]
    if edit.action == "split":
        return [(*beside, key) for key in edit.value if key != edit.path[-1]]
    return [edit.value] if edit.action == "move" else [edit.path] if edit.action == "insert" else []


def _touches(changes: list[Change], change: Change) -> bool:
    """Whether a change is about what another one is about; both may remove it."""
    at = bisect(changes, change)
    near = [other for other in changes[max(at - 1, 0) : at + 1] if other.new or change.new]
    return any((o.start < change.end and change.start < o.end) or o.start == change.start for o in near)


class _NotPossible(Exception):
    """An edit cannot be made in this text."""


class _Member(NamedTuple):
    """Where a key and its value stand; `in_block`: without commas, as in YAML; `is_block`: so is the value."""

    key: int
    key_end: int
    start: int
    end: int
    in_block: bool = False
    is_block: bool = False


_ABSENT = object()
_line_end = re.compile(r"[^\n\r]*").match
_blank_line_end = re.compile(r"[ \t]*(?:#[^\n\r]*)?(?:\r\n?|\n|\Z)").match
_spaces = re.compile(r"[ \t]*").match
_space = re.compile(r"\s*").match


class _Text:
    """What is common to both formats; `bare` is the text with spaces for its comments.

    `leaving` are the paths of the keys that are removed: of the last ones of an object, each takes the comma before it.
    """

    bare: str

    def __init__(self, source: Source, leaving: Collection[Path]):
        self.source, self.text, self._lines, self._leaving = source, source.text, Lines(source.text), leaving

    def member(self, path: Path) -> _Member:
        """Where the key and the value at a path stand; of an entry of a list, there is no key."""
        raise NotImplementedError

    def named(self, key: str, at: _Member | None = None) -> str:
        """A key as it is written, like the one that stands there."""
        raise NotImplementedError

    def changes(self, edit: Edit) -> list[Change]:
        """The changes that an edit asks for."""
        path, action, value, _ = edit
        if action != "insert" and value_at(self.source.data, path, _ABSENT) is _ABSENT:
            raise _NotPossible
        if any(value_at(self.source.data, key, _ABSENT) is not _ABSENT for key in _new_keys(edit)):
            raise _NotPossible
        if action == "insert":
            return self.added(path, json.dumps(value))
        member = self.member(path)
        if action == "unwrap":
            listed = value_at(self.source.data, path)
            if not isinstance(listed, list) or len(listed) != 1:
                raise _NotPossible
            return self.unwrapped(path, member)
        if action == "rename":
            return [Change(member.key, member.key_end, self.named(value, member))]
        if action == "replace":
            return [self.replaced(path, member, value)]
        if action == "split":
            return [self.split(member, value)]
        if action == "indent":
            return self.indented(path, member, value)
        return [*(self.inserted(path, member, value) if action == "move" else ()), *self.removed(path, member)]

    def replaced(self, path: Path, member: _Member, value: Any) -> Change:
        """Another value in the place of the one at a path."""
        if member.is_block and member.key != member.start:  # it begins on the line below its key
            return Change(member.key_end, member.end, f": {json.dumps(value)}")
        return Change(member.start, member.end, json.dumps(value))

    def indented(self, path: Path, member: _Member, value: Mapping[str, Any]) -> list[Change]:
        """The keys of an object below the one that they stand beside."""
        return [self.replaced(path, member, value)]

    def split(self, member: _Member, keys: Mapping[str, Any]) -> Change:
        """Several keys with their values in the place of one, each on a line of its own if that one is."""
        parts = [f"{self.named(key)}: {json.dumps(value)}" for key, value in keys.items()]
        return Change(member.key, member.end, self._between(member).join(parts))

    def inserted(self, old: Path, member: _Member, new: Path) -> list[Change]:
        """The value of a member under another key at the end of the object above it."""
        if old == new[: len(old)]:
            raise _NotPossible
        value = value_at(self.source.data, old)
        return self.added(new, json.dumps(value) if member.is_block else self.text[member.start : member.end])

    def added(self, new: Path, written: str) -> list[Change]:
        """A key at the end of the object above it."""
        owner = value_at(self.source.data, new[:-1])
        if not isinstance(owner, Mapping):
            raise _NotPossible
        entry = f"{self.named(str(new[-1]))}: {written}"
        if not owner:
            around = self.member(new[:-1])
            return [Change(around.start, around.end, f"{{{entry}}}")]
        last = self.member((*new[:-1], next(reversed(owner))))
        at = _end_of_line(self.text, last.end) if last.in_block else last.end
        return [Change(at, at, self._between(last) + entry)]

    def unwrapped(self, path: Path, member: _Member) -> list[Change]:
        """The one entry of a list without the list; on lines of its own, it moves to where the list was."""
        entry = self.member((*path, 0))
        between = self.bare[member.start + 1 : entry.start], self.bare[entry.end : member.end - 1]
        if member.is_block or between[0].strip() or between[1].strip(" \t\r\n,"):
            raise _NotPossible
        own = (self.text[member.start + 1 : entry.start], self.text[entry.end : member.end - 1])
        has_comment = own != between
        start = member.start + 1 if has_comment else entry.start
        changes = [Change(member.start, start, "")]
        if has_comment:
            comma = self.bare.find(",", entry.end, member.end)
            changes += [Change(comma, comma + 1, "")] if comma >= 0 else []
            changes.append(Change(member.end - 1, member.end, ""))
        else:
            changes.append(Change(entry.end, member.end, ""))
        return [*changes, *self._dedented(member, entry)]

    def _dedented(self, member: _Member, entry: _Member) -> list[Change]:
        """The lines of an entry that began on a line of its own, as far to the left as the line of its list."""
        first, of_list = (self._lines.position(at).line for at in (entry.start, member.start))
        if first == of_list:
            return []
        starts = [self._lines.start(line) or 0 for line in range(first + 1, self._lines.position(entry.end).line + 1)]
        edge, inner = (len(_spaces(self.text, self._lines.start(line) or 0)[0]) for line in (of_list, first))  # type: ignore[index]
        width = max(inner - edge, 0)
        spaces = ((at, _spaces(self.text, at)[0]) for at in starts)  # type: ignore[index]
        return [Change(at, at + min(width, len(found)), "") for at, found in spaces if found and width]

    def removed(self, path: Path, member: _Member) -> list[Change]:
        """A member gone with its comma, and with its lines if nothing else but a comment stands there."""
        line = self._lines.start(self._lines.position(member.key).line) or 0
        alone, end, changes = not self.text[line : member.key].strip(" \t"), member.end, list[Change]()
        if not member.in_block:
            comma, before = _space(self.bare, end).end(), len(self.bare[: member.key].rstrip()) - 1  # type: ignore[union-attr]
            if self.bare[before] == "," and self._nothing_stays_behind(path):
                if not alone and not self.text[before + 1 : member.key].strip():
                    return [Change(before, end, "")]
                changes.append(Change(before, before + 1, ""))
            if self.bare[comma : comma + 1] == ",":
                end = comma + 1
        rest = _blank_line_end(self.bare, end)
        if alone and rest:
            return [*changes, Change(line, rest.end(), "")]
        if member.in_block:
            raise _NotPossible
        return [*changes, Change(member.key, _spaces(self.text, end).end(), "")]  # type: ignore[union-attr]

    def _nothing_stays_behind(self, path: Path) -> bool:
        """True if all keys of the object that follow the one at a path are removed too."""
        *owner, key = path
        keys = list(value_at(self.source.data, tuple(owner)))
        return all((*owner, other) in self._leaving for other in keys[keys.index(key) + 1 :])

    def _between(self, member: _Member) -> str:
        """What stands between a member and one that follows it."""
        position = self._lines.position(member.key)
        line = (self._lines.start(position.line) or 0, member.key)
        before = self.text[line[0] : line[1]]
        if member.in_block:
            return "\n" + re.sub(r"\S", " ", before)
        return f",\n{before}" if not before.strip(" \t") else ", "

    def _offset(self, position: Position) -> int:
        return (self._lines.start(position.line) or 0) + position.column - 1


def _end_of_line(text: str, at: int) -> int:
    return _line_end(text, at).end()  # type: ignore[union-attr]


#: By how much a block is indented.
INDENT = 4
#: Finds the end of a value; nothing is made of what is in it.
_value_end = JSONDecoder(object_pairs_hook=len, parse_int=len, parse_float=len, parse_constant=len).raw_decode


class _Json(_Text):
    def __init__(self, source: Source, leaving: Collection[Path]):
        super().__init__(source, leaving)
        self.bare = without_comments(source.text)
        self._strict = without_trailing_commas(self.bare)

    def member(self, path: Path) -> _Member:
        key, start = (self._offset(of(path)) for of in (self.source.key_position, self.source.value_position))
        try:
            end = _value_end(self._strict, start)[1]
            key_end = scanstring(self._strict, key + 1, True)[1] if key != start else key
        except ValueError:
            raise _NotPossible from None
        return _Member(key, key_end, start, end)

    def named(self, key: str, at: _Member | None = None) -> str:
        return json.dumps(key)


class _Yaml(_Text):
    def __init__(self, source: Source, leaving: Collection[Path]):
        super().__init__(source, leaving)
        self.bare = source.text
        self._root: Any = None

    def member(self, path: Path) -> _Member:
        import yaml

        if self._root is None:
            try:
                self._root = yaml.compose(self.text, yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader)
            except yaml.YAMLError:  # a text with mistakes
                raise _NotPossible from None
        key, owner, node = self._root, None, self._root
        for step in path:
            owner = node
            if isinstance(step, int):
                key = node = node.value[step]
            elif (found := next((pair for pair in reversed(owner.value) if pair[0].value == step), None)) is None:
                raise _NotPossible  # from a mapping that is merged in
            else:
                key, node = found
        if key is not node and node.start_mark.index < key.end_mark.index:
            raise _NotPossible  # an alias
        is_block = not isinstance(node, yaml.ScalarNode) and not node.flow_style
        spans = key.start_mark.index, key.end_mark.index, node.start_mark.index, node.end_mark.index
        end = self._block_end(*spans[2:]) if is_block else spans[3]
        return _Member(*spans[:3], end, owner is not None and not owner.flow_style, is_block)

    def _block_end(self, start: int, end: int) -> int:
        """Where the last line of a block ends that is more than a comment; the parser goes on to what comes next."""
        lines = self.text[start:end].rstrip().splitlines(keepends=True)
        while len(lines) > 1 and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
            lines.pop()
        return start + len("".join(lines).rstrip())

    def named(self, key: str, at: _Member | None = None) -> str:
        quote = self.text[at.key] if at and self.text[at.key] in "'\"" else ""
        return f"{quote}{key}{quote}"

    def indented(self, path: Path, member: _Member, value: Mapping[str, Any]) -> list[Change]:
        [owner] = value
        first, *others = value_at(self.source.data, path)
        inner = value_at(self.source.data, (*path, owner))
        above = self.member((*path, owner))
        if first != owner or not member.is_block or not (inner is None or (inner and above.is_block)):
            return super().indented(path, member, value)
        own = self._lines.position(above.key).column
        width = self._lines.position(above.start).column - own if inner else INDENT
        members = [self.member((*path, other)) for other in others]
        lines = [line for m in members for line in range(*self._lines_of(m))]
        null = [Change(above.key_end + 1, above.end, "")] if above.end > above.start and inner is None else []
        starts = [at for at in map(self._lines.start, lines) if at is not None and self.text[at : at + 1].strip("\r\n")]
        return [*null, *(Change(at, at, " " * width) for at in starts)]

    def unwrapped(self, path: Path, member: _Member) -> list[Change]:
        if not member.is_block:
            return super().unwrapped(path, member)
        return [Change(member.start, member.start + 1, " ")]  # what stands behind the dash is one object on its own

    def _lines_of(self, member: _Member) -> tuple[int, int]:
        """The numbers of the first line of a member and of the one behind its last."""
        return self._lines.position(member.key).line, self._lines.position(member.end).line + 1

    def replaced(self, path: Path, member: _Member, value: Any) -> Change:
        old, written = value_at(self.source.data, path), self.text[member.start : member.end]
        quote = written[:1] if written[:1] in ("'", '"') else ""
        plain = isinstance(old, str) and isinstance(value, str) and re.fullmatch(r"[\w.-]+", value)
        if plain and written == f"{quote}{old}{quote}":
            return Change(member.start, member.end, f"{quote}{value}{quote}")
        return super().replaced(path, member, value)
