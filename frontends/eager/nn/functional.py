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
from ..functions.checked_norms import batch_norm, group_norm, instance_norm
from ..functions.class_losses import cross_entropy, nll_loss
from ..functions.layer_norm import layer_norm, local_response_norm, normalize, rms_norm
from ..functions.losses import l1_loss, mse_loss, smooth_l1_loss
from ..functions.pointwise import sigmoid, tanh
from ..functions.products import linear
