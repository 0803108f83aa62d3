import math

import pytest
import torch

from slm_net.bundle import skips
from slm_net.bundle.skips import Skips
from slm_net.training import LRSchedule


def replayed(monkeypatch, counts, steps):
    """Steps as a CUDA graph notes them: on the device alone, here a CPU."""
    monkeypatch.setattr(skips, "captured", lambda flags: True)
    for bad, loss in steps:
        counts.later(torch.tensor([bad, loss, 2.0]), LRSchedule(), None)


def test_the_skips_of_a_graph_are_counted_when_the_host_asks(monkeypatch):
    counts = Skips()
    replayed(monkeypatch, counts, [(1.0, math.nan), (0.0, 1.0), (1.0, math.nan), (1.0, math.inf)])
    counts.settle(100, scaled=False)
    assert counts.count == 0
    counts.count = 7  # the tenth time is warned of
    with pytest.warns(RuntimeWarning, match="loss inf, gradient norm 2.*skipped 10 times"):
        counts.settle(100, wait=True, scaled=False)
    assert (counts.count, counts.in_a_row) == (10, 2)
    counts.settle(100, wait=True, scaled=False)
    assert (counts.count, counts.in_a_row) == (10, 2)
    replayed(monkeypatch, counts, [(1.0, math.nan)])
    counts.settle(100, wait=True, scaled=False)
    assert (counts.count, counts.in_a_row) == (11, 3)


def test_too_many_skips_of_a_graph_are_an_error(monkeypatch):
    counts = Skips()
    replayed(monkeypatch, counts, [(1.0, math.nan)] * 4)
    with pytest.raises(FloatingPointError, match="4 updates in a row"):
        counts.settle(4, wait=True, scaled=False)
