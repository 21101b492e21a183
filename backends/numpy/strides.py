"""How values lie in memory, known before there is any: which reshapes must copy, and which operands of products."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from diptych.ir import Equation, Function, Value, ops
from diptych.passes.aliasing import SAME, VIEWS
from numpy.lib.stride_tricks import as_strided

from .contraction import stacks

_BYTE = np.empty(1, np.int8)


class Strides:
    """Of the values of a function, as arrays of bytes that nobody reads. Its parameters lie as `given` says; by default
    they are contiguous."""

    def __init__(self, function: Function, given: Sequence[np.ndarray] | None = None) -> None:
        parameters = [_contiguous(parameter) for parameter in function.parameters] if given is None else given
        self._shown = dict(zip(function.parameters, parameters, strict=True))
        self.copies: set[Value] = set()  # reshapes that are not views
        for equation in function.equations:
            if equation.op in VIEWS:
                self._shown[equation.results[0]] = self._view(equation)
            else:
                self._shown.update((result, _contiguous(result)) for result in equation.results)

    def parts(self, equation: Equation, body: Function) -> list[np.ndarray]:
        """How a part of each operand of a parallel equation lies, as `body` takes it."""
        axes: Sequence[int] = equation.attributes["operand_axes"]
        return [
            self._shown[operand] if axis == -1
            else self._shown[operand][(*(slice(None),) * axis, slice(parameter.type.static_shape()[axis]))]
            for operand, parameter, axis in zip(equation.operands, body.parameters, axes, strict=True)
        ]  # fmt: skip

    def copied(self, product: Equation) -> int:
        """Bytes of those operands of a matrix product that are copied to become stacks of matrices."""
        return sum(
            operand.type.bytes()
            for operand, (order, shape) in zip(product.operands, stacks(product), strict=True)
            if not _can_show(self._shown[operand].transpose(order), shape)
        )

    def _view(self, equation: Equation) -> np.ndarray:
        op, attributes = equation.op, equation.attributes
        x, (result,) = self._shown[equation.operands[0]], equation.results
        shape = result.type.static_shape()
        if op in SAME:
            return x
        if op is ops.transpose:
            return x.transpose(attributes["permutation"])
        if op is ops.broadcast:
            sizes = [1] * len(shape)
            for axis, size in zip(attributes["axes"], x.shape, strict=True):
                sizes[axis] = size
            return np.broadcast_to(x.reshape(sizes), shape)
        if op is ops.slice:
            places = zip(attributes["start"], attributes["limit"], attributes["stride"], strict=True)
            return x[(..., *(slice(int(start), int(limit), step) for start, limit, step in places))]
        if op is ops.reverse:
            return x[(..., *(slice(None, None, -1 if axis in attributes["axes"] else 1) for axis in range(x.ndim)))]
        if _can_show(x, shape):
            return x.reshape(shape)
        self.copies.add(result)
        return _contiguous(result)


def _contiguous(value: Value) -> np.ndarray:
    """An array of the shape, of bytes side by side, of which there is but one."""
    shape, strides = value.type.static_shape(), list[int]()
    step = 1
    for size in reversed(shape):
        strides.append(step)
        step *= max(size, 1)
    return as_strided(_BYTE, shape, strides[::-1])


def _can_show(x: np.ndarray, shape: tuple[int, ...]) -> bool:
    """Whether x can be seen in another shape without copying it."""
    try:
        x.reshape(shape, copy=False)
    except ValueError:
        return False
    return True
