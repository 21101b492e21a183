"""Operations that hold, read and write variables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diptych.ir import Value, dtypes

from ...functions.constants import scalar
from ..exports import export
from ..graphs.apply import apply, apply_operation
from ..graphs.definitions import operation, scalar_shape
from ..graphs.dtypes import NUMBERS, DType
from ..graphs.operation import Operation
from ..graphs.shapes import Dims, TensorShape, compatible, disagreement, runtime_text
from ..graphs.site import Refusal, Site
from ..graphs.tensor import Tensor


def _declared(inputs: Sequence[Tensor], *, shape: TensorShape, **_: Any) -> list[Dims | None]:
    return [shape.known]


@operation("VariableV2", "-> ref dtype", shape=_declared, takes_tensors=True)
def lower_variable(at: Site, made: Operation, *, shape: TensorShape, dtype: DType) -> None:
    """Nothing: whoever takes the output reads or writes the variable at its own place."""


def check_shapes(left: Dims | None, right: Dims | None, in_run: str | None = None) -> None:
    """Raises Refusal where two shapes are not compatible: in a run in the words of `in_run`, "{left}" and "{right}" in
    which stand for the shapes."""
    if not compatible(left, right):
        if in_run is not None:
            in_run = in_run.replace("{left}", runtime_text(left)).replace("{right}", runtime_text(right))
        raise Refusal(disagreement(left or (), right or ()), in_run)


def _assigned(inputs: Sequence[Tensor], *, validate_shape: bool = True, **_: Any) -> list[Dims | None]:
    if not validate_shape:
        return [inputs[1]._dims]
    check_shapes(inputs[0]._dims, inputs[1]._dims)
    return [inputs[0]._dims if inputs[1]._dims is None or inputs[0]._dims is not None else inputs[1]._dims]


@operation("Assign", "ref: ref T, value: T -> ref T", shape=_assigned, writes=True, blocks=True)
def lower_assign(
    at: Site, ref: Operation, value: Value, *, validate_shape: bool = True, use_locking: bool = True
) -> None:
    """Gives the variable a value."""
    if validate_shape:
        message = "Assign requires shapes of both tensors to match. lhs shape= {left} rhs shape= {right}"
        check_shapes(ref.outputs[0]._dims, value.shape, message)
    at.write(ref, value)


def _updated(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    check_shapes(inputs[0]._dims, inputs[1]._dims)
    return [inputs[0]._dims]


def _changed(at: Site, ref: Operation, value: Value, op: str) -> None:
    present = at.read(ref)
    check_shapes(present.shape, value.shape, "Parameters and update must be the same size")
    at.write(ref, getattr(at.b, op)(present, value))


@operation("AssignAdd", "ref: ref T, value: T -> ref T", T=NUMBERS, shape=_updated, writes=True, blocks=True)
def lower_assign_add(at: Site, ref: Operation, value: Value, *, use_locking: bool = False) -> None:
    """Adds to the variable."""
    _changed(at, ref, value, "add")


@operation("AssignSub", "ref: ref T, value: T -> ref T", T=NUMBERS, shape=_updated, writes=True, blocks=True)
def lower_assign_sub(at: Site, ref: Operation, value: Value, *, use_locking: bool = False) -> None:
    """Subtracts from the variable."""
    _changed(at, ref, value, "sub")


@operation("IsVariableInitialized", "ref: ref T -> bool", shape=scalar_shape)
def lower_is_initialized(at: Site, ref: Operation) -> Value:
    """Whether the variable has a value."""
    return scalar(at.b, at.is_initialized(ref), dtypes.bool_)


def _initial(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    return [inputs[1]._dims]


@operation("InitializedValue", "ref: ref T, initial_value: T -> T", shape=_initial)
def lower_initialized_value(at: Site, ref: Operation, initial_value: Value) -> Value:
    """The variable's value, or its initial value where it has none yet."""
    return at.read(ref) if at.is_initialized(ref) else initial_value


def as_ref(ref: Any) -> Any:
    """What an operation that writes takes for a variable; a tensor itself."""
    return ref._as_graph_tensor(as_ref=True) if hasattr(ref, "_as_graph_tensor") else ref


@export("assign")
def assign(
    ref: Any, value: Any, validate_shape: bool | None = None, use_locking: bool | None = None, name: str | None = None
) -> Tensor:
    """Gives a variable, or the slice of one, a value; the tensor returned is the variable after that."""
    if isinstance(ref, Tensor) and hasattr(ref, "assign"):
        return ref.assign(value, name=name)
    target = as_ref(ref)
    check = True if validate_shape is None else validate_shape
    return apply("Assign", [target, value], name=name, validate_shape=check)


@export("assign_add")
def assign_add(ref: Any, value: Any, use_locking: bool | None = None, name: str | None = None) -> Tensor:
    """Adds `value` to a variable; the tensor returned is the variable after that."""
    return apply("AssignAdd", [as_ref(ref), value], name=name)


@export("assign_sub")
def assign_sub(ref: Any, value: Any, use_locking: bool | None = None, name: str | None = None) -> Tensor:
    """Subtracts `value` from a variable; the tensor returned is the variable after that."""
    return apply("AssignSub", [as_ref(ref), value], name=name)


@export("is_variable_initialized")
def is_variable_initialized(ref: Any, name: str | None = None) -> Tensor:
    """Whether a variable has a value."""
    return apply("IsVariableInitialized", [as_ref(ref)], name=name)


def new_variable(shape: TensorShape, dtype: DType, name: str) -> Tensor:
    """The operation that holds a variable; its output stands for the variable."""
    return apply_operation("VariableV2", [], name=name, shape=shape, dtype=dtype).outputs[0]
