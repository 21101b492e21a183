"""Losses, one number an element or an example: the front ends choose how to sum or average them."""

from __future__ import annotations

from diptych.ir import Builder, Value

from .activations import shifted_exponentials, softplus
from .arithmetic import clip, scaled, square
from .constants import filled_like
from .own_gradients import with_gradient


def softmax_cross_entropy(b: Builder, logits: Value, labels: Value) -> Value:
    """-sum(labels * log(softmax(logits))) along the last axis: [..., classes] twice to [...].

    The gradient with respect to the logits is softmax(logits) - labels, as TensorFlow has it, even for labels that do
    not sum to 1: the last term below is 0 for labels that do, and otherwise corrects the value alone.
    """
    shifted, _, total = shifted_exponentials(b, logits, -1)
    last = (logits.rank - 1,)
    log_total = b.log(total)
    expected = b.reduce_sum(b.mul(labels, shifted), axes=last)
    mass = b.reduce_sum(labels, axes=last)
    excess = b.sub(mass, filled_like(b, 1, mass))
    return b.add(b.sub(log_total, expected), b.mul(excess, b.stop_gradient(log_total)))


def expected_cross_entropy(b: Builder, logits: Value, labels: Value) -> Value:
    """-sum(labels * log(softmax(logits))) along the last axis, with that formula's own gradient, as PyTorch has it:
    sum(labels) * softmax(logits) - labels."""
    shifted, _, total = shifted_exponentials(b, logits, -1)
    last = (logits.rank - 1,)
    mass = b.reduce_sum(labels, axes=last)
    return b.sub(b.mul(mass, b.log(total)), b.reduce_sum(b.mul(labels, shifted), axes=last))


def sparse_softmax_cross_entropy(b: Builder, logits: Value, labels: Value) -> Value:
    """-log(softmax(logits))[label] for integer labels: [..., classes] and [...] to [...].

    A label outside 0 ... classes - 1 is an error; a backend that cannot raise one, such as jax, takes the class nearest
    to it. The label's logit is picked by a comparison, not a gather, so that the gradient, softmax(logits) -
    onehot(labels), is elementwise.
    """
    shifted, _, total = shifted_exponentials(b, logits, -1)
    picked = b.select(class_mask(b, logits, labels), shifted, filled_like(b, 0, shifted))
    return b.sub(b.log(total), b.reduce_sum(picked, axes=(logits.rank - 1,)))


def class_mask(b: Builder, logits: Value, labels: Value) -> Value:
    """Whether an element of logits [..., classes] is the one that labels [...] name, as bool."""
    last = logits.rank - 1
    classes = b.iota(shape=(logits.shape[last],), axis=0, dtype=labels.dtype)
    checked = b.gather(classes, labels, axes=(0,))  # the label itself, or an error where there is no such class
    here = b.broadcast(checked, shape=logits.shape, axes=tuple(range(last)))
    return b.eq(b.broadcast(classes, shape=logits.shape, axes=(last,)), here)


def sigmoid_cross_entropy(b: Builder, logits: Value, labels: Value) -> Value:
    """-labels * log(sigmoid(logits)) - (1 - labels) * log(1 - sigmoid(logits)), elementwise, without overflow."""
    return b.sub(softplus(b, logits), b.mul(logits, labels))


def squared_error(b: Builder, prediction: Value, target: Value) -> Value:
    """(prediction - target)**2, elementwise."""
    return square(b, b.sub(prediction, target))


def absolute_error(b: Builder, prediction: Value, target: Value) -> Value:
    """|prediction - target|, elementwise."""
    return b.abs(b.sub(prediction, target))


def huber(b: Builder, prediction: Value, target: Value, delta: float = 1.0) -> Value:
    """Half the squared error up to `delta` away, linear beyond: delta * (|error| - delta / 2). The gradient is the
    error brought within `delta`, even an infinite one; the second is 0 at the joints, as in PyTorch."""

    def function(b: Builder, error: Value) -> Value:
        inside = clip(b, error, -delta, delta)
        return b.mul(inside, b.sub(error, scaled(b, inside, 0.5)))

    def gradient(b: Builder, ct: Value, out: Value, error: Value) -> Value:
        low, high = filled_like(b, -delta, error), filled_like(b, delta, error)
        pieces = b.select(b.le(error, low), low, b.select(b.ge(error, high), high, error))
        return b.mul(ct, b.graft(clip(b, error, -delta, delta), pieces))

    return with_gradient(b, function, gradient, b.sub(prediction, target))


def half_sum_of_squares(b: Builder, x: Value) -> Value:
    """sum(x**2) / 2 over all elements."""
    total = b.reduce_sum(square(b, x), axes=tuple(range(x.rank)))
    return b.mul(total, filled_like(b, 0.5, total))
