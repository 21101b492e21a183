"""NodeDef messages checked against the definitions of operations: attributes, and inputs that fit."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from diptych.ir import Constant, Unsupported, user_location

from ...events.graph import NodeDef
from ..graphs.definitions import DEFINITIONS, Argument, Definition
from ..graphs.dtypes import DType, resource, variant
from ..graphs.errors import NotFoundError
from ..graphs.tensor import Tensor
from .attributes import value_of
from .forms import FREE, form_of
from .kinds import in_definitions, misfit

MAX_NAME = 10_000  # characters, of a name of a node


@dataclass(frozen=True, slots=True)
class ReadNode:
    """A node whose attributes are read: those of the definition, and what else binds its types and counts."""

    name: str
    definition: Definition
    attributes: dict[str, Any]
    bound: dict[str, Any]
    shapes: tuple[Any, ...] | None  # the static shapes that the file gives for the outputs
    gradient: str | None  # the name of a gradient in place of the type's own


def read_node(node: NodeDef) -> ReadNode:
    """The node with its attributes. Raises NotFoundError for a type of operation that is not there, Unsupported for one
    of datasets, ValueError for attributes that are missing, unknown or of another kind."""
    definition = DEFINITIONS.get(node.op)
    if definition is None or node.op in _INTERNAL:
        raise unknown_type(node)
    if _is_of_datasets(definition):
        raise Unsupported(
            f"{node.op} (node '{node.name}') is not supported in graphs that are read from files",
            location=user_location(),
            hint="tf.graph_util.extract_sub_graph, for the part of the graph behind its iterators",
        )
    found = {entry.key: entry.value for entry in node.attr_entries}
    form = form_of(node.op)
    names = {given: own for own, given in form.renamed.items()}
    bound: dict[str, Any] = {}
    hidden: dict[str, Any] = {}
    for key, message in found.items():
        try:
            if key.startswith("_"):
                if key in ("_output_shapes", "_gradient_op_type"):
                    hidden[key] = value_of(message)
                continue
            bound[names.get(key, key)] = value_of(message)
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"NodeDef {node.name}: the attribute {key} of {node.op} cannot be read: {error}"
            ) from error
    for key, default in form.more.items():
        value = bound.pop(key, default)
        if key not in FREE and (isinstance(value, np.ndarray) or value != default):
            raise ValueError(f"NodeDef {node.name}: the attribute {key} of {node.op} is {value} but must be {default}")
    bound = {**form.less, **form.defaults, **bound}
    _check_known(node, definition, bound)
    attributes = {key: _attribute(node, key, default, bound) for key, default in definition.attributes.items()}
    gradient = hidden.get("_gradient_op_type")
    shapes = hidden.get("_output_shapes")
    return ReadNode(
        node.name, definition, attributes, {**bound, **attributes},
        shapes if isinstance(shapes, tuple) and bound.get("T") is not resource else None,
        gradient if isinstance(gradient, str) else None,
    )  # fmt: skip


_INTERNAL = (
    "Cond",
    "While",
    "Scan",
    "LoopVariable",
    "Gradients",
    "LostGradients",
    "PyFunc",
)  # hold what no attribute of a file can


def _is_of_datasets(definition: Definition) -> bool:
    """Whether operations of this type make or read datasets: what they do lies in functions that files lack."""
    arguments = (*definition.inputs, *definition.outputs)
    return "Iterator" in definition.type or any(each.dtype is variant for each in arguments)


def unknown_type(node: NodeDef) -> NotFoundError:
    """The error for a node whose type of operation is not there."""
    return NotFoundError(
        None, None, f"Op type not registered '{node.op}' in binary running on diptych: the node is '{node.name}'. "
        "Make sure the Op and Kernel are registered in the binary running in this process.",
    )  # fmt: skip


def _check_known(node: NodeDef, definition: Definition, bound: dict[str, Any]) -> None:
    known = {argument.variable for argument in (*definition.inputs, *definition.outputs)}
    known |= {argument.count for argument in (*definition.inputs, *definition.outputs)}
    for key in bound:
        if key not in known and key not in definition.attributes:
            raise ValueError(
                f"NodeDef mentions attr '{key}' not in Op<name={node.op}>; NodeDef: {{{{node {node.name}}}}}"
            )


def _attribute(node: NodeDef, key: str, default: Any, bound: dict[str, Any]) -> Any:
    value = bound.get(key, default)
    if value is inspect.Parameter.empty:
        raise ValueError(f"NodeDef missing attr '{key}' from Op<name={node.op}>; NodeDef: {{{{node {node.name}}}}}")
    wanted = misfit(node.op, key, value) if key in bound else None
    if wanted is not None:
        raise ValueError(
            f"AttrValue had value with type '{type(value).__name__}' when '{wanted}' expected for attr '{key}' of "
            f"{node.op}; NodeDef: {{{{node {node.name}}}}}"
        )
    if key == "value" and node.op == "Const":
        return value if value.dtype == object else Constant(value)
    return in_definitions(node.op, key, value) if key in bound else value


# -- inputs ----


def check_inputs(read: ReadNode, tensors: Sequence[Tensor]) -> None:
    """Binds what inputs bind. Raises ValueError, in TensorFlow's words, where they are too few, too many or of types
    that do not fit."""
    definition, bound, place = read.definition, read.bound, 0
    for argument in definition.inputs:
        length = _length(read, argument)
        taken = tensors[place : place + length]
        if len(taken) < length:
            break
        for tensor in taken:
            _check_type(read, argument, place, tensor)
            place += 1
        if argument.count == "" and argument.variable is not None:
            _check_list(read, argument, taken)
    wanted = sum(_length(read, argument) for argument in definition.inputs)
    if wanted != len(tensors):
        raise ValueError(
            f"NodeDef expected inputs '{', '.join(argument.name for argument in definition.inputs)}' do not match "
            f"{len(tensors)} inputs specified; NodeDef: {{{{node {read.name}}}}}"
        )
    for argument in definition.outputs:
        if argument.dtype is None and (argument.variable is None or bound.get(argument.variable) is None):
            raise ValueError(f"NodeDef missing attr '{argument.variable}' from Op<name={definition.type}>; "
                             f"NodeDef: {{{{node {read.name}}}}}")  # fmt: skip


def _length(read: ReadNode, argument: Argument) -> int:
    if argument.count is None:
        return 1
    value = read.bound.get(argument.count or argument.variable or "")
    if argument.count == "" and isinstance(value, tuple):
        return len(value)
    if argument.count and isinstance(value, int) and value >= 0:
        return value
    raise ValueError(f"NodeDef missing attr '{argument.count or argument.variable}' from "
                     f"Op<name={read.definition.type}>; NodeDef: {{{{node {read.name}}}}}")  # fmt: skip


def _check_type(read: ReadNode, argument: Argument, place: int, tensor: Tensor) -> None:
    dtype = tensor.dtype.base_dtype
    wanted = argument.dtype
    if argument.count == "":
        return
    if wanted is None:
        wanted = read.bound.setdefault(argument.variable or "", dtype)
        if wanted is resource and (tensor.dtype._is_ref_dtype or tensor.op.type == "TensorArrayV3"):
            wanted = read.bound[argument.variable or ""] = dtype  # what handles stand for is given itself here
        if not isinstance(wanted, DType):
            raise ValueError(f"NodeDef {read.name}: the attribute {argument.variable} is {wanted} but must be a type")
        allowed = read.definition.allowed.get(argument.variable or "")
        if allowed is not None and wanted not in allowed:
            names = ", ".join(each.name for each in allowed)
            raise ValueError(
                f"Value for attr '{argument.variable}' of {wanted.name} is not in the list of allowed values: {names}"
                f"; NodeDef: {{{{node {read.name}}}}}"
            )
    is_ref = argument.is_ref and not (tensor.dtype._is_ref_dtype and tensor.op.slot is not None)
    if dtype is not wanted or is_ref:
        suffix = "_ref" if argument.is_ref else ""
        raise ValueError(
            f"Input {place} of node {read.name} was passed {tensor.dtype.name} from {tensor.name} incompatible with "
            f"expected {wanted.name}{suffix}."
        )


def _check_list(read: ReadNode, argument: Argument, taken: Sequence[Tensor]) -> None:
    for tensor, wanted in zip(taken, read.bound[argument.variable or ""], strict=True):
        if tensor.dtype.base_dtype is not wanted:
            raise ValueError(
                f"Input {argument.name} of node {read.name} was passed {tensor.dtype.name} from {tensor.name} "
                f"incompatible with expected {wanted.name if isinstance(wanted, DType) else wanted}."
            )
