"""`nn.functional`: what modules compute, as functions."""

from ..calling.writing_out import with_out as _with_out
from ..functions.activations import (
    celu,
    celu_,
    elu,
    elu_,
    gelu,
    glu,
    gumbel_softmax,
    leaky_relu,
    leaky_relu_,
    log_softmax,
    logsigmoid,
    mish,
    relu,
    relu_,
    selu,
    selu_,
    silu,
    softmax,
    softmin,
    softplus,
    softsign,
    tanhshrink,
)  # fmt: skip
from ..functions.adaptive_pooling import adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d
from ..functions.alignment import ctc_loss
from ..functions.attention import scaled_dot_product_attention
from ..functions.average_pooling import avg_pool1d, avg_pool2d, avg_pool3d
from ..functions.bilinear import bilinear
from ..functions.binary_losses import binary_cross_entropy, binary_cross_entropy_with_logits
from ..functions.checked_norms import batch_norm, group_norm, instance_norm
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
from ..functions.distances import (
    cosine_embedding_loss,
    cosine_similarity,
    pairwise_distance,
    pdist,
    triplet_margin_loss,
    triplet_margin_with_distance_loss,
)
from ..functions.dropouts import alpha_dropout, dropout, dropout1d, dropout2d, dropout3d, feature_alpha_dropout
from ..functions.embeddings import embedding, embedding_bag, one_hot
from ..functions.folding import fold, unfold
from ..functions.fractional_pooling import fractional_max_pool2d_with_indices, fractional_max_pool3d_with_indices
from ..functions.grids import affine_grid, grid_sample
from ..functions.layer_norm import layer_norm, local_response_norm, normalize, rms_norm
from ..functions.likelihoods import gaussian_nll_loss, kl_div, poisson_nll_loss
from ..functions.linear_cross_entropy import linear_cross_entropy
from ..functions.losses import huber_loss, l1_loss, mse_loss, smooth_l1_loss
from ..functions.margins import (
    hinge_embedding_loss,
    margin_ranking_loss,
    multi_margin_loss,
    multilabel_margin_loss,
    multilabel_soft_margin_loss,
    soft_margin_loss,
)
from ..functions.multi_head_attention import multi_head_attention_forward
from ..functions.padding import pad
from ..functions.piecewise import (
    hardshrink,
    hardsigmoid,
    hardswish,
    hardtanh,
    hardtanh_,
    prelu,
    relu6,
    rrelu,
    rrelu_,
    softshrink,
    threshold,
    threshold_,
)  # fmt: skip
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

for _name in (
    "avg_pool2d", "avg_pool3d", "gelu", "hardshrink", "linear", "logsigmoid", "normalize", "softplus", "softshrink",
):  # fmt: skip
    globals()[_name] = _with_out(_name, globals()[_name])
