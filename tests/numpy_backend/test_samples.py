"""Every sample through the whole numpy backend: alone, and in the middle of a program, against the reference."""

from __future__ import annotations

import numpy as np
import pytest
from diptych import backends
from diptych.backends.numpy.program import Program
from diptych.backends.reference.interpreter import evaluate
from diptych.backends.tolerances import EXACT, Tolerance, disagreement, tolerance
from diptych.ir import Builder, Function, Value, ops

from tests.numpy_backend.poison import memory_is_own, poisoned_runs
from tests.samples import Sample
from tests.samples.every import SAMPLES

# Elementwise ops, and what moves or compares elements, have no sums whose order could differ.
SUMS = ("contraction", "linalg", "control")


def allowed(sample: Sample, result: np.ndarray) -> Tolerance:
    summed = sample.op.group in SUMS or sample.op in _SUMMED
    return tolerance(sample.op, result.dtype) if summed else EXACT


_SUMMED = (ops.reduce_sum, ops.reduce_prod, ops.window_sum, ops.window_scatter, ops.scatter)


def agree(sample: Sample, found: tuple[np.ndarray, ...], wanted: tuple[np.ndarray, ...]) -> None:
    for number, (ours, theirs) in enumerate(zip(found, wanted, strict=True)):
        problem = disagreement(ours, theirs, allowed(sample, theirs))
        assert problem is None, f"result {number} {problem}"


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_alone(sample: Sample) -> None:
    """Equal to the reference, and again when run again; operands are not written to, results share no memory."""
    function = sample.function()
    executable = backends.compile(function, backend="numpy")
    wanted = evaluate(function, sample.operands)
    originals = [operand.tobytes() for operand in sample.operands]
    first = executable(*sample.operands)
    agree(sample, first, wanted)
    kept = [result.tobytes() for result in first]
    second = executable(*sample.operands)
    assert [result.tobytes() for result in second] == kept
    assert [result.tobytes() for result in first] == kept
    assert [operand.tobytes() for operand in sample.operands] == originals
    assert all(type(result) is np.ndarray and result.flags.writeable for result in (*first, *second))
    memory_is_own(executable, [*first, *second], sample.operands)


def surrounded(sample: Sample) -> Function:
    """The op between others: operands come out of the arena, transposed where they are matrices, and results are read
    by further equations, so that they lie in the arena too."""
    b = Builder("surrounded")
    parameters = [b.parameter(type) for type in sample.operand_types]

    def moved(x: Value) -> Value:
        """x itself, through equations that no pass can see through: reversed twice along each axis, once by gather."""
        for axis in range(x.rank):
            if x.shape[axis] != 0:
                x = b.reverse(b.concatenate(b.reverse(x, axes=(axis,)), axis=axis), axes=(axis,))
        order = tuple(reversed(range(x.rank)))
        return b.transpose(b.concatenate(b.transpose(x, permutation=order), axis=0), permutation=order) if x.rank else x

    results = b.emit(sample.op, [moved(parameter) for parameter in parameters], sample.attributes)
    return b.finish([moved(result) for result in results])


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_in_the_middle_of_a_program(sample: Sample) -> None:
    """Without passes, so that all these moves are there; whatever the arena held before."""
    function = surrounded(sample)
    wanted = evaluate(sample.function(), sample.operands)
    for found in poisoned_runs(Program(function), sample.operands):
        agree(sample, found, wanted)
