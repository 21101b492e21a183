"""Which nodes of a file belong to conditions and loops, which files write as Switch and Merge, Enter and Exit.

A *region* is where a node stands: a chain of branches and loops, from the outside in. What a Switch gives stands in one
of two branches of its condition, what an Enter gives in its loop; a Merge, an Exit leads out again. A *unit* is a whole
condition or loop; nodes of a unit stand in it, other units among them.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...events.graph import NodeDef

MAX_NESTING = 50

Edges = Callable[[NodeDef], list[tuple[str, int | None]]]  # what a node takes: nodes and numbers of outputs
Step = tuple["Unit", bool | None]  # of a condition with the branch
Region = tuple[Step, ...]

SWITCHES, MERGES = ("Switch", "RefSwitch"), ("Merge", "RefMerge")
ENTERS, EXITS, NEXT = ("Enter", "RefEnter"), ("Exit", "RefExit"), ("NextIteration", "RefNextIteration")
CONTROL = (*SWITCHES, *MERGES, *ENTERS, *EXITS, *NEXT, "LoopCond")


@dataclass(eq=False)
class Unit:
    """A condition, by the name of the tensor that decides, or a loop, by the name of its frame. `items` are nodes and
    units in it, each behind those that it takes."""

    key: str
    is_loop: bool
    items: list[Any] = field(default_factory=list)
    place: int = 0  # of its first node in the file
    branch: bool | None = None  # of the condition around it
    branches: dict[str, bool] = field(default_factory=dict)  # of nodes in a condition

    def holds(self, name: str) -> bool:
        """Whether a node stands in this unit, or in one inside."""
        return any(item.holds(name) if isinstance(item, Unit) else item.name == name for item in self.items)


class Regions:
    """The units of all nodes. Raises ValueError, naming the node, where they are no conditions and loops."""

    def __init__(self, nodes: dict[str, NodeDef], edges: Edges) -> None:
        self._nodes = nodes
        self._edges = {name: edges(node) for name, node in nodes.items()}
        self._place = {name: number for number, name in enumerate(nodes)}
        self._units: dict[Any, Unit] = {}
        self._regions: dict[str, Region] = {}
        self._paths: dict[str, tuple[Unit, ...]] = {}
        self.outside = Unit("", False)

    def found(self) -> list[Any]:
        """What stands outside of all conditions and loops: nodes, and units."""
        waits = {name: self._forward(name) for name in self._nodes}
        order = ordered(list(self._nodes), waits, self._place.__getitem__)
        if all(node.op not in CONTROL for node in self._nodes.values()):
            return [self._nodes[name] for name in order]
        for name in order:
            self._put(name)
        self._arrange()
        return self.outside.items

    def _forward(self, name: str) -> set[str]:
        """The nodes that a node takes, but for the ends of rounds that go back to a Merge."""
        is_merge = self._nodes[name].op in MERGES
        return {
            source for source, _ in self._edges[name] if not (is_merge and self._nodes[source].op in NEXT)
        }

    # -- regions ----

    def _put(self, name: str) -> None:
        """Finds the region of a node, those of its inputs being known."""
        node = self._nodes[name]
        sources = [(source, index) for source, index in self._edges[name] if source in self._regions]
        region = self._deepest(node, [self._given(source, index) for source, index in sources])
        if len(region) > MAX_NESTING:
            raise ValueError(f"Node '{name}': conditions and loops are nested more than {MAX_NESTING} deep")
        path = tuple(unit for unit, _ in region)
        if node.op in SWITCHES and not self._is_loop_switch(node):
            path = (*path, self._condition(node, region))
        elif node.op in MERGES and not self._is_loop_merge(name):
            region, path = self._left(node, region), path
        elif node.op in ENTERS:
            region = (*region, (self._loop(node, region), None))
            path = tuple(unit for unit, _ in region)
        elif node.op in EXITS:
            if not region or not region[-1][0].is_loop:
                raise ValueError(f"Node '{name}': an Exit must be in a loop")
            region = region[:-1]
        self._regions[name] = region
        self._paths[name] = path

    def _deepest(self, node: NodeDef, regions: Sequence[Region]) -> Region:
        """The region of inputs, all others of which lie around it."""
        deepest: Region = max(regions, key=len, default=())
        if node.op in MERGES and len(regions) > 1:
            return deepest
        for region in regions:
            if deepest[: len(region)] != region:
                raise ValueError(
                    f"Node '{node.name}' ({node.op}) takes tensors of different branches or loops: conditions and "
                    "loops of another form than tf.cond and tf.while_loop give are not supported"
                )
        return deepest

    def _given(self, source: str, index: int | None) -> Region:
        """The region of an output of a node."""
        region, node = self._regions[source], self._nodes[source]
        if index is not None and node.op in SWITCHES and not self._is_loop_switch(node):
            return (*region, (self._paths[source][-1], bool(index)))
        return region

    def _input(self, node: NodeDef, number: int) -> tuple[str, int | None]:
        edges = self._edges[node.name]
        if number >= len(edges):
            raise ValueError(f"Node '{node.name}': a {node.op} must have more than {len(edges)} inputs")
        return edges[number]

    def _is_loop_switch(self, node: NodeDef) -> bool:
        return self._nodes[self._input(node, 1)[0]].op == "LoopCond"

    def _is_loop_merge(self, name: str) -> bool:
        return any(self._nodes[source].op in NEXT for source, _ in self._edges[name])

    def _condition(self, node: NodeDef, region: Region) -> Unit:
        source, index = self._input(node, 1)
        return self._unit((f"{source}:{index}", region), f"{source}:{index}", is_loop=False)

    def _loop(self, node: NodeDef, region: Region) -> Unit:
        frame = next((entry.value.s for entry in node.attr_entries if entry.key == "frame_name"), b"")
        return self._unit((frame, region), repr(frame), is_loop=True)

    def _unit(self, key: Any, text: str, *, is_loop: bool) -> Unit:
        return self._units.setdefault((is_loop, key), Unit(text, is_loop))

    def _left(self, node: NodeDef, region: Region) -> Region:
        """The region around the condition whose branches a Merge joins."""
        data = [edge for edge in self._edges[node.name] if edge[1] is not None]
        regions = [self._given(source, index) for source, index in data if source in self._regions]
        alike = {given[:-1] for given in regions}
        last = [given[-1] for given in regions if given]
        if (
            len(regions) != 2 or len(last) != 2 or len(alike) != 1 or last[0][0] is not last[1][0]
            or last[0][0].is_loop or last[0][1] == last[1][1]
        ):  # fmt: skip
            raise ValueError(
                f"Node '{node.name}' ({node.op}) does not join the two branches of one condition: conditions of "
                "another form than tf.cond gives are not supported"
            )
        return region[:-1]

    # -- units ----

    def _arrange(self) -> None:
        """Puts nodes into units, and what is in each unit in order."""
        waits: dict[Unit, dict[Any, set[Any]]] = {self.outside: {}}
        first: dict[Any, int] = {}
        for name, path in self._paths.items():
            chain = (self.outside, *path, name)
            for unit, item in zip(chain, chain[1:], strict=False):
                waits.setdefault(unit, {}).setdefault(item, set())
                first[item] = min(first.get(item, self._place[name]), self._place[name])
            for (unit, branch), inner in zip(self._regions_of(name), chain[2:], strict=False):
                if branch is not None:
                    if isinstance(inner, Unit):
                        inner.branch = branch
                    else:
                        unit.branches[name] = branch
        for name, path in self._paths.items():
            for source in self._forward(name):
                self._note(waits, (*path, name), (*self._paths[source], source))
        for unit, items in waits.items():
            order = ordered(list(items), items, first.__getitem__)
            unit.items = [item if isinstance(item, Unit) else self._nodes[item] for item in order]

    def _regions_of(self, name: str) -> Region:
        """The steps around a node, as many as it has units around it; a Switch or Merge stands in no branch itself."""
        node = self._nodes[name]
        if node.op in MERGES and not self._is_loop_merge(name):
            return (*self._regions[name], (self._paths[name][-1], None))
        if node.op in SWITCHES and not self._is_loop_switch(node):
            return (*self._regions[name], (self._paths[name][-1], None))
        if node.op in EXITS:
            return (*self._regions[name], (self._paths[name][-1], None))
        return self._regions[name]

    def _note(self, waits: Any, user: Sequence[Any], source: Sequence[Any]) -> None:
        """Where two nodes stand in one unit, or what they stand in does, the user comes behind the source."""
        unit = self.outside
        for mine, other in zip(user, source, strict=False):
            if mine is not other and mine != other:
                waits[unit][mine].add(other)
                return
            unit = mine


def ordered(items: Sequence[Any], waits: dict[Any, set[Any]], place: Callable[[Any], int]) -> list[Any]:
    """The items, each behind those that it waits for, otherwise in the order of their places. Raises ValueError for
    cycles."""
    users: dict[Any, list[Any]] = {}
    left: dict[Any, int] = {}
    for item in items:
        sources: Iterable[Any] = waits[item]
        left[item] = 0
        for source in sources:
            left[item] += 1
            users.setdefault(source, []).append(item)
    ready = [(place(item), number) for number, item in enumerate(items) if not left[item]]
    heapq.heapify(ready)
    number_of = {item: number for number, item in enumerate(items)}
    found: list[Any] = []
    while ready:
        item = items[heapq.heappop(ready)[1]]
        found.append(item)
        for user in users.get(item, ()):
            left[user] -= 1
            if not left[user]:
                heapq.heappush(ready, (place(user), number_of[user]))
    if len(found) < len(items):
        named = next(item for item in items if left[item])
        raise ValueError(f"{len(items) - len(found)} nodes in a cycle, '{getattr(named, 'key', named)}' among them")
    return found
