"""The same model written as a TensorFlow-1 graph and as a PyTorch program reaches the same optimised program, names and
the order of arguments aside."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import diptych.eager as torch
import diptych.static as tf
import numpy as np
import pytest
from diptych import backends
from diptych.eager import nn, optim
from diptych.ir import Function
from diptych.ir.canonical import canonical

F = nn.functional
BATCH = 6


@dataclass(frozen=True)
class Model:
    """A model both ways. `inputs` and `weights` are shapes, `labels` those of an integer input after them.

    `static` and `eager` give the loss from (inputs..., labels, weights...); `static_update` and `eager_update` make an
    optimizer.
    """

    name: str
    inputs: list[tuple[int, ...]]
    weights: list[tuple[int, ...]]
    static: Callable[..., Any]
    eager: Callable[..., Any]
    labels: tuple[int, ...] | None = None
    static_update: Callable[[], Any] = field(default=lambda: tf.train.GradientDescentOptimizer(0.1))
    eager_update: Callable[[Any], Any] = field(default=lambda weights: optim.SGD(weights, lr=0.1))


def sparse(logits: Any, labels: Any) -> Any:
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))


SOFTMAX: dict[str, Any] = {"inputs": [(BATCH, 5)], "labels": (BATCH,), "weights": [(5, 3), (3,)]}
MLP: dict[str, Any] = {"inputs": [(BATCH, 5)], "labels": (BATCH,), "weights": [(5, 4), (4,), (4, 3), (3,)]}

MODELS = [
    Model(
        "softmax regression",
        static=lambda x, t, w, b: sparse(tf.matmul(x, w) + b, t),
        eager=lambda x, t, w, b: F.cross_entropy(x @ w + b, t),
        **SOFTMAX,
    ),
    Model(
        "relu network",
        static=lambda x, t, w, b, v, c: sparse(tf.matmul(tf.nn.relu(tf.matmul(x, w) + b), v) + c, t),
        eager=lambda x, t, w, b, v, c: F.cross_entropy(torch.relu(x @ w + b) @ v + c, t),
        **MLP,
    ),
    Model(
        "tanh network",
        static=lambda x, t, w, b, v, c: sparse(tf.matmul(tf.tanh(tf.matmul(x, w) + b), v) + c, t),
        eager=lambda x, t, w, b, v, c: F.cross_entropy(torch.tanh(x @ w + b) @ v + c, t),
        **MLP,
    ),
    Model(
        "sigmoid network with momentum",
        static=lambda x, t, w, b, v, c: sparse(tf.matmul(tf.sigmoid(tf.matmul(x, w) + b), v) + c, t),
        eager=lambda x, t, w, b, v, c: F.cross_entropy(torch.sigmoid(x @ w + b) @ v + c, t),
        static_update=lambda: tf.train.MomentumOptimizer(0.1, 0.9),
        eager_update=lambda weights: optim.SGD(weights, lr=0.1, momentum=0.9),
        **MLP,
    ),
    Model(
        "softmax regression with momentum",
        static=lambda x, t, w, b: sparse(tf.matmul(x, w) + b, t),
        eager=lambda x, t, w, b: F.cross_entropy(x @ w + b, t),
        static_update=lambda: tf.train.MomentumOptimizer(0.05, 0.9),
        eager_update=lambda weights: optim.SGD(weights, lr=0.05, momentum=0.9),
        **SOFTMAX,
    ),
    Model(
        "linear regression",
        inputs=[(BATCH, 5), (BATCH, 1)],
        weights=[(5, 1), (1,)],
        static=lambda x, y, w, b: tf.reduce_mean(tf.square(tf.matmul(x, w) + b - y)),
        eager=lambda x, y, w, b: F.mse_loss(x @ w + b, y),
    ),
    Model(
        "logistic regression",
        inputs=[(BATCH, 5), (BATCH, 1)],
        weights=[(5, 1), (1,)],
        static=lambda x, y, w, b: tf.reduce_mean(tf.square(tf.sigmoid(tf.matmul(x, w) + b) - y)),
        eager=lambda x, y, w, b: F.mse_loss(torch.sigmoid(x @ w + b), y),
    ),
    Model(
        "autoencoder",
        inputs=[(BATCH, 5)],
        weights=[(5, 2), (2, 5)],
        static=lambda x, w, v: tf.reduce_mean(tf.square(tf.matmul(tf.nn.relu(tf.matmul(x, w)), v) - x)),
        eager=lambda x, w, v: F.mse_loss(torch.relu(x @ w) @ v, x),
    ),
    Model(
        "weight decay written out",
        static=lambda x, t, w, b: sparse(tf.matmul(x, w) + b, t) + 0.01 * tf.reduce_sum(tf.square(w)),
        eager=lambda x, t, w, b: F.cross_entropy(x @ w + b, t) + 0.01 * torch.sum(torch.square(w)),
        **SOFTMAX,
    ),
    Model(
        "attention",
        inputs=[(BATCH, 4)],
        weights=[(4, 4), (4, 4), (4, 4)],
        static=lambda x, q, k, v: tf.reduce_sum(
            tf.matmul(tf.nn.softmax(tf.matmul(tf.matmul(x, q), tf.transpose(tf.matmul(x, k)))), tf.matmul(x, v))
        ),
        eager=lambda x, q, k, v: torch.sum(torch.softmax((x @ q) @ (x @ k).t(), dim=-1) @ (x @ v)),
    ),
    Model(
        "gates",
        inputs=[(BATCH, 4), (BATCH, 3)],
        weights=[(4, 3), (4, 3)],
        static=lambda x, y, w, v: tf.reduce_mean(tf.square(tf.sigmoid(tf.matmul(x, w)) * tf.tanh(tf.matmul(x, v)) - y)),
        eager=lambda x, y, w, v: F.mse_loss(torch.sigmoid(x @ w) * torch.tanh(x @ v), y),
    ),
    Model(
        "normalised rows",
        inputs=[(BATCH, 4)],
        weights=[(4, 4)],
        static=lambda x, w: tf.reduce_sum(tf.exp(-tf.square(tf.matmul(x, w))) / (1.0 + tf.square(tf.matmul(x, w)))),
        eager=lambda x, w: torch.sum(torch.exp(-torch.square(x @ w)) / (1.0 + torch.square(x @ w))),
    ),
    Model(
        "log-sum-exp",
        inputs=[(BATCH, 5)],
        weights=[(5, 3)],
        static=lambda x, w: tf.reduce_mean(tf.reduce_logsumexp(tf.matmul(x, w), 1)),
        eager=lambda x, w: torch.mean(torch.logsumexp(x @ w, 1)),
    ),
    Model(
        "three layers",
        inputs=[(BATCH, 5)],
        labels=(BATCH,),
        weights=[(5, 4), (4, 4), (4, 3)],
        static=lambda x, t, w, v, u: sparse(tf.matmul(tf.tanh(tf.matmul(tf.nn.relu(tf.matmul(x, w)), v)), u), t),
        eager=lambda x, t, w, v, u: F.cross_entropy(torch.tanh(torch.relu(x @ w) @ v) @ u, t),
    ),
]


def arrays(shapes: Iterable[tuple[int, ...]]) -> list[np.ndarray]:
    random = np.random.default_rng(0)
    return [random.standard_normal(shape).astype(np.float32) for shape in shapes]


def static_step(model: Model) -> Function:
    """The third step of the graph, as the backend runs it."""
    with tf.Graph().as_default(), tf.Session() as session:
        feeds: dict[Any, np.ndarray] = {}
        for array in arrays(model.inputs):
            feeds[tf.placeholder(tf.float32, array.shape)] = array
        if model.labels is not None:
            feeds[tf.placeholder(tf.int64, model.labels)] = np.arange(BATCH) % 3
        variables = [tf.Variable(array) for array in arrays(model.weights)]
        loss = model.static(*feeds, *variables)
        update = model.static_update().minimize(loss)
        session.run(tf.global_variables_initializer())
        with backends.captured() as ran:
            for _ in range(3):
                session.run([loss, update], feeds)
    return list(ran)[-1].optimised


def eager_step(model: Model) -> Function:
    """The third step of the loop, as the backend runs it."""
    inputs = [torch.tensor(array) for array in arrays(model.inputs)]
    if model.labels is not None:
        inputs.append(torch.tensor(np.arange(BATCH) % 3))
    weights = [nn.Parameter(torch.tensor(array)) for array in arrays(model.weights)]
    optimizer = model.eager_update(weights)
    with backends.captured() as ran:
        for _ in range(3):
            loss = model.eager(*inputs, *weights)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
    return list(ran)[-1].optimised


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_both_front_ends_reach_one_program(model: Model) -> None:
    static, eager = canonical(static_step(model)), canonical(eager_step(model))
    assert static.fingerprint == eager.fingerprint, f"{static}\n{eager}"


def test_there_are_twelve_models() -> None:
    assert len(MODELS) >= 12
    assert len({canonical(eager_step(model)).fingerprint for model in MODELS}) == len(MODELS)
