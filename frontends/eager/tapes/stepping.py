"""Running a tape call by call, gradients included, as PyTorch does: for what is met for the first time.

Lowering, passes and compiling take a hundred times as long as such a run; who never comes by again has no use for them.
Each call is a function that its template keeps, and so is what flows back through it. What is computed, and in which
order it is added up, is as in the compiled program.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from diptych.backends.numpy.steps import Steps
from diptych.backends.stepwise import owned
from diptych.ir import Builder, DiptychError, TensorType, dtype_of

from ..promotion import WIDEST
from .graph import in_order
from .lazy import LEAF, TRACKED, Call, Lazy
from .lowering import Recalled, are_joint, line_of

if TYPE_CHECKING:
    from ..autograd.gradient_template import GradientTemplate
    from .single_calls import Pullback, SingleCall

Place = int | tuple[int, int]  # of a cotangent: a position, or (owner, position) of what a leaf shows there
_BEHIND = -1  # in place of an owner: behind a position at which gradients stop

_sums: dict[tuple[np.dtype, tuple[int, ...]], Steps] = {}
_numbers = {kind: dtype.numpy for kind, dtype in WIDEST.items()}


class NotStepped(Exception):
    """A tape that can only run as a whole: gradients of gradients, or of many rows, are derived from equations; and
    several processes come together in programs."""


class _Made:
    """One call that runs: positions of its inputs and results, its numbers."""

    __slots__ = ("call", "ends", "inputs", "numbers", "positions", "run")

    def __init__(self, call: Call, positions: Sequence[int], run: Any) -> None:
        self.call = call
        self.inputs = [source.position for source in call.inputs]
        self.positions = positions
        self.numbers = [np.asarray(number, _numbers[number.__class__]) for number in call.scalars]
        self.run = run  # None of one whose results are inputs
        self.ends: list[int] = []  # positions whose last use this is

    def reads(self) -> list[int]:
        """The positions of values that it needs."""
        return self.inputs


class _Pulled:
    """What flows back through a call: where the cotangents come from, and where they go."""

    __slots__ = ("ends", "made", "pullback", "sources", "targets")

    def __init__(self, made: _Made, pullback: Pullback, sources: list[list[Place]], targets: list[Place]) -> None:
        self.made = made
        self.pullback = pullback
        self.sources = sources
        self.targets = targets
        self.ends: list[int] = []

    def reads(self) -> list[int]:
        """The positions of values that it needs."""
        made, pullback = self.made, self.pullback
        return [
            *(made.inputs[place] for place in pullback.inputs),
            *(made.positions[place] for place in pullback.results),
        ]


class _Gradient:
    """A gradient: its seeds and where they go, what flows, and which cotangents make each result."""

    __slots__ = ("call", "ends", "flow", "positions", "results", "seeds")

    def __init__(self, call: Call, positions: Sequence[int]) -> None:
        self.call = call
        self.positions = positions
        self.seeds: list[tuple[Place, Any]] = []  # a position where the seed stands, or its type where it is 1
        self.flow: list[_Pulled] = []
        self.results: list[list[Place]] = []
        self.ends: list[int] = []

    def reads(self) -> list[int]:
        """The positions of values that it needs, the last ones first."""
        seeds = [seed for _, seed in self.seeds if isinstance(seed, int)]
        return [position for pulled in reversed(self.flow) for position in pulled.reads()] + seeds


def _single(template: Any) -> SingleCall | None:
    """How a call runs by itself; None of gradients, and of what a function of Python made."""
    return getattr(template, "single", None)


class Stepping:
    """A run of what waits on a tape, planned before anything is computed. Raises NotStepped.

    `error`: what the first call that failed has raised. Its results, and what is made of them, stay None.
    """

    def __init__(self, recalled: Sequence[Recalled], calls: Sequence[Call], leaves: Sequence[Lazy]) -> None:
        self.error: DiptychError | None = None
        self.steps: list[_Made | _Gradient] = []
        self.makers: dict[int, tuple[_Made | _Gradient, int]] = {}  # of positions: the step, and which result
        self.shown: dict[int, dict[int, None]] = {}  # for each owner the positions that it is read at
        if are_joint(calls, recalled):
            raise NotStepped
        order = {call: place for place, call in enumerate(in_order(each.call for each in recalled))}
        self.given: set[int] = {leaf.position for leaf in leaves}
        for call, start, _, known in sorted(recalled, key=lambda each: order[each.call]):
            positions = list(range(start, start + len(call.prefix.kinds)))
            for number, position in known:
                positions[number] = position
            self._add(call, positions)
        for call in calls:
            prefix = call.prefix
            self._add(call, range(prefix.start, prefix.start + len(prefix.kinds)))

    # -- planning ----

    def _add(self, call: Call, positions: Sequence[int]) -> None:
        template = call.template
        step = self._gradient(call, template, positions) if template.is_gradient else self._made(call, positions)  # pyright: ignore[reportArgumentType]
        self.steps.append(step)
        for number, position in enumerate(positions):
            self.makers[position] = step, number
        if call.prefix.edges:
            for source, edge, leaf in zip(call.inputs, call.edges, call.leaves, strict=True):
                if edge == LEAF:
                    self.shown.setdefault(id(leaf), {})[source.position] = None

    def _made(self, call: Call, positions: Sequence[int]) -> _Made:
        single = _single(call.template)
        if single is None:
            return _Made(call, positions, None)  # what a function of Python made
        return _Made(call, positions, single.forward(call.inputs))

    def _gradient(self, call: Call, template: GradientTemplate, positions: Sequence[int]) -> _Gradient:
        """What has to flow, from the roots to the values wanted, through calls that came before."""
        if template.size is not None:
            raise NotStepped
        made = _Gradient(call, positions)
        inputs = [source.position for source in call.inputs]
        roots, last = len(template.seeded), len(inputs) - template.stopped
        wanted: list[Place | int] = []
        places = iter(range(roots, last))
        reached: dict[Place, None] = {}  # cotangents that are there
        for place, (seeded, beyond) in enumerate(zip(template.seeded, template.beyond, strict=True)):
            position = inputs[place]
            root: Place = position
            if call.edges[place] == LEAF:
                root = id(call.leaves[place]), position
                self.shown.setdefault(root[0], {})[position] = None
            elif beyond:
                root = _BEHIND, position
            made.seeds.append((root, inputs[next(places)] if seeded else call.inputs[place].kind.type))
            reached[root] = None
        owners: set[int] = set()
        ends: set[int] = set()
        wanted = list(places)
        for place in wanted:
            if call.edges[place] == LEAF:
                owners.add(id(call.leaves[place]))
                self.shown.setdefault(id(call.leaves[place]), {})[inputs[place]] = None
            else:
                ends.add(inputs[place])
        stops = set(inputs[last:])
        active = self._active(owners, ends, stops)
        self._flow(made, reached, active, owners, stops)
        for place in wanted:
            parts: list[Place] = [inputs[place]]
            if call.edges[place] == LEAF:
                owner = id(call.leaves[place])
                parts = [(owner, position) for position in self.shown[owner]]
            made.results.append([part for part in parts if part in reached])
        return made

    def _active(self, owners: set[int], ends: set[int], stops: set[int]) -> set[int]:
        """The positions through which gradients flow on to what is wanted; those behind stops as negative numbers."""
        active = set(ends)
        for step in self.steps:
            call = step.call
            if not call.prefix.tracked:
                continue
            for source, edge, leaf in zip(call.inputs, call.edges, call.leaves, strict=True):
                if source.position in active if edge == TRACKED else edge == LEAF and id(leaf) in owners:
                    break
            else:
                continue
            for position, edge in zip(step.positions, call.template.edges, strict=True):
                if edge:
                    active.add(~position if position in stops else position)
        return active

    def _flow(
        self, made: _Gradient, reached: dict[Place, None], active: set[int], owners: set[int], stops: set[int]
    ) -> None:
        """The calls that cotangents flow back through, the last one first."""
        for step in reversed(self.steps):
            call = step.call
            if not call.prefix.tracked:
                continue
            sources: list[list[Place]] = []
            given: list[int] = []
            for number, position in enumerate(step.positions):
                found: list[Place] = [(_BEHIND, position)] if (_BEHIND, position) in reached else []
                if position not in stops and position in reached:
                    found.append(position)
                if found and (position in active or ~position in active):
                    sources.append(found)
                    given.append(number)
            if not given:
                continue
            wanted = [
                place
                for place, (source, edge, leaf) in enumerate(zip(call.inputs, call.edges, call.leaves, strict=True))
                if (source.position in active if edge == TRACKED else edge == LEAF and id(leaf) in owners)
            ]
            if not wanted:
                continue
            single = _single(call.template)
            if single is None or not isinstance(step, _Made):
                raise NotStepped
            try:
                pullback = single.pullback(call.inputs, tuple(given), tuple(wanted))
            except DiptychError:
                raise NotStepped from None  # the error is told, with its line, where the whole is lowered
            targets: list[Place] = []
            for place in pullback.reached:
                position = call.inputs[place].position
                target = (id(call.leaves[place]), position) if call.edges[place] == LEAF else position
                targets.append(target)
                reached[target] = None
            made.flow.append(_Pulled(step, pullback, sources, targets))

    def _ends(self, outputs: Sequence[int]) -> list[_Made | _Gradient]:
        """The steps that are needed, each with the positions whose last use it is."""
        needed = set(outputs)
        kept: list[_Made | _Gradient] = []

        def read(step: _Made | _Pulled | _Gradient, positions: Sequence[int]) -> None:
            for position in positions:
                if position not in needed:
                    needed.add(position)
                    step.ends.append(position)

        for step in reversed(self.steps):
            if not any(position in needed and position not in self.given for position in step.positions):
                continue
            if isinstance(step, _Gradient):
                for pulled in reversed(step.flow):
                    read(pulled, pulled.reads())
                read(step, [seed for _, seed in step.seeds if isinstance(seed, int)])
            else:
                read(step, step.inputs)
            kept.append(step)
        kept.reverse()
        return kept

    # -- running ----

    def run(self, leaves: Sequence[Lazy], outputs: Sequence[Lazy], count: int) -> Sequence[Any]:
        """The arrays of `outputs`; None of those that could not be computed, as `error` says with the user's line."""
        values: list[Any] = [None] * count
        arguments = [np.asarray(leaf.array) for leaf in leaves]  # which may lie on a device
        for leaf, array in zip(leaves, arguments, strict=True):
            values[leaf.position] = array
        wanted = [lazy.position for lazy in outputs]
        given = self.given
        failed: set[int] = set()
        with np.errstate(all="ignore"):
            for step in self._ends(wanted):
                if failed and not failed.isdisjoint(step.reads()):
                    failed.update(step.positions)
                    continue
                try:
                    if isinstance(step, _Gradient):
                        results = _pulled_back(step, values)
                    elif step.run is None:
                        results = [values[position] for position in step.inputs[: len(step.positions)]]
                    else:
                        results = step.run([values[position] for position in step.inputs] + step.numbers)
                except DiptychError as error:
                    failed.update(step.positions)
                    if self.error is None:
                        self.error = error.located(line_of(step.call))
                        self.error.__cause__ = error.__cause__
                    continue
                for position, result in zip(step.positions, results, strict=True):
                    if position not in given:
                        values[position] = result
                for position in step.ends:
                    values[position] = None
        if failed:  # a copy each: nothing is known of which are views of others
            return [None if values[position] is None else np.array(values[position]) for position in wanted]
        return owned([values[position] for position in wanted], arguments)


def _pulled_back(step: _Gradient, values: list[Any]) -> list[Any]:
    cotangents: dict[Place, Any] = {}
    for place, seed in step.seeds:
        if isinstance(seed, int):
            _flow_to(cotangents, place, values[seed])
        else:
            _flow_to(cotangents, place, np.ones(seed.static_shape(), seed.dtype.numpy))
    for position in step.ends:
        values[position] = None
    kept = {place for places in step.results for place in places}
    for pulled in step.flow:
        made, pullback = pulled.made, pulled.pullback
        arrays = [values[made.inputs[place]] for place in pullback.inputs]
        arrays += [made.numbers[place] for place in pullback.numbers]
        arrays += [values[made.positions[place]] for place in pullback.results]
        for places in pulled.sources:
            take = [cotangents[place] if place in kept else cotangents.pop(place) for place in places]
            arrays.append(take[0] if len(take) == 1 else _sum(*take))
        for place, cotangent in zip(pulled.targets, pullback.run(arrays), strict=True):
            _flow_to(cotangents, place, cotangent)
        for position in pulled.ends:
            values[position] = None
    results: list[Any] = []
    for places, kind in zip(step.results, step.call.template.kinds, strict=True):
        total = None
        for place in places:
            total = cotangents[place] if total is None else _sum(total, cotangents[place])
        results.append(np.zeros(kind.shape, kind.type.dtype.numpy) if total is None else total)
    return results


def _flow_to(cotangents: dict[Place, Any], place: Place, cotangent: np.ndarray) -> None:
    known = cotangents.get(place)
    cotangents[place] = cotangent if known is None else _sum(known, cotangent)


def _sum(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    kind = left.dtype, left.shape
    run = _sums.get(kind)
    if run is None:
        b, type = Builder("sum"), TensorType(dtype_of(left.dtype), left.shape)
        run = _sums[kind] = Steps(b.finish([b.add(b.parameter(type), b.parameter(type))]))
    return run((left, right))[0]
