"""tf.keras.layers: convolutions whose kernel is another one at each place."""

from __future__ import annotations

import itertools
import math
from typing import Any

from diptych.ir import Unsupported, user_location

from ..exports import export
from ..graphs.conversion import convert_to_tensor
from ..graphs.shapes import as_shape
from ..graphs.tensor import Tensor
from ..layers.convolutional import padding_name, sizes_of
from ..layers.core import normalized_format
from ..operations.arrays import reshape, transpose
from ..operations.contractions import einsum
from ..operations.joining import stack
from ..operations.slicing import slice_tensor
from . import activations
from .layer import Layer


class _LocallyConnected(Layer):
    """activation(patches @ kernel + bias), kernel and bias of each place its own. Raises ValueError, Unsupported for
    another `implementation` than 1."""

    rank = 0

    def __init__(
        self, filters: int, kernel_size: Any, strides: Any = 1, padding: str = "valid", data_format: str | None = None,
        activation: Any = None, use_bias: bool = True, kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros", kernel_regularizer: Any = None, bias_regularizer: Any = None,
        activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None,
        implementation: int = 1, **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(activity_regularizer=activity_regularizer, **options)
        if implementation != 1:
            raise Unsupported(
                f"tf.keras.layers.{type(self).__name__}: implementation is {implementation} but must be 1",
                location=user_location(), hint="implementation=1, whose variables have other shapes",
            )  # fmt: skip
        self.padding = padding_name(padding)
        if self.padding != "valid":
            raise ValueError(
                f'Invalid border mode for {type(self).__name__} (only "valid" is supported if implementation is 1): '
                f"{padding}"
            )
        self.filters = filters
        self.kernel_size = sizes_of(kernel_size, self.rank, "kernel_size")
        self.strides = sizes_of(strides, self.rank, "strides")
        self.data_format = normalized_format(data_format)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = kernel_initializer
        self.bias_initializer = bias_initializer
        self.kernel_regularizer = kernel_regularizer
        self.bias_regularizer = bias_regularizer
        self.kernel_constraint = kernel_constraint
        self.bias_constraint = bias_constraint

    @property
    def _is_first(self) -> bool:
        return self.data_format == "channels_first"

    def build(self, input_shape: Any) -> None:
        sizes = as_shape(input_shape).as_list()[1:]
        channels, *places = sizes if self._is_first else [sizes[-1], *sizes[:-1]]
        if None in sizes:
            raise ValueError(
                f"The spatial dimensions of the inputs to a {type(self).__name__} layer should be fully-defined, but "
                f"layer received the inputs shape {input_shape}"
            )
        self._counts = [
            (size - window) // step + 1
            for size, window, step in zip(places, self.kernel_size, self.strides, strict=True)
        ]
        self.kernel = self.add_weight(
            "kernel", shape=[math.prod(self._counts), math.prod(self.kernel_size) * channels, self.filters],
            initializer=self.kernel_initializer, regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )  # fmt: skip
        self.bias = self.add_weight(
            "bias", shape=[*self._counts, self.filters], initializer=self.bias_initializer,
            regularizer=self.bias_regularizer, constraint=self.bias_constraint,
        ) if self.use_bias else None  # fmt: skip
        self.built = True

    def call(self, inputs: Any) -> Tensor:
        x = convert_to_tensor(inputs)
        found = einsum("npk,pkf->npf", self._patches(x), self.kernel)
        found = reshape(found, [-1, *self._counts, self.filters])
        if self._is_first:
            found = transpose(found, [0, self.rank + 1, *range(1, self.rank + 1)])
        if self.bias is not None:  # with channels first its elements are only counted anew, as in TensorFlow
            found = found + (reshape(self.bias, [self.filters, *self._counts]) if self._is_first else self.bias)
        return self.activation(found)

    def _patches(self, x: Tensor) -> Tensor:
        """[batch, places, elements of a patch], of each element a strided slice; channels go first or last in a patch
        as they do in x."""
        parts: list[Tensor] = []
        for start in itertools.product(*map(range, self.kernel_size)):
            along = tuple(
                slice(first, first + (count - 1) * step + 1, step)
                for first, count, step in zip(start, self._counts, self.strides, strict=True)
            )
            piece = slice_tensor(x, (slice(None), *([slice(None)] if self._is_first else []), *along))
            if self._is_first:
                piece = transpose(piece, [0, *range(2, self.rank + 2), 1])
            parts.append(piece)
        made = stack(parts, axis=-1 if self._is_first else -2)
        return reshape(made, [-1, math.prod(self._counts), self.kernel.shape.as_list()[1]])


@export("keras.layers.LocallyConnected1D")
class LocallyConnected1D(_LocallyConnected):
    """A convolution over sequences, with a kernel of its own at each place."""

    rank = 1


@export("keras.layers.LocallyConnected2D")
class LocallyConnected2D(_LocallyConnected):
    """A convolution over images, with a kernel of its own at each place."""

    rank = 2
