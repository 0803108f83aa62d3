"""The site: every page is in its navigation, every link leads somewhere, and what pages tell people to type works."""

import argparse
import importlib
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import slm_net
import slm_net.slm_lab
from slm_net.cli.main import COMMANDS, IN_PARTS

tomllib = pytest.importorskip("tomllib")
ROOT = Path(__file__).parent.parent
CONFIG = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))["project"]
PAGES = sorted(
    path for pattern in ("*.md", "docs/**/*.md", "benchmarks/*.md", "examples/**/*.md") for path in ROOT.glob(pattern)
)
NOTEBOOKS = sorted((ROOT / "examples").rglob("*.ipynb"))
TEXTS = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in PAGES}
each_page = pytest.mark.parametrize("name", TEXTS)
FENCE = re.compile(r"^( *)(```+)(\w*)\n(.*?)^\1\2\n?", re.DOTALL | re.MULTILINE)


def in_nav(entries):
    for entry in entries:
        if isinstance(entry, str):
            yield entry
        else:
            for below in entry.values():
                yield from in_nav([below] if isinstance(below, str) else below)


def prose(text):
    """A page without its code."""
    return re.sub(r"`[^`\n]*`", "", FENCE.sub("", text))


def anchors(text):
    """What leads to the headings of a page, as GitHub and the site make it."""
    found = []
    for heading in re.findall(r"(?m)^#{1,6} (.+)$", FENCE.sub("", text)):
        plain = re.sub(r"[^\w\- ]", "", re.sub(r"\]\([^)]*\)", "", heading)).strip().lower().replace(" ", "-")
        found.append(plain)
    return [*found, *re.findall(r'<a id="([^"]+)">', text)]


def test_every_page_is_in_the_navigation_and_there():
    there = {*TEXTS, *(path.relative_to(ROOT).with_suffix(".md").as_posix() for path in NOTEBOOKS)}
    listed = list(in_nav(CONFIG["nav"]))
    assert sorted(listed) == sorted(there), "zensical.toml has the navigation"


@each_page
def test_links_lead_somewhere(name):
    text, broken = TEXTS[name], []
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(text)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (ROOT / name).parent.joinpath(path).resolve() if path else ROOT / name
        if not target.is_file() or (anchor and anchor not in anchors(target.read_text(encoding="utf-8"))):
            broken.append(link)
    assert broken == []


@each_page
def test_headings_lead_to_one_place_each(name):
    linked = {link for text in TEXTS.values() for link in re.findall(r"#([^)\s]+)\)", prose(text))}
    found = anchors(TEXTS[name])
    assert {anchor for anchor in found if found.count(anchor) > 1} & linked == set()


@each_page
def test_a_list_stands_below_an_empty_line(name):
    """GitHub needs none, and two spaces before a list in a list; the site takes both for text."""
    lines = FENCE.sub("\n", TEXTS[name]).splitlines()
    pairs = zip(["", *lines], lines, strict=False)
    item = re.compile(r"(- |\d+\. )").match
    wrong = [line for before, line in pairs if item(line) and before and not item(before) and before[0] not in " -#"]
    assert [*wrong, *(line for line in lines if re.match(r" {1,3}- ", line))] == []


def parser_of(command):
    parser = argparse.ArgumentParser(exit_on_error=False)
    importlib.import_module(f"slm_net.cli.{command.replace('-', '_')}").configure(parser)
    return parser


def commands(text):
    """The calls of slm-net in the code of a page, each as words."""
    shells = (code for _, _, language, code in FENCE.findall(text) if language in ("bash", "text", "console", "yaml"))
    for line in "\n".join(shells).replace("\\\n", " ").splitlines():
        for call in re.findall(
            r"(?:^|- |run: |[/$&;] ?)(?:\.venv/bin/)?slm-net ((?!.*: (?:error|warning))[^|&;>]*)", line.strip()
        ):
            yield shlex.split(call, comments=True)


@each_page
def test_the_commands_of_a_page_parse(name):
    for words in commands(TEXTS[name]):
        if words[:1] not in ([], ["--version"], ["COMMAND"]):
            assert words[0] in COMMANDS, words
            parser_of(words[0]).parse_args(words[1:])


def test_commands_are_found():
    text = "```bash\nslm-net validate a.json  # all\n.venv/bin/slm-net show b | less\n```\n"
    assert list(commands(text)) == [["validate", "a.json"], ["show", "b"]]
    assert sum(len(list(commands(text))) for text in TEXTS.values()) > 50
    assert set(IN_PARTS) <= COMMANDS.keys()


@each_page
def test_what_pages_install_can_be_installed(name):
    """slm_net is not in an index: from this folder, or with an address; of an installed one the extras."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    for line in re.findall(r"pip install ([^`\n]*)", TEXTS[name]):
        assert not re.search(r"(?<![/\w\"'])slm[_-]net(?![\w\[/])", line), f"pip install {line}"
        for named in re.findall(r"(?:slm_net|\.)\[([\w,]+)\]", line):
            assert set(named.split(",")) <= extras.keys()


def test_the_api_page_has_every_public_name():
    documented = re.findall(r"(?m)^::: slm_net\.(.+)$", TEXTS["docs/api.md"])
    values = {"slm_lab.QUIRKS", "slm_lab.v4", "slm_lab.v5"}  # a table and two modules, told of on their own page
    public = {*slm_net.__all__, *(f"slm_lab.{name}" for name in slm_net.slm_lab.__all__)}
    assert sorted(documented) == sorted(public - values)


def test_getting_started_goes_as_it_says(tmp_path):
    """Its commands, one after the other in one folder."""
    shown = re.findall(
        r"<!-- run -->\n```bash\n(.*?)```\n\n```text\n(.*?)```", TEXTS["docs/getting_started.md"], re.DOTALL
    )
    assert len(shown) == TEXTS["docs/getting_started.md"].count("<!-- run -->") >= 3
    tool = f'slm-net() {{ "{sys.executable}" -m slm_net "$@"; }}\n'
    env = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "120"}
    for command, output in shown:
        done = subprocess.run(
            ["bash", "-c", tool + command], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
        )
        assert done.stdout == output, done.stderr
