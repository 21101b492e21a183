"""Python and numpy values as arrays of an element type, by TensorFlow's rules of what may become what."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np

from . import dtypes
from .dtypes import DType
from .shapes import Dimension, TensorShape

Array = np.ndarray[Any, Any]


def array_of(value: Any, dtype: DType | None = None) -> Array:
    """`value` as an array of `dtype`, or of the type that TensorFlow gives it.

    Python floats are float32, integers int32 where they fit, otherwise int64. Arrays keep their type and are cast to
    `dtype` freely; Python values are not: TypeError where a number cannot be of `dtype`. ValueError for None and for
    ragged lists.
    """
    if value is None:
        raise ValueError("None values not supported.")
    if isinstance(value, TensorShape):
        return _shape_array(value, dtype)
    if isinstance(value, Dimension):
        return _dimension_array(value, dtype)
    if isinstance(value, np.ndarray | np.generic) and not isinstance(value, bytes | str):
        return _from_numpy(np.asarray(value), dtype)
    if dtype is not None:
        wrong = _first_misfit(value, dtype)
        if wrong is not None:
            raise TypeError(f"Expected {dtype.name}, got {wrong[0]!r} of type '{type(wrong[0]).__name__}' instead.")
    return _from_python(value, dtype)


def _from_numpy(array: Array, dtype: DType | None) -> Array:
    if dtype is dtypes.string or (dtype is None and array.dtype.kind in "SUO"):
        for item in array.flat:
            if not isinstance(item, str | bytes):
                raise TypeError(f"Expected binary or unicode string, got {item}")
        return _encoded(array)
    if dtype is None:
        dtype = dtypes._BY_NUMPY.get(array.dtype.newbyteorder("="))
        if dtype is None:
            raise TypeError(f"Unrecognized data type: {array.dtype}")
    return array.astype(dtype.numpy, copy=False)


def _from_python(value: Any, dtype: DType | None) -> Array:
    if dtype is not None and dtype.ir is not None:
        # out of range numbers raise OverflowError
        return _dense(value, dtype.numpy)
    array = _dense(value, None)
    if array.dtype.kind in "SU":
        array = np.array(value, dtype=object)  # numpy's own strings lose zero bytes at their end
    if dtype is not None or array.dtype.kind == "O":
        return _text_array(value, array)
    if array.dtype == np.float64:
        return array.astype(np.float32)
    if array.dtype == np.complex128:
        return array
    if array.dtype == np.int64:
        small = array.astype(np.int32)
        return small if np.array_equal(small, array) else array
    return array


def _dense(value: Any, dtype: Any) -> Array:
    try:
        return np.array(value, dtype=dtype)
    except ValueError as error:
        if "inhomogeneous" not in str(error):
            raise
        raise ValueError(f"Argument must be a dense tensor: {value!r} - {error}") from None


def _text_array(value: Any, array: Array) -> Array:
    if array.dtype == object and not all(isinstance(item, str | bytes) for item in array.flat):
        raise TypeError(f"Failed to convert object of type {type(value)} to Tensor. Contents: {value}.")
    return _encoded(array)


def _encoded(array: Array) -> Array:
    """An array of strings as one of bytes objects."""
    texts = [item.encode() if isinstance(item, str) else bytes(item) for item in array.flat]
    result = np.empty(array.shape, dtype=object)
    result.flat = texts
    return result


def _first_misfit(value: Any, dtype: DType) -> tuple[Any] | None:
    """The first Python scalar in `value` that cannot be of `dtype`, in a tuple."""
    if isinstance(value, list | tuple):
        for item in value:
            wrong = _first_misfit(item, dtype)
            if wrong is not None:
                return wrong
        return None
    if isinstance(value, np.ndarray | np.generic | Dimension):
        return None
    return None if isinstance(value, _accepted(dtype)) else (value,)


def _accepted(dtype: DType) -> tuple[type, ...]:
    if dtype.is_bool:
        return (bool, np.bool_)
    if dtype.is_integer:
        return (numbers.Integral,)
    if dtype.is_floating:
        return (numbers.Real, np.floating)
    if dtype.is_complex:
        return (numbers.Complex,)
    return (str, bytes)


def _shape_array(shape: TensorShape, dtype: DType | None) -> Array:
    if not shape.is_fully_defined():
        raise ValueError(f"Cannot convert a partially known TensorShape to a Tensor: {shape}")
    _check_index(dtype, "TensorShape")
    sizes = shape.as_list()
    if dtype is None:
        dtype = dtypes.int64 if any(size is not None and size >= 2**31 for size in sizes) else dtypes.int32
    return np.array(sizes, dtype=dtype.numpy)


def _dimension_array(dimension: Dimension, dtype: DType | None) -> Array:
    if dimension.value is None:
        raise ValueError(f"Cannot convert an unknown Dimension to a Tensor: {dimension}")
    _check_index(dtype, "Dimension")
    return np.array(dimension.value, dtype=(dtype or dtypes.int32).numpy)


def _check_index(dtype: DType | None, what: str) -> None:
    if dtype not in (None, *dtypes.INDICES):
        raise TypeError(f"Cannot convert a {what} to dtype: {dtype.name}")


def shaped(array: Array, shape: Any) -> Array:
    """`array` in `shape`, filled up with its last element where it has fewer. Raises ValueError where it has more."""
    sizes = TensorShape(shape)
    count = sizes.num_elements()
    if count is None:
        raise ValueError(f"Shape {sizes} is not fully defined")
    if array.size > count:
        raise ValueError(f"Too many elements provided. Needed at most {count}, but received {array.size}")
    flat = array.reshape(-1)
    if array.size < count:
        if not array.size:
            raise ValueError(f"Needed {count} elements, but received none")
        flat = np.concatenate([flat, np.full(count - array.size, flat[-1], dtype=array.dtype)])
    return flat.reshape(sizes.as_list())
