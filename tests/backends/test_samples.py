"""Every sample's results on the reference interpreter and on jax."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from diptych.backends.jax import traceable, wide_types
from diptych.backends.reference import evaluate
from diptych.backends.tolerances import disagreement, tolerance

from tests.samples import Sample
from tests.samples.every import SAMPLES


def compare(sample: Sample, found: tuple[object, ...]) -> None:
    assert len(found) == len(sample.results)
    for number, (ours, written) in enumerate(zip(found, sample.results, strict=True)):
        problem = disagreement(ours, written, tolerance(sample.op, written.dtype), relative=sample.tolerance)
        assert problem is None, f"result {number} {problem}"


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_on_the_reference(sample: Sample) -> None:
    originals = [operand.copy() for operand in sample.operands]
    results = evaluate(sample.function(), sample.operands)
    assert all(type(result) is np.ndarray for result in results)
    compare(sample, results)
    for operand, original in zip(sample.operands, originals, strict=True):
        assert operand.tobytes() == original.tobytes(), "an operand was written to"


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_on_jax(sample: Sample) -> None:
    function = sample.function()
    with wide_types():
        results = jax.jit(traceable(function))(*sample.operands)
        found = tuple(np.asarray(result) for result in results)
    compare(sample, found)
    assert not any(result.weak_type for result in results)
