"""What is told of what is under the mouse."""

import random
from pathlib import Path

import pytest

from slm_net.project.settings import Options
from slm_net.server.cursor import cursor_at
from slm_net.server.hover import hover
from slm_net.server.opened import Opened
from slm_net.server.suggestions import suggestions

SPECS = Path(__file__).parents[2] / "specs"


def told(text, file="a.json"):
    text = text.replace("NET", NET)
    offset = text.index("|")
    found = hover(Opened(file, text.replace("|", ""), Options()), offset)
    return found and found.markdown


NET = '"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"type": "MLP|Net", "hid_layers": [64]}', "**MLPNet** - net type"),
        ('{"type": "MLPNet", "hid_l|ayers": [64]}', "key of MLPNet"),
        ('{"type": "HydraMLPNet", "hid_l|ayers": []}', "Three lists"),
        ('{NET, "optim_spec": {"name": "Ad|am", "lr": 1}}', "**Adam** - optimizer"),
        ('{NET, "optim_spec": {"name": "Adam", "l|r": 1}}', "argument of Adam"),
        ('{NET, "optim_spec": {"name": "Adam", "lr": 0.0|5}}', "argument of Adam"),
        ('{NET, "critic_dropo|ut": 0.1}', "**dropout**"),
        ('{"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "re|lu"}', "**ReLU** - activation"),
        ('{"a": {"agent": {"algorithm": {"name": "D|QN"}, "net": {NET}}}}', "**DQN** - algorithm"),
        ('{"a": {"agent": {"algorithm": {"name": "DQN", "gam|ma": 1}, "net": {NET}}}}', "Discount factor"),
        ('{"a": {"agent": {"net": {NET}}, "env": {"name": "CartPo|le-v1"}}}', "**CartPole-v1** - environment"),
        ('{"a": {"agent": {"net": {NET}}, "env": {"max_fra|me": 1}}}', "Frames to train for"),
        ('{"type": "TorchArcNet", "arc": {"modules": {"a": {"Lazy|Linear": {"out_features": 3}}}}}', "layer of an arc"),
        ('{NET, "hid_laye|r": 1}', "SN101 unknown-key"),
    ],
)
def test_the_page_of_a_word(text, said):
    assert said in told(text)


def test_in_yaml_too():
    assert "**Adam** - optimizer" in told("type: MLPNet\nhid_layers: [64]\noptim_spec:\n  name: Ad|am\n", "a.yaml")


@pytest.mark.parametrize("text", ['{"name": "x|", "version": "1"}', "{NET} |", "{NET // a com|ment\n}"])
def test_nothing(text):
    assert told(text) is None


def test_markup_in_a_text_is_no_markup():
    said = told('{"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "<img src=x>|[a](b)"}')
    assert "<img" not in said
    assert "[a](b)" not in said


def test_any_text_can_be_asked_about():
    """Whatever is cut out of a spec or put into it."""
    draws = random.Random(5)
    texts = [path.read_text(encoding="utf-8") for path in sorted(SPECS.iterdir())]
    for _ in range(60):
        text, file = draws.choice(texts), draws.choice(["a.json", "a.yaml"])
        for _ in range(4):
            at = draws.randrange(len(text))
            new = draws.choice(["", *'{}[]:,"\n#', "'", "- ", "&a ", "*a", "\U0001f600"])
            text = text[:at] + new + text[at + draws.randrange(9) :]
        offset = draws.randrange(len(text) + 1)
        found = hover(Opened(file, text, Options()), offset)
        assert found is None or found.markdown
        cursor = cursor_at(file, text, offset)
        assert cursor is None or cursor.start <= offset <= cursor.end
        assert cursor is None or all(part.text for part in suggestions(cursor))
