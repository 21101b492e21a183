"""Promotion, called by itself. The table of all pairs stands in oracle/cases/promotion.py."""

from __future__ import annotations

import pytest
from diptych.eager.promotion import Number, promote_types, result_type
from diptych.ir import Builder, TensorType, dtypes


def test_halves_and_complex_meet_in_complex64() -> None:
    """PyTorch has a complex32 for this, which is not here."""
    b = Builder("f")
    half = b.parameter(TensorType(dtypes.f16, (2,)))
    assert result_type(half, Number(b.parameter(TensorType(dtypes.c128)), complex), default=dtypes.f32) is dtypes.c64
    assert promote_types(dtypes.f16, dtypes.c64) is dtypes.c64


def test_floats_need_a_default() -> None:
    b = Builder("f")
    number = Number(b.parameter(TensorType(dtypes.f64)), float)
    with pytest.raises(RuntimeError, match=r"^result_type\(\): default is None but must be the type of Python floats"):
        result_type(number, default=None)
    with pytest.raises(RuntimeError, match=r"^result_type\(\) needs at least one operand$"):
        result_type(default=None)
