"""The architecture: which room imports which, how long files and functions are, and what no file may use."""

import ast
from pathlib import Path

import pytest

import slm_net

ROOT = Path(slm_net.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
NAMES = [str(path.relative_to(ROOT)) for path in FILES]
#: A file imports from its own room and from those above it.
ROOMS = (
    *("words", "problems", "plugins", "registry", "text", "schema", "net_types", "document", "spaces"),
    *("wording", "rules", "search", "validation", "plan", "nets", "training", "registration", "distributions"),
    *("bundle", "factory", "agents", "slm_lab", "summary", "cli"),
)
FRONT = "slm_net"  # __init__.py: imports nothing before it is asked
#: A smell to look at, not a style to write for.
LONGEST_FILE, LONGEST_FUNCTION = 450, 40
LIGHT = {*ROOMS[: ROOMS.index("nets")], "slm_net"}
#: Files that read or set attributes by a name that is no literal, and where the names come from.
ATTRIBUTES_BY_NAME = {
    "spaces/values.py": "two names, from the next function",
    "slm_lab/": "the names of SLM Lab's own classes and attributes, from closed lists",
}
#: Files that import a module by name: from a table of their own.
IMPORTS_BY_NAME = ("__init__.py", "cli/main.py", "slm_lab/")
HEAVY = {"torch", "numpy", "pydash", "yaml", "rich", "gymnasium"}


def tree_of(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def room_of(module):
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else FRONT


def module_of(path):
    return ".".join(("slm_net", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")


def imports(tree, nested=True):
    """Every module that a file imports; with `nested=False` only when it is imported itself."""
    for node in ast.walk(tree) if nested else _top_level(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (
                (f"{node.module}.{alias.name}" for alias in node.names) if node.module == "slm_net" else [node.module]
            )


def _top_level(node):
    """The nodes that run when the module is imported: no function bodies, no TYPE_CHECKING blocks."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and getattr(child.test, "id", "") == "TYPE_CHECKING":
            continue
        yield child
        yield from _top_level(child)


def calls(tree):
    """(name, call) of every call; `importlib.import_module` is "import_module"."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield getattr(node.func, "id", getattr(node.func, "attr", "")), node


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_a_file_imports_only_from_rooms_above_it(path):
    own = room_of(module_of(path))
    if own in (FRONT, "__main__"):
        return
    assert own in ROOMS
    for module in imports(tree_of(path)):
        if module.startswith("slm_net") and room_of(module) in ROOMS:
            assert ROOMS.index(room_of(module)) <= ROOMS.index(own), f"{own} imports {module}"


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_what_validates_imports_nothing_heavy(path):
    if room_of(module_of(path)) in LIGHT:
        assert {module.partition(".")[0] for module in imports(tree_of(path), nested=False)} & HEAVY == set()


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_files_are_short(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_functions_are_short(path):
    def length(function):
        first = function.body[1:] if ast.get_docstring(function) is not None else function.body
        return function.end_lineno - first[0].lineno + 1 if first else 0

    functions = [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert [(node.name, length(node)) for node in functions if length(node) > LONGEST_FUNCTION] == []


@pytest.mark.parametrize(("path", "name"), list(zip(FILES, NAMES, strict=True)), ids=NAMES)
def test_no_name_from_a_spec_reaches_python(path, name):
    tree = tree_of(path)
    assert not [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Assert)]
    for function, call in calls(tree):
        where = f"{name}:{call.lineno}"
        assert function not in ("eval", "exec", "compile", "__import__") or isinstance(call.func, ast.Attribute), where
        assert function != "import_module" or name.startswith(IMPORTS_BY_NAME), where
        if function in ("getattr", "setattr", "delattr") and not name.startswith((*ATTRIBUTES_BY_NAME, "__init__.py")):
            assert isinstance(call.args[1], ast.Constant), where


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_every_function_says_what_it_returns(path):
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name != "__init__":
            assert node.returns is not None, f"{path.name}:{node.lineno}"


def test_public_functions_and_classes_have_docstrings():
    silent = [
        f"{module_of(path)}.{node.name}"
        for path in FILES
        for node in public(tree_of(path))
        if ast.get_docstring(node) is None and not path.name.startswith(STEPS_OF_THE_READER)
    ]
    assert silent == []


#: Files of small functions that only their own room calls; their names say it all.
STEPS_OF_THE_READER = ("json", "yaml")


def public(node):
    """The public functions and classes of a module, and the public methods of these classes."""
    for child in node.body:
        if isinstance(child, ast.FunctionDef | ast.ClassDef) and not child.name.startswith("_"):
            yield child
            yield from public(child) if isinstance(child, ast.ClassDef) else ()


def test_every_module_has_a_docstring():
    assert [
        name
        for path, name in zip(FILES, NAMES, strict=True)
        if path.stat().st_size and not ast.get_docstring(tree_of(path))
    ] == []
