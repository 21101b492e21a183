"""What functions of pictures ask about their shapes, when the graph is built or else in a run."""

from __future__ import annotations

from typing import Any

from diptych.ir import Dimension as NamedDimension

from ..graphs.operation import Operation
from ..graphs.probe import static_value
from ..graphs.tensor import Tensor
from ..operations.arrays import expand_dims, rank, shape
from ..operations.checks import assert_greater_equal, assert_positive
from ..operations.control import with_dependencies
from ..operations.joining import unstack
from ..operations.messages import Assert


def is_tensor(value: Any) -> bool:
    """Whether only a run knows the value: a tensor or a variable."""
    return isinstance(value, Tensor) or hasattr(value, "_as_graph_tensor")


def sizes_of(image: Tensor, rank: int) -> list[Any]:
    """The sizes: numbers where they are known, scalars where not. Raises ValueError for another rank."""
    if image.shape.is_fully_defined():
        return image.shape.as_list()
    known = image.shape.with_rank(rank).as_list()
    found = unstack(shape(image), rank)
    return [size if size is not None else scalar for size, scalar in zip(known, found, strict=True)]


def sizes_in(vector: Tensor, count: int) -> list[int | None]:
    """What is known of a vector of `count` sizes when the graph is built."""
    found = static_value(vector)
    if found is None:
        return [None] * count
    return [None if isinstance(number, NamedDimension) else int(number) for number in found.reshape(-1)]


def required(condition: Any, message: str) -> list[Operation]:
    """Raises ValueError where a condition does not hold; of a tensor, the operations that check it in a run."""
    if is_tensor(condition):
        return [Assert(condition, [message])]
    if not condition:
        raise ValueError(message)
    return []


def picture_checks(image: Tensor) -> list[Operation]:
    """The operations that check that there is a picture. Raises ValueError where it is known that there is none."""
    dims = image._dims
    if dims is not None and len(dims) < 3:
        raise ValueError("'image' must be at least three-dimensional.")
    if dims is not None and 0 in dims:
        raise ValueError(f"all dims of 'image.shape' must be > 0: {image.shape}")
    if dims is not None and None not in dims:
        return []
    return [
        assert_positive(shape(image), ["all dims of 'image.shape' must be > 0."]),
        assert_greater_equal(rank(image), 3, message="'image' must be at least three-dimensional."),
    ]


def checked_picture(image: Tensor) -> Tensor:
    """The picture, checked: in a run where its shape is not known. Raises ValueError."""
    checks = picture_checks(image)
    return with_dependencies(checks, image) if checks else image


def checked_rank(image: Tensor) -> int:
    """3 for a picture, which what has no rank is taken for, or 4 for a batch. Raises ValueError."""
    found = image.shape.ndims
    if found not in (3, 4, None):
        raise ValueError("'image' must have either 3 or 4 dimensions.")
    return found or 3


def as_batch(image: Tensor) -> tuple[Tensor, bool]:
    """(a batch of pictures, whether it was one): a single picture becomes a batch of one. Raises ValueError."""
    found = image.shape.ndims
    if found == 4:
        return image, True
    if found not in (3, None):
        raise ValueError("'image' must have either 3 or 4 dimensions.")
    batch = expand_dims(image, 0)
    if found is None:
        batch.set_shape([None] * 4)
    return batch, False
