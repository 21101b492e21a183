"""Calls large enough that what they take can be measured: (function, arguments) of every op with memory of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from diptych.ir import Builder, Constant, Function, HostFunction, Value, dtypes

from tests.samples.control import function
from tests.samples.notation import typed

Case = tuple[Function, list[np.ndarray]]


def _argument(text: str, number: int) -> np.ndarray:
    """Floats around 1, integers from 0 to 7."""
    type, random = typed(text), np.random.default_rng(number)
    shape = type.static_shape()
    if type.dtype.is_bool:
        return random.random(shape) < 0.5
    if type.dtype.is_integer:
        return random.integers(0, 8, shape).astype(type.dtype.numpy)
    if type.dtype.is_complex:
        return (random.random(shape) + 1j * random.random(shape)).astype(type.dtype.numpy)
    return (0.5 + random.random(shape)).astype(type.dtype.numpy)


def _case(types: str, body: Callable[..., Any]) -> Callable[[], Case]:
    def make() -> Case:
        texts = types.split()
        return function("f", types, body), [_argument(text, number) for number, text in enumerate(texts)]

    return make


def _windows(b: Builder, x: Value) -> Value:
    return b.window_max(x, window=(1, 3, 3, 1), stride=(1, 2, 2, 1), padding=((0, 0), (1, 1), (1, 1), (0, 0)),
                        dilation=(1, 1, 1, 1))  # fmt: skip


def _convolution(layout: str, **others: Any) -> Callable[..., Value]:
    given = {"stride": (1, 1), "padding": ((1, 1), (1, 1)), "x_dilation": (1, 1), "kernel_dilation": (1, 1), **others}
    return lambda b, x, k: b.convolution(x, k, layout=layout, **given)


def _host(b: Builder, x: Value) -> Any:
    return b.host_call(x, function=HostFunction("tests.twice", lambda array: array + array), results=(x.type,))[0]


def _while(b: Builder, n: Value, x: Value) -> Any:
    condition = function(
        "condition", "i32[] f32[4194304]", lambda b, n, x: b.gt(n, b.constant(value=Constant(np.int32(0))))
    )
    body = function(
        "body", "i32[] f32[4194304]",
        lambda b, n, x: [b.sub(n, b.constant(value=Constant(np.int32(1)))), b.reverse(b.sin(b.reverse(b.exp(x), axes=(0,))), axes=(0,))],
    )  # fmt: skip
    return b.while_loop(n, x, condition=condition, body=body)


def _scan(b: Builder, x: Value, rows: Value) -> Any:
    body = function("body", "f32[1048576] f32[1048576]", lambda b, x, row: [b.sin(b.add(x, row)), b.exp(row)])
    return b.scan(x, rows, body=body, length=8, carries=1)


def _cond(b: Builder, p: Value, x: Value, w: Value) -> Any:
    products = function("products", TALL, lambda b, x, w: b.matmul(b.matmul(x, w), w))
    return b.exp(b.cond(p, x, w, on_true=products, on_false=products)[0])


def _kept(b: Builder, x: Value) -> Any:
    """What kernels make, one after another: none is there longer than it is read."""
    for _ in range(4):
        x = b.cumulative_sum(b.reshape(b.cumulative_max(x, axis=0), shape=(2048, 2048)), axis=1)
    return x


def _apart(b: Builder, x: Value, w: Value) -> Any:
    """Columns of a product, each half made by a part."""
    body = function("body", "f32[8192,512] f32[512,256]", lambda b, x, w: b.matmul(x, w))
    return b.parallel(x, w, body=body, parts=2, operand_axes=(-1, 1), result_axes=(1,))


SQUARE = "f32[2048,2048]"
FLAT = "f32[4194304]"
TALL = "f32[8192,512] f32[512,512]"
INDEX = "i32[262144]"

CASES: dict[str, Callable[[], Case]] = {
    "a chain": _case(TALL, lambda b, x, w: b.matmul(b.sin(b.matmul(x, w)), w)),
    "results twice and views": _case(
        TALL, lambda b, x, w: [x, b.transpose(x, permutation=(1, 0)), *[b.matmul(x, w)] * 2]
    ),
    "kept": _case(SQUARE, _kept),
    # -- elementwise ----
    "erf": _case(FLAT, lambda b, x: b.erf(x)),
    "erfc": _case(FLAT, lambda b, x: b.erfc(x)),
    "erfinv": _case(FLAT, lambda b, x: b.erfinv(b.sub(x, b.broadcast(b.constant(value=Constant(np.float32(1))), shape=(4194304,), axes=())))),
    "lgamma": _case(FLAT, lambda b, x: b.lgamma(x)),
    "digamma": _case(FLAT, lambda b, x: b.digamma(x)),
    "pow": _case(f"{FLAT} {FLAT}", lambda b, x, y: b.pow(x, y)),
    "f16": _case("f16[4194304]", lambda b, x: b.exp(x)),
    "bf16": _case("bf16[4194304] bf16[4194304]", lambda b, x, y: b.add(x, y)),
    "complex": _case(f"{FLAT} {FLAT}", lambda b, x, y: b.complex(x, y)),
    "select": _case(f"bool[4194304] {FLAT} {FLAT}", lambda b, p, x, y: b.select(p, x, y)),
    # -- reductions ----
    "sum of columns": _case(SQUARE, lambda b, x: b.reduce_sum(x, axes=(0,))),
    "sum of half": _case("f16[2048,2048]", lambda b, x: b.reduce_sum(x, axes=(0,))),
    "sum of channels second": _case("f32[16,64,64,64]", lambda b, x: b.reduce_sum(x, axes=(0, 2, 3))),
    "sum of a turned matrix": _case(SQUARE, lambda b, x: b.reduce_sum(b.transpose(x, permutation=(1, 0)), axes=(0,))),
    "argmax": _case(SQUARE, lambda b, x: b.argmax(x, axis=0, dtype=dtypes.i64)),
    "argmax to i32": _case(SQUARE, lambda b, x: b.argmax(x, axis=1, dtype=dtypes.i32)),
    "cumulative sum": _case(SQUARE, lambda b, x: b.cumulative_sum(x, axis=0)),
    "cumulative sum backwards": _case(SQUARE, lambda b, x: b.cumulative_sum(x, axis=1, reverse=True)),
    "cumulative sum of half": _case("f16[2048,2048]", lambda b, x: b.cumulative_sum(x, axis=0)),
    "sort": _case(SQUARE, lambda b, x: b.sort(x, axis=1, keys=1)),
    "sort along the first": _case(SQUARE, lambda b, x: b.sort(x, axis=0, keys=1)),
    "sort by a key": _case(f"{SQUARE} i32[2048,2048]", lambda b, x, y: b.sort(x, y, axis=1, keys=1)),
    "sort by two keys": _case(f"{SQUARE} i32[2048,2048]", lambda b, x, y: b.sort(y, x, axis=1, keys=2)),
    "top k": _case(SQUARE, lambda b, x: b.top_k(x, k=5, dtype=dtypes.i32)),
    # -- contraction ----
    "integers": _case("i32[1024,1024] i32[1024,1024]", lambda b, x, y: b.matmul(x, y)),
    "half": _case("f16[1024,1024] f16[1024,1024]", lambda b, x, y: b.matmul(x, y)),
    "merged axes": _case(
        "f32[64,32,2048] f32[64,32,2048]",
        lambda b, x, y: b.matmul(x, y, lhs_contract=(0, 2), rhs_contract=(0, 2)),
    ),
    "convolution": _case("f32[8,128,128,16] f32[3,3,16,32]", _convolution("n01c,01io->n01c")),
    "convolution, channels first": _case("f32[8,16,128,128] f32[32,16,3,3]", _convolution("nc01,oi01->nc01")),
    "convolution of integers": _case("i32[8,64,64,16] i32[3,3,16,32]", _convolution("n01c,01io->n01c")),
    "convolution of half": _case("f16[8,64,64,16] f16[3,3,16,32]", _convolution("n01c,01io->n01c")),
    "convolution, spread and strided": _case(
        "f32[8,64,64,16] f32[3,3,16,32]", _convolution("n01c,01io->n01c", x_dilation=(3, 3), stride=(2, 2))
    ),
    # -- windows ----
    "maxima of windows": _case("f32[8,256,256,8]", _windows),
    "maxima of windows of integers": _case("i32[8,256,256,8]", _windows),
    # -- indexing ----
    "gather": _case(f"f32[4096,64] {INDEX}", lambda b, x, i: b.gather(x, i, axes=(0,))),
    "gather, clipped": _case(f"f32[4096,64] {INDEX}", lambda b, x, i: b.gather(x, i, axes=(0,), bounds="clip")),
    "gather along the last": _case(f"f32[64,4096] {INDEX}", lambda b, x, i: b.gather(x, i, axes=(1,))),
    "gather by two": _case(f"f32[64,64,16] {INDEX} {INDEX}", lambda b, x, i, j: b.gather(x, i, j, axes=(0, 1))),
    "scatter": _case(
        f"f32[4096,16] f32[262144,16] {INDEX}", lambda b, x, u, i: b.scatter(x, u, i, axes=(0,), combine="add")
    ),
    "scatter to many": _case(
        "f32[262144,16] f32[4096,16] i32[4096]", lambda b, x, u, i: b.scatter(x, u, i, axes=(0,), combine="add")
    ),
    "scatter, set": _case(
        f"f32[262144,16] f32[262144,16] {INDEX}", lambda b, x, u, i: b.scatter(x, u, i, axes=(0,), combine="set")
    ),
    "scatter, maxima": _case(
        f"f32[4096,16] f32[262144,16] {INDEX}",
        lambda b, x, u, i: b.scatter(x, u, i, axes=(0,), combine="max", bounds="drop"),
    ),
    "dynamic slice": _case(
        f"{SQUARE} i32[] i32[]", lambda b, x, i, j: b.exp(b.dynamic_slice(x, i, j, sizes=(1024, 1024)))
    ),
    # -- linear algebra ----
    "cholesky": _case("f32[512,512]", lambda b, x: b.cholesky(_definite(b, x))),
    "triangular solve": _case(
        "f32[1024,1024] f32[1024,1024]", lambda b, a, x: b.triangular_solve(a, x, lower=True, left=True)
    ),
    "triangular solve, turned": _case(
        "f32[1024,1024] f32[1024,1024]",
        lambda b, a, x: b.triangular_solve(a, x, lower=True, left=False, transform="transpose"),
    ),
    "qr": _case("f32[64,128,128]", lambda b, x: b.qr(x)),
    "qr of a tall matrix": _case("f32[4096,256]", lambda b, x: b.qr(x)),
    "svd": _case("f32[512,512]", lambda b, x: b.svd(x)),
    "eigh": _case("f32[512,512]", lambda b, x: b.eigh(_definite(b, x))),
    "eig": _case("f32[384,384]", lambda b, x: b.eig(x)),
    "lu": _case("f32[1024,1024]", lambda b, x: b.lu(x)),
    "fft": _case("c64[2048,1024]", lambda b, x: b.fft(x, kind="fft", lengths=(1024,))),
    "fft of two axes": _case("c64[2048,1024]", lambda b, x: b.fft(x, kind="fft", lengths=(2048, 1024))),
    "fft back, of two axes": _case("c64[2048,1024]", lambda b, x: b.fft(x, kind="ifft", lengths=(2048, 1024))),
    "rfft": _case(SQUARE, lambda b, x: b.fft(x, kind="rfft", lengths=(2048,))),
    "irfft": _case("c64[2048,1025]", lambda b, x: b.fft(x, kind="irfft", lengths=(2048,))),
    # -- random numbers, control ----
    "parts whose results lie apart": _case(TALL, _apart),
    "random bits": _case("u32[2] u64[]", lambda b, k, c: b.random_bits(k, c, shape=(4194304,))),
    "random bits of 64": _case("u32[2] u64[]", lambda b, k, c: b.random_bits(k, c, shape=(2097152,), dtype=dtypes.u64)),
    "host call": _case(FLAT, _host),
    "while": _case(f"i32[] {FLAT}", _while),
    "scan": _case("f32[1048576] f32[8,1048576]", _scan),
    "cond": _case(f"bool[] {TALL}", _cond),
}  # fmt: skip


def _definite(b: Builder, x: Value) -> Value:
    """x x^T and some of the unit matrix."""
    size = x.type.static_shape()[0]
    some = b.constant(value=Constant((np.eye(size) * size).astype(np.float32)))
    return b.add(b.matmul(x, x, rhs_contract=(1,)), some)
