"""Every sample of every op, batched over each choice of its operands, against its elements computed one by one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from random import Random

import numpy as np
import pytest
from diptych.backends.reference import evaluate
from diptych.backends.tolerances import Tolerance, disagreement, tolerance
from diptych.ir import OPS, Builder, Constant, Function, HostFunction, Op, TensorType, dtypes, ops, verify
from diptych.passes.autodiff import value_and_gradient
from diptych.passes.batch import batch
from diptych.passes.batchers import REASONS, RULES, BatchingError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.passes.text import program
from tests.random_programs import random_program
from tests.samples import Sample
from tests.samples.every import SAMPLES

SIZE = 3
QUIET = {"deadline": None, "derandomize": True, "suppress_health_check": [HealthCheck.too_slow], "database": None}


@pytest.mark.parametrize("op", OPS.values(), ids=str)
def test_every_op_has_a_rule_or_a_reason(op: Op) -> None:
    tables = [name for name, table in (("RULES", RULES), ("REASONS", REASONS)) if op in table]
    assert len(tables) == 1, (
        f"passes/batchers/{op.group}.py: ops.{op.name} is in {tables} but must be in one of RULES and REASONS"
    )


def elements_of(array: np.ndarray, op: Op | None = None) -> list[np.ndarray]:
    """The array, and others with its elements in other places, which are as valid an operand."""
    if array.dtype == np.bool_ and not array.shape:
        return [array, ~array, array]
    if op is not None and op.group == "linalg" and op is not ops.fft:
        return [array, array * array.dtype.type(2), array * array.dtype.type(0.5)]
    return [np.roll(array.reshape(-1), number).reshape(array.shape) for number in range(SIZE)]


def one_by_one(function: Function, operands: Sequence[list[np.ndarray]]) -> list[np.ndarray]:
    rows = [evaluate(function, [each[number] for each in operands]) for number in range(SIZE)]
    return [np.stack(column) for column in zip(*rows, strict=True)]


def choices(count: int) -> list[tuple[bool, ...]]:
    """Which operands are batched: each choice of a few, of more each one alone and all."""
    if count <= 4:
        return [flags for flags in product((False, True), repeat=count) if any(flags)]
    alone = [tuple(place == number for place in range(count)) for number in range(count)]
    return [*alone, (True,) * count]


def all_at_once(function: Function, operands: Sequence[list[np.ndarray]], flags: Sequence[bool]) -> list[np.ndarray]:
    made, is_batched = batch(function, flags, SIZE, draws=False)
    verify(made)
    given = [np.stack(each) if flag else each[0] for each, flag in zip(operands, flags, strict=True)]
    found = evaluate(made, given)
    assert len(found) == len(is_batched)
    return [
        np.asarray(each) if flag else np.stack([np.asarray(each)] * SIZE)
        for each, flag in zip(found, is_batched, strict=True)
    ]


BATCHED = [sample for sample in SAMPLES if sample.op not in (ops.host_call, ops.random_bits) and sample.operands]


@pytest.mark.parametrize("sample", BATCHED, ids=str)
def test_samples(sample: Sample) -> None:
    function = sample.function()
    for flags in choices(len(sample.operands)):
        operands = [
            elements_of(operand, sample.op) if flag else [operand] * SIZE
            for operand, flag in zip(sample.operands, flags, strict=True)
        ]
        wanted = one_by_one(function, operands)
        found = all_at_once(function, operands, flags)
        for number, (ours, theirs) in enumerate(zip(found, wanted, strict=True)):
            allowed = tolerance(sample.op, theirs.dtype)
            problem = disagreement(ours, theirs, allowed, relative=sample.tolerance)
            assert problem is None, f"{sample} {flags}: result {number} {problem}"


@settings(max_examples=60, **QUIET)
@given(st.builds(random_program, st.integers(0, 2**32 - 1), st.integers(1, 20)), st.integers(0, 2**32 - 1))
def test_random_programs(made: object, seed: int) -> None:
    function, arguments = made.function, made.arguments
    random = Random(seed)
    flags = [random.random() < 0.7 and argument.dtype.kind not in "u" for argument in arguments]
    operands = [
        elements_of(argument) if flag else [argument] * SIZE for argument, flag in zip(arguments, flags, strict=True)
    ]
    wanted = one_by_one(function, operands)
    found = all_at_once(function, operands, flags)
    scale = {"f64": 1.0, "f32": 2.0**29, "f16": 2.0**42}[made.dtype.name]
    for ours, theirs in zip(found, wanted, strict=True):
        unit = 1.0 if theirs.dtype in (np.float64, np.complex128) else 2.0**-29
        allowed = Tolerance(largest=1e6 * scale * unit, one=1e6 * scale * unit)
        assert disagreement(ours, theirs, allowed, relative=1e6 * scale * 2.0**-52) is None
