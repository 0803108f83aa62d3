"""The reader with and without positions against json.loads, on the same texts in one run.

    python benchmarks/read_files.py [FOLDER_OR_FILES...] [--repeat 20]

Prints a Markdown table with megabytes per second (best of the repeats).
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

from slm_net.text.jsonc import parse_json, read_json
from slm_net.text.source import read_source

ROOT = Path(__file__).resolve().parent.parent


def speed(run: Callable[[str], object], texts: list[str], repeat: int) -> float:
    """Best of the repeats, in megabytes per second."""
    size = sum(len(text.encode()) for text in texts)
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        for text in texts:
            run(text)
        times.append(time.perf_counter() - start)
    return size / min(times) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", type=Path, default=[ROOT / "specs"])
    parser.add_argument("--repeat", type=int, default=20)
    args = parser.parse_args()
    files = sorted(file for path in args.paths for file in (path.rglob("*.json*") if path.is_dir() else [path]))
    texts = [file.read_text() for file in files]
    strict = [json.dumps(read_source(file).data, indent=2) for file in files]
    rows = {
        "json.loads": (json.loads, strict),
        "slm_net, strict JSON, no positions": (read_json, strict),
        "slm_net, files as they are, no positions": (read_json, texts),
        "slm_net, files as they are, positions of every key and value": (parse_json, texts),
    }
    print(f"| {len(files)} files | MB/s |\n|---|---|")
    for label, (run, given) in rows.items():
        print(f"| {label} | {speed(run, given, args.repeat):.1f} |")


if __name__ == "__main__":
    main()
