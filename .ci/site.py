"""Build the site: `python .ci/site.py`, then `python -m http.server -d build/site`.

The site has the repository's own Markdown, in the folders in which it lies, so that each link leads to the same thing
here and there. What pages link to beside that gets a page with its text; each spec also its picture.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "build" / "pages"
#: The Markdown of the site, and the notebooks, which become pages.
SOURCES = ("*.md", "docs/**/*.md", "docs/site.*", "benchmarks/*.md", "examples/**/*.md", "examples/**/*.ipynb")
PARAGRAPH = "\n\n"
COPIED = (".svg", ".png")
LINK = re.compile(r"(?<=\]\()([^)#\s:]+)(?=[)#])")
LANGUAGES = {".py": "python", ".jsonc": "json", ".yml": "yaml"}
#: Where the cards of all specs stand.
GALLERY, CARDS = "docs/gallery.md", "<!-- specs -->"
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "drawing")]

from agents_shown import shown  # noqa: E402
from test_specs import FILES  # noqa: E402

from slm_net.drawing.record import AgentFacts, count_text  # noqa: E402
from slm_net.drawing.svg import as_svg  # noqa: E402
from slm_net.drawing.table import as_text  # noqa: E402


def gather() -> None:
    """Everything that the site is made of, in build/pages."""
    shutil.rmtree(PAGES, ignore_errors=True)
    found = [path for pattern in SOURCES for path in sorted(ROOT.glob(pattern))]
    pages = {path.relative_to(ROOT).as_posix(): page_of(path) for path in found} | gallery()
    linked = {target for name, text in pages.items() for target in links(name, text)} - pages.keys()
    for name, text in pages.items():
        put(name.replace(".ipynb", ".md"), LINK.sub(lambda link: as_page(link[0]), text))
    for name in linked:
        if name.endswith(COPIED):
            shutil.copy(ROOT / name, made(PAGES / name))
        elif f"{name}.md" not in pages:
            put(f"{name}.md", f"# {name}\n\n{code(ROOT / name)}")


def made(path: Path) -> Path:
    """A path whose folder is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def put(name: str, text: str) -> None:
    made(PAGES / name).write_text(text, encoding="utf-8")


def links(name: str, text: str) -> Iterator[str]:
    """The files of the repository that a page links to, as paths from its top."""
    for link in LINK.findall(text):
        path = (ROOT / name).parent.joinpath(link).resolve()
        if path.is_file() and path.is_relative_to(ROOT):
            yield path.relative_to(ROOT).as_posix()


def as_page(link: str) -> str:
    """A link to a file as one to the page with its text."""
    if link.endswith((".md", *COPIED)):
        return link
    return link.replace(".ipynb", ".md") if link.endswith(".ipynb") else f"{link}.md"


def page_of(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    return (
        text
        if path.suffix != ".ipynb"
        else PARAGRAPH.join(part for cell in json.loads(text)["cells"] for part in parts(cell))
    )


def parts(cell: dict[str, Any]) -> Iterator[str]:
    """A cell of a notebook, and what came out of it: text, or a picture."""
    source = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        yield source
        return
    yield f"```python\n{source}\n```"
    for output in cell["outputs"]:
        data = output.get("data", {"text/plain": output.get("text", "")})
        html = "".join(data.get("text/html", ""))
        yield f'<div class="output">{html}</div>' if html else f"```text\n{''.join(data['text/plain']).rstrip()}\n```"


def code(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    return f"````{LANGUAGES.get(path.suffix, path.suffix[1:])}\n{text.rstrip()}\n````\n"


def gallery() -> dict[str, str]:
    """A page for each spec, and the one with all of them; their pictures are written beside."""
    pages, cards = {}, []
    for path in FILES:
        facts, name = shown(path), path.name
        what, picture = described(facts), f"![The nets of {name}]({{}}{name}.svg)"
        put(f"specs/{name}.svg", as_svg(facts))
        table = f"```text\n$ slm-net show specs/{name}\n{as_text(facts).rstrip()}\n```"
        pages[f"specs/{name}.md"] = PARAGRAPH.join([f"# {name}", what, picture.format(""), table, code(path)])
        cards.append(f"- **[{name}](../specs/{name})**\n\n    {what}\n\n    {picture.format('../specs/')}")
    grid = f'<div class="grid cards" markdown>\n\n{PARAGRAPH.join(cards)}\n\n</div>'
    return {**pages, GALLERY: page_of(ROOT / GALLERY).replace(CARDS, grid)}


def described(facts: AgentFacts) -> str:
    """What a spec builds, in a line."""
    types = list(dict.fromkeys(net.type for net in facts.nets))
    of = f"{facts.algorithm}: " if facts.algorithm else ""
    return f"{of}{', '.join(types) or 'no net'}, {count_text(facts.parameters)} parameters"


if __name__ == "__main__":
    gather()
    sys.exit(subprocess.run([sys.executable, "-m", "zensical", "build", "--strict"], cwd=ROOT, check=False).returncode)
