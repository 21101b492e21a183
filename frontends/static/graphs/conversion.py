"""tf.convert_to_tensor and tf.constant: what a user passes, as a tensor of the graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from diptych.ir import Constant

from ..exports import export
from . import dtypes, strings
from .defaults import get_default_graph
from .definitions import definition_of, operation
from .dtypes import DType, as_dtype
from .literals import array_of, shaped
from .scopes import name_scope
from .shapes import Dimension, TensorShape
from .tensor import Tensor

Converter = Callable[..., Any]

_CONVERTERS: list[tuple[int, type | tuple[type, ...], Converter]] = []


@export("register_tensor_conversion_function")
def register_tensor_conversion_function(
    base_type: type | tuple[type, ...], conversion_func: Converter, priority: int = 100
) -> None:
    """Makes `conversion_func(value, dtype=None, name=None, as_ref=False)` the way that instances of `base_type` become
    tensors; a lower `priority` is asked first. It may answer NotImplemented."""
    _CONVERTERS.append((priority, base_type, conversion_func))
    _CONVERTERS.sort(key=lambda entry: entry[0])


@export("convert_to_tensor")
def convert_to_tensor(
    value: Any,
    dtype: Any = None,
    name: str | None = None,
    preferred_dtype: Any = None,
    dtype_hint: Any = None,
    *,
    as_ref: bool = False,
) -> Tensor:
    """`value` as a tensor: a tensor itself, a variable, a number, an array, or a list of these.

    `preferred_dtype` (and `dtype_hint`) is tried first and given up where `value` cannot have it. Raises TypeError,
    ValueError.
    """
    wanted = None if dtype is None else as_dtype(dtype).base_dtype
    if isinstance(value, Tensor):
        return _checked(value, wanted)
    preferred = preferred_dtype if dtype_hint is None else dtype_hint
    if wanted is None and preferred is not None:
        try:
            return _converted(value, as_dtype(preferred).base_dtype, name, as_ref)
        except (TypeError, ValueError, OverflowError):
            wanted = None
    return _converted(value, wanted, name, as_ref)


def _checked(tensor: Tensor, wanted: DType | None) -> Tensor:
    if wanted is not None and tensor.dtype.base_dtype is not wanted:
        raise ValueError(
            f"Tensor conversion requested dtype {wanted.name} for Tensor with dtype {tensor.dtype.name}: "
            f"{str(tensor)!r}"
        )
    return tensor


def _converted(value: Any, dtype: DType | None, name: str | None, as_ref: bool) -> Tensor:
    convert = getattr(value, "_as_graph_tensor", None)
    if convert is not None:
        return _checked(convert(as_ref=as_ref), dtype)
    for _, base_type, function in _CONVERTERS:
        if isinstance(value, base_type):
            found = function(value, dtype=dtype, name=name, as_ref=as_ref)
            if found is not NotImplemented:
                return found
    if isinstance(value, list | tuple) and _holds_tensor(value):
        return _packed(value, dtype, name)
    default = "shape_as_tensor" if isinstance(value, TensorShape | Dimension) else "Const"
    return constant_of(array_of(value, dtype), name or default)


def _holds_tensor(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(_holds_tensor(item) for item in value)
    return isinstance(value, Tensor) or hasattr(value, "_as_graph_tensor")


def _packed(value: Any, dtype: DType | None, name: str | None) -> Tensor:
    """A list with tensors in it, stacked. Its elements are converted to the type of the first tensor in it; where
    another one is wanted than that, its tensors are cast."""
    first = _first_dtype(value)
    element = dtype or first
    if element is not first:
        value = _cast_within(value, element)
    return _stacked(value, element, name)


def _cast_within(value: Any, element: DType | None) -> Any:
    from .apply import apply

    if isinstance(value, list | tuple):
        return [_cast_within(item, element) for item in value]
    if not _holds_tensor(value) or value.dtype.base_dtype is element:
        return value
    return apply("Cast", [convert_to_tensor(value)], DstT=element)


def _stacked(value: Any, element: DType | None, name: str | None) -> Tensor:
    from .apply import apply

    with name_scope(name, "packed", None) as scope:
        pieces = []
        for index, item in enumerate(value):
            if isinstance(item, list | tuple) and _holds_tensor(item):
                pieces.append(_stacked(item, element, str(index)))
                continue
            if _holds_tensor(item) and item.dtype.base_dtype is not element:
                raise TypeError(
                    f"Cannot convert a list containing a tensor of dtype {item.dtype} to {element} "
                    f"(Tensor is: {item!r})"
                )
            pieces.append(convert_to_tensor(item, element, name=str(index)))
        return apply("Pack", [pieces], name=scope, axis=0)


def _first_dtype(value: Any) -> DType | None:
    if isinstance(value, list | tuple):
        return next((found for item in value if (found := _first_dtype(item)) is not None), None)
    if isinstance(value, Tensor) or hasattr(value, "_as_graph_tensor"):
        return value.dtype.base_dtype
    return None


@operation("Const", "-> dtype")
def lower_constant(at: Any, *, value: Any, dtype: DType) -> Any:
    """An array: where all elements are equal, a scalar that is broadcast."""
    if dtype is dtypes.string:
        value = Constant(strings.kept(value))
    array = value.array
    if array.size > 1 and value.is_all(array.flat[0]):
        return at.b.broadcast(
            at.b.constant(value=Constant(array.flat[0], dtype.in_programs)), shape=array.shape, axes=()
        )
    return at.b.constant(value=value)


def constant_of(array: np.ndarray[Any, Any], name: str) -> Tensor:
    """A Const operation that holds `array`."""
    dtype = dtypes.string if array.dtype == object else dtypes._BY_NUMPY[array.dtype]
    if dtype is dtypes.string:
        strings.kept(array)  # before any run
    value = array if dtype is dtypes.string else Constant(array)
    outputs = [(dtype, tuple(int(size) for size in array.shape))]
    graph = get_default_graph()
    made = graph.create_operation(definition_of("Const"), (), {"value": value, "dtype": dtype}, outputs, name)
    return made.outputs[0]


@export("constant")
def constant(
    value: Any, dtype: Any = None, shape: Any = None, name: str | None = "Const", verify_shape: bool = False
) -> Tensor:
    """A tensor with the elements of `value`, of `dtype`, and of `shape`, filled up with the last element where `value`
    has fewer. Raises TypeError, ValueError."""
    if _holds_tensor(value):
        raise TypeError("Expected any non-tensor type, but got a tensor instead.")
    array = array_of(value, None if dtype is None else as_dtype(dtype))
    if shape is not None:
        if verify_shape and tuple(array.shape) != tuple(shape):
            raise TypeError(f"Expected Tensor's shape: {tuple(shape)}, got {tuple(array.shape)}.")
        array = shaped(array, shape)
    return constant_of(array, name or "Const")


@export("is_tensor", "contrib.framework.is_tensor")
def is_tensor(x: Any) -> bool:
    """Whether `x` is a tensor or a variable."""
    return isinstance(x, Tensor) or hasattr(x, "_as_graph_tensor")
