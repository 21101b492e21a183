"""Casts, selections, and the ops that exist for differentiation alone."""

from __future__ import annotations

import math

from diptych.ir import Builder, DType, Value

from ..pattern import Built, Known, P, Rest, Rule, Var, inlined, is_number, known_constant

x, y, z, condition, dtype, c = Var("x"), Var("y"), Var("z"), Var("condition"), Var("dtype"), Known("c")

# For each dtype, those that hold every one of its values.
_HOLDS = {
    "bool": {"i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f16", "bf16", "f32", "f64", "c64", "c128"},
    "i8": {"i16", "i32", "i64", "f16", "bf16", "f32", "f64", "c64", "c128"},
    "u8": {"i16", "i32", "i64", "u16", "u32", "u64", "f16", "bf16", "f32", "f64", "c64", "c128"},
    "i16": {"i32", "i64", "f32", "f64", "c64", "c128"},
    "u16": {"i32", "i64", "u32", "u64", "f32", "f64", "c64", "c128"},
    "i32": {"i64", "f64", "c128"},
    "u32": {"i64", "u64", "f64", "c128"},
    "f16": {"f32", "f64", "c64", "c128"},
    "bf16": {"f32", "f64", "c64", "c128"},
    "f32": {"f64", "c64", "c128"},
    "f64": {"c128"},
    "c64": {"c128"},
}


def lossless(source: DType, target: DType) -> bool:
    """Whether `target` holds every value of `source`."""
    return source is target or target.name in _HOLDS.get(source.name, ())


def _same_dtype(b: Builder, x: Value, dtype: DType) -> Built:
    return x if x.dtype is dtype else None


def _bitcast_twice(b: Builder, x: Value, dtype: DType) -> Built:
    return b.bitcast(x, dtype=dtype)


def _cast_twice(b: Builder, x: Value, inner: DType, dtype: DType) -> Built:
    """cast(cast(x)) -> cast(x), where the first cast loses nothing"""
    return b.cast(x, dtype=dtype) if lossless(x.dtype, inner) else None


def _to_bool(b: Builder, condition: Value, x: Value, y: Value) -> Built:
    fits = x.dtype.is_bool and condition.type == x.type
    return condition if fits and is_number(b, x, 1) and is_number(b, y, 0) else None


def _scalar_condition(b: Builder, condition: Value, x: Value, y: Value) -> Built:
    """A condition that is one bool everywhere stays one bool"""
    return b.select(condition, x, y) if not condition.shape else None


def _limited(b: Builder, x: Value, c: Value, sign: float) -> bool:
    """Whether x where it is beyond c, else c, is the larger (sign 1) or smaller (sign -1) of both: not where a zero
    takes the place of one with another sign that would win."""
    constant = known_constant(b, c)
    if constant is None or not (x.dtype.is_integer or x.dtype.is_float):
        return False
    number = constant.array.item()
    return not math.isnan(number) and (number != 0 or x.dtype.is_integer or math.copysign(1.0, number) == sign)


CONVERSIONS: list[Rule] = [
    # -- casts ----
    Rule("cast_same", P.cast(x, dtype=dtype), _same_dtype),
    Rule("cast_cast", P.cast(P.cast(x, dtype=Var("inner")), dtype=dtype), _cast_twice),
    Rule("bitcast_same", P.bitcast(x, dtype=dtype), _same_dtype),
    Rule("bitcast_bitcast", P.bitcast(P.bitcast(x), dtype=dtype), _bitcast_twice),
    # -- selections ----
    Rule("select_true", P.select(1, x, y), lambda b, x, y: x),  # select(true, x, y) -> x
    Rule("select_false", P.select(0, x, y), lambda b, x, y: y),  # select(false, x, y) -> y
    Rule("select_same", P.select(condition, x, x), lambda b, condition, x: x),  # select(c, x, x) -> x
    Rule("select_not", P.select(P.bitwise_not(condition), x, y), lambda b, condition, x, y: b.select(condition, y, x)),
    Rule("select_bool", P.select(condition, Known("x"), Known("y")), _to_bool),  # select(c, true, false) -> c
    Rule("select_select_true", P.select(condition, P.select(condition, x, y), z),
         lambda b, condition, x, y, z: b.select(condition, x, z)),  # select(c, select(c, x, y), z) -> select(c, x, z)
    Rule("select_select_false", P.select(condition, x, P.select(condition, y, z)),
         lambda b, condition, x, y, z: b.select(condition, x, z)),  # select(c, x, select(c, y, z)) -> select(c, x, z)
    Rule("select_scalar", P.select(P.broadcast(condition), x, y), _scalar_condition),
    Rule("select_max", P.select(P.le(x, c), c, x),
         lambda b, x, c: b.max(x, c) if _limited(b, x, c, 1.0) else None),  # select(x <= c, c, x) -> max(x, c)
    Rule("select_min", P.select(P.ge(x, c), c, x),
         lambda b, x, c: b.min(x, c) if _limited(b, x, c, -1.0) else None),  # select(x >= c, c, x) -> min(x, c)
]  # fmt: skip

# What only differentiation needs: applied once no gradient will be taken any more.
MARKS: list[Rule] = [
    Rule("identity", P.identity(x), lambda b, x: x),
    Rule("stop_gradient", P.stop_gradient(x), lambda b, x: x),
    Rule("graft", P.graft(x, y), lambda b, x, y: x),
    Rule("custom_gradient", P.custom_gradient(Rest("xs"), body=Var("body")), inlined),
]

# What only says how values are split over a mesh: applied where there is none.
PLACES: list[Rule] = [Rule("shard", P.shard(x, axes=Var("axes")), lambda b, x, axes: x)]
