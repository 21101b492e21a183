"""A variational autoencoder of digits; its noise is drawn outside, once for every framework."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.curves.networks.problem import initialise, pictures

SIZES = {"tiny": {"width": 8}, "small": {"width": 40}, "full": {"width": 400}}
CODE = 20


def make(torch: Any, width: int) -> Any:
    """The network with its first weights; `width` hidden units on either side of a code of 20 numbers."""
    nn, functional = torch.nn, torch.nn.functional

    class VAE(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(784, width)
            self.fc21 = nn.Linear(width, CODE)
            self.fc22 = nn.Linear(width, CODE)
            self.fc3 = nn.Linear(CODE, width)
            self.fc4 = nn.Linear(width, 784)

        def forward(self, x: Any, noise: Any) -> Any:
            hidden = functional.relu(self.fc1(x))
            mean, log_variance = self.fc21(hidden), self.fc22(hidden)
            code = mean + noise * torch.exp(0.5 * log_variance)
            return torch.sigmoid(self.fc4(functional.relu(self.fc3(code)))), mean, log_variance

    return initialise(torch, VAE())


def train(torch: Any, network: Any, steps: int) -> list[float]:
    """Cross entropy and divergence of 32 digits, summed over both and divided by 32; Adam."""
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    random = np.random.default_rng(9)
    losses = []
    for images, _ in pictures(32, 28, 1, steps):
        x = torch.from_numpy((images + 1) / 2).clamp(0, 1).view(-1, 784)
        made, mean, log_variance = network(x, torch.from_numpy(random.standard_normal((32, CODE)).astype(np.float32)))
        error = torch.nn.functional.binary_cross_entropy(made, x, reduction="sum")
        divergence = -0.5 * torch.sum(1 + log_variance - mean.pow(2) - log_variance.exp())
        loss = (error + divergence) / 32
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
