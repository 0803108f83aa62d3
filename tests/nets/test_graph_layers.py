"""Functions, parts, forks and merges: each against its formula, compiled as a whole, copied and pickled."""

import copy
import pickle

import pytest
import torch
from torch import nn

from slm_net.nets import graph_layers as graph
from slm_net.registry import RegistryError


def parts(*shapes):
    torch.manual_seed(0)
    return [torch.randn(shape) for shape in shapes]


X, Y = parts((4, 6), (4, 6))
PAIR, FLAT = [X, Y], [torch.rand(5), torch.rand(5), torch.rand(5)]
IMAGE, SERIES = torch.rand(4, 6, 2, 3), torch.rand(4, 6, 3)
FORMULAS = [
    (graph.TorchFn("clamp", min=-0.5, max=0.25), (X,), X.clip(-0.5, 0.25)),
    (graph.TorchFn("permute", dims=[0, 2, 1]), (SERIES,), SERIES.mT),
    (graph.TorchFn("median", dim=1), (X,), tuple(X.median(1))),
    (graph.Reduce("amax", dim=[1, 2]), (SERIES,), SERIES.flatten(1).max(1).values),
    (graph.Reduce("mean", dim=-1, keepdim=True), (X,), X.sum(1, keepdim=True) / 6),
    (graph.Get(1), ((X, Y),), Y),
    (graph.Get("b"), ({"a": X, "b": Y},), Y),
    (graph.Get(-1), (X,), X[-1]),
    (graph.Narrow(1, -2, 2), (X,), X[:, -2:]),
    (graph.IndexSelect(1, [5, 0, 5]), (X,), X[:, [5, 0, 5]]),
    (graph.ForkChunk(), (X,), (X[:, :3], X[:, 3:])),
    (graph.ForkChunk(4), (X,), (X[:, :2], X[:, 2:4], X[:, 4:])),
    (graph.ForkSplit(4), (X,), (X[:, :4], X[:, 4:])),
    (graph.ForkSplit([1, 3], dim=0), (X,), (X[:1], X[1:])),
    (graph.MergeConcat(), ([X, SERIES[..., 0], X[:, :1]],), torch.hstack([X, SERIES[..., 0], X[:, :1]])),
    (graph.MergeStack(2), (PAIR,), torch.dstack([X[..., None], Y[..., None]])),
    (graph.MergeSum(), (PAIR,), X + Y),
    (graph.MergeProd(), (PAIR,), X * Y),
    (graph.MergeMean(0), (PAIR,), (X + Y) / 2),
    (graph.MergeSum(), (FLAT,), FLAT[0] + FLAT[1] + FLAT[2]),
    (graph.MergeProd(), ([IMAGE, IMAGE],), IMAGE**2),
    (graph.MergeDot(), (X, Y), (X * Y).sum(1)),
    (graph.MergeBMM(), (SERIES, SERIES.mT), SERIES @ SERIES.mT),
]
each = pytest.mark.parametrize(("layer", "inputs", "expected"), FORMULAS, ids=lambda part: type(part).__name__)


@each
def test_a_layer_does_what_its_formula_says(layer, inputs, expected):
    torch.testing.assert_close(layer(*inputs), expected)


@each
def test_a_layer_is_compiled_as_a_whole_copied_and_pickled(layer, inputs, expected):
    torch._dynamo.reset()
    for same in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert repr(same) == repr(layer)
        torch.testing.assert_close(same(*inputs), expected)
    torch.testing.assert_close(torch.compile(layer, fullgraph=True, backend="eager")(*inputs), expected)


@each
def test_only_an_index_is_in_the_state(layer, inputs, expected):
    assert list(layer.state_dict()) == (["index"] if isinstance(layer, graph.IndexSelect) else [])


@pytest.mark.parametrize("merge", [graph.MergeSum, graph.MergeProd, graph.MergeMean])
def test_merges_give_the_bits_of_stacking_whatever_the_shape(merge):
    for shape in [(3,), (4, 6), (2, 3, 5, 5)]:
        several = parts(*[shape] * 5)
        stacked = torch.stack(several, 1)
        whole = {graph.MergeSum: stacked.sum(1), graph.MergeProd: stacked.prod(1), graph.MergeMean: stacked.mean(1)}
        assert torch.equal(merge()(several), whole[merge])
        for dim in (0, -1):  # the bits may differ
            torch.testing.assert_close(merge(dim)(several), whole[merge])


@pytest.mark.parametrize("shape", [(4, 6), (4, 6, 3), (4, 6, 2, 3)])
def test_film_scales_and_then_shifts_each_channel(shape):
    torch.manual_seed(0)
    film = graph.MergeFiLM(6, 5)
    torch.manual_seed(0)
    scale, shift = nn.Linear(5, 6), nn.Linear(5, 6)
    feature, conditioner = torch.rand(shape), torch.rand(4, 5)
    wide = (4, 6, *[1] * (len(shape) - 2))
    expected = scale(conditioner).view(wide) * feature + shift(conditioner).view(wide)
    assert torch.equal(film(feature, conditioner), expected)
    assert list(film.state_dict()) == ["gamma.weight", "gamma.bias", "beta.weight", "beta.bias"]
    assert torch.equal(torch.compile(film, fullgraph=True, backend="eager")(feature, conditioner), expected)


@pytest.mark.parametrize("name", ["save", "load", "__builtins__", "manual_seed", "nn", "compile", "Abs", ""])
def test_only_functions_of_the_list_are_found(name):
    for layer in (graph.TorchFn, graph.Reduce):
        with pytest.raises(RegistryError, match="no function"):
            layer(name, dim=1)
