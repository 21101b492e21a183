"""tf.nn.dropout."""

from __future__ import annotations

from typing import Any

from ..exports import export
from ..graphs.conversion import convert_to_tensor
from ..graphs.probe import constant_value
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from .arrays import shape
from .casting import cast
from .random import random_uniform


@export("nn.dropout")
def dropout(
    x: Any, keep_prob: Any = None, noise_shape: Any = None, seed: Any = None, name: str | None = None, rate: Any = None
) -> Tensor:
    """Each element zero with probability `rate`, which is 1 - keep_prob, the others divided by keep_prob.

    `noise_shape`, which broadcasts to the shape of x, says which elements are kept together. Raises ValueError for both
    or neither of rate and keep_prob, for what is no probability, and for integers.
    """
    if (rate is None) == (keep_prob is None):
        both = "Only one" if rate is not None else "You must provide a rate to dropout: one"
        raise ValueError(f"{both} of `rate` and `keep_prob` (deprecated) is to be given to dropout.")
    with name_scope(name, "dropout", [x]):
        x = convert_to_tensor(x, name="x")
        if not x.dtype.is_floating:
            raise ValueError(
                f"x has to be a floating point tensor since it's going to be scaled. Got a {x.dtype} tensor instead."
            )
        if rate is None:
            rate = 1 - keep_prob
        if isinstance(rate, int | float):
            if not 0 <= rate < 1:
                raise ValueError(f"rate must be a scalar tensor or a float in the range [0, 1), got {rate:g}")
            if rate == 0:
                return x
        rate = cast(convert_to_tensor(rate, dtype=None if isinstance(rate, Tensor) else x.dtype), x.dtype.base_dtype)
        if rate._dims not in ((), None):
            raise ValueError(f"Shape {rate.shape} must have rank 0")
        known = constant_value(rate)
        if known is not None and known == 0:
            return x
        noise = random_uniform(_noise_shape(x, noise_shape), seed=seed, dtype=x.dtype.base_dtype)
        kept = cast(noise >= rate, x.dtype.base_dtype)
        result = x * (1 / (1 - rate)) * kept
        result.set_shape(x.shape)
        return result


def _noise_shape(x: Tensor, given: Any) -> Any:
    """The shape of the noise: where sizes are None, those of x."""
    if given is None:
        return shape(x)
    if isinstance(given, list | tuple) and any(size is None for size in given):
        sizes = shape(x)
        return [sizes[axis] if size is None else size for axis, size in enumerate(given)]
    return given
