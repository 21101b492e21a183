"""Tensors as messages: tf.make_tensor_proto and tf.make_ndarray."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...events.tensor_messages import TensorProto
from ...events.tensors import make_ndarray as array_of_message
from ...events.tensors import tensor_proto
from ..exports import export
from .conversion import array_of, shaped
from .dtypes import as_dtype


@export("make_tensor_proto", "contrib.util.make_tensor_proto")
def make_tensor_proto(
    values: Any,
    dtype: Any = None,
    shape: Sequence[int] | None = None,
    verify_shape: bool = False,
    allow_broadcast: bool = False,
) -> TensorProto:
    """`values` as a message TensorProto, of `dtype`, and of `shape`, filled up with the last element where there are
    fewer. Raises TypeError and ValueError for what is no tensor or does not fit."""
    if isinstance(values, TensorProto):
        return values
    array = array_of(values, None if dtype is None else as_dtype(dtype))
    if shape is not None:
        if verify_shape and tuple(array.shape) != tuple(shape):
            raise TypeError(f"Expected Tensor's shape: {tuple(shape)}, got {tuple(array.shape)}.")
        array = shaped(array, shape)
    return tensor_proto(array)


@export("make_ndarray", "contrib.util.make_ndarray")
def make_ndarray(tensor: TensorProto) -> np.ndarray[Any, Any]:
    """The array in a message; strings as bytes in an array of objects. Raises TypeError and ValueError for a message
    that holds none."""
    return array_of_message(tensor)
