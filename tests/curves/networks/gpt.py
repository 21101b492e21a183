"""A GPT of letters: what nanoGPT calls the small configuration for a CPU, in full size."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tests.curves.networks.problem import LETTERS, initialise, letters

SIZES = {
    "tiny": {"layers": 1, "heads": 2, "width": 8, "length": 8},
    "small": {"layers": 2, "heads": 2, "width": 32, "length": 32},
    "full": {"layers": 4, "heads": 4, "width": 128, "length": 64},
}
BATCH = 12


def make(torch: Any, layers: int, heads: int, width: int, length: int) -> Any:
    """The network with its first weights: `layers` blocks of `heads` heads over `width`, for texts of `length`."""
    nn, functional = torch.nn, torch.nn.functional

    class Attention(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.c_attn = nn.Linear(width, 3 * width, bias=False)
            self.c_proj = nn.Linear(width, width, bias=False)

        def forward(self, x: Any) -> Any:
            batch, time, _ = x.size()
            parts = [
                part.view(batch, time, heads, width // heads).transpose(1, 2)
                for part in self.c_attn(x).split(width, dim=2)
            ]
            y = functional.scaled_dot_product_attention(*parts, attn_mask=None, dropout_p=0.0, is_causal=True)
            return self.c_proj(y.transpose(1, 2).contiguous().view(batch, time, width))

    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.ln_1 = nn.LayerNorm(width, bias=False)
            self.attn = Attention()
            self.ln_2 = nn.LayerNorm(width, bias=False)
            self.mlp = nn.Sequential(
                nn.Linear(width, 4 * width, bias=False), nn.GELU(), nn.Linear(4 * width, width, bias=False)
            )

        def forward(self, x: Any) -> Any:
            x = x + self.attn(self.ln_1(x))
            return x + self.mlp(self.ln_2(x))

    class GPT(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.transformer = nn.ModuleDict(
                {
                    "wte": nn.Embedding(LETTERS, width),
                    "wpe": nn.Embedding(length, width),
                    "h": nn.ModuleList([Block() for _ in range(layers)]),
                    "ln_f": nn.LayerNorm(width, bias=False),
                }
            )
            self.lm_head = nn.Linear(width, LETTERS, bias=False)
            self.transformer.wte.weight = self.lm_head.weight

        def forward(self, text: Any, wanted: Any) -> Any:
            places = torch.arange(0, text.size(1), dtype=torch.long, device=text.device)
            x = self.transformer.wte(text) + self.transformer.wpe(places)
            for block in self.transformer.h:
                x = block(x)
            logits = self.lm_head(self.transformer.ln_f(x))
            return functional.cross_entropy(logits.view(-1, logits.size(-1)), wanted.view(-1), ignore_index=-1)

    return initialise(torch, GPT())


def train(torch: Any, network: Any, steps: int) -> list[float]:
    """Losses of 12 texts; AdamW that decays matrices alone, warm-up and cosine, gradients clipped at 1."""
    parameters = list(network.parameters())
    groups = [
        {"params": [each for each in parameters if each.dim() >= 2], "weight_decay": 0.1},
        {"params": [each for each in parameters if each.dim() < 2], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.99))
    length = network.transformer.wpe.weight.size(0)
    text = torch.from_numpy(letters(20_000))
    random = np.random.default_rng(3)
    losses = []
    for step in range(steps):
        rate = 1e-3 * min((step + 1) / 10, 0.5 * (1 + math.cos(math.pi * step / steps)))
        for group in optimizer.param_groups:
            group["lr"] = rate
        starts = random.integers(0, 20_000 - length - 1, BATCH).tolist()
        x = torch.stack([text[start : start + length] for start in starts])
        y = torch.stack([text[start + 1 : start + 1 + length] for start in starts])
        loss = network(x, y)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        losses.append(loss.item())
    return losses
