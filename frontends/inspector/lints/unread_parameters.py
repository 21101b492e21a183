"""Parameters of programs that nothing reads."""

from __future__ import annotations

from collections.abc import Iterator

from diptych.ir import Function, Location

from ..tables import listed
from .finding import Finding, in_programs
from .looked import Looked

RULE = "unread"


def unread_parameters(looked: Looked) -> Iterator[Finding]:
    """Of each program the parameters that no equation reads and that are no results. Not of those that front ends made
    and ran: they take memory to write over, and random states that are not needed after all."""
    for place, group, programs in in_programs(_found(looked)):
        function, names = group[0][0], [name for _, name in group]
        count = f"{len(names)} of its {len(function.parameters)} parameters"
        yield Finding(
            RULE,
            place,
            f"@{function.name} does not read {count}: {listed(names)}",
            "leave them out",
            len(names),
            {"program": function.name, "parameters": names, "programs": programs},
        )


def _found(looked: Looked) -> Iterator[tuple[Location | None, int, tuple[Function, str]]]:
    for number, subject in enumerate(looked.subjects):
        if looked.ran(subject) is not None:
            continue
        function = subject.function
        place = next((equation.location for equation in function.equations if equation.location is not None), None)
        read = {*function.results, *(operand for equation in function.equations for operand in equation.operands)}
        for index, parameter in enumerate(function.parameters):
            if parameter not in read:
                yield place, number, (function, f"%{parameter.name or index}: {parameter.type}")
