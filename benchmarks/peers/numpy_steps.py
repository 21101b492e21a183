"""What programs written by hand in plain numpy share."""

from collections.abc import Mapping
from typing import Any

import numpy as np


class Adam:
    """Adam as PyTorch has it, written over the parameters; `decay` shrinks what has two axes and more."""

    def __init__(self, parameters: Mapping[str, Any], given: Mapping[str, Any], decay: float = 0.0) -> None:
        self.parameters, self.decay, self.count = parameters, decay, 0
        self.rate, self.epsilon = given["rate"], np.float32(given["epsilon"])
        self.first, self.second = given["beta1"], given["beta2"]
        self.m = {name: np.zeros_like(value) for name, value in parameters.items()}
        self.v = {name: np.zeros_like(value) for name, value in parameters.items()}

    def update(self, gradients: Mapping[str, Any]) -> None:
        self.count += 1
        first, second = np.float32(self.first), np.float32(self.second)
        size = np.float32(self.rate / (1 - self.first**self.count))
        root = np.float32((1 - self.second**self.count) ** -0.5)
        for name, p in self.parameters.items():
            g, m, v = gradients[name], self.m[name], self.v[name]
            m *= first
            m += (1 - first) * g
            v *= second
            v += (1 - second) * (g * g)
            if self.decay and p.ndim > 1:
                p *= np.float32(1 - self.rate * self.decay)
            p -= size * m / (np.sqrt(v) * root + self.epsilon)


def cross_entropy(logits: Any, labels: Any) -> tuple[Any, Any]:
    """The mean loss of logits [rows, classes], and its gradient, which is written over them."""
    rows = np.arange(len(labels))
    logits -= logits.max(1, keepdims=True)
    picked = logits[rows, labels]
    np.exp(logits, out=logits)
    total = logits.sum(1, keepdims=True)
    loss = (np.log(total[:, 0]) - picked).mean()
    logits /= total
    logits[rows, labels] -= 1
    logits /= np.float32(len(labels))
    return loss, logits
