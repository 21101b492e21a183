"""What equations cost, and what bounds their speed on a machine: computing, or moving bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from diptych.backends.numpy.rates import RATES
from diptych.backends.stopwatch import fastest
from diptych.ir import Dim, Equation, Value, ops
from diptych.ir.dimensions import product
from diptych.passes.costs import Cost, cost_of

from .tables import plain

MOST_TYPES = 3  # of results that are written out
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


def row_of(equation: Equation, names: Mapping[Value, str]) -> Row:
    """What one equation costs, under the names of its results."""
    return Row(
        ", ".join(f"%{names[result]}" for result in equation.results if result in names) or "-",
        _described(equation),
        cost_of(equation),
        moved(equation),
        equation.location.short() if equation.location is not None else "",
    )


def _described(equation: Equation) -> str:
    types = ", ".join(str(result.type) for result in equation.results[:MOST_TYPES])
    if len(equation.results) > MOST_TYPES:
        types += f" and {len(equation.results) - MOST_TYPES} more"
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
