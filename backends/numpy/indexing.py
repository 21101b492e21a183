"""How rows of a table are read, added to and replaced, and blocks of an array: written into places that are there."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from diptych.ir import DiptychError, Equation, Op, ops

from .elementwise import Emitter
from .writer import Writer

_UNSIGNED = {np.dtype(f"int{bits}"): np.dtype(f"uint{bits}") for bits in (8, 16, 32, 64)}


def _unsigned(index: np.ndarray, size: int) -> tuple[np.ndarray, int]:
    """Indices seen without a sign, where what is below 0 is large, and what is out of bounds from there on."""
    if index.dtype not in _UNSIGNED:
        return index, size
    return index.view(_UNSIGNED[index.dtype]), min(size, 1 << 8 * index.itemsize - 1)


def check(name: str, index: np.ndarray, size: int) -> None:
    """Raises DiptychError where an index to axis 0 is below 0 or at least `size`. One look finds both."""
    unsigned, limit = _unsigned(index, size)
    if index.size and unsigned.max() >= limit:
        lowest, highest = int(index.min()), int(index.max())
        wrong = lowest if lowest < 0 else highest
        must = f"from 0 to {size - 1}" if size else "absent"
        raise DiptychError(f"{name} is {wrong} but must be {must}: axis 0 has size {size}")


def take_rows(x: np.ndarray, index: np.ndarray, out: np.ndarray) -> None:
    """out = x[index], each index in bounds."""
    check("gather: indices[0]", index, x.shape[0])
    np.take(x, index, 0, out, "clip")  # the fast mode; nothing is left to clip


def add_rows(x: np.ndarray | None, updates: np.ndarray, index: np.ndarray, out: np.ndarray) -> None:
    """out = x, where that is not there already, with each of the updates added to the row that its index says.

    Updates of one row are summed first: numpy adds sorted rows in a tenth of the time that it takes for each of them
    at its place.
    """
    check("scatter: indices[0]", index, out.shape[0])
    if x is not None:
        np.copyto(out, x)
    if not updates.size:
        return
    rows, places = updates.reshape(index.size, -1), index.reshape(-1)
    if places.size == 1:
        out[places[0]] += updates.reshape(out.shape[1:])
        return
    order = np.argsort(places, kind="stable")
    ordered = places[order]
    starts = np.concatenate(((0,), np.flatnonzero(ordered[1:] != ordered[:-1]) + 1))
    sums = _sums_of_runs(rows, order, starts)
    out.reshape(out.shape[0], -1)[ordered[starts]] += sums


FEW = 1 << 12  # elements, of which a sum takes no longer than to look which rows come once


def _sums_of_runs(rows: np.ndarray, order: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """The sums of runs of rows, taken in an order, that begin at each of the starts. What is alone is copied: a run is
    work for each column to numpy, however short it is."""
    lengths = np.diff(starts, append=order.size)
    longer = lengths > 1
    if rows.size < FEW or longer.all():
        return np.add.reduceat(rows[order], starts, 0)
    sums = rows[order[starts]]
    if longer.any():
        counts = lengths[longer]
        members = rows[order[np.repeat(longer, lengths)]]
        sums[longer] = np.add.reduceat(members, np.cumsum(counts) - counts, 0)
    return sums


def set_rows(x: np.ndarray | None, updates: np.ndarray, index: np.ndarray, out: np.ndarray) -> None:
    """out = x, where that is not there already, with the row that each index says replaced by its update."""
    check("scatter: indices[0]", index, out.shape[0])
    if x is not None:
        np.copyto(out, x)
    if updates.size:
        out.reshape(out.shape[0], -1)[index.reshape(-1)] = updates.reshape(index.size, -1)


def inside(
    function: Callable[..., None], x: np.ndarray | None, updates: np.ndarray, index: np.ndarray, out: np.ndarray
) -> None:
    """As `add_rows` or `set_rows`, with those updates alone whose indices are in bounds."""
    unsigned, limit = _unsigned(index, out.shape[0])
    kept = unsigned < limit
    if not kept.all():
        updates, index = updates[kept], index[kept]
    function(x, updates, index, out)


add_rows_inside, set_rows_inside = partial(inside, add_rows), partial(inside, set_rows)


def replace_block(x: np.ndarray | None, update: np.ndarray, *starts_and_out: np.ndarray) -> None:
    """out = x, where that is not there already, with the block that begins at the starts replaced, moved to lie
    inside."""
    *starts, out = starts_and_out
    if x is not None:
        np.copyto(out, x)
    pairs = zip(starts, out.shape, update.shape, strict=True)
    firsts = [min(max(int(start), 0), whole - size) for start, whole, size in pairs]
    places = tuple(slice(first, first + size) for first, size in zip(firsts, update.shape, strict=True))
    out[places] = update


def _gather(w: Writer, equation: Equation) -> None:
    x, index = (w.array(operand) for operand in equation.operands)
    w.line(f"{w.constant(take_rows, 'take_rows')}({x}, {index}, {w.out(equation.results[0])})")


def _written_over(w: Writer, equation: Equation, name: str, function: Callable[..., None]) -> None:
    """A function that begins with a copy of the first operand, unless the result is written over that."""
    x, *others = (w.array(operand) for operand in equation.operands)
    out = w.out(equation.results[0])
    given = ", ".join(("None" if x == out else x, *others, out))
    w.line(f"{w.constant(function, name)}({given})")


def _scatter(w: Writer, equation: Equation) -> None:
    _written_over(w, equation, f"{equation.attributes['combine']}_rows", _scattering(equation))


def _scattering(equation: Equation) -> Callable[..., None]:
    return _SCATTERS[equation.attributes["combine"], equation.attributes["bounds"]]


_SCATTERS = {
    ("add", "error"): add_rows,
    ("set", "error"): set_rows,
    ("add", "drop"): add_rows_inside,
    ("set", "drop"): set_rows_inside,
}

EMITTERS: dict[Op, Emitter] = {
    ops.gather: _gather,
    ops.scatter: _scatter,
    ops.dynamic_update_slice: partial(_written_over, name="replace_block", function=replace_block),
}


def writes(equation: Equation) -> bool:
    """Whether these emitters take the equation: rows of the first axis, replaced, or added as numpy adds."""
    attributes = equation.attributes
    if equation.op is ops.dynamic_update_slice:
        return True
    if equation.op not in EMITTERS or attributes["axes"] != (0,):
        return False
    if equation.op is ops.gather:
        return attributes["bounds"] == "error"
    combine = attributes["combine"]
    return combine == "set" or (combine == "add" and equation.operands[0].dtype.bytes > 2)


def function_of(equation: Equation) -> Callable[..., np.ndarray]:
    """The equation as a function of arrays, computed as the line written for it computes it."""
    type = equation.results[0].type
    runs = {ops.gather: take_rows, ops.dynamic_update_slice: replace_block}
    run = runs.get(equation.op) or _scattering(equation)
    return partial(_made, run, type.static_shape(), type.dtype.numpy)


def _made(run: Callable[..., None], shape: tuple[int, ...], dtype: np.dtype, *operands: np.ndarray) -> np.ndarray:
    out = np.empty(shape, dtype)
    run(*operands, out)
    return out
