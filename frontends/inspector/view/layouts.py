"""Where the boxes of a program's graph stand: layers from top to bottom, and places from left to right within them.

Equations stand in containers: the scopes of the model, one inside another, those of the gradient apart; and functions
that are nested in an equation. Each container is laid out by itself, with what lies in it as boxes, so that the page
can open and close them. Layers and the order within them are fast-sugiyama's, by Sugiyama's method.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import sqrt
from typing import Any

from diptych.ir import Equation, Function, Unsupported, Value, ops

GRADIENT = "∇"  # the container of what gradients flow through
MAX_SPAN = 6  # steps: what goes further is drawn, but no boxes make room for it
MAX_READERS = 8  # of a box: what more read is drawn, but draws nobody near
MIN_SHELF = 6  # boxes that stand side by side before there is another shelf

_SEPARATORS = re.compile(r"[./]")

_Part = dict[int, tuple[int, float]]  # for each box its layer and its place there


def scope_path(equation: Equation) -> tuple[str, ...]:
    """The containers that an equation of a function stands in, from the outermost."""
    place = equation.location
    if place is None:
        return ()
    parts = tuple(part for part in _SEPARATORS.split(place.scope) if part)
    return (GRADIENT, *parts) if place.gradient_of is not None else parts


@dataclass(slots=True, eq=False)
class Container:
    """`inside`: the container around it; `of`: the equation that its function is nested in. `boxes` are equations and
    other containers, in order; `layers` and `places` say where each stands."""

    name: str
    inside: Container | None = None
    of: Equation | None = None
    boxes: list[Equation | Container] = field(default_factory=list[Any])
    layers: list[int] = field(default_factory=list[int])
    places: list[float] = field(default_factory=list[float])


def containers(function: Function) -> list[Container]:
    """The containers of a function, the outermost first, and each before those inside it."""
    found: list[Container] = []
    pending = [(function, Container(function.name))]
    while pending:
        body, root = pending.pop()
        inner = _filled(body, root)
        found.extend(inner)
        for container in inner:
            for box in container.boxes:
                if isinstance(box, Equation):
                    pending.extend((nested, Container(name, container, box)) for name, nested in box.functions())
    for container, edges in zip(found, _edges(found), strict=True):
        container.layers, container.places = _laid_out(len(container.boxes), tuple(sorted(edges)))
    return found


def _filled(function: Function, root: Container) -> list[Container]:
    """The containers of one function with what stands in them; constants do not, they are shown where they are read."""
    by_path: dict[tuple[str, ...], Container] = {(): root}
    folded: set[Value] = set()
    for equation in function.equations:
        if equation.op is ops.constant or (equation.op is ops.broadcast and equation.operands[0] in folded):
            folded.update(equation.results)
            continue
        path = scope_path(equation)
        for depth in range(1, len(path) + 1):
            if path[:depth] not in by_path:
                around = by_path[path[: depth - 1]]
                by_path[path[:depth]] = Container(path[depth - 1], around)
                around.boxes.append(by_path[path[:depth]])
        by_path[path].boxes.append(equation)
    return list(by_path.values())


def _edges(found: Sequence[Container]) -> Iterator[set[tuple[int, int]]]:
    """For each container, which of its boxes read what others make, by their numbers in it."""
    home = {box: container for container in found for box in container.boxes if isinstance(box, Equation)}
    number = {box: place for container in found for place, box in enumerate(container.boxes)}
    maker = {result: equation for equation in home for result in equation.results}
    edges: dict[int, set[tuple[int, int]]] = {id(container): set() for container in found}
    chains = {container: list(_around(container)) for container in found}
    for equation, container in home.items():
        ours = chains[container]
        for operand in equation.operands:
            made = maker.get(operand)
            if made is None or home[made] not in chains:
                continue
            theirs = chains[home[made]]
            shared = next((each for each in ours if each in theirs), None)
            if shared is not None:
                source, target = _box_in(shared, theirs, made), _box_in(shared, ours, equation)
                if source is not target:
                    edges[id(shared)].add((number[source], number[target]))
    return iter([edges[id(container)] for container in found])


def _around(container: Container | None) -> Iterator[Container]:
    """A container, and those around it in the same function."""
    while container is not None:
        yield container
        container = container.inside if container.of is None else None


def _box_in(shared: Container, chain: Sequence[Container], equation: Equation) -> Equation | Container:
    """What stands for an equation in a container that is around it."""
    place = next(number for number, each in enumerate(chain) if each is shared)
    return chain[place - 1] if place else equation


@lru_cache(maxsize=4096)  # layers of a model look alike, and so do stages
def _laid_out(count: int, edges: tuple[tuple[int, int], ...]) -> tuple[list[int], list[float]]:
    """Layers and places of boxes, each below all that it reads; parts that nothing connects stand side by side, on
    shelves."""
    forward = [(source, target) for source, target in edges if source < target]
    reach = _depths(count, forward)
    readers = Counter(source for source, _ in forward)
    short = [
        (source, target)
        for source, target in forward
        if reach[target] - reach[source] <= MAX_SPAN and readers[source] <= MAX_READERS
    ]
    parts = _parts(short) if short else []
    known = {box for part in parts for box in part}
    parts += [{box: (0, 0.0)} for box in range(count) if box not in known]
    parts.sort(key=min)
    layers, places = [0] * count, [0.0] * count
    widths = [1 + max(place for _, place in part.values()) for part in parts]
    area = sum(width * (1 + _height(part)) for part, width in zip(parts, widths, strict=True))
    widest = max([MIN_SHELF, sqrt(2 * area), *widths])
    top, left, height = 0, 0.0, 0
    for part, width in zip(parts, widths, strict=True):
        if left and left + width > widest:
            top, left, height = top + height, 0.0, 0
        for box, (layer, place) in part.items():
            layers[box], places[box] = top + layer, left + place
        left, height = left + width, max(height, 1 + _height(part))
    return layers, places


def _depths(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """How many steps each box lies behind the first ones."""
    depths = [0] * count
    for source, target in sorted(edges, key=lambda edge: edge[1]):
        depths[target] = max(depths[target], depths[source] + 1)
    return depths


def _height(part: _Part) -> int:
    return max(layer for layer, _ in part.values())


def _parts(edges: Sequence[tuple[int, int]]) -> list[_Part]:
    """Of each part that edges connect, the layers and places of its boxes."""
    return [_part(positions) for positions, *_ in layout()(edges, vertex_spacing=1, dummy_vertices=False)]


def layout() -> Callable[..., Any]:
    """What lays out the parts of a graph. Raises Unsupported where fast-sugiyama is not installed."""
    try:
        from fast_sugiyama import from_edges  # pyright: ignore[reportMissingImports]
    except ImportError:
        message = "view: fast-sugiyama, which says where boxes of a graph stand, is not installed"
        raise Unsupported(message, hint="pip install 'diptych[view]'") from None
    return from_edges


def _part(positions: Sequence[tuple[int, tuple[float, float]]]) -> _Part:
    """A layer and a place for each box of one part, from coordinates that have the first ones on top."""
    left = min(x for _, (x, _) in positions)
    by_layer: dict[float, list[tuple[float, int]]] = {}
    for box, (x, y) in positions:
        by_layer.setdefault(-y, []).append((x - left, box))
    part: _Part = {}
    for layer, y in enumerate(sorted(by_layer)):
        free = 0.0
        for x, box in sorted(by_layer[y]):
            part[box] = layer, max(free, x)
            free = part[box][1] + 1
    return part
