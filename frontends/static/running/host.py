"""Operations on strings, which no program of the IR can hold: the host computes them, after the program of the run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ..graphs.operation import Operation
from ..graphs.tensor import Tensor

Array = np.ndarray[Any, Any]

# What each type of operation computes from arrays: its one output.
HOST: dict[str, Callable[..., Array]] = {
    "Const": lambda *, value, dtype: value,
    "Identity": lambda x: x,
    "PlaceholderWithDefault": lambda x, *, shape: x,
}


def on_host(order: Iterable[Operation]) -> list[Operation]:
    """Those of a run's operations, in its order, that the host computes: on strings, or only waiting for such ones."""
    found: dict[Operation, None] = {}
    for operation in order:
        tensors = (*operation.inputs, *operation.outputs)
        works_on_strings = operation.type in HOST and any(tensor.dtype.ir is None for tensor in tensors)
        if works_on_strings or (operation.type == "NoOp" and any(each in found for each in operation.control_inputs)):
            found[operation] = None
    return list(found)


def computed(operations: Sequence[Operation], known: Mapping[Tensor, Array]) -> dict[Tensor, Array]:
    """`known` and the outputs of `operations`, which come in their order."""
    values = dict(known)
    for operation in operations:
        for output in operation.outputs:
            if output not in values:
                compute = HOST[operation.type]
                values[output] = compute(*(values[tensor] for tensor in operation.inputs), **operation.attributes)
    return values
