"""One program of a run, and how its arguments and results belong to what is fed and to the state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import blake2b
from time import perf_counter
from typing import Any

import numpy as np
from diptych import backends
from diptych.backends.filled import Filled
from diptych.backends.jax import batches_on_mesh, is_split, own_part, sends
from diptych.backends.joining import check_together, gathered
from diptych.backends.mesh import current as current_mesh
from diptych.backends.processes import process_count
from diptych.backends.settings import settings
from diptych.ir import Function

from ..graphs.dtypes import string
from ..graphs.strings import RunStrings
from ..graphs.tensor import Tensor
from .lowering import LoweredRun
from .site import Measured
from .state import State

Array = np.ndarray[Any, Any]


def is_text(tensor: Measured) -> bool:
    """Whether a tensor holds strings, and its value numbers that stand for them."""
    return isinstance(tensor, Tensor) and tensor.dtype.base_dtype is string


_MOST_NAMES = 4  # that errors have


def _described(run: LoweredRun) -> str:
    """What several processes compare before they run it together: what it gives and writes, and how much it does."""
    names = [each.name for each in run.fetches] + [f"new value of {key[1].name}" for key in run.writes]
    rest = len(names) - _MOST_NAMES
    some = [*names[:_MOST_NAMES], *([f"{rest} more"] if rest > 0 else [])]
    digest = blake2b("\n".join(names).encode(), digest_size=4).hexdigest()
    return f"a program of {len(run.function.equations)} operations for {', '.join(some)} ({digest})"


class _Uncompiled:
    """A function that is run one equation after another."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self.seconds = 0.0  # that the last run took

    def __call__(self, arguments: Sequence[Any]) -> Sequence[Any]:
        begin = perf_counter()
        found = backends.run_once(self.function, arguments)
        self.seconds = perf_counter() - begin
        return found


class Program:
    """A lowered run, compiled, and where its arguments and results belong. A run with named sizes is not compiled: it
    goes one equation after another."""

    __slots__ = (
        "_count",
        "_described",
        "_execute",
        "_feeds",
        "_is_shared",
        "_is_whole",
        "_name",
        "_texts",
        "_types",
        "_uncompiled",
        "_wholes",
        "is_on_jax",
        "reads",
        "run",
        "version",
        "writes",
    )

    def __init__(
        self, run: LoweredRun, state: State, *, commits: bool = True, is_whole: bool = False, name: str = ""
    ) -> None:
        self.run = run
        self._name = name  # by which several processes know what they run it for
        self.reads = run.reads
        self.writes = run.writes if commits else ()
        self._feeds = run.feeds
        self._count = len(run.fetches) - len(run.unwritten)
        self._wholes = [parameter.shape for parameter in run.function.parameters[: len(run.feeds)]]
        self._described = _described(run) if process_count() > 1 else ""
        self._types = [state.types[key] for key in run.reads]
        written = set(self.writes)
        self.is_on_jax = False
        self._is_whole = is_whole  # what it gives, in each of several processes
        self._uncompiled: _Uncompiled | None = None
        self._execute: Callable[[Sequence[Any]], Sequence[Any]]  # on arrays of the parameters' types
        donated = [len(run.feeds) + place for place, key in enumerate(run.reads) if key in written]
        bucket = settings().bucket
        if run.function.names() and bucket is not None:
            self._execute = Filled(run.function, bucket, donated).run
        elif run.function.names():
            self._execute = self._uncompiled = _Uncompiled(run.function)
        else:
            executable = backends.compile(run.function, donate=donated)
            self._execute, self.is_on_jax = executable.run, executable.backend == "jax"
        self._texts = [key for key in self.writes if key[0] == "variable" and is_text(key[1].outputs[0])]
        self.version = state.version
        self._is_shared = False  # without feeds, but by all processes
        if self.is_on_jax and process_count() > 1 and current_mesh() is not None and not self._feeds:
            splits = is_split(run.function)
            self._is_shared = bool(self.writes) or (splits and (is_whole or sends(executable.runner.hlo())))

    @property
    def seconds(self) -> float:
        """How long the last run took of a program that is not compiled; before the first, and of others 0."""
        return 0.0 if self._uncompiled is None else self._uncompiled.seconds

    def fits(self, state: State) -> bool:
        """Whether the state still has the types that the program was made for."""
        if self.version != state.version:
            if [state.types.get(key) for key in self.reads] != self._types:
                return False
            self.version = state.version
        return True

    def __call__(self, arrays: Sequence[Array], state: State, strings: RunStrings) -> list[Any]:
        """Runs on what is fed and on the state, which it changes; the values fetched."""
        held = state.arrays
        arguments = [arrays[place] for place in self._feeds]
        if self.is_on_jax and arguments:  # jax may read them behind this call, when the caller writes them again
            arguments = [np.array(array) for array in arguments]
            mesh = current_mesh()
            if mesh is not None and process_count() > 1:
                arguments = batches_on_mesh(self._described, arguments, self._wholes, mesh, self._name)
        elif self._is_shared:
            check_together(self._described)
        arguments += [held[key] for key in self.reads]
        results = self._execute(arguments)
        count = self._count
        for key, array in zip(self.writes, results[count:], strict=False):  # without writes, they are left alone
            state.put(key, strings.kept(array) if key in self._texts else array)
        if self.is_on_jax and process_count() > 1:
            return [self._own(array) for array in results[:count]]
        return list(results[:count])

    def _own(self, array: Any) -> Array:
        """What this process gets of a result of several."""
        part = own_part(array)
        return gathered(part) if self._is_whole and part.shape != array.shape else part
