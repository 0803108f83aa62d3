"""`${variables}` of a spec that have no value in the file."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from slm_net.problems import WARNING, nearest, visible
from slm_net.spec.document import Spec
from slm_net.spec.limits import MAX_PROBLEMS
from slm_net.spec.mistakes import Mistake
from slm_net.spec.variables import find_variables


def unset_variables(spec: Spec) -> Iterator[Mistake]:
    """A warning at each `${variable}` outside of `search` that is not among the `spec_params`."""
    params = spec.data.get("spec_params")
    known = params if isinstance(params, dict) else {}
    outside = {key: value for key, value in spec.data.items() if key != "search"}
    unset = ((path, name) for path, name in find_variables(outside, spec.path) if name not in known)
    for path, name in islice(unset, MAX_PROBLEMS + 1):
        shown = visible(name, 40)
        hint = f"give it when the spec is loaded: variables={{'{shown}': ...}}, or --set {shown}=..."
        if guess := nearest(name, known):
            hint = f"did you mean ${{{visible(guess, 40)}}}? Else {hint}"
        yield Mistake(path, "unset-variable", f"${{{shown}}} has no value in the file", hint, WARNING)
