"""A small DenseNet with bottlenecks and compression."""

from __future__ import annotations

from typing import Any

from tests.curves.networks.problem import classify, initialise, pictures

SIZES = {"tiny": {"growth": 2, "depth": 1}, "small": {"growth": 4, "depth": 2}, "full": {"growth": 12, "depth": 6}}
OPTIONS = {"full": {"batch": 64, "rate": 1e-4}}  # steps so small that roundings stay small


def make(torch: Any, growth: int, depth: int) -> Any:
    """The network with its first weights: three blocks of `depth` layers that each add `growth` channels."""
    nn, functional = torch.nn, torch.nn.functional

    class Bottleneck(nn.Module):
        def __init__(self, channels: int) -> None:
            super().__init__()
            self.bn1 = nn.BatchNorm2d(channels)
            self.conv1 = nn.Conv2d(channels, 4 * growth, kernel_size=1, bias=False)
            self.bn2 = nn.BatchNorm2d(4 * growth)
            self.conv2 = nn.Conv2d(4 * growth, growth, kernel_size=3, padding=1, bias=False)

        def forward(self, x: Any) -> Any:
            out = self.conv1(functional.relu(self.bn1(x)))
            return torch.cat([self.conv2(functional.relu(self.bn2(out))), x], 1)

    class DenseNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            channels = 2 * growth
            layers: list[Any] = [nn.Conv2d(3, channels, kernel_size=3, padding=1, bias=False)]
            for block in range(3):
                for _ in range(depth):
                    layers.append(Bottleneck(channels))
                    channels += growth
                if block < 2:
                    layers += [nn.BatchNorm2d(channels), nn.ReLU(), nn.Conv2d(channels, channels // 2, 1, bias=False)]
                    layers.append(nn.AvgPool2d(2))
                    channels //= 2
            self.features = nn.Sequential(*layers, nn.BatchNorm2d(channels), nn.ReLU())
            self.classifier = nn.Linear(channels, 10)

        def forward(self, x: Any) -> Any:
            return self.classifier(functional.adaptive_avg_pool2d(self.features(x), 1).squeeze(-1).squeeze(-1))

    return initialise(torch, DenseNet())


def train(torch: Any, network: Any, steps: int, batch: int = 16, rate: float = 3e-4) -> list[float]:
    """Losses of batches of pictures of 32 x 32; momentum."""
    optimizer = torch.optim.SGD(network.parameters(), lr=rate, momentum=0.9, weight_decay=1e-4)
    return classify(torch, network, optimizer, pictures(batch, 32, 3, steps))
