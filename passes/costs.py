"""What an equation costs to compute: one table, in numbers that no machine changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod

from diptych.ir import Equation, Function, Op, Value, ops
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
    written, where no cache helps. `calls`: equations that compute anything."""

    products: int = 0
    operations: int = 0
    transcendentals: int = 0
    bytes: int = 0
    calls: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.products + other.products,
            self.operations + other.operations,
            self.transcendentals + other.transcendentals,
            self.bytes + other.bytes,
            self.calls + other.calls,
        )

    def __mul__(self, times: int) -> Cost:
        return Cost(
            self.products * times,
            self.operations * times,
            self.transcendentals * times,
            self.bytes * times,
            self.calls * times,
        )

    @property
    def flops(self) -> int:
        return 2 * self.products + self.operations + self.transcendentals


@dataclass(frozen=True, slots=True)
class Rates:
    """Nanoseconds that one of each takes on a machine, by one thread."""

    product: float
    operation: float
    transcendental: float
    byte: float
    call: float

    def nanoseconds(self, cost: Cost) -> float:
        return (
            cost.products * self.product
            + cost.operations * self.operation
            + cost.transcendentals * self.transcendental
            + cost.bytes * self.byte
            + cost.calls * self.call
        )


_TIMES: dict[Op, str] = {ops.scan: "length", ops.parallel: "parts"}  # how often a nested function runs


def cost_of(equation: Equation) -> Cost:
    """The cost of one equation, whose dimensions must be numbers; of a loop without a known length, of one round."""
    op = equation.op
    if op in VIEWS or op is ops.constant:
        return Cost()
    if op.has_functions:
        times = int(equation.attributes[_TIMES[op]]) if op in _TIMES else 1
        if op is ops.parallel and (last := equation.attributes["last"]) is not None:
            return cost_of_function(equation.attributes["body"]) * (times - 1) + cost_of_function(last)
        return sum((cost_of_function(nested) for _, nested in equation.functions()), Cost()) * times
    if op in _MOVED:
        moved = _MOVED[op](equation)
        return Cost(operations=_size(moved), bytes=2 * moved.type.bytes(), calls=1)
    bytes = sum([each.type.bytes() for each in (*equation.operands, *equation.results)])
    elements = sum([_size(result) for result in equation.results])
    if op in _PRODUCTS:
        return Cost(products=elements * _PRODUCTS[op](equation), bytes=bytes, calls=1)
    if equation.operands:
        elements = max(elements, _size(equation.operands[0]))
    if op in TRANSCENDENTAL:
        return Cost(transcendentals=elements, bytes=bytes, calls=1)
    return Cost(operations=elements, bytes=bytes, calls=1)


def cost_of_function(function: Function) -> Cost:
    """The sum over its equations."""
    return sum(map(cost_of, function.equations), Cost())


def _size(value: Value) -> int:
    return prod(value.type.static_shape())


def _contracted(equation: Equation) -> int:
    """Products that are summed into one element of a matrix product."""
    shape = equation.operands[0].type.static_shape()
    axes: tuple[int, ...] = equation.attributes["lhs_contract"]
    return prod(shape[axis] for axis in axes)


def _window(equation: Equation) -> int:
    """Products that are summed into one element of a convolution."""
    kernel = equation.operands[1].type.static_shape()
    roles = convolution_layout(equation.attributes["layout"])
    return prod(kernel[axis] for axis in roles.kernel[1:])


_PRODUCTS: dict[Op, Callable[[Equation], int]] = {ops.matmul: _contracted, ops.convolution: _window}

# What is moved where places are told: of the table itself only the rows that are named are read, and it is mostly
# written where it is.
_MOVED: dict[Op, Callable[[Equation], Value]] = {
    ops.gather: lambda equation: equation.results[0],
    ops.dynamic_slice: lambda equation: equation.results[0],
    ops.scatter: lambda equation: equation.operands[1],
    ops.dynamic_update_slice: lambda equation: equation.operands[1],
}
