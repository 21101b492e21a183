"""Datasets of what a Python generator gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from ..graphs.definitions import host_operation, scalar_shape
from ..graphs.errors import InvalidArgumentError, OpError, UnknownError
from ..graphs.literals import array_of
from ..running.host import HostRun, as_fetched, handle
from .pipelines.pipeline import Array, Element
from .pipelines.sources import Called
from .structure import TensorSpec, flatten, flatten_up_to, types_of


@host_operation("GeneratorDataset", "args: *Targs -> variant", shape=scalar_shape)
def generated(at: HostRun, *args: Array, generator: Callable[..., Iterable[Any]], structure: Any) -> Array:
    """What generator(*args) gives, each time it is called."""
    given = [as_fetched(arg) for arg in args]

    def elements() -> Iterator[Element]:
        source = iter(_described(at, lambda: iter(generator(*given))))
        while True:
            found = _described(at, lambda: _next(source, structure))
            if found is None:
                return
            yield found

    return handle(Called(elements))


def _described(at: HostRun, call: Callable[[], Any]) -> Any:
    """What a call gives; its errors become TensorFlow's."""
    try:
        return call()
    except OpError:
        raise
    except Exception as error:  # the user's code may raise anything
        kind = InvalidArgumentError if isinstance(error, TypeError | ValueError) else UnknownError
        raise kind(at.operation.node_def, at.operation, f"{type(error).__name__}: {error}") from error


def _next(source: Iterator[Any], structure: Any) -> Element | None:
    try:
        value = next(source)
    except StopIteration:
        return None
    try:
        parts = flatten_up_to(structure, value)
    except (TypeError, ValueError):
        raise TypeError(
            "`generator` yielded an element that did not match the expected structure. The expected structure was "
            f"{types_of(structure)}, but the yielded element was {value}."
        ) from None
    return tuple([_converted(part, spec) for part, spec in zip(parts, flatten(structure), strict=True)])


def _converted(part: Any, spec: TensorSpec) -> Array:
    try:
        array = array_of(part, spec.dtype) if spec.dtype.ir is None else np.asarray(part, dtype=spec.dtype.numpy)
    except (TypeError, ValueError):
        raise TypeError(
            "`generator` yielded an element that could not be converted to the expected type. The expected type was "
            f"{spec.dtype.name}, but the yielded element was {part}."
        ) from None
    if not spec.shape.is_compatible_with(array.shape):
        raise ValueError(
            f"`generator` yielded an element of shape {array.shape} where an element of shape {spec.shape} was "
            "expected."
        )
    return array
