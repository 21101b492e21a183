"""Pooling as modules."""

from __future__ import annotations

CASES = """
nn.MaxPool1d(2)(leaf(2, 6))
nn.MaxPool1d(3, 2, 1, 2, True, True)(leaf(2, 3, 6))
nn.MaxPool2d(2)(leaf(2, 4, 4))
nn.MaxPool2d((3, 2), stride=(2, 1), padding=(1, 0), dilation=1, return_indices=True, ceil_mode=True)(leaf(1, 2, 5, 4))
nn.MaxPool3d(2)(leaf(1, 2, 4, 4))
nn.MaxPool3d(2, 1, return_indices=True)(leaf(1, 2, 3, 2))
nn.MaxPool2d(2)(bools(1, 4, 4))
nn.MaxPool2d(2)(floats(4, 4))
nn.MaxPool2d(0)(floats(1, 4, 4))
repr(nn.MaxPool1d(2))
repr(nn.MaxPool2d((2, 3), (1, 2), 1, 2, True, True))
repr(nn.MaxPool3d(3, stride=2))
nn.MaxPool2d(2).stride
nn.MaxPool2d((2, 3)).kernel_size
nn.MaxPool2d(2).state_dict()
nn.MaxUnpool1d(2)(leaf(1, 2), torch.tensor([[0, 3]]))
nn.MaxUnpool1d(2, 2, 0)(leaf(1, 2), torch.tensor([[0, 3]]), (5,))
nn.MaxUnpool2d(2)(leaf(1, 1, 2), torch.tensor([[[0, 7]]]))
nn.MaxUnpool2d(2, stride=2)(leaf(1, 1, 1, 2), torch.tensor([[[[0, 7]]]]), output_size=[1, 1, 3, 5])
nn.MaxUnpool3d(2)(leaf(1, 1, 1, 2), torch.tensor([[[[0, 9]]]]))
repr(nn.MaxUnpool1d(2))
repr(nn.MaxUnpool2d((2, 3), 2, 1))
repr(nn.MaxUnpool3d(2, (1, 2, 3)))
nn.AvgPool1d(2)(leaf(2, 6))
nn.AvgPool1d(3, 2, 1, True, False)(leaf(2, 3, 6))
nn.AvgPool2d(2)(leaf(2, 4, 4))
nn.AvgPool2d((3, 2), stride=2, padding=(1, 0), ceil_mode=True, count_include_pad=False)(leaf(1, 2, 5, 4))
nn.AvgPool2d(2, divisor_override=3)(leaf(1, 4, 4))
nn.AvgPool3d(2)(leaf(1, 2, 4, 4))
nn.AvgPool3d((1, 2, 2), 1, 0, False, True, 2)(leaf(1, 2, 3, 2))
repr(nn.AvgPool1d(2))
repr(nn.AvgPool1d((2,), 1, 1))
repr(nn.AvgPool2d(2, (1, 2)))
repr(nn.AvgPool3d(3, padding=1))
nn.FractionalMaxPool2d(2, output_size=2, _random_samples=doubles(1, 1, 2, low=0, high=1))(leaf(1, 5, 5))
nn.FractionalMaxPool2d((2, 3), output_ratio=(0.5, 0.6), return_indices=True, _random_samples=doubles(1, 1, 2, low=0, high=1))(leaf(1, 5, 6))
nn.FractionalMaxPool3d(2, (2, 2, 3), _random_samples=doubles(1, 1, 3, low=0, high=1))(leaf(1, 5, 5, 5))
nn.FractionalMaxPool2d(2, output_ratio=0.5)(floats(3, 6, 6)).shape
nn.FractionalMaxPool2d(2)
nn.FractionalMaxPool3d(2)
nn.FractionalMaxPool2d(2, 3, 0.5)
nn.FractionalMaxPool2d(2, output_ratio=1.5)
nn.FractionalMaxPool3d(2, output_ratio=(0.5, 0.5, 1.0))
nn.FractionalMaxPool3d(0, 2)
nn.FractionalMaxPool3d((2, 0, 2), 2)
repr(nn.FractionalMaxPool2d(2, 3))
nn.FractionalMaxPool2d(2, 3).state_dict()
nn.FractionalMaxPool2d(2, 3, _random_samples=floats(1, 1, 2)).state_dict()
nn.FractionalMaxPool2d(2, 3).output_size
nn.LPPool1d(2, 2)(leaf(2, 6))
nn.LPPool1d(3, 2, stride=1, ceil_mode=True)(leaf(2, 2, 5))
nn.LPPool2d(2, (2, 3), 2)(leaf(1, 4, 6))
nn.LPPool3d(2, 2)(leaf(1, 2, 2, 4))
repr(nn.LPPool1d(2, 3))
repr(nn.LPPool2d(1.5, (3, 2), stride=(2, 1)))
repr(nn.LPPool3d(1, 2, ceil_mode=True))
nn.AdaptiveMaxPool1d(3)(leaf(2, 7))
nn.AdaptiveMaxPool1d(3, True)(leaf(2, 7))
nn.AdaptiveMaxPool2d((2, None))(leaf(1, 5, 4))
nn.AdaptiveMaxPool2d(2, return_indices=True)(leaf(2, 1, 4, 4))
nn.AdaptiveMaxPool3d((1, 2, 2))(leaf(1, 3, 3, 3))
repr(nn.AdaptiveMaxPool1d(3))
repr(nn.AdaptiveMaxPool2d((None, 7)))
repr(nn.AdaptiveMaxPool3d((1, 2, 3), True))
nn.AdaptiveAvgPool1d(3)(leaf(2, 7))
nn.AdaptiveAvgPool2d(1)(leaf(2, 3, 4, 4))
nn.AdaptiveAvgPool2d((2, None))(leaf(1, 5, 4))
nn.AdaptiveAvgPool3d(2)(leaf(1, 3, 3, 3))
repr(nn.AdaptiveAvgPool1d(3))
repr(nn.AdaptiveAvgPool2d((None, 7)))
repr(nn.AdaptiveAvgPool3d(1))
"""


def gradients_of_gradients(torch, F, leaf_of, doubles, leaf):
    """Second derivatives go where the maxima were."""
    x = leaf(1, 4, 4)
    found = []
    for pool in (
        lambda y: F.max_pool2d(y, 2, 1),
        lambda y: F.avg_pool2d(y, 3, 2, 1),
        lambda y: F.adaptive_avg_pool2d(y, 3),
    ):
        (first,) = torch.autograd.grad((pool(x) ** 3).sum(), x, create_graph=True)
        found.append(torch.autograd.grad((first * doubles(1, 4, 4)).sum(), x)[0])
    return found


def what_was_pooled_may_not_be_written_over(torch, F, leaf):
    x = leaf(1, 4, 4) * 1
    y = F.max_pool2d(x, 2).sum()
    x.add_(1)
    y.backward()
