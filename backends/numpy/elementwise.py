"""How elementwise ops are written: as numpy's functions with their result's place given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from typing import Any

import numpy as np
from diptych.ir import Equation, Op, Value, ops
from diptych.passes.plan import rounded

from ..reference.elementwise import refuse_zeros
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


_SIGNED = {4: np.dtype(np.int32), 8: np.dtype(np.int64)}  # by bytes of an element


def _ufunc(w: Writer, equation: Equation) -> None:
    operands = ", ".join([w.operand(operand) for operand in equation.operands])
    out = w.out(equation.results[0])
    function = _into(w, UFUNCS[equation.op], out)
    w.line(f"{w.constant(function, function.__name__)}({operands}, out={out})")


def _into(w: Writer, ufunc: np.ufunc, out: str) -> Callable[..., object]:
    """What writes the results of a ufunc: another one where they do not lie side by side, and numpy's goes wrong."""
    return ufunc if out in w.contiguous else _APART.get(ufunc, ufunc)


def negated(x: np.ndarray, out: np.ndarray) -> None:
    """out = -x, in numbers that lie apart, where `np.negative` of numpy 2.4 writes others with AVX-512: it negates
    elements that are 16 or 64 bytes apart as if they were not."""
    kind, signed = out.dtype.kind, _SIGNED.get(out.itemsize)
    if signed is None or kind == "c":
        np.negative(x, out=out)
    elif kind == "f":
        np.bitwise_xor(x.view(signed), np.iinfo(signed).min, out=out.view(signed))
    else:
        np.subtract(0, x, out=out)


def finite(x: np.ndarray, out: np.ndarray) -> None:
    """out = isfinite(x), in bools that lie apart, where `np.isfinite` of numpy 2.4 writes others with AVX-512."""
    if np.iscomplexobj(x):
        np.isfinite(x, out=out)
        return
    np.less(x, np.inf, out=out)
    np.greater(x, -np.inf, out=out, where=out)


_APART: dict[np.ufunc, Callable[..., None]] = {np.negative: negated, np.isfinite: finite}


def _rsqrt(w: Writer, equation: Equation) -> None:
    """1 / sqrt(x), as the reference has it"""
    (operand,) = [w.operand(operand) for operand in equation.operands]
    out = w.out(equation.results[0])
    w.line(f"{w.constant(np.sqrt, 'sqrt')}({operand}, out={out})")
    w.line(f"{w.constant(np.divide, 'divide')}(1, {out}, out={out})")


KERNEL_BLOCK = 1 << 14  # elements that a kernel of the reference's takes at a time
SELECTED_BY_BITS = 1 << 10  # elements, from which masks of bits take less time than copies where a condition holds
MOST_TEMPORARY = 1 << 20  # bytes of a temporary that a selection may have
RUN = 1 << 16  # elements of a longer selection that are selected at a time


def _select(w: Writer, equation: Equation) -> None:
    """on_false everywhere, then on_true where the condition holds, which may be the result's own place; or by masks of
    bits, where conditions that change from element to element would keep a processor guessing."""
    condition, on_true, on_false = equation.operands
    how = _by_bits(w.maker, equation)
    if how == "copies":
        source = w.operand(on_false)
        out = w.out(equation.results[0])
        copy = w.constant(np.copyto, "copyto")
        if source != out:
            w.line(f"{copy}({out}, {source})")
        w.line(f"{copy}({out}, {w.operand(on_true)}, where={w.operand(condition)})")
        return
    if how == "runs":
        texts = [w.operand(on_true), w.operand(on_false), w.out(equation.results[0])]
        w.line(f"{w.constant(select_in_runs, 'select_in_runs')}({w.array(condition)}, {', '.join(texts)})")
        return
    if (narrow := _narrow_shape(w, equation)) is not None:
        _select_narrow(w, equation, narrow, how)
    else:
        _select_by_bits(w, equation, how)


def _select_by_bits(w: Writer, equation: Equation, how: str) -> None:
    condition, on_true, on_false = equation.operands
    holds = _bits(w, w.array(condition), np.dtype(np.int8))
    left, right = w.operand(on_true), w.operand(on_false)
    signed = _SIGNED[on_true.dtype.bytes]
    out = _bits(w, w.out(equation.results[0]), signed)
    room, shape = w.room_begin(equation), condition.type.static_shape()
    mask = w.place(room, shape, np.dtype(np.int8))
    combine = w.constant(np.bitwise_and, "bitwise_and")
    if how == "true is zero":
        w.line(f"{w.constant(np.subtract, 'subtract')}({holds}, 1, out={mask})")
        w.line(f"{combine}({_bits(w, right, signed)}, {mask}, out={out})")
        return
    w.line(f"{w.constant(np.negative, 'negative')}({holds}, out={mask})")
    if how == "false is zero":
        w.line(f"{combine}({_bits(w, left, signed)}, {mask}, out={out})")
        return
    other = w.place(room + rounded(prod(shape)), equation.results[0].type.static_shape(), signed)
    differ = w.constant(np.bitwise_xor, "bitwise_xor")
    w.line(f"{differ}({_bits(w, left, signed)}, {_bits(w, right, signed)}, out={other})")
    w.line(f"{combine}({other}, {mask}, out={other})")
    w.line(f"{differ}({other}, {_bits(w, right, signed)}, out={out})")


def _select_narrow(w: Writer, equation: Equation, shape: tuple[int, ...], how: str) -> None:
    """By masks of as many bits as elements have, made for the few elements of a condition that repeats; a number that
    is selected is kept beside them, masked too."""
    condition, on_true, on_false = equation.operands
    signed = _SIGNED[on_true.dtype.bytes]
    room = w.room_begin(equation)
    keep = w.place(room, shape, signed)
    combine = w.constant(np.bitwise_and, "bitwise_and")
    holds = _bits(w, w.operand(condition), np.dtype(np.int8))
    is_left = _constant(w.maker, on_true) is None  # which of both is kept as the mask says
    kept, other = (on_true, on_false) if is_left else (on_false, on_true)
    source, number = _bits(w, w.operand(kept), signed), _bits(w, w.operand(other), signed)
    out = _bits(w, w.out(equation.results[0]), signed)
    if is_left:
        w.line(f"{w.constant(np.negative, 'negative')}({holds}, out={keep})")
    else:
        w.line(f"{w.constant(np.subtract, 'subtract')}({holds}, 1, out={keep})")
    if how == "both":
        beside = w.place(room + rounded(prod(shape) * signed.itemsize), shape, signed)
        w.line(f"{w.constant(np.invert, 'invert')}({keep}, out={beside})")
        w.line(f"{combine}({beside}, {number}, out={beside})")
        w.line(f"{combine}({source}, {keep}, out={out})")
        w.line(f"{w.constant(np.bitwise_or, 'bitwise_or')}({out}, {beside}, out={out})")
    else:
        w.line(f"{combine}({source}, {keep}, out={out})")


def _narrow_shape(w: Writer, equation: Equation) -> tuple[int, ...] | None:
    """The shape of what a condition is broadcast from, where that is much smaller and one side is a number."""
    condition, on_true, on_false = equation.operands
    made = w.maker.get(condition)
    if made is None or made.op is not ops.broadcast or not condition.rank:
        return None
    if (_constant(w.maker, on_true) is None) == (_constant(w.maker, on_false) is None):
        return None
    (source,) = made.operands
    axes, sizes = made.attributes["axes"], source.type.static_shape()
    if source in w.narrow or 4 * prod(sizes) > prod(condition.type.static_shape()):
        return None
    if axes == tuple(range(condition.rank - source.rank, condition.rank)):
        return sizes
    shape = [1] * condition.rank
    for axis, size in zip(axes, sizes, strict=True):
        shape[axis] = size
    return tuple(shape)


def _bits(w: Writer, name: str, dtype: np.dtype[Any]) -> str:
    """The elements of an array as integers."""
    return w.define(f"{name}.view({w.dtype(dtype)})", of=name, contiguous=name in w.contiguous)


def select_in_runs(condition: np.ndarray, on_true: np.ndarray, on_false: np.ndarray, out: np.ndarray) -> None:
    """A long selection, run by run where all lies side by side; on_false may be the result's own place."""
    parts = (condition, on_true, on_false, out)
    if not all(part.flags.c_contiguous and part.size in (1, out.size) for part in parts):
        if on_false is not out:
            np.copyto(out, on_false)
        np.copyto(out, on_true, where=condition)
        return
    signed = _SIGNED[out.dtype.itemsize]
    holds = condition.reshape(-1).view(np.int8)
    left, right, flat = (part.reshape(-1).view(signed) for part in (on_true, on_false, out))
    mask, other = np.empty(RUN, np.int8), np.empty(RUN, signed)
    for begin in range(0, flat.size, RUN):
        run = slice(begin, begin + RUN)
        x, y, to = (part if part.size == 1 else part[run] for part in (left, right, flat))
        these, here = mask[: to.size], other[: to.size]
        np.negative(holds[run], out=these)
        np.bitwise_xor(x, y, out=here)
        np.bitwise_and(here, these, out=here)
        np.bitwise_xor(here, y, out=to)


def _selecting_room(equation: Equation) -> int:
    """Bytes that a selection needs while it runs."""
    if equation.results[0].type.bytes() > MOST_TEMPORARY:
        return 0
    elements = prod(equation.results[0].type.static_shape())
    return rounded(elements) + elements * equation.results[0].dtype.bytes


def _by_bits(maker: Mapping[Value, Equation], equation: Equation) -> str:
    """How a selection is written: as copies, in runs, or by bits, with what of it is zero."""
    condition, on_true, on_false = equation.operands
    type = equation.results[0].type
    if condition.shape != type.shape or type.dtype.bytes not in _SIGNED or type.dtype.is_complex:
        return "copies"
    if prod(type.static_shape()) < SELECTED_BY_BITS:
        return "copies"
    if type.bytes() > MOST_TEMPORARY:
        return "runs"
    if _is_zero(maker, on_true):
        return "true is zero"
    return "false is zero" if _is_zero(maker, on_false) else "both"


def _is_zero(maker: Mapping[Value, Equation], value: Value) -> bool:
    """Whether a value is +0 everywhere."""
    constant = _constant(maker, value)
    return constant is not None and not any(constant.tobytes())


def _constant(maker: Mapping[Value, Equation], value: Value) -> np.ndarray | None:
    """The number that a value has everywhere, where its equations say so."""
    made = maker.get(value)
    while made is not None and made.op is ops.broadcast:
        made = maker.get(made.operands[0])
    if made is None or made.op is not ops.constant or made.results[0].shape:
        return None
    array: np.ndarray = made.attributes["value"].array
    return array


ROW = 1 << 14  # elements of a constant that stands for a number


def _limit(w: Writer, equation: Equation, ufunc: np.ufunc, x: Value, limit: Value) -> None:
    """The larger or smaller of each element of x and a limit. Where that is a number it becomes a row of them: numpy
    has no vector instructions for an array and a number here, and takes five times as long."""
    (result,) = equation.results
    number, shape = _constant(w.maker, limit), result.type.static_shape()
    source = w.operand(x)
    out = w.out(result)
    name = w.constant(ufunc, ufunc.__name__)
    is_flat = source in w.contiguous and out in w.contiguous and x.shape == result.shape
    width = _divisor(prod(shape), ROW) if is_flat and x.dtype.is_float else 0
    if number is None or width < 64:
        w.line(f"{name}({source}, {w.operand(limit)}, out={out})")
        return
    key = ("row", number.tobytes(), number.dtype, width)
    row = w.constant(np.full(width, number), "row", key=key)
    rows = (prod(shape) // width, width)
    w.line(f"{name}({w.shaped(source, x, rows)}, {row}, out={w.shaped(out, result, rows)})")


def _divisor(size: int, most: int) -> int:
    """The largest divisor of `size` up to `most`; 0 of 0."""
    if size <= most:
        return size
    return next((width for width in range(most, most // 64, -1) if size % width == 0), 0)


def _maximum(w: Writer, equation: Equation) -> None:
    ufunc = UFUNCS[equation.op]
    x, limit = equation.operands
    if _constant(w.maker, limit) is not None and x.shape == equation.results[0].shape:
        _limit(w, equation, ufunc, x, limit)
    else:
        _ufunc(w, equation)


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
    negative = _into(w, np.negative, out)
    w.line(f"{w.constant(negative, negative.__name__)}({operand_text}, out={out})")
    w.line(f"{w.constant(exp, exp.__name__)}({out}, out={out})")
    w.line(f"{w.constant(np.add, 'add')}({out}, {number}, out={out})")
    w.line(f"{w.constant(np.divide, 'divide')}(1, {out}, out={out})")


def _without_zeros(w: Writer, equation: Equation) -> None:
    """Looked through, and copied where it cannot stay in its place."""
    (operand,) = [w.operand(operand) for operand in equation.operands]
    out = w.out(equation.results[0])
    w.line(f"{w.constant(refuse_zeros, 'refuse_zeros')}({operand})")
    if operand != out:
        w.line(f"{w.constant(np.copyto, 'copyto')}({out}, {operand})")


EMITTERS: dict[Op, Emitter] = {
    **dict.fromkeys(UFUNCS, _ufunc),
    ops.divisor: _without_zeros,
    ops.rsqrt: _rsqrt,
    ops.select: _select,
    ops.clamp: _clamp,
    ops.max: _maximum,
    ops.min: _maximum,
    ops.cast: _cast,
    ops.logistic: _logistic,
}


ROOM: dict[Op, Callable[[Equation], int]] = {ops.select: _selecting_room}


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
