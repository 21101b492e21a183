"""Settings of the process that PyTorch has functions for. Most are kept, and change nothing."""

from __future__ import annotations

import os
from typing import Any

from diptych.backends.settings import configure

from .tapes.tape import tape

_state: dict[str, Any] = {
    "threads": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
    "interop": os.cpu_count() or 1,
    "deterministic": 0,  # 1 warns, 2 raises, where PyTorch has nothing deterministic
    "precision": "highest",
}


def get_num_threads() -> int:
    """The number set by `set_num_threads`, at first that of the processors."""
    return _state["threads"]


def set_num_threads(int: int) -> None:
    """Keeps the number; how many threads compute is the backend's choice. Raises RuntimeError for what is none."""
    _state["threads"] = _positive("set_num_threads", int)


def get_num_interop_threads() -> int:
    """The number set by `set_num_interop_threads`, at first that of the processors."""
    return _state["interop"]


def set_num_interop_threads(int: int) -> None:
    """Keeps the number. Raises RuntimeError for what is none."""
    _state["interop"] = _positive("set_num_interop_threads", int)


def _positive(name: str, given: Any) -> int:
    if given.__class__ is not int:
        raise RuntimeError(f"{name} expects an int, but got {type(given).__name__}")
    if given <= 0:
        raise RuntimeError(f"{name} expects a positive integer")
    return given


def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Kept: all that is computed here is the same from run to run."""
    _state["deterministic"] = (1 if warn_only else 2) if mode else 0


def are_deterministic_algorithms_enabled() -> bool:
    """What `use_deterministic_algorithms` has set."""
    return _state["deterministic"] > 0


def is_deterministic_algorithms_warn_only_enabled() -> bool:
    """Whether `use_deterministic_algorithms` was set to warn."""
    return _state["deterministic"] == 1


_MODES = {"default": 0, "warn": 1, "error": 2}


def set_deterministic_debug_mode(debug_mode: int | str) -> None:
    """As `use_deterministic_algorithms`: "default", "warn", "error", or 0, 1, 2. Raises RuntimeError for others."""
    if not isinstance(debug_mode, (int, str)):
        raise TypeError(f"debug_mode must be str or int, but got {type(debug_mode)}")
    if isinstance(debug_mode, str) and debug_mode not in _MODES:
        raise RuntimeError(
            f"invalid value of debug_mode, expected one of `default`, `warn`, `error`, but got {debug_mode}"
        )
    found = _MODES[debug_mode] if isinstance(debug_mode, str) else debug_mode
    if found not in (0, 1, 2):
        raise RuntimeError(f"invalid value of debug_mode, expected 0, 1, or 2, but got {debug_mode}")
    _state["deterministic"] = found


def get_deterministic_debug_mode() -> int:
    """0, 1 (warns) or 2 (raises)."""
    return _state["deterministic"]


_PRECISIONS = {"highest": "highest", "high": "high", "medium": "default"}


def set_float32_matmul_precision(precision: str) -> None:
    """Of products of float32 on jax: "highest" keeps float32, "high" and "medium" take fewer bits where the device has
    such products, as TF32 and bfloat16. On numpy they are float32. Other words change nothing."""
    if precision in _PRECISIONS and precision != _state["precision"]:
        _state["precision"] = precision
        tape.renew(lambda: configure(matmul_precision=_PRECISIONS[precision]))


def get_float32_matmul_precision() -> str:
    """What `set_float32_matmul_precision` has set."""
    return _state["precision"]


def set_flush_denormal(mode: bool) -> bool:
    """Whether it was done: numbers near 0 are never made 0, as numpy has no such switch."""
    return not mode
