"""Every error the language raises. Texts follow one form:

<op or api>: <operand> is <value> but must be <value>
  at <file>:<line>: <source text>
  try: <likely fix>
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .location import Location


class DiptychError(Exception):
    """Base of all errors that diptych raises on purpose."""

    def __init__(self, message: str, *, location: Location | None = None, hint: str | None = None) -> None:
        self.message = message
        self.location = location
        self.hint = hint
        super().__init__(self.text())

    def text(self) -> str:
        """The message, then the user's line and a likely fix where they are known."""
        lines = [self.message]
        if self.location is not None:
            lines.append(f"  at {self.location.described()}")
        if self.hint is not None:
            lines.append(f"  try: {self.hint}")
        return "\n".join(lines)

    def located(self, location: Location | None) -> DiptychError:
        """This error with `location` filled in, unless it has one already."""
        if self.location is None and location is not None:
            self.location = location
            self.args = (self.text(),)
        return self


class TypeRuleError(DiptychError, TypeError):
    """Operands or attributes that an op's type rule refuses."""


class VerificationError(DiptychError):
    """A function that breaks the rules of the language; `faults` lists every one of them."""

    def __init__(self, function_name: str, faults: list[str]) -> None:
        self.faults = faults
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        super().__init__("\n".join([f"@{function_name}: {count}", *(f"  {fault}" for fault in faults)]))


class ParseError(DiptychError, ValueError):
    """Text or JSON that is not a program; `line` and `column` count from 1, 0 where unknown.

    A problem longer than 1,000 characters is cut: it shows what a hostile text holds a million of.
    """

    def __init__(self, problem: str, *, line: int = 0, column: int = 0, hint: str | None = None) -> None:
        self.line = line
        self.column = column
        problem = problem if len(problem) <= 1000 else f"{problem[:1000]}..."
        place = f"line {line}, column {column}: " if line else ""
        super().__init__(f"{place}{problem}", hint=hint)


class DifferentiationError(DiptychError, TypeError):
    """A gradient was asked of something that has none."""


class MemoryBudgetExceeded(DiptychError):
    """A program that would take more than it may: it is not run. `budget` and `peak` in bytes."""

    def __init__(
        self, message: str, *, budget: int = 0, peak: int = 0, location: Location | None = None, hint: str | None = None
    ) -> None:
        self.budget = budget
        self.peak = peak
        super().__init__(message, location=location, hint=hint)


class Unsupported(DiptychError, NotImplementedError):
    """A thing diptych knows but cannot do; the hint names the nearest thing that works."""
