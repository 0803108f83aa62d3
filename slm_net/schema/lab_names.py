"""What the SLM Labs are called that a spec can be for; apart from `labs`, as a command line needs no more of them."""

from __future__ import annotations

from slm_net.words import visible

#: The SLM Labs that a spec can be for, as users name them.
LABS = {"slm-lab-4": 4, "slm-lab-5": 5}


def lab_called(name: str | None) -> int:
    """The version of the SLM Lab that is meant, 0 for None.

    Raises:
        ValueError: there is none of that name.

    >>> lab_called("slm-lab-5"), lab_called(None)
    (5, 0)
    """
    if name is None:
        return 0
    if not isinstance(name, str) or name not in LABS:
        raise ValueError(f"a spec cannot be for {visible(repr(name))}, expected {' or '.join(LABS)}")
    return LABS[name]
