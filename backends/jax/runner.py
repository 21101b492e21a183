"""A whole function as one program of jax.jit, on the device that jax uses by default."""

from __future__ import annotations

import warnings
from typing import Any

from diptych.ir import Function

from . import traceable, wide_types


class JaxRunner:
    """`runner(*arrays)`: numpy or jax arrays in, jax arrays out. Donated arguments that are jax arrays are consumed."""

    def __init__(self, function: Function, donate: tuple[int, ...]) -> None:
        run = traceable(function)
        import jax

        self.compiled = jax.jit(run, donate_argnums=donate, keep_unused=True)
        self.is_traced = False

    def __call__(self, *arrays: Any) -> tuple[Any, ...]:
        with wide_types():
            if self.is_traced:
                return self.compiled(*arrays)
            with warnings.catch_warnings():
                # A donated buffer that no result fits is simply freed; jax warns of each.
                warnings.filterwarnings("ignore", message="Some donated buffers were not usable")
                results = self.compiled(*arrays)
            self.is_traced = True
            return results
