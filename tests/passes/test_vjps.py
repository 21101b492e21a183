"""Every sample of every differentiable op: gradients of first and second order against finite differences."""

from __future__ import annotations

import numpy as np
import pytest
from diptych.ir import OPS, Builder, Function, Op, Value, ops
from diptych.passes.expressions import adjoint, conj, stacked_matmul, triangle
from diptych.passes.vjps import REFUSED, VJPS, ZERO

from tests.passes.finite_differences import check_gradients, widened, widened_array
from tests.samples import Sample
from tests.samples.every import SAMPLES


def lacking(op: Op) -> str | None:
    """The sentence of a failure, None where the op is in exactly one of the tables of its group."""
    tables = [name for name, table in (("VJPS", VJPS), ("ZERO", ZERO), ("REFUSED", REFUSED)) if op in table]
    if len(tables) == 1:
        return None
    return f"passes/vjps/{op.group}.py: ops.{op.name} is in {tables} but must be in one of VJPS, ZERO and REFUSED"


@pytest.mark.parametrize("op", OPS.values(), ids=str)
def test_every_op_has_a_rule_or_a_reason(op: Op) -> None:
    assert lacking(op) is None


def hermitian(b: Builder, x: Value) -> Value:
    """The Hermitian matrix whose lower triangle x has: what the decompositions read. Their gradients are those of a
    function of Hermitian matrices, so they are only right behind a step that makes one."""
    lower = triangle(b, x, lower=True, diagonal=0.0)
    both = b.add(lower, adjoint(b, lower))
    diagonal = b.sub(triangle(b, x, lower=True), lower)
    if x.dtype.is_complex:
        diagonal = b.cast(b.real(diagonal), dtype=x.dtype)
    return b.add(both, diagonal)


def squares(b: Builder, x: Value) -> Value:
    """|x|**2, which does not see the signs and phases that a decomposition leaves open."""
    return b.mul(x, conj(b, x))


def composed(sample: Sample) -> Function:
    """The sample's program; a decomposition behind what makes its operand Hermitian and before what makes its results
    well defined."""
    function = widened(sample.function())
    if sample.op not in (ops.cholesky, ops.eigh, ops.eig, ops.svd, ops.qr):
        return function
    b = Builder(sample.op.name)
    x = b.parameter(function.parameters[0].type)
    if sample.op is ops.cholesky:
        return b.finish([b.cholesky(hermitian(b, x))])
    if sample.op is ops.eigh:
        values, vectors = b.eigh(hermitian(b, x))
        return b.finish([values, squares(b, vectors)])
    if sample.op is ops.eig:
        values, vectors = b.eig(x)
        return b.finish([values, squares(b, vectors)])
    if sample.op is ops.qr:
        left, right = b.qr(x)
        return b.finish([squares(b, left), squares(b, right), stacked_matmul(b, left, right)])
    left, values, right = b.svd(x)
    return b.finish([squares(b, left), values, squares(b, right), stacked_matmul(b, left, right)])


def is_differentiable(sample: Sample) -> bool:
    """Whether finite differences mean something here: of finite floats, and an op that is not refused."""
    differentiable = [
        any(array.dtype.kind not in "biu" for array in arrays) for arrays in (sample.operands, sample.results)
    ]
    finite = all(np.isfinite(array).all() for array in (*sample.operands, *sample.results))
    return sample.gradient and all(differentiable) and finite and sample.op not in REFUSED


DIFFERENTIABLE = [sample for sample in SAMPLES if is_differentiable(sample)]


@pytest.mark.parametrize("sample", DIFFERENTIABLE, ids=str)
def test_gradient_of_sample(sample: Sample) -> None:
    check_gradients(composed(sample), [widened_array(operand) for operand in sample.operands])


@pytest.mark.parametrize("op", VJPS, ids=str)
def test_every_rule_is_checked_by_a_sample(op: Op) -> None:
    elsewhere = op in (
        ops.identity,
        ops.graft,
        ops.custom_gradient,
    )  # in test_vjps_elementwise.py and test_vjps_control.py
    assert elsewhere or any(sample.op is op for sample in DIFFERENTIABLE), f"tests/samples/{op.group}.py"


def test_a_missing_rule_is_named_with_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(VJPS, ops.erf)
    must = "must be in one of VJPS, ZERO and REFUSED"
    assert lacking(ops.erf) == f"passes/vjps/elementwise.py: ops.erf is in [] but {must}"
    monkeypatch.setitem(ZERO, ops.mul, "")
    assert lacking(ops.mul) == f"passes/vjps/elementwise.py: ops.mul is in ['VJPS', 'ZERO'] but {must}"
