"""Every elementwise op of no elements, on the reference and on numpy."""

from __future__ import annotations

import numpy as np
import pytest
from diptych import backends
from diptych.backends.reference import evaluate
from diptych.ir import Builder, Op, TensorType, dtype_named
from diptych.passes.elementwise import BINARY, UNARY

from tests.passes.rule_examples import attributes_of, dtypes_of


@pytest.mark.parametrize("shape", [(0,), (2, 0)])
@pytest.mark.parametrize("op", (*UNARY, *BINARY), ids=str)
def test_no_elements(op: Op, shape: tuple[int, ...]) -> None:
    for name in dtypes_of(op).split():
        dtype = dtype_named(name)
        for attributes in attributes_of(op, dtype):
            b = Builder("empty")
            operands = [b.parameter(TensorType(dtype, shape)) for _ in op.operand_names]
            f = b.finish(b.emit(op, operands, attributes))
            arrays = [np.empty(shape, dtype.numpy) for _ in operands]
            for (found,) in (evaluate(f, arrays), backends.compile(f, backend="numpy")(*arrays)):
                assert (found.shape, found.dtype) == (shape, f.results[0].dtype.numpy)
