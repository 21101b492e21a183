"""tf.py_func: a Python function in a graph."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..exports import export
from ..graphs.apply import apply_operation
from ..graphs.definitions import host_operation
from ..graphs.dtypes import RUNTIME_NAMES, DType, as_dtype
from ..graphs.errors import (
    InvalidArgumentError,
    OpError,
    OutOfRangeError,
    ResourceExhaustedError,
    UnimplementedError,
    UnknownError,
)
from ..running.host import HostRun, as_fetched

# The class that an error of the function becomes.
_CLASSES: Sequence[tuple[tuple[type[Exception], ...], Any]] = (
    ((ValueError, TypeError), InvalidArgumentError),
    ((StopIteration,), OutOfRangeError),
    ((MemoryError,), ResourceExhaustedError),
    ((NotImplementedError,), UnimplementedError),
    ((Exception,), UnknownError),
)


@host_operation("PyFunc", "input: *Tin -> *Tout")
def compute(at: HostRun, *arrays: Any, func: Callable[..., Any], token: str, Tout: tuple[DType, ...]) -> list[Any]:
    """func(*arrays), each scalar as numpy's, checked against the dtypes wanted."""
    operation = at.operation
    try:
        returned = func(*map(as_fetched, arrays))
    except OpError:
        raise
    except Exception as error:  # the user's code may raise anything
        kind = next(cls for classes, cls in _CLASSES if isinstance(error, classes))
        raise kind(
            operation.node_def, operation, f"{type(error).__name__}: {error}\n{traceback.format_exc()}"
        ) from error
    found = [] if returned is None else list(returned) if isinstance(returned, list | tuple) else [returned]
    if len(found) != len(Tout):
        raise InvalidArgumentError(
            operation.node_def, operation,
            f"{token} returns {len(found)} values, but expects to see {len(Tout)} values.",
        )  # fmt: skip
    results: list[Any] = []
    for number, (value, dtype) in enumerate(zip(found, Tout, strict=True)):
        array = np.asarray(value)
        given = "string" if array.dtype.kind in "SUO" else array.dtype.name
        if given != dtype.name:
            names = [RUNTIME_NAMES.get(name, name) for name in (given, dtype.name)]
            raise InvalidArgumentError(
                operation.node_def, operation,
                f"{number}-th value returned by {token} is {names[0]}, but expects {names[1]}",
            )  # fmt: skip
        results.append(array)
    return results


_count = 0


@export("py_func", "numpy_function")
def py_func(
    func: Callable[..., Any], inp: Sequence[Any], Tout: Any, stateful: bool = True, name: str | None = None
) -> Any:
    """What func gives of numpy arrays of the tensors `inp`: a tensor where `Tout` is a dtype, else a list.

    The shapes are unknown: `set_shape` tells them. It runs once each run that needs it; no gradient flows through it.
    Raises TypeError for what is no function, in a run InvalidArgumentError for other dtypes than promised.
    """
    global _count
    if not callable(func):
        raise ValueError(f"Expected func to be callable, got func of type {type(func)}")
    token, _count = f"pyfunc_{_count}", _count + 1
    is_list = isinstance(Tout, list | tuple)
    types = tuple(as_dtype(each).base_dtype for each in (Tout if is_list else [Tout]))
    made = apply_operation("PyFunc", [list(inp)], name=name, func=func, token=token, Tout=types)
    outputs = made.outputs
    if not is_list:
        return outputs[0]
    return list(outputs) if outputs else made
