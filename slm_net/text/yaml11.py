"""Where the parser, which keeps to YAML 1.1, would read other data than YAML 1.2 says: it is refused, or put right."""

from __future__ import annotations

import re
from typing import Any

#: Line breaks of YAML 1.1 alone.
BREAKS = "\x85\u2028\u2029"
#: Compiled at the first text: it takes as long as all others together, and most files are JSON.
_UNPRINTABLE = r"[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
#: What ends the name of an anchor or alias; "" is the end of the text.
_ENDS = ("", *" \t\r\n,[]{}")

Misread = tuple[int, str, str]  # offset, message, hint


def whole(text: str) -> str:
    r"""The text with a line break after a last line of spaces, which belongs to a block of text like any other.

    >>> whole("a: |+\n  "), whole("a: |\n  b")
    ('a: |+\n  \n', 'a: |\n  b')
    """
    last = text[max(text.rfind("\n"), text.rfind("\r")) + 1 :]
    return f"{text}\n" if last and not last.strip(" \t") else text


def odd_character(text: str) -> Misread | None:
    """The first character that YAML does not allow, or that ends a line in YAML 1.1 alone."""
    odd = re.search(f"{_UNPRINTABLE}|[{BREAKS}]", text)
    if odd is None:
        return None
    name, code = f"the character U+{ord(odd[0]):04X}", f"\\u{ord(odd[0]):04x}"
    if odd[0] in BREAKS:
        hint = f'remove it, or write "{code}" in double quotes'
        return odd.start(), f"{name} ends a line in YAML 1.1 and not in YAML 1.2", hint
    return odd.start(), f"{name} is not allowed in YAML", "remove it"


def misread(text: str, event: Any, is_key: bool) -> Misread | None:
    """What is wrong with how the parser read the beginning of a value or key."""
    start = event.start_mark.index
    if is_key and text[start - 1 : start] == "?":  # in brackets it needs no space after it there
        return start - 1, "a text in [ ] or { } that begins with ?", "quote the text, or write a space after the ?"
    if event.anchor is None:
        return None
    at = max(text.find("&" + event.anchor, start), start)
    end = at + 1 + len(event.anchor)
    if text[end : end + 1] in _ENDS:
        return None
    hint = "use letters, digits, - and _, and write a space after it"
    return at, f"the name of an anchor or alias goes on with {text[end]!r}, which is not read", hint
