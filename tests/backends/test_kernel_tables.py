"""Every op has a kernel on each backend, samples and refusals; the message says which file lacks one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import ModuleType

import numpy as np
import pytest
from diptych.backends.jax import table as jax_table
from diptych.backends.kernels import (
    contraction,
    control,
    elementwise,
    indexing,
    linalg,
    mesh,
    random,
    reduction,
    shape,
    window,
)
from diptych.backends.reference import table as reference_table
from diptych.ir import OPS, Op, dtype_of, ops

from tests.samples.every import BY_GROUP, REFUSALS, SAMPLES

SHARED = (elementwise, shape, indexing, reduction, contraction, window, linalg, random, control, mesh)
PLACES = list(OPS.values())
WITHOUT_GRADIENT = (ops.bitcast, ops.stop_gradient, ops.graft, ops.custom_gradient, ops.host_call)


def lacking(op: Op, table: Mapping[Op, object] | Iterable[Op], backend: str) -> str | None:
    """The sentence of a failure, None where the table has the op."""
    if op in table:
        return None
    return f"backends/kernels/{op.group}.py or backends/{backend}/{op.group}.py: ops.{op.name} has no kernel"


@pytest.mark.parametrize("op", PLACES, ids=str)
def test_every_op_has_a_kernel(op: Op) -> None:
    missing = [
        lacking(op, reference_table.KERNELS, "reference"),
        lacking(op, jax_table.KERNELS, "jax"),
    ]
    assert missing == [None, None]


@pytest.mark.parametrize("op", PLACES, ids=str)
def test_every_op_has_samples_and_refusals(op: Op) -> None:
    samples = sum(sample.op is op for sample in SAMPLES)
    refusals = sum(refusal.op is op for refusal in REFUSALS)
    assert samples >= 2, f"tests/samples/{op.group}.py: ops.{op.name} has {samples} samples but must have 2 or more"
    assert refusals >= 1, f"tests/samples/{op.group}.py: ops.{op.name} has no refusal"


@pytest.mark.parametrize("op", PLACES, ids=str)
def test_every_differentiable_op_has_a_smooth_sample_in_double_precision(op: Op) -> None:
    """Such as finite differences can check: of finite floats, away from kinks and ties."""
    wide = [
        sample
        for sample in SAMPLES
        if sample.op is op
        and any(dtype_of(operand.dtype).is_differentiable for operand in sample.operands)
        and any(dtype_of(result.dtype).is_differentiable for result in sample.results)
    ]
    smooth = [
        sample
        for sample in wide
        if sample.gradient and any(operand.dtype in (np.float64, np.complex128) for operand in sample.operands)
    ]
    if op not in WITHOUT_GRADIENT:
        assert smooth or not wide, f"tests/samples/{op.group}.py: ops.{op.name} has no smooth sample in f64 or c128"


@pytest.mark.parametrize("module", SHARED, ids=lambda module: module.__name__.rsplit(".", 1)[-1])
def test_shared_tables_keep_group_and_order(module: ModuleType) -> None:
    in_order = [op for op in OPS.values() if op in module.KERNELS]
    assert list(module.KERNELS) == in_order
    assert {op.group for op in module.KERNELS} <= {module.__name__.rsplit(".", 1)[-1]}


@pytest.mark.parametrize("backend", ["reference", "jax"])
def test_overrides_keep_group_and_order(backend: str) -> None:
    tables = reference_table if backend == "reference" else jax_table
    for name in ("elementwise", "shape", "indexing", "reduction", "contraction", "window", "linalg", "control", "mesh"):
        overrides = getattr(tables, name).OVERRIDES if hasattr(tables, name) else {}
        assert list(overrides) == [op for op in OPS.values() if op in overrides], f"backends/{backend}/{name}.py"
        assert {op.group for op in overrides} <= {name}, f"backends/{backend}/{name}.py"


@pytest.mark.parametrize("module", BY_GROUP, ids=lambda module: module.__name__.rsplit(".", 1)[-1])
def test_samples_stand_under_their_group(module: ModuleType) -> None:
    group = module.__name__.rsplit(".", 1)[-1]
    assert {entry.op.group for entry in (*module.SAMPLES, *module.REFUSALS)} == {group}


def test_a_missing_kernel_is_named_with_its_file() -> None:
    op = OPS["erf"]
    table = {other: kernel for other, kernel in reference_table.KERNELS.items() if other is not op}
    message = "backends/kernels/elementwise.py or backends/reference/elementwise.py: ops.erf has no kernel"
    assert lacking(op, table, "reference") == message
