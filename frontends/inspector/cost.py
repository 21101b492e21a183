"""The verb `cost`: what a program computes and moves, by equation, op or line, and what bounds its speed."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from diptych.backends.numpy.rates import RATES
from diptych.backends.stopwatch import fastest
from diptych.ir import Dim, Equation, Function, Value, ops
from diptych.ir.dimensions import product
from diptych.passes.aliasing import VIEWS
from diptych.passes.costs import Cost, cost_of

from .options import above_zero, add_json, add_stage, add_target, programs, together
from .tables import aligned, counted, plain, shortened

GROUPINGS = ("equation", "op", "line")
_SIDE, _BYTES = 768, 1 << 26  # of the matrices multiplied, and of the memory copied, to see how fast a machine is


@dataclass(frozen=True, slots=True)
class Peak:
    """How fast a machine computes and moves at best: GFLOP/s and GB/s."""

    gflops: float
    gigabytes: float

    @property
    def ridge(self) -> float:
        """The FLOP for each byte from which computing takes longer than moving."""
        return self.gflops / self.gigabytes


def measured_peak() -> Peak:
    """Of this machine, now: a product of matrices in single precision, and a copy; about a tenth of a second."""
    x = np.ones((_SIDE, _SIDE), np.float32)
    source, target = np.ones(_BYTES // 8), np.empty(_BYTES // 8)
    product_seconds = fastest(lambda: np.matmul(x, x))
    copy_seconds = fastest(lambda: np.copyto(target, source))
    return Peak(2e-9 * _SIDE**3 / product_seconds, 2e-9 * _BYTES / copy_seconds)


@dataclass(frozen=True, slots=True)
class Row:
    """What equations that go by one `name` cost. `bytes`: of what they read and make; a group's own temporaries stay in
    the cache. `seconds`: as the passes estimate it for one thread; None where dimensions have names."""

    name: str
    what: str
    cost: Cost
    bytes: Dim
    line: str

    @property
    def intensity(self) -> float | None:
        """FLOP for each byte; None of sizes that nobody knows."""
        flops, bytes = self.cost.flops, self.bytes
        return flops / bytes if isinstance(flops, int) and isinstance(bytes, int) and bytes else None

    @property
    def seconds(self) -> float | None:
        return 1e-9 * RATES.nanoseconds(self.cost) if _is_known(self.cost) else None

    def bound(self, peak: Peak) -> str:
        """What takes longer at best: to compute, or to move."""
        intensity = self.intensity
        if intensity is None:
            return ""
        return "compute" if intensity >= peak.ridge else "memory"

    def as_json(self, peak: Peak) -> dict[str, Any]:
        """The same as numbers; polynomials as text."""
        return {
            "name": self.name,
            "what": self.what,
            "flops": plain(self.cost.flops),
            "products": plain(self.cost.products),
            "operations": plain(self.cost.operations),
            "transcendentals": plain(self.cost.transcendentals),
            "bytes": plain(self.bytes),
            "intensity": self.intensity,
            "bound": self.bound(peak) or None,
            "estimated_seconds": self.seconds,
            "line": self.line or None,
        }


def _is_known(cost: Cost) -> bool:
    return all(isinstance(each, int) for each in (cost.products, cost.operations, cost.transcendentals, cost.bytes))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    add_target(parser)
    add_stage(parser)
    parser.add_argument("--by", choices=GROUPINGS, default="equation", help="what a row is of")
    parser.add_argument("--peak", type=above_zero, metavar="GFLOP/S", help="of the machine; by default it is measured")
    parser.add_argument("--bandwidth", type=above_zero, metavar="GB/S", help="of its memory; with --peak")
    add_json(parser)


def command(options: argparse.Namespace) -> tuple[str, int]:
    """The text, and the exit status."""
    together(options, "peak", "bandwidth")
    found = programs(options)
    peak = Peak(options.peak, options.bandwidth) if options.peak is not None else None
    return cost([each.at(options.stage) for each in found], by=options.by, as_json=options.json, peak=peak), 0


def cost(stages: Sequence[Function], *, by: str = "equation", as_json: bool = False, peak: Peak | None = None) -> str:
    """A table for each program. `by` is one of GROUPINGS; equations come in order, others with the largest first."""
    peak = peak or measured_peak()
    tables = [(function, *_rows(function, by)) for function in stages]
    if as_json:
        found = [
            {
                "program": function.name,
                "total": total.as_json(peak),
                by: [row.as_json(peak) for row in rows],
                "peak": {"gflops": peak.gflops, "gigabytes": peak.gigabytes},
            }
            for function, rows, total in tables
        ]
        return "".join(json.dumps(each) + "\n" for each in found)
    return "\n".join(_table(function, rows, total, by, peak) for function, rows, total in tables)


def _rows(function: Function, by: str) -> tuple[list[Row], Row]:
    names = {value: _name(value, number) for number, value in enumerate(_values(function))}
    each = [
        row_of(equation, names)
        for equation in function.equations
        if equation.op not in VIEWS and equation.op is not ops.constant
    ]
    total = _sum(f"@{function.name}", each)
    if by == "equation":
        return each, total
    grouped: dict[str, list[Row]] = {}
    for row in each:
        key = row.line or "(no line)" if by == "line" else row.what.split()[0]
        grouped.setdefault(key, []).append(row)
    rows = [_sum(name, members) for name, members in grouped.items()]
    return sorted(rows, key=_weight, reverse=True), total


def row_of(equation: Equation, names: Mapping[Value, str]) -> Row:
    """What one equation costs, under the names of its results."""
    return Row(
        ", ".join(f"%{names[result]}" for result in equation.results if result in names) or "-",
        _described(equation),
        cost_of(equation),
        moved(equation),
        _line(equation),
    )


def _weight(row: Row) -> tuple[float, float]:
    return (row.seconds or 0.0, float(row.bytes) if isinstance(row.bytes, int) else 0.0)


def _sum(name: str, rows: Sequence[Row]) -> Row:
    bytes: Dim = 0
    for row in rows:
        bytes = bytes + row.bytes
    what = f"{len(rows)} equation{'s' if len(rows) != 1 else ''}"
    return Row(name, what, sum((row.cost for row in rows), Cost()), bytes, "")


def _values(function: Function) -> list[Value]:
    return [*function.parameters, *(result for equation in function.equations for result in equation.results)]


def _name(value: Value, number: int) -> str:
    return value.name or str(number)


def _described(equation: Equation) -> str:
    types = ", ".join(str(result.type) for result in equation.results)
    inside = [inner.op.name for _, body in equation.functions() for inner in body.equations]
    return f"{equation.op.name} {types}" + (f" of {len(inside)}" if inside else "")


def moved(equation: Equation) -> Dim:
    """Bytes that an equation reads and makes; a group's own temporaries stay in the cache."""
    if equation.op not in (ops.fused, ops.parallel):
        return cost_of(equation).bytes
    found: Dim = 0
    for value in (*equation.operands, *equation.results):
        found = found + product(value.type.shape) * value.dtype.bytes
    return found


def _line(equation: Equation) -> str:
    place = equation.location
    return f"{place.file.rpartition('/')[2]}:{place.line}" if place is not None else ""


def _table(function: Function, rows: Sequence[Row], total: Row, by: str, peak: Peak) -> str:
    heads = {"equation": ("result", "what", "line"), "op": ("op", "times", ""), "line": ("line", "what", "")}[by]
    lines: list[tuple[str, ...]] = [
        (heads[0], "FLOP", "bytes", "FLOP/byte", "bound", "estimate", f"{heads[1]}  {heads[2]}".rstrip())
    ]
    for row in [*rows, total]:
        intensity, seconds = row.intensity, row.seconds
        lines.append(
            (
                shortened(row.name),
                counted(row.cost.flops),
                counted(row.bytes),
                "" if intensity is None else f"{intensity:.2f}",
                row.bound(peak),
                "" if seconds is None else f"{seconds * 1e6:.1f} us",
                f"{row.what}  {row.line}".rstrip(),
            )
        )
    title = (
        f"@{function.name}: at {peak.gflops:.0f} GFLOP/s and {peak.gigabytes:.0f} GB/s, memory bounds what has less "
    )
    return f"{title}than {peak.ridge:.1f} FLOP for a byte\n{aligned(lines)}"
