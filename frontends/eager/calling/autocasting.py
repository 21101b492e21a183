"""Automatic mixed precision: whether it is on, and what it does to a function's arguments.

A function is on one of three lists, which its decorator says: `lower_precision` computes in the chosen type,
`full_precision` in float32, `widest` in the widest type among its arguments. All others take what they get. Within a
function of a list nothing more is cast.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from threading import local
from typing import Any, TypeVar

from .. import dtypes as dtype_module
from ..dtypes import dtype
from ..tapes.callers import renamed
from ..tensors.tensor import Tensor

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


class _State(local):
    def __init__(self) -> None:
        self.is_on = False  # of the CPU, and not within a function of a list
        self.enabled: dict[str, bool] = {}
        self.dtypes: dict[str, dtype] = {}
        self.cache_enabled = True


state = _State()


def _casts(choose: Callable[[list[Tensor]], dtype | None], function: Decorated, name: str) -> Decorated:
    @functools.wraps(function)
    def casting(*arguments: Any, **options: Any) -> Any:
        if not state.is_on:
            return function(*arguments, **options)
        state.is_on = False
        try:
            target = choose([*_floats(arguments), *_floats(tuple(options.values()))])
            if target is not None:
                arguments = tuple(_cast(each, target) for each in arguments)
                options = {key: _cast(each, target) for key, each in options.items()}
            return function(*arguments, **options)
        finally:
            state.is_on = True

    casting.__autocast__ = name  # pyright: ignore[reportAttributeAccessIssue]
    return renamed(casting, function.__name__)  # pyright: ignore[reportReturnType]


def _floats(given: Any) -> Iterator[Tensor]:
    """The tensors among arguments that may be cast: of floats, but not of 64 bits."""
    for each in given:
        if isinstance(each, Tensor):
            if each.dtype.is_floating_point and each.dtype is not dtype_module.float64:
                yield each
        elif isinstance(each, (tuple, list)):
            yield from _floats(each)


def _cast(value: Any, target: dtype) -> Any:
    from ..functions.pointwise import cast

    if isinstance(value, Tensor):
        eligible = value.dtype.is_floating_point and value.dtype is not dtype_module.float64
        return cast(value, target) if eligible and value.dtype is not target else value
    if isinstance(value, (tuple, list)) and any(True for _ in _floats(value)):
        return type(value)(_cast(each, target) for each in value)
    return value


def lower_precision(function: Decorated) -> Decorated:
    """Computed in the type that `autocast` chooses."""
    return _casts(lambda _: state.dtypes.get("cpu", dtype_module.bfloat16), function, "lower_precision")


def full_precision(function: Decorated) -> Decorated:
    """Computed in float32."""
    return _casts(lambda _: dtype_module.float32, function, "full_precision")


def _widest(given: list[Tensor]) -> dtype | None:
    kinds = {each.dtype for each in given}
    return dtype_module.float32 if len(kinds) > 1 else None


def widest(function: Decorated) -> Decorated:
    """Computed in float32 where the tensors are of different types."""
    return _casts(_widest, function, "widest")
