"""VGG-11, without dropout, whose bits no two frameworks share."""

from __future__ import annotations

from typing import Any

from tests.curves.networks.problem import classify, initialise, pictures

SIZES = {"tiny": {"width": 2}, "small": {"width": 8}, "full": {"width": 64}}
LAYERS = (1, "M", 2, "M", 4, 4, "M", 8, 8, "M", 8, 8, "M")  # channels, in widths, and pooling
OPTIONS = {"full": {"rate": 1e-5}}  # steps so small that roundings stay small


def make(torch: Any, width: int) -> Any:
    """The network with its first weights; `width` channels in the first layer."""
    nn = torch.nn

    class VGG(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            layers: list[Any] = []
            channels = 3
            for layer in LAYERS:
                if isinstance(layer, str):
                    layers.append(nn.MaxPool2d(kernel_size=2, stride=2))
                else:
                    layers += [nn.Conv2d(channels, layer * width, kernel_size=3, padding=1), nn.ReLU(inplace=True)]
                    channels = layer * width
            self.features = nn.Sequential(*layers)
            self.classifier = nn.Sequential(
                nn.Linear(channels, channels), nn.ReLU(True), nn.Dropout(p=0.0), nn.Linear(channels, 10)
            )

        def forward(self, x: Any) -> Any:
            x = self.features(x)
            return self.classifier(x.view(x.size(0), -1))

    return initialise(torch, VGG())


def train(torch: Any, network: Any, steps: int, rate: float = 1e-3) -> list[float]:
    """Losses of batches of 16 pictures of 32 x 32; Nesterov's momentum."""
    optimizer = torch.optim.SGD(network.parameters(), lr=rate, momentum=0.9, nesterov=True)
    return classify(torch, network, optimizer, pictures(16, 32, 3, steps))
