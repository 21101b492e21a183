"""Fourier transforms of sliding windows, and back."""

from __future__ import annotations

from ..calling.telling import warn_once
from ..tensors.creation import ones, zeros
from ..tensors.tensor import Tensor
from . import fourier as fft
from .arithmetic import div, mul
from .indexing import narrow
from .operands import tensors
from .padding import pad
from .shapes import reshape, squeeze, transpose, unfold, unsqueeze


def _window(name: str, x: Tensor, window: Tensor | None, length: int, n_fft: int) -> Tensor:
    """The window in the middle of n_fft places."""
    if window is None:
        found = ones(length, dtype=x.dtype.to_real(), device=x.device)
    else:
        if window.ndim != 1 or window.shape[0] != length:
            raise RuntimeError(
                f"{name}(): expected a 1D window tensor of size equal to win_length={length}, but got window with size "
                f"{list(window.shape)}"
            )
        found = window
    before = (n_fft - length) // 2
    return pad(found, (before, n_fft - length - before)) if length < n_fft else found


def stft(
    input: Tensor, n_fft: int, hop_length: int | None = None, win_length: int | None = None,
    window: Tensor | None = None, center: bool = True, pad_mode: str = "reflect", normalized: bool = False,
    onesided: bool | None = None, return_complex: bool | None = None, align_to_window: bool | None = None,
) -> Tensor:  # fmt: skip
    """The transforms of windows of n_fft samples, hop_length apart: [batch, frequencies, windows] of [batch, samples].
    Raises RuntimeError for what does not fit."""
    (x,) = tensors("stft", input=input)
    if window is None:
        warn_once(
            "stft",
            "A window was not provided. A rectangular window will be applied,which is known to cause spectral leakage. "
            "Other windows such as torch.hann_window or torch.hamming_window are recommended to reduce spectral "
            "leakage.To suppress this warning and use a rectangular window, explicitly set `window=torch.ones(n_fft, "
            "device=<device>)`.",
        )
    hop = n_fft // 4 if hop_length is None else hop_length
    length = n_fft if win_length is None else win_length
    if not x.dtype.ir.is_differentiable:
        raise RuntimeError(f"stft expected a tensor of floating point or complex values, got {x.dtype.scalar}")
    if x.ndim not in (1, 2):
        raise RuntimeError(f"stft expected a 1D or 2D tensor, got {x.ndim}D")
    if return_complex is None:
        if not x.dtype.is_complex and not (window is not None and window.dtype.is_complex):
            raise RuntimeError(
                "stft requires the return_complex parameter be given for real inputs, and will further require "
                "that return_complex=True in a future PyTorch release."
            )
        return_complex = True
    batch = unsqueeze(x, 0) if x.ndim == 1 else x
    if center:
        sides = (n_fft // 2, n_fft // 2)
        padded = pad(unsqueeze(batch, 1), sides, mode=pad_mode)
        batch = squeeze(padded, 1)
    size = batch.shape[1]
    if not 0 < n_fft <= size:
        raise RuntimeError(f"stft expected 0 < n_fft <= {size}, but got n_fft={n_fft}")
    if hop <= 0:
        raise RuntimeError(f"stft expected hop_length > 0, but got hop_length={hop}")
    if not 0 < length <= n_fft:
        raise RuntimeError(f"stft expected 0 < win_length <= n_fft, but got win_length={length}")
    weights = _window("stft", x, window, length, n_fft)
    frames = mul(unfold(batch, 1, n_fft, hop), weights)
    is_half = (not frames.dtype.is_complex) if onesided is None else onesided
    found = (fft.rfft if is_half else fft.fft)(frames, dim=-1, norm="ortho" if normalized else None)
    found = transpose(found, 1, 2)
    found = squeeze(found, 0) if x.ndim == 1 else found
    if return_complex:
        return found
    from .complexes import view_as_real

    return view_as_real(found)


def istft(
    input: Tensor, n_fft: int, hop_length: int | None = None, win_length: int | None = None,
    window: Tensor | None = None, center: bool = True, normalized: bool = False, onesided: bool | None = None,
    length: int | None = None, return_complex: bool = False,
) -> Tensor:  # fmt: skip
    """The samples of which `stft` gives the transforms: what overlaps is averaged by the windows' squares. Raises
    RuntimeError for what does not fit, and windows that leave samples out."""
    (x,) = tensors("istft", input=input)
    hop = n_fft // 4 if hop_length is None else hop_length
    size = n_fft if win_length is None else win_length
    if not x.dtype.is_complex:
        raise RuntimeError(
            "istft requires a complex-valued input tensor matching the output from stft with return_complex=True."
        )
    if not x.numel():
        raise RuntimeError("istft input tensor cannot be empty.")
    if x.ndim not in (2, 3):
        raise RuntimeError(f"istft expected a tensor with 2 or 3 dimensions, but got {x.ndim}")
    is_half = (x.shape[-2] != n_fft) if onesided is None else onesided
    if x.shape[-2] != (n_fft // 2 + 1 if is_half else n_fft):
        half = " / 2 + 1" if is_half else ""
        raise RuntimeError(
            f"istft expected the frequency dimension (3rd to the last) of the input tensor to match n_fft{half} when "
            f"onesided={is_half}, but got {x.shape[-2]}"
        )
    if not 0 < hop <= size:
        raise RuntimeError("istft expected 0 < hop_length <= win_length")
    if not 0 < size <= n_fft:
        raise RuntimeError("istft expected 0 < win_length <= n_fft")
    batch = unsqueeze(x, 0) if x.ndim == 2 else x
    weights = _window("istft", x, window, size, n_fft)
    frames = transpose(batch, 1, 2)
    norm = "ortho" if normalized else None
    if return_complex:
        signal = fft.ifft(frames, dim=-1, norm=norm)
    else:
        signal = fft.irfft(frames if is_half else narrow(frames, 2, 0, n_fft // 2 + 1), n_fft, -1, norm)
    count = frames.shape[1]
    whole = n_fft + hop * (count - 1)
    total = _overlapped(mul(signal, weights), hop, whole)
    squares = _overlapped(mul(weights, weights).expand((1, count, n_fft)).contiguous(), hop, whole)
    start = n_fft // 2 if center else 0
    stop = start + length if length is not None else whole - n_fft // 2 if center else whole
    kept = max(min(stop, whole) - start, 0)
    total, squares = narrow(total, 1, start, kept), narrow(squares, 1, start, kept)
    if kept and float(squares.detach().abs().min()) < 1e-11:
        raise RuntimeError("window overlap add min: 1")
    found = div(total, squares)
    if stop > whole:
        found = pad(found, (0, stop - start - kept))
    return squeeze(found, 0) if x.ndim == 2 else found


def _overlapped(frames: Tensor, hop: int, size: int) -> Tensor:
    """Frames [batch, count, n] added up at places hop apart: [batch, size]."""
    from ..tensors.creation import arange
    from .scattering import index_add

    batch, count, n = frames.shape
    places = reshape(arange(count, device=frames.device) * hop, (count, 1)) + arange(n, device=frames.device)
    base = zeros(batch, size, dtype=frames.dtype, device=frames.device)
    return index_add(base, 1, reshape(places, (count * n,)), reshape(frames, (batch, count * n)))
