"""Normalisation over trailing dimensions, over groups of channels, over neighbouring channels, as modules."""

from __future__ import annotations

CASES = """
repr(nn.LayerNorm(3))
repr(nn.LayerNorm((3, 4), eps=1e-3, elementwise_affine=False))
repr(nn.LayerNorm([3, 4], bias=False))
nn.LayerNorm([3, 4]).normalized_shape
nn.LayerNorm(3).state_dict()
nn.LayerNorm(3, bias=False).state_dict()
nn.LayerNorm(3, elementwise_affine=False).state_dict()
nn.LayerNorm(3, dtype=torch.float64)(leaf(2, 3))
nn.LayerNorm((2, 3))(floats(2, 3))
nn.LayerNorm(3)(floats(2, 4))
repr(nn.RMSNorm(3))
repr(nn.RMSNorm([3, 4], 0.1, False))
nn.RMSNorm(3).state_dict()
nn.RMSNorm(3, dtype=torch.float64)(leaf(2, 3))
nn.RMSNorm(3, eps=0.1, elementwise_affine=False)(leaf(2, 3))
repr(nn.GroupNorm(2, 4))
repr(nn.GroupNorm(2, 4, affine=False))
nn.GroupNorm(2, 4).state_dict()
nn.GroupNorm(2, 4, bias=False).state_dict()
nn.GroupNorm(2, 4, dtype=torch.float64)(leaf(2, 4, 3))
nn.GroupNorm(num_groups=1, num_channels=4, eps=0.1, affine=False)(leaf(2, 4, 3))
nn.GroupNorm(3, 4)
nn.GroupNorm(2, 4)(floats(2, 6))
repr(nn.LocalResponseNorm(2))
nn.LocalResponseNorm(3, 0.1, 0.5, 2.0)(leaf(2, 4, 3))
"""


def parameters_may_be_reset(torch, nn):
    found = []
    for layer in (nn.LayerNorm(2), nn.GroupNorm(1, 2), nn.RMSNorm(2)):
        with torch.no_grad():
            for parameter in layer.parameters():
                parameter.fill_(3)
        layer.reset_parameters()
        found.append(layer.state_dict())
    return found
