"""What `slm-net validate`, check-jsonschema and jsonvet find in damaged copies of `specs/`, with the same schema.

    python benchmarks/find_damage.py

Every damage of `tests/damages.py` is done to every file that it applies to. Prints a Markdown table: how many of
the files each program calls wrong, how many of them with a line, and how many with the line of the damage.
"""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path

from validate_files import BIN, ROOT, machine, write_schema

sys.path.insert(0, str(ROOT / "tests"))

from damages import DAMAGES, FILES, TEXT_DAMAGES, net_of

Found = dict[str, list[int | None]]


def damaged_texts() -> Iterator[tuple[str, str, int]]:
    """A name, the damaged text, and the line of the damage."""
    for file in FILES:
        whole = json.loads(file.read_text())
        for number, (kind, damage) in enumerate(DAMAGES.items()):
            data = deepcopy(whole)
            net, path = net_of(data)
            where = damage(net, random.Random(f"{file.name} {kind}")) if net else None
            # without an environment nobody knows how large the images are
            if where is not None and (path or kind != "kernel larger than the image"):
                text = json.dumps(data, indent=2)
                yield f"{file.stem}-{number:02}", text, line_of(text, (*path, *where))
        text = json.dumps(whole, indent=2)
        for number, (kind, cut) in enumerate(TEXT_DAMAGES.items(), len(DAMAGES)):
            at = text.index("\n", random.Random(f"{file.name} {kind}").randrange(len(text) // 2)) + 1
            damaged = text[:at] + cut(text, at)
            lines = enumerate(zip(text.splitlines(), damaged.splitlines(), strict=False), 1)
            yield f"{file.stem}-{number:02}", damaged, next(line for line, (old, new) in lines if old != new)


def line_of(text: str, path: tuple[str | int, ...]) -> int:
    """The line of a key or an entry of a JSON text with one value per line."""
    from slm_net.text.source import read_source

    source = read_source(text)
    return source.key_position(path)[0] or source.value_position(path)[0]


def run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def by_slm_net(files: list[str], schema: Path) -> Found:
    found: Found = {}
    for problem in json.loads(run(str(BIN / "slm-net"), "validate", "-o", "json", *files))["problems"]:
        if problem["severity"] == "error":
            found.setdefault(problem["file"], []).append(problem["line"])
    return found


def by_check_jsonschema(files: list[str], schema: Path) -> Found:
    """It gives no line but where its JSON reader does."""
    found: Found = {}
    report = json.loads(run(str(BIN / "check-jsonschema"), "-o", "json", "-v", "--schemafile", str(schema), *files))
    for error in (*report.get("errors", ()), *report.get("parse_errors", ())):
        line = re.search(r"line (\d+)", error["message"])
        found.setdefault(error["filename"], []).append(int(line[1]) if line else None)
    return found


def by_jsonvet(files: list[str], schema: Path) -> Found:
    found: Found = {}
    command = (str(BIN / "jsonvet"), "--no-config", "--dialect", "json", "--format", "json", "--schema", str(schema))
    report = run(*command, *files)
    for error in json.loads(report)["diagnostics"]:
        if error["severity"] == "error":
            found.setdefault(error["file"], []).append(error["line"])
    return found


VALIDATORS: dict[str, Callable[[list[str], Path], Found]] = {
    "slm-net validate": by_slm_net,
    "check-jsonschema": by_check_jsonschema,
    "jsonvet": by_jsonvet,
}


def main() -> None:
    print(machine())
    with tempfile.TemporaryDirectory() as name:
        folder, lines = Path(name), {}
        schema = write_schema(folder / "schema.json")
        (folder / "files").mkdir()
        for stem, text, line in damaged_texts():
            path = folder / "files" / f"{stem}.json"
            path.write_text(text + "\n")
            lines[str(path)] = line
        print(f"\n| {len(lines)} damaged files | called wrong | with a line | with the right line |\n|---|---|---|---|")
        for label, validator in VALIDATORS.items():
            found = validator(sorted(lines), schema)
            with_line = sum(any(places) for places in found.values())
            right = sum(lines[file] in places for file, places in found.items())
            print(f"| {label} | {len(found)} | {with_line} | {right} |")


if __name__ == "__main__":
    main()
