"""Where an operation is lowered: the builder, the state of variables, and what is known of values.

Lowering functions get a `Site` as their first argument, called `at`. The graph lowers an operation alone to infer its
shapes (`inference.py`), a session lowers all that a run needs (`running/lowering.py`); the functions see no difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from diptych.ir import Builder, Dim, Dimension, DType, Shape, TypeRuleError, Unsupported, Value

from ...functions.broadcasting import BroadcastError
from .knowledge import Knowledge
from .shapes import runtime_text

if TYPE_CHECKING:
    from .operation import Operation


class Refusal(TypeRuleError):
    """What an operation refuses, in TensorFlow's words; the graph adds the operation, its inputs and the line.

    `in_run` are the words where a run meets it, which knows shapes that the graph did not; "{name}" in them stands for
    the operation's name.
    """

    def __init__(self, message: str, in_run: str | None = None) -> None:
        super().__init__(message)
        self.in_run = message if in_run is None else in_run


def require_rank(shape: Sequence[Any] | None, rank: int, in_run: str | None = None, *, at_least: bool = False) -> None:
    """Raises Refusal where a shape has another rank, or with `at_least` a lower one; None has any rank."""
    if shape is None or len(shape) == rank or (at_least and len(shape) > rank):
        return
    wanted = f"at least rank {rank}" if at_least else f"rank {rank}"
    raise Refusal(f"Shape must be {wanted} but is rank {len(shape)}", in_run)


def known_shape(value: Value) -> tuple[int, ...]:
    """The shape of a value where all sizes are numbers. Raises UnknownValue."""
    if any(isinstance(size, Dimension) for size in value.shape):
        raise UnknownValue(value)
    return value.type.static_shape()


class UnknownValue(Exception):
    """A lowering needs the elements of a value that only a run will know. `value` is that value."""

    def __init__(self, value: Value) -> None:
        super().__init__("the elements of a value are needed but not known")
        self.value = value


class Site:
    """What a lowering function may ask for. Subclasses say how variables are read and written."""

    b: Builder
    knowledge: Knowledge
    may_measure = True  # whether `measured` may ask for what a run must compute first, at no great cost

    # -- elements that shapes and the like are made of ----

    def known(self, value: Value) -> np.ndarray[Any, Any]:
        """The elements of `value`: numbers, or in an array of objects also named dimensions while shapes are inferred.

        What a run feeds counts as known, and the program is then one for these very elements: for sizes and axes only.
        Raises UnknownValue where they depend on what a run computes.
        """
        found = self.knowledge.of(value)
        if found is None:
            raise UnknownValue(value)
        return found

    def elements(self, value: Value) -> list[Dim]:
        """The elements of a small integer value as far as they are known without what a run feeds; names for others."""
        found = self.knowledge.of(value)
        if found is None:
            raise UnknownValue(value)
        return [_dim(item) for item in found.reshape(-1).tolist()]

    def sizes(self, value: Value) -> list[Dim]:
        """The elements of a vector, or the one of a scalar, as sizes: numbers, or names while shapes are inferred.
        Raises UnknownValue."""
        return [_dim(item) for item in self.known(value).reshape(-1).tolist()]

    def integers(self, value: Value) -> list[int]:
        """As `sizes`, all of them numbers. Raises UnknownValue."""
        sizes = self.sizes(value)
        if any(isinstance(size, Dimension) for size in sizes):
            raise UnknownValue(value)
        return sizes

    def integer(self, value: Value) -> int:
        """The one element of a scalar, or of a vector of one. Raises UnknownValue, Refusal."""
        if value.shape != (1,):
            require_rank(value.shape, 0)
        return self.integers(value)[0]

    def size(self, value: Value) -> Dim:
        """The one element of a scalar as a size. Raises UnknownValue, and Refusal for another shape."""
        require_rank(value.shape, 0)
        return self.sizes(value)[0]

    def vector(self, value: Value, in_run: str | None = None) -> list[Dim]:
        """As `sizes`, of a vector. Raises UnknownValue, and Refusal for another shape."""
        require_rank(value.shape, 1, in_run)
        return self.sizes(value)

    def shape(self, value: Value) -> list[Dim]:
        """The sizes in a vector, as the shape of a result. Raises UnknownValue, and Refusal for what is no shape."""
        sizes = self.vector(value, f"dims must represent a vector, got shape {runtime_text(value.shape)}")
        for size in sizes:
            if isinstance(size, int) and size < 0:
                raise Refusal(f"Fill dimensions must be >= 0, got {size}", f"Dimension {size} must be >= 0")
        return sizes

    def measured(self, value: Value) -> np.ndarray[Any, Any]:
        """The elements of a few integers that this operation computes of its operands, such as how many rows it picks.

        A run computes them first, and is then compiled for them; what they are made of may be as large as it likes.
        Raises UnknownValue while shapes are inferred, unless they are known.
        """
        return self.known(value)

    def wants(self, output: int) -> bool:
        """Whether an output of this operation is used: one that is costly may be left out where it is not."""
        return True

    # -- state ----

    def read(self, slot: Operation) -> Value:
        """The present value of a variable. Raises FailedPreconditionError where it has none."""
        raise NotImplementedError

    def write(self, slot: Operation, value: Value) -> None:
        """Gives a variable a new value; no gradient flows through it."""
        raise NotImplementedError

    def is_initialized(self, slot: Operation) -> bool:
        """Whether a variable has a value at this point."""
        raise NotImplementedError

    def random(self, shape: Shape, dtype: DType, draw: Any, seed: tuple[int, int]) -> Value:
        """draw(b, key, counter, shape, dtype) from this operation's own stream, which goes on in the next run."""
        raise NotImplementedError

    # -- errors ----

    def check(self, condition: Value, message: str) -> None:
        """Makes a run raise InvalidArgumentError with `message` where the scalar `condition` does not hold."""

    def unsupported(self, what: str, works: str) -> Unsupported:
        """The error for a thing that TensorFlow does and diptych does not; `works` names the nearest that does."""
        return Unsupported(f"{what} is not supported", location=self.b.location, hint=works)


def _dim(item: Any) -> Dim:
    if isinstance(item, Dimension):
        return item
    if isinstance(item, float) and item != int(item):
        raise Refusal(f"Expected an integer, got {item}")
    return int(item)


def graph_message(error: TypeRuleError) -> str:
    """The words of TensorFlow for what a type rule or a lowering refuses while the graph is built."""
    if isinstance(error, BroadcastError):
        return f"Dimensions must be equal, but are {error.left} and {error.right}"
    return error.message


def run_message(error: TypeRuleError, operands: Sequence[Any]) -> str:
    """The words of TensorFlow for the same in a run."""
    if isinstance(error, BroadcastError) and len(operands) == 2:
        left, right = (runtime_text(operand.shape) for operand in operands)
        return f"Incompatible shapes: {left} vs. {right}"
    return error.in_run if isinstance(error, Refusal) else error.message
