"""jax: a whole function as one program that `jax.jit` compiles. jax is imported on first use only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
from diptych.ir import Function, Unsupported


def require_jax() -> None:
    """Raises Unsupported where jax is not installed."""
    try:
        import jax as _
    except ImportError:
        raise Unsupported("backend jax: jax is not installed", hint="pip install 'diptych[jax]'") from None


def traceable(function: Function) -> Callable[..., tuple[Any, ...]]:
    """`function` as a Python function of jax arrays: trace and call it under `wide_types`."""
    require_jax()
    from . import lowering

    return lowering.traceable(function)


def on_device(arrays: Sequence[np.ndarray]) -> list[Any]:
    """Copies on the device that jax uses by default."""
    require_jax()
    import jax

    from . import forks

    forks.enter()
    with wide_types():
        return jax.device_put(list(arrays), may_alias=False)


def wide_types() -> AbstractContextManager[Any]:
    """A context, of this thread alone, in which jax keeps 64-bit types."""
    require_jax()
    from . import precision

    return precision.wide_types()
