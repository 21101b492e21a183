"""Operations as NodeDef messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...events.graph import AttrEntry, AttrValue, ListValue, NodeDef
from .attributes import attr_value, shape_message
from .forms import form_of
from .kinds import in_files, is_float

if TYPE_CHECKING:
    from ..graphs.definitions import Argument, Definition
    from ..graphs.operation import Operation
    from ..graphs.tensor import Tensor


def node_of(operation: Operation, *, add_shapes: bool = False) -> NodeDef:
    """The message of an operation. What TensorFlow's messages cannot hold, such as a Python function, is left out;
    with `add_shapes` the static shapes of outputs are in the attribute `_output_shapes`."""
    found = attributes_of(operation)
    if add_shapes and operation.outputs:
        shapes = ListValue(shape=[shape_message(output._dims) for output in operation.outputs])
        found["_output_shapes"] = AttrValue(list=shapes)
    return NodeDef(
        name=operation.name,
        op=operation.type,
        input=input_names(operation),
        device=operation.device,
        attr_entries=[AttrEntry(key=key, value=value) for key, value in found.items()],
    )


def input_names(operation: Operation) -> list[str]:
    """What an operation takes and waits for, as nodes name it."""
    names = [edge(tensor) for tensor in operation.inputs]
    return names + [f"^{each.name}" for each in operation.control_inputs]


def edge(tensor: Tensor) -> str:
    """A tensor as the inputs of nodes name it: without the number of the first output."""
    return f"{tensor.op.name}:{tensor.value_index}" if tensor.value_index else tensor.op.name


def attributes_of(operation: Operation) -> dict[str, AttrValue]:
    """The attributes under the names that they have in files."""
    definition, form = operation.definition, form_of(operation.type)
    values = {**bound_by_inputs(definition, operation.inputs, operation.attributes), **operation.attributes}
    found: dict[str, AttrValue] = {}
    for key, value in values.items():
        if key not in form.less or value != form.less[key]:
            value = in_files(operation.type, key, value) if key in definition.attributes else value
            message = attr_value(value, key in definition.attributes and is_float(operation.type, key))
            if message is not None:
                found[form.renamed.get(key, key)] = message
    for key, value in form.more.items():
        if value is not None:
            found.setdefault(key, _known(value))
    gradient = operation.__dict__.get("gradient_name")
    if gradient is not None:
        found["_gradient_op_type"] = AttrValue(s=gradient.encode())
    return found


def _known(value: Any) -> AttrValue:
    message = attr_value(value)
    assert message is not None, value
    return message


def bound_by_inputs(definition: Definition, inputs: Any, attributes: dict[str, Any]) -> dict[str, Any]:
    """The type variables and counts that the inputs of an operation bind."""
    found: dict[str, Any] = {}
    place = 0
    lengths = _lengths(definition.inputs, len(inputs), attributes)
    for argument, length in zip(definition.inputs, lengths, strict=True):
        types = [tensor.dtype.base_dtype for tensor in inputs[place : place + length]]
        place += length
        if argument.count:
            found[argument.count] = length
        if argument.variable is not None and (argument.count == "" or types):
            found[argument.variable] = tuple(types) if argument.count == "" else types[0]
    return found


def _lengths(arguments: tuple[Argument, ...], count: int, attributes: dict[str, Any]) -> list[int]:
    """How many tensors each argument has, of `count` in all: lists whose length no attribute says share the rest."""
    known: list[int | None] = []
    for argument in arguments:
        if argument.count is None:
            known.append(1)
        else:
            value = attributes.get(argument.count or argument.variable or "")
            known.append(len(value) if isinstance(value, tuple | list) else value)
    rest = count - sum(length for length in known if length is not None)
    lists = sum(length is None for length in known)
    return [rest // lists if length is None else length for length in known]
