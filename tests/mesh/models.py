"""A small GPT and a small network of convolutions, by both front ends: 20 steps of training each, on any mesh."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import diptych.eager as torch
import diptych.static as tf
import numpy as np
from diptych.backends import captured
from diptych.eager import nn

STEPS = 20
WORDS, LENGTH, WIDTH, HEADS, LAYERS, BATCH = 32, 8, 32, 8, 2, 16

# Megatron's way: the first product of a pair is split by its results, the second one by what it adds up.
EAGER_GPT = {
    r".*\.(query|key|value|up)\.weight": ("model", None),
    r".*\.(query|key|value|up)\.bias": ("model",),
    r".*\.(out|down)\.weight": (None, "model"),
    r"head\.weight": ("model", None),
}
STATIC_GPT = {
    r".*/(query|key|value|up)/kernel": (None, "model"),
    r".*/(query|key|value|up)/bias": ("model",),
    r".*/(out|down)/kernel": ("model", None),
    r"head/kernel": (None, "model"),
}
EAGER_CNN = {r"first\.weight": ("model",), r"first\.bias": ("model",), r"second\.weight": (None, "model")}
STATIC_CNN = {
    r"first/kernel": (None, None, None, "model"),
    r"first/bias": ("model",),
    r"second/kernel": (None, None, "model"),
}


def texts() -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Batches of words, and the ones that come next."""
    random = np.random.default_rng(0)
    for _ in range(STEPS):
        words = random.integers(0, WORDS, (BATCH, LENGTH + 1))
        yield words[:, :-1], words[:, 1:]


def images() -> Iterator[tuple[np.ndarray, np.ndarray]]:
    random = np.random.default_rng(1)
    for _ in range(STEPS):
        yield random.standard_normal((BATCH, 8, 8, 3)).astype(np.float32), random.integers(0, 10, BATCH)


# -- eager ----


class Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value, self.out = (nn.Linear(WIDTH, WIDTH) for _ in range(4))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        q, k, v = (
            each(x).reshape(-1, LENGTH, HEADS, WIDTH // HEADS).transpose(1, 2)
            for each in (self.query, self.key, self.value)
        )
        found = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.out(found.transpose(1, 2).reshape(-1, LENGTH, WIDTH))


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attention, self.up, self.down = Attention(), nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)
        self.before, self.between = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.attention(self.before(x))
        return x + self.down(nn.functional.gelu(self.up(self.between(x))))


class GPT(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.words, self.places = nn.Embedding(WORDS, WIDTH), nn.Parameter(torch.zeros(LENGTH, WIDTH))
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        self.norm, self.head = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, WORDS, bias=False)

    def forward(self, words: torch.Tensor) -> torch.Tensor:
        x = self.words(words) + self.places
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


class CNN(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.head = (
            nn.Conv2d(3, 16, 3, padding=1),
            nn.Conv2d(16, 16, 3, stride=2),
            nn.Linear(16 * 9, 10),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.second(torch.relu(self.first(x.permute(0, 3, 1, 2)))))
        return self.head(x.flatten(1))


def eager(model: str, mesh: AbstractContextManager[Any]) -> dict[str, Any]:
    torch.manual_seed(0)
    net = GPT() if model == "gpt" else CNN()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    losses: list[float] = []
    with mesh, captured() as programs:
        for given, wanted in texts() if model == "gpt" else images():
            found = net(torch.from_numpy(given))
            loss = nn.functional.cross_entropy(found.reshape(-1, found.shape[-1]), torch.from_numpy(wanted).reshape(-1))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        tensors = dict(net.named_parameters())
        kept = {
            f"{name}.{key}": value
            for name, parameter in tensors.items()
            for key, value in optimizer.state[parameter].items()
        }
        state = {name: each._array() for name, each in (tensors | kept).items()}
        return described(losses, state, list(programs)[-1])


# -- static ----


def _attention(x: tf.Tensor) -> tf.Tensor:
    def split(name: str) -> tf.Tensor:
        return tf.transpose(
            tf.reshape(tf.layers.dense(x, WIDTH, name=name), [-1, LENGTH, HEADS, WIDTH // HEADS]), [0, 2, 1, 3]
        )

    q, k, v = (split(name) for name in ("query", "key", "value"))
    scores = tf.matmul(q, k, transpose_b=True) / (WIDTH // HEADS) ** 0.5
    hidden = 1.0 - tf.linalg.band_part(tf.ones([LENGTH, LENGTH]), -1, 0)
    found = tf.matmul(tf.nn.softmax(scores - 1e9 * hidden), v)
    return tf.layers.dense(tf.reshape(tf.transpose(found, [0, 2, 1, 3]), [-1, LENGTH, WIDTH]), WIDTH, name="out")


def _norm(x: tf.Tensor) -> tf.Tensor:
    mean, variance = tf.nn.moments(x, [-1], keep_dims=True)
    return (x - mean) * tf.rsqrt(variance + 1e-5)


def _gpt(words: tf.Tensor) -> tf.Tensor:
    x = tf.nn.embedding_lookup(tf.get_variable("words", [WORDS, WIDTH]), words) + tf.get_variable(
        "places", [LENGTH, WIDTH]
    )
    for number in range(LAYERS):
        with tf.variable_scope(f"block{number}"):
            x = x + _attention(_norm(x))
            x = x + tf.layers.dense(tf.layers.dense(_norm(x), 4 * WIDTH, tf.nn.relu, name="up"), WIDTH, name="down")
    return tf.layers.dense(_norm(x), WORDS, use_bias=False, name="head")


def _cnn(x: tf.Tensor) -> tf.Tensor:
    x = tf.layers.conv2d(x, 16, 3, padding="same", activation=tf.nn.relu, name="first")
    x = tf.layers.conv2d(x, 16, 3, strides=2, activation=tf.nn.relu, name="second")
    return tf.layers.dense(tf.layers.flatten(x), 10, name="head")


def static(model: str, mesh: AbstractContextManager[Any]) -> dict[str, Any]:
    build: Callable[[tf.Tensor], tf.Tensor] = _gpt if model == "gpt" else _cnn
    losses: list[float] = []
    with tf.Graph().as_default(), mesh:
        tf.set_random_seed(0)
        given = (
            tf.placeholder(tf.int64, [None, LENGTH]) if model == "gpt" else tf.placeholder(tf.float32, [None, 8, 8, 3])
        )
        wanted = tf.placeholder(tf.int64, [None, LENGTH] if model == "gpt" else [None])
        loss = tf.losses.sparse_softmax_cross_entropy(wanted, build(given))
        train = tf.train.AdamOptimizer(1e-3).minimize(loss)
        with tf.Session() as session, captured() as programs:
            session.run(tf.global_variables_initializer())
            for each, answer in texts() if model == "gpt" else images():
                losses.append(float(session.run([loss, train], {given: each, wanted: answer})[0]))
            state = {key[1].name: array for key, array in session._state.arrays.items() if key[0] == "variable"}
            return described(losses, state, list(programs)[-1])


# -- what is told of a training ----


def described(losses: list[float], state: dict[str, Any], program: Any) -> dict[str, Any]:
    """Losses, the shape that each device has of each array of the state, and what devices send one another in a step."""
    shapes = {
        name: list(array.sharding.shard_shape(array.shape))
        for name, array in state.items()
        if hasattr(array, "sharding")
    }
    sizes = {
        name: int(np.prod(shape)) * array.dtype.itemsize
        for name, array in state.items()
        if (shape := shapes.get(name)) is not None
    }
    return {"losses": losses, "shapes": shapes, "bytes": sum(sizes.values()), "sent": sent(program.runner.hlo())}


def sent(hlo: str) -> dict[str, int]:
    """How many collectives of each kind a program holds, as XLA compiled it."""
    kinds = ("all-reduce", "all-gather", "reduce-scatter", "all-to-all", "collective-permute")
    lines = hlo.splitlines()
    return {kind: sum(f" {kind}(" in line or f" {kind}-start(" in line for line in lines) for kind in kinds}
