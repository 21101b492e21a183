"""Dropout: what does not depend on the numbers drawn."""

from __future__ import annotations

CASES = """
nn.Dropout(0.0)(leaf(4) * 1)
nn.Dropout(1.0)(leaf(4))
nn.Dropout(0.5).eval()(leaf(4) * 1)
nn.Dropout().p
nn.Dropout(p=0.25).p
nn.Dropout(1.5)
nn.Dropout(-0.1)
repr(nn.Dropout())
repr(nn.Dropout(0.25, inplace=True))
F.dropout(leaf(4) * 1, 0.0)
F.dropout(leaf(4) * 1, 0.5, False)
F.dropout(leaf(4) * 1, p=0.5, training=False)
F.dropout(leaf(4), 1.0)
F.dropout(floats(4), 1.5)
F.dropout(floats(4), -0.5)
F.dropout(floats(2, 3)).shape
F.dropout(doubles(2, 3)).dtype
F.dropout(floats(0, 3))
"""


def elements_are_dropped_or_scaled(torch, F):
    x = torch.ones(1000)
    found = []
    for p in (0.25, 0.5, 0.8):
        y = F.dropout(x, p)
        kept = y != 0
        share = float(kept.double().mean())
        found.append((bool(((y - 1 / (1 - p)).abs()[kept] < 1e-5).all()), abs(share - (1 - p)) < 0.06))
    return found


def gradients_pass_where_elements_were_kept(torch, F):
    x = torch.ones(100, requires_grad=True)
    y = F.dropout(x, 0.5)
    y.sum().backward()
    return bool((x.grad == y.detach()).all())


def training_decides(torch, nn):
    torch.manual_seed(0)
    layer = nn.Dropout(0.5)
    x = torch.ones(100)
    training = bool((layer(x) == 0).any())
    layer.eval()
    return training, bool((layer(x) == 0).any()), layer(x) is x


def in_place(torch, nn):
    x = torch.ones(100)
    y = nn.Dropout(0.5, inplace=True)(x)
    return y is x, bool((x == 0).any())
