"""Adaptive softmax."""

from __future__ import annotations

from tests.eager.oracle.cases.nn.conv import _filled

CASES = """
repr(nn.AdaptiveLogSoftmaxWithLoss(8, 10, [3, 6], div_value=2.0, head_bias=True))
list(nn.AdaptiveLogSoftmaxWithLoss(8, 10, [3, 6]).state_dict())
nn.AdaptiveLogSoftmaxWithLoss(8, 10, [])
nn.AdaptiveLogSoftmaxWithLoss(8, 10, [3, 3])
nn.AdaptiveLogSoftmaxWithLoss(8, 10, [3, 10])
nn.AdaptiveLogSoftmaxWithLoss(8, 10, [6, 3])
nn.AdaptiveLogSoftmaxWithLoss(4, 10, [3, 6])(floats(2, 4), tensor([1, 10], "int64"))
nn.AdaptiveLogSoftmaxWithLoss(4, 10, [3, 6])(floats(2, 4), tensor([1], "int64"))
nn.AdaptiveLogSoftmaxWithLoss(4, 10, [3, 6])(floats(4), tensor([1, 2, 3, 4], "int64"))
nn.AdaptiveLogSoftmaxWithLoss(4, 10, [3, 6])(floats(2, 4), tensor(1, "int64"))
nn.AdaptiveLogSoftmaxWithLoss(4, 10, [3, 6])(floats(2, 4), tensor([[1]], "int64"))
"""


def results_and_gradients(torch, nn, doubles, leaf):
    found = []
    layer = _filled(torch, nn.AdaptiveLogSoftmaxWithLoss(8, 10, [3, 6], div_value=2.0, head_bias=True), doubles)
    for classes in ([0, 9, 4, 2, 5, 7, 8], [1, 2], [7], 4, 0):
        target = torch.tensor(classes)
        result = layer(leaf(*target.shape, 8), target)
        found.append(
            [result.output, result.loss, torch.autograd.grad(result.loss, layer.head.weight, retain_graph=True)]
        )
    return [*found, layer.log_prob(leaf(3, 8)), layer.predict(doubles(5, 8))]
