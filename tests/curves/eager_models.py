"""Three models and three optimizers as PyTorch code, run by diptych and by the real framework alike: `torch` is either."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from tests.curves.problem import SIZES, STEPS, digits, initial, places


def network(torch: Any, model: str) -> Any:
    """One of the three models, with its first weights."""
    activation = torch.nn.Tanh if model.startswith("tanh") else torch.nn.ReLU
    layers: list[Any] = []
    for inputs, outputs in itertools.pairwise(SIZES[model]):
        layers.extend([activation()] if layers else [])
        layers.append(torch.nn.Linear(inputs, outputs))
    found = torch.nn.Sequential(*layers)
    with torch.no_grad():
        for parameter, array in zip(found.parameters(), initial(model), strict=True):
            parameter.copy_(torch.from_numpy(array).t())
    return found


def optimizer(torch: Any, name: str, parameters: Any) -> Any:
    """One of the three optimizers."""
    return {
        "descent": lambda: torch.optim.SGD(parameters, lr=0.1),
        "momentum": lambda: torch.optim.SGD(parameters, lr=0.05, momentum=0.9),
        "adam": lambda: torch.optim.Adam(parameters, lr=0.003),
    }[name]()


def curve(torch: Any, model: str, optimizer_name: str) -> np.ndarray:
    """The losses of 50 steps, float32 [50]."""
    images, labels = digits()
    trained = network(torch, model)
    loss_of = torch.nn.CrossEntropyLoss()
    update = optimizer(torch, optimizer_name, trained.parameters())
    losses = []
    for step in range(STEPS):
        x, target = torch.from_numpy(images[places(step)]), torch.from_numpy(labels[places(step)])
        update.zero_grad()
        loss = loss_of(trained(x), target)
        loss.backward()
        update.step()
        losses.append(loss.item())
    return np.array(losses, np.float32)
