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
from ..functions.binary_losses import binary_cross_entropy, binary_cross_entropy_with_logits
from ..functions.class_losses import cross_entropy, nll_loss
from ..functions.convolution import (
    conv1d,
    conv2d,
    conv3d,
    conv_tbc,
    conv_transpose1d,
    conv_transpose2d,
    conv_transpose3d,
)  # fmt: skip
from ..functions.folding import fold, unfold
from ..functions.losses import l1_loss, mse_loss, smooth_l1_loss
from ..functions.padding import pad
from ..functions.pointwise import sigmoid, tanh
from ..functions.products import linear

__all__ = [
    "binary_cross_entropy", "binary_cross_entropy_with_logits", "conv1d", "conv2d", "conv3d", "conv_tbc",
    "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "cross_entropy", "dropout", "elu", "fold", "gelu",
    "l1_loss", "leaky_relu", "linear", "log_softmax", "mse_loss", "nll_loss", "pad", "relu", "relu_", "sigmoid", "silu",
    "smooth_l1_loss", "softmax", "softplus", "tanh", "unfold",
]  # fmt: skip
