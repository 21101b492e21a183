"""Where jax keeps what it compiled, for other processes and later ones."""

from __future__ import annotations

import jax

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
