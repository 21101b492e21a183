"""Whole tensors as summaries, in the fields that PyTorch writes them into."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from diptych.events.scalars import plugin
from diptych.events.summary import Summary, Value
from diptych.events.tensor_messages import (
    DT_BFLOAT16,
    DT_BOOL,
    DT_COMPLEX64,
    DT_COMPLEX128,
    DT_DOUBLE,
    DT_FLOAT,
    DT_HALF,
    DT_INT8,
    DT_INT16,
    DT_INT32,
    DT_INT64,
    DT_UINT8,
    TensorProto,
    shape_proto,
)

from ..tensors.tensor import Tensor

MOST = 1 << 31  # bytes of a message


def _bits(array: np.ndarray) -> np.ndarray:
    """Of half precision PyTorch writes the bits that it has in single precision."""
    return array.astype(np.float32).view(np.int32)


_FIELDS: dict[str, tuple[int, str, Callable[[np.ndarray], np.ndarray] | None]] = {
    "float16": (DT_HALF, "half_val", _bits),
    "bfloat16": (DT_BFLOAT16, "half_val", _bits),
    "float32": (DT_FLOAT, "float_val", None),
    "float64": (DT_DOUBLE, "double_val", None),
    "int8": (DT_INT8, "int_val", None),
    "uint8": (DT_UINT8, "uint32_val", None),
    "int16": (DT_INT16, "int_val", None),
    "int32": (DT_INT32, "int_val", None),
    "int64": (DT_INT64, "int64_val", None),
    "bool": (DT_BOOL, "bool_val", None),
    "complex64": (DT_COMPLEX64, "scomplex_val", lambda array: array.view(np.float32)),
    "complex128": (DT_COMPLEX128, "dcomplex_val", lambda array: array.view(np.float64)),
}


def tensor_summary(tag: str, tensor: Tensor) -> Summary:
    """All elements of a tensor under its tag. Raises ValueError for other dtypes and for 2 GB and more."""
    if tensor.numel() * tensor.dtype.itemsize >= MOST:
        raise ValueError("tensor is bigger than protocol buffer's hard limit of 2GB in size")
    if tensor.dtype.name not in _FIELDS:
        raise ValueError(f"{tag} has unsupported tensor dtype {tensor.dtype}")
    number, field, convert = _FIELDS[tensor.dtype.name]
    flat = np.ascontiguousarray(tensor.detach()._array()).reshape(-1)
    elements: Any = flat if convert is None else convert(flat)
    proto = TensorProto(dtype=number, tensor_shape=shape_proto(tuple(tensor.shape)), **{field: elements})
    return Summary(value=[Value(tag=tag, metadata=plugin("tensor"), tensor=proto)])
