"""Large constants, which lie in programs."""

from __future__ import annotations

from collections.abc import Iterator

from diptych.ir import Location, ops

from ..tables import counted, counts
from .finding import Finding, in_programs
from .looked import Looked

RULE = "large-constant"
LEAST = 1 << 20  # bytes


def large_constants(looked: Looked) -> Iterator[Finding]:
    """Lines whose data lie in programs behind all passes: not one number all over, which passes make that number."""
    for place, group, programs in in_programs(_found(looked)):
        size, is_first = sum(size for size, _ in group), all(is_first for _, is_first in group)
        how = " as the first value of a variable" if is_first else ""
        first = "variable.load(array, session), or a placeholder as the initial value"
        yield Finding(
            RULE,
            place,
            f"{counted(size)}B of constants lie in {counts(programs, 'program')}{how}, and stay in memory with "
            f"{'it' if programs == 1 else 'them'}",
            first if is_first else "a variable that is not trainable, a placeholder that is fed, or an argument",
            len(group),
            {"bytes": size, "programs": programs, "is_initial": is_first},
        )


def _found(looked: Looked) -> Iterator[tuple[Location | None, int, tuple[int, bool]]]:
    """Each with its bytes, and whether it is only given out."""
    for number, subject in enumerate(looked.subjects):
        last = subject.stages[-1]
        read = {operand for equation in last.equations for operand in equation.operands}
        for equation, origin in looked.remaining(subject).items():
            if equation.op is ops.constant and (size := equation.results[0].type.bytes()) >= LEAST:
                yield origin.location, number, (size, equation.results[0] not in read)
