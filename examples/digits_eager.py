"""Digits the PyTorch way: compute, call backward, step.

python examples/digits_eager.py
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import diptych.eager as torch
from digits import Digits, batches, load
from diptych.eager import nn, optim

BATCH, EPOCHS = 100, 25
Steps = Callable[[Iterable[Digits]], Iterable[Digits]]  # a progress bar around the steps


class Softmax(nn.Module):
    """784-10, from zeros."""

    def __init__(self) -> None:
        super().__init__()
        self.W = nn.Parameter(torch.zeros(784, 10))
        self.b = nn.Parameter(torch.zeros(10))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x @ self.W + self.b


def network() -> nn.Module:
    """784-256-10."""
    return nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10))


def train(make_model: Callable[[], nn.Module], rate: float, steps: Steps = iter) -> float:
    """The test accuracy, from 0 to 1, after EPOCHS epochs of gradient descent."""
    training, test = load()
    torch.manual_seed(1)
    model = make_model()
    loss_of = nn.CrossEntropyLoss()
    optimizer = optim.SGD(model.parameters(), lr=rate)
    for batch in steps(list(batches(training, BATCH, EPOCHS))):
        x, labels = torch.from_numpy(batch.images), torch.from_numpy(batch.labels)
        loss = loss_of(model(x), labels)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    with torch.no_grad():
        found = torch.argmax(model(torch.from_numpy(test.images)), dim=1)
        right = torch.sum(torch.eq(found, torch.from_numpy(test.labels))).item()
    return right / len(test.labels)


if __name__ == "__main__":
    print(f"softmax regression  {train(Softmax, 0.2):.3f}")
    print(f"network             {train(network, 0.2):.3f}")
