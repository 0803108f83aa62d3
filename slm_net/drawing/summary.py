"""What `summary()` gives: a table where there is text, a picture too where there is a notebook."""

from __future__ import annotations

from typing import Any

from slm_net.drawing.data import as_data
from slm_net.drawing.page import as_part
from slm_net.drawing.record import AgentFacts
from slm_net.drawing.svg import as_svg
from slm_net.drawing.table import as_text


class Summary:
    """The layers, parameters and memory of a net, or of all nets of an agent.

    Printed it is a table; a notebook shows a picture with it. `facts` is what both are made of, `data` the same as
    plain values, `svg` the picture alone.
    """

    def __init__(self, facts: AgentFacts):
        self.facts = facts

    @property
    def data(self) -> dict[str, Any]:
        """Everything as values of JSON, as `slm-net show --format json` has it."""
        return as_data(self.facts)

    @property
    def svg(self) -> str:
        """The picture, to be written into a file."""
        return as_svg(self.facts)

    def __str__(self) -> str:
        return as_text(self.facts)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return as_part(self.facts)
