"""The graph of calls that gradients flow through: walking it, and what it says of itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .lazy import LEAF, TRACKED, UNTRACKED, Call, Lazy, Overwritten

if TYPE_CHECKING:
    from ..tensors.tensor import Tensor

FREED = (
    "Trying to backward through the graph a second time (or directly access saved tensors after they have already been "
    "freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify "
    "retain_graph=True if you need to backward through the graph a second time or if you need to access saved tensors "
    "after calling backward."
)


Saves = Sequence[tuple[int, tuple[int, ...]]]  # as `saved` has them


@dataclass(slots=True)
class Graph:
    """What gradients flow through: calls in no order, the leaves at its ends in order of discovery, by identity, and
    the values whose gradients hooks or functions of Python want to see. `is_whole`: the tape of now has every call.
    `damaged`: calls that were freed, or lack what their gradient needs since it was written over. `behind`: calls that
    lead to nothing wanted, but from which gradients on the way were derived. `reached`: values at which somebody wants
    to know that a backward comes by."""

    calls: dict[Call, None]
    leaves: dict[int, Tensor]
    hooked: dict[Lazy, None]
    is_whole: bool
    damaged: list[Call]
    behind: dict[Call, None] = field(default_factory=dict)
    reached: list[Lazy] = field(default_factory=list)

    def narrow(self, wanted: Iterable[tuple[Lazy, Tensor | None]]) -> None:
        """Keeps the calls through which gradients reach one of the wanted values or leaves."""
        values = {lazy for lazy, leaf in wanted if leaf is None}
        ends = {id(leaf) for _, leaf in wanted if leaf is not None}
        leading: dict[Call, None] = {}
        for call in in_order(self.calls):
            for source, edge, leaf in zip(call.inputs, call.edges, call.leaves, strict=True):
                is_end = source in values or source.call in leading if edge == TRACKED else id(leaf) in ends
                if edge != UNTRACKED and is_end:
                    leading[call] = None
        self.behind = self._behind(leading)
        self.calls = leading
        self.hooked = {lazy: None for lazy in self.hooked if lazy in values or lazy.call in leading}

    def _behind(self, leading: dict[Call, None]) -> dict[Call, None]:
        """The calls that gradients among `leading` were derived from, and that lead nowhere themselves."""
        found: dict[Call, None] = {}
        pending: list[Call | None] = []
        for call in leading:
            if call.template.is_gradient:
                pending.extend(source.call for source in call.inputs)
        while pending:
            call = pending.pop()
            if call is not None and call in self.calls and call not in found:
                found[call] = None
                pending.extend(source.call for source in call.inputs)
        return {call: None for call in found if call not in leading}


def graph_of(roots: Iterable[Lazy], serial: int) -> Graph:
    """The graph behind `roots`, calls of the tape `serial` among them."""
    graph = Graph({}, {}, {}, True, [])
    calls, leaves, hooked = graph.calls, graph.leaves, graph.hooked
    pending: list[Call | None] = []
    for root in roots:
        pending.append(root.call)
        if _is_watched(root, graph):
            hooked[root] = None
    while pending:
        call = pending.pop()
        if call is None or call in calls or not call.tracked:
            continue
        calls[call] = None
        if call.serial != serial:
            graph.is_whole = False
        saves = call.template.saves
        if saves != () and (call.freed or (saves and missing(call, saves) is not None)):
            graph.damaged.append(call)
        for source, edge, leaf in zip(call.inputs, call.edges, call.leaves, strict=True):
            if edge == TRACKED:
                pending.append(source.call)
                if _is_watched(source, graph):
                    hooked[source] = None
            elif edge == LEAF:
                leaves[id(leaf)] = leaf  # pyright: ignore[reportArgumentType]
    return graph


def next_hooked(graph: Graph) -> dict[Call, set[Lazy]] | None:
    """For each call the hooked values that gradients reach from it next, through no other hooked one. None where calls
    that are gradients themselves stand among them: these read values that are none of their inputs."""
    found: dict[Call, set[Lazy]] = {}
    none: set[Lazy] = set()
    for call in in_order(graph.calls):
        if call.template.is_gradient:
            return None
        parts = [
            {source} if source in graph.hooked else found.get(source.call, none)
            for source, edge in zip(call.inputs, call.edges, strict=True)
            if edge == TRACKED
        ]
        parts = [part for part in parts if part]
        found[call] = parts[0] if len(parts) == 1 else none.union(*parts)
    return found


def _is_watched(lazy: Lazy, graph: Graph) -> bool:
    """Whether Python wants to see the gradient of a value: a hook, or the backward of the function that made it."""
    if lazy.hooks is not None:
        if lazy.hooks.reached is not None:
            graph.reached.append(lazy)
        if not lazy.hooks.is_empty():
            return True
    return lazy.call is not None and lazy.call.python is not None


def in_order(calls: Iterable[Call]) -> list[Call]:
    """`calls`, each after those whose results it reads."""
    members = dict.fromkeys(calls)
    found: dict[Call, None] = {}
    pending = list(members)
    while pending:
        call = pending[-1]
        if call in found:
            pending.pop()
            continue
        missing = [source.call for source in call.inputs if source.call in members and source.call not in found]
        if missing:
            pending.extend(missing)
        else:
            found[call] = None
            pending.pop()
    return list(found)


def missing(call: Call, saves: Saves) -> tuple[int, Overwritten] | None:
    """The place of a kept value that was written over, and how."""
    if call.may_be_written_over:
        return None
    for place, wanted in saves:
        written = call.spoiled if place < 0 else _overwritten(call.inputs[place])
        if written is None or written.by is call or all(call.edges[other] == UNTRACKED for other in wanted):
            continue
        return place, written
    return None


def _overwritten(lazy: Lazy) -> Overwritten | None:
    """How a value was written over, itself or what it is a view of."""
    while lazy.overwritten is None:
        call = lazy.call
        if call is None or not call.template.is_view or not call.inputs:
            return None
        lazy = call.inputs[0]
    return lazy.overwritten


def live_calls(lazies: Iterable[Lazy], serial: int) -> list[Call]:
    """The calls of the tape `serial` through which gradients of `lazies` may still be asked for."""
    found: dict[Call, None] = {}
    pending = [lazy.call for lazy in lazies]
    while pending:
        call = pending.pop()
        if call is None or call in found or not call.tracked or call.serial != serial or call.is_spent():
            continue
        found[call] = None
        for source, edge in zip(call.inputs, call.edges, strict=True):
            if edge == TRACKED:
                pending.append(source.call)
    return list(found)


def needed_later(calls: Sequence[Call], outputs: Sequence[Lazy], serial: int) -> set[Lazy]:
    """What a later backward would compute again from, once `outputs` are arrays: all that leads to calls of the tape
    `serial` with a gradient still to come, or whose gradient may be taken twice."""
    known = set(outputs)
    waiting = [call for call in calls if call.tracked and not call.freed]
    waiting.extend(live_calls(outputs, serial))
    needed: set[Lazy] = set()
    pending = [source for call in waiting for source in call.inputs]
    while pending:
        lazy = pending.pop()
        if lazy in needed:
            continue
        needed.add(lazy)
        call = lazy.call
        if lazy.array is None and lazy not in known and call is not None and not call.is_spent():
            pending.extend(call.inputs)
    return needed
