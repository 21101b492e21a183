"""DCGAN: a generator of transposed convolutions against a discriminator of strided ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.curves.networks.problem import initialise, pictures

SIZES = {"tiny": {"width": 2}, "small": {"width": 8}, "full": {"width": 64}}
OPTIONS = {"full": {"rate": 1e-5}}  # steps so small that roundings stay small
NOISE = 64


def make(torch: Any, width: int) -> Any:
    """Generator and discriminator in one, with their first weights; the narrowest layers have `width` channels."""
    nn = torch.nn

    class Generator(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.main = nn.Sequential(
                nn.ConvTranspose2d(NOISE, width * 4, 4, 1, 0, bias=False),
                nn.BatchNorm2d(width * 4),
                nn.ReLU(True),
                nn.ConvTranspose2d(width * 4, width * 2, 4, 2, 1, bias=False),
                nn.BatchNorm2d(width * 2),
                nn.ReLU(True),
                nn.ConvTranspose2d(width * 2, width, 4, 2, 1, bias=False),
                nn.BatchNorm2d(width),
                nn.ReLU(True),
                nn.ConvTranspose2d(width, 1, 4, 2, 1, bias=False),
                nn.Tanh(),
            )

        def forward(self, noise: Any) -> Any:
            return self.main(noise)

    class Discriminator(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.main = nn.Sequential(
                nn.Conv2d(1, width, 4, 2, 1, bias=False),
                nn.LeakyReLU(0.2, inplace=True),
                nn.Conv2d(width, width * 2, 4, 2, 1, bias=False),
                nn.BatchNorm2d(width * 2),
                nn.LeakyReLU(0.2, inplace=True),
                nn.Conv2d(width * 2, width * 4, 4, 2, 1, bias=False),
                nn.BatchNorm2d(width * 4),
                nn.LeakyReLU(0.2, inplace=True),
                nn.Conv2d(width * 4, 1, 4, 1, 0, bias=False),
                nn.Sigmoid(),
            )

        def forward(self, images: Any) -> Any:
            return self.main(images).view(-1, 1).squeeze(1)

    return nn.ModuleDict(
        {"generator": initialise(torch, Generator()), "discriminator": initialise(torch, Discriminator())}
    )


def train(torch: Any, networks: Any, steps: int, rate: float = 2e-4) -> list[float]:
    """Both losses of each step, the discriminator's first, in the dtype of the parameters; Adam for each."""
    dtype = next(networks.parameters()).dtype
    generator, discriminator = networks["generator"], networks["discriminator"]
    loss_of = torch.nn.BCELoss()
    optimizers = {
        name: torch.optim.Adam(network.parameters(), lr=rate, betas=(0.5, 0.999)) for name, network in networks.items()
    }
    random = np.random.default_rng(5)
    batch = 16
    losses = []
    for images, _ in pictures(batch, 32, 1, steps):
        discriminator.zero_grad()
        label = torch.full((batch,), 1.0, dtype=dtype)
        real = loss_of(discriminator(torch.from_numpy(images).to(dtype)), label)
        real.backward()
        noise = torch.from_numpy(random.standard_normal((batch, NOISE, 1, 1)).astype(np.float32))
        made = generator(noise.to(dtype))
        label.fill_(0.0)
        fake = loss_of(discriminator(made.detach()), label)
        fake.backward()
        optimizers["discriminator"].step()
        generator.zero_grad()
        label.fill_(1.0)
        fooled = loss_of(discriminator(made), label)
        fooled.backward()
        optimizers["generator"].step()
        losses += [(real + fake).item(), fooled.item()]
    return losses
