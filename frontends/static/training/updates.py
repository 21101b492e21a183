"""Operations that apply one step of an optimizer to a variable and its slots."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from math import prod
from typing import Any

from diptych.ir import Builder, Value

from ...functions.constants import filled_like
from ...functions.picking import first_occurrences
from ..graphs.definitions import operation
from ..graphs.dtypes import INDICES, NUMBERS
from ..graphs.operation import Operation
from ..graphs.shapes import Dims, runtime_text
from ..graphs.site import Site, require_rank
from ..graphs.tensor import Tensor
from ..variables.state import check_shapes

Formula = Callable[..., Sequence[Value]]


def step(name: str, signature: str) -> Callable[[Formula], Formula]:
    """Declares the operations Apply`name` and SparseApply`name`, both by one formula.

    The formula takes a Builder and a value for each input, and gives what becomes of those that are variables: of `ref`
    inputs, the first of which is the one that is trained. The gradient, called grad or delta, is shaped as it is, all
    else are scalars. The sparse operation has the rows' `indices` behind the gradient: the rows that come several times
    are summed first, and the formula is then for these rows alone.
    """
    arguments = [[text.strip() for text in part.split(":")] for part in signature.split(",")]
    names = [name for name, _ in arguments]
    refs = [number for number, (_, kind) in enumerate(arguments) if kind.startswith("ref ")]
    gradient = next(number for number, name in enumerate(names) if name in ("grad", "delta"))

    def check(shapes: Sequence[Dims | None], kept: Sequence[int]) -> None:
        for number, (name, shape) in enumerate(zip(names, shapes, strict=True)):
            if number in kept:
                check_shapes(shapes[0], shape, f"var and {name} do not have the same shape{{left}} {{right}}")
            elif number != gradient:
                require_rank(shape, 0, f"{name} is not a scalar: {runtime_text(shape)}")

    def check_rows(shapes: list[Dims | None], indices: Dims | None) -> None:
        check(shapes, refs)
        require_rank(indices, 1, "indices must be one-dimensional")
        rows, whole = shapes[gradient], shapes[0]
        if rows is not None and whole is not None and indices is not None:
            check_shapes((indices[0], *whole[1:]), rows, "grad and indices must have the same rows {left} {right}")

    def dense_shape(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
        check([tensor._dims for tensor in inputs], [*refs, gradient])
        return [inputs[0]._dims]

    def sparse_shape(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
        shapes = [tensor._dims for tensor in inputs]
        indices = shapes.pop(gradient + 1)
        check_rows(shapes, indices)
        return [inputs[0]._dims]

    def declare(formula: Formula) -> Formula:
        def dense(at: Site, *operands: Any, **attributes: Any) -> None:
            values = _read(at, operands)
            check([value.shape for value in values], [*refs, gradient])
            for number, value in zip(refs, formula(at.b, *values, **attributes), strict=True):
                at.write(operands[number], value)

        def sparse(at: Site, *operands: Any, **attributes: Any) -> None:
            values = _read(at, operands)
            indices = values.pop(gradient + 1)
            check_rows([value.shape for value in values], indices.shape)
            whole = {number: values[number] for number in refs}
            for number, value in whole.items():
                values[number] = at.b.gather(value, indices, axes=(0,))
            values[gradient] = _summed(at.b, values[gradient], indices, whole[refs[0]])
            for number, rows in zip(refs, formula(at.b, *values, **attributes), strict=True):
                written = at.b.scatter(whole[number], rows, indices, axes=(0,), combine="set")
                at.write(operands[number if number <= gradient else number + 1], written)

        parameters = inspect.signature(formula).parameters.values()
        attributes = {p.name: p.default for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY}
        made = {"T": NUMBERS, "writes": True, "blocks": True, "attributes": attributes}
        operation(f"Apply{name}", f"{signature} -> ref T", shape=dense_shape, **made)(dense)
        parts = signature.split(",")
        parts.insert(gradient + 1, " indices: Tindices")
        sparse_signature = f"{','.join(parts)} -> ref T"
        operation(f"SparseApply{name}", sparse_signature, shape=sparse_shape, Tindices=INDICES, **made)(sparse)
        return formula

    return declare


LARGE = 1 << 17  # elements of a variable that take longer to fill than a few rows take to sort


def _summed(b: Builder, rows: Value, indices: Value, variable: Value) -> Value:
    """Each of the rows with those of the same index added: in a variable of zeros, or where that is large and few rows
    are given, each at the place of the first one."""
    places, zero = indices, variable
    count, length = indices.shape[0], variable.shape[0]
    if isinstance(count, int) and isinstance(length, int) and 4 * count <= length and _elements(variable) >= LARGE:
        places, zero = first_occurrences(b, indices), rows
    total = b.scatter(filled_like(b, 0, zero), rows, places, axes=(0,), combine="add")
    return b.gather(total, places, axes=(0,))


def _elements(value: Value) -> int:
    return prod(value.type.static_shape()) if not value.type.names() else 0


def _read(at: Site, operands: Sequence[Any]) -> list[Value]:
    return [at.read(operand) if isinstance(operand, Operation) else operand for operand in operands]
