"""Cross entropy of a linear map, as a module."""

from __future__ import annotations

from tests.eager.oracle.cases.nn.conv import _filled

CASES = """
repr(nn.LinearCrossEntropyLoss(3, 4))
repr(nn.LinearCrossEntropyLoss(3, 4, out_features=(2,), bias=True, options=nn.LinearCrossEntropyOptions()))
list(nn.LinearCrossEntropyLoss(3, 4, bias=True, weight=floats(4)).state_dict())
nn.LinearCrossEntropyLoss(3, 4, weight=floats(3))
nn.LinearCrossEntropyLoss(3, 4, label_smoothing=2.0)
"""


def results_and_gradients(torch, nn, doubles, leaf):
    plain = _filled(torch, nn.LinearCrossEntropyLoss(3, 4, bias=True), doubles)
    deep = _filled(torch, nn.LinearCrossEntropyLoss(3, 4, out_features=(2,), bias=True), doubles)
    return [plain(leaf(2, 3), torch.tensor([1, 3])), deep(leaf(2, 3), torch.tensor([[1, 3], [0, 0]]))]
