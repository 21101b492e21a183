"""Random large elementwise functions of all dtypes, whose results no backend on numpy may change in a bit.

A function works on one shape, with rows, columns and numbers that are repeated to it, operands that lie turned round,
casts, comparisons, selections, maxima along an axis that it goes on with, and sums, along any axes, in which it ends.
Operands have infinities, nan and zeros of both signs among them.

    python -m tests.elementwise_programs COUNT [SEED]

compares as many as one likes at full size with the reference, with one, two and three threads.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from random import Random

import numpy as np
from diptych import backends
from diptych.backends.reference.interpreter import evaluate
from diptych.backends.settings import configure
from diptych.backends.tolerances import EXACT, Tolerance, disagreement
from diptych.ir import Builder, Constant, DType, Function, Op, TensorType, Value, dtypes, ops
from diptych.passes.expressions import full

FLOATS = (dtypes.f32, dtypes.f32, dtypes.f64, dtypes.f64, dtypes.f16, dtypes.bf16)
INTEGERS = (dtypes.i8, dtypes.i32, dtypes.i64, dtypes.u8, dtypes.u32, dtypes.u64, dtypes.i16)
UNARY = (
    ops.neg, ops.abs, ops.sign, ops.exp, ops.expm1, ops.log, ops.log1p, ops.sqrt, ops.rsqrt, ops.sin, ops.cos, ops.tan,
    ops.asin, ops.acos, ops.atan, ops.sinh, ops.cosh, ops.tanh, ops.asinh, ops.acosh, ops.atanh, ops.logistic, ops.erf,
    ops.erfc, ops.erfinv, ops.lgamma, ops.digamma, ops.floor, ops.ceil, ops.round_even,
)  # fmt: skip
SLOW = (ops.erfinv, ops.lgamma, ops.digamma, ops.erfc)
BINARY = (ops.add, ops.sub, ops.mul, ops.div, ops.rem, ops.pow, ops.max, ops.min, ops.atan2)
COMPARISONS = (ops.eq, ops.ne, ops.lt, ops.le, ops.gt, ops.ge)
HALF = 1e-2  # of the largest element, for sums in half precision


@dataclass
class Case:
    """A function, operands for it, and of how many terms each its results are that are sums."""

    function: Function
    seed: int
    sums: dict[int, int] = field(default_factory=dict[int, int])

    @cached_property
    def arguments(self) -> list[np.ndarray]:
        """Operands, made when they are first asked for."""
        random = np.random.default_rng(self.seed)
        return [_array(random, type.dtype, type.static_shape()) for type in self.function.parameter_types]

    def problem(self, found: tuple[np.ndarray, ...], wanted: tuple[np.ndarray, ...]) -> str | None:
        """Where results are not those of the reference; None where all are."""
        for number, (ours, theirs) in enumerate(zip(found, wanted, strict=True)):
            terms = self.sums.get(number, 0)  # whose sum numpy rounds as often, one after another, along leading axes
            relative = HALF if terms and ours.dtype.itemsize == 2 else 0.0
            allowed = Tolerance(largest=64 + terms / 8, one=64 + terms / 8) if terms else EXACT
            said = disagreement(ours, theirs, allowed, relative=relative)
            if said is not None:
                return f"result {number} {said}"
        return None


def _array(random: np.random.Generator, dtype: DType, shape: tuple[int, ...]) -> np.ndarray:
    if dtype.is_bool:
        return random.random(shape) < 0.5
    if dtype.is_integer:
        info = np.iinfo(dtype.numpy)
        near = random.integers(-9 if info.min else 0, 10, shape).astype(dtype.numpy)
        ends = np.array([info.min, info.max], dtype.numpy)
        return np.where(random.random(shape) < 0.1, ends[random.integers(0, 2, shape)], near)
    array = (random.standard_normal(shape) * 10.0 ** random.integers(-2, 2)).astype(dtype.numpy)
    special = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, -1.0, 0.5, 3e-41], dtype.numpy)
    return np.where(random.random(shape) < 0.03, random.choice(special, shape), array)


class _Grower:
    def __init__(self, seed: int, rows: int, columns: int) -> None:
        self.random, self.b = Random(seed), Builder("elementwise", share=False)
        self.seed = seed
        self.shape = (rows, columns) if self.random.random() < 0.7 else (rows, 1 + columns // 7, 7)
        self.known: list[Value] = []

    # -- operands ----

    def parameter(self, dtype: DType, shape: tuple[int, ...]) -> Value:
        return self.b.parameter(TensorType(dtype, shape))

    def leaf(self, dtype: DType) -> Value:
        """An operand of the whole shape: one that lies so, one turned round, a row, a column, or a number."""
        b, shape, kind = self.b, self.shape, self.random.randrange(8)
        if kind < 3:
            return self.parameter(dtype, shape)
        if kind == 3:
            order = tuple(reversed(range(len(shape))))
            return b.transpose(self.parameter(dtype, shape[::-1]), permutation=order)
        if kind == 4:
            return b.broadcast(self.parameter(dtype, shape[1:]), shape=shape, axes=tuple(range(1, len(shape))))
        if kind == 5:
            return b.broadcast(self.parameter(dtype, shape[:1]), shape=shape, axes=(0,))
        if kind == 6:
            return b.broadcast(self.parameter(dtype, ()), shape=shape, axes=())
        number = self.random.choice((0, 1, 2, 3) if not dtype.is_float else (0.0, -0.0, 1.0, 2.0, 0.5, -1.5))
        return full(b, TensorType(dtype, shape), number)

    def some(self, dtype: DType) -> Value:
        """A value of a dtype, known or new."""
        found = [value for value in self.known if value.dtype is dtype]
        if found and self.random.random() < 0.75:
            return found[max(self.random.randrange(len(found)) for _ in range(2))]
        return self.leaf(dtype)

    # -- steps ----

    def step(self, dtype: DType) -> Value:
        """One more value, of the dtype for most kinds of steps."""
        if dtype.is_bool:
            return self.logic()
        return self.floats(dtype) if dtype.is_float else self.integers(dtype)

    def floats(self, dtype: DType) -> Value:
        b, kind = self.b, self.random.randrange(12)
        if kind < 4:
            op: Op = self.random.choice(UNARY)
            if op in SLOW and self.random.random() < 0.5:
                op = ops.tanh
            return b.emit(op, [self.some(dtype)], {})[0]
        if kind < 8:
            return b.emit(self.random.choice(BINARY), [self.some(dtype), self.some(dtype)], {})[0]
        if kind == 8:
            return b.select(self.some(dtypes.bool_), self.some(dtype), self.some(dtype))
        if kind == 9:  # what is below 0 is 0, which has a way of its own
            x, zero = self.some(dtype), full(b, TensorType(dtype, self.shape), 0.0)
            return b.select(b.le(x, zero), zero, x)
        if kind == 10:
            low, high = (b.constant(value=Constant(number, dtype)) for number in (-1.0, 1.5))
            return b.clamp(low, self.some(dtype), high)
        last = len(self.shape) - 1
        (peaks,) = b.emit(self.random.choice((ops.reduce_max, ops.reduce_min)), [self.some(dtype)], {"axes": (last,)})
        return b.sub(self.some(dtype), b.broadcast(peaks, shape=self.shape, axes=tuple(range(last))))

    def integers(self, dtype: DType) -> Value:
        b, kind = self.b, self.random.randrange(6)
        x, y = self.some(dtype), self.some(dtype)
        small = b.bitwise_and(y, full(b, y.type, 3))
        if kind == 0:
            op = self.random.choice((ops.neg, ops.abs, ops.sign, ops.bitwise_not))
            return b.emit(op, [x], {})[0]
        if kind == 1:
            divisor = b.add(small, full(b, y.type, 1))
            return b.emit(self.random.choice((ops.floor_div, ops.rem)), [x, divisor], {})[0]
        if kind == 2:
            return b.emit(self.random.choice((ops.shift_left, ops.shift_right, ops.pow)), [x, small], {})[0]
        if kind == 3:
            return b.select(self.some(dtypes.bool_), x, y)
        names = (ops.add, ops.sub, ops.mul, ops.max, ops.min, ops.bitwise_and, ops.bitwise_or, ops.bitwise_xor)
        return b.emit(self.random.choice(names), [x, y], {})[0]

    def logic(self) -> Value:
        b, kind = self.b, self.random.randrange(3)
        dtype = self.random.choice([value.dtype for value in self.known])
        if kind == 0 and dtype.is_float:
            return b.is_finite(self.some(dtype))
        if kind == 1:
            op = self.random.choice((ops.bitwise_and, ops.bitwise_or, ops.bitwise_xor, ops.max, ops.min))
            return b.emit(op, [self.some(dtypes.bool_), self.some(dtypes.bool_)], {})[0]
        return b.emit(self.random.choice(COMPARISONS), [self.some(dtype), self.some(dtype)], {})[0]

    def cast(self, x: Value) -> Value:
        """In another dtype; floats that become integers are small, since what else becomes of them nobody says."""
        target = self.random.choice((*FLOATS, *INTEGERS, dtypes.bool_))
        if x.dtype.is_float and target.is_integer:
            low, high = (self.b.constant(value=Constant(number, x.dtype)) for number in (0.0, 100.0))
            x = self.b.clamp(low, self.b.select(self.b.is_finite(x), x, full(self.b, x.type, 7.0)), high)
        return self.b.cast(x, dtype=target)

    def case(self, steps: int) -> Case:
        b, random = self.b, self.random
        dtype: DType = random.choice((*FLOATS, *INTEGERS)) if random.random() < 0.9 else random.choice(FLOATS)
        self.known.append(self.parameter(dtype, self.shape))
        for _ in range(steps):
            if random.random() < 0.15:
                self.known.append(self.cast(random.choice(self.known[-3:])))
                dtype = self.known[-1].dtype
            else:
                self.known.append(self.step(dtype if random.random() < 0.8 else dtypes.bool_))
        others = random.sample(self.known, min(len(self.known), random.randrange(3)))
        results = list(dict.fromkeys([self.known[-1], *others]))
        sums: dict[int, int] = {}
        for x in [value for value in self.known[-4:] if not value.dtype.is_bool]:
            if random.random() < 0.3:
                rank = len(self.shape)
                axes = random.choice([(rank - 1,), (0,), tuple(range(rank)), tuple(range(rank - 1))])
                tame = b.tanh(b.select(b.is_finite(x), x, full(b, x.type, 0.0))) if x.dtype.is_float else x
                sums[len(results)] = prod(self.shape[axis] for axis in axes)
                results.append(b.reduce_sum(tame, axes=axes))
        return Case(b.finish(results), self.seed, sums)


def elementwise_case(seed: int) -> Case:
    """The case of a seed: values of 200,000 to 1,400,000 elements, after some steps."""
    random = Random(seed)
    rows, columns = 12 * random.randrange(40, 140), random.randrange(400, 900)
    return _Grower(seed, rows, columns).case(random.randrange(3, 16))


def main() -> None:
    count, first = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    start, wrong = time.perf_counter(), 0
    for seed in range(first, first + count):
        case = elementwise_case(seed)
        wanted = evaluate(case.function, case.arguments)
        for threads in (1, 2, 3):
            configure(threads=threads)
            found = backends.compile(case.function, backend="numpy")(*case.arguments)
            problem = case.problem(found, wanted)
            if problem is not None:
                wrong += 1
                print(f"seed {seed}, {threads} threads: {problem}", flush=True)
        backends.clear_cache()
    print(f"{count} programs, {wrong} disagreements, {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
