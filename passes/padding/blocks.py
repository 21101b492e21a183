"""Blocks that are read or written: of so many rows of what has any number of them, and of any number of what has so
many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from diptych.ir import Dim, Dimension, Equation, Op, Shape, Value, dtypes, ops

from ..expressions import full, scalar
from .axes import Axis, is_leading, is_never_negative, more_of, ordered, places_of, some_of
from .rows import ANY_ROW, Made, Rows, Rule, ragged, refused
from .ways import Proof


def _slice(rows: Rows, equation: Equation) -> Made:
    proof = Proof(rows, equation)
    (x,), (block,) = equation.operands, equation.results
    places = zip(*(equation.attributes[name] for name in ("start", "limit", "stride")), strict=True)
    for axis, (start, limit, stride) in enumerate(places):
        if isinstance(x.shape[axis], Dimension):
            _slice_rows(proof, axis, start, limit, stride)
        elif isinstance(start, Dimension) or isinstance(block.shape[axis], Dimension):
            if not is_never_negative(start) or stride != 1:
                raise refused(equation, ANY_ROW)
            if isinstance(block.shape[axis], Dimension):
                proof.makes(axis, ordered(block.shape[axis]))
                if rows.size(limit) > rows.size(x.shape[axis]):
                    _give_room(proof, block, (axis,))
            if isinstance(start, Dimension):
                _move_to_start(proof, axis, start, limit - start)
    return proof.finish()


def _slice_rows(proof: Proof, axis: int, start: Dim, limit: Dim, stride: int) -> None:
    """Takes an axis with any number of rows."""
    rows, equation = proof.rows, proof.equation
    (x,), (block,) = equation.operands, equation.results
    lies = rows.lies(x, axis)
    part = some_of(lies, start, limit) if stride == 1 else None
    if part is not None:
        proof.reads(0, (axis,))
        proof.makes(axis, part)
    elif is_leading(lies) and is_never_negative(start):
        proof.reads(0, (axis,))
        if isinstance(block.shape[axis], Dimension):
            proof.makes(axis, ordered(block.shape[axis]))
        if isinstance(start, Dimension):  # after some real ones
            _move_to_start(proof, axis, start, limit - start)


def _move_to_start(proof: Proof, axis: int, start: Dim, count: Dim) -> None:
    """Moves so many rows of an operand to its start."""
    b, x, attributes = proof.rows.b, proof.operands[0], proof.attributes
    begins = [scalar(b, dtypes.i64, 0)] * x.rank
    begins[axis], count = proof.rows.count(start), proof.rows.size(count)
    proof.operands[0] = b.dynamic_slice(x, *begins, sizes=_with(x.shape, axis, count))
    places = {"start": _with(attributes["start"], axis, 0), "limit": _with(attributes["limit"], axis, count)}
    proof.attributes = {**attributes, **places}


def _with(shape: Shape, axis: int, size: Dim) -> Shape:
    return (*shape[:axis], size, *shape[axis + 1 :])


def _dynamic_slice(rows: Rows, equation: Equation) -> Made:
    proof = Proof(rows, equation)
    (x, *_), (block,) = equation.operands, equation.results
    proof.reads(0, _move_into_rows(proof, x, block, 1))
    for axis in _parts(x, block):
        places = _places(proof, x, block, axis, rows.lies(x, axis), 1)
        proof.operands[0] = rows.taken(proof.operands[0], axis, places)
        proof.reads(0, (axis,))
        proof.makes(axis, ordered(block.shape[axis]))
    growing = _growing(block, x)
    _move_into_room(proof, x, block, 1, growing)
    _give_room(proof, block, growing)
    for axis in growing:
        proof.makes(axis, ordered(block.shape[axis]))
    return proof.finish()


def _dynamic_update_slice(rows: Rows, equation: Equation) -> Made:
    proof = Proof(rows, equation)
    b, (x, block, *_) = rows.b, equation.operands
    inside = _move_into_rows(proof, x, block, 2)
    proof.reads(0, inside)
    for axis in inside:
        proof.makes(axis, ordered(x.shape[axis]))
    parts = _parts(x, block)
    taken: list[tuple[Value, int, Value]] = []
    for axis in parts:
        own, gap = rows.in_order(equation, block, axis), x.shape[axis] - block.shape[axis]
        lies = rows.axes[x][axis] or more_of(own, 0, gap) or rows.lies(x, axis)
        places = _places(proof, x, block, axis, lies, 2)
        taken.append((proof.operands[0], axis, places))
        proof.operands[0] = rows.taken(proof.operands[0], axis, places)
        proof.reads(0, (axis,))
        proof.makes(axis, lies)
    growing = _growing(block, x)
    proof.reads(1, (*growing, *parts))
    _move_into_room(proof, x, block, 2, growing)
    room = proof.operands[0].shape
    _give_room(proof, block, growing)
    if growing:  # what is written in place of rows that are none is what stands there
        before = b.dynamic_slice(proof.operands[0], *proof.operands[2:], sizes=rows.type(block).shape)
        for axis in growing:
            proof.operands[1] = b.select(rows.are_real(block, axis), proof.operands[1], before)
    (made,), axes = proof.finish()
    if growing:
        made = b.slice(made, start=(0,) * x.rank, limit=room, stride=(1,) * x.rank)
    for before, axis, places in reversed(taken):
        made = rows.put(before, made, axis, places)
    return (made,), axes


def _pad(rows: Rows, equation: Equation) -> Made:
    """Around a number of rows, so that there are any number; around these, so that there is a number, or some more."""
    proof = Proof(rows, equation)
    b, (x, value), (result,) = rows.b, equation.operands, equation.results
    low, high, interior = (equation.attributes[name] for name in ("low", "high", "interior"))
    begins = low
    for axis in range(x.rank):
        is_ragged, is_made = axis in ragged(x), axis in ragged(result)
        if not (is_ragged or is_made) or (low[axis], high[axis], interior[axis]) == (0, 0, 0):
            continue
        is_more = is_ragged and is_made and not interior[axis]
        more = more_of(rows.lies(x, axis), low[axis], high[axis]) if is_more else None
        if more is not None:  # what comes before does so before all rows, be they real or not
            begins = _with(begins, axis, 0)
        elif is_ragged:
            rows.in_order(equation, x, axis)
            blank = b.broadcast(rows.values[value], shape=proof.operands[0].shape, axes=())
            proof.operands[0] = b.select(rows.are_real(x, axis), proof.operands[0], blank)
        proof.reads(0, (axis,))
        if is_made:
            proof.makes(axis, more or ordered(result.shape[axis]))
    if not any(isinstance(size, Dimension) for size in begins):
        return proof.finish()
    # What comes before is of real rows alone: it is put where these end.
    if any(interior) or begins != low or not all(map(is_never_negative, (*low, *(n for n in high if n != 0)))):
        raise refused(equation, ANY_ROW)
    _, axes = proof.finish()
    blank = b.broadcast(rows.values[value], shape=rows.type(result).shape, axes=())
    return (b.dynamic_update_slice(blank, proof.operands[0], *map(rows.count, low)),), axes


def _growing(block: Value, x: Value) -> list[int]:
    """The axes along which a block has any number of rows, and what it lies in has a number."""
    return [axis for axis in ragged(block) if not isinstance(x.shape[axis], Dimension)]


def _parts(x: Value, block: Value) -> list[int]:
    """The axes along which a block of any number of rows lies among any number of others."""
    return [axis for axis in ragged(block) if axis in ragged(x) and block.shape[axis] != x.shape[axis]]


def _places(proof: Proof, x: Value, block: Value, axis: int, lies: Axis, first: int) -> Value:
    """i64[rows]: where the rows of a block are along an axis of `x`, from which place on the block begins then. Those
    that are none are at its end."""
    rows, b = proof.rows, proof.rows.b
    _move(proof, first + axis, rows.count(x.shape[axis]), block.shape[axis])
    begin = proof.operands[first + axis]
    proof.operands[first + axis] = scalar(b, begin.dtype, 0)
    own = b.iota(shape=(rows.size(block.shape[axis]),), axis=0, dtype=dtypes.i64)
    numbers = b.add(own, b.broadcast(b.cast(begin, dtype=dtypes.i64), shape=own.shape, axes=()))
    places = places_of(b, lies, numbers, rows.count, rows.capacities)
    are_real = b.lt(own, b.broadcast(rows.count(block.shape[axis]), shape=own.shape, axes=()))
    return b.select(are_real, places, full(b, own.type, rows.size(x.shape[axis])))


def _move_into_rows(proof: Proof, x: Value, block: Value, first: int) -> list[int]:
    """Moves a block of a number of rows to lie among real ones, along the axes that are returned; from operand `first`
    on its begins stand."""
    axes = [axis for axis in ragged(x) if not isinstance(block.shape[axis], Dimension)]
    for axis in axes:
        proof.rows.in_order(proof.equation, x, axis)
        _move(proof, first + axis, proof.rows.count(x.shape[axis]), block.shape[axis])
    return axes


def _move_into_room(proof: Proof, x: Value, block: Value, first: int, axes: Iterable[int]) -> None:
    """Moves a block with more rows to where it begins that has the real ones alone."""
    for axis in axes:
        size = scalar(proof.rows.b, dtypes.i64, proof.rows.size(x.shape[axis]))
        _move(proof, first + axis, size, block.shape[axis])


def _move(proof: Proof, place: int, size: Value, count: Dim) -> None:
    """Moves the begin of a block of so many rows, so that it lies among `size` of them."""
    b, begin = proof.rows.b, proof.operands[place]
    last = b.sub(size, proof.rows.count(count))
    moved = b.max(b.min(b.cast(begin, dtype=dtypes.i64), last), scalar(b, dtypes.i64, 0))
    proof.operands[place] = b.cast(moved, dtype=begin.dtype)


def _give_room(proof: Proof, block: Value, axes: Sequence[int]) -> None:
    """Gives the first operand as many more rows along these axes as a block with more rows has, which so lies there
    wherever the real one begins."""
    if axes:
        b, x, whole = proof.rows.b, proof.operands[0], proof.rows.type(block).static_shape()
        high = tuple([whole[axis] if axis in axes else 0 for axis in range(x.rank)])
        none = (0,) * x.rank
        proof.operands[0] = b.pad(x, scalar(b, x.dtype, 0), low=none, high=high, interior=none)


PADDED: dict[Op, Rule] = {
    ops.slice: _slice,
    ops.pad: _pad,
    ops.dynamic_slice: _dynamic_slice,
    ops.dynamic_update_slice: _dynamic_update_slice,
}
