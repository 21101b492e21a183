"""What PyTorch keeps of each operation for its gradient, from the formulas of its documentation of derivatives.

`SAVED[name] = {operand or RESULT: operands whose gradient is computed from it}`. Writing over a kept value is an error
when the gradient is taken, and so is taking the gradient twice where anything is kept. An operation that is not listed
counts as keeping something, and never as having it written over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .lazy import Call

RESULT = -1

_NOTHING: Mapping[int, tuple[int, ...]] = {}
_OPERAND = {0: (0,)}
_RESULT = {RESULT: (0,)}
_OPERAND_AND_RESULT = {0: (0,), RESULT: (0,)}
_EACH_OTHER = {0: (1,), 1: (0,)}
_SCALED = {0: (0, 1), 1: (0,)}
_BOTH = {0: (0, 1), 1: (0, 1)}

SAVED: dict[str, Mapping[int, tuple[int, ...]]] = {
    **dict.fromkeys(
        (
            "add", "cat", "circular_pad", "col2im", "constant_pad", "copy", "cumsum", "expand", "graft", "im2col",
            "index", "index_write", "mean", "neg", "permute", "permute_write", "reshape", "reshape_write", "slide",
            "stack", "strided_write", "sub", "sum", "written_over",
        ),
        _NOTHING,
    ),
    **dict.fromkeys(
        (
            "abs", "acos", "acosh", "asin", "asinh", "atan", "atanh", "clamp_both", "clamp_high", "clamp_low", "cos",
            "cosh", "digamma", "elu", "erf", "erfc", "erfinv", "gelu", "leaky_relu", "lgamma", "log", "log1p",
            "pow_small", "reflection_pad", "replication_pad", "silu", "sin", "sinh", "softplus", "var",
        ),
        _OPERAND,
    ),
    **dict.fromkeys(
        ("exp", "expm1", "log_softmax", "relu", "rsqrt", "sigmoid", "softmax", "sqrt", "tan", "tanh"), _RESULT
    ),
    **dict.fromkeys(
        (
            "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d", "adaptive_max_pool1d",
            "adaptive_max_pool2d", "adaptive_max_pool3d", "avg_pool1d", "avg_pool2d", "avg_pool3d",
            "fractional_max_pool2d", "fractional_max_pool3d", "max_pool1d", "max_pool2d_with_indices",
            "max_pool3d_with_indices",
        ),
        _OPERAND,
    ),
    **dict.fromkeys(
        (
            "affine_grid_generator", "channel_shuffle", "mean_of_axes", "mean_of_axis", "native_channel_shuffle",
            "pixel_shuffle", "pixel_unshuffle", "upsample_bicubic2d", "upsample_bicubic2d_aa", "upsample_bilinear2d",
            "upsample_bilinear2d_aa", "upsample_lanczos2d_aa", "upsample_linear1d", "upsample_nearest1d",
            "upsample_nearest2d", "upsample_nearest3d", "upsample_nearest_exact1d", "upsample_nearest_exact2d",
            "upsample_nearest_exact3d", "upsample_trilinear3d",
        ),
        _NOTHING,
    ),
    **{f"max_unpool{rank}d": {1: (0,)} for rank in (1, 2, 3)},
    **dict.fromkeys(("grid_sampler_2d", "grid_sampler_3d"), _BOTH),
    **dict.fromkeys(("amax", "amin", "logsumexp", "prod", "std"), _OPERAND_AND_RESULT),
    **dict.fromkeys(("conv", "conv_tbc", "convolution", "linear", "matmul", "mul", "outer"), _EACH_OTHER),
    **dict.fromkeys(
        ("atan2", "binary_cross_entropy_with_logits", "l1_loss", "maximum", "minimum", "mse_loss", "smooth_l1_loss"),
        _BOTH,
    ),
    "batch_norm_evaluation": {0: (3,), 1: (3,), 2: (0, 3), 3: (0,)},
    **dict.fromkeys(
        ("batch_norm_training", "group_norm", "instance_norm", "layer_norm", "rms_norm"), _SCALED
    ),
    "cross_entropy_of_classes": {1: (0,)},
    "einsum": {0: (1, 2, 3), 1: (0, 2, 3), 2: (0, 1, 3), 3: (0, 1, 2)},
    "div": {0: (1,), 1: (0, 1)},
    "masked_fill": {1: (0,)},
    "pow": {0: (0, 1), 1: (0,), RESULT: (1,)},
    "where": {0: (1, 2)},
}  # fmt: skip


def saved(name: str, numbers: list[bool]) -> tuple[tuple[int, tuple[int, ...]], ...] | None:
    """What the operation `name` keeps: (input or RESULT, inputs whose gradient needs it); None where something is kept
    that cannot be written over. `numbers` says of each operand whether it is a number, and so no input."""
    declared = SAVED.get(name)
    if declared is None:
        return None
    place_of: dict[int, int] = {RESULT: RESULT}
    for operand, is_number in enumerate(numbers):
        if not is_number:
            place_of[operand] = len(place_of) - 1
    found: list[tuple[int, tuple[int, ...]]] = []
    keeps_number = False
    for operand, wanted in declared.items():
        tracked = tuple(place_of[other] for other in wanted if other in place_of)
        if tracked and operand in place_of:
            found.append((place_of[operand], tracked))
        keeps_number |= bool(tracked) and operand not in place_of
    return None if keeps_number and not found else tuple(found)


def kept_places(call: Call) -> list[int]:
    """The places of the inputs of a call, and RESULT, that are kept for the gradients that flow through it: first what
    the first input's gradient needs."""
    if call.template.saves is None:
        reads = call.template.reads(call)
        return [*sorted(reads.inputs), *([RESULT] if reads.results else [])]
    saves = sorted(call.template.saves, key=lambda save: min(save[1]))
    return [place for place, wanted in saves if any(call.edges[other] for other in wanted)]
