"""Topics as text, Markdown and data."""

import json

import pytest

from slm_net.reference.pages import as_data, as_markdown, as_text, escaped
from slm_net.reference.topics import Argument, Topic, topics

WORDS = (
    "hid_layers",
    "Adam",
    "LayerNorm",
    "SN203",
    "MLPNet",
    "PPO",
    "CartPole-v1",
    "relu",
    "Adam.lr",
)


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("width", [60, 80])
def test_text_keeps_to_its_width(word, width):
    for topic in topics(word):
        text = as_text(topic, width)
        assert text.startswith(f"{topic.name} - {topic.kind}\n")
        assert all(len(line) <= width for line in text.splitlines() if '{"type"' not in line), text


@pytest.mark.parametrize("word", WORDS)
def test_the_example_is_in_each_form(word):
    for topic in topics(word):
        if topic.example is not None:
            fenced = as_markdown(topic).rpartition("```json\n")[2].removesuffix("\n```")
            assert json.loads(fenced) == topic.example
            assert json.loads(json.dumps(as_data(topic)))["example"] == topic.example


def test_markup_of_others_does_nothing():
    evil = "<img src=x> [a](javascript:b) `c` *d* | # e"
    topic = Topic("x", "y", evil, (("type", evil),), (Argument("z", evil, "", evil),))
    shown = as_markdown(topic)
    assert "<img" not in shown
    assert "[a](" not in shown
    assert escaped("a_b") == "a\\_b"
