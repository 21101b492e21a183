"""Fourier transforms of sliding windows, and back."""

from __future__ import annotations

CASES = """
torch.stft(doubles(16), 4, return_complex=True)
torch.stft(doubles(16), 4, return_complex=False, window=torch.hann_window(4, dtype=torch.float64))
torch.stft(doubles(2, 16), 4, hop_length=2, center=False, normalized=True, onesided=False, return_complex=True)
torch.stft(doubles(16), 4)
doubles(16).stft(4, return_complex=True)
torch.istft(torch.stft(doubles(16), 4, return_complex=True), 4)
torch.istft(torch.stft(doubles(16), 4, return_complex=True), 4, length=12)
torch.istft(floats(3, 4), 4)
torch.stft(doubles(16), 4, return_complex=True).istft(4)
"""
