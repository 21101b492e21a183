"""Every sample's results on the reference interpreter and on jax."""

from __future__ import annotations

import numpy as np
import pytest
from diptych.backends.reference import evaluate
from diptych.backends.tolerances import disagreement, tolerance
from diptych.ir import OPS, Op

from tests.backends.runs import all_on_jax
from tests.samples import Sample
from tests.samples.every import SAMPLES


def compare(sample: Sample, found: tuple[object, ...]) -> None:
    assert len(found) == len(sample.results)
    for number, (ours, written) in enumerate(zip(found, sample.results, strict=True)):
        problem = disagreement(ours, written, tolerance(sample.op, written.dtype), relative=sample.tolerance)
        assert problem is None, f"{sample}: result {number} {problem}"


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_on_the_reference(sample: Sample) -> None:
    originals = [operand.copy() for operand in sample.operands]
    results = evaluate(sample.function(), sample.operands)
    assert all(type(result) is np.ndarray for result in results)
    compare(sample, results)
    for operand, original in zip(sample.operands, originals, strict=True):
        assert operand.tobytes() == original.tobytes(), "an operand was written to"


@pytest.mark.parametrize("op", OPS.values(), ids=str)
def test_on_jax(op: Op) -> None:
    samples = [sample for sample in SAMPLES if sample.op is op]
    for sample, results in zip(samples, all_on_jax(samples), strict=True):
        compare(sample, results)
