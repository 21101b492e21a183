"""Tensors on other devices. Arrays stay where the backend computes: what changes is which tensors theirs goes with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diptych.ir import Builder, Value

from ..device import device
from ..tapes.lazy import Kind
from ..tapes.operation import Operation
from ..tapes.recording import call
from .tensor import Tensor


class _Moving(Operation):
    """An operation whose results lie where its attribute says."""

    __slots__ = ()

    def place(self, kinds: Sequence[Kind], attributes: tuple[Any, ...]) -> device:
        """The attribute."""
        return attributes[0]


@_Moving
def _move(b: Builder, x: Value, place: device) -> Value:
    return b.identity(x)


def moved(x: Tensor, place: device) -> Tensor:
    """x on a device that `place_of` gave; itself where it is there. Gradients flow back to where x is."""
    return x if x.device is place else call(_move, (x,), (place,))
