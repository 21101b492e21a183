"""Pooling written into an array that is there: maxima and sums of windows, and the gradient of maxima.

They go along one axis after another, as the reference does, and give its bits, nan's places among them; each step is
one call on as many rows as stay in the cache.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from math import prod
from typing import Any, Protocol

import numpy as np
from diptych.ir import Equation, Op, ops

from ..kernels.reduction import lowest
from ..reference.window import Axis, axes_of, window_scatter
from .elementwise import Emitter
from .writer import Writer

Ints = tuple[int, ...]
Windows = tuple[tuple[str, Any], ...]  # the attributes of the op, by name
BLOCK = 1 << 18  # elements of x that are worked on at a time


class Plan(Protocol):
    """One of the ops for given shapes. `size`: how many elements it needs room for while it runs."""

    size: int

    def run(self, *arrays: np.ndarray) -> None:
        """Takes the operands, the array for the result, and the room."""
        ...


class _Rows:
    """The leading axes, along which nothing is pooled, as one; a block of it; and the axes with windows behind it."""

    def __init__(self, shape: Ints, windows: dict[str, Any]) -> None:
        axes = axes_of(shape, **windows)
        lead = next((axis.axis for axis in axes if not axis.is_trivial), len(shape))
        self.rows, self.inner = prod(shape[:lead]), shape[lead:]
        self.block = max(1, min(self.rows, BLOCK // max(1, prod(self.inner))))
        self.windows = {name: _trivial(name) + entries[lead:] for name, entries in windows.items()}
        self.axes = tuple(axis for axis in axes_of((self.block, *self.inner), **self.windows) if not axis.is_trivial)

    def flat(self, x: np.ndarray, inner: Ints) -> np.ndarray:
        return x.reshape(self.rows, *inner)

    def blocks(self) -> list[slice]:
        return [slice(first, min(self.rows, first + self.block)) for first in range(0, self.rows, self.block)]


def _trivial(name: str) -> tuple[Any, ...]:
    return ((0, 0),) if name == "padding" else (1,)


def _shapes(shape: Ints, axes: tuple[Axis, ...]) -> list[Ints]:
    """The shapes on the way along the axes."""
    found = [shape]
    for axis in axes:
        found.append(axis.shape(found[-1]))
    return found


def _cut(room: np.ndarray, start: int, shape: Ints) -> np.ndarray:
    return room[start : start + prod(shape)].reshape(shape)


class _Reduction:
    """window_max and window_sum."""

    def __init__(self, ufunc: np.ufunc, fill: Callable[[np.dtype[Any]], Any], shape: Ints, windows: Windows) -> None:
        self.ufunc, self.fill = ufunc, fill
        self.over = _Rows(shape, dict(windows))
        self.shapes = _shapes((self.over.block, *self.over.inner), self.over.axes)
        self.places = [0]
        for step in self.shapes[1:-1]:
            self.places.append(self.places[-1] + prod(step))
        self.size = self.places[-1]

    def run(self, *arrays: np.ndarray) -> None:
        x, out, room = arrays
        over = self.over
        if not over.axes:
            np.copyto(out, x)
            return
        source, target = over.flat(x, over.inner), over.flat(out, self.shapes[-1][1:])
        for block in over.blocks():
            part, count = source[block], block.stop - block.start
            for number, axis in enumerate(over.axes):
                is_last = number == len(over.axes) - 1
                shape = (count, *self.shapes[number + 1][1:])
                into = target[block] if is_last else _cut(room, self.places[number], shape)
                _reduced(axis, part, self.ufunc, self.fill, into)
                part = into


def _reduced(axis: Axis, x: np.ndarray, ufunc: np.ufunc, fill: Callable[[np.dtype[Any]], Any], out: np.ndarray) -> None:
    """ufunc over each window's elements along the axis, the first two of them at once."""
    whole = [visit for visit in axis.visits if visit[0][-1] == slice(0, axis.count)][:2]
    if len(whole) == 2:
        ufunc(x[whole[0][1]], x[whole[1][1]], out=out)
    elif whole:
        np.copyto(out, x[whole[0][1]])
    else:
        out[...] = fill(x.dtype)
    for windows, elements in axis.visits:
        if not any(windows is one for one, _ in whole):
            part = out[windows]
            ufunc(part, x[elements], out=part)


class _Scatter:
    """window_scatter: maxima are taken along the last axis first, and found again along the first one first."""

    def __init__(self, shape: Ints, windows: Windows) -> None:
        self.over = _Rows(shape, dict(windows))
        self.peaks = _shapes((self.over.block, *self.over.inner), self.over.axes[::-1])
        sizes = [prod(step) for step in self.peaks[1:]]
        self.size = 2 * sum(sizes) + 2 * max(sizes, default=0)  # the maxima, what is left at each, and two masks

    def run(self, *arrays: np.ndarray) -> None:
        x, updates, out, room = arrays
        over = self.over
        if not over.axes:
            np.copyto(out, updates)
            return
        source, given = over.flat(x, over.inner), over.flat(updates, self.peaks[-1][1:])
        target = over.flat(out, over.inner)
        for block in over.blocks():
            self._block(source[block], given[block], target[block], room)

    def _block(self, x: np.ndarray, updates: np.ndarray, out: np.ndarray, room: np.ndarray) -> None:
        axes, start = self.over.axes, 0
        peaks, lefts = [x], [out]
        for axis, step in zip(axes[::-1], self.peaks[1:], strict=True):
            shape = (len(x), *step[1:])
            peaks.append(_cut(room, start, shape))
            lefts.append(_cut(room, start + prod(step), shape))
            start += 2 * prod(step)
            _reduced(axis, peaks[-2], np.maximum, lowest, peaks[-1])
        if np.isnan(np.maximum.reduce(peaks[-1], None, initial=-np.inf)):
            out[...] = window_scatter(np, x, updates, **self.over.windows)
            return
        left, is_own = updates, False
        for number, axis in enumerate(axes):
            place = len(axes) - number
            if not (is_own or _halves(axis)):
                np.copyto(lefts[place], left)
                left = lefts[place]
            _give(axis, peaks[place - 1], peaks[place], left, lefts[place - 1], room[start:])
            left, is_own = lefts[place - 1], True


def _halves(axis: Axis) -> bool:
    """Whether each window has two elements of its own, all of which there are."""
    everything = slice(0, axis.count)
    return len(axis.visits) == 2 and not axis.overlaps and all(at[-1] == everything for at, _ in axis.visits)


def _give(
    axis: Axis, source: np.ndarray, peak: np.ndarray, left: np.ndarray, given: np.ndarray, room: np.ndarray
) -> None:
    """Writes into `given`, along one axis, what is `left` of each window's update where `source` has the window's
    largest element, `peak`. An element takes it bit by bit, since 0 * inf would not be 0."""
    if not axis.covers:
        given[...] = 0
    bits = np.dtype(f"i{left.itemsize}")
    rest, goal = left.view(bits), given.view(bits)
    for number, (at, elements) in enumerate(axis.visits, 1):
        shape = rest[at].shape
        if number == len(axis.visits):  # what is left at the last belongs to it
            target = given[elements]
            if axis.overlaps:
                np.add(target, left[at], out=target)
            else:
                np.copyto(target, left[at])
            return
        whether = _cut(room.view(np.int8), 0, shape)
        mask = _cut(room[room.size // 2 :].view(bits), 0, shape)
        np.equal(source[elements], peak[at], out=whether.view(bool))
        np.negative(whether, out=whether)
        np.copyto(mask, whether)
        if axis.overlaps:
            np.bitwise_and(rest[at], mask, out=mask)
            np.bitwise_xor(rest[at], mask, out=rest[at])
            target = given[elements]
            np.add(target, mask.view(given.dtype), out=target)
        elif _halves(axis):
            np.bitwise_and(rest, mask, out=goal[elements])
            np.invert(mask, out=mask)
            np.bitwise_and(rest, mask, out=goal[axis.visits[1][1]])
            return
        else:
            np.bitwise_and(rest[at], mask, out=goal[elements])
            np.bitwise_xor(rest[at], goal[elements], out=rest[at])


@lru_cache(maxsize=1024)
def _planned(op: Op, shape: Ints, windows: Windows) -> Plan:
    if op is ops.window_scatter:
        return _Scatter(shape, windows)
    if op is ops.window_max:
        return _Reduction(np.maximum, lowest, shape, windows)
    return _Reduction(np.add, lambda dtype: 0, shape, windows)


def plan_of(equation: Equation) -> Plan:
    """The plan of an equation."""
    return _planned(equation.op, equation.operands[0].type.static_shape(), tuple(equation.attributes.items()))


def _pool(w: Writer, equation: Equation) -> None:
    operands = ", ".join([w.array(operand) for operand in equation.operands])
    result = equation.results[0]
    run, room = w.constant(plan_of(equation).run, equation.op.name), w.room(equation, result.dtype.numpy)
    w.line(f"{run}({operands}, {w.out(result)}, {room})")


def _room(equation: Equation) -> int:
    return plan_of(equation).size * equation.results[0].dtype.bytes


def pooled(equation: Equation) -> Callable[..., np.ndarray]:
    """One of these ops as a function of arrays, taken as the line written for it takes it."""
    return partial(_pooled, plan_of(equation), equation.results[0].type.static_shape())


def _pooled(plan: Plan, shape: Ints, *operands: np.ndarray) -> np.ndarray:
    dtype = operands[0].dtype
    out = np.empty(shape, dtype)
    plan.run(*operands, out, np.empty(plan.size, dtype))
    return out


EMITTERS: dict[Op, Emitter] = dict.fromkeys((ops.window_max, ops.window_sum, ops.window_scatter), _pool)

# Bytes that an equation needs beside its operands and results.
ROOM: dict[Op, Callable[[Equation], int]] = dict.fromkeys(EMITTERS, _room)


def writes(equation: Equation) -> bool:
    """Whether these emitters take the equation: other dtypes, and what has no elements, go to the kernels."""
    operands, (result,) = equation.operands, equation.results
    dtypes = {value.dtype.name for value in (*operands, result)}
    return (
        equation.op in EMITTERS
        and dtypes in ({"f32"}, {"f64"})
        and all(value.type.size for value in (*operands, result))
    )
