"""GoogLeNet (Szegedy et al., "Going deeper with convolutions", 2015), with batch normalisation."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Sequence
from typing import Any

from ...eager import Tensor, cat, flatten, nn
from .inception_parts import BasicConv2d, asked_for_first_weights, initialise, prepared_for_tensorflow
from .registry import builder

functional = nn.functional

GoogLeNetOutputs = namedtuple("GoogLeNetOutputs", ["logits", "aux_logits2", "aux_logits1"])
_GoogLeNetOutputs = GoogLeNetOutputs  # its older name

# Of each block: its channels in, by 1 x 1, by 3 x 3 (before and after), by 5 x 5 (before and after), after the maximum;
# "M" and a size for a maximum between blocks.
_BLOCKS: tuple[tuple[Any, ...], ...] = (
    ("inception3a", 192, 64, 96, 128, 16, 32, 32),
    ("inception3b", 256, 128, 128, 192, 32, 96, 64),
    ("maxpool3", 3),
    ("inception4a", 480, 192, 96, 208, 16, 48, 64),
    ("inception4b", 512, 160, 112, 224, 24, 64, 64),
    ("inception4c", 512, 128, 128, 256, 24, 64, 64),
    ("inception4d", 512, 112, 144, 288, 32, 64, 64),
    ("inception4e", 528, 256, 160, 320, 32, 128, 128),
    ("maxpool4", 2),
    ("inception5a", 832, 256, 160, 320, 32, 128, 128),
    ("inception5b", 832, 384, 192, 384, 48, 128, 128),
)


class GoogLeNet(nn.Module):
    """Classes [N, num_classes] of images [N, 3, H, W] of 15 pixels a side or more.

    In training with `aux_logits` a GoogLeNetOutputs, which holds the classes of two smaller heads too.
    `transform_input` takes images that are normalised as ImageNet's. Raises ValueError for not three `blocks`.
    """

    def __init__(
        self,
        num_classes: int = 1000,
        aux_logits: bool = True,
        transform_input: bool = False,
        init_weights: bool | None = None,
        blocks: Sequence[Callable[..., nn.Module]] | None = None,
        dropout: float = 0.2,
        dropout_aux: float = 0.7,
    ) -> None:
        super().__init__()
        wants_weights = asked_for_first_weights("GoogleNet", init_weights)
        if blocks is None:
            blocks = [BasicConv2d, Inception, InceptionAux]
        if len(blocks) != 3:
            raise ValueError(f"blocks length should be 3 instead of {len(blocks)}")
        convolution, block, head = blocks
        self.aux_logits = aux_logits
        self.transform_input = transform_input
        self.conv1 = convolution(3, 64, kernel_size=7, stride=2, padding=3)
        self.maxpool1 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.conv2 = convolution(64, 64, kernel_size=1)
        self.conv3 = convolution(64, 192, kernel_size=3, padding=1)
        self.maxpool2 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        for name, *sizes in _BLOCKS:
            is_pool = name.startswith("maxpool")
            self.add_module(name, nn.MaxPool2d(*sizes, stride=2, ceil_mode=True) if is_pool else block(*sizes))
        self.aux1 = head(512, num_classes, dropout=dropout_aux) if aux_logits else None
        self.aux2 = head(528, num_classes, dropout=dropout_aux) if aux_logits else None
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.dropout = nn.Dropout(p=dropout)
        self.fc = nn.Linear(1024, num_classes)
        if wants_weights:
            initialise(self, 0.01)

    def forward(self, x: Tensor) -> Any:
        if self.transform_input:
            x = prepared_for_tensorflow(x)
        x = self.maxpool2(self.conv3(self.conv2(self.maxpool1(self.conv1(x)))))
        heads: list[Tensor | None] = []
        for name, *_ in _BLOCKS:
            x = getattr(self, name)(x)
            head = {"inception4a": self.aux1, "inception4d": self.aux2}.get(name)
            if head is not None and self.training:
                heads.append(head(x))
        x = self.fc(self.dropout(flatten(self.avgpool(x), 1)))
        return GoogLeNetOutputs(x, *reversed(heads)) if self.training and self.aux_logits else x


class Inception(nn.Module):
    """Four ways side by side: 1 x 1, 3 x 3, one that is called 5 x 5 but is 3 x 3 as in torchvision, and a maximum."""

    def __init__(
        self,
        in_channels: int,
        ch1x1: int,
        ch3x3red: int,
        ch3x3: int,
        ch5x5red: int,
        ch5x5: int,
        pool_proj: int,
        conv_block: Callable[..., nn.Module] | None = None,
    ) -> None:
        super().__init__()
        convolution = conv_block or BasicConv2d
        self.branch1 = convolution(in_channels, ch1x1, kernel_size=1)
        self.branch2 = nn.Sequential(
            convolution(in_channels, ch3x3red, kernel_size=1),
            convolution(ch3x3red, ch3x3, kernel_size=3, padding=1),
        )
        self.branch3 = nn.Sequential(
            convolution(in_channels, ch5x5red, kernel_size=1),
            convolution(ch5x5red, ch5x5, kernel_size=3, padding=1),
        )
        self.branch4 = nn.Sequential(
            nn.MaxPool2d(kernel_size=3, stride=1, padding=1, ceil_mode=True),
            convolution(in_channels, pool_proj, kernel_size=1),
        )

    def forward(self, x: Tensor) -> Tensor:
        return cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], 1)


class InceptionAux(nn.Module):
    """A smaller head, whose classes help to train what comes before it."""

    def __init__(
        self,
        in_channels: int,
        num_classes: int,
        conv_block: Callable[..., nn.Module] | None = None,
        dropout: float = 0.7,
    ) -> None:
        super().__init__()
        self.conv = (conv_block or BasicConv2d)(in_channels, 128, kernel_size=1)
        self.fc1 = nn.Linear(2048, 1024)
        self.fc2 = nn.Linear(1024, num_classes)
        self.dropout = nn.Dropout(p=dropout)

    def forward(self, x: Tensor) -> Tensor:
        x = flatten(self.conv(functional.adaptive_avg_pool2d(x, (4, 4))), 1)
        return self.fc2(self.dropout(functional.relu(self.fc1(x), inplace=True)))


@builder("GoogLeNet_Weights")
def googlenet(**settings: Any) -> GoogLeNet:
    """GoogLeNet; `settings` are those of the class."""
    return GoogLeNet(**settings)
