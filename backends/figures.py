"""What a backend tells of a program that it has compiled, before that runs."""

from __future__ import annotations

from dataclasses import dataclass

from diptych.ir import Function


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one compiled program; None is what its backend does not tell.

    `seconds`: that compiling took, without the passes. `was_kept`: whether a folder of compiled programs had it; None
    where there is no such folder. In bytes: the `executable` itself, on numpy its source; `arguments`; `results`;
    `aliased`, results that are written over arguments; `temporary`, what a run takes beside those, and `peak`, all that
    it takes at most, arguments included. `code`, of machine code. `flops`, `transcendentals` and `accessed`, the bytes
    that are read and written, are what the backend counts itself.
    """

    seconds: float = 0.0
    was_kept: bool | None = None
    executable: int | None = None
    arguments: int | None = None
    results: int | None = None
    aliased: int | None = None
    temporary: int | None = None
    peak: int | None = None
    code: int | None = None
    flops: float | None = None
    transcendentals: float | None = None
    accessed: float | None = None


def bytes_in_and_out(function: Function) -> tuple[int, int]:
    """Bytes of the arguments and of the results of a function whose sizes are numbers."""
    taken, given = (sum(type.bytes() for type in types) for types in (function.parameter_types, function.result_types))
    return taken, given
