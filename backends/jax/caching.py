"""Where jax keeps what it compiled, for other processes and later ones."""

from __future__ import annotations

import threading

import jax
from jax import monitoring
from jax.experimental.compilation_cache import compilation_cache

_folder: str | None = None


def keep_in(folder: str | None) -> None:
    """Programs that are compiled from now on are kept in this folder, and found there; in none, where it is None."""
    global _folder
    if folder == _folder:
        return
    _folder = folder
    jax.config.update("jax_compilation_cache_dir", folder)
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    compilation_cache.reset_cache()  # jax looks once in a process where its folder is


class _Answers(threading.local):
    """How often the folder had a program that this thread compiled, and how often not."""

    found = missed = 0


_answers = _Answers()
_EVENTS = {"/jax/compilation_cache/cache_hits": "found", "/jax/compilation_cache/cache_misses": "missed"}


def _note(event: str, **_: object) -> None:
    name = _EVENTS.get(event)
    if name is not None:
        setattr(_answers, name, getattr(_answers, name) + 1)


monitoring.register_event_listener(_note)


class Answer:
    """A block in which one program is compiled, and whether the folder had it; None where jax asked no folder."""

    def __enter__(self) -> Answer:
        self._before = _answers.found, _answers.missed
        return self

    def __exit__(self, *_: object) -> None:
        found, missed = _answers.found - self._before[0], _answers.missed - self._before[1]
        self.was_kept: bool | None = bool(found) if found or missed else None
