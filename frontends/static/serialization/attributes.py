"""Attributes of operations as AttrValue messages, and back."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
from diptych.ir import Constant

from ...events.graph import AttrValue, ListValue
from ...events.tensor_messages import Dim, TensorShapeProto
from ...events.tensors import make_ndarray, tensor_proto
from ..graphs.dtypes import DType, as_dtype
from ..graphs.shapes import Dims, TensorShape, as_shape

LISTED = ("s", "i", "f", "b", "type", "shape", "tensor", "func")

# -- writing ----


def shape_message(dims: Dims | None) -> TensorShapeProto:
    """The message of a static shape, unknown sizes as -1."""
    if dims is None:
        return TensorShapeProto(unknown_rank=True)
    return TensorShapeProto(dim=[Dim(size=-1 if size is None else size) for size in dims])


def attr_value(value: Any, is_float: bool = False) -> AttrValue | None:
    """The message of an attribute; an integer is a float where `is_float`. None where TensorFlow's messages
    have nothing for it, such as a Python function."""
    if isinstance(value, list | tuple):
        return _list_value(value)
    found = _scalar(value, is_float)
    return None if found is None else AttrValue(**{found[0]: found[1]})


def _scalar(value: Any, is_float: bool = False) -> tuple[str, Any] | None:
    if isinstance(value, bool | np.bool_):
        return "b", bool(value)
    if isinstance(value, float | np.floating) or (is_float and isinstance(value, int)):
        return "f", float(value)
    if isinstance(value, int | np.integer):
        return "i", operator.index(value)
    if isinstance(value, str | bytes):
        return "s", value.encode() if isinstance(value, str) else value
    if isinstance(value, DType):
        return "type", value.as_datatype_enum
    if isinstance(value, TensorShape):
        return "shape", shape_message(value.known)
    if isinstance(value, Constant):
        return "tensor", tensor_proto(value.array)
    return ("tensor", tensor_proto(value)) if isinstance(value, np.ndarray) else None


def _list_value(values: Any) -> AttrValue | None:
    found = [_scalar(value) for value in values]
    if any(each is None for each in found):
        return None
    kinds = {each[0] for each in found if each is not None}
    if len(kinds) > 1:
        return None
    made = ListValue(**{kind: [each[1] for each in found if each is not None] for kind in kinds})
    return AttrValue(list=made)


# -- reading ----


def value_of(message: AttrValue) -> Any:
    """What an attribute's message holds: text as str where it is UTF-8, lists as tuples, tensors as arrays. Raises
    ValueError and TypeError where it is damaged or holds a function."""
    kind = message.WhichOneof("value")
    if kind is None:
        raise ValueError("the attribute has no value")
    if kind == "list":
        return tuple(_read(name, item) for name in LISTED for item in getattr(message.list, name))
    return _read(kind, getattr(message, kind))


def _read(kind: str, value: Any) -> Any:
    if kind == "type":
        return as_dtype(value)
    if kind == "shape":
        return shape_of(value)
    if kind == "tensor":
        return make_ndarray(value)
    if kind == "s":
        return _text(value)
    if kind in ("func", "placeholder"):
        raise ValueError("the attribute is a function")
    return value


def _text(data: bytes) -> Any:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


MAX_AXES = 254  # as many as TensorFlow has


def shape_of(message: TensorShapeProto) -> TensorShape:
    """The static shape that a message holds. Raises ValueError for sizes that none has."""
    if message.unknown_rank:
        return as_shape(None)
    sizes = [dim.size for dim in message.dim]
    if len(sizes) > MAX_AXES or any(size < -1 for size in sizes):
        raise ValueError(f"a shape is {sizes[:10]} but must have at most {MAX_AXES} sizes, from -1 on")
    return as_shape([None if size == -1 else size for size in sizes])


def get_attr(message: AttrValue) -> Any:
    """What `Operation.get_attr` gives for a message: types as DType, text as bytes, shapes and tensors as messages."""
    kind = message.WhichOneof("value")
    if kind is None:
        return []
    if kind != "list":
        return as_dtype(message.type) if kind == "type" else getattr(message, kind)
    for name in LISTED:
        found = getattr(message.list, name)
        if found:
            return [as_dtype(each) for each in found] if name == "type" else list(found)
    return []
