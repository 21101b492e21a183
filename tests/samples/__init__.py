"""Samples of every op: calls with results worked out by hand, and calls that a type rule refuses.

One file a group, as everywhere. They drive the generic tests: types, kernels on every backend, gradients, text.
`notation` has the short forms in which they are written; `every` has all of them in two lists.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from diptych.ir import Builder, Function, Op, TensorType, dtype_of


@dataclass(frozen=True)
class Sample:
    """A call and its results. `tolerance`, relative to the result's largest element, says how exactly the results are
    written here; 0 means to the last bit. What a backend may differ by, `diptych.backends.tolerances`, comes on top.

    `gradient` is False where finite differences mean nothing at these operands (a kink, a tie); `name` tells samples of
    one op apart in a test's id.
    """

    op: Op
    operands: Sequence[np.ndarray]
    results: Sequence[np.ndarray]
    attributes: dict[str, Any] = field(default_factory=dict)
    tolerance: float = 0.0
    gradient: bool = True
    name: str = ""

    @property
    def operand_types(self) -> list[TensorType]:
        return [TensorType(dtype_of(operand.dtype), operand.shape) for operand in self.operands]

    def function(self) -> Function:
        """The program of this one call: its operands are the parameters."""
        b = Builder(self.op.name)
        operands = [b.parameter(type) for type in self.operand_types]
        return b.finish(b.emit(self.op, operands, self.attributes))

    def __str__(self) -> str:
        """For a test's id: op, dtype and shape of the first operand, name."""
        types = "-".join(str(type) for type in self.operand_types[:1])
        return "-".join(part for part in (self.op.name, types, self.name) if part)


@dataclass(frozen=True)
class Refusal:
    """A call that the type rule of `op` refuses, with the whole first line of the error."""

    op: Op
    operands: Sequence[TensorType]
    message: str
    attributes: dict[str, Any] = field(default_factory=dict)
