"""Connectionist temporal classification (Graves et al., 2006)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from diptych.functions import alignment, reductions
from diptych.functions.constants import filled_like
from diptych.ir import Builder, Value, dtypes

from ..calling.autocasting import full_precision
from ..dtypes import of_ir
from ..tapes.operation import operation
from ..tapes.recording import call
from ..tensors.data import from_array
from ..tensors.tensor import Tensor
from .losses import reduced
from .operands import tensor
from .shapes import squeeze, unsqueeze

_REDUCTIONS = ("none", "mean", "sum")


@operation
def _ctc_loss(
    b: Builder, logs: Value, labels: Value, ends: Value, lengths: Value, blank: int, zero_infinity: bool, reduction: str
) -> Value:
    """The gradient is that of PyTorch, which takes `logs` for a log_softmax: exp(logs) is added to that of the formula
    in all frames that count."""
    finite = b.max(logs, filled_like(b, alignment.NEVER, logs))
    each = alignment.ctc_loss(b, finite, labels, ends, lengths, blank=blank)
    frames = b.iota(shape=logs.shape, axis=0, dtype=dtypes.i32)
    counts = b.lt(frames, b.broadcast(lengths, shape=logs.shape, axes=(1,)))
    mass = reductions.sum(b, b.select(counts, b.exp(logs), filled_like(b, 0, logs)), (0, 2))
    each = b.graft(each, b.add(each, mass))
    is_infinite = b.gt(each, filled_like(b, -alignment.NEVER / 10, each))
    value, slope = (0, 0) if zero_infinity else (np.inf, np.nan)
    factor = b.select(is_infinite, filled_like(b, slope, each), filled_like(b, 1, each))
    each = b.graft(b.select(is_infinite, filled_like(b, value, each), each), b.mul(each, b.stop_gradient(factor)))
    if reduction == "mean":
        counted = b.cast(b.max(ends, filled_like(b, 1, ends)), dtype=each.dtype)
        each = b.div(each, counted)
    return reduced(b, each, reduction)


@full_precision
def ctc_loss(
    log_probs: Tensor,
    targets: Tensor,
    input_lengths: Tensor | Sequence[int],
    target_lengths: Tensor | Sequence[int],
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> Tensor:
    """The negative logarithm of the probability of label sequences, over all ways to align them with frames.

    log_probs [time, batch, classes] or [time, classes]; targets [batch, most], or all one after the other; lengths
    [batch] in frames and in labels. A mean divides by the number of labels first. Infinite losses, of too few frames,
    are 0 with `zero_infinity`. Raises RuntimeError for what does not fit.
    """
    if reduction not in _REDUCTIONS:
        raise ValueError(f"{reduction} is not a valid value for reduction")
    logs = tensor("ctc_loss", "log_probs", 1, log_probs)
    labels = tensor("ctc_loss", "targets", 2, targets)
    frames, ends = _counts("input_lengths", input_lengths), _counts("target_lengths", target_lengths)
    is_batched = logs.ndim == 3
    if not is_batched:
        logs = unsqueeze(logs, 1)
    wide = _checked(logs, labels, frames, ends, blank)
    given = (
        logs,
        from_array(wide, logs.device),
        from_array(ends.astype(np.int32), logs.device),
        from_array(frames.astype(np.int32), logs.device),
    )
    result = call(_ctc_loss, given, (int(blank), bool(zero_infinity), reduction))
    return squeeze(result, 0) if not is_batched and result.ndim else result


def _counts(name: str, lengths: Any) -> np.ndarray:
    found = np.asarray(lengths._array() if isinstance(lengths, Tensor) else lengths)
    if found.dtype.kind not in "iu":
        raise RuntimeError(f"{name} must be integral")
    return found.reshape(-1)


def _checked(logs: Tensor, labels: Tensor, frames: np.ndarray, ends: np.ndarray, blank: int) -> np.ndarray:
    """The labels [batch, most] as int32. Raises RuntimeError for what does not fit."""
    time, batch, classes = logs.shape
    if not logs.dtype.is_floating_point or logs.dtype.ir.bits < 32:
        raise NotImplementedError(f"\"ctc_loss_cpu\" not implemented for '{of_ir(logs.dtype.ir).scalar}'")
    if not 0 <= blank < classes:
        raise RuntimeError("blank must be in label range")
    if frames.size != batch:
        raise RuntimeError("input_lengths must be of size batch_size")
    if ends.size != batch:
        raise RuntimeError("target_lengths must be of size batch_size")
    for length in ends:
        if length < 0:
            raise RuntimeError(
                f"Expected target_lengths to have value at least 0, but got value {length} (while checking arguments "
                "for ctc_loss_allocate_outputs)"
            )
    if frames.size and frames.max() > time:
        raise RuntimeError(
            f"Expected input_lengths to have value at most {time}, but got value {frames[frames > time][0]} (while "
            "checking arguments for ctc_loss_allocate_outputs)"
        )
    values = np.asarray(labels._array())
    most = max(int(ends.max(initial=0)), 1)
    wide = np.full((batch, most), blank, np.int32)
    is_label = np.arange(most) < ends[:, None]
    if labels.ndim == 1:
        if labels.shape[0] != ends.sum():
            raise RuntimeError(
                f"Expected tensor to have size {int(ends.sum())} at dimension 0, but got size {labels.shape[0]} for "
                "argument #2 'targets' (while checking arguments for ctc_loss_allocate_outputs)"
            )
        wide[is_label] = values
    else:
        if labels.shape[0] != batch or labels.shape[1] < ends.max(initial=0):
            raise RuntimeError(
                f"Expected tensor to have size at least {int(ends.max(initial=0))} at dimension 1, but got size "
                f"{labels.shape[1]} for argument #2 'targets' (while checking arguments for ctc_loss_allocate_outputs)"
            )
        width = min(most, labels.shape[1])
        wide[:, :width] = np.where(is_label[:, :width], values[:, :width], blank)
    return wide
