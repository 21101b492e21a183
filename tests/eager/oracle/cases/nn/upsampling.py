"""Other sizes as modules."""

from __future__ import annotations

CASES = """
nn.Upsample(6)(leaf(1, 2, 3))
nn.Upsample(scale_factor=2)(leaf(1, 1, 2, 3))
nn.Upsample((4, 5), mode="bilinear")(leaf(1, 1, 2, 3))
nn.Upsample(scale_factor=(1.5, 2), mode="bicubic", align_corners=True)(leaf(1, 1, 4, 3))
nn.Upsample(scale_factor=1.7, mode="linear", recompute_scale_factor=True)(leaf(1, 1, 5))
nn.Upsample(scale_factor=2, mode="trilinear")(leaf(1, 1, 2, 2, 2))
nn.Upsample()(floats(1, 1, 2))
nn.Upsample(2, mode="linear")(floats(1, 1, 2, 2))
repr(nn.Upsample(6))
repr(nn.Upsample((6, 7), mode="bilinear", align_corners=True))
repr(nn.Upsample(scale_factor=2))
repr(nn.Upsample(scale_factor=(2, 3)))
repr(nn.Upsample(scale_factor=[2, 3]))
nn.Upsample(scale_factor=2).name
nn.Upsample(scale_factor=(2, 3)).scale_factor
nn.UpsamplingNearest2d(3)(leaf(1, 1, 2, 2))
nn.UpsamplingNearest2d(scale_factor=2)(leaf(1, 1, 2, 2))
nn.UpsamplingBilinear2d(3)(leaf(1, 1, 2, 2))
nn.UpsamplingBilinear2d(scale_factor=(2, 1.5))(leaf(1, 1, 2, 2))
repr(nn.UpsamplingNearest2d(scale_factor=2))
repr(nn.UpsamplingBilinear2d((3, 4)))
"""
