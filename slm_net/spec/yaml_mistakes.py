"""The errors of a YAML parser in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slm_net.problems import visible
from slm_net.spec.places import Lines, Path, Position

if TYPE_CHECKING:
    from yaml import MarkedYAMLError

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


def explain_yaml(error: MarkedYAMLError, text: str, lines: Lines, path: Path) -> tuple[Position, Path, str, str, str]:
    """Position, path, rule, message and hint of a parser's error."""
    mark = error.problem_mark or error.context_mark
    at = min(mark.index, len(text)) if mark else 0
    problem = str(error.problem or "").lower()
    rule = "tag-not-allowed" if "tag handle" in problem else "syntax"
    message, hint = _unclosed(error, problem, lines) or _reserved(problem, text, at) or _known(problem)
    return lines.position(at), path, rule, message, hint


def _unclosed(error: MarkedYAMLError, problem: str, lines: Lines) -> tuple[str, str] | None:
    opened = lines.position(error.context_mark.index) if error.context_mark else ""
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
