"""How a gradient is written as equations, when the tape that has it is lowered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from diptych.functions.constants import filled
from diptych.ir import Builder, Function, Value, live_equations
from diptych.passes.autodiff import backpropagate
from diptych.passes.batch import batch

from ..tapes.lazy import LEAF, TRACKED, UNTRACKED, Call, Kind, kind_of
from ..tapes.saving import NOTHING, Reads

if TYPE_CHECKING:
    from ..tapes.lowering import Lowering


class GradientTemplate:
    """The gradients of some values, the roots, towards others, for one structure of inputs.

    Inputs of its calls: the roots, then as many seeds as `seeded` names, then the values wanted, then those at which
    gradients stop. `beyond` says of each root whether it is one at which they stop and from which they now go on.
    `size`: of seeds that are batches, along their first axis, how many there are; the gradients are then batches too.
    """

    __slots__ = ("beyond", "edges", "is_single", "is_view", "kinds", "no_edges", "saves", "seeded", "size", "stopped")

    is_gradient = True
    is_joint = False  # the calls that it goes back through are

    def __init__(
        self,
        seeded: tuple[bool, ...],
        beyond: tuple[bool, ...],
        kinds: tuple[Kind, ...],
        stopped: int,
        size: int | None = None,
    ) -> None:
        self.seeded = seeded
        self.beyond = beyond
        self.size = size
        if size is not None:
            kinds = tuple(kind_of(kind.type.with_shape((size, *kind.shape)), kind.device) for kind in kinds)
        self.kinds = kinds
        self.edges, self.no_edges = (TRACKED,) * len(kinds), (UNTRACKED,) * len(kinds)
        self.stopped = stopped
        self.is_single = self.is_view = False
        self.saves = None

    def reads(self, call: Call) -> Reads:
        """Nothing is kept for gradients of gradients: they are computed from the calls behind them."""
        return NOTHING

    def stops(self, call: Call) -> list[int]:
        """The positions at which gradients stop to be looked at."""
        places = [*range(len(call.inputs) - self.stopped, len(call.inputs))]
        places.extend(place for place, is_beyond in enumerate(self.beyond) if is_beyond)
        return [call.inputs[place].position for place in places]

    def lower_call(
        self, lowering: Lowering, call: Call, inputs: Sequence[Value], scalars: Sequence[Value]
    ) -> tuple[Value, ...]:
        """Backpropagates through what has been lowered so far, from the first value wanted up to the last root."""
        b = lowering.b
        first, last_root = len(b.equations), 0
        positions = [source.position for source in call.inputs]
        last = len(positions) - self.stopped
        places = iter(range(len(self.seeded), last))
        roots: list[tuple[Value, Value | None]] = []
        for place, (seeded, beyond) in enumerate(zip(self.seeded, self.beyond, strict=True)):
            if call.edges[place] == LEAF:
                root = lowering.identity(id(call.leaves[place]), positions[place])
                last_root = len(b.equations)
            else:
                last_root = max(last_root, lowering.ends[positions[place]])
                root = (lowering.sources if beyond else lowering.values)[positions[place]]
            roots.append((root, inputs[next(places)] if seeded else None))
        wanted: list[list[Value]] = []
        for place in places:
            if call.edges[place] == LEAF:
                owner = id(call.leaves[place])
                lowering.identity(owner, positions[place])
                wanted.append(list(lowering.identities[owner].values()))
                first = 0
            else:
                first = min(first, lowering.ends[positions[place]])
                wanted.append([lowering.values[positions[place]]])
        stop = [lowering.values[position] for position in positions[last:]]
        flat = [value for values in wanted for value in values]
        if self.size is None:
            found = iter(self._flowing(b, first, last_root, roots, flat, stop))
        else:
            found = iter(self._all_at_once(b, first, last_root, roots, flat, stop))
        results: list[Value] = []
        for values, kind in zip(wanted, self.kinds, strict=True):
            parts = [part for part in (next(found) for _ in values) if part is not None]
            total = parts[0] if parts else filled(b, 0, kind.shape, kind.type.dtype)
            for part in parts[1:]:
                total = b.add(total, part)
            results.append(total if call.tracked else b.stop_gradient(total))
        return tuple(results)

    def _flowing(
        self,
        b: Builder,
        first: int,
        last: int,
        roots: Sequence[tuple[Value, Value | None]],
        wanted: Sequence[Value],
        stop: Sequence[Value],
    ) -> list[Value | None]:
        """What flows from the roots to the values wanted, through equations of `b`."""
        seeds: dict[Value, Value] = {}
        for root, given in roots:
            seed = filled(b, 1, root.shape, root.dtype) if given is None else given
            seeds[root] = b.add(seeds[root], seed) if root in seeds else seed
        return backpropagate(b, b.equations[first:last], seeds, wanted, stop)

    def _all_at_once(
        self,
        b: Builder,
        first: int,
        last: int,
        roots: Sequence[tuple[Value, Value | None]],
        wanted: Sequence[Value],
        stop: Sequence[Value],
    ) -> list[Value | None]:
        """As `_flowing`, for each row of the seeds: what is derived for one row is taken out again, and batched."""
        assert self.size is not None
        border = b.mark()
        rows = [(root, None if given is None else Value(root.type)) for root, given in roots]
        found = self._flowing(b, first, last, rows, wanted, stop)
        tail = b.equations[border[0] :]
        del b.equations[border[0] :]
        made = {result for equation in tail for result in equation.results}
        seeds = {row: given for (_, row), (_, given) in zip(rows, roots, strict=True) if row is not None}
        results = [value for value in found if value is not None]
        read = dict.fromkeys([*(each for equation in tail for each in equation.operands), *results])
        before = [value for value in read if value not in made and value not in seeds]
        function = Function("gradient", (*before, *seeds), live_equations(tail, results), tuple(results))
        function, flags = batch(function, [*(False for _ in before), *(True for _ in seeds)], self.size)
        batched = b.inline(function, [*before, *(each for each in seeds.values() if each is not None)])
        whole = iter(
            value if flag else b.broadcast(value, shape=(self.size, *value.shape), axes=range(1, value.rank + 1))
            for value, flag in zip(batched, flags, strict=True)
        )
        return [None if value is None else next(whole) for value in found]
