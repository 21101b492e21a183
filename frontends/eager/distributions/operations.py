"""Draws of distributions, from the stream of the default generator."""

from __future__ import annotations

from typing import Any

import numpy as np
from diptych.functions import distributions as drawing
from diptych.functions import random
from diptych.functions.constants import scalar
from diptych.ir import Builder, DType, Value, dtypes

from ..random import default_generator
from ..tapes.operation import operation
from ..tapes.recording import call
from ..tapes.tape import tape
from ..tensors.moving import moved
from ..tensors.tensor import Tensor


def _drawn(operation: Any, operands: tuple[Tensor, ...], words: int, attributes: tuple[Any, ...]) -> Tensor:
    """Records a draw that uses at most `words` counts of the stream."""
    with tape.lock:
        key, counter, offset = default_generator.take(words, operands)
        return call(operation, (key, counter, *operands), (offset, *attributes))


def _at(b: Builder, counter: Value, offset: int) -> Value:
    return b.add(counter, scalar(b, offset, dtypes.u64)) if offset else counter


def _size(shape: tuple[int, ...]) -> int:
    return int(np.prod(shape, dtype=np.int64)) + 1


@operation
def standard_gamma(b: Builder, key: Value, counter: Value, alpha: Value, offset: int) -> Value:
    drawn, _ = drawing.gamma(b, key, _at(b, counter, offset), alpha.shape, b.stop_gradient(alpha))
    return drawing.with_gamma_gradient(b, drawn, alpha)


def gamma_draws(alpha: Tensor) -> Tensor:
    """Numbers of the gamma distribution with shapes alpha and rate 1, with a gradient by them."""
    return _drawn(standard_gamma, (alpha,), _size(tuple(alpha.shape)) * (2 * drawing.TRIALS + 1) * 4, ())


@operation
def _poisson(b: Builder, key: Value, counter: Value, rate: Value, offset: int) -> Value:
    return b.cast(drawing.poisson(b, key, _at(b, counter, offset), rate.shape, rate)[0], dtype=rate.dtype)


def poisson_draws(rate: Tensor) -> Tensor:
    """Counts of the Poisson distribution with these rates."""
    return _drawn(_poisson, (rate.detach(),), _size(tuple(rate.shape)) * (2 * drawing.TRIALS + 1) * 4, ())


@operation
def _uniform(b: Builder, key: Value, counter: Value, offset: int, shape: tuple[int, ...], target: DType) -> Value:
    return random.uniform(b, key, _at(b, counter, offset), shape, target)[0]


def uniform_draws(shape: tuple[int, ...], like: Tensor) -> Tensor:
    """Numbers in [0, 1)."""
    return moved(_drawn(_uniform, (), _size(shape) * 2, (shape, like.dtype.ir)), like.device)


@operation
def _classes(b: Builder, key: Value, counter: Value, logits: Value, offset: int, samples: int) -> Value:
    return drawing.categorical(b, key, _at(b, counter, offset), logits, samples, dtypes.i64)[0]


def class_draws(logits: Tensor, samples: int) -> Tensor:
    """Classes [batch, samples], drawn with probabilities softmax(logits [batch, classes])."""
    return _drawn(_classes, (logits.detach(),), _size((logits.shape[0], samples)) * 2, (samples,))
