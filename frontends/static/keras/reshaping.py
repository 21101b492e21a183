"""tf.keras.layers: each example in another shape or another order of axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..exports import export
from ..graphs.shapes import TensorShape, as_shape
from ..graphs.tensor import Tensor
from ..operations.arrays import expand_dims, reshape, shape, transpose
from ..operations.joining import tile
from .layer import Layer


@export("keras.layers.Reshape")
class Reshape(Layer):
    """Each example in another shape, one size of which may be -1."""

    def __init__(self, target_shape: Any, **options: Any) -> None:
        super().__init__(**options)
        self.target_shape = tuple(target_shape)

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        """[batch, *target_shape], the open size as far as it is known. Raises ValueError where it does not fit."""
        known = as_shape(input_shape).as_list()
        sizes: list[int | None] = list(self.target_shape)
        if -1 in sizes:
            rest = int(np.prod([size for size in sizes if size != -1], dtype=int))
            whole = None if None in known[1:] else int(np.prod(known[1:], dtype=int))
            if whole is not None and (not rest or whole % rest):
                raise ValueError("total size of new array must be unchanged")
            sizes[sizes.index(-1)] = None if whole is None else whole // rest
        elif None not in known[1:] and np.prod(known[1:], dtype=int) != np.prod(sizes, dtype=int):
            raise ValueError("total size of new array must be unchanged")
        return TensorShape([known[0], *sizes])

    def call(self, inputs: Any) -> Tensor:
        wanted = self.compute_output_shape(inputs.shape)
        made = reshape(inputs, [shape(inputs)[0], *self.target_shape])
        made.set_shape(wanted)
        return made


@export("keras.layers.Permute")
class Permute(Layer):
    """The axes of each example in another order, counted from 1. Raises ValueError."""

    def __init__(self, dims: Any, **options: Any) -> None:
        super().__init__(**options)
        self.dims = tuple(dims)
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            raise ValueError(
                "Invalid permutation `dims` for Permute Layer: "
                f"{dims}. The set of indices in `dims` must be consecutive and start from 1."
            )

    def call(self, inputs: Any) -> Tensor:
        return transpose(inputs, [0, *self.dims])


@export("keras.layers.RepeatVector")
class RepeatVector(Layer):
    """[batch, features] to [batch, n, features]."""

    def __init__(self, n: int, **options: Any) -> None:
        super().__init__(**options)
        self.n = n

    def call(self, inputs: Any) -> Tensor:
        return tile(expand_dims(inputs, 1), [1, self.n, 1])
