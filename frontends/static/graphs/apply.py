"""Makes an operation from what a user passes: names, conversion of inputs, types, static shapes."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

from .conversion import convert_to_tensor
from .definitions import Argument, Definition, definition_of
from .dtypes import DType
from .graph import Graph
from .inference import infer
from .operation import Operation
from .scopes import graph_of, name_scope
from .tensor import Tensor


def apply(type: str, inputs: Sequence[Any], /, *, name: str | None = None, **attributes: Any) -> Any:
    """A new operation of `type`; its output, the list of its outputs where there are several, or itself without any.

    `inputs` are in the order of the definition, a list's as one sequence. What is not a tensor is converted to one, in
    the name scope of the operation, to the type that earlier inputs bind. Raises TypeError, ValueError.
    """
    made = apply_operation(type, inputs, name=name, **attributes)
    outputs = made.outputs
    if len(outputs) == 1 and made.definition.outputs[0].count is None:
        return outputs[0]
    return list(outputs) if made.definition.outputs else made


def apply_operation(type: str, inputs: Sequence[Any], /, *, name: str | None = None, **attributes: Any) -> Operation:
    """As `apply`, but gives the operation itself."""
    definition = definition_of(type)
    bound: dict[str, Any] = dict(attributes)
    if _are_tensors(definition, inputs):
        graph = graph_of(inputs)
        tensors: list[Tensor] = []
        for argument, value in zip(definition.inputs, inputs, strict=True):
            _bind(definition, argument, value, bound)
            tensors.append(value)
        return _created(graph, definition, tensors, bound, name or type)
    flat = [item for value in inputs for item in (value if isinstance(value, list | tuple) else (value,))]
    with name_scope(name or None, type, flat) as scope:
        tensors = []
        for argument, value in zip(definition.inputs, inputs, strict=True):
            if argument.count is None:
                tensors.append(_input(definition, argument, value, bound))
            else:
                tensors.extend(_list_input(definition, argument, value, bound))
        return _created(graph_of(tensors), definition, tensors, bound, scope)


def _are_tensors(definition: Definition, inputs: Sequence[Any]) -> bool:
    if len(inputs) != len(definition.inputs):
        raise TypeError(f"{definition.type} takes {len(definition.inputs)} inputs but got {len(inputs)}")
    for argument, value in zip(definition.inputs, inputs, strict=True):
        if argument.count is not None or not isinstance(value, Tensor):
            return False
    return True


def _created(
    graph: Graph, definition: Definition, tensors: list[Tensor], bound: dict[str, Any], name: str
) -> Operation:
    attributes = _complete(definition, bound)
    # the name is taken before shapes are checked, so that an operation that is refused has used it up, as in TensorFlow
    full = name if name.endswith("/") else f"{graph.unique_name(name)}/"
    outputs = infer(definition, tensors, attributes, bound, full[:-1])
    return graph.create_operation(definition, tensors, attributes, outputs, full)


def _complete(definition: Definition, bound: dict[str, Any]) -> dict[str, Any]:
    """The attributes with their defaults, in the order of their declaration. Raises TypeError where one is missing."""
    full: dict[str, Any] = {}
    for key, default in definition.attributes.items():
        value = bound.get(key, default)
        if value is inspect.Parameter.empty:
            raise TypeError(f"{definition.type} needs the attribute {key}")
        full[key] = value
        if key not in bound:
            bound[key] = value
    return full


def _input(definition: Definition, argument: Argument, value: Any, bound: dict[str, Any]) -> Tensor:
    if not isinstance(value, Tensor):
        value = _converted(definition, argument, value, _expected(definition, argument, value, bound), bound)
    _bind(definition, argument, value, bound)
    return value


def _converted(
    definition: Definition, argument: Argument, value: Any, dtype: DType | None, bound: dict[str, Any]
) -> Tensor:
    """`value` as a tensor. Raises TypeError and ValueError that name the parameter."""
    try:
        return convert_to_tensor(value, dtype, name=argument.name, as_ref=argument.is_ref)
    except TypeError as error:
        if dtype is None:  # a list with tensors of several types in it may be one of the usual type
            usual = definition.defaults.get(argument.variable or "")
            return convert_to_tensor(value, name=argument.name, preferred_dtype=usual)
        raise TypeError(
            f"Expected {dtype.name} passed to parameter '{argument.name}' of op '{definition.type}', "
            f"got {value!r} of type '{type(value).__name__}' instead. Error: {error}"
        ) from None
    except ValueError as error:
        if dtype is None or not _has_dtype(value):
            raise ValueError(f"Tried to convert '{argument.name}' to a tensor and failed. Error: {error}") from None
        tensor = convert_to_tensor(value, name=argument.name)  # a list with tensors of another type in it
        _bind(definition, argument, tensor, bound)
        return tensor


def _expected(definition: Definition, argument: Argument, value: Any, bound: dict[str, Any]) -> DType | None:
    """The type that a value which is no tensor is converted to; None lets the value choose."""
    if hasattr(value, "_as_graph_tensor"):
        return None  # of its own type: what does not fit is refused by `_bind`, in TensorFlow's words
    if argument.dtype is not None:
        return argument.dtype
    known = bound.get(argument.variable)
    if known is not None:
        return known
    default = definition.defaults.get(argument.variable or "")
    if default is not None and not _has_dtype(value):
        return default
    return None


def _has_dtype(value: Any) -> bool:
    """Whether `value` is an array, or a list with tensors in it: a thing that knows its type."""
    if isinstance(value, list | tuple):
        return any(_has_dtype(item) for item in value)
    return hasattr(value, "dtype")


def _list_input(definition: Definition, argument: Argument, values: Any, bound: dict[str, Any]) -> list[Tensor]:
    if not isinstance(values, list | tuple):
        raise TypeError(f"Expected list for '{argument.name}' argument to '{definition.type}' Op, not {values}.")
    if argument.count == "":
        tensors = [convert_to_tensor(value, name=f"{argument.name}_{number}") for number, value in enumerate(values)]
        bound[argument.variable or ""] = tuple(tensor.dtype.base_dtype for tensor in tensors)
        return tensors
    dtype = bound.get(argument.variable) if argument.dtype is None else argument.dtype
    if dtype is None:
        dtype = next((value.dtype.base_dtype for value in values if hasattr(value, "_as_graph_tensor")), None)
        dtype = next((value.dtype.base_dtype for value in values if isinstance(value, Tensor)), dtype)
    tensors = [
        value
        if isinstance(value, Tensor)
        else convert_to_tensor(value, preferred_dtype=dtype, name=f"{argument.name}_{index}")
        for index, value in enumerate(values)
    ]
    found = [tensor.dtype.base_dtype for tensor in tensors]
    if any(each is not found[0] for each in found):
        names = ", ".join(each.name for each in found)
        raise TypeError(
            f"Tensors in list passed to '{argument.name}' of '{definition.type}' Op have types [{names}] "
            "that don't all match."
        )
    for tensor in tensors[:1]:
        _bind(definition, argument, tensor, bound)
    if argument.count is not None:
        bound[argument.count] = len(tensors)
    return tensors


def _bind(definition: Definition, argument: Argument, tensor: Tensor, bound: dict[str, Any]) -> None:
    """Checks the type of an input and binds its variable. Raises TypeError as TensorFlow words it."""
    found = tensor.dtype.base_dtype
    what = f"Input '{argument.name}' of '{definition.type}' Op"
    if argument.is_ref and not tensor.dtype._is_ref_dtype:
        raise TypeError(f"{what} requires l-value input")
    if argument.dtype is not None:
        if found is not argument.dtype:
            raise TypeError(f"{what} has type {found.name} that does not match expected type of {argument.dtype.name}.")
        return
    variable = argument.variable or ""
    known = bound.get(variable)
    if known is not None:
        if found is not known:
            binder = next((other.name for other in definition.inputs if other.variable == variable), None)
            raise TypeError(
                f"{what} has type {found.name} that does not match type {known.name} of argument '{binder}'."
            )
        return
    allowed = definition.allowed.get(variable)
    if allowed is not None and found not in allowed:
        names = ", ".join(each.name for each in allowed)
        raise TypeError(
            f"Value passed to parameter '{argument.name}' has DataType {found.name} "
            f"not in list of allowed values: {names}"
        )
    bound[variable] = found
