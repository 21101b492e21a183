"""What an equation costs to compute: one table, in numbers that no machine changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import gcd

from diptych.ir import Dim, Equation, Function, Op, Value, ops
from diptych.ir.dimensions import product
from diptych.ir.ops.contraction import convolution_layout

from .aliasing import VIEWS

TRANSCENDENTAL = frozenset(
    (
        ops.exp, ops.expm1, ops.log, ops.log1p, ops.sin, ops.cos, ops.tan, ops.asin, ops.acos, ops.atan, ops.sinh,
        ops.cosh, ops.tanh, ops.asinh, ops.acosh, ops.atanh, ops.logistic, ops.erf, ops.erfc, ops.erfinv, ops.lgamma,
        ops.digamma, ops.polygamma, ops.pow, ops.atan2, ops.sqrt, ops.rsqrt,
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cost:
    """`products`: multiplications of a matrix product or convolution, each with its addition. `operations`: other
    arithmetic, by elements. `transcendentals`: elements of functions that take many instructions. `bytes`: read and
    written, where no cache helps. `calls`: equations that compute anything. Polynomials where dimensions have names."""

    products: Dim = 0
    operations: Dim = 0
    transcendentals: Dim = 0
    bytes: Dim = 0
    calls: Dim = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.products + other.products,
            self.operations + other.operations,
            self.transcendentals + other.transcendentals,
            self.bytes + other.bytes,
            self.calls + other.calls,
        )

    def __mul__(self, times: Dim) -> Cost:
        return Cost(
            self.products * times,
            self.operations * times,
            self.transcendentals * times,
            self.bytes * times,
            self.calls * times,
        )

    @property
    def flops(self) -> Dim:
        return self.products * 2 + self.operations + self.transcendentals


@dataclass(frozen=True, slots=True)
class Rates:
    """Nanoseconds that one of each takes on a machine, by one thread."""

    product: float
    operation: float
    transcendental: float
    byte: float
    call: float

    def nanoseconds(self, cost: Cost) -> float:
        """What so much takes. Raises TypeError where a dimension has a name."""
        return (
            int(cost.products) * self.product
            + int(cost.operations) * self.operation
            + int(cost.transcendentals) * self.transcendental
            + int(cost.bytes) * self.byte
            + int(cost.calls) * self.call
        )


_TIMES: dict[Op, str] = {ops.scan: "length", ops.parallel: "parts"}  # how often a nested function runs


def cost_of(equation: Equation) -> Cost:
    """The cost of one equation; of a loop without a known length, of one round."""
    op = equation.op
    if op in VIEWS or op is ops.constant:
        return Cost()
    if op.has_functions:
        times: Dim = equation.attributes[_TIMES[op]] if op in _TIMES else 1
        if op is ops.parallel and (last := equation.attributes["last"]) is not None:
            return cost_of_function(equation.attributes["body"]) * (times - 1) + cost_of_function(last)
        return sum((cost_of_function(nested) for _, nested in equation.functions()), Cost()) * times
    if op in _MOVED:
        moved = _MOVED[op](equation)
        return Cost(operations=_size(moved), bytes=_bytes(moved) * 2, calls=1)
    bytes: Dim = 0
    for each in (*equation.operands, *equation.results):
        bytes = bytes + _bytes(each)
    if op in _PRODUCTS:
        return Cost(products=_PRODUCTS[op](equation), bytes=bytes, calls=1)
    elements: Dim = 0
    for result in equation.results:
        elements = elements + _size(result)
    if equation.operands:
        elements = _larger(elements, equation)
    if op in TRANSCENDENTAL:
        return Cost(transcendentals=elements, bytes=bytes, calls=1)
    return Cost(operations=elements, bytes=bytes, calls=1)


def cost_of_function(function: Function) -> Cost:
    """The sum over its equations."""
    return sum(map(cost_of, function.equations), Cost())


def _size(value: Value) -> Dim:
    return product(value.type.shape)


def _bytes(value: Value) -> Dim:
    return _size(value) * value.dtype.bytes


def _larger(results: Dim, equation: Equation) -> Dim:
    """The elements of the results, or of the first operand where these are more; of sizes that nobody knows, where that
    has more axes."""
    (first, *_), size = equation.operands, _size(equation.operands[0])
    if isinstance(results, int) and isinstance(size, int):
        return max(results, size)
    return size if all(first.rank > result.rank for result in equation.results) else results


def _matmul(equation: Equation) -> Dim:
    shape, (result,) = equation.operands[0].shape, equation.results
    axes: tuple[int, ...] = equation.attributes["lhs_contract"]
    return _size(result) * product(shape[axis] for axis in axes)


def _convolution(equation: Equation) -> Dim:
    """Products with elements of x: not with zeros around them, or put between them."""
    (x, kernel), (result,), attributes = equation.operands, equation.results, equation.attributes
    roles = convolution_layout(attributes["layout"])
    found = result.shape[roles.result[0]] * result.shape[roles.result[1]] * kernel.shape[roles.kernel[1]]
    for axis in range(roles.spatial_rank):
        sizes = x.shape[roles.x[axis + 2]], kernel.shape[roles.kernel[axis + 2]], result.shape[roles.result[axis + 2]]
        size, extent, places = sizes
        if isinstance(size, int) and isinstance(extent, int) and isinstance(places, int):
            numbers = (attributes[name][axis] for name in ("stride", "x_dilation", "kernel_dilation"))
            found = found * _meetings(size, extent, places, attributes["padding"][axis][0], *numbers)
        else:
            found = found * extent * places
    return found


@lru_cache(maxsize=4096)
def _meetings(size: int, extent: int, places: int, low: int, stride: int, x_dilation: int, kernel_dilation: int) -> int:
    """Pairs of a place of the result and an element of the kernel that meet an element of x along one axis."""
    period = x_dilation // gcd(stride, x_dilation)
    count = 0
    for element in range(extent):
        shift = element * kernel_dilation - low  # place p meets p * stride + shift of x spread out
        for first in range(min(period, places)):
            if (first * stride + shift) % x_dilation == 0:
                step = period * stride
                begin = first * stride + shift
                most = (places - 1 - first) // period  # further places that may meet
                lowest = max(0, -(begin // step))
                highest = min(most, ((size - 1) * x_dilation - begin) // step)
                count += max(0, highest - lowest + 1)
    return count


_PRODUCTS: dict[Op, Callable[[Equation], Dim]] = {ops.matmul: _matmul, ops.convolution: _convolution}

# What is moved where places are told: of the table itself only the rows that are named are read, and it is mostly
# written where it is.
_MOVED: dict[Op, Callable[[Equation], Value]] = {
    ops.gather: lambda equation: equation.results[0],
    ops.dynamic_slice: lambda equation: equation.results[0],
    ops.scatter: lambda equation: equation.operands[1],
    ops.dynamic_update_slice: lambda equation: equation.operands[1],
}
