"""Texts that are something else than their name says, and what stands around a spec that was pasted."""

from __future__ import annotations

import re
from typing import NamedTuple

from slm_net.text.json_tokens import as_string, quoted_otherwise
from slm_net.text.mending import Change, Mistake
from slm_net.words import visible

Named = tuple[int, str, str]  # offset, message, hint

#: How far a text is looked at.
REACH = 20_000
_begin = re.compile(r"(?:\s|#[^\r\n]*(?:[\r\n]|\Z))*").match
_PART = r"""(?:[\w-]+|"[^"\r\n]*"|'[^'\r\n]*')"""
_KEY = rf"{_PART}(?:\.{_PART})*"
_toml_header = re.compile(rf"\[{{1,2}}[ \t]*{_KEY}[ \t]*\]{{1,2}}[ \t]*(?:#[^\r\n]*)?[\r\n]").match
_toml_key = re.compile(rf"^{_KEY}[ \t]*=[ \t]*(?![=>])", re.MULTILINE)
_toml_value = re.compile(rf"""{_KEY}[ \t]*=[ \t]*(?:["'\d+-]|(?:true|false|inf|nan)\b|\{{\s*{_KEY}\s*=)""").match
_toml_list = re.compile(rf"{_KEY}[ \t]*=[ \t]*\[[^\r\n]*\][ \t]*(?:#[^\r\n]*)?[\r\n]").match
_yaml = re.compile(rf"(?:%[^\r\n]*[\r\n]+)?---(?:\s|\Z)|-[ \t]|{_KEY}[ \t]*:(?=\s|\Z)").match
_yaml_key = re.compile(rf"^{_PART}:(?:[ \t\r\n]|\Z)", re.MULTILINE)
_bare_member = re.compile(r'"[^"\r\n]*"\s*:').match

#: What else is found in the place of specs.
_OTHERS = (
    (
        re.compile(r"(?i)<!doctype|<html|<\?xml|<[a-z][\w-]*[ >]").match,
        "this is a page in HTML or XML, not {format}",
        "download the raw file, not the page that shows it",
    ),
    (
        re.compile(r"version https://git-lfs").match,
        "this is a pointer of Git LFS, not the file itself",
        "run git lfs pull",
    ),
    (
        re.compile(r"diff --git |--- \S+[\r\n]+\+\+\+ ").match,
        "this is a patch, not {format}",
        "apply it, or give the file itself",
    ),
    (
        re.compile(r"(?:import|from|def|class)\s+\w+|@\w+|if __name__").match,
        "this is Python source, not {format}",
        "write the dict that is meant with json.dump(spec, file, indent=2)",
    ),
)


def other_format(text: str, expected: str) -> Named | None:
    """Offset, message and hint for a text that is something else than the `expected` format, "JSON" or "YAML".

    >>> other_format("type: MLPNet\\n", "JSON")
    (0, 'this is YAML, not JSON', 'name the file .yaml, or write it as JSON')
    """
    at = _begin(text, 0, REACH).end()  # type: ignore[union-attr]
    if text.startswith("{", at):
        return None
    for matches, message, hint in _OTHERS:
        if matches(text, at, at + REACH):
            return at, message.format(format=expected), hint
    if _is_toml(text, at):
        return at, f"this is TOML, not {expected}", "write it as JSON or YAML; TOML is not read"
    is_json = _bare_member(text, at, at + REACH) or _assignment(text, at, at + REACH)
    if expected == "JSON" and not is_json and _yaml(text, at, at + REACH):
        return at, "this is YAML, not JSON", "name the file .yaml, or write it as JSON"
    return None


def _is_toml(text: str, at: int) -> bool:
    """Whether a text begins with a [table] or a list, and has more keys, or with a key and a value."""
    end = at + REACH
    if _yaml_key.search(text, at, end):
        return False
    if begin := _toml_header(text, at, end) or _toml_list(text, at, end):
        return _toml_key.search(text, begin.end(), end) is not None
    return _toml_value(text, at, end) is not None


_fence = re.compile(r"^[ \t]*(`{3,}|~{3,})[^`\r\n]*(?:\r\n?|\n)", re.MULTILINE)
_assignment = re.compile(
    r"(?:export\s+default|module\.exports\s*=|return"
    r"|(?:(?:export\s+)?(?:const|let|var)\s+)?[A-Za-z_$][\w.$]*(?:\s*:\s*[\w.\[\], ]{1,80})?\s*=)"
    r"\s*(?=[{\[(]|dict\s*\()"
).match


def wrapping(text: str, at: int) -> Mistake | None:
    """What stands around a spec: a Markdown fence, or an assignment."""
    at = _begin(text, at, at + REACH).end()  # type: ignore[union-attr]
    if text[at : at + 1] in ("{", "["):
        return None
    if opening := _fence.search(text, at, at + REACH):
        return _fenced(text, at, opening)
    if assignment := _assignment(text, at, at + REACH):
        written = visible(" ".join(assignment[0].split()), 60)
        message = f'"{written}" before the data: this is code of Python or JavaScript'
        return Mistake(at, message, f'remove "{written}"', (Change(at, assignment.end(), ""),), True, "")
    return None


def unbraced(text: str, at: int) -> Mistake | None:
    """That a JSON text begins with a key."""
    if not _bare_member(text, at, at + REACH):
        return None
    end = len(text.rstrip())
    changes = Change(at, at, "{"), *((Change(end, end, "}"),) if text.count("{") >= text.count("}") else ())
    return Mistake(at, "the { } around the keys are missing", "write { before them and } after them", changes)


def _fenced(text: str, at: int, opening: re.Match[str]) -> Mistake:
    """A block of Markdown; words around it are left out too."""
    closing = re.compile(rf"^[ \t]*{opening[1]}`*[ \t]*$", re.MULTILINE).search(text, opening.end())
    end = closing.start() if closing else len(text)
    around = text[at : opening.start()].strip() or (closing and text[closing.end() :].strip())
    message = f"a Markdown fence around the spec: {opening[1]} is not part of it"
    changes = (Change(at, opening.end(), ""), *((Change(end, len(text), ""),) if closing else ()))
    return Mistake(opening.start(), message, f"remove the lines with {opening[1]}", changes, not around, "")


#: Characters of a text in another language, and changes that it may need.
LONGEST, MOST = 200_000, 10_000
_piece = re.compile(
    r"""(?P<same>"(?:[^"\\\r\n]|\\.)*"|//[^\r\n]*|/\*[\s\S]*?\*/|(?:null|true|false)\b|[^"'`#()A-Za-z_$/;]+)
    |(?P<quoted>'(?:[^'\\\r\n]|\\.)*'|`[^`\\\r\n]*`)
    |(?P<comment>\#)[^\r\n]*
    |(?P<word>(?:None|True|False)\b)
    |(?P<key>[A-Za-z_$][\w$]*)(?=\s*:)
    |(?P<call>dict\s*\()
    |(?P<keyword>[A-Za-z_]\w*)\s*=[ \t]*
    |(?P<opening>\()(?=\s*\)|[^()]*,)
    |(?P<closing>\))
    |(?P<end>;)(?=\s*\Z)""",
    re.VERBOSE,
)
_JSON = {"None": "null", "True": "true", "False": "false", "#": "//", ";": ""}


class Literal(NamedTuple):
    """A literal of another language: where it begins, what is said of it, and what makes it JSON."""

    start: int
    message: str
    hint: str
    changes: tuple[Change, ...]


def as_literal(text: str) -> Literal | None:
    """A text as a literal of Python or JavaScript; None if it surely is none. Whether it is one, JSON's reader says.

    >>> [found and found.message for found in map(as_literal, ("{'gpu': None}", "{gpu: 'no'}", "{gpu: no}"))]
    ['this is a Python dict, not JSON', 'this is a JavaScript object, not JSON', None]
    """
    if len(text) > LONGEST:
        return None
    start, at = _begin(text, 0, REACH).end(), 0  # type: ignore[union-attr]
    changes: list[Change] = []
    closers: list[str] = []
    is_js = False
    while at < len(text):
        piece = _piece.match(text, at)
        if piece is None or len(changes) > MOST:
            return None
        kind = str(piece.lastgroup)
        if kind != "same":
            changes.append(_as_json(piece, kind, closers))
            is_js = is_js or kind == "key" or piece[0][0] == "`"
        at = piece.end()
    if is_js:
        hint = "write every key and text in double quotes, as JSON.stringify does"
        return Literal(start, "this is a JavaScript object, not JSON", hint, tuple(changes))
    hint = "write double quotes, null, true, false, and [ ] for ( ), as json.dumps does"
    return Literal(start, "this is a Python dict, not JSON", hint, tuple(changes))


def _as_json(piece: re.Match[str], kind: str, closers: list[str]) -> Change:
    """What JSON has in the place of a piece of another language; `closers` are those of the ( ) that are open."""
    written, end = piece[kind], piece.end()
    if kind in ("opening", "call"):
        closers.append("]" if kind == "opening" else "}")
        new = "[" if kind == "opening" else "{"
    elif kind == "closing":
        new = closers.pop() if closers else written
    elif kind == "quoted":
        found = quoted_otherwise(piece.string, piece.start())
        new = found.new if found else written
    elif kind in ("key", "keyword"):
        new = as_string(written) + ": " * (kind == "keyword")
    else:
        new, end = _JSON[written], piece.start() + len(written)
    return Change(piece.start(), end, new)
