"""Dropout of elements and of whole channels: what does not depend on the numbers drawn."""

from __future__ import annotations

import warnings

CASES = """
F.dropout(leaf(4) * 1, 0.0)
F.dropout(leaf(4) * 1, 0.5, False)
F.dropout(leaf(4) * 1, p=0.5, training=False)
F.dropout(leaf(4), 1.0)
F.dropout(floats(4), 1.5)
F.dropout(floats(4), -0.5)
F.dropout(floats(2, 3)).shape
F.dropout(doubles(2, 3)).dtype
F.dropout(floats(0, 3))
F.dropout1d(leaf(2, 3), 0.0)
F.dropout1d(leaf(2, 3), 1.0)
F.dropout1d(floats(3))
F.dropout1d(floats(3), 2)
F.dropout2d(floats(3))
F.dropout2d(leaf(1, 2, 2), 1.0)
F.dropout2d(leaf(1, 2, 2) * 1, 1.0, inplace=True)
F.dropout2d(floats(2, 3, 4), -1)
F.dropout3d(leaf(2, 3), 1.0)
F.dropout3d(floats(2, 3, 2, 2, 2)).shape
F.dropout3d(floats(3, 2, 2, 2), p=0.5, training=True, inplace=True).shape
F.alpha_dropout(leaf(3) * 1)
F.alpha_dropout(leaf(3), 1.0, True)
F.alpha_dropout(leaf(3), 0.0, True)
F.alpha_dropout(floats(3), 2)
F.alpha_dropout(3.0)
F.feature_alpha_dropout(leaf(3) * 1)
F.feature_alpha_dropout(leaf(3, 2), 1.0, True)
F.feature_alpha_dropout(floats(3), 0.5, True)
F.feature_alpha_dropout(floats(3), 2)
torch.dropout(leaf(3), 0.5, False)
torch.dropout(leaf(3), 1.0, True)
torch.alpha_dropout(leaf(3), 0.5, False)
torch.feature_alpha_dropout(leaf(3), 0.5, False)
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


def ranks_that_are_not_meant_are_warned_of(torch, F):
    found = []
    for function, rank in ((F.dropout2d, 2), (F.dropout2d, 3), (F.dropout3d, 3)):
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            function(torch.ones((2,) * rank))
        found.append([str(each.message) for each in seen])
    return found


def in_alpha_dropout_what_is_dropped_has_one_value(torch, F):
    y = F.alpha_dropout(torch.ones(1000, dtype=torch.float64), 0.4, True)
    return sorted({round(each, 9) for each in y.tolist()}), 300 < int((y == y.min()).sum()) < 500
