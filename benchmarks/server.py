"""How long the server takes for a keystroke: `python benchmarks/server.py FILE ...`, in CPU milliseconds.

Each keystroke adds a digit to a number somewhere in the file, and the problems of the whole file are found again; a
quote that is not closed yet breaks it, as typing does. Of each kind the median, and what 9 of 10 stay below.
"""

import random
import re
import statistics
import sys
import time
from pathlib import Path

from slm_net.project.settings import Options
from slm_net.server.cursor import cursor_at
from slm_net.server.hover import hover
from slm_net.server.language_server import diagnostic
from slm_net.server.opened import Opened
from slm_net.server.suggestions import suggestions

CHANGES = 60


def timed(run):
    """The result of a call, and its milliseconds."""
    start = time.process_time()
    result = run()
    return result, 1000 * (time.process_time() - start)


def typed(opened, text):
    """The next version after a keystroke, and how long its diagnostics took."""

    def look():
        changed = opened.changed(text)
        return changed, [diagnostic(found, changed.positions) for found in changed.problems]

    (changed, _), took = timed(look)
    return changed, took


def figures(file):
    """The median, and what 9 of 10 keystrokes stay below, of each kind."""
    text, draws = Path(file).read_text(encoding="utf-8"), random.Random(1)
    opened, first = typed(Opened(file, "", Options()), text)
    numbers = [match.end() for match in re.finditer(r"(?<=[\s\[])[1-9]\d*(?=[,\s\]}])", text)]
    took = {"first": [first], "digit": [], "broken": [], "completion": [], "hover": []}
    for at in sorted(draws.choices(numbers, k=CHANGES), reverse=True):  # so that the places of the others stay
        text = text[:at] + "1" + text[at:]
        opened, spent = typed(opened, text)
        took["digit"].append(spent)
        _, spent = typed(opened, text[:at] + ' "' + text[at:])
        took["broken"].append(spent)
        _, spent = timed(lambda at=at, text=text: (cursor := cursor_at(file, text, at)) and suggestions(cursor))
        took["completion"].append(spent)
        took["hover"].append(timed(lambda at=at, opened=opened: hover(opened, at))[1])
    return took


if __name__ == "__main__":
    print(
        f"{'file':44} {'KB':>4}  "
        + "  ".join(f"{name:>13}" for name in ("first", "digit", "broken", "completion", "hover"))
    )
    for file in sys.argv[1:]:
        rows = figures(file)
        cells = [f"{statistics.median(part):6.1f} {sorted(part)[int(0.9 * len(part))]:6.1f}" for part in rows.values()]
        print(f"{'/'.join(Path(file).parts[-2:]):44} {Path(file).stat().st_size / 1000:4.0f}  {'  '.join(cells)}")
