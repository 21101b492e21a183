"""How reductions are written."""

from __future__ import annotations

import numpy as np
from diptych.ir import Equation, Op, ops

from .elementwise import Emitter
from .writer import Writer

UFUNCS: dict[Op, np.ufunc] = {
    ops.reduce_sum: np.add,
    ops.reduce_prod: np.multiply,
    ops.reduce_max: np.maximum,
    ops.reduce_min: np.minimum,
    ops.reduce_and: np.logical_and,
    ops.reduce_or: np.logical_or,
}


def _reduce(w: Writer, equation: Equation) -> None:
    ufunc = UFUNCS[equation.op]
    axes = equation.attributes["axes"]
    source = w.array(equation.operands[0])
    w.line(f"{w.constant(ufunc, ufunc.__name__)}.reduce({source}, {axes}, None, {w.out(equation.results[0])})")


def _arg(w: Writer, equation: Equation) -> None:
    function = np.argmax if equation.op is ops.argmax else np.argmin
    source = w.array(equation.operands[0])
    out = w.out(equation.results[0])
    w.line(f"{w.constant(function, function.__name__)}({source}, {equation.attributes['axis']}, {out})")


EMITTERS: dict[Op, Emitter] = {**dict.fromkeys(UFUNCS, _reduce), ops.argmax: _arg, ops.argmin: _arg}


def writes(equation: Equation) -> bool:
    """Whether these emitters take the equation: half precision, empty maxima and odd index types go to the kernels."""
    op = equation.op
    if op not in EMITTERS or equation.operands[0].dtype.name in ("f16", "bf16"):
        return False
    if op in (ops.argmax, ops.argmin):
        return equation.attributes["dtype"].numpy == np.dtype(np.intp)
    return op not in (ops.reduce_max, ops.reduce_min) or equation.operands[0].type.size != 0
