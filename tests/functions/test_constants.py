"""Numbers as values."""

from diptych.functions.constants import as_operand, filled, is_constant, scalar
from diptych.ir import Builder, TensorType, dtypes


def test_what_is_constant():
    b = Builder("f")
    x = b.parameter(TensorType(dtypes.f32, (2,)))
    assert is_constant(b, scalar(b, 1, dtypes.f32)) and is_constant(b, filled(b, 1, (2, 3), dtypes.f32))
    assert not is_constant(b, x) and not is_constant(b, b.add(x, as_operand(b, 1, x)))
