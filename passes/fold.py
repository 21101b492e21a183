"""Constant folding: an equation whose operands are all constants becomes a constant.

The values come from an `evaluate` that the backend gives, since this folder computes no numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from diptych.ir import AbsentConstant, Builder, Constant, DiptychError, Function, Op, Rewrite, Value, ops

from .provenance import Fired
from .replay import replay

Arrays = Sequence[np.ndarray[Any, Any]]
Evaluate = Callable[[Op, Arrays, Mapping[str, Any]], Arrays]

MAX_BYTES = 16 * 1024  # of a folded result: larger ones are cheaper to compute than to keep

# A broadcast or a count in place of its data is shorter and understood by rules.
KEPT = {ops.constant, ops.broadcast, ops.iota, ops.identity, ops.stop_gradient, ops.shard}


def folder(evaluate: Evaluate, fired: Fired, max_bytes: int = MAX_BYTES) -> Rewrite:
    """A Builder's `rewrite` that folds, and counts each op folded as `fold_<op>`."""

    def rewrite(
        b: Builder, op: Op, operands: tuple[Value, ...], attributes: Mapping[str, Any]
    ) -> tuple[Value, ...] | None:
        if op in KEPT or op.has_functions or op.has_effect or not operands:
            return _uniform(b, attributes["value"], fired) if op is ops.constant else None
        arrays: list[np.ndarray[Any, Any]] = []
        for operand in operands:
            definition = b.definition(operand)
            if definition is None or definition.op is not ops.constant:
                return None
            value = definition.attributes["value"]
            if isinstance(value, AbsentConstant):
                return None
            arrays.append(value.array)
        types = op.infer([operand.type for operand in operands], attributes)
        if not all(type.is_static for type in types) or sum(type.bytes() for type in types) > max_bytes:
            return None
        try:
            results = evaluate(op, arrays, attributes)
        except DiptychError:  # an index out of bounds, say: it is an error when the program gets there, if it does
            return None
        folded = tuple(b.constant(value=Constant(array)) for array in results)
        fired.note(f"fold_{op.name}", b.location, folded)
        return folded

    return rewrite


def _uniform(b: Builder, value: Constant, fired: Fired) -> tuple[Value, ...] | None:
    """An array of one number throughout is the broadcast of a scalar."""
    if isinstance(value, AbsentConstant) or value.array.size < 2:
        return None
    array = value.array
    flat = array.reshape(-1)
    bits = flat.view(np.uint8).reshape(flat.size, -1)  # so that nan equals itself, and 0.0 is not -0.0
    if not np.array_equal(bits[0], bits[-1]) or not bool((bits == bits[0]).all()):
        return None
    repeated = b.broadcast(b.constant(value=Constant(flat[:1].reshape(()))), shape=value.type.shape, axes=())
    fired.note("fold_uniform", b.location, (repeated,))
    return (repeated,)


def fold(function: Function, evaluate: Evaluate, *, max_bytes: int = MAX_BYTES, fired: Fired | None = None) -> Function:
    """`function` with every equation of constants computed, where its results take at most `max_bytes`.

    `fired` counts what was folded, as `fold_<op>`."""
    return replay(function, rewrite=folder(evaluate, Fired() if fired is None else fired, max_bytes))
