"""Where a pass changed what a program computes: the first equation before it whose value nothing after it has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from diptych.ir import Equation, Function, Value, ops
from diptych.passes.manager import PassRecord

from .arrays import Difference, difference
from .bounds import Bound
from .sides import fitted
from .values import Arrays, Entry, by_reference, first_entry, steps

LAYING = frozenset(("channels_last", "turn_matrices"))  # passes after which values may lie otherwise, in equal shapes
WINDOW = 1 << 28  # bytes of values before a pass that are held while those after it are computed

Pairs = dict[Value, dict[Value, None]]


@dataclass(frozen=True, slots=True)
class Departure:
    """An equation of `function` and what it read, what stands for it after the pass, and how far that lies apart.
    `within`: the loops that these are in, the nearest first, each with the number of the round."""

    function: Function
    equation: Equation
    operands: Arrays
    after: Function
    made: Equation | None
    difference: Difference
    within: tuple[tuple[Function, Equation, int], ...] = ()


@dataclass(slots=True)
class _Waiting:
    """A value before the pass that no value after it has been found to be equal to."""

    number: int  # of the step that made it
    array: np.ndarray
    is_kept: bool = False
    nearest: Difference | None = None
    made: Equation | None = None

    def meet(self, array: np.ndarray, made: Equation | None, bound: Bound) -> None:
        """Compares it with a value after the pass."""
        if array.size != self.array.size or (array.dtype.kind in "biu") != (self.array.dtype.kind in "biu"):
            return
        lies_otherwise = array.shape != self.array.shape
        if not lies_otherwise:
            found = difference(array, self.array)
            lies_otherwise = bound.in_any_order and not bound.allows(found)
        if lies_otherwise:
            found = difference(np.sort(array, axis=None), np.sort(self.array, axis=None))
        self.is_kept |= bound.allows(found)
        if self.nearest is None or found.amount < self.nearest.amount:
            self.nearest, self.made = found, made


def departure(record: PassRecord, arguments: Arrays, bound: Bound) -> Departure | None:
    """The first equation, in program order, whose value no equation that stands for it after the pass has; None where
    none can be told."""
    pairs = _pairs(record)
    bound = replace(bound, in_any_order=record.name in LAYING)
    return _departure(record.before, record.after, pairs, arguments, bound)


def _departure(before: Function, after: Function, pairs: Pairs, arguments: Arrays, bound: Bound) -> Departure | None:
    ours, theirs = fitted(before, arguments), fitted(after, arguments)
    for window in _windows(before, ours, pairs):
        _compare(window, after, theirs, pairs, bound)
        lost = [each for same in window.values() for each in same if each.nearest is not None and not each.is_kept]
        if lost:
            first = min(lost, key=lambda each: each.number)
            step = next(islice(steps(before, ours, inside=True), first.number, None))
            assert first.nearest is not None
            found = Departure(before, step.equation, step.operands, after, first.made, first.nearest)
            return _inside(found, pairs, bound) or found
    return None


def _pairs(record: PassRecord) -> Pairs:
    """For values after a pass those before it that they may stand for: by what comes from what, by what was put in
    place of what, and by where equations of one op read them."""
    assert record.provenance is not None
    pairs: Pairs = defaultdict(dict)

    def pair(news: Sequence[Value], olds: Sequence[Value]) -> None:
        if len(news) == len(olds):
            for new, old in zip(news, olds, strict=True):
                pairs[new][old] = None

    for new, old in record.provenance.origins.items():
        pair(new.results, old.results)
        if new.op is old.op:
            pair(new.operands, old.operands)
    for each in record.provenance.replacements:
        pair(each.values, each.of.results)
    pair(record.after.results, record.before.results)
    return pairs


def _windows(function: Function, arguments: Arrays, pairs: Pairs) -> Iterator[dict[Value, list[_Waiting]]]:
    """The values of a function that others may stand for, as many at a time as may be held."""
    wanted = {old for olds in pairs.values() for old in olds}
    window, held = defaultdict[Value, list[_Waiting]](list), 0
    for number, step in enumerate(steps(function, arguments, inside=True)):
        for value, array in zip(step.equation.results, step.results, strict=True):
            if value in wanted:
                window[value].append(_Waiting(number, array))
                held += array.nbytes
        if held > WINDOW:
            yield window
            window, held = defaultdict(list), 0
    yield window


def _compare(
    window: Mapping[Value, list[_Waiting]], after: Function, arguments: Arrays, pairs: Pairs, bound: Bound
) -> None:
    """Lets the values of a window meet those that may stand for them."""

    def meet(values: Sequence[Value], arrays: Arrays, made: Equation | None) -> None:
        for value, array in zip(values, arrays, strict=True):
            for old in pairs.get(value, ()):
                for waiting in window.get(old, ()):
                    waiting.meet(array, made, bound)

    meet(after.parameters, arguments, None)
    for step in steps(after, arguments, inside=True):
        meet(step.equation.results, step.results, step.equation)


def _inside(found: Departure, pairs: Pairs, bound: Bound) -> Departure | None:
    """The departure in the first round of a loop, or part, whose results differ though it begins alike."""
    equation, made = found.equation, found.made
    if made is None or made.op is not equation.op or equation.op not in (ops.scan, ops.while_loop, ops.parallel):
        return None
    twins = {id(inner): made.attributes[name] for name, inner in equation.functions()}
    if any(not _are_alike(inner, twins[id(inner)]) for _, inner in equation.functions()):
        return None

    def departs(entry: Entry) -> bool:
        twin = twins[id(entry.function)]
        results = by_reference(twin, fitted(twin, entry.arguments))
        return not all(map(bound.allows, map(difference, results, entry.results)))

    entry = first_entry(equation, found.operands, departs)
    if entry is None:
        return None
    inner = _departure(entry.function, twins[id(entry.function)], pairs, entry.arguments, bound)
    return inner and replace(inner, within=(*inner.within, (found.function, equation, entry.number)))


def _are_alike(function: Function, other: Function | None) -> bool:
    """Whether functions take and make values of the same shapes."""
    if other is None:
        return False
    values, others = ((*each.parameters, *each.results) for each in (function, other))
    return [value.shape for value in values] == [value.shape for value in others]
