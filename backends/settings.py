"""What a user may set: by environment variables, by `configure`, or for one compilation by an argument.

They are checked by hand: pydantic takes longer to import than a first small program takes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

from diptych.ir import DiptychError

BackendName = Literal["numpy", "jax", "reference"]

_BOOLS = {"1": True, "true": True, "on": True, "yes": True, "0": False, "false": False, "off": False, "no": False}


class _Refused(Exception):
    """What a value must be."""

    def __init__(self, value: object, must: str) -> None:
        super().__init__(must)
        self.value = value


def _word(*words: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if not isinstance(value, str) or value not in words:
            *others, last = map(repr, words)
            raise _Refused(value, f"{', '.join(others)} or {last}")
        return value

    return read


def _words(*words: str) -> Callable[[object], frozenset[str]]:
    """Some of the words: with commas between them, as an environment variable has them, or in a collection."""
    read_one = _word(*words)

    def read(value: object) -> frozenset[str]:
        if isinstance(value, str):
            value = [name.strip() for name in value.split(",") if name.strip()]
        if not isinstance(value, Iterable):
            raise _Refused(value, f"a collection of {' and '.join(map(repr, words))}")
        return frozenset(map(read_one, value))

    return read


def _bool(value: object) -> bool:
    found = value if isinstance(value, bool) else _BOOLS.get(str(value).lower())
    if found is None:
        raise _Refused(value, "true or false")
    return found


def _integer(least: int, most: int | None = None) -> Callable[[object], int]:
    def read(value: object) -> int:
        if not isinstance(value, (int, str)):
            raise _Refused(value, "an integer")
        try:
            number = int(value)
        except ValueError:
            raise _Refused(value, "an integer") from None
        if number < least:
            raise _Refused(value, f"{least} or more")
        if most is not None and number > most:
            raise _Refused(value, f"{most} or less")
        return number

    return read


def _optional(least: int) -> Callable[[object], int | None]:
    read_number = _integer(least)

    def read(value: object) -> int | None:
        return None if value is None else read_number(value)

    return read


def _read_by(read: Callable[[object], Any], description: str) -> dict[str, Any]:
    return {"read": read, "description": description}


@dataclass(frozen=True, slots=True)
class Settings:
    """Each field is also an environment variable, DIPTYCH_ and its name in capitals."""

    backend: BackendName = field(
        default="numpy", metadata=_read_by(_word("numpy", "jax", "reference"), "what runs programs")
    )
    checked: bool = field(default=False, metadata=_read_by(_bool, "verify the program before and after every pass"))
    fast_math: bool = field(
        default=False, metadata=_read_by(_bool, "allow rules that may change the last bits or special values")
    )
    cache_size: int = field(default=512, metadata=_read_by(_integer(1, 1_000_000), "compiled programs kept"))
    pending_bytes: int = field(
        default=256 * 2**20, metadata=_read_by(_integer(1), "results a lazy program may hold back before it runs")
    )
    pending_calls: int = field(
        default=20_000,
        metadata=_read_by(_integer(0), "calls a lazy program may hold back before it runs; 0 runs each at once"),
    )
    compile_after: int | None = field(
        default=None,
        metadata=_read_by(
            _optional(0), "runs of a lazy program that go call by call before it is compiled; by default as pays"
        ),
    )
    threads: int | None = field(
        default=None,
        metadata=_read_by(
            _optional(1), "threads that share a long program on numpy; by default one a core, if no more are allowed"
        ),
    )
    log: frozenset[Literal["sync", "retrace"]] = field(
        default=frozenset(),
        metadata=_read_by(
            _words("sync", "retrace"),
            "what is told on the standard error: runs of a lazy program, and what is new in it",
        ),
    )


_FIELDS = {each.name: each for each in fields(Settings)}
_current: Settings | None = None

# Who sets one of these means numpy's BLAS, and us as well.
_LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def thread_count() -> int:
    """How many threads may share a program."""
    chosen = settings().threads
    if chosen is not None:
        return chosen
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    limits = [int(os.environ[name]) for name in _LIMITS if os.environ.get(name, "").isdigit()]
    return max(1, min([cores, *limits]))


def settings() -> Settings:
    """The settings in force. Raises DiptychError where an environment variable has a value that is not allowed."""
    global _current
    if _current is None:
        variables = {name: f"DIPTYCH_{name.upper()}" for name in _FIELDS}
        found = {name: os.environ[variable] for name, variable in variables.items() if variable in os.environ}
        _current = Settings(**_read(found, lambda name: f"environment variable {variables[name]}"))
    return _current


def configure(**changes: Any) -> Settings:
    """Changes settings for the whole process and returns them. Raises DiptychError for unknown names and values."""
    global _current
    _current = replace(settings(), **_read(changes, lambda name: f"setting {name}"))
    return _current


def _read(values: dict[str, Any], described: Callable[[str], str]) -> dict[str, Any]:
    """The values of settings, each as its field has it."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name not in _FIELDS:
            raise DiptychError(f"setting {name} is unknown but must be one of {', '.join(_FIELDS)}")
        try:
            found[name] = _FIELDS[name].metadata["read"](value)
        except _Refused as refused:
            raise DiptychError(f"{described(name)} is {refused.value!r} but must be {refused}") from None
    return found
