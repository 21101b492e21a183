"""Kernels of `ir/ops/linalg.py` that numpy and jax share."""

from __future__ import annotations

from typing import Any

from diptych.ir import ops


def fft(xp: Any, x: Any, *, kind: str, lengths: tuple[int, ...]) -> Any:
    """The transform `kind` over the last axes; single precision stays single."""
    axes = tuple(range(-len(lengths), 0))
    return getattr(xp.fft, f"{kind}n")(x, s=lengths, axes=axes)


KERNELS = {
    ops.fft: fft,
}
