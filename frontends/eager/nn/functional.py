"""`nn.functional`: what modules compute, as functions."""

from ..functions.activations import (
    dropout,
    elu,
    gelu,
    leaky_relu,
    log_softmax,
    relu,
    relu_,
    silu,
    softmax,
    softplus,
)  # fmt: skip
from ..functions.adaptive_pooling import adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d
from ..functions.average_pooling import avg_pool1d, avg_pool2d, avg_pool3d
from ..functions.binary_losses import binary_cross_entropy, binary_cross_entropy_with_logits
from ..functions.class_losses import cross_entropy, nll_loss
from ..functions.fractional_pooling import fractional_max_pool2d_with_indices, fractional_max_pool3d_with_indices
from ..functions.grids import affine_grid, grid_sample
from ..functions.losses import l1_loss, mse_loss, smooth_l1_loss
from ..functions.pointwise import sigmoid, tanh
from ..functions.pooling import (
    adaptive_max_pool1d,
    adaptive_max_pool1d_with_indices,
    adaptive_max_pool2d,
    adaptive_max_pool2d_with_indices,
    adaptive_max_pool3d,
    adaptive_max_pool3d_with_indices,
    fractional_max_pool2d,
    fractional_max_pool3d,
    lp_pool1d,
    lp_pool2d,
    lp_pool3d,
    max_pool1d,
    max_pool1d_with_indices,
    max_pool2d,
    max_pool2d_with_indices,
    max_pool3d,
    max_pool3d_with_indices,
)
from ..functions.products import linear
from ..functions.resizing import interpolate, upsample, upsample_bilinear, upsample_nearest
from ..functions.shuffling import channel_shuffle, native_channel_shuffle, pixel_shuffle, pixel_unshuffle
from ..functions.unpooling import max_unpool1d, max_unpool2d, max_unpool3d

__all__ = [
    "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d", "adaptive_max_pool1d",
    "adaptive_max_pool1d_with_indices", "adaptive_max_pool2d", "adaptive_max_pool2d_with_indices",
    "adaptive_max_pool3d", "adaptive_max_pool3d_with_indices", "affine_grid", "avg_pool1d", "avg_pool2d", "avg_pool3d",
    "binary_cross_entropy", "binary_cross_entropy_with_logits", "channel_shuffle", "cross_entropy", "dropout", "elu",
    "fractional_max_pool2d", "fractional_max_pool2d_with_indices", "fractional_max_pool3d",
    "fractional_max_pool3d_with_indices", "gelu", "grid_sample", "interpolate", "l1_loss", "leaky_relu", "linear",
    "log_softmax", "lp_pool1d", "lp_pool2d", "lp_pool3d", "max_pool1d", "max_pool1d_with_indices", "max_pool2d",
    "max_pool2d_with_indices", "max_pool3d", "max_pool3d_with_indices", "max_unpool1d", "max_unpool2d", "max_unpool3d",
    "mse_loss", "native_channel_shuffle", "nll_loss", "pixel_shuffle", "pixel_unshuffle", "relu", "relu_", "sigmoid",
    "silu", "smooth_l1_loss", "softmax", "softplus", "tanh", "upsample", "upsample_bilinear", "upsample_nearest",
]  # fmt: skip
