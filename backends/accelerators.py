"""The accelerators that this process computes on: jax's devices, where backend jax is chosen and has others than the
CPU. numpy has none."""

from __future__ import annotations

import os
from typing import Any

from .joining import join_as_launched
from .processes import process_count
from .settings import Settings, settings

_known: tuple[Settings, tuple[Any, ...]] | None = None


def accelerators() -> tuple[Any, ...]:
    """jax's devices that the settings mean, by default all of this process; none where these are the CPU. A process of
    several that were launched joins the others first, where it has not: jax has to know of them before. Raises
    DiptychError where jax has no such device."""
    global _known
    current = settings()
    if _known is None or _known[0] is not current:
        _known = current, _found(current)
    return _known[1]


def _found(current: Settings) -> tuple[Any, ...]:
    if current.backend != "jax" or (current.device or "").startswith("cpu"):
        return ()
    from .jax import require_jax

    require_jax()
    join_as_launched()
    from .jax import placement

    return placement.accelerators(current.device)


def accelerator_count() -> int:
    """How many a program may name. Of processes that were launched on one host together each has one, and all may call
    theirs by the number that they have on the host."""
    found = len(accelerators())
    return found * int(os.environ.get("LOCAL_WORLD_SIZE", "1")) if found and process_count() > 1 else found


def accelerator(number: int) -> Any:
    """jax's device of a number below `accelerator_count()`."""
    found = accelerators()
    return found[number % len(found)]


def forget() -> None:
    """Asks jax anew the next time."""
    global _known
    _known = None


def memory_of(device: Any) -> dict[str, int]:
    """What jax's device tells of its memory, in bytes, by jax's names such as bytes_in_use; empty of one that does
    not."""
    return dict(device.memory_stats() or {})


def finish() -> None:
    """Waits until all that was started on the accelerators is done."""
    from .jax import placement

    placement.finish()
