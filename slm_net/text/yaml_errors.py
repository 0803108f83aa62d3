"""The errors of a YAML parser in plain words."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from slm_net.problems import Rule
from slm_net.text.mending import Change, Mistake
from slm_net.text.places import SYNTAX, Placing
from slm_net.words import visible

if TYPE_CHECKING:
    from yaml import MarkedYAMLError

TAG_NOT_ALLOWED = Rule(
    "SN010",
    "tag-not-allowed",
    what="A YAML value has a tag such as `!!python/object`.",
    why="tags construct objects, which is how YAML files run code. Specs hold plain values only.",
    wrong="""\
type: MLPNet
hid_layers: !!python/tuple [64]
hid_layers_activation: relu
""",
    right="""\
type: MLPNet
hid_layers: [64]
hid_layers_activation: relu
""",
    format="yaml",
)

_INDENT_HINT = "indent it exactly like the keys beside it, with spaces"
_PROBLEMS = {  # a part of the parser's own words → message, hint; the first that fits
    "mapping values are not allowed": (
        "a key stands where none can be: wrong indentation, or a text with ': ' that is not quoted",
        _INDENT_HINT,
    ),
    "undefined tag handle": ("this tag is not allowed", "write a plain value"),
    "escape character": ("an invalid escape in a double-quoted text", "use single quotes, or double the backslash"),
    "expected the node content": ("a value is missing or begins with a reserved character", "quote the text"),
    "expected ':'": ("a line that is no `key: value`", "add the colon, or indent the line as part of the text before"),
    "duplicate %yaml": ("the %YAML directive is there twice", "remove one"),
    "incompatible": ("this version of YAML is not known", "remove the %YAML directive"),
    "expected <document start>": ("text after the end of the document", _INDENT_HINT),
    "expected <block end>": ("the indentation fits to nothing before it", _INDENT_HINT),
    "expected key": ("the indentation fits to nothing before it", _INDENT_HINT),
    "expected '-' indicator": ("the indentation fits to no list before it", _INDENT_HINT),
    "not allowed in this context": ("a list or key cannot begin here", "put it on a line of its own"),
}
_RESERVED = {
    "\t": ("a tab where the indentation is", "indent with spaces"),
    "`": ("a text cannot begin with `", "quote the text"),
    "@": ("a text cannot begin with @", "quote the text"),
    "%": ("a text cannot begin with %", "quote the text"),
}
_AT_A_COMMA = ("block end", "expected key", "expected ':'")
_CONFLICT = ("a marker of a merge conflict", "keep one of the two versions, and remove the markers")
_line = re.compile(r"[^\r\n]*[^\s][^\r\n]*")
_glued = re.compile(r"""[ \t]*(?:-[ ]+)*["']?[A-Za-z_]\w*["']?:(?=[^\s:/])""")
_equals = re.compile(r"[ \t]*(?:-[ ]+)*[A-Za-z_]\w*([ \t]*=[ \t]*)(?=[^\s=>])")
_slashes = re.compile(r"[ \t]*(//)")
_marker = re.compile(r"(?:<{7}|={7}|>{7})(?:\s|$)")
_variable = re.compile(r"\$\{\w+\}")
_comma = re.compile(r"""[^\r\n]*[\]}"'](,)[ \t]*(?:#[^\r\n]*)?(?=[\r\n]|\Z)""")
_backticks = re.compile(r"`([^`\r\n]*)`")
_reserved_word = re.compile(r"[@%`][\w./:@%-]*(?=[ \t]*(?: #[^\r\n]*)?(?:[\r\n]|\Z))")
_tabs = re.compile(r"^\t+(?=\S)", re.MULTILINE)
_other_indent = re.compile(r"^(?: +|\t+ +)\S|[|>][-+\d]*[ \t]*$", re.MULTILINE)
#: How far before an error the line that causes it is looked for.
_REACH = 1000


def explain_yaml(error: MarkedYAMLError, text: str, placing: Placing) -> tuple[Rule, Mistake]:
    """A parser's error as a mistake, and the rule that it breaks."""
    mark = error.problem_mark or error.context_mark
    at = min(mark.index, len(text)) if mark else 0
    problem = str(error.problem or "").lower()
    rule = TAG_NOT_ALLOWED if "tag handle" in problem else SYNTAX
    if slip := _slip(problem, text, at):
        return rule, slip
    message, hint = _unclosed(error, problem, placing) or _reserved(problem, text, at) or _known(problem)
    return rule, Mistake(at, message, hint, *_cure(problem, text, at))


def _slip(problem: str, text: str, at: int) -> Mistake | None:
    """The mistake, if something that the parser stumbles over later is wrong just before."""
    if "',' or '}'" in problem and (found := _variable.match(text, max(at - 1, 0))):
        written = f'"{found[0]}"'
        change = Change(found.start(), found.end(), written)
        return _meant(found.start(), "a variable in { } without quotes", f"write {visible(written, 42)}", change)
    end = _line.match(text, at)
    found_lines = [*_line.finditer(text, max(0, at - _REACH), end.end() if end else at)][-3:]
    for line in reversed(found_lines):
        if slip := _slip_in(problem, line):
            return slip
    return None


def _slip_in(problem: str, line: re.Match[str]) -> Mistake | None:
    """A mistake that is all on one line."""
    start, written = line.start(), line[0]
    if (comma := _comma.match(written)) and any(words in problem for words in _AT_A_COMMA):
        at = start + comma.start(1)
        return _meant(at, "a comma at the end of a line: YAML has none there", "remove it", Change(at, at + 1, ""))
    if "expected ':'" not in problem and "mapping values are not allowed" not in problem:
        return None
    if _marker.match(written):
        return Mistake(start, *_CONFLICT)
    if glued := _glued.match(written):
        at = start + glued.end()
        key, value = written[: glued.end()].strip(" \t-"), written[glued.end() :].strip()
        hint = f"write {visible(key, 40)} {visible(value, 40)}"
        return _meant(at, "a space is missing after the colon", hint, Change(at, at, " "))
    if equals := _equals.match(written):
        at = start + equals.start(1)
        change = Change(at, start + equals.end(1), ": ")
        return _meant(at, "= between key and value", "write : and a space instead of =", change)
    if slashes := _slashes.match(written):
        at = start + slashes.start(1)
        return _meant(at, "// does not begin a comment in YAML", "write #", Change(at, at + 2, "#"))
    return None


def _meant(at: int, message: str, hint: str, *changes: Change) -> Mistake:
    return Mistake(at, message, hint, changes, True, "")


def _cure(problem: str, text: str, at: int) -> tuple[tuple[Change, ...] | None, bool, str]:
    """What was meant by a character that cannot stand here, if that is certain."""
    changes: tuple[Change, ...] = ()
    if text[at : at + 1] == "\t" and not _other_indent.search(text):  # all indentation is tabs, and all of it is code
        changes = tuple(Change(found.start(), found.end(), "  " * len(found[0])) for found in _tabs.finditer(text))
    elif "cannot start any token" not in problem:
        return None, False, "all"
    elif backticks := _backticks.match(text, at, at + _REACH):
        changes = (Change(at, backticks.end(), json.dumps(backticks[1], ensure_ascii=False)),)
    elif word := _reserved_word.match(text, at, at + _REACH):
        changes = (Change(at, word.end(), f'"{word[0]}"'),)
    return changes or None, True, ""


def _unclosed(error: MarkedYAMLError, problem: str, placing: Placing) -> tuple[str, str] | None:
    opened = placing.position(error.context_mark.index) if error.context_mark else ""
    for closing in "]}":
        if f"',' or '{closing}'" in problem:
            bracket = "[" if closing == "]" else "{"
            return (
                f"the {bracket} opened at {opened} is not closed",
                f"add the missing {closing}, or a comma before this",
            )
    if "unexpected end of stream" in problem or "unexpected document" in problem:
        return f"the quoted text opened at {opened} is never closed", "add the closing quote"
    return None


def _reserved(problem: str, text: str, at: int) -> tuple[str, str] | None:
    if "cannot start any token" not in problem and "tab" not in problem:
        return None
    char = text[at : at + 1]
    return _RESERVED.get(char, (f"{visible(char)} cannot begin a value", "quote the text"))


def _known(problem: str) -> tuple[str, str]:
    for words, known in _PROBLEMS.items():
        if words in problem:
            return known
    return f"no valid YAML: {visible(problem)}", "compare with the lines around it"
