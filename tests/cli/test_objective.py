"""The objective of a search: a function of the user's own file."""

import sys

import pytest

from slm_net.cli.objective import objective_at
from slm_net.cli.parser import UsageError


@pytest.fixture(autouse=True)
def as_before(monkeypatch):
    """What an import of a file leaves behind is gone after the test."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(sys, "modules", {**sys.modules})


def test_a_function_is_named_behind_its_file(tmp_path):
    (tmp_path / "beside.py").write_text("value = 3\n")
    file = tmp_path / "my_train.py"
    file.write_text("import beside\ndef run(spec, report): return beside.value\ndef other(spec, report): return 4\n")
    assert objective_at(f"{file}:run")({}, None) == 3
    del sys.modules["my_train"]
    assert objective_at(f"{file}:other")({}, None) == 4
    del sys.modules["my_train"]
    assert objective_at(str(file))({}, None) == 3  # run, if nothing is said


@pytest.mark.parametrize("text, given, said", [
    ("", "none.py:run", "there is no file"),
    ("def run(): pass", "my_train.py:rnu", "no function 'rnu', did you mean 'run'?"),
    ("run = 3", "my_train.py:run", "no function 'run', there is none"),
    ("", "my_train", "is no Python file and function: write train.py:run"),
    ("", "my_train.json:run", "is no Python file and function"),
    ("import no_such_module", "my_train.py:run", "cannot be imported: ModuleNotFoundError: No module named"),
    ("def run(:", "my_train.py:run", "cannot be imported: SyntaxError"),
    ("raise SystemExit", "my_train.py:run", 'under if __name__ == "__main__"'),
    ("def run(): pass", "json.py:run", "has the name of another module"),
    ("raise ValueError('\\x1b[31m')", "my_train.py:run", r"ValueError: \x1b[31m"),
])  # fmt: skip
def test_what_is_none_is_one_line(tmp_path, monkeypatch, text, given, said):
    monkeypatch.chdir(tmp_path)
    for name in ("my_train.py", "json.py"):
        (tmp_path / name).write_text(text)
    with pytest.raises(UsageError) as caught:
        objective_at(given)
    assert said in str(caught.value) and "\n" not in str(caught.value)
