"""Which nodes of a file belong to conditions and loops, which files write as Switch and Merge, Enter and Exit.

A *region* is where a node stands: a chain of branches and loops, from the outside in. What a Switch gives stands in one
of two branches of its condition, what an Enter gives in its loop; a Merge, an Exit leads out again. A *unit* is a whole
condition or loop; nodes of a unit stand in it, other units among them.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from ...events.graph import NodeDef

MAX_NESTING = 50
MAX_STEPS = 20_000_000  # of finding out which conditions come after which

Edges = Callable[[NodeDef], list[tuple[str, int | None]]]  # what a node takes: names and numbers of outputs
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
    generation: int = 0  # how many conditions by the same tensor lie behind this one: its gradient comes after it
    items: list[Any] = field(default_factory=list)
    place: int = 0  # of its first node in the file
    branch: bool | None = None  # of the condition around it
    branches: dict[str, bool] = field(default_factory=dict)  # of nodes in a condition
    firsts: dict[str, bool] = field(default_factory=dict)  # of Merges, the branch that their first input comes from
    leaks: dict[tuple[str, int | None], bool] = field(default_factory=dict)  # what later conditions take from branches

    def leads_to(self, other: Unit) -> bool:
        """Whether another condition may take what is in this one: it is the same, or a later one by the same tensor."""
        return self is other or (not self.is_loop and self.key == other.key and self.generation <= other.generation)


class Regions:
    """The units of all nodes. Raises ValueError, naming the node, where they are no conditions and loops."""

    def __init__(self, nodes: dict[str, NodeDef], edges: Edges) -> None:
        self._nodes = nodes
        self._edges = {name: edges(node) for name, node in nodes.items()}
        self._place = {name: number for number, name in enumerate(nodes)}
        self._units: dict[Any, Unit] = {}
        self._regions: dict[str, Region] = {}
        self._paths: dict[str, tuple[Unit, ...]] = {}
        self._generations: dict[str, dict[str, int]] = {}  # of conditions by the same tensor that nodes come after
        self._budget = MAX_STEPS
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
        sources = [source for source, _ in self._edges[name] if source in self._nodes]
        return {source for source in sources if not (is_merge and self._nodes[source].op in NEXT)}

    # -- regions ----

    def _put(self, name: str) -> None:
        """Finds the region of a node, those of its inputs being known."""
        node = self._nodes[name]
        sources = [(source, index) for source, index in self._edges[name] if source in self._regions]
        self._generations[name] = self._latest([source for source, _ in sources])
        region = self._deepest(node, [self._given(source, index) for source, index in sources])
        region = self._after(node, region)
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
        deepest: Region = max(regions, key=_depth, default=())
        if node.op in MERGES and len(regions) > 1:
            return deepest
        for region in regions:
            pairs = zip(region, deepest, strict=False)
            if not all(branch == other and unit.leads_to(inner) for (unit, branch), (inner, other) in pairs):
                raise ValueError(
                    f"Node '{node.name}' ({node.op}) takes tensors of different branches or loops: conditions and "
                    "loops of another form than tf.cond and tf.while_loop give are not supported"
                )
        return deepest

    def _after(self, node: NodeDef, region: Region) -> Region:
        """The region, in later conditions by the same tensors where the node comes after what these ones give."""
        generations = self._generations[node.name]
        if all(unit.is_loop or generations.get(unit.key, 0) <= unit.generation for unit, _ in region):
            return region
        found: Region = ()
        for unit, branch in region:
            if unit.is_loop:
                raise ValueError(f"Node '{node.name}' ({node.op}) stands in a loop, and waits for what is after that")
            generation = max(unit.generation, generations.get(unit.key, 0))
            other = self._unit((unit.key, generation, found), unit.key, is_loop=False, generation=generation)
            found = (*found, (other, branch))
        return found

    def _latest(self, sources: Sequence[str]) -> dict[str, int]:
        """By tensors that decide, the generation of a condition that takes what these nodes give."""
        found: dict[str, int] = {}
        for source in sources:
            own = self._generations[source]
            if own is found or not own:
                continue
            if not found:
                found = own
                continue
            self._budget -= len(own) + len(found)
            if self._budget < 0:
                raise ValueError("there are too many conditions that lie behind one another")
            found = {key: max(own.get(key, 0), found.get(key, 0)) for key in (*own, *found)}
        return found

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
        return self._type_of(self._input(node, 1)[0]) == "LoopCond"

    def _type_of(self, source: str) -> str:
        return self._nodes[source].op if source in self._nodes else ""

    def _is_loop_merge(self, name: str) -> bool:
        return any(self._type_of(source) in NEXT for source, _ in self._edges[name])

    def _condition(self, node: NodeDef, region: Region) -> Unit:
        source, index = self._input(node, 1)
        if self._input(node, 0) == (source, index):  # the first Switch of a tf.cond, before the name that it decides by
            other = self._nodes.get(f"{node.name.rpartition('/')[0]}/pred_id")
            if other is not None and other.op == "Identity" and self._edges[other.name][:1] == [(source, index)]:
                source, index = other.name, 0
        key = f"{source}:{index}"
        generation = self._generations[node.name].get(key, 0)
        return self._unit((key, generation, region), key, is_loop=False, generation=generation)

    def _loop(self, node: NodeDef, region: Region) -> Unit:
        frame = next((entry.value.s for entry in node.attr_entries if entry.key == "frame_name"), b"")
        return self._unit((frame, region), repr(frame), is_loop=True)

    def _unit(self, key: Any, text: str, *, is_loop: bool, generation: int = 0) -> Unit:
        return self._units.setdefault((is_loop, key), Unit(text, is_loop, generation))

    def _left(self, node: NodeDef, region: Region) -> Region:
        """The region around the condition whose branches a Merge joins."""
        data = [edge for edge in self._edges[node.name] if edge[1] is not None]
        regions = [self._given(source, index) for source, index in data if source in self._regions]
        last = [given[-1] for given in regions if given]
        if (
            len(regions) != 2 or len(last) != 2 or len(regions[0]) != len(regions[1]) or last[0][1] == last[1][1]
            or last[0][0].is_loop or last[0][0].key != last[1][0].key
        ):  # fmt: skip
            raise ValueError(
                f"Node '{node.name}' ({node.op}) does not join the two branches of one condition: conditions of "
                "another form than tf.cond gives are not supported"
            )
        unit = region[-1][0]
        unit.firsts[node.name] = bool(last[0][1])
        own = self._generations[node.name]
        self._budget -= len(own)
        self._generations[node.name] = {**own, unit.key: max(own.get(unit.key, 0), unit.generation + 1)}
        return region[:-1]

    # -- units ----

    def _arrange(self) -> None:
        """Puts nodes into units, and what is in each unit in order."""
        waits: dict[Unit, dict[Any, set[Any]]] = {self.outside: {}}
        first: dict[Any, int] = {}
        for name, path in self._paths.items():
            chain = (self.outside, *path, name)
            for unit, item in pairwise(chain):
                waits.setdefault(unit, {}).setdefault(item, set())
                first[item] = min(first.get(item, self._place[name]), self._place[name])
            for (unit, branch), inner in zip(self._regions_of(name), chain[2:], strict=False):
                if branch is not None:
                    if isinstance(inner, Unit):
                        inner.branch = branch
                    else:
                        unit.branches[name] = branch
        for name, path in self._paths.items():
            for source, index in self._edges[name]:
                if source in self._forward(name):
                    self._note(waits, (*path, name), (*self._paths[source], source), index)
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

    def _note(self, waits: Any, user: Sequence[Any], source: Sequence[Any], index: int | None) -> None:
        """Where two nodes stand in one unit, or what they stand in does, the user comes behind the source. What a later
        condition takes from inside of an earlier one leaves that."""
        unit = self.outside
        for level, (mine, other) in enumerate(zip(user, source, strict=False)):
            if mine is not other and mine != other:
                waits[unit][mine].add(other)
                self._leak(source[level:], index)
                return
            unit = mine

    def _leak(self, inside: Sequence[Any], index: int | None) -> None:
        *units, name = inside
        node, region = self._nodes[name], self._given(name, index)
        for unit in units:
            step = next((step for step in region if step[0] is unit), None)
            if node.op in EXITS or step is None:
                continue  # led out already
            if unit.is_loop:
                raise ValueError(f"Node '{name}' ({node.op}) stands in a loop, and is taken outside of it")
            unit.leaks[name, index] = bool(step[1])


def _depth(region: Region) -> tuple[int, list[int]]:
    """Deeper regions are larger, of equal ones those of later conditions."""
    return len(region), [unit.generation for unit, _ in region]


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
