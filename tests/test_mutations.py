"""Each file in specs/ with one damage at a random place: there must be an error at that place."""

from __future__ import annotations

import json
import random
from copy import deepcopy

import pytest
from damages import DAMAGES, FILES, TEXT_DAMAGES, net_of

import slm_net
from slm_net.problems import pointer


def test_there_are_at_least_thirty_kinds_of_damage():
    assert len(DAMAGES) + len(TEXT_DAMAGES) >= 30


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_damage_is_found_at_its_place(kind):
    applied = 0
    for file in FILES:
        rng = random.Random(f"{file.name} {kind}")
        data = deepcopy(json.loads(file.read_text()))
        net, path = net_of(data)
        where = DAMAGES[kind](net, rng) if net else None
        if where is None:
            continue
        if kind == "kernel larger than the image" and not path:
            continue  # a bare block: the size of its images is not known
        applied += 1
        errors = [p for p in slm_net.validate(json.dumps(data, indent=2)) if p.severity == "error"]
        place = pointer((*path, *where))
        assert place in {p.pointer for p in errors}, (file.name, place, [str(p) for p in errors])
    assert applied


@pytest.mark.parametrize("kind", TEXT_DAMAGES)
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_damaged_text_is_an_error_at_its_line(file, kind):
    text = json.dumps(json.loads(file.read_text()), indent=2)
    at = random.Random(f"{file.name} {kind}").randrange(len(text) // 2)
    at = text.index("\n", at) + 1
    damaged = text[:at] + TEXT_DAMAGES[kind](text, at)
    lines = zip(text.splitlines(), damaged.splitlines(), strict=False)
    changed = next(number for number, (old, new) in enumerate(lines, 1) if old != new)
    problems = slm_net.validate(damaged)
    assert [(p.line, p.rule_name) for p in problems] == [(changed, "syntax")]
    assert problems[0].hint
