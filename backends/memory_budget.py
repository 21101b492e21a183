"""Programs that would take more memory than they may keep less for their backward, or are refused before they run."""

from __future__ import annotations

from collections.abc import Callable
from weakref import WeakKeyDictionary

from diptych.ir import MemoryBudgetExceeded
from diptych.ir.names import written_name
from diptych.passes.keeping import Keeping, choices

from .executable import Executable, Runner
from .numpy.peak import Moment
from .numpy.rates import RATES
from .numpy.runner import NumpyRunner

SHOWN = 3  # values
HOPE = 2  # what is expected to take more than so many times the budget is not compiled to see
HINT = "a larger memory_budget, smaller batches, or fewer values kept for gradients"


_fitting: WeakKeyDictionary[Runner, dict[int, Keeping]] = WeakKeyDictionary()  # what was found, by budget


def fitted(executable: Executable, budget: int, compiled: Callable[[Keeping], Executable]) -> Executable:
    """The executable or, where it takes more than `budget` bytes, the first of those that takes no more and keeps less:
    `compiled` makes it. Raises MemoryBudgetExceeded, of the one that takes least, where none does. What is taken is
    known before for the backends numpy and jax; others may take what they want."""
    most = executable.peak_bytes
    if most is None or most <= budget:
        return executable
    known = _fitting.setdefault(executable.runner, {})
    if budget in known:
        return compiled(known[budget])
    everything, *others = choices(executable.function, RATES)
    hopeful = [each for each in others if each.alive * most <= HOPE * budget * everything.alive]
    tried = [executable]
    for choice in hopeful or sorted(others, key=lambda choice: choice.alive)[:1]:
        tried.append(compiled(choice.keeping))
        if _peak(tried[-1]) <= budget:
            known[budget] = choice.keeping
            return tried[-1]
    raise _exceeded(min(tried, key=_peak), budget)


def _peak(executable: Executable) -> int:
    return executable.peak_bytes or 0


def _exceeded(executable: Executable, budget: int) -> MemoryBudgetExceeded:
    peak = _peak(executable)
    problem = f"compile: memory_budget is {budget} bytes but must be {peak} or more"
    name = f"@{written_name(executable.function.name) or ''}"
    if not isinstance(executable.runner, NumpyRunner):
        return MemoryBudgetExceeded(f"{problem}, which {name} takes", budget=budget, peak=peak, hint=HINT)
    moment = executable.runner.program.peak.moment()
    when = f"at {moment.equation.op.name}" if moment.equation is not None else "when it returns"
    lines = [f"{problem}, which {name} takes {when}; the largest values then:", *_values(moment)]
    location = moment.equation.location if moment.equation is not None else None
    return MemoryBudgetExceeded("\n".join(lines), budget=budget, peak=peak, location=location, hint=HINT)


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
