"""Functions with a gradient of their own, where the one that would be derived is another, or takes longer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from diptych.ir import Builder, Value


def with_gradient(
    b: Builder,
    function: Callable[..., Value],
    gradient: Callable[..., Value | Sequence[Value]],
    *operands: Value,
) -> Value:
    """function(b, *operands), whose gradient is gradient(b, ct, result, *operands): a cotangent for each operand. It is
    differentiated in its turn where second derivatives are asked for."""
    body, back = b.nested("function"), b.nested("gradient")
    forward = body.finish([function(body, *(body.parameter(operand.type) for operand in operands))])
    (result,) = forward.result_types
    given = [back.parameter(operand.type) for operand in operands]
    out, ct = back.parameter(result), back.parameter(result)
    flowing = gradient(back, ct, out, *given)
    backward = back.finish([flowing] if isinstance(flowing, Value) else flowing)
    return b.custom_gradient(*operands, body=forward, gradient=backward)[0]
