"""Arrays as TensorProto messages, and back."""

from __future__ import annotations

import math

import ml_dtypes
import numpy as np

from .tensor_messages import (
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
    DT_STRING,
    DT_UINT8,
    DT_UINT16,
    DT_UINT32,
    DT_UINT64,
    TensorProto,
    shape_proto,
)

MAX_AXES = 64  # as many as numpy has
MAX_ELEMENTS = 1 << 28  # of a tensor that is read: one element may stand for all

# TensorFlow's number, numpy's dtype, the list of a tensor that holds elements, and as what.
_DTYPES = (
    (DT_FLOAT, np.float32, "float_val", None),
    (DT_DOUBLE, np.float64, "double_val", None),
    (DT_INT32, np.int32, "int_val", None),
    (DT_UINT8, np.uint8, "int_val", None),
    (DT_INT16, np.int16, "int_val", None),
    (DT_INT8, np.int8, "int_val", None),
    (DT_UINT16, np.uint16, "int_val", None),
    (DT_COMPLEX64, np.complex64, "scomplex_val", np.float32),
    (DT_INT64, np.int64, "int64_val", None),
    (DT_BOOL, np.bool_, "bool_val", None),
    (DT_BFLOAT16, ml_dtypes.bfloat16, "half_val", np.uint16),
    (DT_COMPLEX128, np.complex128, "dcomplex_val", np.float64),
    (DT_HALF, np.float16, "half_val", np.uint16),
    (DT_UINT32, np.uint32, "uint32_val", None),
    (DT_UINT64, np.uint64, "uint64_val", None),
)
_BY_NUMBER = {number: (np.dtype(dtype), name, view) for number, dtype, name, view in _DTYPES}
_BY_DTYPE = {dtype: number for number, (dtype, _, _) in _BY_NUMBER.items()}


def tensor_proto(value: object) -> TensorProto:
    """An array, a number, or text (str and bytes, and arrays of them) as TensorFlow writes it: one element, and all
    truth values, complex numbers and uint16, in the list of its dtype, else in `tensor_content`. Raises TypeError for
    other dtypes."""
    array = np.asarray(value)
    shape = shape_proto(array.shape)
    if array.dtype.kind in "USO":
        return TensorProto(dtype=DT_STRING, tensor_shape=shape, string_val=[_text(each) for each in array.flat])
    kind = array.dtype.newbyteorder("=")
    if kind not in _BY_DTYPE:
        raise TypeError(f"tensor_proto: value is of dtype {array.dtype} but must be of one that TensorFlow has")
    number = _BY_DTYPE[kind]
    if array.size > 1 and kind.kind not in "bc" and kind != np.uint16:
        content = array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
        return TensorProto(dtype=number, tensor_shape=shape, tensor_content=content)
    _, name, view = _BY_NUMBER[number]
    flat = array.astype(kind, copy=False).reshape(-1)
    flat = flat if view is None else flat.view(view)
    return TensorProto(dtype=number, tensor_shape=shape, **{name: flat.tolist()})


def make_ndarray(tensor: TensorProto) -> np.ndarray:
    """The array of a tensor, of objects where it holds bytes. Raises TypeError for dtypes that no array has, and
    ValueError where the elements do not fill the shape."""
    shape = tuple(dim.size for dim in tensor.tensor_shape.dim)
    count = math.prod(shape)
    unknown = tensor.tensor_shape.unknown_rank
    if (
        unknown
        or len(shape) > MAX_AXES
        or min(shape, default=0) < 0
        or math.prod(size or 1 for size in shape) > MAX_ELEMENTS
    ):
        given = "unknown" if unknown else shape
        raise ValueError(
            f"make_ndarray: the shape is {given} but must be of known sizes and at most {MAX_ELEMENTS} elements"
        )
    if tensor.dtype == DT_STRING:
        values = np.empty(len(tensor.string_val), object)
        values[:] = tensor.string_val
        return _filled(values, count).reshape(shape)
    if tensor.dtype not in _BY_NUMBER:
        raise TypeError(f"make_ndarray: dtype is {tensor.dtype} but must be of one that numpy has")
    dtype, name, view = _BY_NUMBER[tensor.dtype]
    if tensor.tensor_content:
        size = len(tensor.tensor_content)
        if size != count * dtype.itemsize:
            raise ValueError(f"make_ndarray: content is {size} bytes but must be {count * dtype.itemsize}")
        return np.frombuffer(tensor.tensor_content, dtype.newbyteorder("<")).astype(dtype).reshape(shape)
    try:
        listed = np.array(getattr(tensor, name), view or dtype)
    except OverflowError as error:
        raise ValueError(f"make_ndarray: an element does not fit into {dtype}") from error
    return _filled(listed.view(dtype), count).reshape(shape)


def _filled(values: np.ndarray, count: int) -> np.ndarray:
    """Values [count], the last of which repeats."""
    if len(values) > count or (count and not len(values)):
        raise ValueError(f"make_ndarray: there are {len(values)} elements but must be from 1 to {count}")
    return np.concatenate([values, np.repeat(values[-1:], count - len(values))])


def _text(value: object) -> bytes:
    if not isinstance(value, str | bytes):
        raise TypeError(f"tensor_proto: an element is of {type(value).__name__} but must be of str or bytes")
    return value.encode() if isinstance(value, str) else value
