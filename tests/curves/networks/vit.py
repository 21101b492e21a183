"""ViT-tiny for small images, of PyTorch's own encoder layers."""

from __future__ import annotations

from typing import Any

from tests.curves.networks.problem import classify, initialise, pictures

SIZES = {
    "tiny": {"width": 6, "heads": 3, "depth": 1},
    "small": {"width": 24, "heads": 3, "depth": 2},
    "full": {"width": 192, "heads": 3, "depth": 12},
}


def make(torch: Any, width: int, heads: int, depth: int) -> Any:
    """The network with its first weights: patches of 4 x 4, `depth` layers of `heads` heads over `width`."""
    nn = torch.nn

    class ViT(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.patches = nn.Conv2d(3, width, kernel_size=4, stride=4)
            self.class_token = nn.Parameter(torch.zeros(1, 1, width))
            self.positions = nn.Parameter(torch.zeros(1, 65, width))
            layer = nn.TransformerEncoderLayer(
                width, heads, 4 * width, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
            )
            self.encoder = nn.TransformerEncoder(layer, depth, enable_nested_tensor=False)
            self.norm = nn.LayerNorm(width)
            self.head = nn.Linear(width, 10)

        def forward(self, images: Any) -> Any:
            tokens = self.patches(images).flatten(2).transpose(1, 2)
            tokens = torch.cat([self.class_token.expand(tokens.shape[0], -1, -1), tokens], dim=1)
            tokens += self.positions
            return self.head(self.norm(self.encoder(tokens))[:, 0])

    return initialise(torch, ViT())


def train(torch: Any, network: Any, steps: int) -> list[float]:
    """Losses of batches of 16 pictures of 32 x 32; AdamW."""
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-4, weight_decay=0.05)
    return classify(torch, network, optimizer, pictures(16, 32, 3, steps))
