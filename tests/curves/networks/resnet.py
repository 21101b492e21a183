"""ResNet-18 for small images: a 3x3 stem, four stages of two basic blocks."""

from __future__ import annotations

from typing import Any

from tests.curves.networks.problem import classify, initialise, pictures

SIZES = {"tiny": {"width": 2}, "small": {"width": 4}, "full": {"width": 64}}
OPTIONS = {"full": {"batch": 64, "rate": 1e-4}}  # steps so small that roundings stay small


def make(torch: Any, width: int) -> Any:
    """The network with its first weights; `width` channels in the first stage, twice as many in each next."""
    nn, functional = torch.nn, torch.nn.functional

    class Block(nn.Module):
        def __init__(self, inputs: int, outputs: int, stride: int) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
            self.bn1 = nn.BatchNorm2d(outputs)
            self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
            self.bn2 = nn.BatchNorm2d(outputs)
            self.downsample = None
            if stride != 1 or inputs != outputs:
                self.downsample = nn.Sequential(
                    nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False), nn.BatchNorm2d(outputs)
                )

        def forward(self, x: Any) -> Any:
            out = functional.relu(self.bn1(self.conv1(x)), inplace=True)
            out = self.bn2(self.conv2(out))
            out += x if self.downsample is None else self.downsample(x)
            return functional.relu(out, inplace=True)

    class ResNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(3, width, 3, padding=1, bias=False)
            self.bn1 = nn.BatchNorm2d(width)
            channels = width
            for stage in range(4):
                outputs = width * 2**stage
                blocks = [Block(channels, outputs, 1 if stage == 0 else 2), Block(outputs, outputs, 1)]
                setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
                channels = outputs
            self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
            self.fc = nn.Linear(channels, 10)

        def forward(self, x: Any) -> Any:
            x = functional.relu(self.bn1(self.conv1(x)))
            x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
            return self.fc(torch.flatten(self.avgpool(x), 1))

    return initialise(torch, ResNet())


def train(torch: Any, network: Any, steps: int, batch: int = 16, rate: float = 3e-4) -> list[float]:
    """Losses of batches of pictures of 32 x 32; momentum and weight decay."""
    optimizer = torch.optim.SGD(network.parameters(), lr=rate, momentum=0.9, weight_decay=5e-4)
    return classify(torch, network, optimizer, pictures(batch, 32, 3, steps))
