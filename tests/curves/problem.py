"""What all training curves share: batches of 32 of the first 256 training digits, in order, again and again; the sizes
of three networks; their first weights."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np

STEPS, BATCH, COUNT = 50, 32, 256
SIZES = {"softmax": (784, 10), "relu network": (784, 64, 10), "tanh network": (784, 64, 32, 10)}
OPTIMIZERS = ("descent", "momentum", "adam")
DIGITS = Path(__file__).parent.parent.parent / "examples" / "data" / "mnist_5k.npz"


def digits() -> tuple[np.ndarray, np.ndarray]:
    """(images [256, 784] in [0, 1], labels [256])."""
    with np.load(DIGITS, allow_pickle=False) as data:
        images = data["images"][:COUNT].reshape(COUNT, 784).astype(np.float32) / np.float32(255)
        return images, data["labels"][:COUNT].astype(np.int64)


def places(step: int) -> np.ndarray:
    """Which digits the batch of a step holds, [32]."""
    return np.arange(step * BATCH, (step + 1) * BATCH) % COUNT


def initial(model: str) -> list[np.ndarray]:
    """Weights [inputs, outputs] and biases, layer by layer, from a fixed seed."""
    random = np.random.default_rng(7)
    found: list[np.ndarray] = []
    for inputs, outputs in itertools.pairwise(SIZES[model]):
        found.append((random.standard_normal((inputs, outputs)) / np.sqrt(inputs)).astype(np.float32))
        found.append((random.standard_normal(outputs) * 0.1).astype(np.float32))
    return found
