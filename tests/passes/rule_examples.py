"""For every rewrite rule, by name, programs on which it fires: parameter types, and what is built of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from diptych.ir import Builder, Constant, DType, Function, Op, Value, dtype_named, dtypes, ops
from diptych.passes.elementwise import BINARY, UNARY
from diptych.passes.expressions import full

from tests.samples.control import function

Body = Callable[..., Value | Sequence[Value]]


@dataclass(frozen=True)
class Example:
    """`body(b, *parameters)` has the left side of a rule."""

    types: str
    body: Body

    def function(self) -> Function:
        return function("example", self.types, self.body)


def of(types: str, body: Body) -> list[Example]:
    return [Example(types, body)]


def in_dtypes(names: str, rank_and_count: Sequence[str], body: Body) -> list[Example]:
    """The same program with each of the dtypes: `rank_and_count` are shapes, one a parameter."""
    return [Example(" ".join(f"{name}{shape}" for shape in rank_and_count), body) for name in names.split()]


def like(b: Builder, x: Value, number: complex) -> Value:
    """`number` everywhere, shaped as x."""
    return full(b, x.type, number)


def number(b: Builder, value: Any, dtype: DType) -> Value:
    return b.constant(value=Constant(value, dtype))


def uneven(b: Builder, x: Value) -> Value:
    """A number with many digits everywhere, with an imaginary part where x is complex."""
    value = np.asarray(0.7123 + 0.3456j if x.dtype.is_complex else 3.1416).astype(x.dtype.numpy)
    return b.broadcast(number(b, value, x.dtype), shape=x.shape, axes=())


def minus_zero(b: Builder, x: Value) -> Value:
    """-0.0 everywhere, in both parts of complex numbers."""
    zero = number(b, -np.zeros((), x.dtype.numpy), x.dtype)
    return b.broadcast(zero, shape=x.shape, axes=())


FLOATS = "f32 f64 f16 bf16"
INTEGERS = "i8 i16 i32 i64 u8 u16 u32 u64"
INEXACT = f"{FLOATS} c64 c128"
NUMBERS = f"{INEXACT} {INTEGERS}"
REAL = f"{FLOATS} {INTEGERS}"
V = ["[23]"]
VV = ["[23]", "[23]"]


def dtypes_of(op: Op) -> str:
    """Those that the op takes."""
    taken: list[str] = []
    for name in (*NUMBERS.split(), "bool"):
        try:
            for _ in _samples_of(op, name):
                pass
        except TypeError:
            continue
        taken.append(name)
    return " ".join(taken)


def attributes_of(op: Op, dtype: DType) -> list[dict[str, Any]]:
    if op is ops.cast:
        targets = [*FLOATS.split(), "c64", "bool"] if not dtype.is_complex else ["c64", "c128", "f32", "bool"]
        return [{"dtype": dtype_named(name)} for name in targets]
    if op is ops.bitcast:
        targets = [t for t in (*REAL.split(),) if dtype_named(t).bits == dtype.bits]
        return [{"dtype": dtype_named(name)} for name in targets]
    return [{"order": 2}] if op is ops.polygamma else [{}]


def _samples_of(op: Op, name: str) -> list[Example]:
    """op(broadcast(x)) or op(broadcast(x), broadcast(y)) of one dtype; TypeError where the op does not take it."""
    examples: list[Example] = []
    for attributes in attributes_of(op, dtype_named(name)):
        if op is ops.divisor:
            example = Example(f"{name}[23]", lambda b, x: b.divisor(_wide(b, b.bitwise_or(x, full(b, x.type, 1)))))
        elif op in UNARY:
            example = Example(f"{name}[23]", lambda b, x, a=attributes: b.emit(op, [_wide(b, x)], a))
        else:
            example = Example(f"{name}[23] {name}[23]", lambda b, x, y: b.emit(op, [_wide(b, x), _wide(b, y)], {}))
        example.function()
        examples.append(example)
    return examples


def _wide(b: Builder, x: Value) -> Value:
    return b.broadcast(x, shape=(2, 23), axes=(1,))


def _past_broadcast(op: Op) -> list[Example]:
    return [example for name in dtypes_of(op).split() for example in _samples_of(op, name)]


def _mixed_with_scalar(op: Op) -> list[Example]:
    """One operand is the broadcast of a scalar."""
    name = dtypes_of(op).split()[0]

    def left(b: Builder, x: Value, y: Value) -> Value:
        return b.emit(op, [_wide(b, x), b.broadcast(y, shape=(2, 23), axes=())], {})[0]

    def right(b: Builder, x: Value, y: Value) -> Value:
        return b.emit(op, [b.broadcast(y, shape=(2, 23), axes=()), _wide(b, x)], {})[0]

    return [Example(f"{name}[23] {name}[]", left), Example(f"{name}[23] {name}[]", right)]


def _constant_left(op: Op) -> list[Example]:
    names = [name for name in (*NUMBERS.split(), "bool") if _takes(op, name)]
    return in_dtypes(" ".join(names), V, lambda b, x: b.emit(op, [uneven(b, x), x], {}))


def _takes(op: Op, name: str) -> bool:
    dtype = dtype_named(name)
    if op in (ops.bitwise_and, ops.bitwise_or, ops.bitwise_xor):
        return dtype.is_integer or dtype.is_bool
    if op in (ops.add, ops.mul):
        return not dtype.is_bool and not (op is ops.mul and dtype.is_complex)
    return dtype.is_ordered or op in (ops.eq, ops.ne)


REDUCED = "[3,4,2]"
REDUCTIONS = {
    ops.reduce_sum: NUMBERS, ops.reduce_prod: NUMBERS, ops.reduce_max: f"{REAL} bool", ops.reduce_min: f"{REAL} bool",
    ops.reduce_and: "bool", ops.reduce_or: "bool",
}  # fmt: skip


def _reductions(op: Op) -> dict[str, list[Example]]:
    """The rules that every reduction has."""
    names = REDUCTIONS[op]

    def ones(b: Builder, x: Value) -> Value:
        return b.emit(op, [x], {"axes": (0, 2)})[0]

    def twice(b: Builder, x: Value) -> Value:
        return b.emit(op, [b.emit(op, [x], {"axes": (1,)})[0]], {"axes": (1,)})[0]

    def turned(b: Builder, x: Value) -> Value:
        return b.emit(op, [b.transpose(x, permutation=(2, 0, 1))], {"axes": (0, 2)})[0]

    def repeated(b: Builder, x: Value) -> Value:
        wide = b.broadcast(x, shape=(3, 5, 4, 2), axes=(0, 2, 3))
        return b.emit(op, [wide], {"axes": (1, 2)})[0]

    def nothing(b: Builder, x: Value) -> Value:
        return b.emit(op, [x], {"axes": ()})[0]

    over_ones = REAL if op is ops.reduce_prod else names
    examples = {
        f"{op.name}_over_ones": [*in_dtypes(over_ones, ["[1,5,1]"], ones), *in_dtypes(over_ones, [REDUCED], nothing)],
        f"{op.name}_twice": in_dtypes(names, [REDUCED], twice),
        f"{op.name}_transpose": in_dtypes(names, [REDUCED], turned),
    }
    if op in (ops.reduce_max, ops.reduce_min, ops.reduce_and, ops.reduce_or):
        examples[f"{op.name}_broadcast"] = in_dtypes(names, [REDUCED], repeated)
    if op is ops.reduce_sum:
        examples["reduce_sum_over_ones_integer"] = in_dtypes(INTEGERS, ["[1,5,1]"], ones)
        examples["reduce_sum_broadcast"] = in_dtypes(NUMBERS, [REDUCED], repeated)
        examples["reduce_sum_broadcast_integer"] = in_dtypes(INTEGERS, [REDUCED], repeated)
    return examples


SIMPLE = function("simple", "f32[4] f32[4]", lambda b, x, y: [b.add(x, y), x])
OTHER = function("other", "f32[4] f32[4]", lambda b, x, y: [b.mul(x, y), y])
NEVER = function("never", "f32[4] i32[]", lambda b, x, i: number(b, False, dtypes.bool_))
BELOW = function("below", "f32[4] i32[] f32[4]", lambda b, c, i, x: b.lt(i, number(b, 3, dtypes.i32)))
ADDING = function(
    "adding", "f32[4] i32[] f32[4]", lambda b, c, i, x: [c, b.add(i, number(b, 1, dtypes.i32)), b.add(x, c)]
)  # fmt: skip
COUNTING = function("counting", "f32[4] i32[]", lambda b, x, i: [x, i])
ROUND = function("round", "f32[4] f32[4] f32[4]", lambda b, c, x, y: [c, b.add(x, c), b.mul(x, y)])
GRADIENT = function("gradient", "f32[4] f32[4] f32[4]", lambda b, x, out, ct: ct)
SINE = function("sine", "f32[4]", lambda b, x: b.sin(x))


def _slices(b: Builder, x: Value, *ends: tuple[int, int]) -> list[Value]:
    return [b.slice(x, start=(0, low), limit=(3, high), stride=(1, 1)) for low, high in ends]


EXAMPLES: dict[str, list[Example]] = {
    # -- algebra: constants to the right ----
    **{
        f"{op.name}_constant_right": _constant_left(op)
        for op in (ops.add, ops.mul, ops.max, ops.min, ops.eq, ops.ne, ops.bitwise_and, ops.bitwise_or, ops.bitwise_xor)
    },
    # -- signs ----
    "neg_neg": in_dtypes(NUMBERS, V, lambda b, x: b.neg(b.neg(x))),
    "add_neg": in_dtypes(NUMBERS, VV, lambda b, x, y: b.add(x, b.neg(y))),
    "neg_add": in_dtypes(NUMBERS, VV, lambda b, x, y: b.add(b.neg(x), y)),
    "sub_neg": in_dtypes(NUMBERS, VV, lambda b, x, y: b.sub(x, b.neg(y))),
    "mul_neg_neg": in_dtypes(NUMBERS, VV, lambda b, x, y: b.mul(b.neg(x), b.neg(y))),
    "mul_neg_constant": in_dtypes(NUMBERS, V, lambda b, x: b.mul(b.neg(x), uneven(b, x))),
    "neg_mul_constant": in_dtypes(REAL, V, lambda b, x: b.neg(b.mul(x, uneven(b, x)))),
    "div_neg_neg": in_dtypes(FLOATS, VV, lambda b, x, y: b.div(b.neg(x), b.neg(y))),
    "abs_neg": in_dtypes(f"{INEXACT} i8 i32", V, lambda b, x: b.abs(b.neg(x))),
    "abs_abs": in_dtypes(NUMBERS, V, lambda b, x: b.abs(b.abs(x))),
    "neg_sub": in_dtypes(INTEGERS, VV, lambda b, x, y: b.neg(b.sub(x, y))),
    # -- units ----
    "add_minus_zero": in_dtypes(INEXACT, V, lambda b, x: b.add(x, minus_zero(b, x))),
    "add_zero_integer": in_dtypes(INTEGERS, V, lambda b, x: b.add(x, like(b, x, 0))),
    "sub_zero": in_dtypes(NUMBERS, V, lambda b, x: b.sub(x, like(b, x, 0))),
    "mul_one": in_dtypes(REAL, V, lambda b, x: b.mul(x, like(b, x, 1))),
    "mul_minus_one": in_dtypes(f"{FLOATS} i8 i16 i32 i64", V, lambda b, x: b.mul(x, like(b, x, -1))),
    "mul_zero_integer": in_dtypes(INTEGERS, V, lambda b, x: b.mul(x, like(b, x, 0))),
    "div_one": in_dtypes(FLOATS, V, lambda b, x: b.div(x, like(b, x, 1))),
    "div_power_of_two": [
        *in_dtypes("f32 f64", V, lambda b, x: b.div(x, like(b, x, 8))),
        *in_dtypes("f32 f64", V, lambda b, x: b.div(x, like(b, x, -(2.0**-90)))),
        *in_dtypes("f32 f64", V, lambda b, x: b.div(x, like(b, x, 2.0**98))),
    ],
    "floor_div_one": in_dtypes(INTEGERS, V, lambda b, x: b.floor_div(x, like(b, x, 1))),
    "sub_self_integer": in_dtypes(INTEGERS, V, lambda b, x: b.sub(x, x)),
    "pow_one": in_dtypes(NUMBERS, V, lambda b, x: b.pow(x, like(b, x, 1))),
    "pow_zero": in_dtypes(NUMBERS, V, lambda b, x: b.pow(x, like(b, x, 0))),
    "max_self": in_dtypes(f"{REAL} bool", V, lambda b, x: b.max(x, x)),
    "min_self": in_dtypes(f"{REAL} bool", V, lambda b, x: b.min(x, x)),
    "add_add_integer": in_dtypes(INTEGERS, V, lambda b, x: b.add(b.add(x, like(b, x, 100)), like(b, x, 90))),
    "mul_mul_integer": in_dtypes(INTEGERS, V, lambda b, x: b.mul(b.mul(x, like(b, x, 7)), like(b, x, 90))),
    # -- logic ----
    "not_not": in_dtypes(f"{INTEGERS} bool", V, lambda b, x: b.bitwise_not(b.bitwise_not(x))),
    "not_eq": in_dtypes(f"{NUMBERS} bool", VV, lambda b, x, y: b.bitwise_not(b.eq(x, y))),
    "not_ne": in_dtypes(f"{NUMBERS} bool", VV, lambda b, x, y: b.bitwise_not(b.ne(x, y))),
    "and_self": in_dtypes(f"{INTEGERS} bool", V, lambda b, x: b.bitwise_and(x, x)),
    "or_self": in_dtypes(f"{INTEGERS} bool", V, lambda b, x: b.bitwise_or(x, x)),
    "xor_self": in_dtypes(f"{INTEGERS} bool", V, lambda b, x: b.bitwise_xor(x, x)),
    "and_zero": in_dtypes(f"{INTEGERS} bool", V, lambda b, x: b.bitwise_and(x, like(b, x, 0))),
    "and_true": of("bool[23]", lambda b, x: b.bitwise_and(x, like(b, x, True))),
    "or_zero": in_dtypes(f"{INTEGERS} bool", V, lambda b, x: b.bitwise_or(x, like(b, x, 0))),
    "or_true": of("bool[23]", lambda b, x: b.bitwise_or(x, like(b, x, True))),
    "xor_zero": in_dtypes(f"{INTEGERS} bool", V, lambda b, x: b.bitwise_xor(x, like(b, x, 0))),
    "xor_true": of("bool[23]", lambda b, x: b.bitwise_xor(x, like(b, x, True))),
    "shift_left_zero": in_dtypes(INTEGERS, V, lambda b, x: b.shift_left(x, like(b, x, 0))),
    "shift_right_zero": in_dtypes(INTEGERS, V, lambda b, x: b.shift_right(x, like(b, x, 0))),
    # -- rounding and complex parts ----
    **{
        f"{outer.name}_{inner.name}": in_dtypes(
            FLOATS, V, lambda b, x, o=outer, i=inner: b.emit(o, [b.emit(i, [x], {})[0]], {})
        )
        for outer in (ops.floor, ops.ceil, ops.round_even)
        for inner in (ops.floor, ops.ceil, ops.round_even)
    },
    **{
        f"{op.name}_integer": [
            Example(f"{name}[23]", lambda b, x, op=op, to=to: b.emit(op, [b.cast(x, dtype=to)], {}))
            for name in (*INTEGERS.split(), "bool")
            for to in (dtypes.f32, dtypes.bf16)
        ]
        for op in (ops.floor, ops.ceil, ops.round_even)
    },
    "conj_conj": in_dtypes("c64 c128", V, lambda b, x: b.conj(b.conj(x))),
    "real_complex": in_dtypes("f32 f64", VV, lambda b, x, y: b.real(b.complex(x, y))),
    "imag_complex": in_dtypes("f32 f64", VV, lambda b, x, y: b.imag(b.complex(x, y))),
    "complex_parts": in_dtypes("c64 c128", V, lambda b, x: b.complex(b.real(x), b.imag(x))),
    "conj_complex": in_dtypes("f32 f64", VV, lambda b, x, y: b.conj(b.complex(x, y))),
    "real_conj": in_dtypes("c64 c128", V, lambda b, x: b.real(b.conj(x))),
    # -- conversions ----
    "cast_same": in_dtypes(f"{NUMBERS} bool", V, lambda b, x: b.cast(x, dtype=x.dtype)),
    "cast_cast": [
        Example(f"{source}[23]", lambda b, x, i=inner, o=outer: b.cast(b.cast(x, dtype=dtype_named(i)), dtype=o))
        for source, inner, outers in (
            ("bool", "f16", (dtypes.i32, dtypes.f32, dtypes.c64, dtypes.bool_)),
            ("i8", "bf16", (dtypes.i32, dtypes.f64, dtypes.f16)),
            ("u8", "f16", (dtypes.u32, dtypes.bf16)),
            ("i16", "f32", (dtypes.f16, dtypes.bf16, dtypes.i64, dtypes.bool_)),
            ("i32", "f64", (dtypes.f32, dtypes.bf16, dtypes.i64)),
            ("u32", "i64", (dtypes.f32, dtypes.bf16, dtypes.i8)),
            ("f16", "f32", (dtypes.f64, dtypes.bf16, dtypes.f16, dtypes.bool_)),
            ("bf16", "f64", (dtypes.f32, dtypes.f16, dtypes.c128)),
            ("f32", "f64", (dtypes.f32, dtypes.f16, dtypes.bf16, dtypes.bool_)),
            ("f32", "c64", (dtypes.f32, dtypes.bf16, dtypes.bool_)),
            ("f64", "c128", (dtypes.f32, dtypes.bf16, dtypes.f16)),
            ("c64", "c128", (dtypes.c64, dtypes.f32, dtypes.bool_)),
        )
        for outer in outers
    ],
    "bitcast_same": in_dtypes(REAL, V, lambda b, x: b.bitcast(x, dtype=x.dtype)),
    "bitcast_bitcast": [
        *of("f32[23]", lambda b, x: b.bitcast(b.bitcast(x, dtype=dtypes.u32), dtype=dtypes.i32)),
        *of("bf16[23]", lambda b, x: b.bitcast(b.bitcast(x, dtype=dtypes.i16), dtype=dtypes.f16)),
    ],
    # -- selections ----
    "select_true": [
        *of(
            "f32[23] f32[23]",
            lambda b, x, y: b.select(b.broadcast(number(b, True, dtypes.bool_), shape=(23,), axes=()), x, y),
        ),
        *of("f32[23] f32[23]", lambda b, x, y: b.select(number(b, True, dtypes.bool_), x, y)),
    ],
    "select_false": of("f32[23] f32[23]", lambda b, x, y: b.select(number(b, False, dtypes.bool_), x, y)),
    "select_same": of("bool[23] f32[23]", lambda b, c, x: b.select(c, x, x)),
    "select_not": [
        *of("bool[23] f32[23] f32[23]", lambda b, c, x, y: b.select(b.bitwise_not(c), x, y)),
        *of("bool[] f32[23] f32[23]", lambda b, c, x, y: b.select(b.bitwise_not(c), x, y)),
    ],
    "select_bool": of("bool[23]", lambda b, c: b.select(c, like(b, c, True), like(b, c, False))),
    "select_select_true": of(
        "bool[23] f32[23] f32[23] f32[23]", lambda b, c, x, y, z: b.select(c, b.select(c, x, y), z)
    ),
    "select_select_false": of(
        "bool[23] f32[23] f32[23] f32[23]", lambda b, c, x, y, z: b.select(c, x, b.select(c, y, z))
    ),
    "select_max": [
        *in_dtypes(f"{FLOATS} {INTEGERS}", ["[23]"], lambda b, x: b.select(b.le(x, like(b, x, 0)), like(b, x, 0), x)),
        *of("f32[23]", lambda b, x: b.select(b.le(x, like(b, x, 0.5)), like(b, x, 0.5), x)),
    ],
    "select_min": [
        *in_dtypes(f"{FLOATS} {INTEGERS}", ["[23]"], lambda b, x: b.select(b.ge(x, like(b, x, 1)), like(b, x, 1), x)),
        *of("f32[23]", lambda b, x: b.select(b.ge(x, like(b, x, -0.0)), like(b, x, -0.0), x)),
    ],
    "select_scalar": of(
        "bool[] f32[23] f32[23]", lambda b, c, x, y: b.select(b.broadcast(c, shape=(23,), axes=()), x, y)
    ),
    # -- moves that move nothing ----
    "transpose_identity": of("f32[3,4]", lambda b, x: b.transpose(x, permutation=(0, 1))),
    "reshape_same": of("f32[3,4]", lambda b, x: b.reshape(x, shape=(3, 4))),
    "broadcast_same": of("f32[3,4]", lambda b, x: b.broadcast(x, shape=(3, 4), axes=(0, 1))),
    "slice_whole": of("f32[3,4]", lambda b, x: b.slice(x, start=(0, 0), limit=(3, 4), stride=(1, 1))),
    "pad_nothing": of("f32[3,4] f32[]", lambda b, x, v: b.pad(x, v, low=(0, 0), high=(0, 0), interior=(0, 0))),
    "reverse_nothing": [
        *of("f32[3,1]", lambda b, x: b.reverse(x, axes=(1,))),
        *of("f32[3,4]", lambda b, x: b.reverse(x, axes=())),
    ],
    "concatenate_one": of("f32[3,4]", lambda b, x: b.concatenate(x, axis=1)),
    "concatenate_empty": of("f32[3,4] f32[3,0] f32[3,2]", lambda b, x, y, z: b.concatenate(y, x, y, z, axis=1)),
    "dimension_known": of("", lambda b: b.dimension(size=263, dtype=dtypes.i8)),
    # -- compositions ----
    "transpose_transpose": of(
        "f32[3,4,2]", lambda b, x: b.transpose(b.transpose(x, permutation=(2, 0, 1)), permutation=(1, 0, 2))
    ),
    "reshape_reshape": of("f32[3,4]", lambda b, x: b.reshape(b.reshape(x, shape=(12,)), shape=(2, 6))),
    "broadcast_broadcast": of(
        "f32[3,2]",
        lambda b, x: b.broadcast(b.broadcast(x, shape=(3, 4, 2), axes=(0, 2)), shape=(3, 5, 4, 2), axes=(0, 2, 3)),
    ),
    "slice_slice": [
        *of(
            "f32[20,9]",
            lambda b, x: b.slice(
                b.slice(x, start=(1, 0), limit=(20, 9), stride=(3, 2)), start=(1, 1), limit=(6, 4), stride=(2, 1)
            ),
        ),
    ],
    "pad_pad": of(
        "f32[3,4] f32[]",
        lambda b, x, v: b.pad(
            b.pad(x, v, low=(1, 0), high=(0, 2), interior=(1, 0)), v, low=(0, 3), high=(1, 1), interior=(0, 0)
        ),
    ),
    "reverse_reverse": of("f32[3,4,2]", lambda b, x: b.reverse(b.reverse(x, axes=(0, 1)), axes=(1, 2))),
    "concatenate_concatenate": of(
        "f32[3,4] f32[3,1]", lambda b, x, y: b.concatenate(y, b.concatenate(x, y, axis=1), x, axis=1)
    ),
    "concatenate_slices": of(
        "f32[3,9] f32[3,9]",
        lambda b, x, y: b.concatenate(
            *_slices(b, x, (1, 3), (3, 4), (4, 9)), *_slices(b, y, (2, 4), (4, 5), (8, 9)), axis=1
        ),
    ),
    "slice_concatenate": of(
        "f32[3,4] f32[3,2]",
        lambda b, x, y: b.slice(b.concatenate(x, y, x, axis=1), start=(1, 4), limit=(3, 6), stride=(1, 2)),
    ),
    # -- broadcasts outward ----
    "transpose_broadcast": of(
        "f32[3,2]", lambda b, x: b.transpose(b.broadcast(x, shape=(3, 4, 2), axes=(0, 2)), permutation=(2, 1, 0))
    ),
    "reshape_broadcast": of("f32[]", lambda b, x: b.reshape(b.broadcast(x, shape=(3, 4), axes=()), shape=(12,))),
    "reshape_scalar": of("", lambda b: b.reshape(number(b, 2.5, dtypes.f32), shape=(1, 1))),
    "slice_broadcast": [
        *of(
            "f32[3,2]",
            lambda b, x: b.slice(
                b.broadcast(x, shape=(3, 4, 2), axes=(0, 2)), start=(1, 1, 0), limit=(3, 2, 1), stride=(1, 1, 1)
            ),
        ),
        *of("f32[]", lambda b, x: b.slice(b.broadcast(x, shape=(3,), axes=()), start=(1,), limit=(3,), stride=(1,))),
    ],
    **{f"{op.name}_broadcast": _past_broadcast(op) for op in UNARY},
    **{f"{op.name}_broadcasts": [*_past_broadcast(op), *_mixed_with_scalar(op)] for op in BINARY},
    # -- reductions, orderings, indexing ----
    **{name: examples for op in REDUCTIONS for name, examples in _reductions(op).items()},
    **{
        f"{op.name}_along_one": in_dtypes(names, ["[4,1]"], lambda b, x, op=op: b.emit(op, [x], {"axis": 1}))
        for op, names in (
            (ops.cumulative_sum, NUMBERS),
            (ops.cumulative_prod, NUMBERS),
            (ops.cumulative_max, f"{REAL} bool"),
            (ops.cumulative_min, f"{REAL} bool"),
        )
    },
    **{
        f"{op.name}_along_one": in_dtypes(
            f"{REAL} bool", ["[4,1]"], lambda b, x, op=op: b.emit(op, [x], {"axis": 1, "dtype": dtypes.u8})
        )
        for op in (ops.argmax, ops.argmin)
    },
    "sort_along_one": of("f32[4,1] i32[4,1]", lambda b, x, y: b.sort(x, y, axis=1)),
    "dynamic_slice_static": [
        *of(
            "f32[5,4]",
            lambda b, x: b.dynamic_slice(x, number(b, 9, dtypes.i32), number(b, -1, dtypes.i32), sizes=(2, 3)),
        ),
        *of("f32[5,4] i32[]", lambda b, x, i: b.dynamic_slice(x, i, i, sizes=(5, 4))),
    ],
    "dynamic_update_whole": of("f32[5] f32[5] i32[]", lambda b, x, y, i: b.dynamic_update_slice(x, y, i)),
    "scatter_nothing": of("f32[5,2] f32[0,2] i32[0]", lambda b, x, u, i: b.scatter(x, u, i, axes=(0,), combine="add")),
    # -- products ----
    "matmul_transpose_lhs": [
        *in_dtypes(
            "f32 f64 c64 i32 f16", ["[5,4]", "[5,3]"], lambda b, x, y: b.matmul(b.transpose(x, permutation=(1, 0)), y)
        ),
        *of(
            "f32[4,2,5] f32[5,2,3]",
            lambda b, x, y: b.matmul(
                b.transpose(x, permutation=(1, 0, 2)),
                y,
                lhs_contract=(2,),
                rhs_contract=(0,),
                lhs_batch=(0,),
                rhs_batch=(1,),
            ),
        ),
    ],
    "matmul_transpose_rhs": [
        *in_dtypes(
            "f32 f64 c64 i32 bf16", ["[4,5]", "[3,5]"], lambda b, x, y: b.matmul(x, b.transpose(y, permutation=(1, 0)))
        ),
    ],
    "transpose_matmul": of(
        "f32[2,4,5] f32[2,5,3]",
        lambda b, x, y: b.transpose(
            b.matmul(x, y, lhs_contract=(2,), rhs_contract=(1,), lhs_batch=(0,), rhs_batch=(0,)), permutation=(0, 2, 1)
        ),
    ),
    # -- control ----
    "cond_decided": [
        Example(
            "f32[4] f32[4]",
            lambda b, x, y, w=w: b.cond(number(b, w, dtypes.bool_), x, y, on_true=SIMPLE, on_false=OTHER),
        )
        for w in (True, False)
    ],
    "cond_same": of("bool[] f32[4] f32[4]", lambda b, p, x, y: b.cond(p, x, y, on_true=SIMPLE, on_false=SIMPLE)),
    "while_never": of("f32[4] i32[]", lambda b, x, i: b.while_loop(x, i, condition=NEVER, body=COUNTING, constants=0)),
    "while_constants": of(
        "f32[4] f32[4]",
        lambda b, c, x: b.while_loop(c, number(b, 0, dtypes.i32), x, condition=BELOW, body=ADDING, bound=3),
    ),
    "scan_constants": of(
        "f32[4] f32[4] f32[3,4]", lambda b, c, x, y: b.scan(c, x, y, body=ROUND, length=3, carries=2, reverse=True)
    ),
    "scan_once": of("f32[4] f32[4] f32[1,4]", lambda b, c, x, y: b.scan(c, x, y, body=ROUND, length=1, carries=2)),
    "call_inline": of("f32[4] f32[4]", lambda b, x, y: b.call(x, y, body=SIMPLE)),
    "fused_inline": of("f32[4] f32[4]", lambda b, x, y: b.fused(x, y, body=SIMPLE)),
    # -- marks ----
    "identity": in_dtypes(f"{NUMBERS} bool", V, lambda b, x: b.identity(x)),
    "stop_gradient": in_dtypes(f"{NUMBERS} bool", V, lambda b, x: b.stop_gradient(x)),
    "graft": in_dtypes(f"{NUMBERS} bool", [*V, *V], lambda b, x, history: b.graft(x, history)),
    "shard": in_dtypes(f"{NUMBERS} bool", V, lambda b, x: b.shard(x, axes="data")),
    "custom_gradient": of("f32[4]", lambda b, x: b.custom_gradient(x, body=SINE, gradient=GRADIENT)),
    # -- fast math ----
    "add_zero": in_dtypes(NUMBERS, V, lambda b, x: b.add(x, like(b, x, 0))),
    "mul_zero": in_dtypes(NUMBERS, V, lambda b, x: b.mul(x, like(b, x, 0))),
    "sub_self": in_dtypes(NUMBERS, V, lambda b, x: b.sub(x, x)),
    "div_self": in_dtypes(INEXACT, V, lambda b, x: b.div(x, x)),
    "pow_small": [
        example
        for power in (2, 3, 4)
        for example in in_dtypes("f32 f64 c64 i32", V, lambda b, x, p=power: b.pow(x, like(b, x, p)))
    ],
    "pow_half": in_dtypes("f32 f64", V, lambda b, x: b.pow(x, like(b, x, 0.5))),
    "pow_minus_one": in_dtypes("f32 f64 c64", V, lambda b, x: b.pow(x, like(b, x, -1))),
    "exp_log": in_dtypes("f32 f64", V, lambda b, x: b.exp(b.log(x))),
    "log_exp": in_dtypes("f32 f64", V, lambda b, x: b.log(b.exp(x))),
    "sqrt_square": in_dtypes("f32 f64", V, lambda b, x: b.sqrt(b.mul(x, x))),
    "reciprocal_sqrt": in_dtypes("f32 f64", V, lambda b, x: b.div(like(b, x, 1), b.sqrt(x))),
    "mul_reciprocal": in_dtypes("f32 f64", VV, lambda b, x, y: b.mul(x, b.div(like(b, y, 1), y))),
    "exp_minus_one": in_dtypes("f32 f64", V, lambda b, x: b.sub(b.exp(x), like(b, x, 1))),
    "log_one_plus": in_dtypes("f32 f64", V, lambda b, x: b.log(b.add(x, like(b, x, 1)))),
    "mul_mul": in_dtypes("f32 i32", V, lambda b, x: b.mul(b.mul(x, like(b, x, 3)), like(b, x, 7))),
    "add_add": in_dtypes("f32 i32", V, lambda b, x: b.add(b.add(x, like(b, x, 3)), like(b, x, 7))),
    "distribute": in_dtypes("f32 i32", ["[23]"] * 3, lambda b, x, y, z: b.add(b.mul(x, z), b.mul(y, z))),
}

SPECIAL = (0.0, -0.0, 1.0, -1.0, np.nan, np.inf, -np.inf, 0.5, -0.5, 1.5, 2.5, -2.5, 1e-40, -1e-310, 3e38, 7.0)


def special_array(random: np.random.Generator, dtype: DType, shape: tuple[int, ...]) -> np.ndarray:
    """Zeros of both signs, infinities, nan, halves, numbers too small and too large, in random order; of integers the
    extremes."""
    count = int(np.prod(shape))
    if dtype.is_bool:
        return random.random(shape) < 0.5
    if dtype.is_integer:
        info = np.iinfo(dtype.numpy)
        values = np.array([info.min, info.max, 0, 1, 2, 3, 5, 100], dtype.numpy)
        return random.choice(values, count).reshape(shape)
    picked = random.permutation(np.resize(np.array([*SPECIAL, *random.standard_normal(5)]), count)).reshape(shape)
    with np.errstate(all="ignore"):
        if not dtype.is_complex:
            return picked.astype(dtype.numpy)
        result = np.empty(shape, dtype.numpy)
        result.real, result.imag = picked, random.permutation(picked.reshape(-1)).reshape(shape)
        return result


def plain_array(random: np.random.Generator, dtype: DType, shape: tuple[int, ...]) -> np.ndarray:
    """Numbers between 0.5 and 1.5, where every function of the rules is smooth; small integers."""
    if dtype.is_bool:
        return random.random(shape) < 0.5
    if dtype.is_integer:
        return random.integers(1, 6, shape).astype(dtype.numpy)
    real = random.uniform(0.5, 1.5, shape)
    return (real + 1j * random.uniform(0.5, 1.5, shape) if dtype.is_complex else real).astype(dtype.numpy)
