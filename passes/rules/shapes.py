"""Movement of elements: compositions, moves that move nothing, and broadcasts pushed past elementwise ops."""

from __future__ import annotations

from typing import Any

from diptych.ir import Axes, Builder, Dim, Dimension, DType, Op, Shape, Value, ops

from ..elementwise import BINARY, UNARY
from ..expressions import inverse, scalar
from ..pattern import Built, P, Rest, Rule, Var, known_constant

x, y = Var("x"), Var("y")
shape, axes, inner, outer = Var("shape"), Var("axes"), Var("inner"), Var("outer")

MAX_PARTS = 256  # of a concatenation that is made of several: each of a chain would copy all before it


def _broadcast_then(op: Op) -> Rule:
    """op(broadcast(x)) -> broadcast(op(x))"""

    def build(b: Builder, x: Value, shape: Shape, axes: Axes, **attributes: Any) -> Built:
        return b.broadcast(b.emit(op, (x,), attributes)[0], shape=shape, axes=axes)

    attributes = {name: Var(name) for name in op.attributes}
    operand = P.broadcast(x, shape=shape, axes=axes)
    return Rule(f"{op.name}_broadcast", P.of(op, operand, **attributes), build)


def _same_broadcasts(op: Op) -> Rule:
    """op(broadcast(x), broadcast(y)) -> broadcast(op(x, y)), broadcasts being alike or of scalars"""

    def build(b: Builder, x: Value, y: Value, shape: Shape, inner: Axes, outer: Axes) -> Built:
        if x.shape == y.shape and inner == outer:
            pass
        elif not y.shape:
            y = b.broadcast(y, shape=x.shape, axes=())
        elif not x.shape:
            x = b.broadcast(x, shape=y.shape, axes=())
            inner = outer
        else:
            return None
        return b.broadcast(b.emit(op, (x, y), {})[0], shape=shape, axes=inner)

    left, right = P.broadcast(x, shape=shape, axes=inner), P.broadcast(y, shape=shape, axes=outer)
    return Rule(f"{op.name}_broadcasts", P.of(op, left, right), build)


def _same_shape(b: Builder, x: Value, shape: Shape) -> Built:
    return x if x.shape == shape else None


def _known_size(b: Builder, size: Dim, dtype: DType) -> Built:
    return scalar(b, dtype, size) if isinstance(size, int) else None


def _reshaped_twice(b: Builder, x: Value, outer: Shape) -> Built:
    return b.reshape(x, shape=outer)


def _broadcast_twice(b: Builder, x: Value, inner: Axes, shape: Shape, outer: Axes) -> Built:
    return b.broadcast(x, shape=shape, axes=tuple(outer[axis] for axis in inner))


def _compose(b: Builder, x: Value, inner: Axes, outer: Axes) -> Built:
    return b.transpose(x, permutation=tuple(inner[axis] for axis in outer))


def _unmoved(b: Builder, x: Value, permutation: Axes) -> Built:
    return x if permutation == tuple(range(x.rank)) else None


def _transposed_broadcast(b: Builder, x: Value, shape: Shape, axes: Axes, permutation: Axes) -> Built:
    """transpose(broadcast(x)) -> broadcast(transpose(x))"""
    new_shape = tuple(shape[axis] for axis in permutation)
    place = inverse(permutation)
    moved = [place[axis] for axis in axes]
    order = sorted(range(len(moved)), key=lambda number: moved[number])
    if order != list(range(len(order))):
        x = b.transpose(x, permutation=tuple(order))
    return b.broadcast(x, shape=new_shape, axes=tuple(sorted(moved)))


def _reshaped_broadcast(b: Builder, x: Value, axes: Axes, outer: Shape) -> Built:
    """reshape(broadcast(scalar)) -> broadcast(scalar)"""
    return b.broadcast(x, shape=outer, axes=()) if not x.shape else None


def _sliced_broadcast(b: Builder, x: Value, axes: Axes, start: Shape, limit: Shape, stride: Axes) -> Built:
    """slice(broadcast(x)) -> broadcast(slice(x))"""
    wide: list[Dim] = []
    for low, high, step in zip(start, limit, stride, strict=True):
        if step != 1:
            return None
        wide.append(high - low)
    if x.shape:
        narrow = [(start[axis], limit[axis]) for axis in axes]
        x = b.slice(x, start=[low for low, _ in narrow], limit=[high for _, high in narrow], stride=(1,) * x.rank)
    return b.broadcast(x, shape=tuple(wide), axes=axes)


def _whole(b: Builder, x: Value, start: Shape, limit: Shape, stride: Axes) -> Built:
    whole = all(low == 0 for low in start) and limit == x.shape and all(step == 1 for step in stride)
    return x if whole else None


def _sliced_twice(
    b: Builder, x: Value, start: Shape, limit: Shape, stride: Axes, start2: Shape, limit2: Shape, stride2: Axes
) -> Built:
    """Places of the outer slice within x: start + stride * place"""
    for first, last, step in zip(start2, limit2, stride, strict=True):
        if first == last or (step != 1 and not isinstance(last - first, int)):
            return None  # an empty slice has no last place, and a size with a name may be 0
    low = [first + step * second for first, step, second in zip(start, stride, start2, strict=True)]
    high = [first + step * (last - 1) + 1 for first, step, last in zip(start, stride, limit2, strict=True)]
    steps = [first * second for first, second in zip(stride, stride2, strict=True)]
    return b.slice(x, start=low, limit=high, stride=steps)


def _sliced_part(b: Builder, xs: tuple[Value, ...], axis: int, start: Shape, limit: Shape, stride: Axes) -> Built:
    """slice(concatenate(..., x, ...)) -> slice(x), where it lies within one operand"""
    offset = 0
    for operand in xs:
        size = operand.shape[axis]
        if not isinstance(size, int) or not isinstance(start[axis], int) or not isinstance(limit[axis], int):
            return None
        if offset <= int(start[axis]) and int(limit[axis]) <= offset + size:
            low, high = list(start), list(limit)
            low[axis], high[axis] = int(start[axis]) - offset, int(limit[axis]) - offset
            return b.slice(operand, start=low, limit=high, stride=stride)
        offset += size
    return None


def _no_padding(b: Builder, x: Value, y: Value, low: Shape, high: Shape, interior: Axes) -> Built:
    return x if all(size == 0 for size in (*low, *high, *interior)) else None


def _padded_twice(
    b: Builder, x: Value, value: Value, low: Shape, high: Shape, interior: Axes,
    low2: Shape, high2: Shape, interior2: Axes,
) -> Built:  # fmt: skip
    """Edges add up where none is negative and the outer one has no interior"""
    if any(interior2) or any(isinstance(size, Dimension) or size < 0 for size in (*low, *high, *low2, *high2)):
        return None
    return b.pad(
        x,
        value,
        low=tuple(first + second for first, second in zip(low, low2, strict=True)),
        high=tuple(first + second for first, second in zip(high, high2, strict=True)),
        interior=interior,
    )


def _one_operand(b: Builder, xs: tuple[Value, ...], axis: int) -> Built:
    return xs[0] if len(xs) == 1 else None


def _without_empty(b: Builder, xs: tuple[Value, ...], axis: int) -> Built:
    kept = [operand for operand in xs if operand.shape[axis] != 0]
    return b.concatenate(*kept, axis=axis) if kept and len(kept) < len(xs) else None


def _flattened(b: Builder, xs: tuple[Value, ...], axis: int) -> Built:
    """concatenate(a, concatenate(b, c)) -> concatenate(a, b, c) along one axis"""
    parts: list[Value] = []
    for operand in xs:
        definition = b.definition(operand)
        if definition is not None and definition.op is ops.concatenate and definition.attributes["axis"] == axis:
            parts.extend(definition.operands)
        else:
            parts.append(operand)
    return b.concatenate(*parts, axis=axis) if len(xs) < len(parts) <= MAX_PARTS else None


def _joined_slices(b: Builder, xs: tuple[Value, ...], axis: int) -> Built:
    """concatenate(x[0:k], x[k:n]) -> x[0:n], for every run of such slices"""
    runs: list[
        tuple[Value, Value | None, Shape, Shape]
    ] = []  # an operand, or the x that it is a slice of, start, limit
    for operand in xs:
        x, start, limit = _plain_slice(b, operand)
        if runs and x is not None and x is runs[-1][1]:
            _, _, low, high = runs[-1]
            meets = high[axis] == start[axis]
            if meets and _except(low, axis) == _except(start, axis) and _except(high, axis) == _except(limit, axis):
                runs[-1] = (operand, x, low, limit)
                continue
        runs.append((operand, x, start, limit))
    if len(runs) == len(xs):
        return None
    parts = [
        operand if x is None else b.slice(x, start=start, limit=limit, stride=(1,) * x.rank)
        for operand, x, start, limit in runs
    ]
    return b.concatenate(*parts, axis=axis)


def _plain_slice(b: Builder, value: Value) -> tuple[Value | None, Shape, Shape]:
    """(x, start, limit) where `value` is a slice of x without strides; no x otherwise."""
    definition = b.definition(value)
    if (
        definition is None
        or definition.op is not ops.slice
        or any(step != 1 for step in definition.attributes["stride"])
    ):
        return None, (), ()
    return definition.operands[0], definition.attributes["start"], definition.attributes["limit"]


def _except(shape: Shape, axis: int) -> Shape:
    return (*shape[:axis], *shape[axis + 1 :])


def _nothing_reversed(b: Builder, x: Value, axes: Axes) -> Built:
    return x if all(x.shape[axis] == 1 for axis in axes) else None


def _reversed_twice(b: Builder, x: Value, inner: Axes, outer: Axes) -> Built:
    return b.reverse(x, axes=tuple(sorted(set(inner) ^ set(outer))))


def _reshape_to_broadcast(b: Builder, x: Value, outer: Shape) -> Built:
    """A reshape of a scalar constant is a broadcast, which later rules understand"""
    return b.broadcast(x, shape=outer, axes=()) if not x.shape and known_constant(b, x) is not None else None


_slice_attributes = {"start": Var("start"), "limit": Var("limit"), "stride": Var("stride")}
_outer_slice = {"start": Var("start2"), "limit": Var("limit2"), "stride": Var("stride2")}

SHAPES: list[Rule] = [
    # -- moves that move nothing ----
    Rule("transpose_identity", P.transpose(x, permutation=Var("permutation")), _unmoved),
    Rule("reshape_same", P.reshape(x, shape=shape), _same_shape),
    Rule("broadcast_same", P.broadcast(x, shape=shape), _same_shape),
    Rule("slice_whole", P.slice(x, **_slice_attributes), _whole),
    Rule("pad_nothing", P.pad(x, y, low=Var("low"), high=Var("high"), interior=Var("interior")), _no_padding),
    Rule("reverse_nothing", P.reverse(x, axes=axes), _nothing_reversed),
    Rule("concatenate_one", P.concatenate(Rest("xs"), axis=Var("axis")), _one_operand),
    Rule("concatenate_empty", P.concatenate(Rest("xs"), axis=Var("axis")), _without_empty),
    Rule("dimension_known", P.dimension(size=Var("size"), dtype=Var("dtype")), _known_size),
    # -- compositions ----
    Rule("transpose_transpose", P.transpose(P.transpose(x, permutation=inner), permutation=outer), _compose),
    Rule("reshape_reshape", P.reshape(P.reshape(x), shape=outer), _reshaped_twice),
    Rule("broadcast_broadcast", P.broadcast(P.broadcast(x, axes=inner), shape=shape, axes=outer),
         _broadcast_twice),
    Rule("slice_slice", P.slice(P.slice(x, **_slice_attributes), **_outer_slice), _sliced_twice),
    Rule("pad_pad",
         P.pad(P.pad(x, Var("value"), low=Var("low"), high=Var("high"), interior=Var("interior")), Var("value"),
               low=Var("low2"), high=Var("high2"), interior=Var("interior2")),
         _padded_twice),
    Rule("reverse_reverse", P.reverse(P.reverse(x, axes=inner), axes=outer), _reversed_twice),
    Rule("concatenate_concatenate", P.concatenate(Rest("xs"), axis=Var("axis")), _flattened),
    Rule("concatenate_slices", P.concatenate(Rest("xs"), axis=Var("axis")), _joined_slices),
    Rule("slice_concatenate", P.slice(P.concatenate(Rest("xs"), axis=Var("axis")), **_slice_attributes), _sliced_part),
    # -- broadcasts outward ----
    Rule("transpose_broadcast", P.transpose(P.broadcast(x, shape=shape, axes=axes), permutation=Var("permutation")),
         _transposed_broadcast),
    Rule("reshape_broadcast", P.reshape(P.broadcast(x, axes=axes), shape=outer), _reshaped_broadcast),
    Rule("reshape_scalar", P.reshape(x, shape=outer), _reshape_to_broadcast),
    Rule("slice_broadcast", P.slice(P.broadcast(x, axes=axes), **_slice_attributes), _sliced_broadcast),
    *(_broadcast_then(op) for op in UNARY),
    *(_same_broadcasts(op) for op in BINARY),
]  # fmt: skip
