"""Cold `slm-net validate` against check-jsonschema on the same files with the same schema, in one run.

    python benchmarks/validate_files.py FOLDER_OR_FILES... [--files 100] [--repeat 5]

Without files it validates copies of `specs/`. Prints a Markdown table: the best wall time of a whole process, the ratio
to check-jsonschema, and the peak memory.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


def strict_copy(path: Path, folder: Path, number: int) -> Path:
    """The same spec as strict JSON: check-jsonschema reads no comments and no trailing commas."""
    from slm_net.spec.source import read_source

    copy = folder / f"{number:04}_{path.stem}.json"
    copy.write_text(json.dumps(read_source(path).data, indent=2))
    return copy


def real_files(paths: list[Path], count: int, folder: Path) -> list[Path]:
    """`count` strict JSON files, the given ones over and over."""
    found = sorted(file for path in paths for file in (path.rglob("*.json*") if path.is_dir() else [path]))
    return [strict_copy(found[number % len(found)], folder, number) for number in range(count)]


def bundled_schema(folder: Path) -> Path:
    """A copy of schemas/ whose `$id`s are files, so that check-jsonschema stays off the network."""
    target = folder / "schemas"
    shutil.copytree(ROOT / "schemas", target)
    for file in target.glob("*.json"):
        schema = json.loads(file.read_text())
        schema["$id"] = file.as_uri()
        file.write_text(json.dumps(schema))
    return target / "spec.schema.json"


def best_time(command: list[str], repeat: int) -> tuple[float, int]:
    """Best wall time in seconds, and the exit code."""
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        done = subprocess.run(command, capture_output=True, check=False)
        times.append(time.perf_counter() - start)
    return min(times), done.returncode


def peak_memory(command: list[str]) -> float:
    """Peak resident memory of a command in MB."""
    script = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], capture_output=True); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    done = subprocess.run([sys.executable, "-c", script, *command], capture_output=True, text=True, check=True)
    return int(done.stdout) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", type=Path, default=[ROOT / "specs"])
    parser.add_argument("--files", type=int, default=100)
    parser.add_argument("--repeat", type=int, default=5)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "files").mkdir()
        files = [str(file) for file in real_files(args.paths, args.files, folder / "files")]
        schema = bundled_schema(folder)
        commands = {
            "slm-net validate": [str(BIN / "slm-net"), "validate", *files],
            "check-jsonschema": [str(BIN / "check-jsonschema"), "--schemafile", str(schema), *files],
            "slm-net --version": [str(BIN / "slm-net"), "--version"],
        }
        rows = {label: (*best_time(command, args.repeat), peak_memory(command)) for label, command in commands.items()}
    reference = rows["check-jsonschema"][0]
    print(f"| {args.files} files, cold | seconds | ratio | peak MB | exit |\n|---|---|---|---|---|")
    for label, (seconds, code, memory) in rows.items():
        print(f"| {label} | {seconds:.3f} | {seconds / reference:.2f} | {memory:.0f} | {code} |")


if __name__ == "__main__":
    main()
