"""Random programs over batches of texts, filled up: real rows are those of each size alone, or an op is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import numpy as np
from diptych.backends.reference.interpreter import evaluate
from diptych.ir import Builder, Constant, Dim, DiptychError, Function, TensorType, Unsupported, Value, dtypes
from diptych.ir.dimensions import floor_divide
from diptych.passes.autodiff import value_and_gradient
from diptych.passes.erase_marks import erase_gradient_marks
from diptych.passes.specialise import specialise

from tests.passes.filled_up import Given, M, N, Sizes, check_of

SHAPES: list[tuple[Dim, ...]] = [(N, M, 2), (N, M, 2), (M, 3)]
SETS: list[Sizes] = [{"n": 3, "m": 5}, {"n": 5, "m": 3}, {"n": 2, "m": 7}, {"n": 4, "m": 4}]


class Program:
    """A program of random calls, each on one of the values so far, and along one of its axes."""

    def __init__(self, seed: int) -> None:
        self.b, self.random = Builder("random"), Random(seed)
        self.values = [self.b.parameter(TensorType(dtypes.f64, shape)) for shape in SHAPES]
        self.zero = self.b.constant(value=Constant(np.int64(0)))
        for _ in range(self.random.randint(3, 8)):
            self._add()

    def outputs(self) -> Function:
        return self.b.finish(self.values[-4:])

    def trained(self) -> Function:
        """Of a loss that sees the last values, and its gradients."""
        b, loss = self.b, self.b.constant(value=Constant(0.0))
        for each in self.values[-3:]:
            loss = b.add(loss, b.reduce_sum(b.tanh(each), axes=range(each.rank)))
        return erase_gradient_marks(value_and_gradient(b.finish([loss])))

    def _add(self) -> None:
        calls: list[Callable[[Value, int], Value]] = [
            self._part, self._around, self._joined, self._reshaped, self._reduced, self._ordered, self._elementwise,
            self._product, self._window, self._block, self._places, self._looked_up,
        ]  # fmt: skip
        x = self.random.choice(self.values)
        try:
            made = self.random.choice(calls)(x, self.random.randrange(x.rank))
        except DiptychError:  # as where shapes do not fit
            return
        if 1 <= made.rank <= 4:
            self.values.append(made)

    def _part(self, x: Value, axis: int) -> Value:
        start, limit, stride = [0] * x.rank, [*x.shape], [1] * x.rank
        size: Any = x.shape[axis]
        start[axis], limit[axis], stride[axis] = self.random.choice(
            [(1, size, 1), (0, size - 1, 1), (size - 1, size, 1), (0, 1, 1), (0, size, 2)]
        )
        return self.b.slice(x, start=start, limit=limit, stride=stride)

    def _around(self, x: Value, axis: int) -> Value:
        low, high, interior = [0] * x.rank, [0] * x.rank, [0] * x.rank
        low[axis], high[axis], interior[axis] = self.random.choice(
            [(1, 0, 0), (0, 2, 0), (x.shape[axis], 0, 0), (-1, 0, 0), (0, -1, 0), (1, 1, 1)]
        )
        return self.b.pad(x, self.b.constant(value=Constant(0.5)), low=low, high=high, interior=interior)

    def _joined(self, x: Value, axis: int) -> Value:
        def rest(value: Value) -> Any:
            return value.shape[:axis], value.shape[axis + 1 :]

        others = [value for value in self.values if value.rank == x.rank and rest(value) == rest(x)]
        return self.b.concatenate(x, *self.random.choices(others, k=self.random.randint(1, 2)), axis=axis)

    def _reshaped(self, x: Value, axis: int) -> Value:
        shape, size = x.shape, x.shape[axis]
        if axis and self.random.random() < 0.5:
            return self.b.reshape(x, shape=(*shape[: axis - 1], shape[axis - 1] * size, *shape[axis + 1 :]))
        for factor in (N, M, 2, 3):
            quotient = floor_divide(size, factor)
            if quotient * factor == size:
                parts = self.random.sample([factor, quotient], 2)
                return self.b.reshape(x, shape=(*shape[:axis], *parts, *shape[axis + 1 :]))
        return self.b.transpose(x, permutation=self.random.sample(range(x.rank), x.rank))

    def _reduced(self, x: Value, axis: int) -> Value:
        b = self.b
        made = self.random.choice([b.reduce_sum, b.reduce_max, b.reduce_min])(x, axes=(axis,))
        kept = [other for other in range(x.rank) if other != axis]
        return made if self.random.random() < 0.4 else b.sub(x, b.broadcast(made, shape=x.shape, axes=kept))

    def _ordered(self, x: Value, axis: int) -> Value:
        b, is_last = self.b, self.random.random() < 0.5
        return self.random.choice([
            lambda: b.cumulative_sum(x, axis=axis, reverse=is_last),
            lambda: b.cumulative_max(x, axis=axis, reverse=is_last),
            lambda: b.reverse(x, axes=(axis,)),
            lambda: b.sort(x, axis=axis)[0],
            lambda: b.cast(b.argmax(x, axis=axis, dtype=dtypes.i64), dtype=dtypes.f64),
        ])()  # fmt: skip

    def _elementwise(self, x: Value, axis: int) -> Value:
        b = self.b
        places = b.cast(b.iota(shape=x.shape, axis=axis, dtype=dtypes.i64), dtype=x.dtype)
        alike = [places, *(value for value in self.values if value.shape == x.shape)]
        return self.random.choice([b.add, b.mul, b.sub])(b.tanh(x), self.random.choice(alike))

    def _product(self, x: Value, axis: int) -> Value:
        others = [
            (value, own) for value in self.values for own, size in enumerate(value.shape) if size == x.shape[axis]
        ]
        other, own = self.random.choice(others)
        return self.b.tanh(self.b.matmul(x, other, lhs_contract=(axis,), rhs_contract=(own,)))

    def _window(self, x: Value, axis: int) -> Value:
        def along(number: Any, none: Any) -> list[Any]:
            return [number if other == axis else none for other in range(x.rank)]

        padding = self.random.choice([(0, 0), (1, 1), (0, 1)])
        return self.random.choice([self.b.window_sum, self.b.window_max])(
            x, window=along(2, 1), stride=along(self.random.randint(1, 2), 1), padding=along(padding, (0, 0)),
            dilation=[1] * x.rank,
        )  # fmt: skip

    def _block(self, x: Value, axis: int) -> Value:
        b, begins, sizes = self.b, [self.zero] * x.rank, [*x.shape]
        begins[axis] = b.dimension(size=self.random.choice([0, 1, M]), dtype=dtypes.i64)
        sizes[axis] = self.random.choice([1, 2, x.shape[axis] - 1, N, M])
        block = b.dynamic_slice(x, *begins, sizes=sizes)
        return block if self.random.random() < 0.5 else b.dynamic_update_slice(x, b.neg(block), *begins)

    def _places(self, x: Value, axis: int) -> Value:
        return self.b.gather(x, self._some(), axes=(axis,), bounds="clip")

    def _looked_up(self, x: Value, axis: int) -> Value:
        places, combine = self._some(), self.random.choice(["add", "max"])
        updates = self.b.sin(self.b.gather(x, places, axes=(axis,), bounds="clip"))
        return self.b.scatter(x, updates, places, axes=(axis,), combine=combine, bounds="drop")

    def _some(self) -> Value:
        return self.b.iota(shape=(self.random.choice([2, N, M]),), axis=0, dtype=dtypes.i64)


def functions(seed: int) -> Iterator[Function]:
    yield Program(seed).outputs()
    try:
        yield Program(seed).trained()
    except Unsupported as refusal:  # some gradients need numbers
        assert "window_sum: the gradient needs numeric sizes" in str(refusal)


def outcome(function: Function, sizes: Sizes, seed: int) -> str:
    random = np.random.default_rng(seed)
    given: Given = []
    for shape in SHAPES:
        axes = {axis: str(dim) for axis, dim in enumerate(shape) if not isinstance(dim, int)}
        given.append((random.standard_normal([sizes.get(str(dim), dim) for dim in shape]), axes))
    try:
        evaluate(specialise(function, sizes), [array for array, _ in given])
    except DiptychError:
        return "does not fit"
    try:
        check_of(function, sizes, given)
    except Unsupported as refusal:
        assert "padding might change its result" in str(refusal)
        return "refused"
    return "the same"


def test_programs_and_their_gradients() -> None:
    outcomes: Counter[str] = Counter()
    for seed in range(120):
        for function in functions(seed):
            outcomes.update(outcome(function, sizes, seed) for sizes in SETS)
    assert outcomes["the same"] > 800
    assert outcomes["refused"] < 0.1 * outcomes["the same"]
