"""The optimizers that the ready-made estimators are told by name."""

from __future__ import annotations

from typing import Any

from ..exports import NAMES
from ..training.optimizer import Optimizer

_OPTIMIZERS = {
    "Adagrad": "AdagradOptimizer", "Adam": "AdamOptimizer", "Ftrl": "FtrlOptimizer", "RMSProp": "RMSPropOptimizer",
    "SGD": "GradientDescentOptimizer",
}  # fmt: skip


def optimizer_of(given: Any, learning_rate: float) -> Any:
    """An optimizer, or the one of a name, or what a function makes. Raises ValueError for others."""
    if isinstance(given, str):
        if given not in _OPTIMIZERS:
            raise ValueError(f"Unsupported optimizer name: {given}. Supported names are: {tuple(sorted(_OPTIMIZERS))}")
        kind: Any = NAMES[f"train.{_OPTIMIZERS[given]}"]
        return kind(learning_rate=learning_rate)
    if callable(given):
        given = given()
    if not isinstance(given, Optimizer):
        raise ValueError(f"The given object is not an Optimizer instance. Given: {given}")
    return given
