"""How long programs of many small equations take to build, to compile for numpy, and to run.

python benchmarks/chains.py [COUNT ...]
"""

from __future__ import annotations

import sys
from itertools import pairwise
from time import perf_counter

import numpy as np
from diptych import backends
from diptych.ir import Builder, Function, TensorType, dtypes

MATRIX = TensorType(dtypes.f32, (8, 8))


def elementwise(count: int) -> Function:
    """x = sin(x + w), again and again."""
    b = Builder("elementwise")
    x, w = b.parameter(MATRIX, "x"), b.parameter(MATRIX, "w")
    for _ in range(count // 2):
        x = b.sin(b.add(x, w))
    return b.finish([x])


def products(count: int) -> Function:
    """x = tanh(x @ w), again and again."""
    b = Builder("products")
    x, w = b.parameter(MATRIX, "x"), b.parameter(MATRIX, "w")
    for _ in range(count // 2):
        x = b.tanh(b.matmul(x, w, lhs_contract=(1,), rhs_contract=(0,)))
    return b.finish([x])


def main() -> None:
    counts = [int(text) for text in sys.argv[1:]] or [1_000, 10_000, 100_000]
    argument = np.full((8, 8), 0.1, np.float32)
    print(
        f"{'chain':12} {'equations':>9} {'build s':>8} {'compile s':>9} {'first run s':>11} {'run us an equation':>18}"
    )
    for make in (elementwise, products):
        for count in counts:
            backends.clear_cache()
            times = [perf_counter()]
            function = make(count)
            times.append(perf_counter())
            executable = backends.compile(function, backend="numpy")
            times.append(perf_counter())
            executable(argument, argument)
            times.append(perf_counter())
            best = 1e9
            for _ in range(5):
                start = perf_counter()
                executable(argument, argument)
                best = min(best, perf_counter() - start)
            build, compiled, first = (after - before for before, after in pairwise(times))
            each = best / count * 1e6
            print(f"{make.__name__:12} {count:9,} {build:8.3f} {compiled:9.3f} {first:11.3f} {each:18.3f}")


if __name__ == "__main__":
    main()
