"""Every file in specs/ is right, builds, and trains a step."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

import slm_net
from slm_net.spec.document import read_document

SPECS = Path(__file__).parent.parent / "specs"
FILES = sorted(SPECS.iterdir())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_it_has_no_problem_not_even_a_warning(path):
    assert slm_net.validate(path, strict=True) == []


def test_the_pages_build_what_they_say():
    sizes = {name: slm_net.build_net(SPECS / f"{name}.json") for name in ("cnn_page", "mlp_page", "rnn_page")}
    assert {name: (bundle.in_dim, bundle.out_dim) for name, bundle in sizes.items()} == {
        "cnn_page": ((4, 84, 84), 6),
        "mlp_page": (4, 2),
        "rnn_page": ((4, 4), 2),
    }
    convolutions = [layer for layer in sizes["cnn_page"].model.modules() if isinstance(layer, torch.nn.Conv2d)]
    assert [layer.out_channels for layer in convolutions] == [32, 64, 32]
    dense = [layer for layer in sizes["mlp_page"].model.modules() if isinstance(layer, torch.nn.Linear)]
    assert [layer.out_features for layer in dense] == [256, 128, 64, 2]
    cells = [layer for layer in sizes["rnn_page"].model.modules() if isinstance(layer, torch.nn.GRU)]
    assert [(cell.input_size, cell.hidden_size) for cell in cells] == [(128, 64)]


@pytest.mark.parametrize("name", ["cnn_page", "mlp_page", "rnn_page"])
def test_a_page_trains_a_step(name):
    bundle = slm_net.build_net(SPECS / f"{name}.json", seed=0)
    shape = bundle.in_dim if isinstance(bundle.in_dim, tuple) else (bundle.in_dim,)
    values = bundle.model(torch.rand(8, *shape))
    before = [parameter.detach().clone() for parameter in bundle.model.parameters()]
    bundle.train_step(bundle.loss_fn(values, torch.ones_like(values)))
    assert all(not torch.equal(a, b) for a, b in zip(before, bundle.model.parameters(), strict=True))


def test_the_annotated_page_is_the_same_network():
    plain, annotated = (SPECS / name for name in ("cnn_page.json", "cnn_page_annotated.jsonc"))
    assert read_document(plain).source.data == read_document(annotated).source.data
    with pytest.raises(json.JSONDecodeError):  # its comments are real ones
        json.loads(annotated.read_text())
    one, other = (slm_net.build_net(path, seed=0) for path in (plain, annotated))
    assert one.spec == other.spec
    assert all(torch.equal(a, b) for a, b in zip(one.model.parameters(), other.model.parameters(), strict=True))
