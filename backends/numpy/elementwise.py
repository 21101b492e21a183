"""How elementwise ops are written: as numpy's functions with their result's place given."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from diptych.ir import Equation, Op, ops

from .writer import Writer

Emitter = Callable[[Writer, Equation], None]

UFUNCS: dict[Op, np.ufunc] = {
    ops.neg: np.negative,
    ops.abs: np.absolute,
    ops.sign: np.sign,
    ops.exp: np.exp,
    ops.expm1: np.expm1,
    ops.log: np.log,
    ops.log1p: np.log1p,
    ops.sqrt: np.sqrt,
    ops.sin: np.sin,
    ops.cos: np.cos,
    ops.tan: np.tan,
    ops.asin: np.arcsin,
    ops.acos: np.arccos,
    ops.atan: np.arctan,
    ops.sinh: np.sinh,
    ops.cosh: np.cosh,
    ops.tanh: np.tanh,
    ops.asinh: np.arcsinh,
    ops.acosh: np.arccosh,
    ops.atanh: np.arctanh,
    ops.floor: np.floor,
    ops.ceil: np.ceil,
    ops.round_even: np.rint,
    ops.is_finite: np.isfinite,
    ops.bitwise_not: np.invert,
    ops.conj: np.conjugate,
    ops.add: np.add,
    ops.sub: np.subtract,
    ops.mul: np.multiply,
    ops.div: np.divide,
    ops.floor_div: np.floor_divide,
    ops.rem: np.fmod,
    ops.max: np.maximum,
    ops.min: np.minimum,
    ops.atan2: np.arctan2,
    ops.bitwise_and: np.bitwise_and,
    ops.bitwise_or: np.bitwise_or,
    ops.bitwise_xor: np.bitwise_xor,
    ops.eq: np.equal,
    ops.ne: np.not_equal,
    ops.lt: np.less,
    ops.le: np.less_equal,
    ops.gt: np.greater,
    ops.ge: np.greater_equal,
}


def _ufunc(w: Writer, equation: Equation) -> None:
    ufunc = UFUNCS[equation.op]
    operands = ", ".join([w.operand(operand) for operand in equation.operands])
    w.line(f"{w.constant(ufunc, ufunc.__name__)}({operands}, out={w.out(equation.results[0])})")


def _rsqrt(w: Writer, equation: Equation) -> None:
    """1 / sqrt(x), as the reference has it"""
    (operand,) = [w.operand(operand) for operand in equation.operands]
    out = w.out(equation.results[0])
    w.line(f"{w.constant(np.sqrt, 'sqrt')}({operand}, out={out})")
    w.line(f"{w.constant(np.divide, 'divide')}(1, {out}, out={out})")


def _select(w: Writer, equation: Equation) -> None:
    """on_false everywhere, then on_true where the condition holds; on_false may be the result's own place."""
    condition, on_true, on_false = (w.operand(operand) for operand in equation.operands)
    out = w.out(equation.results[0])
    copy = w.constant(np.copyto, "copyto")
    if on_false != out:
        w.line(f"{copy}({out}, {on_false})")
    w.line(f"{copy}({out}, {on_true}, where={condition})")


def _clamp(w: Writer, equation: Equation) -> None:
    lower, x, upper = (w.operand(operand) for operand in equation.operands)
    out = w.out(equation.results[0])
    w.line(f"{w.constant(np.maximum, 'maximum')}({x}, {lower}, out={out})")
    w.line(f"{w.constant(np.minimum, 'minimum')}({out}, {upper}, out={out})")


def _cast(w: Writer, equation: Equation) -> None:
    (operand,) = equation.operands
    source = w.operand(operand)
    if operand.dtype.is_complex and not equation.results[0].dtype.is_complex:
        source = f"{source}.real"
    w.line(f"{w.constant(np.copyto, 'copyto')}({w.out(equation.results[0])}, {source}, casting='unsafe')")


def _logistic(w: Writer, equation: Equation) -> None:
    """As the reference has it, written over its own place."""
    (operand,) = equation.operands
    out, operand_text = w.out(equation.results[0]), w.operand(operand)
    exp, number = (np.expm1, 2) if operand.dtype.name == "f32" else (np.exp, 1)
    w.line(f"{w.constant(np.negative, 'negative')}({operand_text}, out={out})")
    w.line(f"{w.constant(exp, exp.__name__)}({out}, out={out})")
    w.line(f"{w.constant(np.add, 'add')}({out}, {number}, out={out})")
    w.line(f"{w.constant(np.divide, 'divide')}(1, {out}, out={out})")


EMITTERS: dict[Op, Emitter] = {
    **dict.fromkeys(UFUNCS, _ufunc),
    ops.rsqrt: _rsqrt,
    ops.select: _select,
    ops.clamp: _clamp,
    ops.cast: _cast,
    ops.logistic: _logistic,
}


def writes(equation: Equation) -> bool:
    """Whether these emitters take the equation: half-precision arithmetic goes through the kernels, which round once,
    and so do casts to bfloat16 or from complex to bool, and what numpy does not do well enough."""
    op, dtype = equation.op, equation.operands[0].dtype
    if op not in EMITTERS or (op in (ops.log1p, ops.logistic) and dtype.is_complex):
        return False
    if op is ops.cast:
        target = equation.results[0].dtype
        return target.name != "bf16" and not (dtype.is_complex and target.is_bool)
    return dtype.name not in ("f16", "bf16") or op is ops.select
