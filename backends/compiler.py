"""From a function to an executable: passes, then a backend, both only once for programs of one structure."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock

from diptych.ir import DiptychError, Function
from diptych.passes.manager import run_passes

from .binding import check_numbers
from .collecting import paused_collections
from .executable import Executable, Polymorphic, Runner
from .pipelines import PIPELINES, pipeline

Key = tuple[str, str, tuple[int, ...], bool, int, bool]


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


def compile(function: Function, *, backend: str | None = None, donate: Iterable[int] = ()) -> Executable | Polymorphic:
    """An executable of `function`, from the cache where a program of the same structure and sizes was compiled before.

    `backend`: numpy, jax or reference; by default the setting, which DIPTYCH_BACKEND sets. `donate`: places of the
    parameters whose arrays may be overwritten. A function with named dimensions is compiled for each set of sizes
    when it first meets them. Raises DiptychError for an unknown backend or place, Unsupported where jax is missing.
    """
    from .settings import settings  # here, since pydantic takes long to import

    chosen = settings().backend if backend is None else backend
    if chosen not in PIPELINES:
        raise DiptychError(f"compile: backend is {chosen!r} but must be one of {', '.join(PIPELINES)}")
    places = tuple(sorted(set(donate)))
    if places and not 0 <= places[0] <= places[-1] < len(function.parameters):
        count = len(function.parameters)
        raise DiptychError(f"compile: donate is {list(places)} but must be places of the {count} parameters")
    if function.names():
        return Polymorphic(function, lambda specialised: _compiled(specialised, chosen, places))
    return _compiled(function, chosen, places)


def _compiled(function: Function, backend: str, donate: tuple[int, ...]) -> Executable:
    from .settings import settings, thread_count

    current = settings()
    threads = thread_count() if backend == "numpy" else 1
    key = (function.fingerprint, backend, donate, current.fast_math, threads, current.checked)
    found = _cache.get(key)
    if found is not None:
        return found.serving(function)
    check_numbers(function)
    passes = pipeline(backend, fast_math=current.fast_math)
    with paused_collections():
        optimised, records = run_passes(function, passes, checked=current.checked)
        runner = _runner(optimised, backend, donate, checked=current.checked)
    compiled = Executable(backend, function, optimised, records, runner, donate)
    return _cache.put(key, compiled, current.cache_size).serving(function)


def _runner(function: Function, backend: str, donate: tuple[int, ...], *, checked: bool) -> Runner:
    if backend == "numpy":
        from .numpy.runner import NumpyRunner

        return NumpyRunner(function, donate, checked=checked)
    if backend == "jax":
        from .jax.runner import JaxRunner

        return JaxRunner(function, donate)
    from .reference.runner import ReferenceRunner

    return ReferenceRunner(function)


def cache_statistics() -> CacheStatistics:
    """The counters of the cache, since the start or the last `clear_cache`."""
    with _cache.lock:
        return CacheStatistics(_cache.hits, _cache.misses, _cache.evictions, len(_cache.programs))


def clear_cache() -> None:
    """Forgets all compiled programs and sets the counters to 0."""
    _cache.clear()
