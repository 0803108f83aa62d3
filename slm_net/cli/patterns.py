"""Shell patterns that the shell left alone, with ** for any number of folders."""

from __future__ import annotations

import glob
import os
import re
from fnmatch import translate


def files_matching(pattern: str) -> list[str]:
    """The files and folders that match, sorted; `**` does not follow links, which may lead round in circles."""
    parts = pattern.replace(os.sep, "/").split("/")
    if "**" not in parts:
        return sorted(glob.glob(pattern))
    first = next(index for index, part in enumerate(parts) if glob.has_magic(part))
    root, matches = "/".join(parts[:first]), _matcher(parts[first:])
    if parts[:first] == [""]:
        root = "/"
    found = []
    for folder, folders, files in os.walk(root or "."):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            path = os.path.join(folder, name)
            if matches.fullmatch(os.path.relpath(path, root or ".").replace(os.sep, "/")):
                found.append(path if root else os.path.relpath(path))
    return sorted(found)


def _matcher(parts: list[str]) -> re.Pattern[str]:
    """A regular expression for the parts of a path.

    >>> bool(_matcher(["**", "*.json"]).fullmatch("a/b/c.json")), bool(_matcher(["*", "c"]).fullmatch("a/b/c"))
    (True, False)
    """
    words = []
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        if part == "**":
            words.append(".*" if last else "(?:[^/]+/)*")
        else:
            word = translate(part).replace("(?s:", "", 1).removesuffix(r")\Z").removesuffix(r")\z")
            words.append(word.replace(".*", "[^/]*") + ("" if last else "/"))
    return re.compile("".join(words), re.DOTALL)
