"""Windows of M samples, symmetric, or one period of a periodic window."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import dtypes as dtype_module
from ..device import place_of
from ..tensors.data import from_array, requiring
from ..tensors.tensor import Tensor

Compute = Callable[[np.ndarray, int], np.ndarray]


def _window(name: str, M: int, sym: bool, options: dict[str, Any], compute: Compute) -> Tensor:
    """`compute` gives, of places and how many there are in a symmetric window, the samples in float64."""
    if M < 0:
        raise ValueError(f"{name} requires non-negative window length, got M={M}")
    unknown = set(options) - {"dtype", "layout", "device", "requires_grad"}
    if unknown:
        raise TypeError(f"{name}() got an unexpected keyword argument '{min(unknown)}'")
    place = place_of(options.get("device"))
    target = dtype_module.chosen(name, options.get("dtype")) or dtype_module.get_default_dtype()
    if target not in (dtype_module.float32, dtype_module.float64):
        raise ValueError(f"{name} expects float32 or float64 dtypes, got: {target!r}")
    layout = options.get("layout")
    if layout is not None and "strided" not in repr(layout):
        raise ValueError(f"{name} is implemented for strided tensors only, got: {layout}")
    count = M if sym else M + 1
    found = np.ones(M) if M <= 1 else compute(np.arange(M, dtype=np.float64), count)
    return requiring(from_array(found.astype(target.ir.numpy), place), bool(options.get("requires_grad")), place)


def general_cosine(M: int, *, a: Any, sym: bool = True, **options: Any) -> Tensor:
    """A sum of cosines with the weights `a`, every second one negative. Raises TypeError and ValueError for weights
    that are none."""
    if not isinstance(a, (list, tuple)):
        raise TypeError("Coefficients must be a list/tuple")
    if not a:
        raise ValueError("Coefficients cannot be empty")
    return _window("general_cosine", M, sym, options, lambda places, count: _cosines(places, count, a))


def _cosines(places: np.ndarray, count: int, weights: Sequence[float]) -> np.ndarray:
    angle = 2 * math.pi * places / (count - 1)
    return np.sum([(-1) ** k * weight * np.cos(k * angle) for k, weight in enumerate(weights)], axis=0)


def general_hamming(M: int, *, alpha: float = 0.54, sym: bool = True, **options: Any) -> Tensor:
    """alpha - (1 - alpha) * cos."""
    return general_cosine(M, a=[alpha, 1.0 - alpha], sym=sym, **options)


def hamming(M: int, *, sym: bool = True, **options: Any) -> Tensor:
    """0.54 - 0.46 cos."""
    return general_hamming(M, sym=sym, **options)


def hann(M: int, *, sym: bool = True, **options: Any) -> Tensor:
    """0.5 - 0.5 cos."""
    return general_hamming(M, alpha=0.5, sym=sym, **options)


def blackman(M: int, *, sym: bool = True, **options: Any) -> Tensor:
    """0.42 - 0.5 cos + 0.08 cos 2."""
    return general_cosine(M, a=[0.42, 0.5, 0.08], sym=sym, **options)


def nuttall(M: int, *, sym: bool = True, **options: Any) -> Tensor:
    """Nuttall's minimum four-term window."""
    return general_cosine(M, a=[0.3635819, 0.4891775, 0.1365995, 0.0106411], sym=sym, **options)


def bartlett(M: int, *, sym: bool = True, **options: Any) -> Tensor:
    """A triangle from 0 to 1 and back."""
    return _window(
        "bartlett", M, sym, options, lambda places, count: 1 - np.abs(2 * places / (count - 1) - 1)
    )  # fmt: skip


def cosine(M: int, *, sym: bool = True, **options: Any) -> Tensor:
    """Half a period of a sine."""
    return _window("cosine", M, sym, options, lambda places, count: np.sin(math.pi * (places + 0.5) / count))


def exponential(M: int, *, center: float | None = None, tau: float = 1.0, sym: bool = True, **options: Any) -> Tensor:
    """exp(-|place - center| / tau). Raises ValueError for a tau not above 0, and a centre of a symmetric window."""
    if tau <= 0:
        raise ValueError(f"Tau must be positive, got: {tau} instead.")
    if sym and center is not None:
        raise ValueError("Center must be None for symmetric windows")

    def compute(places: np.ndarray, count: int) -> np.ndarray:
        return np.exp(-np.abs(places - ((count - 1) / 2 if center is None else center)) / tau)

    return _window("exponential", M, sym, options, compute)


def gaussian(M: int, *, std: float = 1.0, sym: bool = True, **options: Any) -> Tensor:
    """exp(-(place / std)**2 / 2), from the middle. Raises ValueError for a deviation not above 0."""
    if std <= 0:
        raise ValueError(f"Standard deviation must be positive, got: {std} instead.")
    return _window(
        "gaussian", M, sym, options, lambda places, count: np.exp(-(((places - (count - 1) / 2) / std) ** 2) / 2)
    )


def kaiser(M: int, *, beta: float = 12.0, sym: bool = True, **options: Any) -> Tensor:
    """Bessel's i0 of beta * sqrt(1 - x**2) over that of beta. Raises ValueError for beta below 0."""
    if beta < 0:
        raise ValueError(f"beta must be non-negative, got: {beta} instead.")

    def compute(places: np.ndarray, count: int) -> np.ndarray:
        x = 2 * places / (count - 1) - 1
        return np.i0(beta * np.sqrt(np.maximum(1 - x * x, 0))) / np.i0(beta)

    return _window("kaiser", M, sym, options, compute)
