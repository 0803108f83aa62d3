"""Where the boxes of a graph stand, from top to bottom, and the ways of the arrows between them.

Layers by the longest way from the top, orders by barycentres (Sugiyama et al. 1981), places as near to those of the
neighbours as the gaps allow.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

Point = tuple[float, float]
#: Between boxes beside each other, between layers, and how often orders and places are improved.
BESIDE, BELOW, ROUNDS = 24.0, 52.0, 12
#: How wide an arrow is that passes a layer, and how much straighter it is kept than others.
PASSING, STRAIGHT = 8.0, 50.0


class Laid(NamedTuple):
    """The left upper corner of each box, the ways of the arrows from box to box, and the size of it all."""

    corners: list[Point]
    ways: dict[tuple[int, int], list[Point]]
    width: float
    height: float


def laid_out(
    sizes: Sequence[Point], arrows: Sequence[tuple[int, int]], ends: Collection[int] = (), late: Collection[int] = ()
) -> Laid:
    """Boxes of these widths and heights; an arrow leads from a box to one with a higher number.

    The `ends` stand in the last layer, and those that are `late` directly above what they lead to.

    >>> laid_out([(40, 20), (60, 20)], [(0, 1)]).corners
    [(10.0, 0.0), (0.0, 72.0)]
    """
    if not sizes:
        return Laid([], {}, 0.0, 0.0)
    ranks = _ranks(len(sizes), arrows, ends, late)
    graph = _Graph(sizes, arrows, ranks)
    graph.order()
    centres = graph.places()
    left = min((centres[node] - graph.widths[node] / 2 for node in range(len(graph.widths))), default=0.0)
    right = max((centres[node] + graph.widths[node] / 2 for node in range(len(graph.widths))), default=0.0)
    tops, height = _tops(sizes, ranks)
    corners = [
        (centres[node] - width / 2 - left, tops[ranks[node]] + (_tallest(sizes, ranks, ranks[node]) - tall) / 2)
        for node, (width, tall) in enumerate(sizes)
    ]
    passes = [(top, top + _tallest(sizes, ranks, rank)) for rank, top in enumerate(tops)]
    ways = {}
    for (start, end), chain in graph.chains.items():
        between = zip(chain[1:-1], passes[ranks[start] + 1 :], strict=False)
        points = [(centres[node] - left, y) for node, both in between for y in both]
        (x, y), (to_x, to_y) = corners[start], corners[end]
        below = x + sizes[start][0] / 2, y + sizes[start][1]
        ways[start, end] = [below, *points, (to_x + sizes[end][0] / 2, to_y)]
    return Laid(corners, _apart(ways, sizes), right - left, height)


def _ranks(count: int, arrows: Sequence[tuple[int, int]], ends: Collection[int], late: Collection[int]) -> list[int]:
    ranks = [0] * count
    for start, end in sorted(arrows, key=lambda arrow: arrow[1]):
        ranks[end] = max(ranks[end], ranks[start] + 1)
    last = max(ranks, default=0)
    for node in ends:
        ranks[node] = last
    for node in late:
        ranks[node] = min((ranks[end] for start, end in arrows if start == node), default=1) - 1
    return ranks


def _tallest(sizes: Sequence[Point], ranks: Sequence[int], rank: int) -> float:
    return max(tall for (_, tall), own in zip(sizes, ranks, strict=True) if own == rank)


def _tops(sizes: Sequence[Point], ranks: Sequence[int]) -> tuple[list[float], float]:
    """Where each layer begins, and where the last one ends."""
    tops, y = [], 0.0
    for rank in range(max(ranks, default=0) + 1):
        tops.append(y)
        y += _tallest(sizes, ranks, rank) + BELOW
    return tops, max(y - BELOW, 0.0)


class _Graph:
    """The boxes, and points where an arrow passes a layer, as nodes in layers; `chains` are the nodes of each arrow."""

    def __init__(self, sizes: Sequence[Point], arrows: Sequence[tuple[int, int]], ranks: Sequence[int]):
        self.widths = [width for width, _ in sizes]
        self.layers: list[list[int]] = [[] for _ in range(max(ranks, default=0) + 1)]
        for node, rank in enumerate(ranks):
            self.layers[rank].append(node)
        self.boxes = len(sizes)
        self.above: dict[int, list[int]] = {}
        self.below: dict[int, list[int]] = {}
        self.chains = {arrow: self._chain(*arrow, ranks) for arrow in arrows}

    def _chain(self, start: int, end: int, ranks: Sequence[int]) -> list[int]:
        chain = [start]
        for rank in range(ranks[start] + 1, ranks[end]):
            chain.append(len(self.widths))
            self.layers[rank].append(len(self.widths))
            self.widths.append(PASSING)
        chain.append(end)
        for upper, lower in pairwise(chain):
            self.below.setdefault(upper, []).append(lower)
            self.above.setdefault(lower, []).append(upper)
        return chain

    def order(self) -> None:
        """Bring the nodes of each layer into an order with few crossings: the best of all that are come across."""
        best, fewest = [list(layer) for layer in self.layers], self._crossings()
        for turn in range(ROUNDS):
            near, layers = (self.above, self.layers) if turn % 2 == 0 else (self.below, self.layers[::-1])
            for other, layer in pairwise(layers):
                _sort(layer, other, near)
            if (crossings := self._crossings()) < fewest:
                best, fewest = [list(layer) for layer in self.layers], crossings
        self.layers = best

    def _crossings(self) -> int:
        count = 0
        for layer, under in pairwise(self.layers):
            place = {node: index for index, node in enumerate(under)}
            seen: list[int] = []
            for node in layer:
                ends = sorted(place[other] for other in self.below.get(node, ()))
                count += sum(len(seen) - bisect_right(seen, end) for end in ends)
                for end in ends:
                    insort(seen, end)
        return count

    def places(self) -> list[float]:
        """The centre of each node, as near as can be to those that it is joined to."""
        centres = [0.0] * len(self.widths)
        for layer in self.layers:
            x = 0.0
            for node in layer:
                centres[node] = x + self.widths[node] / 2
                x += self.widths[node] + BESIDE
        for turn in range(2 * ROUNDS):
            near, layers = (self.above, self.layers) if turn % 2 == 0 else (self.below, self.layers[::-1])
            for index, layer in enumerate(layers):
                self._place(layer, near, centres, free=index > 0)
        return centres

    def _place(self, layer: Sequence[int], near: Mapping[int, Sequence[int]], centres: list[float], free: bool) -> None:
        """Bring a layer as near as can be to its neighbours; what has none, and is `free`, to the one on the left."""
        wished, weights = list[float](), list[float]()
        for place, node in enumerate(layer):
            usual = centres[node]
            if free and place:
                before = layer[place - 1]
                usual = wished[-1] + (self.widths[before] + self.widths[node]) / 2 + BESIDE
            wished.append(_mean((centres[other] for other in near.get(node, ())), usual))
            weights.append(STRAIGHT if node >= self.boxes else 1.0 if near.get(node) else 0.2)
        for node, x in zip(layer, _spread(wished, weights, [self.widths[node] for node in layer]), strict=True):
            centres[node] = x


def _sort(layer: list[int], other: Sequence[int], near: Mapping[int, Sequence[int]]) -> None:
    """Order a layer by the means of the places of its neighbours in the other one."""
    place, own = ({node: index for index, node in enumerate(nodes)} for nodes in (other, layer))
    means = {node: _mean((place[one] for one in near.get(node, ())), own[node]) for node in layer}
    layer.sort(key=means.__getitem__)


def _mean(values: Iterable[float], otherwise: float) -> float:
    known = list(values)
    return sum(known) / len(known) if known else otherwise


def _spread(wished: Sequence[float], weights: Sequence[float], widths: Sequence[float]) -> list[float]:
    """The centres in this order that keep apart and are nearest to those that are wished for, by least squares.

    >>> _spread([0, 0], [1, 1], [10, 10])
    [-17.0, 17.0]
    """
    offsets = [0.0]
    for one, other in pairwise(widths):
        offsets.append(offsets[-1] + (one + other) / 2 + BESIDE)
    pools: list[tuple[float, float, int]] = []
    for wish, weight, offset in zip(wished, weights, offsets, strict=True):
        mean, heavy, count = wish - offset, weight, 1
        while pools and pools[-1][0] > mean:
            before, own, many = pools.pop()
            mean, heavy, count = (mean * heavy + before * own) / (heavy + own), heavy + own, count + many
        pools.append((mean, heavy, count))
    flat = [mean for mean, _, count in pools for _ in range(count)]
    return [mean + offset for mean, offset in zip(flat, offsets, strict=True)]


#: How far apart arrows enter one box at most.
ENTRY = 22.0


def _apart(ways: dict[tuple[int, int], list[Point]], sizes: Sequence[Point]) -> dict[tuple[int, int], list[Point]]:
    """The ways with their ends beside each other where several enter one box."""
    found = dict(ways)
    for box in {end for _, end in ways}:
        own = sorted((arrow for arrow in ways if arrow[1] == box), key=lambda arrow: ways[arrow][-2][0])
        step = min(ENTRY, (sizes[box][0] - 24) / max(len(own) - 1, 1)) if len(own) > 1 else 0.0
        for index, arrow in enumerate(own):
            *points, (x, y) = ways[arrow]
            found[arrow] = [*points, (x + (index - (len(own) - 1) / 2) * step, y)]
    return found
