"""Where gradients come from, and which of it reaches a value that hooks or functions of Python watch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..tapes.lazy import Call, Lazy
from ..tensors.tensor import Tensor

Target = tuple[Lazy, Tensor | None]  # a value, and the leaf that it is read for, if any


@dataclass(slots=True)
class Flow:
    """Where gradients come from: values with their seeds (None is 1), and whether they go on from behind a stop.
    `size`: of seeds that are batches, along their first axis, how many gradients are taken at once."""

    size: int | None = None
    roots: list[Target] = field(default_factory=list)
    seeds: list[Tensor | None] = field(default_factory=list)
    beyond: list[bool] = field(default_factory=list)

    def add(self, root: Target, seed: Tensor | None, *, beyond: bool = False) -> None:
        self.roots.append(root)
        self.seeds.append(seed)
        self.beyond.append(beyond)


class Near:
    """Which part of a flow reaches a hooked value through no other one, and where it must stop on its way there."""

    def __init__(self, flow: Flow, hooked: Sequence[Lazy], following: Mapping[Call, set[Lazy]]) -> None:
        self.flow = flow
        self.following = following
        self.stops: dict[Lazy, list[Lazy]] = {lazy: [lazy] for lazy in hooked}
        self.roots: dict[Lazy, list[int]] = {lazy: [] for lazy in hooked}
        self.count = 0  # of roots that have been looked at
        for lazy in hooked:
            for reached in self._from(lazy.call):
                self.stops[reached].append(lazy)

    def _from(self, call: Call | None) -> set[Lazy]:
        return set() if call is None else self.following.get(call, set())

    def part(self, lazy: Lazy) -> Flow:
        """What of the flow as it is now reaches a hooked value."""
        flow = self.flow
        for place in range(self.count, len(flow.roots)):
            root, leaf = flow.roots[place]
            if leaf is None:
                for reached in {root} if root in self.roots and not flow.beyond[place] else self._from(root.call):
                    self.roots[reached].append(place)
        self.count = len(flow.roots)
        found = Flow(flow.size)
        for place in self.roots[lazy]:
            found.add(flow.roots[place], flow.seeds[place], beyond=flow.beyond[place])
        return found
