"""A compiled function: callable on arrays, and open to inspection."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Lock
from time import perf_counter
from typing import Any, Protocol

from diptych.ir import DiptychError, Function
from diptych.passes.manager import PassRecord
from diptych.passes.specialise import specialise

from .binding import bind_arguments
from .figures import Figures
from .reference.interpreter import evaluate

MAX_SPECIALISED = 1024  # sets of sizes that a function with named dimensions remembers; programs, the cache does


class Watcher:
    """Is told of runs, by `watched`."""

    def before(self, executable: Executable, arrays: Sequence[Any]) -> None:
        """A run is about to begin. Those of the arrays that are donated may be written over."""

    def after(self, executable: Executable, seconds: float, results: tuple[Any, ...] | None) -> None:
        """A run has ended, with results unless it raised."""


_watchers: list[Watcher] = []


@contextmanager
def watched(watcher: Watcher) -> Iterator[None]:
    """Tells `watcher` of each run within the block."""
    _watchers.append(watcher)
    try:
        yield
    finally:
        _watchers.remove(watcher)


def is_watched() -> bool:
    """Whether somebody wants to see which programs run."""
    return bool(_watchers)


@contextmanager
def captured() -> Iterator[dict[Executable, None]]:
    """The executables that run within the block, in the order of their first runs."""
    found: dict[Executable, None] = {}

    class Collector(Watcher):
        def after(self, executable: Executable, seconds: float, results: tuple[Any, ...] | None) -> None:
            found.setdefault(executable)

    with watched(Collector()):
        yield found


class Runner(Protocol):
    """What a backend makes of a function without named dimensions."""

    def __call__(self, *arrays: Any) -> tuple[Any, ...]: ...


class Executable:
    """`executable(*arrays)` gives the tuple of results; safe to call from several threads at once.

    `function` is what was compiled, `optimised` what the backend got, `records` what the passes between did, `compiled`
    when that began, by `perf_counter`, and how many seconds it took. A donated
    argument may be overwritten: the caller must not use it again, unless the call raised: then all arguments are whole.
    """

    def __init__(
        self,
        backend: str,
        function: Function,
        optimised: Function,
        records: Sequence[PassRecord],
        runner: Runner,
        donate: tuple[int, ...],
        compiled: tuple[float, float] = (0.0, 0.0),
    ) -> None:
        self.backend = backend
        self.function = function
        self.optimised = optimised
        self.records = tuple(records)
        self.runner = runner
        self.donate = donate
        self.compiled = compiled
        self._owned = getattr(runner, "owned", None)
        self._is_borrowed = False  # whether the runner was made of an equal function from other lines
        self._wanted = [(p.dtype.numpy, p.type.static_shape()) for p in function.parameters]

    def serving(self, function: Function) -> Executable:
        """This executable for an equal `function`, whose lines errors will name."""
        if function is self.function:
            return self
        other = Executable(
            self.backend, function, self.optimised, self.records, self.runner, self.donate, self.compiled
        )
        other._is_borrowed = True
        return other

    @property
    def source(self) -> str:
        """The generated Python source, of a backend that has one; empty otherwise."""
        return getattr(self.runner, "source", "")

    @property
    def peak_bytes(self) -> int | None:
        """Bytes that a run takes at most, where the backend knows: results, and arguments that they are written into,
        values on the way, and what kernels take; without other arguments and constants."""
        return getattr(self.runner, "peak_bytes", None)

    def prepare(self) -> Executable:
        """This executable, compiled to the end. numpy's programs are so from the start; jax's would be when they first
        run, and are now, from the types of the parameters, with no array there. What was compiled before it runs is not
        compiled again then, and is kept in the folder of the setting `compilation_cache`, if there is one."""
        getattr(self.runner, "prepare", lambda: None)()
        return self

    @property
    def figures(self) -> Figures:
        """What its backend tells of the compiled program, which is prepared for that: bytes, and what XLA counts."""
        return getattr(self.runner, "figures", Figures())

    def __call__(self, *arrays: Any) -> tuple[Any, ...]:
        """The results. Raises DiptychError, naming the argument, where an array is not of its parameter's type."""
        if len(arrays) != len(self._wanted):
            bind_arguments(self.function, arrays)
        for array, (dtype, shape) in zip(arrays, self._wanted, strict=True):
            if getattr(array, "shape", None) != shape or getattr(array, "dtype", None) != dtype:
                arrays = bind_arguments(self.function, arrays)[0]
                break
        return self.run(arrays)

    def run(self, arrays: Sequence[Any]) -> tuple[Any, ...]:
        """As a call, on arrays that are known to be of the parameters' types."""
        if _watchers:
            return self._watched(arrays)
        return self._run(arrays) if self._is_borrowed else self.runner(*arrays)

    def run_owned(self, arrays: Sequence[Any]) -> tuple[Any, ...]:
        """As `run`, for a caller who knows that the donated arrays are contiguous, that they may be written, and that
        nothing else shows their memory."""
        if self._owned is None or _watchers:
            return self.run(arrays)
        if not self._is_borrowed:
            return self._owned(arrays)
        try:
            return self._owned(arrays)
        except DiptychError as error:
            raise self._relocated(error, arrays) from error.__cause__

    def _watched(self, arrays: Sequence[Any]) -> tuple[Any, ...]:
        watchers = tuple(_watchers)
        for watcher in watchers:
            watcher.before(self, arrays)
        results = None
        begin = perf_counter()
        try:
            results = self._run(arrays)
        finally:
            seconds = perf_counter() - begin
            for watcher in watchers:
                watcher.after(self, seconds, results)
        return results

    def _run(self, arrays: Sequence[Any]) -> tuple[Any, ...]:
        if not self._is_borrowed:
            return self.runner(*arrays)
        try:
            return self.runner(*arrays)
        except DiptychError as error:
            raise self._relocated(error, arrays) from error.__cause__

    def _relocated(self, error: DiptychError, arrays: Sequence[Any]) -> DiptychError:
        """The error with this function's own line: from the interpreter, where nothing speaks against running again.
        Arguments are whole, donated ones too."""
        if not self.function.has_effect:
            try:
                evaluate(self.function, arrays)
            except DiptychError as own:
                return own
        return error


class Polymorphic:
    """An executable whose function has named dimensions: one program for every set of sizes, made when first met."""

    def __init__(self, function: Function, compiled: Callable[[Function], Executable]) -> None:
        self.function = function
        self.compiled = compiled
        self._lock = Lock()
        self._specialised: OrderedDict[tuple[tuple[str, int], ...], Function] = OrderedDict()

    def __call__(self, *arrays: Any) -> tuple[Any, ...]:
        """The results. Raises DiptychError where the arrays' sizes contradict each other."""
        bound, sizes = bind_arguments(self.function, arrays)
        return self.specialised(sizes)(*bound)

    def prepare(self, sizes: Mapping[str, int]) -> Executable:
        """The executable for these sizes of all named dimensions, compiled to the end, as `Executable.prepare`. Raises
        DiptychError where a name has no size, or there is no such name, TypeRuleError where they do not fit."""
        names = self.function.names()
        for name in sorted(names ^ sizes.keys()):
            which = "has no size" if name in names else "is no dimension of it"
            known = ", ".join(sorted(names))
            raise DiptychError(f"prepare: @{self.function.name}: {name} {which}, but sizes must be of {known}")
        return self.specialised(sizes).prepare()

    def specialised(self, sizes: Mapping[str, int]) -> Executable:
        """The executable for these sizes of the named dimensions. Raises TypeRuleError where they do not fit."""
        key = tuple(sorted(sizes.items()))
        with self._lock:
            found = self._specialised.get(key)
            if found is None:
                found = self._specialised[key] = specialise(self.function, sizes)
                if len(self._specialised) > MAX_SPECIALISED:
                    self._specialised.popitem(last=False)
            else:
                self._specialised.move_to_end(key)
        return self.compiled(found)
