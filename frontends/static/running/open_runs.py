"""Runs whose inputs change in size: one program for all sizes, where shapes allow it.

It is not compiled, so that sizes which come once cost no compilation; sizes that come again get a program of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from diptych.backends import is_watched
from diptych.backends.settings import settings
from diptych.ir import Dim, Shape, named

from .program import Program
from .state import State

Array = np.ndarray[Any, Any]
Sizes = tuple[tuple[int, ...] | None, ...]  # the shapes of inputs; None of one that is not there
Build = Callable[[Sequence[Array], Sequence[Shape | None]], Program | None]

MAX_SEEN = 4096  # sets of sizes that are remembered to have come
MAX_PATTERNS = 4  # of what changes


class OpenSizes:
    """Which axes of inputs have changed so far. Those that always changed alike share a name."""

    def __init__(self, seen: Sequence[Sizes]) -> None:
        self._seen = tuple(seen)
        names: dict[tuple[int, ...], Dim] = {}

        def dim(sizes: tuple[int, ...]) -> Dim:
            return sizes[0] if len(set(sizes)) == 1 else names.setdefault(sizes, named(f"size{len(names)}"))

        self.shapes: tuple[Shape | None, ...] = tuple(
            None if shapes[0] is None else tuple(map(dim, zip(*shapes, strict=True)))
            for shapes in zip(*seen, strict=True)
        )

    def covers(self, sizes: Sizes) -> bool:
        """Whether inputs of these shapes differ from those before in the named sizes alone."""
        found: dict[Dim, int] = {}
        for known, shape in zip(self.shapes, sizes, strict=True):
            if (known is None) != (shape is None) or len(known or ()) != len(shape or ()):
                return False
            for dim, size in zip(known or (), shape or (), strict=True):
                if found.setdefault(dim, dim if isinstance(dim, int) else size) != size:
                    return False
        return True

    def widened(self, sizes: Sizes) -> OpenSizes | None:
        """The same after inputs of other shapes; None where they are of other ranks."""
        for known, shape in zip(self.shapes, sizes, strict=True):
            if (known is None) != (shape is None) or len(known or ()) != len(shape or ()):
                return None
        return OpenSizes([*self._seen, sizes])


class OpenRuns:
    """The programs of one set of targets for changing sizes. build(arrays, shapes) makes one, if it can be."""

    def __init__(self, build: Build) -> None:
        self._build = build
        self._sizes: OpenSizes | None = None
        self._first: Sizes | None = None
        self._programs: list[tuple[OpenSizes, Program]] = []
        self._times: dict[Sizes, int] = {}  # how often inputs of these shapes came
        self._is_possible = True
        self._compilation = 0.0  # seconds that the last one took

    def compiled(self, seconds: float) -> None:
        """Notes what compiling a program for known sizes costs."""
        self._compilation = seconds

    def find(self, arrays: Sequence[Array], state: State) -> Program | None:
        """The program for these inputs, where sizes like theirs have not come before and compiling costs more."""
        sizes: Sizes = tuple([array.shape for array in arrays])
        times = self._times[sizes] = self._times.get(sizes, 0) + 1
        if len(self._times) > MAX_SEEN:
            del self._times[next(iter(self._times))]
        if self._sizes is None:
            self._sizes, self._first = OpenSizes([sizes]), sizes
            return None
        is_filled = settings().bucket is not None
        if not self._is_possible or not (is_filled or (times == 1 and _is_worth_it())):
            return None
        if is_filled and sizes == self._first:  # for which a program was compiled
            return None
        program = self._known(sizes, state) or self._made(arrays, sizes)
        return program if program is not None and (is_filled or program.seconds < self._compilation) else None

    def _known(self, sizes: Sizes, state: State) -> Program | None:
        found = (program for pattern, program in self._programs if pattern.covers(sizes) and program.fits(state))
        return next(found, None)

    def _made(self, arrays: Sequence[Array], sizes: Sizes) -> Program | None:
        wider = None if self._sizes is None else self._sizes.widened(sizes)
        program = None if wider is None else self._build(arrays, wider.shapes)
        if program is None or len(self._programs) == MAX_PATTERNS:
            self._is_possible = False
            return None
        self._sizes = wider
        self._programs.append((wider, program))
        return program


def _is_worth_it() -> bool:
    """Compiling takes longer on jax. What a run takes is known of programs that are compiled, and who watches sees only
    these."""
    return settings().backend == "numpy" and not settings().memory_budget and not is_watched()
