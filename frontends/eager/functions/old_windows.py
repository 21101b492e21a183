"""`torch.hann_window` and its like: periodic windows unless they are asked to be symmetric."""

from __future__ import annotations

from typing import Any

from ..tensors.tensor import Tensor
from . import sample_windows as windows


def _old(name: str, make: Any, length: int, periodic: bool, options: dict[str, Any], **own: Any) -> Tensor:
    if length < 0:
        raise RuntimeError(f"{name} requires non-negative window_length, got window_length={length}")
    options.pop("pin_memory", None)
    return make(length, sym=not periodic, **own, **options)


def hann_window(window_length: int, periodic: bool = True, **options: Any) -> Tensor:
    """0.5 - 0.5 cos."""
    return _old("hann_window", windows.hann, window_length, periodic, options)


def hamming_window(
    window_length: int, periodic: bool = True, alpha: float = 0.54, beta: float = 0.46, **options: Any
) -> Tensor:
    """alpha - beta cos."""
    return _old("hamming_window", windows.general_cosine, window_length, periodic, options, a=[alpha, beta])


def blackman_window(window_length: int, periodic: bool = True, **options: Any) -> Tensor:
    """0.42 - 0.5 cos + 0.08 cos 2."""
    return _old("blackman_window", windows.blackman, window_length, periodic, options)


def bartlett_window(window_length: int, periodic: bool = True, **options: Any) -> Tensor:
    """A triangle from 0 to 1 and back."""
    return _old("bartlett_window", windows.bartlett, window_length, periodic, options)


def kaiser_window(window_length: int, periodic: bool = True, beta: float = 12.0, **options: Any) -> Tensor:
    """Kaiser's window of parameter beta."""
    return _old("kaiser_window", windows.kaiser, window_length, periodic, options, beta=beta)
