"""`slm-net validate` against check-jsonschema and jsonvet on the same files with the same schema, in one run.

    python benchmarks/validate_files.py [FILES_OR_FOLDERS...] [--files 100 1000] [--repeat 5] [--python OTHER...]

Without files it validates copies of `specs/`. Prints the machine and the versions, and a Markdown table per number of
files: the best CPU time of a whole process, the time per file, the ratio to check-jsonschema (if it is installed), the
best wall time, and the peak memory. "cold" is a run without a cache, "cached" one over files of which none has changed
since the last. The processes take turns, so that a busy machine is the same for all.
`--python` adds the slm-net of other interpreters, for example one with jsonschema-rs and one without. What the
validators find is another question: `find_damage.py`.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import math
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PATH = os.pathsep.join((str(BIN), os.environ.get("PATH", "")))
PACKAGES = ("slm_net", "jsonschema", "jsonschema_rs", "check-jsonschema", "jsonvet")
ONE_CORE = (
    "import os, sys; os.sched_setaffinity(0, [min(os.sched_getaffinity(0))]); os.execv(sys.argv[1], sys.argv[1:])"
)
PEAK = (
    "import resource, subprocess, sys; subprocess.run(sys.argv[1:], capture_output=True); "
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
)


def strict_copy(path: Path, folder: Path, number: int) -> Path:
    """The same spec as strict JSON: check-jsonschema reads no comments and no trailing commas."""
    from slm_net.text.source import read_source

    copy = folder / f"{number:04}_{path.stem}.json"
    copy.write_text(json.dumps(read_source(path).data, indent=2))
    return copy


def real_files(paths: list[Path], count: int, folder: Path) -> list[Path]:
    """`count` strict JSON files, the given ones over and over; a cache that lies among them is none."""
    from slm_net.cli.cache import FOLDER

    found = sorted(file for path in paths for file in (path.rglob("*.json*") if path.is_dir() else [path]))
    found = [file for file in found if FOLDER not in file.parts]
    return [strict_copy(found[number % len(found)], folder, number) for number in range(count)]


def write_schema(path: Path) -> Path:
    """The schema that the other validators get: the whole in one document, without references to others."""
    from slm_net.schema.for_editors import composed

    path.write_text(json.dumps(composed(with_plugins=False)))
    return path


def run_once(command: list[str]) -> tuple[float, float, int]:
    """CPU time and wall time in seconds, and the exit code."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=False)
    after, end = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, end - start, done.returncode


def best_times(commands: dict[str, list[str]], repeat: int) -> dict[str, tuple[float, float, int]]:
    """The best of each command, which take turns."""
    rounds = [{label: run_once(command) for label, command in commands.items()} for _ in range(repeat)]
    return {label: tuple(map(min, zip(*(each[label] for each in rounds), strict=True))) for label in commands}


def peak_memory(command: list[str]) -> float:
    """Peak resident memory of the largest process of a command in MB."""
    done = subprocess.run([sys.executable, "-c", PEAK, *command], capture_output=True, text=True, check=True)
    return int(done.stdout) / 1024


def version(package: str) -> str:
    try:
        return f"{package} {importlib.metadata.version(package)}"
    except importlib.metadata.PackageNotFoundError:
        return f"no {package}"


def machine() -> str:
    """The processor, the system and the versions that a table is about."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    processor = platform.processor() or platform.machine()
    if (info := Path("/proc/cpuinfo")).is_file():
        named = [
            line.partition(":")[2].strip() for line in info.read_text().splitlines() if line.startswith("model name")
        ]
        processor = named[0] if named else processor
    python = f"Python {platform.python_version()}"
    return f"{cores} cores of {processor}, {platform.system()}; {', '.join([python, *map(version, PACKAGES)])}"


def commands(files: list[str], schema: Path, others: list[str], cache: Path) -> dict[str, list[str]]:
    """What is measured, by label; of peers those that are installed."""
    validate = [str(BIN / "slm-net"), "validate", *files]
    cold, cached = [*validate, "--no-cache"], [*validate, "--cache-dir", str(cache)]
    rows = {"slm-net validate, cold": cold, "slm-net validate, cached": cached}
    if hasattr(os, "sched_setaffinity"):
        rows["slm-net validate, cold, on one core"] = [sys.executable, "-c", ONE_CORE, *cold]
    for other in others:
        test = "import importlib.util as u; print('with' if u.find_spec('jsonschema_rs') else 'without')"
        found = subprocess.run([other, "-c", test], capture_output=True, text=True, check=True).stdout.strip()
        rows[f"slm-net validate, {found} jsonschema-rs ({other})"] = [other, "-m", "slm_net", "validate", *files]
    peers = {
        "check-jsonschema": ["--schemafile", str(schema), *files],
        "jsonvet": ["--no-config", "--dialect", "json", "--schema", str(schema), *files],
    }
    return rows | {name: [found, *more] for name, more in peers.items() if (found := shutil.which(name, path=PATH))}


def table(count: int, folder: Path, args: argparse.Namespace) -> None:
    """Measure everything on `count` files and print it."""
    place = folder / f"files{count}"
    place.mkdir()
    files = [str(file) for file in real_files(args.paths, count, place)]
    measured = commands(files, write_schema(folder / "schema.json"), args.python, folder / f"cache{count}")
    run_once(measured["slm-net validate, cached"])
    times = best_times(measured, args.repeat)
    reference = times.get("check-jsonschema", (math.nan,))[0]
    print(f"\n| {count:,} files | CPU s | ms per file | ratio | wall s | peak MB | exit |")
    print("|---|---|---|---|---|---|---|")
    for label, (cpu, wall, code) in times.items():
        each, memory = 1000 * cpu / count, peak_memory(measured[label])
        print(f"| {label} | {cpu:.3f} | {each:.2f} | {cpu / reference:.2f} | {wall:.3f} | {memory:.0f} | {code} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", type=Path, default=[ROOT / "specs"])
    parser.add_argument("--files", type=int, nargs="+", default=[100, 1000])
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--python", nargs="+", default=[], metavar="OTHER", help="interpreters with another slm_net")
    args = parser.parse_args()
    print(machine())
    start = [str(BIN / "slm-net"), "--version"]
    [(cpu, wall, _)] = best_times({"version": start}, args.repeat).values()
    print(f"slm-net --version: {cpu:.3f} s CPU, {wall:.3f} s, {peak_memory(start):.0f} MB")
    with tempfile.TemporaryDirectory() as name:
        for count in args.files:
            table(count, Path(name), args)


if __name__ == "__main__":
    main()
