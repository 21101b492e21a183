"""Random well-typed programs, of every op that can be drawn safely, whose values no backend may disagree about.

A program is grown one equation at a time from a seed, so a shorter one is the beginning of a longer one: what fails
shrinks by its length. Values stay small and away from singular points, so that errors of rounding stay small too.
Each value carries what makes this possible: a bound of its magnitude, and whether it is the same to the last bit
wherever it is computed; only such values are rounded, compared or counted with. Integers never divide by 0, no index is
out of bounds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random

import numpy as np
from diptych.ir import Builder, Constant, DType, Function, Op, Shape, TensorType, Value, dtypes, ops
from diptych.passes.autodiff import pullback
from diptych.passes.expressions import adjoint, diagonal_of, full, scalar, stacked_matmul

MAX_ELEMENTS = 120
LIMIT = 30.0  # magnitudes above are brought back
INTEGERS = (dtypes.i8, dtypes.i32, dtypes.i64, dtypes.u8, dtypes.u64)


@dataclass(frozen=True)
class Known:
    """What is known of a value: |x| <= bound for floats, and whether it is exact."""

    value: Value
    bound: float
    exact: bool


@dataclass
class Program:
    """A random function and arguments for it."""

    function: Function
    arguments: list[np.ndarray]
    dtype: DType  # of its floats: decides how far results may lie apart


@dataclass
class Grower:
    """Grows one function; nested functions are grown by growers of their own."""

    b: Builder
    random: Random
    float: DType
    smooth: bool  # only what has a derivative everywhere
    depth: int = 0
    known: list[Known] = field(default_factory=list[Known])

    # -- choosing ----

    def add(self, value: Value, bound: float, *, exact: bool) -> Known:
        """Notes a value; a float that may be large is brought back first."""
        if value.dtype.is_differentiable and bound > LIMIT:
            value = self.b.mul(value, full(self.b, value.type, 1 / bound))
            bound, exact = 1.0, False
        found = Known(value, bound, exact)
        self.known.append(found)
        return found

    def pick(self, wanted: Callable[[Known], bool]) -> Known | None:
        """One of the known values that `wanted` takes, a late one rather than an early one."""
        found = [each for each in self.known if wanted(each)]
        if not found:
            return None
        return found[max(self.random.randrange(len(found)) for _ in range(2))]

    def real(self, *, exact: bool = False, rank: int = 0) -> Known | None:
        return self.pick(
            lambda k: k.value.dtype is self.float and k.value.rank >= rank and (k.exact or not exact)
        )  # fmt: skip

    def complex(self) -> Known | None:
        return self.pick(lambda k: k.value.dtype.is_complex)

    def integer(self, *, rank: int = 0) -> Known | None:
        return self.pick(lambda k: k.value.dtype.is_integer and k.value.rank >= rank)

    def boolean(self, shape: Shape | None = None) -> Known | None:
        return self.pick(lambda k: k.value.dtype.is_bool and shape in (None, k.value.shape))

    def partner(self, other: Known) -> Known:
        """A value of the same type, itself if need be."""
        return self.pick(lambda k: k.value.type == other.value.type) or other

    def shape(self, rank: int | None = None) -> tuple[int, ...]:
        sizes = [self.random.choice((1, 2, 2, 3, 4)) for _ in range(self.random.randrange(4) if rank is None else rank)]
        return tuple(sizes) if math.prod(sizes) <= MAX_ELEMENTS else (2,) * len(sizes)

    # -- growing ----

    def step(self) -> None:
        """One more equation, or a few that belong together."""
        kinds = SMOOTH if self.smooth else EVERY
        kind = self.random.choices(list(kinds), weights=list(kinds.values()))[0]
        kind(self)

    def results(self) -> list[Value]:
        """The last values and some others."""
        count = min(len(self.known), self.random.randrange(1, 4))
        chosen = [*self.known[-2:], *(self.random.choice(self.known) for _ in range(count))]
        return [each.value for each in chosen]


# -- one kind of step each; what finds no operand does nothing ----


def leaf(g: Grower) -> None:
    """A constant, a count, or a number everywhere."""
    shape = g.shape()
    kind = g.random.randrange(4)
    if kind == 0:
        array = _array(g.random, g.float, shape)
        g.add(g.b.constant(value=Constant(array)), 2.0, exact=True)
    elif kind == 1 and not shape:
        dtype = g.random.choice(INTEGERS)
        g.add(g.b.dimension(size=g.random.randrange(9), dtype=dtype), 9.0, exact=True)
    elif kind == 1:
        dtype = g.random.choice((*INTEGERS, g.float))
        axis = g.random.randrange(len(shape))
        g.add(g.b.iota(shape=shape, axis=axis, dtype=dtype), 4.0, exact=True)
    else:
        number = g.random.choice((0.0, -0.0, 1.0, -1.0, 2.0, 0.5, 4.0, 3.0, 1.25))
        g.add(full(g.b, TensorType(g.float, shape), number), abs(number), exact=True)


_BOUNDED: dict[Op, Callable[[float], float]] = {  # with values for every float, and how large they are
    ops.sin: lambda m: min(1.0, m), ops.cos: lambda m: 1.0, ops.tanh: lambda m: min(1.0, m), ops.atan: lambda m: 1.6,
    ops.erf: lambda m: 1.0, ops.erfc: lambda m: 2.0, ops.logistic: lambda m: 1.0, ops.asinh: lambda m: m,
    ops.neg: lambda m: m, ops.identity: lambda m: m,
}  # fmt: skip


def unary(g: Grower) -> None:
    x = g.real()
    if x is not None:
        op = g.random.choice(list(_BOUNDED))
        (result,) = g.b.emit(op, [x.value], {})
        g.add(result, _BOUNDED[op](x.bound), exact=x.exact and op in (ops.neg, ops.identity))


def guarded_unary(g: Grower) -> None:
    """Functions that overflow or have poles, of operands that are moved into their domain."""
    x = g.real()
    if x is None:
        return
    b, v = g.b, x.value

    def positive(least: float) -> Value:
        return b.add(b.mul(v, v), full(b, v.type, least))

    small = b.mul(b.tanh(v), full(b, v.type, 0.75))
    op, operand, bound = g.random.choice(
        [
            (ops.exp, small, 2.2),
            (ops.expm1, small, 1.2),
            (ops.sinh, small, 0.9),
            (ops.cosh, small, 1.3),
            (ops.tan, small, 1.0),
            (ops.asin, small, 0.9),
            (ops.acos, small, 2.5),
            (ops.atanh, small, 1.0),
            (ops.erfinv, small, 0.9),
            (ops.log, positive(0.5), 2 * math.log(2 + x.bound)),
            (ops.log1p, small, 1.4),
            (ops.sqrt, positive(0.25), 1 + x.bound),
            (ops.rsqrt, positive(0.25), 2.0),
            (ops.acosh, positive(1.5), 2 * math.log(3 + x.bound)),
            (ops.lgamma, positive(2.5), 20 + x.bound**2 * 4),
            (ops.digamma, positive(2.0), 3 + x.bound),
        ]
    )
    g.add(b.emit(op, [operand], {})[0], bound, exact=False)


def polygamma(g: Grower) -> None:
    x = g.real()
    if x is not None:
        shifted = g.b.add(g.b.mul(x.value, x.value), full(g.b, x.value.type, 1.5))
        g.add(g.b.polygamma(shifted, order=g.random.randrange(1, 4)), 6.0, exact=False)


def binary(g: Grower) -> None:
    x = g.real()
    if x is None:
        return
    y, b = g.partner(x), g.b
    kind = g.random.randrange(7)
    if kind < 2:
        op = (ops.add, ops.sub)[kind]
        g.add(b.emit(op, [x.value, y.value], {})[0], x.bound + y.bound, exact=False)
    elif kind < 4:
        g.add(b.mul(x.value, y.value), x.bound * y.bound, exact=False)
    elif kind == 4:
        below = b.add(b.mul(y.value, y.value), full(b, y.value.type, 0.5))
        g.add(b.div(x.value, below), 2 * x.bound, exact=False)
    elif kind == 5:
        far = b.add(b.mul(y.value, y.value), full(b, y.value.type, 0.5))
        g.add(b.atan2(x.value, far), 1.6, exact=False)
    else:
        base = b.add(b.mul(x.value, x.value), full(b, x.value.type, 0.75))
        g.add(b.pow(base, b.tanh(y.value)), 1.5 + x.bound**2, exact=False)


def by_number(g: Grower) -> None:
    """Arithmetic with one number everywhere, on either side: what algebra looks for."""
    x = g.pick(lambda k: k.value.dtype is g.float or k.value.dtype.is_integer or k.value.dtype.is_complex)
    if x is None:
        return
    dtype = x.value.dtype
    number = g.random.choice((0, 1, 2, 3) if dtype.is_integer else (0.0, -0.0, 1.0, -1.0, 2.0, 0.5, 4.0, 3.0, -1.5))
    if dtype.is_integer:
        op = g.random.choice((ops.add, ops.sub, ops.mul, ops.max, ops.min, ops.bitwise_and, ops.bitwise_xor))
    else:
        op = g.random.choice((ops.add, ops.sub, ops.mul))
    other = full(g.b, x.value.type, number)
    operands = [x.value, other] if g.random.random() < 0.7 else [other, x.value]
    if op is ops.sub and dtype.is_integer:
        operands = [x.value, other]
    g.add(g.b.emit(op, operands, {})[0], max(x.bound * 3, x.bound + 3), exact=x.exact and dtype.is_integer)


def extreme(g: Grower) -> None:
    """max, min, clamp and abs, which pick an operand; smooth only away from ties, so not for gradients."""
    x = g.real()
    if x is None:
        return
    y, b = g.partner(x), g.b
    kind = g.random.randrange(5)
    bound, exact = max(x.bound, y.bound), x.exact and y.exact
    if kind == 0:
        g.add(b.abs(x.value), x.bound, exact=x.exact)
    elif kind == 1:
        low, high = scalar(b, g.float, -0.5), scalar(b, g.float, 0.75)
        g.add(b.clamp(low, x.value, high), 1.0, exact=x.exact)
    elif kind == 2:
        g.add(b.clamp(b.min(x.value, y.value), x.value, y.value), bound, exact=exact)
    else:
        g.add(b.emit((ops.max, ops.min)[kind - 3], [x.value, y.value], {})[0], bound, exact=exact)


def rounded(g: Grower) -> None:
    """What jumps, of exact values."""
    x = g.real(exact=True)
    if x is None:
        return
    op = g.random.choice((ops.floor, ops.ceil, ops.round_even, ops.sign))
    g.add(g.b.emit(op, [x.value], {})[0], x.bound + 1, exact=True)
    if g.random.random() < 0.3:
        y = g.partner(x)
        if y.exact:
            g.add(g.b.rem(x.value, g.b.add(g.b.abs(y.value), full(g.b, y.value.type, 0.5))), x.bound, exact=False)


def compared(g: Grower) -> None:
    x = g.pick(lambda k: k.exact and not k.value.dtype.is_complex)
    if x is not None:
        y = g.partner(x)
        if y.exact:
            op = g.random.choice((ops.eq, ops.ne, ops.lt, ops.le, ops.gt, ops.ge))
            g.add(g.b.emit(op, [x.value, y.value], {})[0], 1.0, exact=True)


def logic(g: Grower) -> None:
    x = g.real()
    if x is not None and g.random.random() < 0.2:
        g.add(g.b.is_finite(x.value), 1.0, exact=True)
    p = g.boolean()
    if p is not None:
        q = g.partner(p)
        kind = g.random.randrange(6)
        if kind == 0:
            g.add(g.b.bitwise_not(p.value), 1.0, exact=True)
        elif kind < 4 and p.value.rank:
            op = g.random.choice((ops.reduce_and, ops.reduce_or))
            g.add(g.b.emit(op, [p.value], {"axes": _axes(g, p.value.rank)})[0], 1.0, exact=True)
        else:
            op = g.random.choice((ops.bitwise_and, ops.bitwise_or, ops.bitwise_xor, ops.max, ops.eq))
            g.add(g.b.emit(op, [p.value, q.value], {})[0], 1.0, exact=True)


def selected(g: Grower) -> None:
    x = g.pick(lambda k: True)
    if x is None:
        return
    y = g.partner(x)
    p = g.boolean(x.value.shape) or g.boolean(())
    if p is not None:
        g.add(g.b.select(p.value, x.value, y.value), max(x.bound, y.bound), exact=x.exact and y.exact)


def integers(g: Grower) -> None:
    """Arithmetic that wraps around, bits, shifts, division by what is not 0."""
    n = g.integer()
    if n is None:
        return
    m, b = g.partner(n), g.b
    kind = g.random.randrange(6)
    three = full(b, n.value.type, 3)
    small = b.bitwise_and(m.value, three)  # 0 to 3
    if kind == 0:
        op = g.random.choice((ops.add, ops.sub, ops.mul, ops.max, ops.min, ops.bitwise_or, ops.bitwise_xor))
        result = b.emit(op, [n.value, m.value], {})[0]
    elif kind == 1:
        op = g.random.choice((ops.neg, ops.abs, ops.sign, ops.bitwise_not))
        result = b.emit(op, [n.value], {})[0]
    elif kind == 2:
        divisor = b.add(small, full(b, n.value.type, 1))
        result = b.emit(g.random.choice((ops.floor_div, ops.rem)), [n.value, divisor], {})[0]
    elif kind == 3:
        result = b.emit(g.random.choice((ops.shift_left, ops.shift_right)), [n.value, small], {})[0]
    elif kind == 4:
        result = b.pow(n.value, small)
    else:
        result = b.bitwise_and(b.abs(n.value), three)
    g.add(result, 1.0, exact=True)


def cast(g: Grower) -> None:
    x = g.pick(lambda k: k.exact or k.value.dtype.is_differentiable)
    if x is None:
        return
    b, v = g.b, x.value
    if v.dtype.is_bool or v.dtype.is_integer:
        target = g.random.choice((*INTEGERS, dtypes.bool_))
        if g.random.random() < 0.5:
            nibble = v if v.dtype.is_bool else b.bitwise_and(v, full(b, v.type, 7))
            g.add(b.cast(nibble, dtype=g.float), 8.0, exact=True)
        else:
            g.add(b.cast(v, dtype=target), 1.0, exact=True)
    elif v.dtype is g.float and x.exact:
        kind = g.random.randrange(3)
        target = (dtypes.i32, dtypes.i8, dtypes.i64)[kind]
        g.add(b.cast(v, dtype=target), x.bound, exact=True)
        half = b.cast(v, dtype=g.random.choice((dtypes.f16, dtypes.bf16, dtypes.f64)))
        g.add(b.cast(half, dtype=g.float), x.bound * 1.01, exact=True)
    elif v.dtype is g.float:
        g.add(b.cast(b.cast(v, dtype=dtypes.f64), dtype=g.float), x.bound, exact=False)


def bits(g: Grower) -> None:
    """bitcast there and back, and random bits."""
    b = g.b
    if g.random.random() < 0.5:
        n = g.integer()
        if n is not None:
            other = {8: dtypes.u8, 32: dtypes.u32, 64: dtypes.u64}[n.value.dtype.bits]
            g.add(b.bitcast(b.bitcast(n.value, dtype=other), dtype=n.value.dtype), 1.0, exact=True)
        return
    key = b.constant(value=Constant([g.random.randrange(2**32), 5], dtypes.u32))
    counter = scalar(b, dtypes.u64, g.random.randrange(100))
    drawn = b.random_bits(key, counter, shape=g.shape(), dtype=dtypes.u64)
    g.add(drawn, 1.0, exact=True)


def complex_numbers(g: Grower) -> None:
    x = g.real()
    if g.float not in (dtypes.f32, dtypes.f64):
        return
    z, b = g.complex(), g.b
    if z is None or g.random.random() < 0.3:
        if x is not None:
            y = g.partner(x)
            g.add(b.complex(x.value, y.value), x.bound + y.bound, exact=x.exact and y.exact)
        return
    w, kind = g.partner(z), g.random.randrange(10)
    if kind < 2:
        g.add(b.emit((ops.real, ops.imag)[kind], [z.value], {})[0], z.bound, exact=z.exact)
    elif kind == 2:
        g.add(b.conj(z.value), z.bound, exact=z.exact)
    elif kind == 3:
        g.add(b.mul(z.value, w.value), 2 * z.bound * w.bound, exact=False)
    elif kind == 4:
        g.add(b.add(z.value, w.value), z.bound + w.bound, exact=False)
    elif kind == 5:
        square = b.mul(z.value, b.conj(z.value))
        g.add(b.sqrt(b.add(square, full(b, square.type, 0.5))), 1 + z.bound, exact=False)
    elif kind == 6:
        small = b.mul(z.value, full(b, z.value.type, 1 / (1 + z.bound)))
        g.add(b.emit(g.random.choice((ops.exp, ops.sin, ops.cos)), [small], {})[0], 3.0, exact=False)
    elif z.value.rank and z.value.shape[-1] != 0:
        size = int(z.value.shape[-1])
        kind_name = g.random.choice(("fft", "ifft"))
        g.add(b.fft(z.value, kind=kind_name, lengths=(size,)), z.bound * size, exact=False)


def moved(g: Grower) -> None:
    """Moves of elements of any dtype, which keep what is known."""
    x = g.pick(lambda k: True)
    if x is None:
        return
    b, v = g.b, x.value
    sizes = v.type.static_shape()
    kind = g.random.randrange(8)
    if kind == 0:
        order = list(range(v.rank))
        g.random.shuffle(order)
        result = b.transpose(v, permutation=order)
    elif kind == 1:
        result = b.reshape(v, shape=_another_shape(g, sizes))
    elif kind == 2:
        shape = list(sizes)
        places = list(range(len(shape)))
        if math.prod(shape) * 3 <= MAX_ELEMENTS:
            at = g.random.randrange(len(shape) + 1)
            shape.insert(at, g.random.randrange(1, 4))
            places = [place + (place >= at) for place in places]
        result = b.broadcast(v, shape=tuple(shape), axes=tuple(places))
    elif kind == 3:
        result = b.reverse(v, axes=_axes(g, v.rank))
    elif kind == 4:
        start = [g.random.randrange(size) if size else 0 for size in sizes]
        limit = [g.random.randrange(low, size + 1) for low, size in zip(start, sizes, strict=True)]
        stride = [g.random.randrange(1, 3) for _ in sizes]
        if g.random.random() < 0.7:
            limit = [max(low + 1, high) if size else 0 for low, high, size in zip(start, limit, sizes, strict=True)]
        result = b.slice(v, start=start, limit=limit, stride=stride)
    elif kind == 5:
        value = scalar(b, v.dtype, 1)
        low = [g.random.randrange(-1, 3) if size > 2 else g.random.randrange(2) for size in sizes]
        high = [g.random.randrange(2) for _ in sizes]
        interior = [g.random.randrange(2) for _ in sizes]
        result = b.pad(v, value, low=low, high=high, interior=interior)
        if math.prod(result.type.static_shape()) > 4 * MAX_ELEMENTS:
            return
        x = Known(v, max(1.0, x.bound), x.exact)
    elif kind == 6 and v.rank:
        y = g.partner(x)
        result = b.concatenate(v, y.value, axis=g.random.randrange(v.rank))
        x = Known(v, max(x.bound, y.bound), x.exact and y.exact)
    else:
        marked = (
            b.stop_gradient,
            lambda x: b.graft(x, b.identity(x)),
            lambda x: b.after(x, b.identity(x)),
            lambda x: b.shard(x, axes=" ".join(["."] * x.rank)),
            lambda x: b.identity(x) if x.dtype.is_bool else b.all_reduce(x),
            lambda x: b.reshape(b.all_gather(x, count=1), shape=x.shape),
            lambda x: b.identity(x) if x.dtype.is_bool else b.reduce_scatter(b.reshape(x, shape=(1, *x.shape))),
        )
        result = g.random.choice(marked)(v) if not g.smooth else b.identity(v)
    g.add(result, x.bound, exact=x.exact)


def _axes(g: Grower, rank: int) -> tuple[int, ...]:
    return tuple(axis for axis in range(rank) if g.random.random() < 0.5)


def _another_shape(g: Grower, sizes: Sequence[int]) -> tuple[int, ...]:
    """A shape of as many elements: axes merged, or axes of size 1 put in."""
    shape = list(sizes)
    if len(shape) > 1 and g.random.random() < 0.6:
        at = g.random.randrange(len(shape) - 1)
        shape[at : at + 2] = [shape[at] * shape[at + 1]]
    else:
        shape.insert(g.random.randrange(len(shape) + 1), 1)
    return tuple(shape)


def reduced(g: Grower) -> None:
    x = g.real(rank=1)
    if x is None:
        return
    axes, b, v = _axes(g, x.value.rank), g.b, x.value
    count = math.prod(int(v.shape[axis]) for axis in axes)
    kind = g.random.randrange(3 if g.smooth else 5)
    if kind < 2:
        g.add(b.reduce_sum(v, axes=axes), x.bound * count, exact=False)
    elif kind == 2:
        tamed = b.add(b.mul(b.tanh(v), full(b, v.type, 0.25)), full(b, v.type, 1.0))
        g.add(b.reduce_prod(tamed, axes=axes), 1.25**count, exact=False)
    elif count:
        op = (ops.reduce_max, ops.reduce_min)[kind - 3]
        g.add(b.emit(op, [v], {"axes": axes})[0], x.bound, exact=x.exact)


def integer_reduced(g: Grower) -> None:
    n = g.integer(rank=1)
    if n is not None:
        op = g.random.choice((ops.reduce_sum, ops.reduce_max, ops.reduce_min, ops.reduce_prod))
        g.add(g.b.emit(op, [n.value], {"axes": _axes(g, n.value.rank)})[0], 1.0, exact=True)


def running(g: Grower) -> None:
    x = g.real(rank=1)
    if x is None:
        return
    b, v, axis = g.b, x.value, g.random.randrange(x.value.rank)
    reverse, size = g.random.random() < 0.5, int(v.shape[axis])
    kind = g.random.randrange(2 if g.smooth else 4)
    if kind == 0:
        g.add(b.cumulative_sum(v, axis=axis, reverse=reverse), x.bound * size, exact=False)
    elif kind == 1:
        tamed = b.add(b.mul(b.tanh(v), full(b, v.type, 0.25)), full(b, v.type, 1.0))
        g.add(b.cumulative_prod(tamed, axis=axis, reverse=reverse), 1.25**size, exact=False)
    else:
        op = (ops.cumulative_max, ops.cumulative_min)[kind - 2]
        g.add(b.emit(op, [v], {"axis": axis, "reverse": reverse})[0], x.bound, exact=x.exact)


def ordered(g: Grower) -> None:
    """Sorting and the largest, whose places are only used where the keys are exact."""
    x = g.pick(lambda k: k.value.rank >= 1 and (k.exact or k.value.dtype is g.float) and not k.value.dtype.is_complex)
    if x is None or 0 in x.value.shape:
        return
    b, v, axis = g.b, x.value, g.random.randrange(x.value.rank)
    kind = g.random.randrange(3)
    if kind == 0 and x.exact:
        places = b.iota(shape=v.shape, axis=axis, dtype=dtypes.i32)
        found, order = b.sort(v, places, axis=axis)
        g.add(found, x.bound, exact=True)
        g.add(order, 4.0, exact=True)
    elif kind == 0:
        g.add(b.sort(v, axis=axis)[0], x.bound, exact=False)
    elif kind == 1:
        found, order = b.top_k(v, k=g.random.randrange(int(v.shape[-1]) + 1))
        g.add(found, x.bound, exact=x.exact)
        if x.exact:
            g.add(order, 4.0, exact=True)
    elif x.exact:
        op = g.random.choice((ops.argmax, ops.argmin))
        g.add(b.emit(op, [v], {"axis": axis, "dtype": dtypes.i64})[0], 4.0, exact=True)


def product(g: Grower) -> None:
    """A matrix product of a value with itself or another one, over equal axes."""
    x = g.pick(lambda k: k.value.rank >= 1 and (k.value.dtype is g.float or k.value.dtype.is_integer))
    if x is None:
        return
    y = g.pick(lambda k: k.value.dtype is x.value.dtype and k.value.rank >= 1) or x
    pairs = [
        (i, j) for i, m in enumerate(x.value.shape) for j, n in enumerate(y.value.shape) if m == n
    ]  # fmt: skip
    if not pairs:
        return
    i, j = g.random.choice(pairs)
    batch = [(p, q) for p, q in pairs if p != i and q != j][:1] if g.random.random() < 0.4 else []
    left = math.prod(int(s) for s in x.value.shape)
    if left * math.prod(int(s) for s in y.value.shape) > 40 * MAX_ELEMENTS:
        return
    result = g.b.matmul(
        x.value, y.value, lhs_contract=[i], rhs_contract=[j],
        lhs_batch=[p for p, _ in batch], rhs_batch=[q for _, q in batch],
    )  # fmt: skip
    if math.prod(result.type.static_shape()) <= 2 * MAX_ELEMENTS and result.rank <= 4:
        g.add(result, x.bound * y.bound * int(x.value.shape[i]), exact=result.dtype.is_integer)


def convolved(g: Grower) -> None:
    x = g.real(rank=1)
    if x is None or 0 in x.value.shape:
        return
    b = g.b
    flat = b.reshape(x.value, shape=(1, 1, math.prod(x.value.type.static_shape())))
    kernel = b.constant(value=Constant(_array(g.random, g.float, (g.random.choice((1, 2)), 1, 2))))
    g.add(
        b.convolution(
            flat, kernel, layout="nc0,oi0->nc0", stride=(g.random.randrange(1, 3),), padding=((g.random.randrange(-1, 2), 1),),
            x_dilation=(g.random.randrange(1, 3),), kernel_dilation=(g.random.randrange(1, 3),),
        ),
        4 * x.bound, exact=False,
    )  # fmt: skip


def windows(g: Grower) -> None:
    x = g.real(rank=1)
    if x is None or 0 in x.value.shape:
        return
    rank = x.value.rank
    attributes = {
        "window": tuple(g.random.randrange(1, 3) for _ in range(rank)),
        "stride": tuple(g.random.randrange(1, 3) for _ in range(rank)),
        "padding": tuple((g.random.randrange(2), 0) for _ in range(rank)),
        "dilation": (1,) * rank,
    }
    if g.smooth or g.random.random() < 0.5:
        g.add(g.b.window_sum(x.value, **attributes), x.bound * 2**rank, exact=False)
    elif all(before == 0 for before, _ in attributes["padding"]):  # else -inf where all is padding
        g.add(g.b.window_max(x.value, **attributes), x.bound, exact=x.exact)
    elif x.exact:
        y = g.partner(x)
        taken = g.b.window_gather(x.value, y.value, **attributes)
        g.add(taken, y.bound, exact=y.exact)
        g.add(g.b.window_scatter(x.value, taken, **attributes), y.bound * 2**rank, exact=False)


def indexed(g: Grower) -> None:
    """Reads and writes at places that are brought inside, or that are each written once."""
    x = g.pick(lambda k: k.value.rank >= 1 and 0 not in k.value.shape)
    n = g.integer()
    if x is None or n is None:
        return
    b, v, axis = g.b, x.value, g.random.randrange(x.value.rank)
    wide = n.value if n.value.dtype is dtypes.u64 else b.cast(n.value, dtype=dtypes.i64)
    last = scalar(b, wide.dtype, int(v.shape[axis]) - 1)
    index = b.clamp(scalar(b, wide.dtype, 0), wide, last)
    bounds = g.random.choice(("error", "clip"))
    kind = g.random.randrange(5)
    if math.prod(n.value.type.static_shape()) * math.prod(v.type.static_shape()) > 10 * MAX_ELEMENTS:
        return
    taken = b.gather(v, index if bounds == "error" else n.value, axes=(axis,), bounds=bounds)
    if kind < 2:
        g.add(taken, x.bound, exact=x.exact)
    elif kind == 2 and v.dtype is g.float:
        count = math.prod(index.type.static_shape()) + 1
        result = b.scatter(v, b.gather(v, index, axes=(axis,)), index, axes=(axis,), combine="add")
        g.add(result, x.bound * count, exact=False)
    elif kind == 3:
        places = b.reverse(b.iota(shape=(int(v.shape[axis]),), axis=0, dtype=dtypes.i32), axes=(0,))
        updates = b.gather(v, places, axes=(axis,))
        g.add(b.scatter(v, updates, places, axes=(axis,), combine="set"), x.bound, exact=x.exact)
    else:
        starts = [b.cast(b.reduce_max(index, axes=tuple(range(index.rank))), dtype=dtypes.i32)] * v.rank
        sizes = [g.random.randrange(1, int(size) + 1) for size in v.shape]
        block = b.dynamic_slice(v, *starts, sizes=sizes)
        g.add(block, x.bound, exact=x.exact)
        g.add(b.dynamic_update_slice(v, b.reverse(block, axes=(0,)), *starts), x.bound, exact=x.exact)


def decomposed(g: Grower) -> None:
    """What decompositions determine, of a matrix that is well-conditioned by construction."""
    if g.float not in (dtypes.f32, dtypes.f64):
        return
    x = g.pick(lambda k: k.value.dtype is g.float and k.value.rank == 2 and 0 not in k.value.shape)
    if x is None:
        return
    b, size = g.b, int(x.value.shape[0])
    tame = b.tanh(x.value)
    shift = diagonal_of(b, full(b, TensorType(g.float, (size,)), 2.0))
    matrix = b.add(stacked_matmul(b, tame, adjoint(b, tame)), shift)  # symmetric, eigenvalues of 2 and more
    kind = g.random.randrange(6)
    bound = 4.0 * size + 2
    if kind == 0:
        g.add(b.cholesky(matrix), bound, exact=False)
    elif kind == 1:
        g.add(b.triangular_solve(b.cholesky(matrix), tame, lower=True), bound, exact=False)
    elif kind == 2:
        _, r = b.qr(matrix)
        g.add(b.abs(r) if not g.smooth else stacked_matmul(b, adjoint(b, r), r), bound**2, exact=False)
    elif kind == 3:
        g.add(b.svd(matrix)[1] if not g.smooth else b.cholesky(matrix), bound, exact=False)
    elif kind == 4:
        g.add(b.eigh(matrix)[0] if not g.smooth else b.cholesky(matrix), bound, exact=False)
        if not g.smooth:  # in no order that all have
            g.add(b.reduce_sum(b.real(b.eig(matrix)[0]), axes=(0,)), bound * size, exact=False)
    else:
        g.add(b.lu(matrix)[0], bound, exact=False)


# -- nested functions ----


def _inner(g: Grower, name: str, operands: Sequence[Known], steps: int) -> tuple[Grower, list[Known]]:
    """A grower for a function of `operands`, with some steps taken."""
    inner = Grower(Builder(name, share=g.b.share), g.random, g.float, g.smooth, g.depth + 1)
    for operand in operands:
        inner.known.append(Known(inner.b.parameter(operand.value.type), operand.bound, operand.exact))
    parameters = list(inner.known)
    for _ in range(steps):
        inner.step()
    return inner, parameters


def _some(g: Grower) -> list[Known]:
    return [g.random.choice(g.known) for _ in range(g.random.randrange(1, 4))]


def called(g: Grower) -> None:
    if g.depth > 1 or not g.known:
        return
    operands = _some(g)
    inner, _ = _inner(g, "called", operands, g.random.randrange(1, 5))
    results = [g.random.choice(inner.known) for _ in range(g.random.randrange(1, 4))]
    body = inner.b.finish(each.value for each in results)
    op = g.random.choice((ops.call, ops.fused, ops.custom_gradient))
    attributes = {"body": body}
    if op is ops.custom_gradient:
        attributes["gradient"] = _true_gradient(body)
    for _ in range(g.random.randrange(1, 3)):  # perhaps the same body twice
        values = g.b.emit(op, [each.value for each in operands], attributes)
        for value, each in zip(values, results, strict=True):
            g.known.append(Known(value, each.bound, each.exact))


def parted(g: Grower) -> None:
    """A parallel equation in two or three parts, of operands cut along any axis that these divide, or whole; or one
    whose last part is smaller."""
    if g.depth > 1 or not g.known:
        return
    if g.random.random() < 0.3:
        _unequally_parted(g)
        return
    parts = g.random.choice((1, 2, 2, 3))
    operands, axes, seen = _some(g), [], []
    for operand in operands:
        shape = operand.value.shape
        axis = g.random.choice([-1, *(axis for axis, size in enumerate(shape) if size % parts == 0)])
        axes.append(axis)
        part = shape if axis == -1 else (*shape[:axis], shape[axis] // parts, *shape[axis + 1 :])
        seen.append(Known(Value(operand.value.type.with_shape(part)), operand.bound, operand.exact))
    inner, _ = _inner(g, "part", seen, g.random.randrange(1, 5))
    made = [each for each in inner.known if each.value.rank]
    if not made:
        return
    results = [g.random.choice(made) for _ in range(g.random.randrange(1, 4))]
    values = g.b.parallel(
        *(each.value for each in operands), body=inner.b.finish(each.value for each in results), parts=parts,
        operand_axes=axes, result_axes=[g.random.randrange(each.value.rank) for each in results],
    )  # fmt: skip
    for value, each in zip(values, results, strict=True):
        g.known.append(Known(value, each.bound, each.exact))


def _unequally_parted(g: Grower) -> None:
    """Elementwise operations on some of one shape, in parts of which the last one is smaller."""
    floats = [each for each in g.known if each.value.dtype.is_float]
    long = [each for each in floats if any(size > 1 for size in each.value.shape)]
    if not long:
        return
    first = g.random.choice(long)
    operands = [first, *(each for each in floats if each.value.type == first.value.type)][:3]
    axis = g.random.choice([axis for axis, size in enumerate(first.value.shape) if size > 1])
    size = first.value.shape[axis]
    each = g.random.randrange(1, size)
    parts = g.random.randrange(1, (size - 1) // each + 1) + 1
    names = [g.random.choice(["neg", "min", "max"]) for _ in range(g.random.randrange(1, 4))]

    def body(length: int) -> Function:
        b = Builder("part")
        values = []
        for operand in operands:
            shape = (*operand.value.shape[:axis], length, *operand.value.shape[axis + 1 :])
            values.append(b.parameter(operand.value.type.with_shape(shape)))
        for name in names:
            x = values[-1]
            values.append(b.neg(x) if name == "neg" else getattr(b, name)(x, values[0]))
        return b.finish([values[-1]])

    (value,) = g.b.parallel(
        *(operand.value for operand in operands), body=body(each), parts=parts, operand_axes=[axis] * len(operands),
        result_axes=[axis], last=body(size - each * (parts - 1)),
    )  # fmt: skip
    g.known.append(Known(value, first.bound, first.exact))


def _true_gradient(body: Function) -> Function:
    """(*operands, *results, *cotangents) -> what the pullback of `body` gives."""
    b = Builder("gradient")
    operands = [b.parameter(type) for type in body.parameter_types]
    for type in body.result_types:
        b.parameter(type)
    cotangents = [b.parameter(type) for type in body.result_types if type.dtype.is_differentiable]
    return b.finish(b.inline(pullback(body), [*operands, *cotangents]))


def branched(g: Grower) -> None:
    """A cond on an exact bool, between two functions of one signature."""
    p = g.boolean(())
    if p is None or g.depth > 1:
        return
    operands = _some(g)
    left, _ = _inner(g, "left", operands, g.random.randrange(4))
    right, _ = _inner(g, "right", operands, g.random.randrange(4))
    pairs = [(x, y) for x in left.known for y in right.known if x.value.type == y.value.type]
    chosen = [g.random.choice(pairs) for _ in range(g.random.randrange(1, 4))]
    values = g.b.cond(
        p.value, *(each.value for each in operands),
        on_true=left.b.finish(x.value for x, _ in chosen), on_false=right.b.finish(y.value for _, y in chosen),
    )  # fmt: skip
    for value, (x, y) in zip(values, chosen, strict=True):
        g.known.append(Known(value, max(x.bound, y.bound), x.exact and y.exact))


def _tamed(g: Grower, x: Known) -> Value:
    """x brought back below 1, so that a loop cannot make it grow."""
    return g.b.tanh(x.value)


def scanned(g: Grower) -> None:
    """A scan with constants, tamed carries and sequences, in either direction."""
    x, constant = g.real(), g.real()
    sequence = g.pick(lambda k: k.value.dtype is g.float and k.value.rank >= 1)
    if x is None or constant is None or sequence is None or g.depth > 1:
        return
    length = int(sequence.value.shape[0])
    piece = TensorType(g.float, sequence.value.shape[1:])
    start = Known(_tamed(g, x), 1.0, False)
    inner = Grower(Builder("round", share=g.b.share), g.random, g.float, g.smooth, g.depth + 1)
    for type, bound in ((constant.value.type, constant.bound), (start.value.type, 1.0), (piece, sequence.bound)):
        inner.known.append(Known(inner.b.parameter(type), bound, False))
    for _ in range(g.random.randrange(1, 5)):
        inner.step()
    state = inner.pick(lambda k: k.value.type == start.value.type) or inner.known[1]
    outputs = [inner.pick(lambda k: True) or inner.known[0] for _ in range(g.random.randrange(3))]
    body = inner.b.finish([inner.b.tanh(state.value), *(each.value for each in outputs)])
    last, *stacks = g.b.scan(
        constant.value, start.value, sequence.value, body=body, length=length, constants=1, carries=1,
        reverse=g.random.random() < 0.5,
    )  # fmt: skip
    g.known.append(Known(last, 1.0, False))
    g.known.extend(Known(stack, each.bound, each.exact) for stack, each in zip(stacks, outputs, strict=True))


def looped(g: Grower) -> None:
    """A while_loop of a few rounds, sometimes of none, with or without a bound."""
    x, constant = g.real(), g.real()
    if x is None or constant is None or g.depth > 0:
        return
    rounds = g.random.randrange(4)
    counter = TensorType(dtypes.i32)
    types = [constant.value.type, counter, x.value.type]
    below = Builder("below")
    parameters = [below.parameter(type) for type in types]
    condition = below.finish([below.lt(parameters[1], scalar(below, dtypes.i32, rounds))])
    inner = Grower(Builder("step", share=g.b.share), g.random, g.float, g.smooth, g.depth + 2)
    fixed, number, state = (inner.b.parameter(type) for type in types)
    inner.known += [Known(fixed, constant.bound, False), Known(state, 1.0, False)]
    for _ in range(g.random.randrange(1, 4)):
        inner.step()
    found = inner.pick(lambda k: k.value.type == state.type) or inner.known[1]
    following = inner.b.add(number, scalar(inner.b, dtypes.i32, 1))
    body = inner.b.finish([following, inner.b.tanh(found.value)])
    count, last = g.b.while_loop(
        constant.value, scalar(g.b, dtypes.i32, 0), _tamed(g, x), condition=condition, body=body, constants=1,
        bound=g.random.choice((None, rounds, rounds + 2)),
    )  # fmt: skip
    g.known += [Known(count, 4.0, True), Known(last, 1.0, False)]


EVERY: dict[Callable[[Grower], None], int] = {
    leaf: 3, unary: 6, guarded_unary: 4, polygamma: 1, binary: 8, by_number: 6, extreme: 4, rounded: 2, compared: 3,
    logic: 2, selected: 3, integers: 4, cast: 3, bits: 1, complex_numbers: 5, moved: 10, reduced: 5, integer_reduced: 1,
    running: 2, ordered: 3, product: 5, convolved: 1, windows: 2, indexed: 3, decomposed: 1, called: 2, parted: 1, branched: 2,
    scanned: 2, looped: 1,
}  # fmt: skip

SMOOTH: dict[Callable[[Grower], None], int] = {
    leaf: 2, unary: 6, guarded_unary: 5, polygamma: 1, binary: 8, by_number: 4, selected: 2, compared: 2, moved: 8,
    complex_numbers: 2, reduced: 5, running: 2, product: 6, convolved: 2, windows: 2, indexed: 2, decomposed: 2,
    called: 2, parted: 1, branched: 2, scanned: 3, looped: 2,
}  # fmt: skip


def random_program(seed: int, steps: int, *, smooth: bool = False) -> Program:
    """The program of a seed after so many steps. `smooth`: its floats are f64 and have derivatives."""
    random = Random(seed)
    dtype = dtypes.f64 if smooth else random.choice((dtypes.f64, dtypes.f64, dtypes.f64, dtypes.f32, dtypes.f16))
    b = Builder("random", share=random.random() < 0.7)
    g = Grower(b, random, dtype, smooth)
    arguments: list[np.ndarray] = []

    def parameter(of: DType, shape: tuple[int, ...], bound: float) -> None:
        g.known.append(Known(b.parameter(TensorType(of, shape), f"x{len(arguments)}"), bound, True))
        arguments.append(_array(random, of, shape))

    for _ in range(random.randrange(1, 4)):
        shape = g.shape()
        parameter(dtype, shape if random.random() < 0.95 else (0, *shape[:1]), 2.0)
    parameter(dtypes.bool_, (), 1.0)
    if not smooth or random.random() < 0.5:
        parameter(random.choice(INTEGERS), g.shape(random.randrange(2)), 1.0)
    for _ in range(steps):
        g.step()
    return Program(b.finish(g.results()), arguments, dtype)


def _array(random: Random, dtype: DType, shape: tuple[int, ...]) -> np.ndarray:
    """Floats between -2 and 2 that f16 and bf16 hold, so that casts keep them; any integers; bools."""
    count = math.prod(shape)
    if dtype.is_bool:
        values: list[float] = [random.random() < 0.5 for _ in range(count)]
    elif dtype.is_integer:
        info = np.iinfo(dtype.numpy)
        spread = list(accumulate((1, 2, 3), lambda x, y: x * 10 + y))
        near = [random.choice((0, 1, 2, 5, *spread)) for _ in range(count)]
        values = [random.choice((n, info.max - n, info.min + n)) % 2**63 for n in near]
        return np.array(values, np.int64).astype(dtype.numpy).reshape(shape)
    else:
        values = [random.randrange(-256, 257) / 128 for _ in range(count)]
    return np.array(values).astype(dtype.numpy).reshape(shape)
