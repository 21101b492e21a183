"""IR -> results: the reference interpreter, numpy and jax. The only folder that computes numbers."""

from .compiler import CacheStatistics, cache_statistics, clear_cache, compile, compile_anew
from .executable import Executable, Polymorphic, Watcher, captured, is_watched, watched
from .figures import Figures
from .stepwise import run_once
