"""A compiled function: callable on arrays, and open to inspection."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
from diptych.ir import Function
from diptych.passes.manager import PassRecord

from .binding import bind_arguments

_captures: list[dict[Executable, None]] = []


@contextmanager
def captured() -> Iterator[dict[Executable, None]]:
    """The executables that run within the block, in the order of their first runs."""
    found: dict[Executable, None] = {}
    _captures.append(found)
    try:
        yield found
    finally:
        _captures.remove(found)


class Runner(Protocol):
    """What a backend makes of a function without named dimensions."""

    def __call__(self, *arrays: Any) -> tuple[Any, ...]: ...


class Executable:
    """`executable(*arrays)` gives the tuple of results; safe to call from several threads at once.

    `function` is what was compiled, `optimised` what the backend got, `records` what the passes between did. A donated
    argument may be overwritten: the caller must not use it again.
    """

    def __init__(
        self,
        backend: str,
        function: Function,
        optimised: Function,
        records: Sequence[PassRecord],
        runner: Runner,
        donate: tuple[int, ...],
    ) -> None:
        self.backend = backend
        self.function = function
        self.optimised = optimised
        self.records = tuple(records)
        self.runner = runner
        self.donate = donate
        self._wanted = [(p.dtype.numpy, p.type.static_shape()) for p in function.parameters]

    @property
    def source(self) -> str:
        """The generated Python source, of a backend that has one; empty otherwise."""
        return getattr(self.runner, "source", "")

    @property
    def peak_bytes(self) -> int | None:
        """Bytes that a run takes beside its arguments, where the backend plans them."""
        return getattr(self.runner, "peak_bytes", None)

    def __call__(self, *arrays: Any) -> tuple[Any, ...]:
        """The results. Raises DiptychError, naming the argument, where an array is not of its parameter's type."""
        if len(arrays) != len(self._wanted):
            bind_arguments(self.function, arrays)
        for array, (dtype, shape) in zip(arrays, self._wanted, strict=True):
            if getattr(array, "shape", None) != shape or array.dtype != dtype:
                arrays = bind_arguments(self.function, [np.asarray(array) for array in arrays])[0]
                break
        for capture in _captures:
            capture.setdefault(self)
        return self.runner(*arrays)


class Polymorphic:
    """An executable whose function has named dimensions: one program for every set of sizes, made when first met."""

    def __init__(self, function: Function, specialised: Callable[[dict[str, int]], Executable]) -> None:
        self.function = function
        self.specialised = specialised

    def __call__(self, *arrays: Any) -> tuple[Any, ...]:
        """The results. Raises DiptychError where the arrays' sizes contradict each other."""
        bound, sizes = bind_arguments(self.function, arrays)
        return self.specialised(sizes)(*bound)
