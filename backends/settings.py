"""What a user may set: by environment variables, by `configure`, or for one compilation by an argument."""

from __future__ import annotations

import os
from typing import Any, Literal

from diptych.ir import DiptychError
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

BackendName = Literal["numpy", "jax", "reference"]


class Settings(BaseModel):
    """Each field is also an environment variable, DIPTYCH_ and its name in capitals."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    backend: BackendName = Field("numpy", description="what runs programs")
    checked: bool = Field(
        False,
        description="verify the program before and after every pass, and fill memory that holds no value on numpy",
    )
    fast_math: bool = Field(False, description="allow rules that may change the last bits or special values")
    cache_size: int = Field(512, ge=1, le=1_000_000, description="compiled programs kept")
    pending_bytes: int = Field(256 * 2**20, ge=1, description="results a lazy program may hold back before it runs")
    pending_calls: int = Field(
        20_000, ge=0, description="calls a lazy program may hold back before it runs; 0 runs each at once"
    )
    compile_after: int | None = Field(
        None, ge=0, description="runs of a lazy program that go call by call before it is compiled; by default as pays"
    )
    threads: int | None = Field(
        None,
        ge=1,
        description="threads that share a long program on numpy; by default one a core, if no more are allowed",
    )
    log: frozenset[Literal["sync", "retrace"]] = Field(
        frozenset(), description="what is told on the standard error: runs of a lazy program, and what is new in it"
    )

    @field_validator("log", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        """Names with commas between them, as an environment variable has them."""
        return [name.strip() for name in value.split(",") if name.strip()] if isinstance(value, str) else value


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
        found = {name: os.environ[f"DIPTYCH_{name.upper()}"] for name in Settings.model_fields
                 if f"DIPTYCH_{name.upper()}" in os.environ}  # fmt: skip
        _current = _validated(found, "environment variable DIPTYCH_{}")
    return _current


def configure(**changes: Any) -> Settings:
    """Changes settings for the whole process and returns them. Raises DiptychError for unknown names and values."""
    global _current
    _current = _validated({**settings().model_dump(), **changes}, "setting {}")
    return _current


def _validated(values: dict[str, Any], described: str) -> Settings:
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        if first["type"] == "extra_forbidden":
            raise DiptychError(
                f"setting {name} is unknown but must be one of {', '.join(Settings.model_fields)}"
            ) from None
        name_text = described.format(name.upper() if "DIPTYCH" in described else name)
        raise DiptychError(f"{name_text} is {first['input']!r} but must be {_wanted(first)}") from None


def _wanted(error: Any) -> str:
    """What pydantic expected, in our words."""
    context = error.get("ctx", {})
    if "expected" in context:
        return str(context["expected"])
    if "ge" in context:
        return f"{context['ge']} or more"
    if "le" in context:
        return f"{context['le']} or less"
    return {"bool": "true or false", "int": "an integer"}[error["type"].partition("_")[0]]
