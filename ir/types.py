"""The type of a value: an element type and a shape."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod

from .dimensions import Dim, Dimension, Shape, dimension_names, product
from .dtypes import DType


@dataclass(frozen=True, slots=True)
class TensorType:
    """`f32[batch,784]`: every value of the language has one; a scalar's shape is empty."""

    dtype: DType
    shape: Shape = ()

    @property
    def rank(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> Dim:
        """The number of elements."""
        return product(self.shape)

    @property
    def is_static(self) -> bool:
        """Whether every dimension is a number."""
        return all(isinstance(dim, int) for dim in self.shape)

    def static_shape(self) -> tuple[int, ...]:
        """The shape as numbers. Raises TypeError where a dimension still has a name."""
        for dim in self.shape:
            if dim.__class__ is not int:
                return tuple(int(dim) for dim in self.shape)
        return self.shape  # pyright: ignore[reportReturnType]

    def bytes(self) -> int:
        """Size in memory of a value of this type. Raises TypeError where a dimension has a name."""
        return prod(self.static_shape()) * self.dtype.bytes

    def names(self) -> set[str]:
        """The names of dimensions this type depends on."""
        return set[str]().union(*(dimension_names(dim) for dim in self.shape))

    def with_shape(self, shape: Iterable[Dim]) -> TensorType:
        return TensorType(self.dtype, tuple(shape))

    def with_dtype(self, dtype: DType) -> TensorType:
        return TensorType(dtype, self.shape)

    def __str__(self) -> str:
        return f"{self.dtype.name}[{shape_text(self.shape)}]"


def shape_text(shape: Shape) -> str:
    """Sizes as in the text of the IR, without the brackets: `batch,784`."""
    return ",".join(str(dim).replace(" ", "") if isinstance(dim, Dimension) else str(dim) for dim in shape)
