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
repr(nn.Dropout1d())
repr(nn.Dropout2d(0.2))
repr(nn.Dropout3d(0.2, True))
repr(nn.AlphaDropout())
repr(nn.FeatureAlphaDropout(p=0.1))
nn.Dropout2d(2)
nn.Dropout1d(0.0)(leaf(2, 3) * 1)
nn.Dropout2d(1.0)(leaf(1, 2, 2, 2))
nn.Dropout3d().eval()(leaf(1, 2, 1, 2, 2) * 1)
nn.AlphaDropout(1.0)(leaf(4))
nn.AlphaDropout().eval()(leaf(4) * 1)
nn.FeatureAlphaDropout(1.0)(leaf(2, 2, 2))
nn.Dropout1d()(floats(2))
nn.Dropout2d()(floats(2))
"""


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


def whole_channels_are_dropped(torch, nn):
    found = []
    for layer, shape in (
        (nn.Dropout1d(0.5), (8, 50, 4)), (nn.Dropout1d(0.5), (400, 4)), (nn.Dropout2d(0.5), (8, 50, 2, 2)),
        (nn.Dropout3d(0.5), (8, 50, 1, 2, 2)), (nn.Dropout3d(0.5), (400, 2, 1, 2)), (nn.Dropout2d(0.5, True), (8, 50, 2, 2)),
    ):  # fmt: skip
        y = layer(torch.ones(shape))
        first = y.reshape(400, -1)
        found.append((y.shape, bool((first == first[:, :1]).all()), 100 < int((first[:, 0] == 0).sum()) < 300, y.max()))
    return found


def in_alpha_dropout_mean_and_variance_stay(torch, nn):
    torch.manual_seed(0)
    x = torch.randn(4, 2000)
    y, z = nn.AlphaDropout(0.3)(x), nn.FeatureAlphaDropout(0.3)(x)
    return [bool(abs(each.mean()) < 0.05) and bool(abs(each.std() - 1) < 0.05) for each in (y, z)]
