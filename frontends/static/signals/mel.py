"""tf.signal: mel spectrograms, and the coefficients of their cepstra."""

from __future__ import annotations

from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import DType, as_dtype, float32
from ..graphs.probe import constant_value
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from ..operations.arrays import expand_dims
from ..operations.casting import cast
from ..operations.padding import pad
from ..operations.ranges import linspace
from .cosines import dct
from .counts import size_along

_BREAK = 700.0  # hertz, around which the scale turns from a straight line to a logarithm
_STEEPNESS = 1127.0


def _mel(frequencies: Tensor) -> Tensor:
    return _STEEPNESS * apply("Log", [1.0 + frequencies / _BREAK])


@export("signal.linear_to_mel_weight_matrix", "contrib.signal.linear_to_mel_weight_matrix")
def linear_to_mel_weight_matrix(
    num_mel_bins: int = 20, num_spectrogram_bins: Any = 129, sample_rate: Any = 8000, lower_edge_hertz: Any = 125.0,
    upper_edge_hertz: Any = 3800.0, dtype: Any = float32, name: str | None = None,
) -> Tensor:  # fmt: skip
    """The matrix [num_spectrogram_bins, num_mel_bins] that makes mel spectrograms of spectrograms: triangles, which are
    evenly spaced on the mel scale between both edges. Raises ValueError."""
    element = as_dtype(dtype)
    with name_scope(name, "linear_to_mel_weight_matrix") as scope:
        known = constant_value(sample_rate) if isinstance(sample_rate, Tensor) else sample_rate
        _check(num_mel_bins, known, lower_edge_hertz, upper_edge_hertz, element)
        rate = cast(sample_rate if known is None else known, element)
        zero, low, high = (convert_to_tensor(each, dtype=element) for each in (0.0, lower_edge_hertz, upper_edge_hertz))
        places = expand_dims(_mel(linspace(zero, rate / 2.0, num_spectrogram_bins)[1:]), 1)
        edges = linspace(_mel(low), _mel(high), num_mel_bins + 2)
        left, middle, right = edges[:-2], edges[1:-1], edges[2:]
        rising = (places - left) / (middle - left)
        falling = (right - places) / (right - middle)
        heights = apply("Maximum", [zero, apply("Minimum", [rising, falling])])
        return pad(heights, [[1, 0], [0, 0]], name=scope)  # nothing of the constant part


def _check(bins: int, rate: Any, low: Any, high: Any, dtype: DType) -> None:
    if bins <= 0:
        raise ValueError(f"num_mel_bins must be positive. Got: {bins}")
    if low < 0.0:
        raise ValueError(f"lower_edge_hertz must be non-negative. Got: {low}")
    if low >= high:
        raise ValueError(f"lower_edge_hertz {low:.1f} >= upper_edge_hertz {high:.1f}")
    if rate is not None and rate <= 0.0:
        raise ValueError(f"sample_rate must be positive. Got: {rate}")
    if rate is not None and high > rate / 2:
        raise ValueError(
            "upper_edge_hertz must not be larger than the Nyquist frequency (sample_rate / 2). Got "
            f"{high} for sample_rate: {rate}"
        )
    if not dtype.is_floating:
        raise ValueError(f"dtype must be a floating point type. Got: {dtype}")


@export("signal.mfccs_from_log_mel_spectrograms", "contrib.signal.mfccs_from_log_mel_spectrograms")
def mfccs_from_log_mel_spectrograms(log_mel_spectrograms: Any, name: str | None = None) -> Tensor:
    """The cepstral coefficients [..., num_mel_bins] of logarithms of mel spectrograms. Raises ValueError
    for no bins."""
    with name_scope(name, "mfccs_from_log_mel_spectrograms", [log_mel_spectrograms]):
        x = convert_to_tensor(log_mel_spectrograms)
        bins = size_along(x, -1)
        if isinstance(bins, int) and not bins:
            raise ValueError(f"num_mel_bins must be positive. Got: {x}")
        found = dct(x, type=2)
        return found * apply("Rsqrt", [cast(bins, found.dtype.base_dtype) * 2.0])
