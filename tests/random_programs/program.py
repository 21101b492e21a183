"""The kinds of steps, and programs of them."""

from __future__ import annotations

from random import Random

import numpy as np
from diptych.ir import Builder, DType, TensorType, dtypes

from .arrays import convolved, decomposed, indexed, integer_reduced, moved, ordered, product, reduced, running, windows
from .elements import (
    binary,
    bits,
    by_number,
    cast,
    compared,
    complex_numbers,
    extreme,
    guarded_unary,
    integers,
    leaf,
    logic,
    polygamma,
    rounded,
    selected,
    unary,
)
from .growing import INTEGERS, Grower, Kinds, Known, Program, array_of
from .nested import branched, called, looped, parted, scanned

EVERY: Kinds = {
    leaf: 3, unary: 6, guarded_unary: 4, polygamma: 1, binary: 8, by_number: 6, extreme: 4, rounded: 2, compared: 3,
    logic: 2, selected: 3, integers: 4, cast: 3, bits: 1, complex_numbers: 5, moved: 10, reduced: 5, integer_reduced: 1,
    running: 2, ordered: 3, product: 5, convolved: 1, windows: 2, indexed: 3, decomposed: 1, called: 2, parted: 1, branched: 2,
    scanned: 2, looped: 1,
}  # fmt: skip

SMOOTH: Kinds = {
    leaf: 2, unary: 6, guarded_unary: 5, polygamma: 1, binary: 8, by_number: 4, selected: 2, compared: 2, moved: 8,
    complex_numbers: 2, reduced: 5, running: 2, product: 6, convolved: 2, windows: 2, indexed: 2, decomposed: 2,
    called: 2, parted: 1, branched: 2, scanned: 3, looped: 2,
}  # fmt: skip


def random_program(seed: int, steps: int, *, smooth: bool = False) -> Program:
    """The program of a seed after so many steps. `smooth`: its floats are f64 and have derivatives."""
    random = Random(seed)
    dtype = dtypes.f64 if smooth else random.choice((dtypes.f64, dtypes.f64, dtypes.f64, dtypes.f32, dtypes.f16))
    b = Builder("random", share=random.random() < 0.7)
    g = Grower(b, random, dtype, smooth, SMOOTH if smooth else EVERY)
    arguments: list[np.ndarray] = []

    def parameter(of: DType, shape: tuple[int, ...], bound: float) -> None:
        g.known.append(Known(b.parameter(TensorType(of, shape), f"x{len(arguments)}"), bound, True))
        arguments.append(array_of(random, of, shape))

    for _ in range(random.randrange(1, 4)):
        shape = g.shape()
        parameter(dtype, shape if random.random() < 0.95 else (0, *shape[:1]), 2.0)
    parameter(dtypes.bool_, (), 1.0)
    if not smooth or random.random() < 0.5:
        parameter(random.choice(INTEGERS), g.shape(random.randrange(2)), 1.0)
    for _ in range(steps):
        g.step()
    return Program(b.finish(g.results()), arguments, dtype)
