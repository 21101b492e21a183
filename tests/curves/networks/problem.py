"""What the networks learn from, and where they start: the same numbers in every framework."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tests.curves.problem import digits

LETTERS = 65  # as many as nanoGPT's text has


def pictures(batch: int, side: int, channels: int, steps: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """A batch a step, again and again the same ones: float32 [batch, channels, side, side] in [-1, 1], labels [batch].

    A digit stands in the middle, in each channel a little fainter, on noise: places that are equal would leave to
    roundings which of them pooling takes.
    """
    images, labels = digits()
    margin = (side - 28) // 2
    images = np.pad(images.reshape(-1, 1, 28, 28), ((0, 0), (0, 0), (margin, margin), (margin, margin))) * 2 - 1
    images = np.concatenate([images * (1 - 0.2 * channel) for channel in range(channels)], axis=1).astype(np.float32)
    images += 0.1 * np.random.default_rng(13).standard_normal(images.shape).astype(np.float32)
    for step in range(steps):
        at = np.arange(step * batch, (step + 1) * batch) % len(images)
        yield images[at], labels[at]


def letters(count: int) -> np.ndarray:
    """A text that can be learned, int64 [count]: each letter has four that may follow it."""
    random = np.random.default_rng(11)
    followers = random.integers(0, LETTERS, (LETTERS, 4))
    choices = random.integers(0, 4, count)
    found = np.empty(count, np.int64)
    letter = 0
    for place, choice in enumerate(choices):
        letter = found[place] = followers[letter, choice]
    return found


def initialise(torch: Any, network: Any) -> Any:
    """Gives each parameter a first value by its shape and the order of names: matrices as He's, scales near one."""
    random = np.random.default_rng(7)
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            drawn = random.standard_normal(tuple(parameter.shape)).astype(np.float32)
            if parameter.dim() > 1:
                drawn *= np.float32(np.sqrt(2 / np.prod(parameter.shape[1:])))
            else:
                drawn = np.float32(0.05) * drawn + np.float32(name.endswith("weight"))
            parameter.copy_(torch.from_numpy(drawn))
    return network


def classify(torch: Any, network: Any, optimizer: Any, batches: Iterator[tuple[np.ndarray, np.ndarray]]) -> list[float]:
    """The cross entropy of each batch, in the dtype of the parameters, before the step that it brings."""
    losses = []
    dtype = next(network.parameters()).dtype
    for images, labels in batches:
        predicted = network(torch.from_numpy(images).to(dtype))
        loss = torch.nn.functional.cross_entropy(predicted, torch.from_numpy(labels))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
