"""Broadcasting: sizes of 1 and missing leading axes repeat until shapes agree, as in numpy."""

from __future__ import annotations

from diptych.ir import Builder, Dim, Shape, TypeRuleError, Value
from diptych.ir.types import shape_text


class BroadcastError(TypeRuleError):
    """Shapes that do not broadcast; `left` and `right` are the two sizes that disagree, `axis` counts from the end."""

    def __init__(self, message: str, left: Dim, right: Dim, axis: int) -> None:
        super().__init__(message)
        self.left, self.right, self.axis = left, right, axis


def broadcast_shapes(*shapes: Shape) -> Shape:
    """The shape that all of `shapes` broadcast to. Raises BroadcastError naming the axis and both shapes."""
    first = shapes[0]
    if all(shape == first for shape in shapes[1:]):
        return first
    rank = max(len(shape) for shape in shapes)
    result: list[Dim] = [1] * rank
    owner = [0] * rank
    for number, shape in enumerate(shapes):
        for position, size in enumerate(shape, start=rank - len(shape)):
            if size == 1 or size == result[position]:
                continue
            if result[position] != 1:
                raise _disagreement(shapes, owner[position], number, position - rank)
            result[position], owner[position] = size, number
    return tuple(result)


def _disagreement(shapes: tuple[Shape, ...], first: int, second: int, axis: int) -> BroadcastError:
    left, right = shapes[first], shapes[second]
    message = (
        f"broadcast: operand {second} is [{shape_text(right)}] but must be {left[axis]} or 1 long in axis {axis}, "
        f"as operand {first}, [{shape_text(left)}], is"
    )
    return BroadcastError(message, left[axis], right[axis], axis)


def broadcast_to(b: Builder, x: Value, shape: Shape) -> Value:
    """x repeated to `shape`: axes of size 1 repeat, missing axes are new leading ones. Raises BroadcastError."""
    if x.shape == shape:
        return x
    lead = len(shape) - x.rank
    if lead < 0:
        message = f"broadcast_to: x is [{shape_text(x.shape)}] but must have at most {len(shape)} axes"
        raise BroadcastError(f"{message}, as [{shape_text(shape)}] has", x.rank, len(shape), 0).located(b.location)
    kept: list[int] = []
    for axis, size in enumerate(x.shape):
        if size == shape[lead + axis]:
            kept.append(axis)
        elif size != 1:
            wanted = shape[lead + axis]
            message = f"broadcast_to: x is [{shape_text(x.shape)}] but must be {wanted} or 1 long in axis {axis}"
            error = BroadcastError(f"{message}, to become [{shape_text(shape)}]", size, wanted, axis - x.rank)
            raise error.located(b.location)
    if len(kept) != x.rank:
        x = b.reshape(x, shape=[x.shape[axis] for axis in kept])
    return b.broadcast(x, shape=shape, axes=[lead + axis for axis in kept])


def broadcast_together(b: Builder, *values: Value) -> tuple[Value, ...]:
    """All values broadcast to their common shape. Raises BroadcastError."""
    first = values[0].shape
    if all(value.shape == first for value in values):
        return values
    try:
        shape = broadcast_shapes(*(value.shape for value in values))
    except BroadcastError as error:
        raise error.located(b.location) from None
    return tuple(broadcast_to(b, value, shape) for value in values)
