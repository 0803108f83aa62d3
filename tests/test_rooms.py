"""The architecture: which room imports which, no circle of files, imports at their place, and what no file may use."""

import ast
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

import slm_net

ROOT = Path(slm_net.__file__).parent
TESTS = Path(__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
NAMES = [path.relative_to(ROOT).as_posix() for path in FILES]
#: A file imports from its own room and from those above it.
ROOMS = (
    *("words", "problems", "extras", "plugins", "registry", "text", "schema", "arc", "net_types", "document"),
    *("wording", "spaces", "rules", "search", "validation", "reference", "concrete", "plan", "searching", "as_arc"),
    "drawing",
    *("nets", "training", "registration", "distributions", "summary", "bundle", "weights", "factory", "population"),
    *("agents", "explained", "loading", "slm_lab", "reporting", "project", "editing", "diff", "migration", "starters"),
    *("interop", "server"),
    "cli",
)
FRONT = ("slm_net", "__main__")  # the doors: __init__.py imports nothing before it is asked
#: A smell to look at, not a style to write for.
LONGEST_FILE, LONGEST_FUNCTION, FULLEST_FOLDER = 450, 40, 25
#: What a cold `validate` goes through; of the commands only the modules that build need torch.
LIGHT = {*ROOMS[: ROOMS.index("nets")], "reporting", "project", "editing", "slm_net", "cli"}
BUILDS = ("cli/trial.py",)
#: Packages that take long to import: those that everybody has, and others.
REQUIRED = {"torch", "numpy", "pydash", "rich", "jsonschema", "referencing"}
HEAVY = {*REQUIRED, "yaml", "gymnasium", "jsonschema_rs"}
#: Files that read or set attributes by a name that is no literal, and where the names come from.
ATTRIBUTES_BY_NAME = {
    "__init__.py": "a table of its own",
    "interop/torchrl.py": "what torchrl's own losses call their parts",
    "spaces/values.py": "two names, from the next function",
    "slm_lab/": "the names of SLM Lab's own classes and attributes, from closed lists",
}
#: Files that import a module by name, and where the names come from.
IMPORTS_BY_NAME = {
    "__init__.py": "a table of its own: what is asked for is imported then",
    "slm_lab/__init__.py": "a table of its own",
    "cli/main.py": "the names of the commands",
    "slm_lab/installer.py": "the names of SLM Lab's modules",
}
#: Tests that are about no file of their room, but about what it says to somebody else, or about all of it.
ABOUT_NO_FILE = {
    "cli/ci_files": "what teams copy: the hook, the action, the snippets of the documentation",
    "drawing/browser": "the page in a browser",
    "interop/accelerate": "a library that nothing of ours imports",
    "interop/hydra": "configs of OmegaConf as specs, and the recipe",
    "interop/pydantic": "the recipe",
    "nets/tails": "the tails of every family",
    "rules/checks": "all checks of a net, at the key that each is about",
    "schema/editors": "the language servers of editors",
    "schema/layers": "the layers and functions of an arc, and what an arc may say",
    "schema/schema_against_torch": "torch's own names and signatures",
    "schema/stock_engines": "engines that know nothing of slm_net",
    "slm_lab/agreement": "the drop-in against the native nets",
    "slm_lab/algorithms": "whole updates in SLM Lab's order of calls",
    "slm_lab/arcs": "the quirks of arcs beside the native nets",
    "slm_lab/lab_runs": "a real SLM Lab",
    "slm_lab/slm_lab": "the package itself",
    "spaces/arcs": "what the names of a graph's inputs are in spaces",
    "training/lookahead": "an optimizer around each of the others",
    "training/defaults": "the defaults of all parts against the schema",
}
#: Files of small functions that only their own room calls; their names say it all.
STEPS_OF_THE_READER = ("json", "yaml")


@cache
def tree_of(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def module_of(path):
    return ".".join(("slm_net", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")


def room_of(module):
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "slm_net"


MODULES = {module_of(path): name for path, name in zip(FILES, NAMES, strict=True)}
each_file = pytest.mark.parametrize(("path", "name"), list(zip(FILES, NAMES, strict=True)), ids=NAMES)


def of_ours(module):
    """The module of ours that an import names: of `slm_net.words.nearest` it is `slm_net.words`; "" for others."""
    while module not in MODULES and "." in module:
        module = module.rpartition(".")[0]
    return module if module in MODULES else ""


def imported(nodes):
    """(module, line) of each import; of `from x import y` it is `x.y` if that is a module of ours, else `x`."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: write the whole name of the module, imports are absolute"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in MODULES else node.module, node.lineno


def is_type_checking(node):
    return isinstance(node, ast.If) and getattr(node.test, "id", getattr(node.test, "attr", "")) == "TYPE_CHECKING"


def run(node, functions=True):
    """The nodes that are ever run, so none of TYPE_CHECKING blocks; with `functions=False` on import alone."""
    for child in ast.iter_child_nodes(node):
        if is_type_checking(child):
            for other in child.orelse:
                yield from (other, *run(other, functions))
        elif functions or not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield child
            yield from run(child, functions)


def in_functions(tree):
    """(module, line) of each import inside a function."""
    everywhere, outside = Counter(imported(run(tree))), Counter(imported(run(tree, functions=False)))
    return sorted((everywhere - outside).elements())


def calls(tree):
    """(name, call) of every call; `importlib.import_module` is "import_module"."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield getattr(node.func, "id", getattr(node.func, "attr", "")), node


def functions_in(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def circles(graph):
    """The groups of names that lead to each other, by taking away what leads nowhere and what nothing leads to."""
    left = {name: set(targets) & graph.keys() - {name} for name, targets in graph.items()}
    while True:
        reached = set().union(*left.values()) if left else set()
        ends = {name for name, targets in left.items() if not targets or name not in reached}
        if not ends:
            return left
        left = {name: targets - ends for name, targets in left.items() if name not in ends}


def test_every_room_is_in_the_list_and_there():
    there = {path.stem for path in ROOT.glob("*.py")} | {path.parent.name for path in ROOT.glob("*/__init__.py")}
    rooms = there - {"__init__", "__main__"}
    assert sorted(rooms) == sorted(ROOMS), "put a new room into ROOMS below all that it imports, and into CONTRIBUTING"


def test_the_map_has_the_rooms_in_their_order():
    text = (ROOT.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text[text.index("| room |") : text.index("journeys through it")]
    named = [
        word.rstrip("/")
        for row in table.splitlines()[2:]
        for word in row.split("|")[1:2]
        for word in word.split("`")[1::2]
    ]
    assert named == list(ROOMS)


@each_file
def test_a_file_imports_only_from_rooms_above_it(path, name):
    own = room_of(module_of(path))
    for module, line in imported(ast.walk(tree_of(path))) if own not in FRONT else ():
        room = room_of(of_ours(module))
        assert room not in ROOMS or ROOMS.index(room) <= ROOMS.index(own), (
            f"{name}:{line}: {own} stands above {room}: move what is needed up, or what needs it down into {room}"
        )


def test_no_circle_of_files():
    graph = {
        module_of(path): {of_ours(module) for module, _ in imported(run(tree_of(path)))}
        for path in FILES
        if module_of(path) != "slm_net"  # everything may ask it for the version
    }
    left = circles(graph)
    assert not left, "these files import each other: merge two, or move what they share into a file of its own:\n" + (
        "\n".join(f"  {name} -> {', '.join(sorted(targets))}" for name, targets in sorted(left.items()))
    )


def test_circles_are_found():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set(), "e": {"a"}}) == {"b": {"c"}, "c": {"b"}}
    assert circles({"a": {"a", "b"}, "b": {"gone"}}) == {}


@each_file
def test_own_modules_are_imported_at_the_top(path, name):
    own = [f"{name}:{line} {module}" for module, line in in_functions(tree_of(path)) if of_ours(module)]
    assert own == [], "import it at the top of the file; if that is a circle, the cut between the files is wrong"


@each_file
def test_what_validates_imports_nothing_heavy(path, name):
    at_top = {module.partition(".")[0] for module, _ in imported(run(tree_of(path), functions=False))}
    assert not is_light(path) or at_top & HEAVY == set(), (
        f"{name}: a cold validate comes by here: import it in the function that needs it"
    )


@each_file
def test_elsewhere_imports_stand_at_the_top(path, name):
    """But for packages that not everybody has."""
    late = {module.partition(".")[0] for module, _ in in_functions(tree_of(path))}
    assert is_light(path) or late & {*REQUIRED, *sys.stdlib_module_names} == set(), (
        f"{name}: a cold validate does not come by here: import it at the top of the file"
    )


def is_light(path):
    """True for what a cold validate may go through."""
    return room_of(module_of(path)) in LIGHT and path.relative_to(ROOT).as_posix() not in BUILDS


@each_file
def test_files_are_short(path, name):
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST_FILE, f"{name} has {lines} lines: are these two subjects? If they are one, say it shorter"


@each_file
def test_functions_are_short(path, name):
    def length(function):
        first = function.body[1:] if ast.get_docstring(function) is not None else function.body
        return function.end_lineno - first[0].lineno + 1 if first else 0

    long = [(node.name, length(node)) for node in functions_in(tree_of(path)) if length(node) > LONGEST_FUNCTION]
    assert long == [], f"{name}: take a step with a name of its own out of it"


def test_folders_are_not_drawers():
    counts = Counter(path.parent.relative_to(ROOT.parent).as_posix() for path in FILES)
    assert [folder for folder, count in counts.items() if count > FULLEST_FOLDER] == [], "cut the room by subject"


@each_file
def test_no_name_from_a_spec_reaches_python(path, name):
    tree = tree_of(path)
    asserts = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Assert)]
    assert asserts == [], f"{name}: raise an error, as asserts can be switched off"
    for function, call in calls(tree):
        where = f"{name}:{call.lineno}"
        evaluates = function in ("eval", "exec", "compile", "__import__")
        assert not evaluates or isinstance(call.func, ast.Attribute), f"{where}: take the name from a registry"
        assert function != "import_module" or name in IMPORTS_BY_NAME, (
            f"{where}: import it at the top, or add the file to IMPORTS_BY_NAME and say whose names they are"
        )
        if function in ("getattr", "setattr", "delattr") and not name.startswith(tuple(ATTRIBUTES_BY_NAME)):
            assert isinstance(call.args[1], ast.Constant), (
                f"{where}: take the name from a registry, or add the file to ATTRIBUTES_BY_NAME and say whose it is"
            )


@each_file
def test_every_function_says_what_it_returns(path, name):
    for node in functions_in(tree_of(path)):
        assert node.name == "__init__" or node.returns is not None, f"{name}:{node.lineno}: write the return hint"


@each_file
def test_public_functions_and_classes_have_docstrings(path, name):
    silent = [node.name for node in public(tree_of(path)) if ast.get_docstring(node) is None]
    assert path.name.startswith(STEPS_OF_THE_READER) or silent == [], f"{name}: say in one sentence what comes back"


def public(node):
    """The public functions and classes of a module, and the public methods of these classes."""
    for child in node.body:
        if isinstance(child, ast.FunctionDef | ast.ClassDef) and not child.name.startswith("_"):
            yield child
            yield from public(child) if isinstance(child, ast.ClassDef) else ()


@each_file
def test_every_module_has_a_docstring(path, name):
    assert not path.stat().st_size or ast.get_docstring(tree_of(path)), f"{name}: say what it is about"


def test_tests_have_the_names_of_what_they_test():
    rooms = {folder for folder in TESTS.rglob("*") if (ROOT / folder.relative_to(TESTS)).is_dir()}
    tests = {path.relative_to(TESTS) for folder in rooms for path in folder.glob("test_*.py")}
    subjects = {test.with_name(test.stem.removeprefix("test_")) for test in tests}
    gone = [str(subject) for subject in subjects if not (ROOT / subject).with_suffix(".py").exists()]
    assert sorted(set(gone) - ABOUT_NO_FILE.keys()) == [], (
        "no file of the package has this name: move the tests to the file that they are about, or say in ABOUT_NO_FILE"
    )


def test_exceptions_are_still_needed():
    users = {name for path, name in zip(FILES, NAMES, strict=True) if "import_module" in dict(calls(tree_of(path)))}
    assert users == IMPORTS_BY_NAME.keys(), "take it out of IMPORTS_BY_NAME"
    idle = [name for name in ATTRIBUTES_BY_NAME if not any(file.startswith(name) for file in NAMES)]
    assert idle == [], "take it out of ATTRIBUTES_BY_NAME"
    gone = [name for name in ABOUT_NO_FILE if not (TESTS / name).with_name(f"test_{Path(name).name}.py").exists()]
    assert gone == [], "take it out of ABOUT_NO_FILE"
