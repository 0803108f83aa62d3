"""What differs, as text, Markdown and JSON; nothing in a spec becomes markup."""

import json

from slm_net.diff.report import as_json, markdown, text
from slm_net.diff.specs import NOTHING, Given, compared_documents
from slm_net.document.specs import read_document

MLP = {"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"}
EVIL = "<img src=x onerror=alert(1)>|`*_[a](http://evil.example) @somebody #1\x1b[31m\n::error::x"


def spec_of(note):
    agent = {"name": note, "algorithm": {"name": "DQN", note: note}, "memory": {"name": "Replay"}, "net": MLP}
    return {note: {"agent": agent, "env": {"name": "CartPole-v1", "max_frame": 10}}}


def compared(was, now, given=NOTHING):
    return compared_documents(read_document(was), read_document(now), given)


def test_markdown_is_a_table_in_a_section():
    written = markdown(compared(MLP, {**MLP, "hid_layers": [32]}, Given(4, 2)))
    assert "<details open><summary><b>net</b>: net -224 parameters</summary>" in written
    assert "| net | dense row 1 | <code>units 64</code> | <code>units 32</code> | -160 |" in written
    assert "| net | output layers |  |  | -64 |" in written
    assert written.count("<details") == written.count("</details>") == 1
    assert "builds the same nets" in markdown(compared(MLP, MLP, Given(4, 2)))


def test_hostile_texts_do_nothing():
    found = compared(spec_of("plain"), spec_of(EVIL))
    written = markdown(found)
    for mark in ("<img", "`", "*_", "[a]", "@somebody", "\x1b", "\n::", "http://"):
        assert mark not in written
    rows = [line for line in written.splitlines() if line.startswith("|")]
    assert all(row.count("|") == 6 for row in rows)
    assert "\x1b" not in text(found)
    assert not any(line.lstrip().startswith("::") for line in text(found).splitlines())
    assert "\x1b" not in as_json(found)


def test_json_has_values_and_counts():
    data = json.loads(as_json(compared(MLP, {**MLP, "clip_grad_val": 0.5}, Given(4, 2))))
    assert data["differs"] is True
    [net] = data["specs"][0]["nets"]
    assert net["parameters"] == {"was": 450, "now": 450}
    [change] = net["changes"]
    assert (change["part"], change["what"], change["was"], change["now"]) == ("clipping", "clip_grad_val", None, 0.5)
    assert change["default"] == {"was": True, "now": False}
