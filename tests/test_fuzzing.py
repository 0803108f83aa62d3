"""A fuzz target over the reader and `validate`: real texts cut, doubled, spliced and spoiled never raise."""

import json
import os
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from slm_net import validate
from slm_net.problems import pointer
from slm_net.rules.pages import rules
from slm_net.text.paths import walk

#: SLM_NET_FUZZ=20000 looks longer.
EXAMPLES = int(os.environ.get("SLM_NET_FUZZ", "150"))
FILES = sorted((Path(__file__).parent.parent / "specs").rglob("*.*"))
TEXTS = [file.read_text() for file in FILES]
TEXTS += [
    "\n".join(["type: MLPNet # a net", "hid_layers: &h [64, 32]", "fc: *h", "optim_spec: {name: Adam, lr: 1e-3}"])
]
BITS = [*"{}[],:\"\\#-'|", *"\n\r\t \0\ufeff\u202e\ud800\U0001f600"]
BITS += ["//", "/*", "*/", "- ", "&a ", "*a", "<<: ", "${x}", "null", "1e999", "0x", "NaN", "true", "---\n"]


@st.composite
def spoiled_texts(draw):
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 5))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 40)))
        kind = draw(st.sampled_from(["cut", "double", "splice", "insert", "replace", "end"]))
        piece = {
            "cut": "",
            "double": text[start:end] * 2,
            "splice": (other := draw(st.sampled_from(TEXTS)))[: draw(st.integers(0, min(60, len(other))))],
            "insert": draw(st.sampled_from(BITS)) + text[start:end],
            "replace": "".join(draw(st.lists(st.sampled_from(BITS) | st.characters(), max_size=4))),
            "end": None,
        }[kind]
        text = text[:start] if piece is None else text[:start] + piece + text[end:]
    return text


@settings(deadline=None, max_examples=EXAMPLES)
@given(text=spoiled_texts(), strict=st.booleans())
def test_spoiled_texts_have_problems_with_places(text, strict):
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for problem in validate(text, strict=strict):
        assert problem.rule in rules() and problem.message
        assert problem.severity == "error" or not strict
        assert 0 <= problem.line <= len(lines)
        if problem.line:
            assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1


@settings(deadline=None, max_examples=EXAMPLES)
@given(data=st.data())
def test_random_values_in_real_specs_have_problems_with_pointers(data):
    spec = json.loads(
        data.draw(st.sampled_from([text for file, text in zip(FILES, TEXTS, strict=False) if file.suffix == ".json"]))
    )
    keys = st.sampled_from(["lr", "name", "type", "${x}", "a__choice", "0", ""]) | st.text(max_size=3)
    scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("${x}")
    values = st.recursive(
        scalars, lambda v: st.lists(v, max_size=4) | st.dictionaries(keys, v, max_size=4), max_leaves=8
    )
    for _ in range(data.draw(st.integers(1, 3))):
        node = spec
        while True:
            places = list(node) if isinstance(node, dict) else range(len(node))
            if not places:
                break
            key = data.draw(st.sampled_from(list(places)))
            if not isinstance(node[key], dict | list) or data.draw(st.integers(0, 4)) == 0:
                node[key] = data.draw(values)
                break
            node = node[key]
    for problem in validate(spec):
        assert problem.rule in rules() and problem.message
        assert problem.pointer == pointer(problem.path)
        assert walk(spec, problem.path)[0] >= len(problem.path) - 1
