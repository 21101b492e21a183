"""`torch.autograd.forward_ad`: tensors with a tangent, and the tangents of what is computed from them.

A tangent is computed when it is asked for, as a gradient of a gradient: so what has one requires gradients within the
level, where `no_grad` does not keep calls from being noted.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

from diptych.ir import Builder, Value

from ..tapes.graph import graph_of
from ..tapes.mode import mode
from ..tapes.operation import operation
from ..tapes.recording import call
from ..tapes.tape import tape
from ..tensors.creation import zeros
from ..tensors.tensor import Tensor
from .levels import Level

__all__ = ["UnpackedDualTensor", "dual_level", "enter_dual_level", "exit_dual_level", "make_dual", "unpack_dual"]


@operation
def _make_dual(b: Builder, primal: Value, change: Value) -> Value:
    """The primal, whose gradient is also that of `change`."""
    return b.graft(b.identity(primal), b.add(primal, change))


class _DualLevel(Level):
    """`changes`: for each dual tensor a leaf of zeros that stands for changes of it, and its tangent."""

    def __init__(self) -> None:
        super().__init__()
        self.changes: dict[int, tuple[Tensor, Tensor]] = {}


_levels: list[_DualLevel] = []


class UnpackedDualTensor(NamedTuple):
    """A tensor without its tangent, and the tangent: None where there is none."""

    primal: Tensor
    tangent: Tensor | None


def is_active() -> bool:
    """Whether there is a level."""
    return bool(_levels)


def enter_dual_level() -> int:
    """Begins a level and returns its number. Raises RuntimeError within another one."""
    if _levels:
        raise RuntimeError("Nested forward mode AD is not supported at the moment")
    _levels.append(_DualLevel())
    mode.enabled = mode.dual = True
    return 0


def exit_dual_level(*, level: int | None = None) -> None:
    """Ends the level: tangents are gone. Raises RuntimeError where it is not the last that was begun."""
    if level is None and not _levels:
        raise RuntimeError("Dual level must be a positive number.")
    if level is not None and level != len(_levels) - 1:
        raise RuntimeError(
            "Trying to exit a forward AD level that was not the last one that was created. This is not supported."
        )
    mode.enabled, mode.dual = _levels.pop().outside, False


def make_dual(tensor: Tensor, tangent: Tensor, *, level: int | None = None) -> Tensor:
    """The tensor with a tangent. Raises RuntimeError without a level, for a tangent of another shape, and for a tensor
    that has one; ValueError for what is not floating point or complex."""
    if not _levels:
        raise RuntimeError(
            "Trying to create a dual Tensor for forward AD but no level exists, make sure to enter_dual_level() first."
        )
    for name, each in (("primal", tensor), ("tangent", tangent)):
        if not each.dtype.ir.is_differentiable:
            raise ValueError(f"Expected {name} to be floating point or complex, but got: {each.dtype}")
    if tensor.shape != tangent.shape:
        raise RuntimeError(
            "Trying to set a forward gradient that has a different size than that of the original Tensor, this is not "
            f"supported. Tensor is of size {list(tensor.shape)} while the given forward gradient is of size "
            f"{list(tangent.shape)}."
        )
    if _changes_behind(tensor):
        raise RuntimeError(
            "Making a dual Tensor based on a Tensor that already has a forward gradient at the same level 0 is not "
            "supported."
        )
    current = _levels[-1]
    change = zeros(tuple(tensor.shape), dtype=tensor.dtype, device=tensor.device, requires_grad=True)
    current.made.add(id(change))
    current.changes[id(change)] = change, tangent
    return call(_make_dual, (tensor, change))


def _changes_behind(tensor: Tensor) -> list[tuple[Tensor, Tensor]]:
    """The changes that a tensor was computed from, with their tangents."""
    if not tensor.requires_grad or tensor.is_leaf:
        return []
    with tape.lock:
        leaves = graph_of([tensor._read()[0]], tape.serial).leaves
    changes = _levels[-1].changes
    return [changes[each] for each in leaves if each in changes]


def unpack_dual(tensor: Tensor, *, level: int | None = None) -> UnpackedDualTensor:
    """The tensor without its tangent, and the tangent. Both have a history where gradients
    are collected behind them."""
    if not _levels:
        return UnpackedDualTensor(tensor, None)
    found = _changes_behind(tensor)
    if not found:
        return UnpackedDualTensor(tensor, None)
    current = _levels[-1]
    inputs, tangents = zip(*found, strict=True)
    (tangent,) = current.pushed((tensor,), inputs, tangents)
    primal = tensor.view_as(tensor)
    return UnpackedDualTensor(current.released(primal), None if tangent is None else current.released(tangent))


class dual_level:
    """A block, or a function, within a level."""

    def __enter__(self) -> int:
        return enter_dual_level()

    def __exit__(self, *error: object) -> None:
        exit_dual_level()

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def called(*arguments: Any, **options: Any) -> Any:
            with dual_level():
                return function(*arguments, **options)

        return called
