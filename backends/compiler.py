"""From a function to an executable: passes, then a backend, both only once for programs of one structure."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock
from time import perf_counter

from diptych.ir import DiptychError, Function
from diptych.ir.location import is_detailed
from diptych.passes.keeping import ALL, Keeping, keeping
from diptych.passes.manager import Pass, run_passes

from .binding import check_numbers
from .collecting import paused_collections
from .executable import Executable, Polymorphic, Runner
from .mesh import Mesh
from .mesh import current as current_mesh
from .pipelines import PIPELINES, pipeline
from .processes import process_count
from .settings import settings, thread_count

Key = tuple[str, str, tuple[int, ...], bool, int, bool, Keeping, str | None, Mesh | None, str]
Where = tuple[str | None, Mesh | None, str]  # a device of jax's, a mesh, and the precision of products


@dataclass(frozen=True, slots=True)
class CacheStatistics:
    """How often the cache of compiled programs answered, had to compile, and let a program go; how many it holds."""

    hits: int
    misses: int
    evictions: int
    size: int


class _Cache:
    """The programs compiled last, by structure, shapes, donation and backend."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.programs: OrderedDict[Key, Executable] = OrderedDict()
        self.hits = self.misses = self.evictions = 0

    def get(self, key: Key) -> Executable | None:
        with self.lock:
            found = self.programs.get(key)
            if found is None:
                self.misses += 1
            else:
                self.hits += 1
                self.programs.move_to_end(key)
            return found

    def alike(self, key: Key) -> Executable | None:
        """A program that differs from what is asked for in its donated parameters alone: the passes did the same."""
        wanted = (*key[:2], *key[3:])
        with self.lock:
            found = (each for other, each in self.programs.items() if (*other[:2], *other[3:]) == wanted)
            return next(found, None)

    def put(self, key: Key, executable: Executable, limit: int) -> Executable:
        """Keeps `executable`, unless another thread came first: then that one's is the answer."""
        with self.lock:
            kept = self.programs.setdefault(key, executable)
            self.programs.move_to_end(key)
            while len(self.programs) > limit:
                self.programs.popitem(last=False)
                self.evictions += 1
            return kept

    def clear(self) -> None:
        with self.lock:
            self.programs.clear()
            self.hits = self.misses = self.evictions = 0


_cache = _Cache()


def compile(
    function: Function, *, backend: str | None = None, donate: Iterable[int] = (), memory_budget: int | None = None
) -> Executable | Polymorphic:
    """An executable of `function`, from the cache where a program of the same structure and sizes was compiled before.

    `backend`: numpy, jax or reference, or jax with a device, such as jax:gpu:0; by default, and where jax has none, the
    setting, which DIPTYCH_BACKEND sets. `donate`: places of the parameters whose arrays may be overwritten.
    `memory_budget`: bytes that it may take while it runs, by default the setting; 0 for as many as it wants. Where it
    would take more, it keeps less for its backward and computes that again, as far as is needed. A function with named
    dimensions is compiled for each set of sizes when it first meets them. Raises DiptychError for an unknown backend or
    place, Unsupported where jax is missing, and MemoryBudgetExceeded.
    """
    chosen, where = _chosen(backend)
    places = _places(function, donate)
    if function.names():
        return Polymorphic(
            function, lambda specialised: _within_budget(specialised, chosen, places, where, memory_budget)
        )
    return _within_budget(function, chosen, places, where, memory_budget)


def compile_anew(function: Function, *, backend: str | None = None, donate: Iterable[int] = ()) -> Executable:
    """As `compile`, of a function whose sizes are numbers, whatever was compiled in this process before: its `records`
    and `figures` say how long that takes now."""
    chosen, where = _chosen(backend)
    return _made(function, chosen, _places(function, donate), where)


def _chosen(backend: str | None) -> tuple[str, Where]:
    """The backend that is meant, and where it runs. Raises DiptychError for an unknown one."""
    current = settings()
    chosen, _, device = (backend or current.backend).partition(":")
    if not device and chosen == current.backend:
        device = current.device or ""
    if chosen not in PIPELINES:
        raise DiptychError(f"compile: backend is {chosen!r} but must be one of {', '.join(PIPELINES)}")
    if chosen != "jax":
        return chosen, (None, None, "highest")
    return chosen, (device or None, current_mesh(), current.matmul_precision)


def _places(function: Function, donate: Iterable[int]) -> tuple[int, ...]:
    """The donated places, in order. Raises DiptychError where a parameter is missing."""
    places = tuple(sorted(set(donate)))
    if places and not 0 <= places[0] <= places[-1] < len(function.parameters):
        count = len(function.parameters)
        raise DiptychError(f"compile: donate is {list(places)} but must be places of the {count} parameters")
    return places


def _within_budget(
    function: Function, backend: str, donate: tuple[int, ...], where: Where, budget: int | None
) -> Executable:
    executable = _compiled(function, backend, donate, where)
    wanted = settings().memory_budget if budget is None else budget
    if wanted:
        from .memory_budget import fitted

        return fitted(executable, wanted, lambda chosen: _compiled(function, backend, donate, where, chosen))
    return executable


def _compiled(
    function: Function, backend: str, donate: tuple[int, ...], where: Where, kept: Keeping = ALL
) -> Executable:
    current = settings()
    threads = thread_count() if backend == "numpy" else 1
    key = (function.fingerprint, backend, donate, current.fast_math, threads, current.checked, kept, *where)
    found = _cache.get(key)
    if found is not None:
        return found.serving(function)
    compiled = _made(function, backend, donate, where, kept, _cache.alike(key))
    return _cache.put(key, compiled, current.cache_size).serving(function)


def _made(
    function: Function,
    backend: str,
    donate: tuple[int, ...],
    where: Where,
    kept: Keeping = ALL,
    alike: Executable | None = None,
) -> Executable:
    """A new executable, which keeps that for its backward; where one is there for other donated parameters, the passes
    are through with the function."""
    current = settings()
    begin = perf_counter()
    with paused_collections():
        if alike is None:
            check_numbers(function)
            passes = pipeline(backend, fast_math=current.fast_math)
            if kept != ALL:
                passes = (Pass("keep", f"keeps {kept}", lambda f, fired: keeping(f, kept)), *passes)
            optimised, records = run_passes(function, passes, checked=current.checked, trace=is_detailed())
            source = function
        else:
            optimised, records, source = alike.optimised, alike.records, alike.function
        runner = _runner(optimised, backend, donate, where, checked=current.checked)
    took = begin, perf_counter() - begin
    return Executable(backend, source, optimised, records, runner, donate, took)


def _runner(function: Function, backend: str, donate: tuple[int, ...], where: Where, *, checked: bool) -> Runner:
    if backend == "numpy":
        from .numpy.runner import NumpyRunner

        return NumpyRunner(function, donate, checked=checked)
    if backend == "jax":
        from .jax.runner import JaxRunner

        if process_count() > 1:
            from .jax.joint import JointRunner
            from .jax.processes import is_collective

            if is_collective(function):
                return JointRunner(function, donate, where)
        return JaxRunner(function, donate, *where)
    from .reference.runner import ReferenceRunner

    return ReferenceRunner(function)


def cache_statistics() -> CacheStatistics:
    """The counters of the cache, since the start or the last `clear_cache`."""
    with _cache.lock:
        return CacheStatistics(_cache.hits, _cache.misses, _cache.evictions, len(_cache.programs))


def clear_cache() -> None:
    """Forgets all compiled programs and sets the counters to 0."""
    _cache.clear()
