"""Seeded data of the workloads."""

from typing import Any

import numpy as np


def normal(random: np.random.Generator, *shape: int, scale: float = 1.0) -> Any:
    """Normally distributed numbers in single precision."""
    return (random.standard_normal(shape) * scale).astype(np.float32)


def zeros(*shape: int) -> Any:
    return np.zeros(shape, np.float32)


def ones(*shape: int) -> Any:
    return np.ones(shape, np.float32)
