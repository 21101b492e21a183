"""What is known of a value, and what grows a function of such values."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random

import numpy as np
from diptych.ir import Builder, DType, Function, Shape, Value, dtypes
from diptych.passes.expressions import full

MAX_ELEMENTS = 120
LIMIT = 30.0  # magnitudes above are brought back
INTEGERS = (dtypes.i8, dtypes.i32, dtypes.i64, dtypes.u8, dtypes.u64)


@dataclass(frozen=True)
class Known:
    """What is known of a value: |x| <= bound for floats, and whether it is exact."""

    value: Value
    bound: float
    exact: bool


@dataclass
class Program:
    """A random function and arguments for it."""

    function: Function
    arguments: list[np.ndarray]
    dtype: DType  # of its floats: decides how far results may lie apart


Kinds = dict[Callable[["Grower"], None], int]  # kinds of steps, and how often each is taken


@dataclass
class Grower:
    """Grows one function; nested functions are grown by growers of their own."""

    b: Builder
    random: Random
    float: DType
    smooth: bool  # only what has a derivative everywhere
    kinds: Kinds
    depth: int = 0
    known: list[Known] = field(default_factory=list[Known])

    # -- choosing ----

    def add(self, value: Value, bound: float, *, exact: bool) -> Known:
        """Notes a value; a float that may be large is brought back first."""
        if value.dtype.is_differentiable and bound > LIMIT:
            value = self.b.mul(value, full(self.b, value.type, 1 / bound))
            bound, exact = 1.0, False
        found = Known(value, bound, exact)
        self.known.append(found)
        return found

    def pick(self, wanted: Callable[[Known], bool]) -> Known | None:
        """One of the known values that `wanted` takes, a late one rather than an early one."""
        found = [each for each in self.known if wanted(each)]
        if not found:
            return None
        return found[max(self.random.randrange(len(found)) for _ in range(2))]

    def real(self, *, exact: bool = False, rank: int = 0) -> Known | None:
        return self.pick(
            lambda k: k.value.dtype is self.float and k.value.rank >= rank and (k.exact or not exact)
        )  # fmt: skip

    def complex(self) -> Known | None:
        return self.pick(lambda k: k.value.dtype.is_complex)

    def integer(self, *, rank: int = 0) -> Known | None:
        return self.pick(lambda k: k.value.dtype.is_integer and k.value.rank >= rank)

    def boolean(self, shape: Shape | None = None) -> Known | None:
        return self.pick(lambda k: k.value.dtype.is_bool and shape in (None, k.value.shape))

    def partner(self, other: Known) -> Known:
        """A value of the same type, itself if need be."""
        return self.pick(lambda k: k.value.type == other.value.type) or other

    def shape(self, rank: int | None = None) -> tuple[int, ...]:
        sizes = [self.random.choice((1, 2, 2, 3, 4)) for _ in range(self.random.randrange(4) if rank is None else rank)]
        return tuple(sizes) if math.prod(sizes) <= MAX_ELEMENTS else (2,) * len(sizes)

    def axes(self, rank: int) -> tuple[int, ...]:
        """Any of so many, or none."""
        return tuple(axis for axis in range(rank) if self.random.random() < 0.5)

    # -- growing ----

    def step(self) -> None:
        """One more equation, or a few that belong together."""
        kind = self.random.choices(list(self.kinds), weights=list(self.kinds.values()))[0]
        kind(self)

    def results(self) -> list[Value]:
        """The last values and some others."""
        count = min(len(self.known), self.random.randrange(1, 4))
        chosen = [*self.known[-2:], *(self.random.choice(self.known) for _ in range(count))]
        return [each.value for each in chosen]


def array_of(random: Random, dtype: DType, shape: tuple[int, ...]) -> np.ndarray:
    """Floats between -2 and 2 that f16 and bf16 hold, so that casts keep them; any integers; bools."""
    count = math.prod(shape)
    if dtype.is_bool:
        values: list[float] = [random.random() < 0.5 for _ in range(count)]
    elif dtype.is_integer:
        info = np.iinfo(dtype.numpy)
        spread = list(accumulate((1, 2, 3), lambda x, y: x * 10 + y))
        near = [random.choice((0, 1, 2, 5, *spread)) for _ in range(count)]
        values = [random.choice((n, info.max - n, info.min + n)) % 2**63 for n in near]
        return np.array(values, np.int64).astype(dtype.numpy).reshape(shape)
    else:
        values = [random.randrange(-256, 257) / 128 for _ in range(count)]
    return np.array(values).astype(dtype.numpy).reshape(shape)
