"""Runs one op, without a program around it, on the reference's kernel or as a jitted one-equation program on jax."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np
from diptych.backends.jax import traceable, wide_types
from diptych.backends.reference import evaluate
from diptych.backends.tolerances import Tolerance, disagreement, tolerance
from diptych.ir import Op

from tests.samples import Sample


def on_reference(op: Op, operands: Sequence[np.ndarray], **attributes: Any) -> tuple[np.ndarray, ...]:
    return evaluate(Sample(op, operands, (), attributes).function(), operands)


def on_jax(op: Op, operands: Sequence[np.ndarray], **attributes: Any) -> tuple[np.ndarray, ...]:
    with wide_types():
        results = jax.jit(traceable(Sample(op, operands, (), attributes).function()))(*operands)
        return tuple(np.asarray(result) for result in results)


def on_both(
    op: Op, operands: Sequence[np.ndarray], allowed: Tolerance | None = None, **attributes: Any
) -> tuple[np.ndarray, ...]:
    """The reference's results, once jax's agree with them."""
    results = on_reference(op, operands, **attributes)
    for number, (found, wanted) in enumerate(zip(on_jax(op, operands, **attributes), results, strict=True)):
        problem = disagreement(found, wanted, allowed or tolerance(op, wanted.dtype))
        assert problem is None, f"{op.name}: result {number} on jax {problem}; attributes {attributes}"
    return results
