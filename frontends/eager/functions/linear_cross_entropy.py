"""Cross entropy of a linear map, as one function."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

from .. import dtypes as dtype_module
from ..dtypes import dtype
from ..tensors.tensor import Tensor
from .class_losses import cross_entropy
from .products import linear


@dataclass(slots=True, frozen=True)
class LinearCrossEntropyOptions:
    """How PyTorch would cut a batch into chunks; the results are the same. Raises ValueError for what is no option."""

    allow_retain_graph: bool = False
    batch_chunk_size: int | None = None
    chunking_method: str | None = "auto"
    acc_policy: str = "auto"
    acc_dtype: dtype | None = None

    def __post_init__(self) -> None:
        if self.acc_policy not in ("auto", "accurate", "balanced", "compact"):
            raise ValueError(f"invalid acc_policy: {self.acc_policy!r}")
        if self.chunking_method not in (None, "auto"):
            name, has_factor, factor = str(self.chunking_method).partition(":")
            if name != "aspect_ratio" or (has_factor and not (factor.isdigit() and int(factor) > 0)):
                raise ValueError(f"invalid chunking_method: {self.chunking_method!r}")
        size = self.batch_chunk_size
        if size is not None and not (isinstance(size, int) and size > 0):
            raise ValueError(f"batch_chunk_size must be positive int or None, got {size!r}")
        floats = (None, dtype_module.float16, dtype_module.bfloat16, dtype_module.float32, dtype_module.float64)
        if self.acc_dtype not in floats:
            raise ValueError(
                "acc_dtype must be one of {None, torch.float16, torch.bfloat16, torch.float32, torch.float64}, got "
                f"{self.acc_dtype!r}. Pass acc_dtype=None to let the op pick automatically."
            )


def linear_cross_entropy(
    input: Tensor,
    linear_weight: Tensor,
    target: Tensor,
    *,
    linear_bias: Tensor | None = None,
    weight: Tensor | None = None,
    reduction: str = "mean",
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
    options: LinearCrossEntropyOptions | None = None,
) -> Tensor:
    """cross_entropy(linear(input, linear_weight, linear_bias), target) for input [N, in] or [in] and linear_weight
    [classes, in] or [classes, ..., in], whose inner axes are those of the logits behind the classes. Raises
    RuntimeError for shapes that do not fit."""
    _check(input, linear_weight, linear_bias)
    *lead, width = input.shape
    classes, *inner, _ = linear_weight.shape
    shape = (*lead, classes, *inner)
    if tuple(target.shape) == shape and ignore_index is not None:
        raise RuntimeError("ignore_index cannot be specified when target contains probabilities")
    if options is not None and (inner or label_smoothing or target.dtype is not dtype_module.int64):
        bias_shape = None if linear_bias is None else tuple(linear_bias.shape)
        warnings.warn(
            "linear_cross_entropy: ``options`` ignored; chunked path needs reduction in {'mean','sum','none'}, "
            f"label_smoothing == 0, target.dtype == int64, out_features == (). Got reduction={reduction!r}, "
            f"label_smoothing={label_smoothing}, target.dtype={target.dtype}, out_features={tuple(inner)}, "
            f"tracing=False, linear_bias.shape={bias_shape}.",
            stacklevel=2,
        )
    if inner:
        rows = math.prod(inner, start=classes)
        linear_weight = linear_weight.reshape(rows, width)
        linear_bias = None if linear_bias is None else linear_bias.reshape(rows)
    logits = linear(input, linear_weight, linear_bias)
    return cross_entropy(
        logits.reshape(shape) if inner else logits, target, weight=weight, reduction=reduction,
        ignore_index=-100 if ignore_index is None else ignore_index, label_smoothing=label_smoothing,
    )  # fmt: skip


def _check(input: Tensor, weight: Tensor, bias: Tensor | None) -> None:
    if input.ndim not in (1, 2):
        raise RuntimeError(f"expected input with dimensionality 1 or 2, got {input.ndim}")
    if weight.ndim < 2:
        raise RuntimeError(f"expected linear_weight with dimensionality at least 2, got {weight.ndim}")
    if input.shape[-1] != weight.shape[-1]:
        raise RuntimeError(
            "expected equal input and linear_weight last dimensions (in_features), got "
            f"{input.shape[-1]} and {weight.shape[-1]}, respectively"
        )
    classes, *inner, _ = weight.shape
    if bias is not None and tuple(bias.shape) != (classes, *inner):
        raise RuntimeError(f"expected linear_bias shape {(classes, *inner)}, got {tuple(bias.shape)}")
    if inner and input.ndim == 1:
        raise RuntimeError(
            f"K-dimensional loss defined by linear_weight shape {tuple(weight.shape)} requires batched input, (N, "
            f"{weight.shape[-1]}), got unbatched input with shape {tuple(input.shape)}"
        )
