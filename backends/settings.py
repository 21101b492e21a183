"""The package's settings: defaults, DIPTYCH_* environment variables, and `configure`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from functools import cache
from typing import Any, Literal, get_type_hints

from diptych.ir import DiptychError

BackendName = Literal["numpy", "jax", "reference"]


def _limited(description: str, **limits: int) -> dict[str, Any]:
    """What is known of a field: what it is for, and how pydantic limits it, by `ge` and `le`."""
    return {"description": description, **limits}


@dataclass(frozen=True, slots=True)
class Settings:
    """Each field is also an environment variable, DIPTYCH_ and its name in capitals.

    `threads` and `memory_budget` are decided when a program is compiled; docs/speed-and-memory.md says more of both.
    """

    backend: BackendName = field(default="numpy", metadata=_limited("what runs programs"))
    device: str | None = field(
        default=None,
        metadata=_limited("which of jax's devices: cpu, gpu, tpu or gpu:0, say; also written jax:gpu:0 as the backend"),
    )
    matmul_precision: Literal["highest", "high", "default"] = field(
        default="highest",
        metadata=_limited("of products of float32 on jax: highest keeps float32, others take fewer bits"),
    )
    compilation_cache: str | None = field(
        default=None,
        metadata=_limited("a folder where jax keeps what it compiles, for other processes and later ones"),
    )
    checked: bool = field(
        default=False,
        metadata=_limited(
            "verify the program before and after every pass, and fill memory that holds no value on numpy"
        ),
    )
    fast_math: bool = field(
        default=False, metadata=_limited("allow rules that may change the last bits or special values")
    )
    cache_size: int = field(default=512, metadata=_limited("compiled programs kept", ge=1, le=1_000_000))
    pending_bytes: int = field(
        default=256 * 2**20, metadata=_limited("results a lazy program may hold back before it runs", ge=1)
    )
    pending_calls: int = field(
        default=20_000,
        metadata=_limited("calls a lazy program may hold back before it runs; 0 runs each at once", ge=0),
    )
    compile_after: int | None = field(
        default=None,
        metadata=_limited(
            "runs of a lazy program that go call by call before it is compiled; by default as pays", ge=0
        ),
    )
    threads: int | None = field(
        default=None,
        metadata=_limited(
            "threads that share a long program on numpy; by default one a core, if no more are allowed", ge=1
        ),
    )
    memory_budget: int | None = field(
        default=None,
        metadata=_limited(
            "bytes that a program may take while it runs; by default, and with 0, as many as it wants", ge=0
        ),
    )
    bucket: int | None = field(
        default=None,
        metadata=_limited(
            "batches that change in size are filled up to a multiple of so many rows, for which alone programs are "
            "compiled from now on",
            ge=1,
        ),
    )
    log: frozenset[Literal["sync", "retrace"]] = field(
        default=frozenset(),
        metadata=_limited("what is told on the standard error: runs of a lazy program, and what is new in it"),
    )


DEVICE = r"(cpu|gpu|tpu|cuda|rocm)(:[0-9]{1,4})?"
NAMES = tuple(each.name for each in fields(Settings))

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
        variables = {name: f"DIPTYCH_{name.upper()}" for name in NAMES}
        found = {name: os.environ[variable] for name, variable in variables.items() if variable in os.environ}
        _current = _validated(parted(found), "environment variable DIPTYCH_{}") if found else Settings()
    return _current


def configure(**changes: Any) -> Settings:
    """Changes settings for the whole process and returns them. Raises DiptychError for unknown names and values."""
    global _current
    _current = _validated({**asdict(settings()), **parted(changes)}, "setting {}")
    return _current


@contextmanager
def configured(**changes: Any) -> Iterator[Settings]:
    """A block with other settings, as `configure`; behind it they are what they were."""
    global _current
    before = settings()
    try:
        yield configure(**changes)
    finally:
        _current = before


def parted(changes: dict[str, Any]) -> dict[str, Any]:
    """The changes with a backend such as jax:gpu:0 as a backend and a device; another backend has none."""
    backend = changes.get("backend")
    if not isinstance(backend, str):
        return changes
    name, _, device = backend.partition(":")
    return {"device": device or None, **changes, "backend": name}


def _validated(values: dict[str, Any], described: str) -> Settings:
    """The settings with these values, which come from outside."""
    from pydantic import ValidationError  # here, since it takes long to import and most processes set nothing

    if isinstance(values.get("log"), str):  # names with commas between them, as an environment variable has them
        values["log"] = [name.strip() for name in values["log"].split(",") if name.strip()]
    device = values.get("device")
    if device is not None and (values.get("backend") != "jax" or not re.fullmatch(DEVICE, str(device))):
        wanted = "cpu, gpu, tpu or one of several, such as gpu:0, of backend jax"
        name = described.format("DEVICE" if "DIPTYCH" in described else "device")
        raise DiptychError(f"{name} is {device!r} but must be {wanted}")
    try:
        return Settings(**dict(_model().model_validate(values)))
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        if first["type"] == "extra_forbidden":
            raise DiptychError(f"setting {name} is unknown but must be one of {', '.join(NAMES)}") from None
        name_text = described.format(name.upper() if "DIPTYCH" in described else name)
        raise DiptychError(f"{name_text} is {first['input']!r} but must be {_wanted(first)}") from None


@cache
def _model() -> Any:
    """The settings as pydantic validates them."""
    from pydantic import ConfigDict, Field, create_model

    types = get_type_hints(Settings)
    given: dict[str, Any] = {
        each.name: (types[each.name], Field(each.default, **each.metadata)) for each in fields(Settings)
    }
    return create_model("Settings", __config__=ConfigDict(extra="forbid"), **given)


def _wanted(error: Any) -> str:
    """What pydantic expected, in our words."""
    context = error.get("ctx", {})
    if "expected" in context:
        return str(context["expected"])
    if "ge" in context:
        return f"{context['ge']} or more"
    if "le" in context:
        return f"{context['le']} or less"
    if error["type"] in ("frozen_set_type", "set_type"):
        return "a collection of 'sync' and 'retrace'"
    return {"bool": "true or false", "int": "an integer"}[error["type"].partition("_")[0]]
