"""Samples of every op: calls with results worked out by hand, and calls that a type rule refuses.

One file a group, as everywhere. They drive the generic tests: types, kernels on every backend, gradients, text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from diptych.ir import Op, TensorType


@dataclass(frozen=True)
class Sample:
    """A call and its results. `tolerance` is relative to the result's largest element; 0 means bit for bit.

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


@dataclass(frozen=True)
class Refusal:
    """A call that the type rule of `op` refuses, with the whole first line of the error."""

    op: Op
    operands: Sequence[TensorType]
    message: str
    attributes: dict[str, Any] = field(default_factory=dict)
