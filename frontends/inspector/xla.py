"""What XLA says of programs, beside what is said here, and how far apart that is."""

from __future__ import annotations

from typing import Any

from diptych.backends import Figures, compile_anew

from .subjects import Subject
from .tables import counted

NOT_TOLD = "not told by XLA"


def told_by_xla(subject: Subject) -> Figures:
    """What XLA tells of a program whose sizes are numbers, which is compiled for that and not run. Raises Unsupported
    where jax is missing."""
    return compile_anew(subject.function, backend="jax", donate=subject.donate).figures


def amount(number: float | None, unit: str = "") -> str:
    """What XLA says, in three digits with a unit; or that it does not."""
    return NOT_TOLD if number is None else f"{counted(round(number))}{unit}"


def more(theirs: float | None, ours: Any) -> float | None:
    """How much more they say than we, as a part of what we do; None where one of them says nothing, or 0."""
    return theirs / ours - 1 if theirs is not None and isinstance(ours, int | float) and ours else None


def difference(theirs: float | None, ours: Any) -> str:
    """The same as text."""
    if theirs is None or ours is None:
        return ""
    part = more(theirs, ours)
    if theirs == ours:
        return "the same"
    return "" if part is None else f"{100 * part:+.1f}%"
