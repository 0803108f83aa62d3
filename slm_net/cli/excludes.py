"""Files that a search leaves out: patterns as in .gitignore, in short."""

from __future__ import annotations

import os
from fnmatch import fnmatchcase
from typing import NamedTuple


class Exclude(NamedTuple):
    """One pattern and the folder that it counts from.

    Without a slash it matches the name of a file or folder at any depth; with one, a path from that folder on.

    >>> Exclude("vendor/*.json", "/repo").matches("/repo/vendor/a.json")
    True
    >>> Exclude("vendor", "/repo").matches("/repo/lib/vendor")
    True
    >>> Exclude("a.json", "/repo/a.json/b").matches("/repo/a.json/b/c.json")
    False
    """

    pattern: str
    folder: str

    def matches(self, path: str) -> bool:
        """Whether the path of a file or folder is left out; a folder takes what is in it along."""
        path = os.path.relpath(path, self.folder).replace(os.sep, "/")
        pattern = self.pattern.removeprefix("./").removesuffix("/")
        parts = [part for part in path.split("/") if part != ".."]
        if "/" not in pattern:
            return any(fnmatchcase(part, pattern) for part in parts)
        pattern = pattern.removeprefix("/")
        return any(fnmatchcase("/".join(parts[:end]), pattern) for end in range(1, len(parts) + 1))
