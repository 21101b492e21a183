"""A whole function as one program of jax.jit, on the device that jax uses by default."""

from __future__ import annotations

import warnings
from typing import Any

from diptych.ir import Function

from ..failing import FAILING, last_failing
from . import forks, traceable, wide_types

# A donated buffer that no result fits is simply freed; jax warns of each.
_UNUSED = "Some donated buffers were not usable"


class JaxRunner:
    """`runner(*arrays)`: numpy or jax arrays in, jax arrays out. Donated arguments that are jax arrays are consumed.
    Numpy arrays may be read behind the call: nobody must write them until a result has been read.

    Not so by a program that may raise: jax takes them before it runs, and they would be lost.
    """

    def __init__(self, function: Function, donate: tuple[int, ...]) -> None:
        run = traceable(function)
        import jax

        self.may_raise = last_failing(function, FAILING["jax"]) >= 0
        self.compiled = jax.jit(run, donate_argnums=() if self.may_raise else donate, keep_unused=True)
        self.is_traced = False
        self._types = [(parameter.type.static_shape(), parameter.dtype.numpy) for parameter in function.parameters]

    @property
    def peak_bytes(self) -> int | None:
        """Bytes that a run takes beside its arguments, results and what XLA makes on the way, where XLA tells. It is
        compiled then."""
        if not self.is_traced:
            with wide_types():
                self.compiled = self._lowered().compile()
            self.is_traced = True
        analysis = getattr(self.compiled, "memory_analysis", lambda: None)()
        return None if analysis is None else analysis.temp_size_in_bytes + analysis.output_size_in_bytes

    def stablehlo(self) -> str:
        """The text of the program that XLA is given."""
        with wide_types():
            return self._lowered().as_text()

    def _lowered(self) -> Any:
        """The program for XLA, not compiled yet."""
        import jax

        forks.enter()
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=_UNUSED)
            return self.compiled.lower(*(jax.ShapeDtypeStruct(shape, dtype) for shape, dtype in self._types))

    def __call__(self, *arrays: Any) -> tuple[Any, ...]:
        if not self.may_raise:
            return self._run(arrays)
        import jax

        from .failures import arriving

        with arriving():
            results = jax.block_until_ready(self._run(arrays))
            jax.effects_barrier()  # also where no result waits for the host
            return results

    def _run(self, arrays: tuple[Any, ...]) -> tuple[Any, ...]:
        forks.enter()
        with wide_types():
            if self.is_traced:
                return self.compiled(*arrays)
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", message=_UNUSED)
                results = self.compiled(*arrays)
            self.is_traced = True
            return results
