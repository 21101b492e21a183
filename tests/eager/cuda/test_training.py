"""A PyTorch program written for CUDA gives the numbers that it gives on the CPU."""

from __future__ import annotations

from typing import Any

import diptych.eager as torch
import numpy as np
import pytest

F = torch.nn.functional


class Block(torch.nn.Module):
    """A layer of a GPT."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norms = torch.nn.ModuleList(torch.nn.LayerNorm(width) for _ in range(2))
        self.qkv, self.out = torch.nn.Linear(width, 3 * width), torch.nn.Linear(width, width)
        self.up, self.down = torch.nn.Linear(width, 4 * width), torch.nn.Linear(4 * width, width)
        self.dropout = torch.nn.Dropout(0.1)

    def forward(self, x: Any) -> Any:
        q, k, v = (each.unflatten(-1, (2, -1)).transpose(1, 2) for each in self.qkv(self.norms[0](x)).chunk(3, -1))
        found = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.dropout(self.out(found.transpose(1, 2).flatten(2)))
        return x + self.dropout(self.down(F.gelu(self.up(self.norms[1](x)))))


class Model(torch.nn.Module):
    """A small GPT."""

    def __init__(self, tokens: int = 11, width: int = 16, length: int = 6) -> None:
        super().__init__()
        self.tokens, self.places = torch.nn.Embedding(tokens, width), torch.nn.Embedding(length, width)
        self.block, self.head = Block(width), torch.nn.Linear(width, tokens, bias=False)

    def forward(self, ids: Any) -> Any:
        places = torch.arange(ids.shape[1], device=ids.device)
        return self.head(self.block(self.tokens(ids) + self.places(places)))


def train(kind: str, dtype: Any = None, steps: int = 3, compiles: bool = False) -> tuple[list[float], np.ndarray]:
    """As programs for CUDA are written: the losses, and a parameter at last."""
    torch.manual_seed(0)
    device = torch.device(kind)
    model = Model().to(device)
    step = torch.compile(model) if compiles else model
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    scaler = torch.amp.GradScaler(kind, enabled=dtype is torch.float16)
    losses = []
    for _ in range(steps):
        ids = torch.randint(0, 11, (4, 7)).to(device, non_blocking=True)
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast(kind, dtype=dtype or torch.bfloat16, enabled=dtype is not None):
            logits = step(ids[:, :-1])
            loss = F.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        scaler.step(optimizer)
        scaler.update()
        losses.append(loss.item())
    return losses, model.head.weight.detach().cpu().numpy()


def test_the_numbers_of_the_cpu(cuda) -> None:
    assert torch.cuda.is_available()
    losses, weight = train("cuda")
    wanted, same = train("cpu")
    np.testing.assert_allclose(losses, wanted, rtol=1e-6)
    np.testing.assert_allclose(weight, same, atol=1e-6)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_mixed_precision(cuda, dtype) -> None:
    losses, weight = train("cuda", dtype)
    wanted, near = train("cuda")
    np.testing.assert_allclose(losses, wanted, rtol=2e-2)
    np.testing.assert_allclose(weight, near, atol=2e-2)


def test_compiled_modules(cuda) -> None:
    np.testing.assert_allclose(train("cuda", compiles=True)[0], train("cuda")[0], rtol=1e-6)


def test_bfloat16_on_jax_is_numpys_within_rounding(use_backend) -> None:
    wanted, weight = train("cpu", torch.bfloat16)
    use_backend("jax")
    losses, other = train("cpu", torch.bfloat16)
    np.testing.assert_allclose(losses, wanted, rtol=2e-2)
    np.testing.assert_allclose(other, weight, atol=2e-2)


def test_lists_of_cuda(cuda) -> None:
    x = torch.ones(2, 2, device=cuda)
    half = x.bfloat16()
    with torch.autocast("cuda", dtype=torch.bfloat16):
        assert (x @ x).dtype is F.linear(x, x).dtype is F.relu(x @ x).dtype is torch.bfloat16
        full = (F.softmax(half, -1), half.exp(), half.sum(), F.layer_norm(half, (2,)), half.pow(2), half.norm())
        assert {each.dtype for each in full} == {torch.float32}
        assert F.mse_loss(half, half).dtype is torch.float32 and F.avg_pool1d(half, 2).dtype is torch.bfloat16
        assert (x.cpu() @ x.cpu()).dtype is torch.float32  # of the CPU nothing was said
        with pytest.raises(RuntimeError, match=r"^torch.nn.functional.binary_cross_entropy and torch.nn.BCELoss are u"):
            F.binary_cross_entropy(half, half)
    with torch.autocast("cpu"):
        assert (x @ x).dtype is torch.float32 and F.softmax(half, -1).dtype is torch.bfloat16
