"""What a module of an arc may be called: its name is the name of an attribute of a torch module."""

from __future__ import annotations

from slm_net.words import visible

_NAMES = """

"""
#: The attributes of every torch module, whose names no module in it can have; so are all that begin with "_".
ATTRIBUTES = frozenset(_NAMES.split())
LONGEST_NAME = 200


def name_fault(name: str) -> tuple[str, str] | None:
    """Why a module cannot be called so, and what to write; None if it can. A dot puts it into another one.

    >>> name_fault("enc.l1"), name_fault("train")
    (None, ("'train' is an attribute of every torch module", 'write train_'))
    """
    shown, parts = repr(visible(name)), name.split(".")
    if not all(parts):
        return f"{shown} {'has an empty part' if name else 'is no name'}", "write a name of letters, for example body"
    if len(name) > LONGEST_NAME:
        return f"a name of {len(name):,} letters", f"at most {LONGEST_NAME} are allowed"
    if not name.isprintable():
        return f"{shown} has characters that cannot be printed", "write letters and digits"
    if "~" in name:
        return f"{shown} has a ~, with which a node calls a module again", f"write {visible(name.replace('~', '_'))}"
    if taken := next((part for part in parts if part in ATTRIBUTES or part.startswith("_")), ""):
        better = f"{taken}_".lstrip("_") if taken.strip("_") else "body"
        return f"{visible(taken)!r} is an attribute of every torch module", f"write {visible(better)}"
    return None
