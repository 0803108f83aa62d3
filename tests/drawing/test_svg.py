"""The pictures: XML that any reader takes, texts within their boxes, colours that one can read, the ones in docs/."""

from dataclasses import replace
from pathlib import Path
from xml.dom import minidom

import pytest
from agents_shown import HOSTILE, hostile_facts, named, shown
from test_specs import FILES

from slm_net.cli.main import main
from slm_net.drawing.record import Block
from slm_net.drawing.svg import INKS, as_svg, net_svg

ROOT = Path(__file__).parents[2]
SVG = "http://www.w3.org/2000/svg"
#: The pictures of the documentation, and the arguments that draw them.
PICTURES = {
    "show_dueling_conv": ["specs/dueling_conv.json"],
    "show_a2c_halfcheetah": ["specs/a2c_halfcheetah.json"],
    "arc_fusion": ["specs/arc_fusion.yaml", "--in-dim", "image=3,32,32,speed=4", "--out-dim", "3"],
}


def texts(svg):
    return [node.firstChild.data for node in minidom.parseString(svg).getElementsByTagName("text") if node.firstChild]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_it_is_xml_with_a_name_and_words_for_those_who_do_not_see_it(path):
    facts = shown(path)
    svg = minidom.parseString(as_svg(facts)).documentElement
    assert (svg.tagName, svg.namespaceURI, svg.getAttribute("role")) == ("svg", SVG, "img")
    assert svg.getAttribute("aria-label") == svg.getElementsByTagName("title")[0].firstChild.data
    words = svg.getElementsByTagName("desc")[0].firstChild.data
    assert all(net.name in words for net in facts.nets)
    assert not svg.getElementsByTagName("script")
    assert "id=" not in as_svg(facts)  # several stand in one page


def test_what_stands_in_the_picture():
    found = texts(as_svg(named("dueling_conv")))
    for text in ("observation", "4×84×84", "conv_model", "3,136", "v", "adv", "Q(s, ·)", "target_net"):
        assert text in found


def test_shared_and_separate_critics():
    assert {"logits", "value"} <= {*texts(as_svg(named("sil_cartpole")))}
    separate = texts(as_svg(named("ppo_cartpole")))
    assert {"net", "critic_net", "V(s)"} <= {*separate}


def test_hostile_names_are_text():
    svg = as_svg(hostile_facts())
    document = minidom.parseString(svg)
    assert {*HOSTILE} <= {*texts(svg)}
    assert {node.tagName for node in document.getElementsByTagName("*")} <= {
        *("svg", "title", "desc", "style", "rect", "g", "path", "text", "tspan"),
    }
    assert "\x1b" not in svg


def test_very_many_blocks_are_drawn_as_one():
    net = named("mlp_page").nets[0]
    first, *rest = net.blocks
    many = replace(net, blocks=(first, *[Block("x", layers=rest[0].layers)] * 500, *rest[1:]))
    svg = net_svg(many)
    assert len(svg) < 20_000
    assert "?" not in texts(svg)  # what leaves the block is known


def test_a_number_of_times_stands_in_its_card():
    net = named("mlp_page").nets[0]
    place, block = next((place, block) for place, block in enumerate(net.blocks) if block.layers)
    again = replace(block, name="x", layers=block.layers[:1] * 999)
    svg = minidom.parseString(net_svg(replace(net, blocks=(*net.blocks[:place], again, *net.blocks[place + 1 :]))))
    times = next(node for node in svg.getElementsByTagName("text") if node.firstChild.data == "×999")
    card = times.parentNode.getElementsByTagName("rect")[0]
    assert float(times.getAttribute("x")) + 7.5 * len("×999") < float(card.getAttribute("width"))


def test_very_many_outputs_are_few():
    net = named("mlp_page").nets[0]
    *rest, output = net.blocks
    outputs = [replace(output, name=f"out{number}") for number in range(1000)]
    arrows = tuple((len(rest) - 1, len(rest) + number) for number in range(1000))
    svg = net_svg(replace(net, blocks=(*rest, *outputs), arrows=arrows))
    assert [text for text in texts(svg) if "out" in text or "more" in text] == [
        *(f"out{number}" for number in range(6)),
        *("… 993 more", "out999"),
    ]
    assert float(minidom.parseString(svg).documentElement.getAttribute("width")) < 1240


@pytest.mark.parametrize("on", ["bg", "panel", "card"])
@pytest.mark.parametrize("theme", [0, 1])
def test_every_text_can_be_read(on, theme):
    for ink in set(INKS) - {"bg", "panel", "card", "edge", "arrow"}:
        assert contrast(INKS[ink][theme], INKS[on][theme]) >= 4.5, ink


def contrast(one, other):
    """The ratio of WCAG 2."""
    light, dark = sorted(map(luminance, (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("name", PICTURES)
def test_the_pictures_of_the_documentation_are_those_that_are_drawn(name, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    drawn = tmp_path / "drawn.svg"
    assert main(["show", *PICTURES[name], "--format", "svg", "--output", str(drawn)]) == 0
    kept = ROOT / "docs" / "images" / f"{name}.svg"
    command = f"slm-net show {' '.join(PICTURES[name])} --format svg --output docs/images/{name}.svg"
    assert drawn.read_text(encoding="utf-8") == kept.read_text(encoding="utf-8"), f"draw it again: {command}"
