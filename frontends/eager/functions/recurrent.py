"""Recurrent layers: whole stacks of them, both ways and over packed sequences, as one call; and single cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from diptych.functions import arrays, recurrence
from diptych.functions.constants import filled, filled_like
from diptych.functions.recurrence import Weights
from diptych.ir import Builder, Value

from ..device import device
from ..dtypes import of_ir
from ..tapes.operation import operation
from ..tapes.recording import call
from ..tensors.data import from_array
from ..tensors.tensor import Tensor
from . import dropouts
from .joining import cat


@dataclass(frozen=True, slots=True)
class Stack:
    """What is computed: `layers` of a mode, each in `directions`, from the layer numbered `first` on. `outside` says of
    the states at the start, of those of the biases, and of a packed sequence's places whether they are given."""

    mode: str
    layers: int
    directions: int
    state_size: int
    out_size: int
    batch_first: bool
    has_state: bool
    has_bias: bool
    is_packed: bool
    first: int = 0

    @property
    def states(self) -> int:
        """How many tensors the state is."""
        return 2 if self.mode == "LSTM" else 1

    @property
    def weights(self) -> int:
        """How many tensors a direction of a layer has."""
        return 2 + 2 * self.has_bias + (self.state_size != self.out_size)


# -- operations: what is written as equations ----


@operation
def _stack(b: Builder, x: Value, *rest: Any) -> tuple[Value, ...]:
    """(outputs, last states). `rest`: the states at the start, the weights, the places of a packed sequence in its
    padded form and the other way round, and what the stack is."""
    *values, stack = rest
    given = iter(values)
    starts = [next(given) for _ in range(stack.states)] if stack.has_state else []
    count = stack.layers * stack.directions
    weights = [_weights(stack, [next(given) for _ in range(stack.weights)]) for _ in range(count)]
    mask = packed_places = None
    if stack.is_packed:
        places, packed_places = given
        mask = b.ge(places, filled_like(b, 0, places))
        x = b.gather(x, b.max(places, filled_like(b, 0, places)), axes=(0,))
    elif stack.batch_first:
        x = b.transpose(x, permutation=(1, 0, 2))
    _check_sequence(x, starts)
    if not starts:
        starts = [_zeros(b, stack, x, size) for size in (stack.out_size, stack.state_size)[: stack.states]]
    finals: list[list[Value]] = [[] for _ in starts]
    for number in range(stack.layers):
        found: list[Value] = []
        for direction in range(stack.directions):
            place = number * stack.directions + direction
            start = [_row(b, state, stack.first * stack.directions + place) for state in starts]
            outputs, last = recurrence.layer(b, stack.mode, x, start, weights[place], reverse=direction == 1, mask=mask)
            found.append(outputs)
            for states, state in zip(finals, last, strict=True):
                states.append(state)
        x = found[0] if len(found) == 1 else b.concatenate(*found, axis=2)
    if packed_places is not None:
        flat = b.reshape(x, shape=(x.shape[0] * x.shape[1], x.shape[2]))
        x = b.gather(flat, packed_places, axes=(0,))
    elif stack.batch_first:
        x = b.transpose(x, permutation=(1, 0, 2))
    return x, *(arrays.stack(b, states) for states in finals)


def _weights(stack: Stack, values: list[Value]) -> Weights:
    projection = values.pop() if stack.state_size != stack.out_size else None
    return Weights(*values, *(() if stack.has_bias else (None, None)), projection)


def _check_sequence(x: Value, starts: list[Value]) -> None:
    if not x.shape[0]:
        raise RuntimeError("Expected sequence length to be larger than 0 in RNN")
    for start in starts:
        if start.dtype is not x.dtype:
            raise RuntimeError(
                "Input and hidden tensors are not the same dtype, found input tensor with "
                f"{of_ir(x.dtype).scalar} and hidden tensor with {of_ir(start.dtype).scalar}"
            )


def _zeros(b: Builder, stack: Stack, x: Value, size: int) -> Value:
    return filled(b, 0, ((stack.first + stack.layers) * stack.directions, x.shape[1], size), x.dtype)


def _row(b: Builder, x: Value, place: int) -> Value:
    rest = tuple(x.shape[1:])
    row = b.slice(x, start=(place, 0, 0), limit=(place + 1, *rest), stride=(1, 1, 1))
    return b.reshape(row, shape=rest)


@operation
def _cell(b: Builder, x: Value, *rest: Any) -> tuple[Value, ...]:
    """The state after x [batch, in]. `rest`: the state before, if any, the weights, their biases, and the mode."""
    *values, has_state, mode = rest
    count = (2 if mode == "LSTM" else 1) if has_state else 0
    starts, weights = values[:count], Weights(*values[count:])
    _check_cell(mode, x, weights, starts)
    if not starts:
        shape = (x.shape[0], weights.hidden.shape[1])
        starts = [filled(b, 0, shape, x.dtype)] * (2 if mode == "LSTM" else 1)
    part = recurrence.input_part(b, mode, x, weights)
    bias = weights.hidden_bias if mode == "GRU" else None
    return tuple(recurrence.step(b, mode, part, starts, weights.hidden, bias, None))


def _check_cell(mode: str, x: Value, weights: Weights, starts: Sequence[Value]) -> None:
    wanted = int(weights.input.shape[1])
    if x.shape[1] != wanted:
        raise RuntimeError(f"input has inconsistent input_size: got {x.shape[1]} expected {wanted}")
    size = int(weights.hidden.shape[1])
    for place, start in enumerate(starts):
        if start.shape[0] != x.shape[0]:
            raise RuntimeError(f"Input batch size {x.shape[0]} doesn't match hidden{place} batch size {start.shape[0]}")
        if start.shape[1] != size:
            raise RuntimeError(f"hidden{place} has inconsistent hidden_size: got {start.shape[1]}, expected {size}")
    if weights.input.dtype is not x.dtype:
        names = of_ir(x.dtype), of_ir(weights.input.dtype)
        raise RuntimeError(f"mat1 and mat2 must have the same dtype, but got {names[0].scalar} and {names[1].scalar}")


# -- what modules call ----


def run(
    x: Tensor,
    states: Sequence[Tensor],
    weights: Sequence[Tensor],
    stack: Stack,
    dropout: float = 0.0,
    batch_sizes: Tensor | None = None,
) -> tuple[Tensor, ...]:
    """(outputs, last states [layers * directions, batch, size]) of a stack over x: [time, batch, in], or [batch, time,
    in] where `batch_first`, or packed with `batch_sizes`; with `dropout` between the layers."""
    places = () if batch_sizes is None else _places(batch_sizes, x.device)
    if not dropout or stack.layers == 1:
        return call(_stack, (x, *states, *weights, *places), (stack,))
    finals: list[Sequence[Tensor]] = []
    for number in range(stack.layers):
        one = Stack(
            stack.mode, 1, stack.directions, stack.state_size, stack.out_size, stack.batch_first, stack.has_state,
            stack.has_bias, stack.is_packed, number,
        )  # fmt: skip
        width = stack.weights * stack.directions
        own = weights[number * width : (number + 1) * width]
        x, *last = call(_stack, (x, *states, *own, *places), (one,))
        finals.append(last)
        if number < stack.layers - 1:
            x = dropouts.dropout(x, dropout)
    return x, *(cat(each) for each in zip(*finals, strict=True))


def _places(batch_sizes: Tensor, place: device) -> tuple[Tensor, Tensor]:
    """For [time, batch] the place in the packed sequence, -1 where there is none; and for each element of the packed
    sequence its place in the padded one made flat."""
    sizes = np.asarray(batch_sizes._array())
    batch = int(sizes[0])
    is_there = np.arange(batch)[None, :] < sizes[:, None]
    flat = np.flatnonzero(is_there)
    places = np.full(is_there.size, -1, np.int64)
    places[flat] = np.arange(flat.size)
    return from_array(places.reshape(is_there.shape), place), from_array(flat.astype(np.int64), place)


def cell(mode: str, x: Tensor, states: Sequence[Tensor], weights: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """The state of a cell after x [batch, in]: `states` are those before, none for zeros; `weights` is the input's and
    the hidden one, then their biases, if any."""
    return call(_cell, (x, *states, *weights), (bool(states), mode))
