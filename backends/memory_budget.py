"""Refuses programs that would take more memory than they may, before they run."""

from __future__ import annotations

from diptych.ir import MemoryBudgetExceeded
from diptych.ir.names import written_name

from .executable import Executable
from .numpy.peak import Moment
from .numpy.runner import NumpyRunner

SHOWN = 3  # values
HINT = "a larger memory_budget, smaller batches, or fewer values kept for gradients"


def check_budget(executable: Executable, budget: int) -> None:
    """Raises MemoryBudgetExceeded where the executable takes more than `budget` bytes, as far as is known before: the
    backends numpy and jax tell."""
    peak = executable.peak_bytes
    if peak is None or peak <= budget:
        return
    problem = f"compile: memory_budget is {budget} bytes but must be {peak} or more"
    name = f"@{written_name(executable.function.name) or ''}"
    if not isinstance(executable.runner, NumpyRunner):
        message = f"{problem}, which {name} takes"
        raise MemoryBudgetExceeded(message, budget=budget, peak=peak, hint=HINT)
    moment = executable.runner.program.peak.moment()
    when = f"at {moment.equation.op.name}" if moment.equation is not None else "when it returns"
    lines = [f"{problem}, which {name} takes {when}; the largest values then:", *_values(moment)]
    location = moment.equation.location if moment.equation is not None else None
    raise MemoryBudgetExceeded("\n".join(lines), budget=budget, peak=peak, location=location, hint=HINT)


def _values(moment: Moment) -> list[str]:
    """A line for each of the largest values."""
    lines: list[str] = []
    for each in moment.there[:SHOWN]:
        name = written_name(each.value.name)
        described = f"%{name}: {each.value.type}" if name else str(each.value.type)
        described += f" of each of {each.parts} parts" if each.parts > 1 else ""
        location = moment.origins.get(each.value)
        made = f", made at {location.described()}" if location is not None else ""
        lines.append(f"  {each.size} bytes: {described}{made if each.value in moment.origins else ', a parameter'}")
    return lines
