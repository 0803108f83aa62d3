"""Files that are fixed: written again if nobody has changed them meanwhile."""

from __future__ import annotations

import os

from slm_net.text.files import read_bytes
from slm_net.text.places import Refused
from slm_net.text.source import Source
from slm_net.text.writing import write_whole


def rewrite(before: Source, after: Source) -> str:
    """Write the text of `after` into the file that `before` was read from; what went wrong, or "".

    The new text goes into a file beside it, which then takes its place, owner and permissions; a link stays a link.
    """
    target = os.path.realpath(before.file)
    try:
        if read_bytes(target) != _bytes(before):
            return "the file has changed while it was checked; it is not fixed"
        write_whole(target, _bytes(after))
    except Refused as refused:
        return refused.problem.message
    except OSError as error:
        return f"the file cannot be written: {(error.strerror or str(error)).lower()}"
    return ""


def _bytes(source: Source) -> bytes:
    return ("\ufeff" * source.bom + source.text).encode()
