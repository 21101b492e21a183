"""Powers by numbers for which there are faster ways, and that no pass has made otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from diptych.ir import Equation, Location, Value, ops
from diptych.passes.provenance import functions_of

from ..tables import counted, counts
from .finding import Finding, in_programs
from .looked import Looked

RULE = "pow"
LEAST = 1 << 14  # elements at one line
# For exponents: what to write, and nanoseconds for each element of the power and of that, as measured on one core.
INSTEAD: dict[float, tuple[str, float, float]] = {
    2.0: ("the square, x * x", 0.5, 0.1),
    3.0: ("x * x * x", 1.3, 0.2),
    4.0: ("the square of the square", 1.1, 0.2),
    -1.0: ("1 / x", 0.9, 0.2),
    -2.0: ("1 / (x * x)", 1.3, 0.3),
    0.5: ("sqrt(x)", 1.4, 0.35),
    -0.5: ("rsqrt(x)", 1.4, 0.5),
    1.5: ("x * sqrt(x)", 1.3, 0.45),
}


def powers(looked: Looked) -> Iterator[Finding]:
    """Lines of powers by small whole numbers and by halves, as programs are run."""
    for place, group, programs in in_programs(_found(looked)):
        elements = sum(size for _, size in group)
        if elements < LEAST:
            continue
        exponents = sorted({exponent for exponent, _ in group})
        now, then = (sum(size * INSTEAD[exponent][way] for exponent, size in group) / 1000 for way in (1, 2))
        numbers = " and ".join(f"{exponent:g}" for exponent in exponents)
        yield Finding(
            RULE,
            place,
            f"{counts(len(group), 'power')} by {numbers}, of {counted(elements)} elements, which no pass makes faster: "
            f"about {now:.0f} us a run, where {then:.0f} us would do",
            " and ".join(dict.fromkeys(INSTEAD[exponent][0] for exponent in exponents)),
            len(group),
            {
                "exponents": exponents,
                "elements": elements,
                "microseconds": now,
                "instead_microseconds": then,
                "programs": programs,
            },
        )


def _found(looked: Looked) -> Iterator[tuple[Location | None, int, tuple[float, int]]]:
    """Each with the exponent, and how many elements it has."""
    for number, subject in enumerate(looked.subjects):
        origins = looked.remaining(subject)
        for function in functions_of(subject.stages[-1]):
            makers = {result: equation for equation in function.equations for result in equation.results}
            for equation in function.equations:
                exponent = _number(equation.operands[1], makers) if equation.op is ops.pow else None
                size = equation.results[0].type.size if exponent in INSTEAD else None
                if exponent is not None and isinstance(size, int) and equation.results[0].dtype.is_float:
                    yield origins[equation].location, number, (exponent, size)


def _number(value: Value, makers: Mapping[Value, Equation]) -> float | None:
    """The number that a value is all over; None where it is none, or nobody knows."""
    maker = makers.get(value)
    while maker is not None and maker.op in (ops.broadcast, ops.cast):
        maker = makers.get(maker.operands[0])
    if maker is None or maker.op is not ops.constant or maker.results[0].shape:
        return None
    number = maker.attributes["value"].item()
    return float(number) if isinstance(number, int | float) else None
