"""The affine map that cells and decoders of tf.contrib use: variables called kernel and bias in the present scope."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..graphs.tensor import Tensor
from ..operations.joining import concat
from ..operations.neural import bias_add
from ..operations.products import matmul
from ..variables.initializers import ConstantInitializer
from ..variables.scopes import get_variable


class Linear:
    """[inputs, ...] @ kernel + bias, of matrices side by side. Raises ValueError for what are none."""

    def __init__(
        self, inputs: Any, output_size: int, build_bias: bool, bias_initializer: Any = None,
        kernel_initializer: Any = None,
    ) -> None:  # fmt: skip
        given = _listed(inputs)
        if not given:
            raise ValueError("`args` must be specified")
        shapes = [each.shape for each in given]
        for shape in shapes:
            if shape.ndims != 2:
                raise ValueError(f"linear is expecting 2D arguments: {shapes}")
            if shape[1].value is None:
                raise ValueError(f"linear expects shape[1] to be provided for shape {shape}, but saw {shape[1]}")
        dtype = given[0].dtype.base_dtype
        size = sum(shape[1].value for shape in shapes)
        self._weights = get_variable("kernel", [size, output_size], dtype=dtype, initializer=kernel_initializer)
        self._biases = None
        if build_bias:
            first = bias_initializer or ConstantInitializer(0.0, dtype=dtype)
            self._biases = get_variable("bias", [output_size], dtype=dtype, initializer=first)

    def __call__(self, inputs: Any) -> Tensor:
        given = _listed(inputs)
        result = matmul(given[0] if len(given) == 1 else concat(given, 1), self._weights)
        return result if self._biases is None else bias_add(result, self._biases)


def _listed(inputs: Any) -> Sequence[Tensor]:
    return list(inputs) if isinstance(inputs, list | tuple) else [] if inputs is None else [inputs]
