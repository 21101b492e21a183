"""64-bit types and full matrix precision on jax, without touching its global settings."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import jax
from jax import lax

PRECISION = lax.Precision.HIGHEST  # of matrix products and convolutions: float32 stays float32 on every device


def wide_types() -> AbstractContextManager[Any]:
    """A context, of this thread alone, in which jax keeps 64-bit types; to trace in and to call in."""
    if callable(getattr(jax, "enable_x64", None)):  # public since jax 0.8
        return jax.enable_x64(True)
    from jax.experimental import enable_x64

    return enable_x64(True)
