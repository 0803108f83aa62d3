import re

from agents_shown import hostile_facts, named

from slm_net.drawing.mermaid import as_mermaid


def test_blocks_and_arrows_with_their_sizes():
    text = as_mermaid(named("dueling_conv"))
    assert 'n0_3["fc_model<br>Linear → 512, ReLU"]' in text
    assert 'n0_3 -- "512" --> n0_4' in text
    assert "target_net: the layers of net, replace every 1,000 steps" in text


def test_hostile_names_stay_in_their_quotes():
    for line in as_mermaid(hostile_facts()).splitlines()[1:]:
        plain = re.sub(r'"[^"<>%{}`|]*(?:<br>[^"<>%{}`|]*)*"', "", line)
        assert re.fullmatch(r"[\w \[\](){}/>-]*", plain), line
