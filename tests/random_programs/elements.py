"""Steps that compute with elements; what finds no operand does nothing."""

from __future__ import annotations

import math
from collections.abc import Callable

from diptych.ir import Constant, Op, TensorType, Value, dtypes, ops
from diptych.passes.expressions import full, scalar

from .growing import INTEGERS, Grower, array_of


def leaf(g: Grower) -> None:
    """A constant, a count, or a number everywhere."""
    shape = g.shape()
    kind = g.random.randrange(4)
    if kind == 0:
        array = array_of(g.random, g.float, shape)
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
            g.add(g.b.emit(op, [p.value], {"axes": g.axes(p.value.rank)})[0], 1.0, exact=True)
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
