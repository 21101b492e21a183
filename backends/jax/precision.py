"""64-bit types and full matrix precision on jax, without touching its global settings."""

from __future__ import annotations

from contextlib import AbstractContextManager
from contextvars import ContextVar
from typing import Any

import jax
from jax import lax

if callable(getattr(jax, "enable_x64", None)):  # public since jax 0.8
    enable_x64 = jax.enable_x64
else:
    from jax.experimental import enable_x64

precision: ContextVar[str] = ContextVar("diptych_precision", default="highest")  # of what is being traced


def of_products() -> lax.Precision:
    """Of matrix products and convolutions: by default float32 stays float32 on every device."""
    return lax.Precision[precision.get().upper()]


def wide_types() -> AbstractContextManager[Any]:
    """A context, of this thread alone, in which jax keeps 64-bit types; to trace in and to call in."""
    return enable_x64(True)
