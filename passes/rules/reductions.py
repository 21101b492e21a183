"""Reductions, orderings and indexing that need no work, or less."""

from __future__ import annotations

from diptych.ir import Axes, Builder, DType, Op, Shape, Value, ops

from ..expressions import as_shape, count, zeros
from ..pattern import Built, P, Rest, Rule, Var, known_constant

x, y = Var("x"), Var("y")
axes, axis, inner, outer = Var("axes"), Var("axis"), Var("inner"), Var("outer")

IDEMPOTENT = (ops.reduce_max, ops.reduce_min, ops.reduce_and, ops.reduce_or)  # repeats and order do not matter
RUNNING = (ops.cumulative_sum, ops.cumulative_prod, ops.cumulative_max, ops.cumulative_min)


def _over_ones(b: Builder, x: Value, axes: Axes) -> Built:
    """Nothing is combined along axes of size 1"""
    if not all(x.shape[axis] == 1 for axis in axes):
        return None
    return as_shape(b, x, tuple(size for axis, size in enumerate(x.shape) if axis not in axes))


def _integers_over_ones(b: Builder, x: Value, axes: Axes) -> Built:
    """A sum begins with 0, and 0 + -0.0 is 0.0"""
    return _over_ones(b, x, axes) if x.dtype.is_integer else None


def _reals_over_ones(b: Builder, x: Value, axes: Axes) -> Built:
    """A product begins with 1, and 1 * x of complex x has other zeros, or nan for infinities"""
    return None if x.dtype.is_complex else _over_ones(b, x, axes)


def _joined(op: Op) -> Rule:
    """max over some axes of max over others -> max over all"""

    def build(b: Builder, x: Value, inner: Axes, outer: Axes) -> Built:
        left = [axis for axis in range(x.rank) if axis not in inner]
        return b.emit(op, (x,), {"axes": sorted((*inner, *(left[axis] for axis in outer)))})[0]

    exact = op in IDEMPOTENT
    return Rule(f"{op.name}_twice", P.of(op, P.of(op, x, axes=inner), axes=outer), build, exact=exact)


def _of_transpose(op: Op) -> Rule:
    """max(transpose(x)) -> max(x) over the axes where those stood, where the others keep their order"""

    def build(b: Builder, x: Value, permutation: Axes, axes: Axes) -> Built:
        kept = [permutation[axis] for axis in range(len(permutation)) if axis not in axes]
        if kept != sorted(kept):
            return None
        return b.emit(op, (x,), {"axes": sorted(permutation[axis] for axis in axes)})[0]

    operand = P.transpose(x, permutation=Var("permutation"))
    return Rule(f"{op.name}_transpose", P.of(op, operand, axes=axes), build, exact=op in IDEMPOTENT)


def _of_broadcast(op: Op) -> Rule:
    """max(broadcast(x)) -> broadcast(max(x)): equal elements need no comparing"""

    def build(b: Builder, x: Value, shape: Shape, inner: Axes, outer: Axes) -> Built:
        if any(shape[axis] == 0 for axis in outer) or any(not isinstance(shape[axis], int) for axis in outer):
            return None
        repeated = [axis for axis in outer if axis not in inner]
        if not repeated:
            return None
        return _reduced_rest(b, op, x, shape, inner, outer)

    operand = P.broadcast(x, shape=Var("shape"), axes=inner)
    return Rule(f"{op.name}_broadcast", P.of(op, operand, axes=outer), build)


def _reduced_rest(b: Builder, op: Op, x: Value, shape: Shape, inner: Axes, outer: Axes) -> Value:
    """x reduced over its own axes among `outer`, then broadcast along the axes of `shape` that are left."""
    own = tuple(place for place, axis in enumerate(inner) if axis in outer)
    if own:
        x = b.emit(op, (x,), {"axes": own})[0]
    left = [axis for axis in range(len(shape)) if axis not in outer]
    places = tuple(left.index(axis) for axis in inner if axis not in outer)
    return b.broadcast(x, shape=tuple(shape[axis] for axis in left), axes=places)


def _sum_of_broadcast(b: Builder, x: Value, shape: Shape, inner: Axes, outer: Axes) -> Built:
    """sum(broadcast(x)) -> broadcast(sum(x)) * times repeated"""
    repeated = [axis for axis in outer if axis not in inner]
    if not repeated:
        return None
    times = 1
    for axis in repeated:
        times = times * shape[axis]
    number = count(b, times, x.dtype)
    x = b.mul(x, b.broadcast(number, shape=x.shape, axes=()) if x.shape else number)
    return _reduced_rest(b, ops.reduce_sum, x, shape, inner, outer)


def _sum_of_broadcast_integer(b: Builder, x: Value, shape: Shape, inner: Axes, outer: Axes) -> Built:
    return _sum_of_broadcast(b, x, shape, inner, outer) if x.dtype.is_integer else None


def _along_one(b: Builder, x: Value, axis: int) -> Built:
    return x if x.shape[axis] == 1 else None


def _only_index(b: Builder, x: Value, axis: int, dtype: DType) -> Built:
    if x.shape[axis] != 1:
        return None
    shape = tuple(size for place, size in enumerate(x.shape) if place != axis)
    return zeros(b, x.type.with_dtype(dtype).with_shape(shape))


def _sorted_one(b: Builder, xs: tuple[Value, ...], axis: int) -> Built:
    return xs if xs[0].shape[axis] == 1 else None


def _starts(b: Builder, starts: tuple[Value, ...]) -> list[int] | None:
    """The starts as numbers, where all are known."""
    numbers: list[int] = []
    for start in starts:
        constant = known_constant(b, start)
        if constant is None:
            return None
        numbers.append(int(constant.item()))
    return numbers


def _static_slice(b: Builder, x: Value, starts: tuple[Value, ...], sizes: Shape) -> Built:
    """dynamic_slice at known places -> slice; all of x is x"""
    if sizes == x.shape:
        return x
    numbers = _starts(b, starts)
    if numbers is None:
        return None
    low: list[int] = []
    high: list[int] = []
    for start, size, whole in zip(numbers, sizes, x.shape, strict=True):
        if not isinstance(size, int) or not isinstance(whole, int):
            return None
        low.append(max(0, min(start, whole - size)))
        high.append(low[-1] + size)
    return b.slice(x, start=low, limit=high, stride=(1,) * x.rank)


def _updated_whole(b: Builder, x: Value, y: Value, starts: tuple[Value, ...]) -> Built:
    """Replacing all of x by y leaves y"""
    return y if y.shape == x.shape else None


def _nothing_written(b: Builder, x: Value, y: Value, indices: tuple[Value, ...]) -> Built:
    return x if indices[0].type.size == 0 else None


REDUCTIONS: list[Rule] = [
    *(Rule(f"{op.name}_over_ones", P.of(op, x, axes=axes), _over_ones) for op in IDEMPOTENT),
    Rule("reduce_sum_over_ones_integer", P.reduce_sum(x, axes=axes), _integers_over_ones),
    Rule("reduce_prod_over_ones", P.reduce_prod(x, axes=axes), _reals_over_ones),
    *(_joined(op) for op in IDEMPOTENT),
    *(_of_transpose(op) for op in IDEMPOTENT),
    *(_of_broadcast(op) for op in IDEMPOTENT),
    Rule("reduce_sum_broadcast_integer", P.reduce_sum(P.broadcast(x, shape=Var("shape"), axes=inner), axes=outer),
         _sum_of_broadcast_integer),
    *(Rule(f"{op.name}_along_one", P.of(op, x, axis=axis), _along_one) for op in RUNNING),
    *(Rule(f"{op.name}_along_one", P.of(op, x, axis=axis, dtype=Var("dtype")), _only_index)
      for op in (ops.argmax, ops.argmin)),
    Rule("sort_along_one", P.sort(Rest("xs"), axis=axis), _sorted_one),
    Rule("dynamic_slice_static", P.dynamic_slice(x, Rest("starts"), sizes=Var("sizes")), _static_slice),
    Rule("dynamic_update_whole", P.dynamic_update_slice(x, y, Rest("starts")), _updated_whole),
    Rule("scatter_nothing", P.scatter(x, y, Rest("indices")), _nothing_written),
]  # fmt: skip

FAST_REDUCTIONS: list[Rule] = [
    Rule("reduce_sum_over_ones", P.reduce_sum(x, axes=axes), _over_ones, exact=False),  # wrong for -0.0
    *(_joined(op) for op in (ops.reduce_sum, ops.reduce_prod)),
    *(_of_transpose(op) for op in (ops.reduce_sum, ops.reduce_prod)),
    Rule("reduce_sum_broadcast", P.reduce_sum(P.broadcast(x, shape=Var("shape"), axes=inner), axes=outer),
         _sum_of_broadcast, exact=False),
]  # fmt: skip
