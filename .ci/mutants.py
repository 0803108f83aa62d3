"""Change the code in small ways, and see whether its tests notice.

    python .ci/mutants.py slm_net/bundle slm_net/factory.py --sample 60 --seed 0     # --list: what would be changed

Each mutant is one change of one file, in a copy of the repository: a comparison, `and`, `or`, `not`, a number, a
default, a sum, a call or an assignment to an attribute left out, `return None`, a keyword argument left out. Its tests
run until one fails. What survives has no test that can fail, or changes nothing that anybody could see.
"""

import argparse
import ast
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib.util import cache_from_source
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
#: Tests of a file beside its own, `tests/room/test_file.py`; those of the longest name that it begins with.
MORE_TESTS = {
    "slm_net/bundle": ["tests/bundle/test_step.py", "tests/bundle/test_state.py", "tests/bundle/test_net_bundle.py"],
    "slm_net/bundle/compiled.py": [],
    "slm_net/training": ["tests/bundle/test_step.py"],
    "slm_net/training/optimizers.py": ["tests/training/test_lookahead.py", "tests/training/test_defaults.py"],
    "slm_net/training/ranks.py": [],
    "slm_net/factory.py": ["tests/bundle/test_step.py"],
    "slm_net/agents": ["tests/agents"],
}
FLIPPED = {ast.Eq: ast.NotEq, ast.Lt: ast.LtE, ast.Gt: ast.GtE, ast.Is: ast.IsNot, ast.In: ast.NotIn}
FLIPPED |= {after: before for before, after in FLIPPED.items()}
SWAPPED = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}
SWAPPED |= {ast.And: ast.Or, ast.Or: ast.And}
ANNOTATIONS = {"annotation", "returns", "type_params"}


class Mutant(NamedTuple):
    """The `number`th change of a file."""

    file: str
    number: int
    line: int
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}  {self.before[:100]}  ->  {self.after[:100]}"


def changes(node: Any, put: Callable[[ast.AST], None]) -> Iterator[Callable[[], None]]:  # noqa: PLR0912
    """The changes of a node alone; `put` writes another in its place."""
    match node:
        case ast.Compare():
            for place, op in enumerate(node.ops):
                yield partial(node.ops.__setitem__, place, FLIPPED[type(op)]())
        case ast.BoolOp() | ast.BinOp() if type(node.op) in SWAPPED:
            yield partial(setattr, node, "op", SWAPPED[type(node.op)]())
        case ast.UnaryOp(op=ast.Not()):
            yield partial(put, node.operand)
        case ast.If() | ast.IfExp():
            yield partial(setattr, node, "test", ast.UnaryOp(ast.Not(), node.test))
        case ast.Constant(value=bool()):
            yield partial(put, ast.Constant(not node.value))
        case ast.Constant(value=int() | float()):
            yield partial(put, ast.Constant(node.value + 1))
        case ast.Expr(value=ast.Call()) | ast.Assign(targets=[ast.Attribute()]) | ast.AugAssign(target=ast.Attribute()):
            yield partial(put, ast.Pass())
        case ast.Return() if not isinstance(node.value, ast.Constant | None):
            yield partial(setattr, node, "value", ast.Constant(None))
        case ast.arguments():
            for values in (node.defaults, node.kw_defaults):
                for place, value in enumerate(values):
                    if isinstance(value, ast.Constant) and isinstance(value.value, str | None):
                        other = 1 if value.value is None else f"{value.value}_"
                        yield partial(values.__setitem__, place, ast.Constant(other))
        case ast.Call():
            for keyword in node.keywords:
                yield partial(node.keywords.remove, keyword)


def left_alone(node: ast.AST) -> bool:
    """Messages, and what runs for type checkers alone."""
    match node:
        case ast.JoinedStr() | ast.Raise() | ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
        case ast.Call(func=ast.Attribute(attr="warn")):
            return True
    return False


def walk(node: ast.AST, put: Callable[[Any], None], line: int = 1) -> Iterator[tuple[int, Callable[[], None]]]:
    """Every change of a node and of what is in it, with its line."""
    line = getattr(node, "lineno", line)
    yield from ((line, change) for change in changes(node, put))
    for name, value in ast.iter_fields(node):
        if isinstance(value, list):
            inner = [(child, partial(value.__setitem__, place)) for place, child in enumerate(value)]
        else:
            inner = [(value, partial(setattr, node, name))]
        for child, write in inner if name not in ANNOTATIONS else ():
            if isinstance(child, ast.AST) and not left_alone(child):
                yield from walk(child, write, line)


def changed(source: str, number: int) -> tuple[int, str]:
    """The source after its `number`th change, and the line of that."""
    tree = ast.parse(source)
    line, change = list(walk(tree, lambda node: None))[number]
    change()
    return line, ast.unparse(ast.fix_missing_locations(tree))


def mutant(file: str, number: int) -> Mutant:
    source = (ROOT / file).read_text(encoding="utf-8")
    line, after = changed(source, number)
    pairs = zip_longest(ast.unparse(ast.parse(source)).splitlines(), after.splitlines(), fillvalue="")
    old, new = next((pair for pair in pairs if pair[0] != pair[1]), ("", ""))
    start = max(0, len(os.path.commonprefix((old, new))) - 40)  # noqa: RUF071 - of texts
    return Mutant(file, number, line, *(text.strip() if start == 0 else f"... {text[start:]}" for text in (old, new)))


def sampled(paths: Sequence[str], size: int, seed: int) -> list[Mutant]:
    """As many mutants, one after the other from each file that has some left."""
    draw, found = random.Random(seed), []  # noqa: S311
    for path in paths:
        files = sorted((ROOT / path).rglob("*.py")) or [ROOT / path]
        for file in files:
            many = len(list(walk(ast.parse(file.read_text(encoding="utf-8")), lambda node: None)))
            name = file.relative_to(ROOT).as_posix()
            found.append([(name, number) for number in draw.sample(range(many), many)])
    turns = [each for turn in zip_longest(*found) for each in turn if each is not None]
    return [mutant(*each) for each in sorted(turns[:size])]


def tests_of(file: str) -> list[str]:
    """The quick and sharp tests of a file: its doctests, its own tests, and `MORE_TESTS`."""
    path = Path(file)
    own = Path("tests", *path.parts[1:-1], f"test_{path.name}").as_posix()
    more = MORE_TESTS[max((key for key in MORE_TESTS if file.startswith(key)), key=len, default="slm_net/agents")]
    # the file comes last: pytest imports what it looks at first, and tests that came later would have another copy
    return [*dict.fromkeys(test for test in (own, *more) if (ROOT / test).exists()), file]


def first_failure(copy: Path, tests: Sequence[str], timeout: float) -> str:
    """What tests say in the copy: the first that fails, "" if all pass."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--tb=no", *tests]
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(  # noqa: S603
            command, cwd=copy, env=environment, stdout=output, stderr=output, start_new_session=True
        )
        try:
            if process.wait(timeout) == 0:
                return ""
        except subprocess.TimeoutExpired:
            return f"no end within {timeout:.0f} s"
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        output.seek(0)
        failed = [line for line in output if line.startswith(("FAILED", "ERROR"))]
        return failed[0].strip() if failed else "pytest stopped"


def run(mutants: Sequence[Mutant], timeout: float) -> list[Mutant]:
    """The mutants that survive; every verdict is printed as it comes."""
    survivors, start = [], time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "copy")
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".git", ".venv", "__pycache__", "node_modules"))
        for each in mutants:
            source = (ROOT / each.file).read_text(encoding="utf-8")
            write(copy / each.file, changed(source, each.number)[1])
            verdict = first_failure(copy, tests_of(each.file), timeout)
            survivors += [] if verdict else [each]
            print(f"{time.monotonic() - start:5.0f} s  {each}\n         {verdict or 'SURVIVES'}", flush=True)
            write(copy / each.file, ast.unparse(ast.parse(source)))
        # tests that fail without a change say nothing; where a mutant survives, they pass
        certain = {each.file for each in survivors}
        files = dict.fromkeys(each.file for each in mutants if each.file not in certain)
        tests = sorted({test for file in files for test in tests_of(file)}, reverse=True)  # tests/ before slm_net/
        if tests and (verdict := first_failure(copy, tests, timeout * len(files))):
            print(f"NOTHING IS SAID: without a change, {verdict}")
    return survivors


def write(file: Path, source: str) -> None:
    """A new source, and no bytecode that could be taken for its own."""
    file.write_text(source, encoding="utf-8")
    Path(cache_from_source(str(file))).unlink(missing_ok=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="+", help="files and folders, from the root of the repository")
    parser.add_argument("--sample", type=int, default=60, help="how many mutants")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--timeout", type=float, default=120, help="seconds for the tests of a mutant")
    parser.add_argument("--list", action="store_true", help="show the mutants, run nothing")
    options = parser.parse_args()
    mutants = sampled(options.paths, options.sample, options.seed)
    if options.list:
        print(*mutants, sep="\n")
        return
    survivors = run(mutants, options.timeout)
    print(f"\n{len(mutants) - len(survivors)} of {len(mutants)} mutants are noticed", *survivors, sep="\n")


if __name__ == "__main__":
    main()
