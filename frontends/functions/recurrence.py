"""Recurrent layers as scans: a round for each place of a sequence, whose inputs' part of the gates is known before.

Gates stand in PyTorch's order: input, forget, cell and output of an LSTM (Hochreiter and Schmidhuber, 1997), reset,
update and new of a GRU (Cho et al., 2014).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from diptych.ir import Builder, Value

from .activations import relu
from .arrays import split
from .broadcasting import broadcast_to

GATES = {"LSTM": 4, "GRU": 3, "RNN_TANH": 1, "RNN_RELU": 1}  # of a mode: how many times as wide as the state


@dataclass(frozen=True, slots=True)
class Weights:
    """Of one direction of one layer: `input` [gates, in], `hidden` [gates, out], their biases [gates], and `projection`
    [out, state], which an LSTM may have."""

    input: Value
    hidden: Value
    input_bias: Value | None = None
    hidden_bias: Value | None = None
    projection: Value | None = None


def times_transposed(b: Builder, x: Value, weight: Value) -> Value:
    """x [..., in] @ weight [out, in] transposed."""
    return b.matmul(x, weight, lhs_contract=(x.rank - 1,), rhs_contract=(1,))


def input_part(b: Builder, mode: str, x: Value, weights: Weights) -> Value:
    """What x [..., in] adds to the gates, with all biases that can be added before the rounds."""
    part = times_transposed(b, x, weights.input)
    if weights.input_bias is None or weights.hidden_bias is None:
        return part
    bias = weights.input_bias if mode == "GRU" else b.add(weights.input_bias, weights.hidden_bias)
    return b.add(part, broadcast_to(b, bias, part.shape))


def step(
    b: Builder, mode: str, part: Value, state: Sequence[Value], hidden: Value, bias: Value | None,
    projection: Value | None,
) -> list[Value]:  # fmt: skip
    """The state after one round: [batch, out], and of an LSTM its cells [batch, state]. `part` is what `input_part`
    says, `bias` the hidden one of a GRU."""
    old = state[0]
    turned = times_transposed(b, old, hidden)
    if mode == "GRU":
        return [_gru(b, part, turned if bias is None else b.add(turned, broadcast_to(b, bias, turned.shape)), old)]
    gates = b.add(part, turned)
    if mode != "LSTM":
        return [b.tanh(gates) if mode == "RNN_TANH" else relu(b, gates)]
    enter, forget, fresh, leave = _chunks(b, gates, 4)
    cell = b.add(b.mul(b.logistic(forget), state[1]), b.mul(b.logistic(enter), b.tanh(fresh)))
    found = b.mul(b.logistic(leave), b.tanh(cell))
    return [found if projection is None else times_transposed(b, found, projection), cell]


def _chunks(b: Builder, x: Value, count: int) -> tuple[Value, ...]:
    width = int(x.shape[-1]) // count
    return split(b, x, [width] * count, x.rank - 1)


def _gru(b: Builder, part: Value, turned: Value, old: Value) -> Value:
    reset, update, fresh = _chunks(b, part, 3)
    turned_reset, turned_update, turned_fresh = _chunks(b, turned, 3)
    reset = b.logistic(b.add(reset, turned_reset))
    update = b.logistic(b.add(update, turned_update))
    fresh = b.tanh(b.add(fresh, b.mul(reset, turned_fresh)))
    return b.add(fresh, b.mul(update, b.sub(old, fresh)))


def layer(
    b: Builder, mode: str, x: Value, start: Sequence[Value], weights: Weights, *, reverse: bool = False,
    mask: Value | None = None,
) -> tuple[Value, list[Value]]:  # fmt: skip
    """(outputs [time, batch, out], last state) of one direction over x [time, batch, in]; where `mask` [time, batch]
    does not hold, the state stays as it is."""
    part = input_part(b, mode, x, weights)
    bias = weights.hidden_bias if mode == "GRU" else None
    extras = [bias, weights.projection]
    constants = [weights.hidden, *(extra for extra in extras if extra is not None)]
    sequences = [part] if mask is None else [part, mask]
    body = b.nested("round")
    inner = [body.parameter(value.type) for value in (*constants, *start)]
    slices = [body.parameter(value.type.with_shape(value.shape[1:])) for value in sequences]
    given = iter(inner[1 : len(constants)])
    bias, projection = (None if extra is None else next(given) for extra in extras)
    state = inner[len(constants) :]
    following = step(body, mode, slices[0], state, inner[0], bias, projection)
    if mask is not None:
        following = [
            body.select(body.broadcast(slices[1], shape=new.shape, axes=(0,)), new, old)
            for new, old in zip(following, state, strict=True)
        ]
    found = b.scan(
        *constants, *start, *sequences, body=body.finish([*following, following[0]]), length=x.shape[0],
        constants=len(constants), carries=len(start), reverse=reverse,
    )  # fmt: skip
    return found[-1], list(found[:-1])
