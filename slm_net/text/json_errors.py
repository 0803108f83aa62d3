"""The mistakes of a text that is no JSON: where each is, what it is, what to write instead, and how to read on."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from slm_net.text.json_tokens import (
    CLOSING,
    LONGEST,
    QUOTES,
    REACH,
    Quoted,
    as_string,
    closing_of,
    number_meant,
    odd_character,
    quoted,
    quoted_otherwise,
    word_at,
    word_meant,
)
from slm_net.text.mending import Change, Mistake
from slm_net.text.places import Position
from slm_net.words import visible

_KIND = {"{": "object", "[": "array"}
_CONFLICT = ("<<<<<<<", "=======", ">>>>>>>")
_numbers_before = re.compile(r":\s*([-+.\w]+)\s*,\s*$")
_numbers = re.compile(r"[-+]?[0-9][-+.\w]*(?:\s*,\s*[-+]?[0-9][-+.\w]*)*(?!\w*\s*:)")
#: To the end of what stands between two separators of a line.
_rest = re.compile(r"[^,\]}\r\n]*")
_key_ahead = re.compile(r"""(?:"[^"\r\n]*"|'[^'\r\n]*'|[\w.-]+)\s*[:=]""")
_identifier = re.compile(r"[A-Za-z_][\w./-]*(?=[ \t]*(?:[,\]}#\r\n]|//|\Z))")
_call = re.compile(r"[A-Za-z_][\w.]*\s*\(")
_closing_quote = re.compile(r'[A-Za-z_][\w./ -]*"(?=\s*[,\]}])')
_prefixed = re.compile(r"""[A-Za-z]{1,2}(?=["'])""")
_variable = re.compile(r"\$\{\w+\}")
_operator = re.compile(r"(?:\*\*?|//?|[+%]|-(?=\s))(?![/*])")
#: A line break in a string that is closed on the next line.
_rest_of_string = re.compile(r'(\r\n?|\n)[ \t]*[^\s",{}\[\]][^"\r\n]*"[ \t]*[,:\]}\r\n]').match
_key_with_colon = re.compile(r'"([A-Za-z_]\w*)[ \t]*:[ \t]*([^"\r\n]*)').match


class Spot(NamedTuple):
    """Where the grammar stopped: the token at `at`, the end of the one before, and what could have come."""

    text: str
    at: int
    before: int
    expecting: str  # "key", "colon", "value", "comma" or "end"
    open: Sequence[int]  # the brackets that are open
    position: Callable[[int], Position]

    def ahead(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """The match of a pattern here, in what is near."""
        return pattern.match(self.text, self.at, self.at + REACH)

    @property
    def char(self) -> str:
        return self.text[self.at : self.at + 1]

    @property
    def last(self) -> str:
        """The character that ends the token before."""
        return self.text[self.before - 1 : self.before]

    @property
    def bracket(self) -> str:
        return self.text[self.open[-1]] if self.open else ""

    @property
    def container(self) -> str:
        """The innermost open object or array, in words."""
        if not self.open:
            return "the document"
        return f"the {_KIND[self.bracket]} opened at {self.position(self.open[-1])}"

    @property
    def missing(self) -> str:
        """What has to come before the innermost bracket can be closed."""
        if self.bracket != "{" or self.expecting not in ("colon", "value"):
            return ""
        return ": null" if self.expecting == "colon" else " null"

    def meant(self, message: str, hint: str, *changes: Change, lost: str = "") -> Mistake:
        """A mistake here of which it is certain what was meant."""
        return Mistake(self.at, message, hint, changes, True, lost)

    def instead(self, end: int, message: str, hint: str) -> Mistake:
        """A mistake here: what stands up to `end` is no value, or is too much."""
        if self.expecting == "value":
            return Mistake(self.at, message, hint, (Change(self.at, end, "null"),), lost="value")
        if self.bracket and self.text[self.before - 1] in "[{,":  # nothing is left between two commas
            comma = re.compile(r"\s*,").match(self.text, end)
            end = comma.end() if comma else end
        return Mistake(self.at, message, hint, (Change(self.at, end, ""),))


def explain(spot: Spot) -> Mistake:
    """The mistake at a spot, from the tellable ones to what is merely not expected."""
    for examine in (_unfinished, _odd, _closer, _comma, _BY_EXPECTATION[spot.expecting]):
        if mistake := examine(spot):
            return mistake
    found = visible(word_at(spot.text, spot.at), 40)
    return spot.instead(_after(spot), f"{found} was not expected here", "compare with the lines around it")


def _after(spot: Spot) -> int:
    """Where what is not understood ends: before the next separator, or with the line; it is one character at least."""
    rest: str = spot.ahead(_rest)[0]  # type: ignore[index]
    return spot.at + max(len(rest.rstrip()), 1)


def unclosed_array(spot: Spot, closing: str) -> Mistake:
    """That an array ends before the spot, as a key follows."""
    message = f"{spot.container} is not closed before the next key"
    return Mistake(spot.before, message, "add the missing ]", (Change(spot.before, spot.before, closing),))


def _unfinished(spot: Spot) -> Mistake | None:
    if spot.at == len(spot.text):
        closers = "".join(CLOSING[spot.text[at]] for at in reversed(spot.open))
        changes = (Change(spot.before, spot.before, spot.missing + closers),) if closers else None
        return Mistake(
            spot.before, f"{spot.container} is never closed", f"add the missing {' '.join(closers)}", changes
        )
    if spot.text.startswith("/*", spot.at):
        return Mistake(spot.at, "this comment is never closed", "add */")
    return None


def _odd(spot: Spot) -> Mistake | None:
    text, at = spot.text, spot.at
    if text.startswith(_CONFLICT, at):
        return Mistake(at, "a marker of a merge conflict", "keep one of the two versions, and remove the markers")
    if spot.char in QUOTES:
        # elsewhere what is missing is what has to stand before it
        found = quoted_otherwise(text, at) if spot.expecting in ("key", "value") else None
        return found and _requoted(spot, found)
    if (words := odd_character(text, at)) is None:
        return None
    if spot.char == "#":
        return spot.meant(*words, Change(at, at + 1, "//"))
    if spot.char.isspace() or not spot.char.isprintable():
        return spot.meant(*words, Change(at, at + 1, " "))
    if spot.char == ";" and spot.expecting in ("comma", "end"):
        return spot.meant(*words, Change(at, at + 1, "," if spot.expecting == "comma" else ""))
    if spot.char == "(" and spot.expecting == "value":
        return _tuple(spot, words)
    if spot.expecting == "end":
        return None
    if spot.char == ")" and spot.bracket and spot.expecting == "comma":
        return Mistake(at, *words, (Change(at, at + 1, CLOSING[spot.bracket]),))
    return spot.instead(at + 3 if text.startswith("...", at) else at + 1, *words)


def _requoted(spot: Spot, found: Quoted) -> Mistake:
    change = Change(spot.at, found.end, found.new)
    if found.closed:
        return spot.meant(found.message, found.hint, change)
    return Mistake(spot.at, found.message, found.hint, (change,), lost="value" if spot.expecting == "value" else "all")


def _tuple(spot: Spot, words: tuple[str, str]) -> Mistake:
    """( ) around values: a list, unless there is one value in it and no comma."""
    at, end = spot.at, closing_of(spot.text, spot.at)
    if end is None:
        return Mistake(at, *words, (Change(at, at + 1, "["),))
    inside = spot.text[at + 1 : end]
    if inside.strip() and "," not in inside:
        return spot.meant(words[0], "remove the ( )", Change(at, at + 1, ""), Change(end, end + 1, ""))
    return spot.meant(*words, Change(at, at + 1, "["), Change(end, end + 1, "]"))


def _closer(spot: Spot) -> Mistake | None:
    if spot.char not in ("}", "]"):
        return None
    if not spot.open:
        message = f"there is nothing left that this {spot.char} could close"
        is_last = spot.expecting == "end" and not spot.text[spot.at :].strip("]} \t\r\n")
        change = Change(spot.at, len(spot.text.rstrip()) if is_last else spot.at + 1, "")
        return Mistake(spot.at, message, f"remove the {spot.char}", (change,), is_last, "" if is_last else "all")
    closing = CLOSING[spot.bracket]
    if spot.char != closing:
        is_open = spot.char in (CLOSING[spot.text[at]] for at in spot.open)
        forgotten = is_open and not is_balanced(spot.text)
        change = Change(spot.at, spot.at + (not forgotten), spot.missing + closing)
        message, hint = f"{spot.char} where {spot.container} needs {closing}", f"write {closing} to close it"
        return Mistake(spot.at, message, hint, (change,))
    if spot.expecting == "colon":
        return Mistake(spot.before, "a key without a value", 'write "key": value', (_inserted(spot),))
    return _no_value(spot)


def is_balanced(text: str) -> bool:
    """Whether a text has as many brackets that close as brackets that open, of any kind."""
    return sum(map(text.count, "{[")) <= sum(map(text.count, "}]"))


def _inserted(spot: Spot) -> Change:
    return Change(spot.before, spot.before, spot.missing)


def _no_value(spot: Spot) -> Mistake:
    message, hint = "a value is missing after the colon", "write the value, or null"
    return Mistake(spot.before, message, hint, (_inserted(spot),), lost="value")


def _comma(spot: Spot) -> Mistake | None:
    if spot.char != ",":
        return None
    change = Change(spot.at, spot.at + 1, "")
    if spot.expecting == "end":
        rest = spot.text[spot.at + 1 :].strip()
        if _key_ahead.match(rest):
            message = "the document ends before this comma, but keys follow it"
            return Mistake(spot.at, message, "is there a } too many before it?", (change._replace(end=len(spot.text)),))
        return Mistake(spot.at, "a comma after the end of the document", "remove the comma", (change,), not rest, "")
    if spot.expecting == "colon":
        hint = 'write "key": value; a list of values stands in [ ]'
        return Mistake(spot.before, "a key without a value", hint, (_inserted(spot),))
    if spot.last == ":":
        return _no_value(spot)
    if spot.last == ",":
        return spot.meant("two commas in a row", "remove one comma", change)
    return spot.meant("a comma with nothing before it", "remove the comma", change)


def _key(spot: Spot) -> Mistake | None:
    text, at = spot.text, spot.at
    if spot.char == ":":
        return Mistake(at, "a colon without a key before it", 'write "key": value', (Change(at, at, '""'),))
    if spot.char in ("{", "["):
        end = closing_of(text, at)
        found = spot.instead(end + 1 if end else at + 1, f"a value without a key in {spot.container}", "")
        return found._replace(hint='write "key": before it')
    first = _numbers_before.search(text[max(0, at - 80) : at])
    if first and (rest := _numbers.match(text, at, at + 80)):
        hint = f"write a list: [{visible(f'{first[1]}, {rest[0]}', 60)}]"
        return spot.instead(rest.end(), "several values for one key", hint)
    word = word_at(text, at)
    message, hint = f"the key {visible(word, 40)} is not quoted", f"quote the key: {quoted(word)}"
    if spot.ahead(_key_ahead) and len(word) < LONGEST:
        return spot.meant(message, hint, Change(at, at + len(word), as_string(word)))
    return spot.instead(_after(spot), message, hint)


def _colon(spot: Spot) -> Mistake:
    text, at, before = spot.text, spot.at, spot.before
    if spot.char == "=":
        end = at + len("=>" if text.startswith("=>", at) else "=")
        return spot.meant("= between key and value", "write : instead of =", Change(at, end, ":"))
    start = text.rfind('"', 0, before - 1)
    if start >= 0 and at == before and (key := _key_with_colon(text, start, before)) and not key[2]:
        return _unclosed_key(key)
    message, hint = "a colon is missing between key and value", 'write "key": value'
    if spot.ahead(_key_ahead):
        return Mistake(before, message, hint, (Change(before, before, ": null,"),))
    if spot.char in "{[" or (at > before and (spot.char.isalnum() or spot.char in f'"-_$({QUOTES}')):
        return Mistake(before, message, hint, (Change(before, before, ":"),), True, "")
    return Mistake(before, message, hint, (Change(before, max(_after(spot), at + 1), ": null"),))


def _unclosed_key(key: re.Match[str]) -> Mistake:
    message, hint = "the key is not closed before its colon", f'write "{visible(key[1], 40)}":'
    return Mistake(key.start(), message, hint, (Change(key.end(1), key.end(1), '"'),), True, "")


def _value(spot: Spot) -> Mistake:
    text, at = spot.text, spot.at
    if spot.char in (":", "="):
        message, hint = f"{spot.char} where a value was expected", f"remove the {spot.char}"
        return Mistake(at, message, hint, (Change(at, at + 1, ""),), *((True, "") if spot.last == ":" else ()))
    if number := number_meant(text, at):
        message, hint = f"{visible(number.written, 40)} is no JSON number", number.hint
        end = at + len(number.written)
        if number.value is None or not number.certain:
            return spot.instead(end, message, hint)
        return spot.meant(message, hint, Change(at, end, repr(number.value)))
    if (variable := spot.ahead(_variable)) is not None:
        message, hint = f"{visible(variable[0], 40)} is not quoted", f"quote it: {quoted(variable[0])}"
        return spot.meant(message, hint, Change(at, variable.end(), f'"{variable[0]}"'))
    return _word(spot)


def _word(spot: Spot) -> Mistake:
    """What is wrong with a word where a value was expected."""
    text, at = spot.text, spot.at
    word = word_at(text, at)
    message, meant = f"{visible(word, 40)} is no JSON value", word_meant(word)
    if meant.certain:
        return spot.meant(message, meant.hint, Change(at, at + len(word), meant.value))
    if call := spot.ahead(_call):
        return _called(spot, call[0])
    if opening := spot.ahead(_closing_quote):
        hint = f'write "{visible(opening[0], 40)}'
        change = Change(at, at, '"')
        return spot.meant("the opening quote is missing", hint, change, lost="value")
    if prefix := spot.ahead(_prefixed):
        string = re.compile(r"""(["'])(?:(?!\1)[^\\\r\n]|\\.)*\1?""").match(text, prefix.end(), prefix.end() + REACH)
        return spot.instead(string.end() if string else at + 1, message, "write plain text in double quotes")
    if meant.value == "" and (bare := spot.ahead(_identifier)):
        change = Change(at, bare.end(), as_string(bare[0]))
        return spot.meant(message, meant.hint, change, lost="value")
    rest = text[at : _after(spot)]
    return spot.instead(at + len(rest), message, f"quote it: {quoted(rest)}" if meant.value == "" else meant.hint)


def _called(spot: Spot, call: str) -> Mistake:
    text, at = spot.text, spot.at
    opening, name = at + len(call) - 1, visible(call[:-1].strip(), 40)
    end = closing_of(text, opening)
    if name == "dict" and end is not None:
        changes = Change(at, opening + 1, "{"), Change(end, end + 1, "}")
        return spot.meant("dict( ) is Python, not JSON", "write { } with : between keys and values", *changes)
    message, hint = f"{name}( ) is a call, and JSON holds no code", "write the value itself, or a name in double quotes"
    return spot.instead(_after(spot) if end is None else end + 1, message, hint)


def _item(spot: Spot) -> Mistake:
    text, at, before = spot.text, spot.at, spot.before
    if spot.char in (":", "="):
        if spot.bracket == "[":
            message, hint = "a key and a value inside of an array", "use { } for keys and values"
            return Mistake(at, message, hint, (Change(at, at + 1, ","),))
        message, hint = f"a second {spot.char} after a key", "is the comma before this key missing?"
        return spot.instead(_after(spot), message, hint)
    if spot.last == '"' and at == before and spot.char.isalnum():
        message, hint = "the string ends here, but text follows", 'write \\" for a quote inside of a string'
        return spot.instead(_after(spot), message, hint)
    if operator := spot.ahead(_operator):
        message = f"{operator[0]} after a value: JSON does not calculate"
        return spot.instead(_after(spot), message, "write the result")
    in_object = len(spot.open) > 1 and text[spot.open[-2]] == "{"
    if spot.bracket == "[" and in_object and spot.ahead(_key_ahead) and not is_balanced(text):
        return unclosed_array(spot, "],")
    message, hint = "a comma is missing", "add a comma here"
    on_another_line = "\n" in text[before:at] and spot.char in f'"{QUOTES}'
    is_next = spot.bracket == "[" or on_another_line or spot.ahead(_key_ahead) is not None
    if is_next and (spot.char in f'"{{[-_$({QUOTES}' or spot.char.isalnum()):
        return Mistake(before, message, hint, (Change(before, before, ","),), True, "")
    return Mistake(before, message, hint, (Change(at, _after(spot), ""),))


def _end(spot: Spot) -> Mistake:
    change = Change(spot.before, len(spot.text), "")
    if spot.char in ("{", "["):
        message, hint = "a second document begins here", "keep one; several specs are the keys of one object"
        if "\n" in spot.text[spot.before : spot.at] and "\n" not in spot.text[: spot.before].strip():
            message += ": JSON Lines hold one on each line"
        return Mistake(spot.at, message, hint, (change,), lost="")
    message = f"{visible(word_at(spot.text, spot.at), 40)} follows the end of the document"
    return Mistake(spot.at, message, "remove what follows", (change,), lost="")


_BY_EXPECTATION = {"key": _key, "colon": _colon, "value": _value, "comma": _item, "end": _end}


def _closed(text: str, start: int) -> Change:
    """What closes a string on its line, before the commas and brackets at its end."""
    ends = [end for end in (text.find("\n", start), text.find("\r", start)) if end >= 0]
    end = start + len(text[start : min(ends, default=len(text))].rstrip(" \t,]}"))
    return Change(end, end, '"')


def explain_string(text: str, start: int, at: int, is_key: bool) -> Mistake:
    """The mistake in the string that opens at `start` and breaks at `at`."""
    lost, is_open = "all" if is_key else "value", at == start or at >= len(text)
    if is_key and (is_open or text[at] in "\r\n") and (key := _key_with_colon(text, start)):
        return _unclosed_key(key)
    if is_open:
        return Mistake(start, "this string is never closed", 'add the closing "', (_closed(text, start),), lost=lost)
    char = text[at]
    if char in "\r\n":
        message = "a string ends in the middle: the line breaks before its closing quote"
        rest = _rest_of_string(text, at, at + REACH)
        close = Change(at, rest.end(1), "\\n") if rest else _closed(text, start)
        return Mistake(at, message, 'close it with ", or write \\n', (close,), lost=lost)
    if ord(char) < 0x20:
        message = f"control character U+{ord(char):04X} in a string"
        escape = f"\\u{ord(char):04x}"
        return Mistake(at, message, f"remove it, or write {escape}", (Change(at, at + 1, escape),), lost=lost)
    backslash = max(text.rfind("\\", start, at + 1), start)
    escape = visible(text[backslash : backslash + (6 if text[backslash + 1 : backslash + 2] == "u" else 2)])
    hint = 'allowed: \\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with 4 hex digits'
    change = Change(backslash, backslash, "\\")
    return Mistake(backslash, f"invalid escape {escape} in a string", hint, (change,), lost=lost)
