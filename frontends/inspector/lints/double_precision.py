"""Numbers of double precision in a program whose others are of single precision, or less."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from diptych.ir import Equation, Function, Location, Value, dtypes, ops

from ..roofline import moved
from ..tables import counted, counts
from .finding import Finding, by_line
from .looked import Looked

RULE = "double-precision"
LEAST = 4096  # bytes that are read and made
DOUBLE = (dtypes.f64, dtypes.c128)
# How it comes in, and what to write instead; what counts first as the reason comes first.
KINDS = {
    "argument": ("an argument comes in as", "array.astype(np.float32) before it comes in, or tensor.float()"),
    "constant": ("a constant is", "dtype=np.float32, or torch.float32, where it is made"),
    "cast": ("values become", "a .float() before what follows"),
    "made": ("values are made as", "dtype=torch.float32 where they are made"),
}
_ORDER = tuple(KINDS)


@dataclass(frozen=True, slots=True)
class Source:
    """Where double precision comes in: how, a key of KINDS, by which value, and at which line."""

    kind: str
    value: Value
    place: Location | None


def double_precision(looked: Looked) -> Iterator[Finding]:
    """Lines at which values become float64 or complex128 without saying so, and what is computed in it thereby."""
    found: list[tuple[Location | None, tuple[Source, list[Equation]]]] = []
    for subject in looked.subjects:
        remaining = {before for after, before in looked.remaining(subject).items() if after.op is before.op}
        if any(map(_is_single, subject.function.parameters)):
            sources = _sources(subject.function, remaining)
            found.extend((source.place, (source, group)) for source, group in sources.items())
    for place, group in by_line(found):
        if place is not None and any(word in place.source() for word in ("float64", "double", "complex128")):
            continue  # who says so means it
        source, equations = max(group, key=lambda each: _bytes(each[1]))
        size = _bytes(equations)
        if size < LEAST:
            continue
        how, instead = KINDS[source.kind]
        yield Finding(
            RULE,
            place,
            f"{how} {source.value.type}: by it {counts(len(equations), 'equation')} compute in double precision and "
            f"move {counted(size)}B a run, twice what single precision does",
            instead,
            len(equations),
            {"kind": source.kind, "type": str(source.value.type), "bytes": size},
        )


def _is_single(value: Value) -> bool:
    return value.dtype.is_differentiable and value.dtype not in DOUBLE and bool(value.shape)


def _sources(function: Function, remaining: set[Equation]) -> Mapping[Source, list[Equation]]:
    """Where double precision comes into a function, and the equations that compute in it thereby; of those that
    remain behind all passes."""
    known: dict[Value, Source] = {}
    made: dict[Source, list[Equation]] = {}
    for equation in function.equations:
        doubles = [operand for operand in equation.operands if operand.dtype in DOUBLE]
        for operand in doubles:
            known.setdefault(operand, Source("argument", operand, equation.location))
        if not any(result.dtype in DOUBLE for result in equation.results):
            continue
        kind = "cast" if equation.op is ops.cast else "constant" if equation.op is ops.constant else "made"
        sources = [known[operand] for operand in doubles if known[operand].value.shape]
        source = min(sources, key=_rank, default=Source(kind, equation.results[0], equation.location))
        known.update((result, source) for result in equation.results)
        if equation in remaining and source.value.shape:
            made.setdefault(source, []).append(equation)
    return made


def _rank(source: Source) -> int:
    return _ORDER.index(source.kind)


def _bytes(equations: list[Equation]) -> int:
    return sum(size for equation in equations if isinstance(size := moved(equation), int))
