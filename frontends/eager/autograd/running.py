"""Backwards that run now, and who wants to know that one comes by."""

from __future__ import annotations

from typing import Any

from ..tapes.calls import before_grafts
from ..tapes.graph import Graph, in_order
from ..tapes.stand_ins import StandIn
from ..tapes.tape import tape
from ..tensors.tensor import Tensor


class Running:
    """A backward that runs now. `is_whole`: towards all leaves, as `backward` without `inputs`."""

    def __init__(self, graph: Graph, *, is_whole: bool) -> None:
        self.graph = graph
        self.is_whole = is_whole

    def reaches(self, tensor: Tensor) -> bool:
        """Whether it computes the gradient of a tensor."""
        if tensor.is_leaf:
            return id(tensor) in self.graph.leaves or any(
                type(leaf) is StandIn and leaf.owner() is tensor for leaf in self.graph.leaves.values()
            )
        return before_grafts(tensor._read()[0]) in self.graph.hooked


backwards: list[Running] = []  # the innermost at last


def running() -> Running:
    """The innermost backward that runs now."""
    return backwards[-1]


def tell_reached(graph: Graph) -> None:
    """Tells who wants to know that a backward comes by, those first that it reaches first."""
    order = {call: place for place, call in enumerate(in_order(graph.calls))}
    told: set[Any] = set()
    for lazy in sorted(dict.fromkeys(graph.reached), key=lambda lazy: -order.get(lazy.call, -1)):
        reached = None if lazy.hooks is None else lazy.hooks.reached
        if reached is not None and reached not in told and lazy.call in graph.calls:
            told.add(reached)
            serial = tape.serial
            reached()
            if tape.serial != serial:
                graph.is_whole = False
