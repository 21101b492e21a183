"""Dropout of elements and of whole channels."""

from __future__ import annotations

import math
import warnings

from .. import random
from ..tensors.inplace import result_or_written
from ..tensors.tensor import Tensor
from .operands import tensor
from .shapes import squeeze, unsqueeze

_ALPHA = 1.7580993408473766  # of selu, scale * alpha: what its values go to far below 0


def _check(p: float) -> None:
    if not 0 <= p <= 1:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")


def _dropped(input: Tensor, p: float, training: bool, inplace: bool, of_channels: bool) -> Tensor:
    if not training or p == 0 or not input.numel():
        return input
    if p == 1:
        return result_or_written(input, input * 0, inplace)
    if not of_channels:
        return result_or_written(input, random.dropout(input, p), inplace)
    if input.ndim < 2:
        raise RuntimeError("Feature dropout requires at least 2 dimensions in the input")
    return result_or_written(input, input * (random.kept(_channels(input), p, input) / (1 - p)), inplace)


def _channels(input: Tensor) -> tuple[int, ...]:
    return (*input.shape[:2], *(1 for _ in input.shape[2:]))


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Each element zero with probability p, the others divided by 1 - p; nothing outside training. Raises ValueError
    for what is no probability."""
    _check(p)
    return _dropped(tensor("dropout", "input", 1, input), p, training, inplace, of_channels=False)


def dropout1d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Each channel of input [N, C, L] or [C, L] zero with probability p, the others divided by 1 - p. Raises
    RuntimeError for other ranks."""
    _check(p)
    if input.ndim not in (2, 3):
        raise RuntimeError(
            f"dropout1d: Expected 2D or 3D input, but received a {input.ndim}D input. Note that dropout1d exists to "
            "provide channel-wise dropout on inputs with 1 spatial dimension, a channel dimension, and an optional "
            "batch dimension (i.e. 2D or 3D inputs)."
        )
    return _unbatched(input, p, training, inplace, 2)


def dropout2d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Each channel of input [N, C, H, W] zero with probability p, the others divided by 1 - p; the first two dimensions
    of another input count as N and C, with a warning."""
    _check(p)
    if input.ndim not in (3, 4):
        _warn(
            f"dropout2d: Received a {input.ndim}-D input to dropout2d, which is deprecated and will result in an error "
            "in a future release. To retain the behavior and silence this warning, please use dropout instead. Note "
            "that dropout2d exists to provide channel-wise dropout on inputs with 2 spatial dimensions, a channel "
            "dimension, and an optional batch dimension (i.e. 3D or 4D inputs)."
        )
    if input.ndim == 3:
        _warn(
            "dropout2d: Received a 3D input to dropout2d and assuming that channel-wise 1D dropout behavior is desired "
            "- input is interpreted as shape (N, C, L), where C is the channel dim. This behavior will change in a "
            "future release to interpret the input as one without a batch dimension, i.e. shape (C, H, W). To maintain "
            "the 1D channel-wise dropout behavior, please switch to using dropout1d instead."
        )
    return _dropped(input, p, training, inplace, of_channels=True)


def dropout3d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Each channel of input [N, C, D, H, W] or [C, D, H, W] zero with probability p, the others divided by 1 - p; the
    first dimension of another input counts as C, with a warning."""
    _check(p)
    if input.ndim not in (4, 5):
        _warn(
            f"dropout3d: Received a {input.ndim}-D input to dropout3d, which is deprecated and will result in an error "
            "in a future release. To retain the behavior and silence this warning, please use dropout instead. Note "
            "that dropout3d exists to provide channel-wise dropout on inputs with 3 spatial dimensions, a channel "
            "dimension, and an optional batch dimension (i.e. 4D or 5D inputs)."
        )
    return _unbatched(input, p, training, inplace, *(each for each in range(input.ndim + 1) if each != 5))


def _warn(text: str) -> None:
    warnings.warn(text, stacklevel=3)


def _unbatched(input: Tensor, p: float, training: bool, inplace: bool, *ranks: int) -> Tensor:
    """As `_dropped` for channels; an input of one of these ranks is without a batch."""
    if input.ndim not in ranks:
        return _dropped(input, p, training, inplace, of_channels=True)
    result = _dropped(unsqueeze(input, 0), p, training, inplace, of_channels=True)
    return input if inplace else squeeze(result, 0)


def alpha_dropout(input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False) -> Tensor:
    """Each element with probability p what selu gives far below 0, and all shifted and scaled so that mean 0 and
    variance 1 stay (Klambauer et al., 2017)."""
    _check(p)
    x = tensor("alpha_dropout", "input", 1, input)
    return _selu_dropped(x, p, training, inplace, tuple(x.shape))


def feature_alpha_dropout(input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False) -> Tensor:
    """As `alpha_dropout`, for whole channels of input [N, C, ...]."""
    _check(p)
    x = tensor("feature_alpha_dropout", "input", 1, input)
    if training and p and x.ndim < 2:
        raise RuntimeError("Feature dropout requires at least 2 dimensions in the input")
    return _selu_dropped(x, p, training, inplace, _channels(x))


def _selu_dropped(x: Tensor, p: float, training: bool, inplace: bool, shape: tuple[int, ...]) -> Tensor:
    if not training or p == 0 or not x.numel():
        return x
    if p == 1:
        return result_or_written(x, x * 0, inplace)
    scale = 1 / math.sqrt((_ALPHA * _ALPHA * p + 1) * (1 - p))
    keep = random.kept(shape, p, x)
    result = x * (keep * scale) + ((keep - 1) * (_ALPHA * scale) + _ALPHA * scale * p)
    return result_or_written(x, result, inplace)
