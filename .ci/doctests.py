"""For the API page of the site: the doctests at the end of a docstring stand under no heading; griffe wants one."""

import re
import textwrap
from typing import Any

import griffe


class Doctests(griffe.Extension):
    """Puts them under "Examples:"."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        if obj.docstring and (first := re.search(r"^>>> ", obj.docstring.value, re.MULTILINE)):
            text, examples = obj.docstring.value[: first.start()], obj.docstring.value[first.start() :]
            obj.docstring.value = f"{text}Examples:\n{textwrap.indent(examples, '    ')}"
