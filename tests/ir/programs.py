"""Functions that between them use every op, dtype and attribute kind: what the tests of text and JSON round-trip."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from diptych.ir import (
    DTYPES,
    Builder,
    Constant,
    Function,
    HostFunction,
    TensorType,
    Value,
    dtypes,
    named,
    ops,
    parse_type,
)

BATCH = named("batch")


def builder(name: str = "main") -> Builder:
    """A builder that keeps equal equations apart and asks no stack for locations."""
    b = Builder(name, share=False)
    b.find_location = False
    return b


def parameters(b: Builder, /, **types: str) -> list[Value]:
    """Parameters by name, of types given as text."""
    return [b.parameter(parse_type(type), name) for name, type in types.items()]


def elementwise() -> Function:
    b = builder("elementwise")
    x, y, z, i, j, p = parameters(
        b, x="f32[batch,3]", y="f32[batch,3]", z="c64[2]", i="i32[4]", j="i32[4]", p="bool[batch,3]"
    )
    unary = (
        "identity neg abs sign exp expm1 log log1p sqrt rsqrt sin cos tan asin acos atan sinh cosh tanh asinh acosh "
        "atanh logistic erf erfc erfinv lgamma digamma floor ceil round_even is_finite"
    )
    results = [getattr(b, name)(x) for name in unary.split()]
    binary = "add sub mul div rem pow max min atan2 eq ne lt le gt ge"
    results += [getattr(b, name)(x, y) for name in binary.split()]
    whole = "floor_div bitwise_and bitwise_or bitwise_xor shift_left shift_right"
    results += [getattr(b, name)(i, j) for name in whole.split()]
    results += [b.polygamma(x, order=3), b.bitwise_not(i), b.divisor(i), b.real(z), b.imag(z), b.conj(z)]
    results += [b.complex(b.real(z), b.imag(z)), b.select(p, x, y), b.clamp(y, x, y)]
    results += [b.cast(x, dtype=dtype) for dtype in DTYPES]
    results += [b.bitcast(x, dtype=dtypes.u32)]
    return b.finish(results)


def shapes() -> Function:
    b = builder("shapes")
    x, v = parameters(b, x="f32[2*batch+3,10]", v="f32[]")
    size = 2 * BATCH + 3
    strided = b.slice(x, start=(0, 0), limit=(size, 10), stride=(2, 3))
    return b.finish(
        [
            b.iota(shape=(BATCH, 2), axis=1, dtype=dtypes.i64),
            b.dimension(size=BATCH * BATCH - 1, dtype=dtypes.i32),
            b.broadcast(x, shape=(7, size, 10), axes=(1, 2)),
            b.reshape(x, shape=(5, size, 2)),
            b.transpose(x, permutation=(1, 0)),
            strided,
            b.pad(x, v, low=(-1, 0), high=(2, 0), interior=(0, 1)),
            b.concatenate(x, x, b.reverse(x, axes=(0, 1)), axis=0),
            b.concatenate(strided, axis=1),
        ]
    )


def indexing() -> Function:
    b = builder("indexing")
    x, index, start, block = parameters(b, x="f32[9,batch]", index="i32[4,2]", start="i64[]", block="f32[3,batch]")
    picked = b.gather(x, index, axes=(0,))
    return b.finish(
        [
            picked,
            b.gather(x, index, axes=(0,), bounds="clip"),
            b.scatter(x, picked, index, axes=(0,), combine="add"),
            b.scatter(x, picked, index, axes=(0,), combine="set", bounds="drop"),
            b.dynamic_slice(x, start, start, sizes=(3, BATCH)),
            b.dynamic_update_slice(x, block, start, start),
        ]
    )


def reductions() -> Function:
    b = builder("reductions")
    x, p = parameters(b, x="f32[batch,10,4]", p="bool[8]")
    results = [getattr(b, f"reduce_{name}")(x, axes=(0, 2)) for name in ("sum", "prod", "max", "min")]
    results += [b.reduce_sum(x, axes=()), b.reduce_and(p, axes=(0,)), b.reduce_or(p, axes=(0,))]
    results += [b.argmax(x, axis=1, dtype=dtypes.i64), b.argmin(x, axis=2, dtype=dtypes.u8)]
    for name in ("sum", "prod", "max", "min"):
        cumulative = getattr(b, f"cumulative_{name}")
        results += [cumulative(x, axis=0), cumulative(x, axis=1, reverse=True)]
    results += [*b.sort(x, axis=2), *b.sort(x, x, x, axis=0, keys=2)]
    results += [*b.top_k(x, k=3), *b.top_k(x, k=0, dtype=dtypes.i64)]
    return b.finish(results)


def contractions() -> Function:
    b = builder("contractions")
    x, w, image, kernel = parameters(
        b, x="f32[batch,5,7]", w="f32[batch,7,3]", image="bf16[batch,32,30,8]", kernel="bf16[3,5,4,16]"
    )
    return b.finish(
        [
            b.matmul(x, w, lhs_contract=(2,), rhs_contract=(1,), lhs_batch=(0,), rhs_batch=(0,)),
            b.matmul(b.reshape(x, shape=(BATCH, 35)), b.reshape(x, shape=(35, BATCH))),
            b.convolution(
                image,
                kernel,
                layout="n01c,01io->n01c",
                stride=(2, 1),
                padding=((1, 1), (-1, 2)),
                x_dilation=(1, 2),
                kernel_dilation=(2, 1),
                groups=2,
            ),
        ]
    )


def windows() -> Function:
    b = builder("windows")
    (x,) = parameters(b, x="f32[batch,8]")
    window: dict[str, Any] = {"window": (2, 3), "stride": (2, 1), "padding": ((0, 0), (1, 1)), "dilation": (1, 2)}
    largest = b.window_max(x, **window)
    return b.finish(
        [b.window_sum(x, **window), largest, b.window_gather(x, x, **window), b.window_scatter(x, largest, **window)]
    )


def linear_algebra() -> Function:
    b = builder("linear_algebra")
    a, r, z = parameters(b, a="f64[batch,3,3]", r="f32[4,6]", z="c128[4,6]")
    return b.finish(
        [
            b.cholesky(a),
            b.triangular_solve(a, a, lower=True),
            b.triangular_solve(a, a, lower=False, left=False, transform="adjoint", unit_diagonal=True),
            *b.qr(r),
            *b.svd(z),
            *b.eigh(a),
            *b.eig(a),
            *b.lu(r),
            b.fft(z, kind="ifft", lengths=(4, 6)),
            b.fft(r, kind="rfft", lengths=(6,)),
        ]
    )


def random() -> Function:
    b = builder("random")
    key, counter = parameters(b, key="u32[2]", counter="u64[]")
    return b.finish(
        [
            b.random_bits(key, counter, shape=(BATCH, 3)),
            b.random_bits(key, counter, shape=(), dtype=dtypes.u64),
        ]
    )


def function(name: str, types: Sequence[str], body: Callable[..., Sequence[Value]]) -> Function:
    """A function of parameters of these types, whose results `body(b, *parameters)` gives."""
    b = builder(name)
    return b.finish(body(b, *(b.parameter(parse_type(type)) for type in types)))


def control() -> Function:
    """Every op that nests functions, three deep, and those that only steer differentiation."""
    scalar = "f32[]"
    double = function("double", [scalar], lambda b, x: [b.add(x, x)])
    opposite = function("opposite", ["f32[batch]"], lambda b, x: [b.neg(x)])
    halve = function("a name with blanks", [scalar], lambda b, x: [b.div(x, b.call(x, body=double)[0])])
    clip = function("clip", [scalar], lambda b, x: [b.max(x, b.constant(value=Constant(np.float32(0))))])
    branch = function("branch", [scalar], lambda b, x: b.cond(positive(b, x), x, on_true=double, on_false=halve))
    below = function("below", [scalar, scalar], lambda b, limit, x: [b.lt(x, limit)])
    grow = function("grow", [scalar, scalar], lambda b, limit, x: b.call(x, body=branch))
    step = function("step", [scalar, scalar, scalar], lambda b, k, sum, x: [b.add(sum, b.mul(k, x)), x])
    slope = function("slope", [scalar, scalar, scalar], lambda b, x, y, ct: [b.mul(y, ct)])
    b = builder("control")
    x, limit, xs = parameters(b, x=scalar, limit=scalar, xs="f32[batch]")
    results = [
        *b.call(x, body=branch),
        *b.fused(x, body=double),
        *b.parallel(xs, body=opposite, parts=1, operand_axes=(0,), result_axes=(0,)),
        *b.while_loop(limit, x, condition=below, body=grow, constants=1),
        *b.while_loop(limit, x, condition=below, body=grow, constants=1, bound=100),
        *b.scan(limit, x, xs, body=step, length=BATCH, constants=1, carries=1),
        *b.scan(limit, x, xs, body=step, length=BATCH, constants=1, carries=1, reverse=True),
        b.stop_gradient(x),
        b.graft(x, limit),
        b.after(x, xs),
        b.shard(xs, axes="data"),
        b.all_reduce(xs),
        b.all_gather(xs, count=3),
        b.reduce_scatter(b.all_gather(xs, count=3)),
        *b.custom_gradient(x, body=clip, gradient=slope),
    ]
    b.cond(b.gt(x, limit), x, on_true=printing(), on_false=function("nothing", [scalar], lambda b, x: []))
    b.host_call(function=HostFunction("tick#1"), results=())
    results += b.host_call(x, xs, function=HostFunction('odd "name"\n#2'), results=[parse_type("f32[2,n]"), x.type])
    return b.finish(results)


def positive(b: Builder, x: Value) -> Value:
    return b.gt(x, b.constant(value=Constant(np.float32(-0.0))))


def printing() -> Function:
    def body(b: Builder, x: Value) -> list[Value]:
        b.host_call(x, function=HostFunction("print#3"), results=())
        return []

    return function("printing", ["f32[]"], body)


def float_patterns(dtype: dtypes.DType) -> list[int]:
    """Bits of floats that texts get wrong: zeros, infinities, nans, the smallest, the largest, and others."""
    mantissa, width = {"f16": (10, 16), "bf16": (7, 16), "f32": (23, 32), "f64": (52, 64)}[dtype.name]
    infinity = ((1 << (width - 1)) - 1) >> mantissa << mantissa
    sign = 1 << (width - 1)
    quiet = infinity | 1 << (mantissa - 1)
    patterns = [0, 1, 2, (1 << mantissa) - 1, 1 << mantissa, infinity - 1, infinity, infinity + 1, quiet, quiet + 1]
    patterns += [infinity // 2, infinity // 2 + 1, infinity // 3, infinity // 5, infinity // 7]
    return [*patterns, *(pattern | sign for pattern in patterns)]


def special_values(dtype: dtypes.DType) -> np.ndarray[Any, Any]:
    """A vector of what is hard to write in this dtype."""
    if dtype.is_bool:
        return np.array([True, False, False])
    if dtype.is_integer:
        limits = np.iinfo(dtype.numpy)
        return np.array([limits.min, 0, 1, 7, limits.max], dtype.numpy)
    real = dtype.real
    bits = np.array(float_patterns(real), f"u{real.bytes}")
    if not dtype.is_complex:
        return bits.view(real.numpy)
    return np.stack([bits, bits[::-1]], axis=1).reshape(-1).view(dtype.numpy)


def constants() -> Function:
    """Every dtype, in every form and rank; some uniform, some empty, some large."""
    b = builder("constants")
    arrays: list[np.ndarray[Any, Any]] = []
    for dtype in DTYPES:
        special = special_values(dtype)
        arrays += [special, special[:2].reshape(2, 1, 1), special[1], special[:0], np.zeros((2, 0, 3), dtype.numpy)]
        arrays += [np.ones((2, 3), dtype.numpy), np.zeros(1, dtype.numpy)]
    arrays += [np.full((3, 2), -0.0, np.float32), np.full(7, np.nan), np.full(2, -np.nan), np.full(9, 1j)]
    arrays += [np.arange(1000, dtype=np.float32).reshape(10, 100), np.full((40, 40), np.inf, np.float16)]
    arrays += [np.arange(300, dtype=np.float32).astype(dtypes.bf16.numpy), np.arange(300) % 2 == 0]
    arrays += [np.random.default_rng(0).standard_normal((4, 4)), np.zeros((1,) * 32, np.int8)]
    return b.finish([b.constant(value=Constant(array)) for array in arrays])


def names() -> Function:
    """Values whose names are taken, unwritable, missing, or look like numbers."""
    b = builder("names")
    hints = ["x", "x", "x_1", "", None, "3", "w:0", "scope/w", "a//b/", "/", "été", "return", "func", "x.1", "%x", None]
    values = [b.parameter(TensorType(dtypes.f32), hint) for hint in hints]
    return b.finish([b.emit(ops.neg, (value,), {}, names=["x"])[0] for value in values])


def empty() -> Function:
    return builder("empty").finish([])


def dimensions() -> Function:
    """Types with every form of dimension."""
    b = builder("dimensions")
    texts = ["batch", "2*batch+3", "-batch+7", "batch*time-1", "batch^2*time^3", "floordiv(batch+1,2)"]
    texts += ["3*floordiv(-batch,time)+floordiv(floordiv(batch,2)+1,3)^2"]
    values = [b.parameter(parse_type(f"f32[{text},{text}]")) for text in texts]
    return b.finish([b.transpose(value, permutation=(1, 0)) for value in values])


PROGRAMS: dict[str, Function] = {
    program.name: program
    for program in (
        elementwise(),
        shapes(),
        indexing(),
        reductions(),
        contractions(),
        windows(),
        linear_algebra(),
        random(),
        control(),
        constants(),
        names(),
        empty(),
        dimensions(),
    )
}


def nested(depth: int, name: str = "level") -> Function:
    """A function of `depth` levels, each of which calls the next."""
    inner = function(name, ["f32[]"], lambda b, x: [b.neg(x)])
    for _ in range(depth - 1):
        inner = function(name, ["f32[]"], lambda b, x, body=inner: b.call(x, body=body))
    return inner


def used_ops(function: Function) -> set[str]:
    """The names of all ops in a function and those nested in it."""
    found: set[str] = set()
    for equation in function.equations:
        found.add(equation.op.name)
        for _, child in equation.functions():
            found |= used_ops(child)
    return found
